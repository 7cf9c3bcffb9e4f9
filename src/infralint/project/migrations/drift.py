"""Models beside the schema that the migrations lead to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from infralint.project.catalog import Catalog, Column, Table
from infralint.project.migrations.history import History
from infralint.project.migrations.target import Target
from infralint.project.places import is_example, is_test
from infralint.project.postgres_types import family
from infralint.project.replay.operations import OpenTables, Operation
from infralint.project.replay.state import key_of

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference between a model's table and the database.

    `kind`: "table" and "column" (no revision makes it), "unknown-column" (NOT NULL without a default, and no model
    knows it), "nullable", "type". `model`: the model's column; `database`: that of the migrations.
    """

    kind: str
    table: Table
    history: History
    model: Column | None = None
    database: Column | None = None
    made: Table | None = None


class Comparisons:
    """The differences of tables, for as long as they are asked for of the same columns."""

    def __init__(self) -> None:
        self._before: dict[tuple[int, int], _Comparison] = {}
        self._now: dict[tuple[int, int], _Comparison] = {}

    def begin(self) -> None:
        """All are about to be asked for: those that are not are forgotten."""
        self._before, self._now = self._now, {}

    def of(self, history: History, table: Table, made: Table) -> tuple[Drift, ...]:
        """The differences between a model's table and what a history makes of it."""
        key, columns = (id(table), id(made)), tuple(table.columns.values())
        known = self._before.get(key)
        if known is None or known.columns != columns or known.history is not history:
            known = _Comparison(history, table, made, columns, tuple(_of_columns(history, table, made)))
        self._now[key] = known
        return known.drifts


@dataclass(frozen=True, slots=True)
class _Comparison:
    """The differences of two tables, which must not go as their ids are the key."""

    history: History
    table: Table
    made: Table
    columns: tuple[Column, ...]
    drifts: tuple[Drift, ...]


def drifts(
    histories: Iterable[History],
    targets: Mapping[str, Target],
    modules: Mapping[str, frozenset[str]],
    comparisons: Comparisons,
) -> Iterator[Drift]:
    """All differences of environments whose end state and whose models are known. `targets`, and the `modules` whose
    tables are meant, by env.py. `comparisons`: what is known of tables."""
    comparisons.begin()
    known = list(histories)
    for history in known:
        target = targets.get(history.environment.env)
        if target is None or not target.metadatas or not _has_end(history):
            continue
        others = [other for other in known if other is not history and _shares(other, history)]
        touched = {key for other in others for key in _touched(other)}
        if None in touched:
            # Another chain works on the same database, and on which tables cannot be told.
            continue
        yield from _of_history(history, target, modules[history.environment.env], frozenset(touched), comparisons)


def _has_end(history: History) -> bool:
    """Whether all revisions run in one order, and no table is altered that nobody made."""
    graph = history.environment.graph
    return not history.catalog.open and bool(graph.order) and len(graph.heads) == 1


def _shares(other: History, history: History) -> bool:
    """Whether another chain may migrate the same database: it has no env.py of its own that names other models."""
    return not other.environment.env or other.environment.env == history.environment.env


def _touched(history: History) -> Iterator[Key | None]:
    """Tables that a chain works on; None for "any"."""
    if history.environment.graph.members and not history.steps:
        yield None
    for step in history.steps:
        for operation in step.operations:
            yield from _tables_of(operation)


def _tables_of(operation: Operation) -> Iterator[Key | None]:
    if isinstance(operation, OpenTables):
        if not operation.tables:
            yield None
        yield from (key_of(ref.schema, ref.name) for ref in operation.tables)
    ref = getattr(operation, "table", None)
    if ref is not None:
        yield key_of(ref.schema, ref.name)


def _of_history(
    history: History,
    target: Target,
    modules: frozenset[str],
    touched: frozenset[Key | None],
    comparisons: Comparisons,
) -> Iterator[Drift]:
    for metadata in target.metadatas:
        for table in metadata.catalog.tables.values():
            key = key_of(table.schema, table.name)
            if (
                key not in touched
                and table.origin.path in modules
                and table.kind == "table"
                and not table.open
                # A model of a test's own is made and dropped by the test.
                and not (is_test(table.origin.path) or is_example(table.origin.path))
                and target.includes("table", table.name, table)
            ):
                made = history.catalog.tables.get(key) or _folded(history.catalog, key)
                if made is None:
                    yield Drift("table", table, history)
                elif not made.open and made.kind == "table":
                    yield from (each for each in comparisons.of(history, table, made) if _includes(target, each))


def _includes(target: Target, drift: Drift) -> bool:
    """Whether Alembic compares the column."""
    column = drift.model or drift.database
    return column is None or target.includes("column", column.name)


def _of_columns(history: History, table: Table, made: Table) -> Iterator[Drift]:
    for column in table.columns.values():
        yield from _of_column(history, table, made, column)
    names = {name.lower() for name in table.columns}
    for column in made.columns.values():
        if column.name.lower() not in names and _must_be_given(column):
            yield Drift("unknown-column", table, history, None, column, made)


def _folded(catalog: Catalog, key: Key) -> Table | None:
    close = [each for name, each in catalog.tables.items() if name[0] == key[0] and name[1].lower() == key[1].lower()]
    return close[0] if len(close) == 1 else None


def _must_be_given(column: Column) -> bool:
    """Whether an INSERT that leaves the column out fails."""
    if column.open or column.nullable is not False:
        return False
    return not (column.server_default or column.generated or column.fills)


def _of_column(history: History, table: Table, made: Table, column: Column) -> Iterator[Drift]:
    if column.open:
        return
    name = column.name.lower()
    found = made.columns.get(column.name) or next((c for c in made.columns.values() if c.name.lower() == name), None)
    if found is None:
        yield Drift("column", table, history, column, None, made)
    elif not found.open:
        if None not in (column.nullable, found.nullable) and column.nullable != found.nullable:
            yield Drift("nullable", table, history, column, found, made)
        if column.type == found.type:
            return
        ours, theirs = family(column.type), family(found.type, history.catalog)
        if ours is not None and theirs is not None and ours != theirs:
            yield Drift("type", table, history, column, found, made)
