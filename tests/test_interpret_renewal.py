"""After other statements of a module the interpreter says what one says that runs everything, and runs little again."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from interpreting import plain, project_of

from infralint.project.interpret import ClassValue, OrderError, Value
from infralint.project.project import Project

BASE = {
    "app/__init__.py": "from .models import User, order_of\nfrom .other import *\n",
    "app/models.py": "from .base import Base, made\nclass User(Base):\n    id = made(1)\ndef order_of():\n    return LIMIT\nLIMIT = 3\n",
    "app/base.py": "class Base:\n    kind = 'base'\ndef made(value):\n    return [value]\n",
    "app/other.py": "shared = {'a': 1}\n_hidden = 1\n",
    "app/uses.py": "from app import User, order_of, shared\nkind = User.kind\nlimit = order_of()\nitems = list(shared)\n",
    "app/apart.py": "from app.other import shared\nvalue = shared['a']\n",
}


def remembering(files: Mapping[str, str]) -> Project:
    project = project_of(files)
    project.remember()
    return project


def changed(project: Project, files: dict[str, str], path: str, text: str) -> list[str]:
    """Change a file; says which modules are run again by what was run before."""
    before = project.unnoted("_runs")
    runs = {each: before.run_of(each) for each in files}
    files[path] = text
    fresh = project_of(files).files[path]
    assert project.relink({path: fresh})
    after = project.unnoted("_runs")
    return sorted(each for each in files if after.run_of(each) != runs[each])


def shown(value: Value) -> str:
    names = (
        {name: repr(bound.value) for name, bound in value.namespace.items()} if isinstance(value, ClassValue) else ""
    )
    return f"{plain(value)!r} {names}"


def all_names(project: Project, files: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What every name of every module is."""
    found = {}
    for path in files:
        names = project.interpreter.module(path).names
        found[path] = {name: shown(project.interpreter.value(bound)) for name, bound in names.items()}
    return found


def is_right(project: Project, files: Mapping[str, str]) -> bool:
    """Whether all names are what they are after a run from nothing."""
    return all_names(project, files) == all_names(project_of(files), files)


EDITS = {
    "its-own": ("app/apart.py", "from app.other import shared\nvalue = shared['a'] + 1\n", ["app/apart.py"]),
    "by-name": ("app/other.py", "shared = {'b': 2}\n", ["app/apart.py", "app/other.py", "app/uses.py"]),
    "by-base": ("app/base.py", "class Base:\n    kind = 'new'\ndef made(value):\n    return value\n",
                ["app/base.py", "app/models.py", "app/uses.py"]),
    "by-function": ("app/models.py", BASE["app/models.py"].replace("3", "4"), ["app/models.py", "app/uses.py"]),
    "passed-on": ("app/__init__.py", "from .other import shared\nclass User:\n    kind = 'mine'\ndef order_of(): pass\n",
                  ["app/__init__.py", "app/uses.py"]),
    "a-name-that-comes": ("app/__init__.py", BASE["app/__init__.py"] + "fresh = 1\n", ["app/__init__.py", "app/uses.py"]),
    "a-name-behind-a-star": ("app/other.py", BASE["app/other.py"] + "User = 5\n",
                             ["app/apart.py", "app/other.py", "app/uses.py"]),
}  # fmt: skip


@pytest.mark.parametrize(("path", "text", "again"), EDITS.values(), ids=EDITS)
def test_what_looked_at_it_is_run_again(path: str, text: str, again: list[str]) -> None:
    files = dict(BASE)
    project = remembering(files)
    all_names(project, files)
    assert changed(project, files, path, text) == again
    assert is_right(project, files)


# What one module does to another, so that it matters who came first: all is run again.
ENTANGLED = {
    "an-item": ("from app.other import shared\nshared['c'] = 1\n", "from app.other import shared\n"),
    "an-item-that-comes": ("x = 1\n", "from app.other import shared\nshared['c'] = 1\n"),
    "an-attribute": ("from app.base import Base\nBase.more = 1\n", "x = 1\n"),
    "an-attribute-of-a-module": ("import app.base\napp.base.more = 1\n", "x = 1\n"),
    "a-function's": ("from app.base import made\nmade.more = 1\n", "x = 1\n"),
    "by-setattr": ("from app.base import Base\nsetattr(Base, 'more', 1)\n", "x = 1\n"),
    "by-delattr": ("from app.base import Base\ndelattr(Base, 'kind')\n", "x = 1\n"),
    "by-del": ("from app.base import Base\ndel Base.kind\n", "x = 1\n"),
    "by-global": ("from app.counter import count\ncount()\n", "x = 1\n"),
    "by-globals": ("from app.counter import note\nnote('seen')\n", "x = 1\n"),
    "by-an-unknown-call": ("from app.base import Base\nUNKNOWN(Base)\n", "x = 1\n"),
    "an-attribute-of-a-library": ("import logging\nlogging.raiseExceptions = False\n", "x = 1\n"),
    "a-circle": ("from app.uses import kind\nhere = 1\nthere = kind\n", "x = 1\n"),
}
COUNTER = "total = 0\ndef count():\n    global total\n    total += 1\ndef note(name):\n    globals()[name] = 1\n"


@pytest.mark.parametrize(("before", "after"), ENTANGLED.values(), ids=ENTANGLED)
@pytest.mark.parametrize("back", [False, True], ids=["there", "back"])
def test_what_depends_on_the_order_is_run_from_nothing(before: str, after: str, back: bool) -> None:
    first, then = (after, before) if back else (before, after)
    files = BASE | {"app/counter.py": COUNTER, "app/last.py": first}
    if "app.uses" in before:
        files["app/uses.py"] += "from app.last import here\nnow = here\n"
    project = remembering(files)
    all_names(project, files)
    assert changed(project, files, "app/last.py", then) == sorted(files)
    assert is_right(project, files)


def test_a_name_that_was_looked_up_by_another_is_looked_up_again() -> None:
    files = dict(BASE)
    project = remembering(files)
    assert is_right(project, files)
    for text in ("shared = {'x': 9}\n", "other = 1\n", BASE["app/other.py"]):
        changed(project, files, "app/other.py", text)
        assert is_right(project, files)


def test_terms_that_were_given_attributes_forget_them() -> None:
    text = "from lib import thing\nmade = thing()\nmade.option = {0}\nvalue = made.option\n"
    files = {"m.py": text.format(1), "n.py": "x = 1\n"}
    project = remembering(files)
    all_names(project, files)
    assert changed(project, files, "m.py", text.format(2)) == ["m.py"]
    assert project.interpreter.name("m.py", "value") == 2
    changed(project, files, "m.py", "from lib import thing\nmade = thing()\nvalue = made.option\n")
    assert is_right(project, files)


def test_steps_are_given_back() -> None:
    files = {"m.py": "total = 0\nfor each in range(300):\n    total += each\n"}
    project = remembering(files)
    all_names(project, files)
    machine = project.unnoted("_runs")._machine
    left = machine.all_steps
    for number in range(1, 5):
        assert changed(project, files, "m.py", f"total = {number}\nfor each in range(300):\n    total += each\n")
        assert project.unnoted("_runs")._machine is machine
        assert machine.all_steps == left


def test_what_was_kept_of_a_value_goes_with_the_runs_that_it_came_from() -> None:
    files = dict(BASE)
    project = remembering(files)
    made: list[str] = []

    def kind() -> object:
        interpreter = project.interpreter
        cls = interpreter.name("app/models.py", "User")

        def make() -> object:
            made.append("")
            return interpreter.name("app/other.py", "shared")

        return interpreter.keep("shared", cls, "app/models.py", make)

    kind(), kind()
    assert len(made) == 1
    changed(project, files, "app/apart.py", "value = 2\n")
    kind()
    assert len(made) == 1
    changed(project, files, "app/other.py", "shared = 3\n")
    assert kind() == 3
    changed(project, files, "app/base.py", BASE["app/base.py"] + "x = 1\n")
    kind()
    assert len(made) == 3


CIRCLE = {
    "left.py": "from right import there\nhere = there\n",
    "right.py": "from left import here\nthere = [1]\nback = here\n",
}


def test_where_a_circle_is_entered_is_found_out_anew() -> None:
    """A module that stands in no circle decides which module of one is run first."""
    files = {"first.py": "from left import here\nstart = here\n"} | CIRCLE
    project = remembering(files)
    all_names(project, files)
    changed(project, files, "first.py", "from right import there as here\nstart = here\n")
    assert is_right(project, files)
    changed(project, files, "first.py", "from left import here\nstart = here\n")
    assert is_right(project, files)


def test_a_module_that_comes_late_has_no_place_among_those_that_changed_what_it_looks_at() -> None:
    files = {
        "apart.py": "x = 1\n",
        "names.py": "names = []\n",
        "more.py": "from names import names\nnames.append(1)\n",
        "late.py": "from names import names\nfound = list(names)\n",
        "free.py": "from apart import x\nfound = x\n",
    }
    project = remembering(files)
    for path in ("apart.py", "more.py"):
        project.interpreter.name(path, "x")
    changed(project, files, "apart.py", "x = 2\n")
    assert project.interpreter.name("free.py", "found") == 2
    with pytest.raises(OrderError):
        project.interpreter.name("late.py", "found")
