"""Columns that take no NULL and are given none but that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from infralint.facts.sql import SqlInsert, SqlRow
from infralint.project.lookup import Known
from infralint.project.queries import Queries, Statement
from infralint.project.schema import KnownColumn, Table
from infralint.source import Span


@dataclass(frozen=True, slots=True)
class MissingValue:
    """A change of `table` that fails for its NOT NULL columns; `null`: the NULL that is written out for the one."""

    path: str
    span: Span
    table: Table
    columns: tuple[KnownColumn, ...]
    null: bool = False


def missing_values(queries: Queries) -> Iterator[MissingValue]:
    """INSERTs of a file that leave out what they must give, and NULLs that are written where none may stand."""
    return queries.agreed(lambda statement: _missing_in(queries, statement))


def _missing_in(queries: Queries, statement: Statement) -> Iterator[MissingValue]:
    if not statement.facts.executed or queries.is_revision:
        # The steps of a revision run in an order of their own, between them the table is another.
        return
    for insert in statement.facts.inserts:
        found = statement.find(insert.table)
        if isinstance(found, Known) and not insert.lenient and insert.table.name.lower() not in queries.makers.remade:
            yield from _of_insert(statement, insert, found.value)
    yield from _set_to_null(statement)


def _of_insert(statement: Statement, insert: SqlInsert, table: Table) -> Iterator[MissingValue]:
    names = _names(statement, insert, table)
    if names is None:
        return
    given = [name.lower() for name in names]
    lacking = [
        column
        for column in statement.schema.required(table, statement.path)
        if (column.name.lower() not in given or _is_default(insert, given.index(column.name.lower())))
        # SQLite counts integer keys itself, and takes NULL in others.
        and (statement.strict or not any(made.primary_key for _, made in column.declared))
    ]
    if lacking and not insert.open:
        yield MissingValue(statement.path, insert.table.span, table, tuple(lacking))
    for row in insert.rows:
        yield from _nulls(statement, row, given, table)


def _names(statement: Statement, insert: SqlInsert, table: Table) -> tuple[str, ...] | None:
    """The columns that are given; without a list of them, as many as there are values, in the table's order."""
    if insert.columns is not None:
        return insert.columns
    columns = statement.schema.columns(table, statement.path)
    widths = {row.count for row in insert.rows}
    if len(widths) != 1 or not isinstance(columns, Known) or -1 in widths:
        return None
    return tuple(column.name for column in columns.value[: widths.pop()])


def _is_default(insert: SqlInsert, position: int) -> bool:
    """Whether a row gives DEFAULT, which is NULL where there is none."""
    return any(at == position and literal.kind == "default" for row in insert.rows for at, literal in row.literals)


def _nulls(statement: Statement, row: SqlRow, given: list[str], table: Table) -> Iterator[MissingValue]:
    for at, literal in row.literals:
        if literal.kind != "null" or row.count != len(given):
            continue
        column = statement.schema.column(table, given[at], statement.path)
        if isinstance(column, Known) and refuses_null(statement, column.value):
            yield MissingValue(statement.path, literal.span, table, (column.value,), True)


def _set_to_null(statement: Statement) -> Iterator[MissingValue]:
    """`SET a = NULL`."""
    nulls = [
        (comparison.column, literal)
        for comparison in statement.facts.comparisons
        for literal in comparison.literals
        if literal.kind == "null"
    ]
    refs = statement.refs() if nulls else {}
    for place, literal in nulls:
        found = statement.written(*refs[place]) if place in refs else None
        if found is not None and refuses_null(statement, found[1]):
            yield MissingValue(statement.path, literal.span, found[0], (found[1],), True)


def refuses_null(statement: Statement, column: KnownColumn) -> bool:
    """Whether a column takes no NULL by all that is known of it; a key that counts itself may take the next number."""
    found = [made for declaration, made in column.declared if not declaration.weak]
    strict = all(made.nullable is False and not (made.fills or made.open) for made in found)
    counts = any(made.generated or made.primary_key for made in found)
    return bool(found) and strict and (statement.strict or not counts)
