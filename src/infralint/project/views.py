"""Views of a project: each is made when first asked for, and made again only when what it has seen changes.

A project that is linked once keeps its views as they are. One that stays loaded notes what each of them sees: fields of
facts (`Seen`) and other views. After a change those stay that saw nothing of it, and those that saw only views which
stayed, or which came out the same.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

from infralint.facts.files import FileFacts
from infralint.project.seen import LOWERED, Keys, Place, Seen, SeenFiles, Watch, differences, with_key

T = TypeVar("T")
_NOTHING = object()
_NO_PLACES: frozenset[Place] = frozenset()


@dataclass(frozen=True, slots=True)
class Changed:
    """What a value saw and is no longer what it was: fields of facts, and other views by their keys."""

    places: frozenset[Place]
    views: frozenset[Hashable]


# Makes a value good again, as `view.renewal` has it.
Renewal = Callable[[Any, T, Changed], bool]


class view(Generic[T]):
    """A view of a Project: a method that is asked like an attribute. What makes it is given the project as that view
    sees it, and may keep it. `compared`: values of which an equal one is no change."""

    def __init__(self, make: Callable[[Any], T], *, compared: bool = False) -> None:
        self.make = make
        self.name = make.__name__
        self.compared = compared
        self.renew: Renewal[T] | None = None
        self.__doc__ = make.__doc__

    def renewal(self, renew: Renewal[T]) -> Renewal[T]:
        """Decorates what makes the value good again, given the project, the value and what has changed. Where it gives
        False the value is thrown away."""
        self.renew = renew
        return renew

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

    def __init__(self, memory: Memory, key: Hashable, seen: Seen) -> None:
        self._memory = memory
        self._project = memory.project
        self.key = key
        self._seen = seen
        self.files = SeenFiles(self._project.files, seen)

    def __getattr__(self, name: str) -> Any:
        known = getattr(type(self._project), name, None)
        if isinstance(known, lens):
            found = self.__dict__[name] = known.make(self)
            return found
        if isinstance(known, view):
            self._memory.note(self.key, self._seen, name)
            return getattr(self._project, name)
        if isinstance(known, property) and known.fget is not None:
            return known.fget(self)
        if known is not None and hasattr(known, "__get__"):
            return known.__get__(self)
        return getattr(self._project, name)

    def unnoted(self, name: str) -> Any:
        """As `Project.unnoted`."""
        return getattr(self._project, name)

    def lowered(self, path: str) -> Any:
        """As `Project.lowered`."""
        self._seen.note(path, LOWERED)
        return self._project.lowered(path)

    def files_with(self, field: str) -> Any:
        """As `Project.files_with`."""
        self._seen.note_all(field)
        return self._project.files_with(field)

    def part(self, name: str, path: str) -> Any:
        """As `Project.part`."""
        self._memory.note(self.key, self._seen, (name, path))
        return self._project.part(name, path)


@dataclass(slots=True)
class _Record:
    """A value, with what it saw. `checked`, `changed`: the numbers of the change after which it was found to be good,
    and after which it became another one. `touched`: what it saw of facts and has changed since; `doubtful`: what it
    saw of views may have, too."""

    key: Hashable
    make: Callable[[Any], Any]
    compared: bool
    seen: Seen
    checked: int
    changed: int
    value: Any = _NOTHING
    touched: frozenset[Place] = frozenset()
    doubtful: bool = False
    running: bool = False


class CircleError(BaseException):
    """Two views saw each other: which of them may stay cannot be told. No fault of the rule that asked, which is why
    it is no Exception."""


class Memory:
    """The views of a project that stays, and the answers of its rules."""

    def __init__(self, project: Any) -> None:
        self.project = project
        self._records: dict[Hashable, _Record] = {}
        # Who asked for each view, if not lately.
        self._users: dict[Hashable, Keys] = {}
        self._watch = Watch()
        self._change = 0

    def take(
        self,
        files: dict[str, FileFacts],
        new: Mapping[str, FileFacts],
        is_lowered_anew: Callable[[str], bool] = lambda path: True,
    ) -> bool:
        """Put new facts in the place of those of the same files; False, and nothing done, where they differ in kind.

        `is_lowered_anew`: whether the statements of a module are others that are no part of its facts.
        """
        changed: list[tuple[str, str]] = []
        for path, facts in new.items():
            fields = differences(files[path], facts)
            if fields is None:
                return False
            changed += [(path, name) for name in fields]
            if is_lowered_anew(path):
                changed.append((path, LOWERED))
        files.update(new)
        self._change += 1
        found = (self._records[key] for key in self._watch.of(changed) if key in self._records)
        touched = []
        for record in found:
            if seen := record.seen.among(changed):
                record.touched |= seen
                touched.append(record)
        self._doubt(touched)
        return True

    def _doubt(self, touched: list[_Record]) -> None:
        """Mark all that saw these views, themselves or by others."""
        queue, records = touched, self._records
        while queue:
            for user in self._users.get(queue.pop().key, ()):
                record = records.get(user)
                if record is not None and not record.doubtful:
                    record.doubtful = True
                    queue.append(record)

    def note(self, key: Hashable, seen: Seen, view: Hashable) -> None:
        """The view of this key looked at another one."""
        if seen.note_view(view):
            self._users[view] = with_key(self._users.get(view, ()), key)

    def get(self, key: Hashable, make: Callable[[Any], T], compared: bool = False) -> T:
        """The value of a view, or of something else that is made of the project."""
        record = self._records.get(key)
        if record is None:
            record = _Record(key, make, compared, self._nothing(key), self._change, self._change)
            self._records[key] = record
        else:
            self._check(record)
            if record.value is not _NOTHING:
                kept: T = record.value
                return kept
        record.make = make
        self._fill(record)
        made: T = record.value
        return made

    def _nothing(self, key: Hashable) -> Seen:
        return Seen(key, self._watch, len(self.project.files) // 2)

    def _fill(self, record: _Record) -> None:
        record.seen = self._nothing(record.key)
        record.value = record.make(SeenProject(self, record.key, record.seen))
        record.touched, record.doubtful = _NO_PLACES, False

    def _check(self, record: _Record) -> None:
        """Find out whether a value is still good; forget it where it is not."""
        if record.running:
            raise CircleError(record.key)
        if not (record.touched or record.doubtful):
            return
        if record.value is not _NOTHING and not self._must_go(record):
            record.doubtful, record.checked = False, self._change
            return
        if self._is_renewed(record):
            return
        before, record.value = record.value, _NOTHING
        changed, record.changed, record.checked = record.changed, self._change, self._change
        if record.compared and before is not _NOTHING:
            self._fill(record)
            if record.value == before:
                record.changed = changed

    def _is_renewed(self, record: _Record) -> bool:
        """Whether a value could be made good again."""
        known = getattr(type(self.project), record.key, None) if isinstance(record.key, str) else None
        renew = known.renew if isinstance(known, view) else None
        if renew is None or record.value is _NOTHING:
            return False
        changed = Changed(record.touched, frozenset(self._changed(record, most=len(record.seen.views))))
        # Half renewed, if that is cut short, it must not stay.
        value, record.value = record.value, _NOTHING
        if not renew(SeenProject(self, record.key, record.seen), value, changed):
            return False
        record.value, record.changed, record.checked = value, self._change, self._change
        record.touched, record.doubtful = _NO_PLACES, False
        return True

    def _must_go(self, record: _Record) -> bool:
        """Whether what a value saw is no longer what it was."""
        return bool(record.touched) or bool(self._changed(record, most=1))

    def _changed(self, record: _Record, most: int) -> list[Hashable]:
        """The views that a value saw and that are others since it was checked, up to so many. Asked of thousands
        at a time."""
        since, records = record.checked, self._records
        found: list[Hashable] = []
        record.running = True
        try:
            for key in tuple(record.seen.views):
                seen = records.get(key)
                if seen is not None and (seen.touched or seen.doubtful or seen.running):
                    self._check(seen)
                if seen is None or seen.changed > since or seen.value is _NOTHING:
                    found.append(key)
                    if len(found) == most:
                        break
        finally:
            record.running = False
        return found
