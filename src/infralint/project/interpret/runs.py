"""What the runs of modules had to do with each other, so that some of them can be run again and the others kept."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

# In the place of a path: code that a consumer of the interpreter has run.
CONSUMER = ""


class OrderError(BaseException):
    """What a module is depends on the order of runs, which is not known. No fault of the rule that asked, which is why
    it is no Exception."""


T = TypeVar("T", bound=Hashable)


class ByModule(Generic[T]):
    """Things by the modules that they come from, each of which they do not outlive."""

    def __init__(self) -> None:
        self._sources: dict[T, frozenset[str]] = {}
        self._things: dict[str, set[T]] = {}

    def add(self, thing: T, paths: frozenset[str]) -> None:
        """A thing comes from these modules."""
        self._sources[thing] = paths
        for path in paths:
            self._things.setdefault(path, set()).add(thing)

    def drop(self, paths: Collection[str]) -> set[T]:
        """Forget all that comes from one of these modules, and give it back."""
        found: set[T] = set()
        for path in paths:
            found.update(self._things.pop(path, ()))
        for thing in found:
            for path in self._sources.pop(thing, frozenset()):
                if path in self._things:
                    self._things[path].discard(thing)
        return found


class Kept(NamedTuple):
    """What a consumer has made of a value. `of`: the value, which must not go as its id is the key."""

    found: Any
    of: object
    through: frozenset[str]


@dataclass(slots=True)
class Runs:
    """`running`: the module whose run is under way. `seen`: the modules that it has looked at so far.

    `of`: the modules that each run looked at, itself or through names that others import and pass on.
    `began`: the place of each run among all. `altered`: runs with the run that had made what they changed (None: it
    cannot be told), and the place of the latest change. `unsteady`: modules that took part in a circle of imports, or
    came after too long a chain of them: what they are depends on who came first.
    `assigned`: keys of terms that each run gave attributes to. `spent`: the steps of each run without those inside.
    """

    running: str = CONSUMER
    seen: set[str] = field(default_factory=set)
    of: dict[str, frozenset[str]] = field(default_factory=dict)
    began: dict[str, int] = field(default_factory=dict)
    altered: dict[tuple[str, str | None], int] = field(default_factory=dict)
    unsteady: set[str] = field(default_factory=set)
    assigned: dict[str, list[Hashable]] = field(default_factory=dict)
    spent: dict[str, int] = field(default_factory=dict)
    # How often a module was run again.
    again: dict[str, int] = field(default_factory=dict)
    # The place that runs have which are under way in the place of others; 0 = none are.
    place: int = 0
    latest: int = 0
    number: int = field(default_factory=itertools.count().__next__)
    # The steps of runs inside of the present one.
    inner: int = 0
    # What consumers have made of values of the tree, for as long as the runs that it comes from are kept.
    kept: dict[Hashable, Kept] = field(default_factory=dict)
    kept_by: ByModule[Hashable] = field(default_factory=ByModule)

    def look(self, path: str, is_running: bool) -> None:
        """The present run looks at a module: at its names, or at what its functions do."""
        self.seen.add(path)
        if is_running and path != self.running:
            self.unsteady |= {path, self.running}

    def serial(self, path: str) -> Hashable:
        """The number of a module's run, unlike that of any other one of it."""
        return self.number, self.again.get(path, 0)

    def alter(self, maker: str | None) -> None:
        """The present run changes something that another one may have made."""
        if maker != self.running:
            self.altered[self.running, maker] = self.place or self.latest

    def begin(self, path: str) -> None:
        """A module is about to be run."""
        self.latest += 1
        self.began[path] = self.place or self.latest

    def end(self, path: str) -> None:
        """A module was run that nobody had asked for before other modules were run again: at which place it would be
        run otherwise is not known, which matters where somebody changed what it looked at."""
        if self.again and not self.place and self.is_altered(self.before({path}), 0):
            raise OrderError(path)

    def is_altered(self, paths: Collection[str], since: int) -> bool:
        """Whether somebody changed what these modules have made, at this place or later."""
        return any(place >= since and (maker is None or maker in paths) for (_, maker), place in self.altered.items())

    @contextmanager
    def watched(self) -> Iterator[set[str]]:
        """Gives a set that holds what was looked at when the block has ended."""
        before, self.seen = self.seen, set()
        found = self.seen
        try:
            yield found
        finally:
            self.seen = before
            before |= found

    def after(self, changed: Collection[str]) -> frozenset[str]:
        """The runs that looked at one of these modules, and at one that did so, and so on; these modules too."""
        users: dict[str, list[str]] = {}
        for path, seen in self.of.items():
            for each in seen:
                users.setdefault(each, []).append(path)
        found, queue = set(changed), list(changed)
        while queue:
            fresh = [path for path in users.get(queue.pop(), ()) if path not in found]
            found.update(fresh)
            queue += fresh
        return frozenset(found)

    def before(self, paths: Collection[str]) -> frozenset[str]:
        """The modules that these runs looked at, and those that they looked at in their turn; these modules too."""
        found, queue = set(paths), list(paths)
        while queue:
            fresh = self.of.get(queue.pop(), frozenset()) - found
            found |= fresh
            queue += fresh
        return frozenset(found)
