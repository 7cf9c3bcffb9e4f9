"""Views of a project: each is made when first asked for, and made again only when what it has seen changes.

A project that is linked once keeps its views as they are. One that stays loaded notes what each of them sees: fields of
facts (`Seen`) and other views. After a change those stay that saw nothing of it, and those that saw only views which
stayed, or which came out the same.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic, TypeVar, overload

from infralint.facts.files import FileFacts
from infralint.project.seen import LOWERED, Keys, Place, Seen, SeenFiles, Watch, differences, with_key

T = TypeVar("T")
_NOTHING = object()
_NO_PLACES: frozenset[Place] = frozenset()
# Shared by the thousands of views of which nothing is in doubt.
_NO_DOUBTS: frozenset[Hashable] = frozenset()


@dataclass(frozen=True, slots=True)
class Changed:
    """What a value saw and is no longer what it was: fields of facts, and other views by their keys."""

    places: frozenset[Place]
    views: frozenset[Hashable]


@dataclass(frozen=True, slots=True)
class Divided:
    """Parts of a view, at which all look who look at it: their name, and what makes one of the view's value and a key.

    Nothing else decides what they are, so that after a change only those are new that come out otherwise.
    """

    name: str
    part: Callable[[Any, str], tuple[Any, ...]]

    def has(self, key: Hashable) -> bool:
        """Whether the view of this key is one of the parts."""
        return isinstance(key, tuple) and key[0] == self.name


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
    and after which it became another one. `touched`: what it saw of facts and has changed since; `doubts`: the views
    that it saw and that may have, too."""

    key: Hashable
    make: Callable[[Any], Any]
    compared: bool
    seen: Seen
    checked: int
    changed: int
    value: Any = _NOTHING
    touched: frozenset[Place] = frozenset()
    doubts: set[Hashable] | frozenset[Hashable] = _NO_DOUBTS
    running: bool = False


class CircleError(BaseException):
    """Two views saw each other: which of them may stay cannot be told. No fault of the rule that asked, which is why
    it is no Exception."""


class Memory:
    """The views of a project that stays, and the answers of its rules.

    `settled`: views of which it is found out at once whether they are others, by name, none of which depends on a
    later one: where one is not, nobody who saw it is put in doubt. With them what has parts that it decides alone.
    """

    def __init__(self, project: Any, settled: Mapping[str, Divided | None] = MappingProxyType({})) -> None:
        self.project = project
        self._records: dict[Hashable, _Record] = {}
        # Who asked for each view, if not lately.
        self._users: dict[Hashable, Keys] = {}
        self._watch = Watch()
        self._change = 0
        self._settled = settled
        self._parts: dict[str, list[tuple[str, _Record]]] = {each.name: [] for each in settled.values() if each}

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
        for name, divided in self._settled.items():
            known = self._records.get(name)
            if known is None or not (known.touched or known.doubts):
                continue
            if divided is None:
                self._settle(known)
            else:
                self._divide(known, divided)
        return True

    def _doubt(self, touched: list[_Record], settled: _Record | None = None) -> None:
        """Mark all that saw these views, themselves or by others. What is divided tells its parts itself, and what
        is to be settled first is passed over, but for the one that was `settled` now."""
        queue, records = touched, self._records
        while queue:
            known = queue.pop()
            is_settled = isinstance(known.key, str) and known.key in self._settled
            divided = self._settled[known.key] if is_settled else None  # type: ignore[index]  # it is a name
            if is_settled and divided is None and known is not settled:
                continue
            for user in self._users.get(known.key, ()):
                record = records.get(user)
                if record is None or (divided is not None and divided.has(user)):
                    continue
                if isinstance(record.doubts, set):
                    record.doubts.add(known.key)
                else:
                    record.doubts = {known.key}
                    queue.append(record)

    def _settle(self, record: _Record) -> None:
        """Find out whether a view must go, and mark who saw it if so."""
        with suppress(Exception):
            self._check(record)
            if record.value is not _NOTHING and record.changed < self._change:
                return
        # What broke down breaks down again for who asks.
        self._doubt([record], record)

    def _divide(self, record: _Record, divided: Divided) -> None:
        """Find out which parts of a view are new, and mark who saw them."""
        parts = self._parts[divided.name]
        try:
            value = self.get(record.key, record.make, record.compared)
            now: list[Any] = [divided.part(value, key) for key, _ in parts] if record.changed == self._change else []
        except Exception:
            # Who asks for it will see why.
            now = [_NOTHING] * len(parts)
        self._doubt([part for (_, part), value in zip(parts, now, strict=False) if self._is_new(part, value)])

    def _is_new(self, part: _Record, value: object) -> bool:
        """Put the value of a part in the place of another one."""
        part.checked = self._change
        if part.value == value:
            return False
        part.value, part.changed = value, self._change
        return True

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
            if isinstance(key, tuple) and key[0] in self._parts:
                self._parts[key[0]].append((key[1], record))
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
        record.touched, record.doubts = _NO_PLACES, _NO_DOUBTS

    def _check(self, record: _Record) -> None:
        """Find out whether a value is still good; forget it where it is not."""
        if record.running:
            raise CircleError(record.key)
        if not (record.touched or record.doubts):
            return
        if record.value is not _NOTHING and not self._must_go(record):
            record.doubts, record.checked = _NO_DOUBTS, self._change
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
        changed = Changed(record.touched, frozenset(self._changed(record, most=len(record.doubts))))
        # Half renewed, if that is cut short, it must not stay.
        value, record.value = record.value, _NOTHING
        if not renew(SeenProject(self, record.key, record.seen), value, changed):
            return False
        record.value, record.changed, record.checked = value, self._change, self._change
        record.touched, record.doubts = _NO_PLACES, _NO_DOUBTS
        return True

    def _must_go(self, record: _Record) -> bool:
        """Whether what a value saw is no longer what it was."""
        return bool(record.touched) or bool(self._changed(record, most=1))

    def _changed(self, record: _Record, most: int) -> list[Hashable]:
        """The views that a value saw and that are others since it was checked, up to so many."""
        since, records = record.checked, self._records
        found: list[Hashable] = []
        record.running = True
        try:
            for key in _doubted(record):
                seen = records[key]
                if seen.touched or seen.doubts or seen.running:
                    self._check(seen)
                if seen.changed > since or seen.value is _NOTHING:
                    found.append(key)
                    if len(found) == most:
                        break
        finally:
            record.running = False
        return found


def _doubted(record: _Record) -> list[Hashable]:
    """The views that a value saw and that are in doubt; of few, in the order in which it saw them."""
    views, doubts = record.seen.views, record.doubts
    if isinstance(views, set):
        return [key for key in doubts if key in views]
    return [key for key in views if key in doubts]
