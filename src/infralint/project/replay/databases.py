"""The databases that a project's SQL declares: histories of .sql files, and definitions that stand anywhere else.

What has no order (a folder of .sql files without versions, definitions in Python strings) is a union: every file is
run for itself, in the order of its statements; what it changes of other files' tables comes last, and takes nothing
away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from infralint.facts.files import FileFacts
from infralint.facts.sql import SqlFacts
from infralint.project.catalog import Catalog, Column, Table, Unknown
from infralint.project.places import is_test
from infralint.project.replay import tables as edit
from infralint.project.replay.apply import apply
from infralint.project.replay.ddl import operations_of
from infralint.project.replay.operations import CreateFromQuery, CreateTable, OpenTables, Operation, TableRef
from infralint.project.replay.order import histories, is_undo
from infralint.project.replay.state import State
from infralint.project.replay.timeline import Timeline, operation_key


class SqlDatabases:
    """`histories`: of folders with an order; `local`: each other file for itself; `loose`: these together.

    `left_out` tells of a path whether something else replays it.
    """

    def __init__(self, files: Mapping[str, FileFacts], left_out: Callable[[str], bool]) -> None:
        self.histories: list[Timeline] = []
        self.local: dict[str, Timeline] = {}
        self.loose = State("sql")
        known = {path: facts.sql for path, facts in files.items() if facts.sql is not None}
        changing = {path for path, facts in known.items() if any(each.changes for each in facts.statements)}
        ordered, unordered = histories(path for path in known if path.endswith(".sql") and not is_undo(path))
        for history in ordered:
            if not changing.isdisjoint(history.paths):
                self._run_history(history.root, [(path, known[path]) for path in history.paths])
        others = sorted(path for path in known if not path.endswith(".sql") and not left_out(path))
        self._run_loose([(path, known[path]) for path in (*unordered, *others) if path in changing])

    def _run_history(self, root: str, steps: Iterable[tuple[str, SqlFacts]]) -> None:
        steps = list(steps)
        dialect = dialect_of(facts for _, facts in steps)
        timeline = Timeline("sql", root)
        for path, facts in steps:
            timeline.run(path, _operations(path, facts, dialect))
        self.histories.append(timeline)

    def _run_loose(self, files: list[tuple[str, SqlFacts]]) -> None:
        foreign: list[Operation] = []
        for path, facts in files:
            timeline = self.local[path] = Timeline("sql", path)
            placed = list(_operations(path, facts, dialect_of([facts])))
            own = _OwnTables(timeline.state)
            timeline.run(path, own.kept(placed))
            foreign += own.foreign
            _join(self.loose, timeline.state)
        for operation in foreign:
            if isinstance(operation, (CreateFromQuery, CreateTable)):
                self.loose.tables.pop(self.loose.home(operation.table.schema, operation.table.name), None)
            apply(self.loose, replace(operation, certain=operation.certain and _only_adds(operation)))

    @property
    def catalogs(self) -> tuple[Catalog, ...]:
        """One for each history, by its folder; and one, without a name, for all other definitions."""
        found = [timeline.catalog() for timeline in self.histories]
        if self.loose.tables or self.loose.enums or self.loose.domains:
            found.append(self.loose.catalog())
        return tuple(found)


def _operations(path: str, facts: SqlFacts, dialect: str) -> Iterator[tuple[int, Operation]]:
    for statement in facts.statements:
        for operation in operations_of(path, statement, dialect):
            yield statement.span.start, operation


def dialect_of(facts: Iterable[SqlFacts]) -> str:
    """The server whose words the definitions of a history use most; PostgreSQL if none."""
    counts = {"postgres": 0, "sqlite": 0, "mysql": 0}
    for each in facts:
        for driver in each.drivers:
            if driver in counts:
                counts[driver] += 3
        for statement in each.statements:
            for change in statement.changes:
                if change.flavour in counts:
                    counts[change.flavour] += 1
    return max(counts, key=lambda name: counts[name])


class _OwnTables:
    """Parts the operations of a file: those on its own tables, and those on tables of other files."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.foreign: list[Operation] = []

    def kept(self, placed: Iterable[tuple[int, Operation]]) -> Iterator[tuple[int, Operation]]:
        """The operations on own tables, to be applied as they come."""
        for offset, operation in placed:
            ref = operation_key(operation)
            if not self._is_own(operation, ref):
                self.foreign.append(operation)
            else:
                yield offset, operation
                if isinstance(operation, (CreateFromQuery, CreateTable)) and _reads_others(operation, self.state):
                    self.foreign.append(operation)

    def _is_own(self, operation: Operation, ref: TableRef | None) -> bool:
        if isinstance(operation, OpenTables):
            found = [self.state.find(table) for table in operation.tables]
            return bool(found) and None not in found
        return ref is None or self.state.find(ref) is not None


def _reads_others(operation: CreateFromQuery | CreateTable, state: State) -> bool:
    """Whether what a definition builds on is not in the file's own state."""
    if isinstance(operation, CreateTable):
        refs = (*operation.parents, *(like.table for like in operation.likes))
        return any(state.find(ref) is None for ref in refs)
    key = state.find(operation_ref(operation))
    return key is not None and bool(state.table(key).open)


def operation_ref(operation: CreateFromQuery) -> TableRef:
    """The table that a definition makes."""
    return TableRef(operation.table.name, operation.origin, operation.table.schema)


def _only_adds(operation: Operation) -> bool:
    """Whether an operation leaves what was there: then it does not matter when it runs."""
    return not type(operation).__name__.startswith(("Drop", "Rename", "Alter", "Move", "Set"))


def _join(loose: State, state: State) -> None:
    """Add a file's end state to that of all."""
    for key, table in state.tables.items():
        if key in loose.tables:
            _join_table(loose.own(key), table)
        else:
            loose.put(key, edit.copied(table))
        if key in state.queries:
            loose.queries[key] = state.queries[key]
        if key in state.former:
            loose.former[key] = {**loose.former.get(key, {}), **state.former[key]}
    for key, enum in state.enums.items():
        known = loose.enums.get(key)
        if known is None:
            loose.enums[key] = enum
        else:
            more = tuple(label for label in enum.labels if label not in known.labels)
            loose.enums[key] = replace(known, labels=known.labels + more, places=known.places + enum.places)
    loose.domains = {**state.domains, **loose.domains}
    loose.open += state.open
    loose.ignored += state.ignored
    loose.ever_temporary += state.ever_temporary


def _join_table(table: Table, other: Table) -> None:
    for name, column in other.columns.items():
        known = edit.find_column(table, name)
        if known is None:
            table.columns[name] = column
        elif not _is_same(table.columns[known], column):
            table.columns[known] = _blurred(table.columns[known], column)
    for unknown in other.open:
        edit.mark_open(table, unknown)
    if not is_test(other.origin.path) and not is_test(table.origin.path) and _limits(table) != _limits(other):
        edit.mark_constraints_open(table, Unknown("another file gives it other CHECK constraints", other.origin))
    table.constraints += [each for each in other.constraints if each not in table.constraints]
    table.foreign_keys += [
        each for each in other.foreign_keys if each.columns not in {k.columns for k in table.foreign_keys}
    ]
    table.indexes += [each for each in other.indexes if each.name not in {index.name for index in table.indexes}]


def _limits(table: Table) -> set[tuple[tuple[str, ...], frozenset[str]]]:
    """The values that CHECK constraints allow, by their columns."""
    return {
        (each.columns, frozenset(label.text for label in each.allowed)) for each in table.constraints if each.allowed
    }


def _is_same(one: Column, other: Column) -> bool:
    return replace(one, origin=other.origin) == other


def _blurred(one: Column, other: Column) -> Column:
    """A column that two files declare differently: what they agree on."""
    return replace(
        one,
        type=one.type if one.type == other.type else None,
        nullable=one.nullable if one.nullable == other.nullable else None,
        server_default=one.server_default or other.server_default,
        generated=one.generated or other.generated,
        fills=one.fills or other.fills,
    )
