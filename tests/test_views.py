"""Views of a project that stays: which of them are made again after a change, and that none is that saw nothing of it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from infralint.kinds import kind_of
from infralint.project.project import Project
from infralint.project.seen import Seen, SeenFiles, Watch, differences
from infralint.project.views import CircleError, Divided, Memory, compared, lens, view
from infralint.readers.dispatch import read_file
from infralint.settings import Settings


def facts_of(path: str, text: str) -> Any:
    kind = kind_of(path)
    assert kind is not None
    return read_file(text.encode(), kind, "postgres")


class Tree:
    """A project of three views, each of which says when it is made."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = {path: facts_of(path, text) for path, text in files.items()}
        self.made: list[str] = []
        self.memory: Memory | None = Memory(self)

    def change(self, path: str, text: str) -> bool:
        assert self.memory is not None
        self.made.clear()
        return self.memory.take(self.files, {path: facts_of(path, text)})

    @view
    def imports(self) -> list[str]:
        """The modules that files import."""
        self.made.append("imports")
        return [each.module for facts in self.files.values() for each in facts.python.imports]

    @compared
    def names(self) -> list[str]:
        """The names that `a.py` binds."""
        self.made.append("names")
        return sorted(self.files["a.py"].python.bound)

    @view
    def both(self) -> int:
        """How many there are of both."""
        self.made.append("both")
        return len(self.imports) + len(self.names)

    @lens
    def first(self) -> Any:
        """What looks at `a.py` for whoever asks."""
        return self.files["a.py"].python

    @view
    def looked(self) -> int:
        """How many bindings are seen through the lens."""
        self.made.append("looked")
        return len(self.first.bindings)


FILES = {"a.py": "import os\nx = 1\n", "b.py": "import re\ny = 1\n", "c.py": "z = 1\n"}


def asked(tree: Tree) -> list[str]:
    """What is made again when everything is asked."""
    _ = tree.imports, tree.names, tree.both, tree.looked
    return sorted(tree.made)


@pytest.mark.parametrize(
    ("path", "text", "again"),
    [
        ("a.py", "import os\nx = 1\n", []),
        ("b.py", "import re\ny = 2\nz = 1\n", []),
        ("b.py", "import sys\ny = 1\n", ["both", "imports"]),
        ("a.py", "import os\nx = 1\nw = 1\n", ["both", "looked", "names"]),
        # The names are looked at, and are the same.
        ("a.py", "import os\nx = 1\nx = 2\n", ["looked"]),
    ],
)
def test_what_is_made_again(path: str, text: str, again: list[str]) -> None:
    tree = Tree(FILES)
    assert asked(tree) == ["both", "imports", "looked", "names"]
    assert tree.change(path, text)
    assert asked(tree) == again
    fresh = Tree({**FILES, path: text})
    assert (tree.imports, tree.names, tree.both, tree.looked) == (fresh.imports, fresh.names, fresh.both, fresh.looked)


def test_changes_add_up_until_a_view_is_asked_again() -> None:
    tree = Tree(FILES)
    asked(tree)
    tree.change("b.py", "import sys\ny = 1\n")
    tree.change("c.py", "z = 2\n")
    assert asked(tree) == ["both", "imports"]


def test_what_raises_is_asked_again() -> None:
    tree = Tree(FILES)
    asked(tree)
    good = tree.files["a.py"]
    tree.change("a.py", "x = (\n")
    tree.files["a.py"] = None
    with pytest.raises(AttributeError):
        _ = tree.names
    tree.files["a.py"] = good
    assert tree.names == ["os", "x"]
    assert tree.both == 4


class Book(Tree):
    """A project with a view of which all see parts: what each name in the tree is bound by."""

    def __init__(self, files: dict[str, str]) -> None:
        super().__init__(files)
        self.fails = False
        self.memory = Memory(self, {"bound": Divided("kinds", lambda bound, name: tuple(bound.get(name, ())))})

    @view
    def bound(self) -> dict[str, list[str]]:
        """The kinds of bindings, by name."""
        self.made.append("bound")
        if self.fails:
            raise LookupError
        found: dict[str, list[str]] = {}
        for facts in self.files.values():
            for each in facts.python.bindings:
                found.setdefault(each.name, []).append(each.value)
        return found

    @view
    def everything(self) -> int:
        """What sees all of the view, and no part."""
        self.made.append("everything")
        return len(self.bound)

    def part(self, name: str, key: str) -> tuple[str, ...]:
        """A part of the view."""
        assert self.memory is not None
        kinds: tuple[str, ...] = self.memory.get(
            (name, key), lambda seen: (self.made.append(f"part {key}"), tuple(seen.bound.get(key, ())))[1], True
        )
        return kinds

    def of(self, key: str) -> int:
        """What sees one part alone."""
        assert self.memory is not None
        return self.memory.get(
            ("of", key), lambda seen: (self.made.append(f"of {key}"), len(seen.part("kinds", key)))[1]
        )


def test_of_a_view_in_parts_only_those_count_that_come_out_otherwise() -> None:
    book = Book({"a.py": "x = f()\n", "b.py": "y = g()\n"})
    assert (book.of("x"), book.of("y"), book.of("none"), book.everything) == (1, 1, 0, 2)
    assert book.change("b.py", "y = g()\ny = h()\n")
    # Which of them are new is known before anybody asks, and nobody asks for the parts again.
    assert book.made == ["bound"]
    assert (book.of("x"), book.of("y"), book.of("none"), book.everything) == (1, 2, 0, 2)
    assert book.made == ["bound", "of y", "everything"]
    assert book.change("b.py", "none = g()\n")
    assert (book.of("x"), book.of("y"), book.of("none"), book.everything) == (1, 0, 1, 2)
    assert sorted(book.made) == ["bound", "everything", "of none", "of y"]


def test_where_a_view_in_parts_breaks_down_who_asks_is_told() -> None:
    book = Book({"a.py": "x = f()\n", "b.py": "y = g()\n"})
    assert book.of("x") == 1
    book.fails = True
    assert book.change("b.py", "y = h()\n")
    with pytest.raises(LookupError):
        book.of("x")
    book.fails = False
    assert book.of("x") == 1
    assert book.change("a.py", "x = f()\nx = g()\n")
    assert book.of("x") == 2


def test_a_view_that_is_not_asked_for_a_while_hears_of_all_changes() -> None:
    tree = Tree(FILES)
    asked(tree)
    for number in range(3):
        tree.change("b.py", f"import re{number}\ny = 1\n")
        assert tree.imports == ["os", f"re{number}"]
    tree.change("c.py", "z = 2\n")
    assert asked(tree) == ["both"]


class Settled(Tree):
    """A project with a view that mostly comes out the same, and one that sees it."""

    @compared
    def binds(self) -> bool:
        """Whether `a.py` binds anything."""
        self.made.append("binds")
        return bool(self.files["a.py"].python.bindings)

    @view
    def beyond(self) -> int:
        """What sees that, and what is not compared."""
        self.made.append("beyond")
        return self.binds + len(self.imports)


def test_where_a_view_that_is_settled_first_stays_nobody_is_put_in_doubt() -> None:
    tree = Settled(FILES)
    tree.memory = Memory(tree, {"binds": None, "imports": None})
    assert tree.beyond == 3
    record = tree.memory._records["beyond"]
    assert tree.change("a.py", "import os\nx = 1\nx = 2\n")
    # What is compared is made at once, and is the same.
    assert (tree.made, set(record.doubts)) == (["binds"], set())
    assert tree.change("b.py", "import sys\nimport re\ny = 1\n")
    # What is not compared is made when somebody asks.
    assert (tree.made, record.doubts) == ([], {"imports"})
    assert (tree.beyond, tree.made) == (4, ["beyond", "imports"])
    assert tree.change("a.py", "import os\n")
    assert record.doubts == {"binds"}
    assert tree.beyond == 3


class Fickle(Tree):
    """A project with a view that looks at another one only sometimes."""

    @view
    def chosen(self) -> int:
        """How many imports there are, where `a.py` binds `x`."""
        self.made.append("chosen")
        return len(self.imports) if "x" in self.names else 0


def test_what_a_view_saw_once_and_sees_no_more_does_not_concern_it() -> None:
    tree = Fickle(FILES)
    assert tree.chosen == 2
    tree.change("a.py", "import os\nw = 1\n")
    assert (tree.chosen, len(tree.imports)) == (0, 2)
    tree.change("b.py", "import re\nimport sys\ny = 1\n")
    assert (tree.chosen, len(tree.imports)) == (0, 3)
    assert tree.made == ["imports"]


def test_views_that_saw_each_other_are_not_trusted() -> None:
    memory = Memory(Tree(FILES))
    for one, other in (("there", "back"), ("back", "there")):
        memory.get(one, lambda project: "")
        memory.note(one, memory._records[one].seen, other)
    files = {path: facts_of(path, text) for path, text in FILES.items()}
    memory.note("there", memory._records["there"].seen, "names")
    memory.get("names", lambda project: project.files["a.py"].python.bound)
    assert memory.take(files, {"a.py": facts_of("a.py", "y = 1\n")})
    with pytest.raises(CircleError):
        memory.get("there", lambda project: "")


def test_a_part_of_the_facts_that_comes_is_a_change_for_who_looked_for_it() -> None:
    without, with_sql = facts_of("a.py", "x = 1\n"), facts_of("a.py", "cur.execute('SELECT 1')\nx = 1\n")
    changed = differences(without, with_sql)
    assert changed is not None
    assert "sql" in changed
    seen = Seen("view", Watch(), 10)
    assert SeenFiles({"a.py": without}, seen)["a.py"].sql is None
    assert seen.among([("a.py", "sql")])


def test_a_file_that_is_no_module_any_more_is_no_change_of_facts() -> None:
    module = facts_of("a.py", "x = 1\n")
    assert differences(module, msgspec.structs.replace(module, python=None)) is None


def test_what_most_files_are_asked_counts_as_asked_of_all() -> None:
    files = {path: facts_of(path, text) for path, text in FILES.items()}
    seen = Seen("view", Watch(), 1)
    looked = SeenFiles(files, seen)
    assert looked["a.py"].python is not None
    _ = looked["a.py"].commands
    assert seen.among([("a.py", "commands")])
    assert not seen.among([("b.py", "commands")])
    _ = looked["b.py"].commands
    assert seen.among([("c.py", "commands")])
    assert not seen.among([("a.py", "images")])


def test_a_project_without_memory_makes_its_views_once() -> None:
    project = Project({path: facts_of(path, text) for path, text in FILES.items()}, FILES, Settings())
    assert project.modules is project.modules
    assert project.unresolved_imports is project.unresolved_imports
