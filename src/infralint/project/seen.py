"""The facts of a project as one view sees them, which notes what it looks at."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from infralint.facts.files import FileFacts

# Parts of a file's facts whose own fields are noted one by one, with the fields that their properties are made of.
_PARTS: dict[str, dict[str, str]] = {
    "python": {
        "bound": "names",
        "bindings_of": "bindings",
        "imports_of": "imports",
        "classes_of": "classes",
    },
    "sql": {},
    "environment": {},
}
# Of this part it is not noted whether a file has it: where that changes, all is linked anew.
_ALWAYS_THERE = "python"


@dataclass(slots=True)
class Seen:
    """What was looked at: fields of files' facts, by field the files; fields of the facts of all files; other views.

    `most`: a field that was looked at in more files than this counts as looked at in all of them.
    """

    most: int = 0
    places: dict[str, set[str]] = field(default_factory=dict)
    everywhere: set[str] = field(default_factory=set)
    views: dict[Hashable, None] = field(default_factory=dict)

    def note(self, path: str, name: str) -> None:
        """A field of the facts of one file was looked at."""
        if name in self.everywhere:
            return
        paths = self.places.get(name)
        if paths is None:
            self.places[name] = {path}
            return
        paths.add(path)
        if len(paths) > self.most:
            self.everywhere.add(name)
            del self.places[name]

    def sees(self, changed: Iterable[tuple[str, str]]) -> bool:
        """Whether one of these fields, each with its path, is among what was looked at."""
        everywhere, places = self.everywhere, self.places
        return any(name in everywhere or (name in places and path in places[name]) for path, name in changed)


class SeenFiles(Mapping[str, FileFacts]):
    """The facts of all files, with a note of what is read of them. Which files there are does not change."""

    def __init__(self, files: Mapping[str, FileFacts], seen: Seen) -> None:
        self._files = files
        self._seen = seen

    def __getitem__(self, path: str) -> FileFacts:
        return _SeenFacts(self._files[path], path, self._seen)  # type: ignore[return-value]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def __contains__(self, path: object) -> bool:
        return path in self._files


class _SeenFacts:
    """The facts of one file."""

    __slots__ = ("_facts", "_path", "_seen")

    def __init__(self, facts: FileFacts, path: str, seen: Seen) -> None:
        self._facts = facts
        self._path = path
        self._seen = seen

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._facts, name)
        if name != _ALWAYS_THERE:
            self._seen.note(self._path, name)
        return value if value is None or name not in _PARTS else _SeenPart(value, name, self._path, self._seen)


class _SeenPart:
    """A part of a file's facts whose fields are noted one by one."""

    __slots__ = ("_name", "_part", "_path", "_seen")

    def __init__(self, part: object, name: str, path: str, seen: Seen) -> None:
        self._part = part
        self._name = name
        self._path = path
        self._seen = seen

    def __getattr__(self, name: str) -> Any:
        known = _PARTS[self._name]
        self._seen.note(self._path, f"{self._name}.{known.get(name, name)}")
        return getattr(self._part, name)


def differences(old: FileFacts, new: FileFacts) -> frozenset[str] | None:
    """The fields in which the facts of a file differ, as `Seen` names them; None where it
    became a module, or no longer is one."""
    found: set[str] = set()
    for name in FileFacts.__struct_fields__:
        before, after = getattr(old, name), getattr(new, name)
        if before == after:
            continue
        if name == _ALWAYS_THERE and (before is None or after is None):
            return None
        if name not in _PARTS or before is None or after is None:
            found.add(name)
        else:
            found |= {f"{name}.{inner}" for inner in before.__struct_fields__ if _differs(before, after, inner)}
    return frozenset(found)


def _differs(before: msgspec.Struct, after: msgspec.Struct, name: str) -> bool:
    return bool(getattr(before, name) != getattr(after, name))
