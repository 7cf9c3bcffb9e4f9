"""What happens under a condition that cannot be told: noted, so that it can be undone and laid beside the other way."""

from __future__ import annotations

from typing import NamedTuple

from infralint.project.catalog import Origin
from infralint.project.interpret.terms import Bound

Names = dict[str, Bound]


# The reason of what stands in a `try`.
TRIED = "a `try` whose handler may run instead"


class Change(NamedTuple):
    """A name that was bound under the condition: where, and what it was before and after. None = not bound."""

    names: Names
    name: str
    before: Bound | None
    after: Bound | None


class Region:
    """A stretch of the run that is reached under a condition. `cause` is its place, `reason` says what it is.

    `names` are bound through `Machine.bind`, which notes here what they were before.
    """

    __slots__ = ("_before", "cause", "parent", "reason")

    def __init__(self, parent: Region | None, cause: Origin, reason: str) -> None:
        self.parent = parent
        self.cause = cause
        self.reason = reason
        self._before: dict[tuple[int, str], tuple[Names, Bound | None]] = {}

    @property
    def is_try(self) -> bool:
        """Whether it is reached unless something raises: no other condition stands around it."""
        return self.reason == TRIED and (self.parent is None or self.parent.is_try)

    def note(self, names: Names, name: str) -> None:
        """Keep what a name is, if this is its first change in here."""
        key = (id(names), name)
        if key not in self._before:
            self._before[key] = (names, names.get(name))

    def changes(self) -> list[Change]:
        """The names that were bound in here, in order."""
        return [Change(names, name, before, names.get(name)) for (_, name), (names, before) in self._before.items()]

    def undo(self) -> list[Change]:
        """Put all names back; gives the changes that there were."""
        changes = self.changes()
        for change in changes:
            put(change.names, change.name, change.before)
        return changes


def put(names: Names, name: str, bound: Bound | None) -> None:
    """Bind a name, or unbind it."""
    if bound is None:
        names.pop(name, None)
    else:
        names[name] = bound
