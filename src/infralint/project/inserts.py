"""What INSERT gives, beside what the table takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from infralint.facts.sql import SqlInsert, SqlRow, SqlStatement, SqlTable
from infralint.project.lookup import Known
from infralint.project.queries import Queries, Statement
from infralint.source import Span


@dataclass(frozen=True, slots=True)
class Miscount:
    """An INSERT into `table` that gives `given` values, in the row of VALUES at `row`, where there should be `wanted`.

    `by` says what counts: "list" (its list of columns), "table" (all columns of the table) or "row" (its first row).
    """

    path: str
    table: SqlTable
    by: str
    wanted: int
    given: int
    row: Span | None = None
    created: tuple[str, Span] | None = None

    @property
    def span(self) -> Span:
        """The table's name after INTO."""
        return self.table.span


def miscounted(queries: Queries) -> Iterator[Miscount]:
    """INSERTs of a file whose lists differ in number; of several rows the first that does."""
    return queries.agreed(lambda statement: _miscounted_in(queries, statement))


def _miscounted_in(queries: Queries, statement: Statement) -> Iterator[Miscount]:
    if not (statement.facts.executed and statement.names_a_table):
        return
    for insert in statement.facts.inserts:
        if not insert.open and (insert.columns is not None or insert.table.name.lower() not in queries.makers.remade):
            found = statement.find(insert.table)
            places = found.value.places if isinstance(found, Known) else []
            for wrong in _miscount(statement, insert):
                yield replace(wrong, created=places[0] if places else None)


def _miscount(statement: Statement, insert: SqlInsert) -> Iterator[Miscount]:
    path, table = statement.path, insert.table
    counted = [row for row in insert.rows if row.count >= 0]
    if insert.columns is None:
        yield from _without_list(statement, insert, counted)
        return
    wanted = len(insert.columns)
    wrong = next((row for row in counted if row.count != wanted), None)
    if wrong is not None:
        yield Miscount(path, table, "list", wanted, wrong.count, wrong.span)
    elif insert.query >= 0:
        width = width_of(statement.facts, insert.query)
        if width is not None and width != wanted:
            yield Miscount(path, table, "list", wanted, width)


def _without_list(statement: Statement, insert: SqlInsert, counted: Sequence[SqlRow]) -> Iterator[Miscount]:
    """Rows that differ from each other, or do not fit the table."""
    path, table = statement.path, insert.table
    first = counted[0].count if counted else 0
    other = next((row for row in counted if row.count != first), None)
    if other is not None:
        yield Miscount(path, table, "row", first, other.count, other.span)
        return
    found = statement.find(table)
    columns = statement.schema.columns(found.value, path) if isinstance(found, Known) else found
    if not counted or not isinstance(columns, Known):
        return
    width = len(columns.value)
    generated = any(made.generated for column in columns.value for _, made in column.declared)
    if first > width or (first < width and statement.dialect in ("mysql", "sqlite") and not generated):
        yield Miscount(path, table, "table", width, first, counted[0].span)


def width_of(statement: SqlStatement, index: int, depth: int = 0) -> int | None:
    """The number of columns that a query gives; None where it is not known."""
    if not 0 <= index < len(statement.scopes) or depth > len(statement.scopes):
        return None
    scope = statement.scopes[index]
    if not scope.outputs:
        return None
    width = 0
    for output in scope.outputs:
        if not output.star:
            width += 1
            continue
        meant = [source for source in scope.sources if not output.qualifier or source.alias == output.qualifier]
        inner = width_of(statement, meant[0].query, depth + 1) if len(meant) == 1 else None
        if inner is None:
            return None
        width += inner
    return width
