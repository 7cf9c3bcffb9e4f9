"""Edits such as people make between two runs, of different kinds, each of another file."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

COMMENT, BODY, FUNCTION, IMPORT, MODEL, DOCKERFILE, SQL = (
    "comment",
    "function body",
    "new function",
    "new import",
    "model column",
    "Dockerfile",
    "SQL text",
)

_COLUMN = re.compile(
    r"^( +)\w+(?:: Mapped\[.*\])? = (?:mapped_column|db\.Column|sa\.Column|Column)\(.*\n", re.MULTILINE
)
_IMPORT = re.compile(r"^(?:import|from) (?!__future__)", re.MULTILINE)
_RETURN = re.compile(r"^( +)return .*\n", re.MULTILINE)
_SELECT = re.compile(r"(?<=[\"\s])SELECT ((?:\w+\.)?\w+)(?: AS renamed_\d+)?(?=, \w+(?:\.\w+)?[\s,])")
# Files that are looked into for a place of an edit: enough of them, and not a whole tree of 20,000.
_LOOKED_AT = 4000


def _comment(text: str, number: int) -> str | None:
    return text.rstrip("\n") + f"\n# Looked at {number} times.\n"


def _body(text: str, number: int) -> str | None:
    changed, count = _RETURN.subn(lambda match: f"{match[1]}seen_{number} = {number}\n{match[0]}", text, count=1)
    return changed if count else None


def _function(text: str, number: int) -> str | None:
    return (
        text.rstrip("\n")
        + f'\n\n\ndef added_{number}(value: int) -> int:\n    """One more."""\n    return value + {number}\n'
    )


def _model(text: str, number: int) -> str | None:
    found = _COLUMN.search(text)
    if found is None or "__tablename__" not in text:
        return None
    name = f"added_{number}"
    typed = "Mapped[" in found[0]
    column = f"{name}: Mapped[int | None] = mapped_column()" if typed else f"{name} = Column(Integer)"
    return text[: found.end()] + f"{found[1]}{column}\n" + text[found.end() :]


def _import(text: str, number: int) -> str | None:
    changed, count = _IMPORT.subn(lambda match: f"import json as json_{number}\n{match[0]}", text, count=1)
    return changed if count else None


def _dockerfile(text: str, number: int) -> str | None:
    return text.rstrip("\n") + f"\nRUN pip install --no-deps wheel==0.{number}\n"


def _sql(text: str, number: int) -> str | None:
    changed, count = _SELECT.subn(lambda match: f"SELECT {match[1]} AS renamed_{number}", text, count=1)
    return changed if count else None


_EDITS: dict[str, tuple[Callable[[str, int], str | None], Callable[[str], bool]]] = {
    COMMENT: (_comment, lambda path: path.endswith(".py")),
    BODY: (_body, lambda path: path.endswith(".py") and "test" not in path),
    FUNCTION: (_function, lambda path: path.endswith(".py") and "test" not in path),
    IMPORT: (_import, lambda path: path.endswith(".py") and "test" not in path),
    MODEL: (_model, lambda path: path.endswith(".py") and "test" not in path),
    DOCKERFILE: (_dockerfile, lambda path: path.rpartition("/")[2] == "Dockerfile"),
    SQL: (_sql, lambda path: path.endswith(".py") and "test" not in path),
}
KINDS = tuple(_EDITS)


@dataclass
class Edits:
    """The edits of a tree. What they change is put back by `restore`.

    `paths`: the files of the tree, relative to `root`.
    """

    root: Path
    paths: Sequence[str]
    _number: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _before: dict[str, bytes] = field(default_factory=dict)
    _places: dict[str, list[str]] = field(default_factory=dict)

    @staticmethod
    def fits(kind: str, path: str) -> bool:
        """Whether files of this path are edited in this way."""
        return _EDITS[kind][1](path)

    @staticmethod
    def edited(kind: str, text: str, number: int) -> str | None:
        """A text after an edit, None where it has no place for it. `number`: tells edits from one another."""
        return _EDITS[kind][0](text, number)

    def next(self, kind: str) -> tuple[str, str] | None:
        """An edit that was not made yet: the file and its new text, None where no file has a place for it.

        Nothing is written. Files of a kind take turns, far from one another in the tree.
        """
        number = next(self._number)
        places = self._places_of(kind)
        if not places:
            return None
        path = places[number * 7 % len(places)]
        before = (self.root / path).read_bytes()
        text = self.edited(kind, before.decode("utf-8"), number)
        if text is None:
            return None
        self._before.setdefault(path, before)
        return path, text

    def apply(self, kind: str) -> str | None:
        """Make an edit on disk; the path of the file, None where no file has a place for it."""
        edit = self.next(kind)
        if edit is None:
            return None
        (self.root / edit[0]).write_bytes(edit[1].encode())
        return edit[0]

    def restore(self) -> list[str]:
        """Put every file back, and say which."""
        for path, data in self._before.items():
            (self.root / path).write_bytes(data)
        restored, self._before = sorted(self._before), {}
        return restored

    def _places_of(self, kind: str) -> list[str]:
        if kind not in self._places:
            candidates = [path for path in self.paths if self.fits(kind, path)]
            step = max(1, len(candidates) // _LOOKED_AT)
            self._places[kind] = [path for path in candidates[::step] if self._takes(kind, path)]
        return self._places[kind]

    def _takes(self, kind: str, path: str) -> bool:
        try:
            text = (self.root / path).read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError):
            return False
        return bool(text.strip()) and self.edited(kind, text, 0) is not None


def files_of(root: Path) -> list[str]:
    """The files of a tree by their paths relative to its root, sorted; hidden folders and environments left out."""
    found = []
    pending = [root]
    while pending:
        folder = pending.pop()
        for entry in sorted(folder.iterdir()):
            if entry.is_symlink() or (entry.name.startswith(".") and entry.name != ".github"):
                continue
            if entry.is_dir():
                if entry.name not in {"node_modules", "venv", "__pycache__"}:
                    pending.append(entry)
            else:
                found.append(entry.relative_to(root).as_posix())
    return sorted(found)
