"""The facts of a project as one view sees them, which notes what it looks at."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from functools import lru_cache
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
# What is noted where a module's statements are asked for that are no part of its facts: a change may change them.
LOWERED = "lowered"


class Watch:
    """Who looked at what, so that a change finds them: keys of views by the file, and by the field of all files.

    Of a part (a view of one file) it goes without saying that it looks at its own file.
    """

    def __init__(self) -> None:
        self._of_files: dict[str, Keys] = {}
        self._of_fields: dict[str, Keys] = {}
        self._parts: set[Hashable] = set()

    def part(self, name: Hashable) -> None:
        """There are parts of this name."""
        self._parts.add(name)

    def file(self, path: str, key: Hashable) -> None:
        """A view looked at a file."""
        self._of_files[path] = with_key(self._of_files.get(path, ()), key)

    def field(self, name: str, key: Hashable) -> None:
        """A view looked at a field of all files."""
        self._of_fields[name] = with_key(self._of_fields.get(name, ()), key)

    def of(self, changed: Iterable[tuple[str, str]]) -> set[Hashable]:
        """Who may have looked at one of these fields, each with its path."""
        found: set[Hashable] = set()
        for path, name in changed:
            found.update(self._of_files.get(path, ()), self._of_fields.get(name, ()))
            found.update((part, path) for part in self._parts)
        return found


# A field of the facts of one file: its path, and its name.
Place = tuple[str, str]
# Most views are looked at by one other, most files by a few: a tuple takes a quarter of a set's room.
Keys = tuple[Hashable, ...] | set[Hashable]
_FEW = 20


def with_key(keys: Keys, key: Hashable) -> Keys:
    """The keys with one more."""
    if key in keys:
        return keys
    if isinstance(keys, set):
        keys.add(key)
        return keys
    return (*keys, key) if len(keys) < _FEW else {*keys, key}


class Seen:
    """What the view of a key looked at: fields of files' facts, by field the files; fields of the facts of all files;
    other views.

    `most`: a field that was looked at in more files than this counts as looked at in all of them. Of thousands of parts
    most look at their own file alone, so the fields of that stand apart, and are shared.
    """

    __slots__ = ("_everywhere", "_key", "_most", "_own", "_places", "_watch", "views")

    def __init__(self, key: Hashable, watch: Watch, most: int) -> None:
        self._key = key
        self._watch = watch
        self._most = most
        # A field that was looked at in a single file has its path alone.
        self._places: dict[str, str | set[str]] | None = None
        self._own = self._everywhere = _NO_FIELDS
        self.views: Keys = ()
        if isinstance(key, tuple):
            watch.part(key[0])

    def note(self, path: str, name: str) -> None:
        """A field of the facts of one file was looked at."""
        if name in self._everywhere:
            return
        if isinstance(self._key, tuple) and path == self._key[1]:
            if name not in self._own:
                self._own = _shared(self._own | {name})
            return
        if self._places is None:
            self._places = {}
        known = self._places.get(name)
        if known == path or (isinstance(known, set) and path in known):
            return
        self._watch.file(path, self._key)
        if known is None:
            self._places[name] = path
            return
        paths = known if isinstance(known, set) else {known}
        paths.add(path)
        self._places[name] = paths
        if len(paths) > self._most:
            del self._places[name]
            self.note_all(name)

    def note_all(self, name: str) -> None:
        """A field of the facts of all files was looked at."""
        self._everywhere = _shared(self._everywhere | {name})
        self._watch.field(name, self._key)

    def note_view(self, key: Hashable) -> bool:
        """Another view was looked at; whether that is news."""
        before = len(self.views)
        self.views = with_key(self.views, key)
        return len(self.views) > before

    def among(self, changed: Iterable[Place]) -> frozenset[Place]:
        """Those of these fields, each with its path, that were looked at."""
        return frozenset(
            (path, name) for path, name in changed if name in self._everywhere or self._sees_in(path, name)
        )

    def _sees_in(self, path: str, name: str) -> bool:
        if isinstance(self._key, tuple) and path == self._key[1]:
            return name in self._own
        known = self._places.get(name) if self._places is not None else None
        return path in known if isinstance(known, set) else known == path


_NO_FIELDS: frozenset[str] = frozenset()


@lru_cache(maxsize=1024)
def _shared(fields: frozenset[str]) -> frozenset[str]:
    """One object for equal sets of fields."""
    return fields


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
