"""Views of a project: each is made when first asked for, and made again only when what it has seen changes.

A project that is linked once keeps its views as they are. One that stays loaded notes what each of them sees: fields of
facts (`Seen`) and other views. After a change those stay that saw nothing of it, and those that saw only views which
stayed, or which came out the same.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, overload

from infralint.facts.files import FileFacts
from infralint.project.seen import Seen, SeenFiles, differences

T = TypeVar("T")
_NOTHING = object()


class view(Generic[T]):
    """A view of a Project: a method that is asked like an attribute. What makes it is given the project as that view
    sees it, and may keep it. `compared`: values of which an equal one is no change."""

    def __init__(self, make: Callable[[Any], T], *, compared: bool = False) -> None:
        self.make = make
        self.name = make.__name__
        self.compared = compared
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, project: None, owner: type) -> view[T]: ...
    @overload
    def __get__(self, project: object, owner: type) -> T: ...
    def __get__(self, project: Any, owner: type) -> view[T] | T:
        if project is None:
            return self
        found: T
        if project.memory is not None:
            found = project.memory.get(self.name, self.make, self.compared)
        else:
            # Python asks the instance first from now on.
            found = project.__dict__[self.name] = self.make(project)
        return found


def compared(make: Callable[[Any], T]) -> view[T]:
    """A view whose value is plain: where an equal one is made again, nothing has changed for who saw it."""
    return view(make, compared=True)


class lens(view[T]):
    """A view that each of those who ask has for itself, since what is read through it is read by them."""


class SeenProject:
    """A project as one of its views sees it: what is asked of it is noted."""

    def __init__(self, project: Any, seen: Seen) -> None:
        self._project = project
        self._seen = seen
        self.files = SeenFiles(project.files, seen)

    def __getattr__(self, name: str) -> Any:
        known = getattr(type(self._project), name, None)
        if isinstance(known, lens):
            found = self.__dict__[name] = known.make(self)
            return found
        if isinstance(known, view):
            self._seen.views[name] = None
            return getattr(self._project, name)
        if isinstance(known, property) and known.fget is not None:
            return known.fget(self)
        if known is not None and hasattr(known, "__get__"):
            return known.__get__(self)
        return getattr(self._project, name)

    def part(self, name: str, path: str) -> Any:
        """As `Project.part`."""
        self._seen.views[name, path] = None
        make = type(self._project).part
        return self._project.memory.get((name, path), lambda seen: make(seen, name, path), compared=True)


@dataclass(slots=True)
class _Record:
    """A value, with what it saw. `checked`, `changed`: the numbers of the change after which it was found to be good,
    and after which it became another one. `touched`: facts that it saw have changed since."""

    seen: Seen
    value: Any
    make: Callable[[Any], Any]
    compared: bool
    checked: int
    changed: int
    touched: bool = False
    running: bool = False


@dataclass
class Memory:
    """The views of a project that stays, and the answers of its rules."""

    project: Any
    _records: dict[Hashable, _Record] = field(default_factory=dict)
    _change: int = 0

    def take(self, files: dict[str, FileFacts], new: Mapping[str, FileFacts]) -> bool:
        """Put new facts in the place of those of the same files; False, and nothing done, where they differ in kind."""
        changed: dict[str, frozenset[str]] = {}
        for path, facts in new.items():
            fields = differences(files[path], facts)
            if fields is None:
                return False
            changed[path] = fields
        files.update(new)
        self._change += 1
        for record in self._records.values():
            record.touched = record.touched or record.seen.sees(changed)
        return True

    def get(self, key: Hashable, make: Callable[[Any], T], compared: bool = False) -> T:
        """The value of a view, or of something else that is made of the project."""
        record = self._records.get(key)
        if record is not None:
            self._check(record)
            if record.value is not _NOTHING:
                kept: T = record.value
                return kept
        if record is None:
            record = self._records[key] = _Record(self._seen(), _NOTHING, make, compared, self._change, self._change)
        record.make = make
        record.seen = self._seen()
        value = make(SeenProject(self.project, record.seen))
        record.value, record.touched = value, False
        return value

    def _seen(self) -> Seen:
        return Seen(len(self.project.files) // 2)

    def _check(self, record: _Record) -> None:
        """Find out whether a value is still good; forget it where it is not."""
        if record.checked == self._change and not record.running:
            return
        if record.value is not _NOTHING and not self._must_go(record):
            record.checked = self._change
            return
        before, record.value = record.value, _NOTHING
        changed, record.changed, record.checked = record.changed, self._change, self._change
        if record.compared and before is not _NOTHING:
            record.seen = self._seen()
            record.value = record.make(SeenProject(self.project, record.seen))
            record.touched = False
            if record.value == before:
                record.changed = changed

    def _must_go(self, record: _Record) -> bool:
        """Whether what a value saw is no longer what it was. One that saw itself, by whatever way, is not trusted."""
        if record.touched or record.running:
            return True
        record.running = True
        try:
            return any(self._has_changed(key, record.checked) for key in list(record.seen.views))
        finally:
            record.running = False

    def _has_changed(self, key: Hashable, since: int) -> bool:
        record = self._records.get(key)
        if record is None:
            return True
        self._check(record)
        return record.changed > since or record.value is _NOTHING
