"""The databases that a project's SQL declares: histories of .sql files, and definitions that stand anywhere else.

What has no order (a folder of .sql files without versions, definitions in Python strings) is a union: every file is
run for itself, in the order of its statements; what it changes of other files' tables comes last, and takes nothing
away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from infralint.facts.sql import SqlFacts
from infralint.project.catalog import Catalog, Column, Constraint, Table
from infralint.project.replay import tables as edit
from infralint.project.replay.apply import apply
from infralint.project.replay.ddl import operations_of
from infralint.project.replay.operations import (
    AlterColumn,
    CreateFromQuery,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropSchema,
    DropTable,
    DropType,
    MoveTable,
    OpenTables,
    Operation,
    RenameColumn,
    RenameConstraint,
    RenameTable,
    TableRef,
)
from infralint.project.replay.order import histories, is_undo
from infralint.project.replay.state import State
from infralint.project.replay.timeline import Timeline, operation_key


class SqlDatabases:
    """`histories`: of folders with an order; `local`: each other file for itself; `loose`: these together.

    `paths`: all files with SQL; `declared`: what those declare that declare anything, by path. `left_out` tells of a
    path whether something else replays it.
    """

    def __init__(self, paths: Iterable[str], declared: Mapping[str, SqlFacts], left_out: Callable[[str], bool]) -> None:
        self.histories: list[Timeline] = []
        self.local: dict[str, Timeline] = {}
        self.loose = State("sql")
        changing = {path for path, facts in declared.items() if facts.statements}
        ordered, unordered = histories(path for path in paths if path.endswith(".sql") and not is_undo(path))
        for history in ordered:
            if not changing.isdisjoint(history.paths):
                self._run_history(history.root, [(path, declared.get(path, SqlFacts())) for path in history.paths])
        others = sorted(path for path in changing if not path.endswith(".sql") and not left_out(path))
        self._run_loose([(path, declared[path]) for path in (*unordered, *others) if path in changing])

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
            timeline.run(path, own.kept(placed if path.endswith(".sql") else _of_code(timeline.state, placed)))
            foreign += own.foreign
            _join(self.loose, timeline.state)
        for operation in foreign:
            self._apply_foreign(operation)

    def _apply_foreign(self, operation: Operation) -> None:
        """What a file does to tables of other files: when it does so cannot be told."""
        if isinstance(operation, (CreateFromQuery, CreateTable)):
            self.loose.tables.pop(self.loose.home(operation.table.schema, operation.table.name), None)
        elif isinstance(operation, RenameColumn):
            operation = replace(operation, certain=False)
        for _, each in _of_code(self.loose, [(0, operation)]):
            apply(self.loose, each)

    @cached_property
    def rebuilt_columns(self) -> dict[str, set[str]]:
        """Columns by table that Python code had in it before it made the table anew: it runs in an order of its own."""
        found: dict[str, set[str]] = {}
        for path, local in self.local.items():
            for key, version in local.ever() if path.endswith(".py") else ():
                if local.is_rebuilt(path, key[1]):
                    found.setdefault(key[1].lower(), set()).update(name.lower() for name in version.columns)
        return found

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


# What code does to a table that some database may still have, in an order that the file does not tell.
_TAKES_AWAY = (DropTable, DropType, DropSchema, MoveTable, DropIndex)
_CHANGES = (DropColumn, AlterColumn, DropConstraint, RenameConstraint)


def _of_code(state: State, placed: Iterable[tuple[int, Operation]]) -> Iterator[tuple[int, Operation]]:
    """The operations of a file whose statements do not run from top to bottom, such as upgrades of old databases.

    Nothing is taken away, and definitions of one table add up.
    """
    for offset, operation in placed:
        if isinstance(operation, _TAKES_AWAY):
            continue
        if isinstance(operation, _CHANGES):
            yield offset, replace(operation, certain=False)
        elif isinstance(operation, RenameTable):
            _rename_in_code(state, operation)
        elif (
            isinstance(operation, CreateTable)
            and state.home(operation.table.schema, operation.table.name) in state.tables
        ):
            other = State("sql")
            apply(other, operation)
            _join(state, other)
        else:
            yield offset, operation


def _rename_in_code(state: State, operation: RenameTable) -> None:
    """Both names have the columns: the table may have been renamed or not."""
    key = state.find(operation.table)
    if key is None or key in state.temporary:
        return
    table = state.tables[key]
    other = State("sql")
    other.put((key[0], operation.name), replace(edit.copied(table), name=operation.name))
    _join(state, other)


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
    """Both may be the table: a column that one lacks need not be given, a limit that one lacks does not hold."""
    limits = [each for each in table.constraints if _holds(each, other)]
    limits += [each for each in other.constraints if _holds(each, table) and each.name not in edit.names_in(table)]
    table.constraints = limits
    for name in table.columns:
        if edit.find_column(other, name) is None:
            table.columns[name] = replace(table.columns[name], nullable=None)
    for name, column in other.columns.items():
        known = edit.find_column(table, name)
        if known is None:
            table.columns[name] = replace(column, nullable=None)
        elif not _is_same(table.columns[known], column):
            table.columns[known] = _blurred(table.columns[known], column)
    for unknown in other.open:
        edit.mark_open(table, unknown)
    pointing = {key.columns for key in table.foreign_keys}
    table.foreign_keys += [each for each in other.foreign_keys if each.columns not in pointing]
    table.indexes += [each for each in other.indexes if each.name not in edit.names_in(table)]


def _holds(constraint: Constraint, other: Table) -> bool:
    """Whether a constraint of one declaration holds by another one, too, or is about columns of its own."""
    if not all(edit.find_column(other, name) for name in constraint.columns):
        return True
    same = (constraint.kind, constraint.columns, constraint.condition)
    return any((each.kind, each.columns, each.condition) == same for each in other.constraints)


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
