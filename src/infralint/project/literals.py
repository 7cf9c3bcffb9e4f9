"""Literals that the columns beside them do not take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from infralint.facts.sql import SqlComparison, SqlInsert, SqlLiteral, SqlRef, SqlScope
from infralint.project.lookup import Known
from infralint.project.queries import Queries, Statement
from infralint.project.schema import Allowed, Table
from infralint.source import Span


@dataclass(frozen=True, slots=True)
class InvalidLiteral:
    """A literal that `column` of `table` never holds, by `allowed`; of a cast `table` is None, and the type says it.

    `fails`: the server refuses it; else it is compared in vain.
    """

    path: str
    span: Span
    value: str
    allowed: Allowed
    column: str = ""
    table: Table | None = None
    fails: bool = True


def invalid_literals(queries: Queries) -> Iterator[InvalidLiteral]:
    """Literals of a file that are written to columns, compared with them, or cast."""
    return queries.agreed(lambda statement: _invalid_in(queries, statement))


def _invalid_in(queries: Queries, statement: Statement) -> Iterator[InvalidLiteral]:
    for insert in statement.facts.inserts:
        yield from _of_insert(statement, insert)
    refs = statement.refs() if statement.facts.comparisons else {}
    for comparison in statement.facts.comparisons:
        if comparison.type:
            yield from _of_cast(queries, statement, comparison)
        elif comparison.column in refs:
            yield from _of_comparison(statement, comparison.literals, *refs[comparison.column])


def _of_insert(statement: Statement, insert: SqlInsert) -> Iterator[InvalidLiteral]:
    found = statement.find(insert.table)
    if not isinstance(found, Known) or insert.open:
        return
    names = insert.columns
    if names is None:
        columns = statement.schema.columns(found.value, statement.path)
        names = tuple(column.name for column in columns.value) if isinstance(columns, Known) else ()
    for row in insert.rows:
        for at, literal in row.literals:
            if at < len(names) and (insert.columns is None or row.count == len(names)):
                yield from _judged(statement, found.value, names[at], (literal,), written=True)


def _of_comparison(
    statement: Statement, literals: tuple[SqlLiteral, ...], scope: SqlScope, ref: SqlRef
) -> Iterator[InvalidLiteral]:
    written = statement.written(scope, ref)
    owner = written or statement.compared(scope, ref)
    if owner is not None:
        table, column = owner
        yield from _judged(statement, table, column.name, literals, written=written is not None)


def _judged(
    statement: Statement,
    table: Table,
    name: str,
    literals: tuple[SqlLiteral, ...],
    *,
    written: bool,
) -> Iterator[InvalidLiteral]:
    column = statement.schema.column(table, name, statement.path)
    allowed = statement.schema.allowed(column.value) if isinstance(column, Known) else None
    if allowed is None or (table.open and not allowed.name):
        return
    for literal in literals:
        if _is_refused(statement, literal, allowed):
            # A CHECK looks at what is written alone; an enum's label is looked up wherever it stands.
            fails = written or bool(allowed.name)
            yield InvalidLiteral(statement.path, literal.span, literal.value, allowed, name, table, fails)


def _of_cast(queries: Queries, statement: Statement, comparison: SqlComparison) -> Iterator[InvalidLiteral]:
    allowed = queries.enum(comparison.type)
    if allowed is None or not statement.facts.executed:
        return
    for literal in comparison.literals:
        if _is_refused(statement, literal, allowed):
            yield InvalidLiteral(statement.path, literal.span, literal.value, allowed)


def _is_refused(statement: Statement, literal: SqlLiteral, allowed: Allowed) -> bool:
    kinds = {label.kind for label in allowed.values}
    if literal.kind not in kinds or len(kinds) != 1:
        return False
    texts = [label.text for label in allowed.values]
    if statement.dialect == "mysql":
        # MySQL's usual collations compare without letter case and trailing spaces.
        return literal.value.rstrip().casefold() not in [text.rstrip().casefold() for text in texts]
    return literal.value not in texts
