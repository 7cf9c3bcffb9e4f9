"""SQLAlchemy itself judges what is said of relationships: names missing there are found, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from orm_judge import Judge
from orm_projects import BROKEN, SHAPES, SOUND, files_of

import infralint
from infralint.settings import Settings

RULE = Settings(select=("orm-unresolved-relationship",))


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    judge = Judge()
    yield judge
    judge.close()


def tokens(files: dict[str, str]) -> list[str]:
    """The source text under every finding."""
    report = infralint.lint(files, RULE)
    assert report.failed == ()
    lines = {path: text.splitlines() for path, text in files.items()}
    return [lines[f.path][f.line - 1][f.column - 1 : f.end_column - 1] for f in report.findings]


@pytest.mark.parametrize("name", SOUND)
def test_what_configures_is_not_reported(judge: Judge, name: str) -> None:
    files = files_of(SOUND[name])
    assert judge.verdict(files).failure == ""
    assert tokens(files) == []


@pytest.mark.parametrize("name", SOUND)
def test_nor_is_anything_else_said_of_it(name: str) -> None:
    assert infralint.lint(files_of(SOUND[name]), Settings(select=("orm",))).findings == ()


@pytest.mark.parametrize("name", BROKEN)
def test_every_missing_name_is_reported_at_its_token(judge: Judge, name: str) -> None:
    files = files_of(BROKEN[name])
    missing = judge.verdict(files).missing
    found = tokens(files)
    assert missing
    assert len(found) == len(missing)
    assert {name for name in missing if any(name in _plain(token) for token in found)} == missing


def _plain(token: str) -> str:
    return token.replace('" "', "").replace("{USER}", "NoUser").replace("USER", "NoUser")


def _shaped(shape: str, name: str, *, future: bool) -> dict[str, str]:
    text = f"""\
### m.py
{"from __future__ import annotations" if future else ""}
import typing as t
from typing import Annotated, Dict, List, Optional, Sequence, Set, Tuple, Union
import sqlalchemy.orm as so
IDS
class Base(DeclarativeBase):
    pass
class Gift(Base):
    __tablename__ = "gifts"
    id: Mapped[int] = mapped_column(primary_key=True)
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    gift_id = Column(ForeignKey("gifts.id"))
    x: {shape.replace("X", name)} = relationship(viewonly=True)
"""
    return files_of(text)


@pytest.mark.parametrize("future", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_annotations_of_all_shapes(judge: Judge, shape: str, future: bool) -> None:
    assert tokens(_shaped(shape, "Gift", future=future)) == []
    broken = _shaped(shape, "Gfit", future=future)
    verdict = judge.verdict(broken)
    found = tokens(broken)
    if verdict.missing:
        assert len(found) == 1
        assert "Gfit" in found[0]
    assert verdict.failure


_LOOKED_UP = (
    'Mapped["X"]', 'Mapped[List["X"]]', 'Mapped[list["X"]]', 'Mapped[Optional["X"]]', '"Mapped[X]"', '"Mapped[List[X]]"',
    'Mapped["X | None"]', 'Mapped["None | X"]', 'Mapped["Optional[X]"]', 'Mapped["Union[X, None]"]', "\"Mapped['X']\"",
    "\"Mapped[List['X']]\"", 'DynamicMapped["X"]', 'WriteOnlyMapped["X"]', '"DynamicMapped[X]"',
)  # fmt: skip
_BOUND = {
    "an abstract class": "class Other(Base):\n    __abstract__ = True\n",
    "a plain class": "class Other:\n    pass\n",
    "a class on another base": "class Second(DeclarativeBase):\n    pass\n"
    "class Other(Second):\n    __tablename__ = 'others'\n    id: Mapped[int] = mapped_column(primary_key=True)\n",
    "an alias": "Other = Gift\n",
    "an imported alias": "from n import Else as Other\n",
}


@pytest.mark.parametrize("future", [False, True])
@pytest.mark.parametrize("bound", _BOUND)
@pytest.mark.parametrize("shape", [shape for shape in SHAPES if "m.X" not in shape])
def test_annotations_whose_name_the_module_binds(judge: Judge, shape: str, bound: str, future: bool) -> None:
    files = _shaped(shape, "Other", future=future)
    head, _, tail = files["m.py"].partition("class User")
    files["m.py"] = f"{head}{_BOUND[bound]}class User{tail}"
    files["n.py"] = "class Else:\n    pass\n"
    verdict = judge.verdict(files)
    found = tokens(files)
    assert verdict.failure or not found
    if shape in _LOOKED_UP and not verdict.failure.startswith("import:"):
        assert len(found) == len(verdict.missing)


_NAMES = ("Alpha", "Beta", "Gamma", "Delta")
_PATHS = ("app/a.py", "app/b.py", "app/sub/c.py")
_FORMS = (
    'r{n} = relationship("{t}", viewonly=True)',
    "r{n} = relationship('{t}', viewonly=True)",
    'r{n} = sa.orm.relationship(argument="{t}", viewonly=True)',
    'r{n}: Mapped["{t}"] = relationship(viewonly=True)',
    'r{n}: Mapped[list["{t}"]] = relationship(viewonly=True)',
    'r{n}: "Mapped[{t}]" = relationship(viewonly=True)',
    'r{n}: Mapped["{t} | None"] = relationship(viewonly=True)',
    'r{n}: DynamicMapped["{t}"] = relationship(viewonly=True)',
    'r{n} = relationship("Al" "pha", viewonly=True)',
    "r{n} = relationship(CONSTANT, viewonly=True)",
)
_IMPORTS = (
    ("from app.base import One, Two", "One", "Two"),
    ("import app.base as base", "base.One", "base.Two"),
    ("import app.base", "app.base.One", "app.base.Two"),
    ("from app import First as One, Two", "One", "Two"),
    ("from app import *", "First", "Two"),
    ("from {dots}base import One as Model, Two as Other", "Model", "Other"),
    ("try:\n    from app.base import One, Two\nexcept ImportError:\n    raise", "One", "Two"),
)


@st.composite
def projects(draw: st.DrawFn) -> dict[str, str]:
    """Classes over three modules and two bases, with relationships to names that are mapped there, elsewhere or nowhere."""
    headers = {path: draw(st.sampled_from(_IMPORTS)) for path in _PATHS}
    bodies: dict[str, list[str]] = {path: [] for path in _PATHS}
    links = draw(st.integers(1, 5))
    places = {name: draw(st.sampled_from(_PATHS)) for name in _NAMES}
    second = {name: draw(st.booleans()) for name in _NAMES}
    abstract = {name: draw(st.integers(0, 5)) == 0 for name in _NAMES}
    relations: dict[str, list[str]] = {name: [] for name in _NAMES}
    for number in range(links):
        owner = draw(st.sampled_from(_NAMES))
        form = draw(st.sampled_from(_FORMS))
        target = draw(st.sampled_from((*_NAMES, "Omega", "app.a.Alpha", "a.Beta", "sub.c.Gamma", "Child")))
        if "Mapped" in form:
            target = target.rpartition(".")[2]
        relations[owner].append(form.format(n=number, t=target))
    for name in _NAMES:
        base = headers[places[name]][2 if second[name] else 1]
        table = "__abstract__ = True" if abstract[name] else f'__tablename__ = "t_{name.lower()}"'
        lines = [f"class {name}({base}):", f"    {table}", "    id = Column(Integer, primary_key=True)"]
        if not abstract[name]:
            lines += [f"    {each}" for each in relations[name]]
        bodies[places[name]].append("\n".join(lines))
    files = {
        "app/__init__.py": "from .base import One as First, Two\n",
        "app/sub/__init__.py": "",
        "app/base.py": "from sqlalchemy.orm import DeclarativeBase, declarative_base\n"
        "class One(DeclarativeBase):\n    pass\nTwo = declarative_base()\n",
    }
    for path in _PATHS:
        header = headers[path][0].replace("{dots}", ".." if "sub" in path else ".")
        top = files_of("### x\nIDS\n")["x"]
        files[path] = f'{top}{header}\nCONSTANT = "Beta"\n' + "\n".join(bodies[path]) + "\n"
    files["app/child.py"] = _child(draw(st.sampled_from(_NAMES)), places, abstract)
    return files


def _child(parent: str, places: dict[str, str], abstract: dict[str, bool]) -> str:
    """A child in a module where no word of SQLAlchemy stands."""
    if abstract[parent]:
        return ""
    module = places[parent].removesuffix(".py").replace("/", ".")
    return f"from {module} import {parent}\n\nclass Child({parent}):\n    pass\n"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=projects())
def test_generated_projects(judge: Judge, files: dict[str, str]) -> None:
    verdict = judge.verdict(files)
    if verdict.failure.startswith("import:"):
        return
    found = [token.replace('" "', "").replace("CONSTANT", "Beta") for token in tokens(files)]
    named = {each for each in verdict.missing if any(each in token for token in found)}
    assert named == verdict.missing
    assert all(any(each in token for each in verdict.missing) for token in found)
