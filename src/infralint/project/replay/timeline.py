"""Schema changes in the order of their files: the end state, and what stood where at any time before.

A step is a file: a revision, a .sql file. Of a .sql file every statement has its own time; the operations of a Python
file may run in any order, so all that stands there during the step counts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from infralint.project.catalog import Catalog, Table
from infralint.project.replay.apply import apply
from infralint.project.replay.operations import Operation, TableRef
from infralint.project.replay.state import Key, State, key_of

# Step and offset; what happens at an offset is there right behind it.
Moment = tuple[int, int]
_END = 1 << 60


@dataclass(slots=True)
class _Versions:
    """What a key stood for, from each moment on; None = nothing."""

    moments: list[Moment] = field(default_factory=list)
    tables: list[Table | None] = field(default_factory=list)

    def before(self, moment: Moment) -> Table | None:
        at = bisect_left(self.moments, moment)
        return self.tables[at - 1] if at else None

    def during(self, step: int) -> list[Table]:
        """All that it stands for in a step, from its beginning to its end."""
        first = bisect_left(self.moments, (step, -1))
        last = bisect_left(self.moments, (step, _END))
        return [table for table in self.tables[max(first - 1, 0) : last] if table is not None]


class Timeline:
    """A history of one database. `name`: the folder of its steps; `rebuilt`: keys that a step drops or renames."""

    def __init__(self, source: str, name: str) -> None:
        self.name = name
        self.state = State(source)
        self.steps: dict[str, int] = {}
        self.rebuilt: dict[int, set[Key]] = {}
        self._versions: dict[Key, _Versions] = {}
        self._temporary: dict[tuple[int, str], Table] = {}
        self._search_paths: list[tuple[Moment, tuple[str, ...]]] = []

    def run(self, path: str, operations: Iterable[tuple[int, Operation]]) -> None:
        """One step: operations with the offset of the statement that each is part of."""
        step = self.steps.setdefault(path, len(self.steps))
        self.state.begin()
        self.state.rebuilt = set()
        for offset, operation in operations:
            before = self.state.search_path
            apply(self.state, operation)
            self._note((step, offset))
            if self.state.search_path != before:
                self._search_paths.append(((step, offset), self.state.search_path))
        self.rebuilt[step] = self.state.rebuilt

    def _note(self, moment: Moment) -> None:
        for key in self.state.settle():
            versions = self._versions.setdefault(key, _Versions())
            table = self.state.tables.get(key)
            if versions.moments and versions.moments[-1] == moment:
                versions.tables[-1] = table
            else:
                versions.moments.append(moment)
                versions.tables.append(table)
        for key, table in self.state.temporary.items():
            self._temporary[(moment[0], key[1].lower())] = table

    def catalog(self) -> Catalog:
        """The end state."""
        return self.state.catalog(self.name)

    def at(self, path: str, offset: int | None, name: str, schema: str) -> list[Table]:
        """The tables that a name means in a statement at `offset` of a step; None: anywhere in the step."""
        step = self.steps[path]
        temporary = self._temporary.get((step, name.lower()))
        if temporary is not None and not schema:
            return [temporary]
        for key in self._keys(step, offset, name, schema):
            versions = self._versions[key]
            if offset is None:
                found = versions.during(step)
            else:
                table = versions.before((step, offset))
                found = [table] if table is not None else []
            if found:
                return found
        return []

    def _keys(self, step: int, offset: int | None, name: str, schema: str) -> Iterator[Key]:
        schemas = (schema,) if schema else self._path_at(step, offset)
        for each in schemas:
            key = key_of(each, name)
            if key in self._versions:
                yield key
        homes = {key_of(each, "")[0] for each in schemas}
        folded = name.lower()
        yield from (key for key in self._versions if key[1].lower() == folded and key[0] in homes)

    def _path_at(self, step: int, offset: int | None) -> tuple[str, ...]:
        found: tuple[str, ...] = ("",)
        for (other, place), path in self._search_paths:
            if other == step and (offset is None or place < offset):
                found = path
        return found

    def is_rebuilt(self, path: str, name: str) -> bool:
        """Whether a step drops a table of this name, or renames one from or to it."""
        folded = name.lower()
        return any(key[1].lower() == folded for key in self.rebuilt.get(self.steps[path], ()))

    def ever(self) -> Iterator[tuple[Key, Table]]:
        """All versions of all tables, temporary ones too."""
        for key, versions in self._versions.items():
            yield from ((key, table) for table in versions.tables if table is not None)
        yield from ((("", name), table) for (_, name), table in self._temporary.items())


def operation_key(operation: Operation) -> TableRef | None:
    """The table that an operation changes; None where it names none, or makes it."""
    table = getattr(operation, "table", None)
    return table if isinstance(table, TableRef) else None
