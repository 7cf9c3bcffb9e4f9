"""Columns that statements name and nothing declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from infralint.facts.sql import SqlRef, SqlScope, SqlSource, SqlTable
from infralint.facts.text import HOLE
from infralint.project.lookup import Absent, Known, Open
from infralint.project.queries import Queries, Statement
from infralint.project.schema import KnownColumn, Table
from infralint.source import Span

# Columns that every table has: PostgreSQL manual 5.6 "System Columns" (oid until version 11),
# sqlite.org/rowidtable, MySQL 8 manual 15.1.20.11 (`_rowid`).
_SYSTEM_COLUMNS = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid", "rowid", "_rowid_", "_rowid"})
# So many unknown columns in one statement, and most of all that it names, are no slip.
_MANY_UNKNOWN = 5
# `t.count` may be `count(t)` (PostgreSQL manual 4.2.6, functional notation): functions that take any row.
_ROW_FUNCTIONS = frozenset(
    {
        "array_agg", "count", "hstore", "json_agg", "jsonb_agg", "pg_column_size", "row_to_json", "to_json", "to_jsonb",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class UnknownColumn:
    """A column that nothing declares: its place, and the tables or subqueries in which it was looked for.

    `near`: the columns of these tables; `elsewhere`: what else the statement reads that has the column;
    `renamed`: the column that it has become. `reason`: why what looks right is not, "" for none.
    """

    path: str
    name: str
    span: Span
    tables: tuple[Table, ...]
    subqueries: tuple[str, ...]
    near: tuple[str, ...]
    elsewhere: tuple[str, ...]
    renamed: KnownColumn | None = None
    reason: str = ""


def unknown_columns(queries: Queries) -> Iterator[UnknownColumn]:
    """Every place of a file that names a column which all that could declare it does not declare."""
    return queries.agreed(_unknown_of)


def _unknown_of(statement: Statement) -> tuple[UnknownColumn, ...]:
    found = _once(_unknown_in(statement)) if statement.is_ours else ()
    return () if _speaks_of_another_database(statement, found) else found


def _once(found: Iterable[UnknownColumn]) -> tuple[UnknownColumn, ...]:
    """One for each place: a column of USING is looked for on both sides."""
    by_place: dict[Span, UnknownColumn] = {}
    for each in found:
        known = by_place.get(each.span)
        by_place[each.span] = each if known is None else _joined(known, each)
    return tuple(by_place.values())


def _joined(left: UnknownColumn, right: UnknownColumn) -> UnknownColumn:
    return replace(
        left,
        tables=(*left.tables, *(table for table in right.tables if table not in left.tables)),
        subqueries=(*left.subqueries, *(name for name in right.subqueries if name not in left.subqueries)),
        near=(*left.near, *right.near),
    )


def _speaks_of_another_database(statement: Statement, found: tuple[UnknownColumn, ...]) -> bool:
    """Whether so much of a statement is unknown that its table is more likely a namesake in another database.

    Such statements import from other programs' files. A column that was renamed leaves the others known.
    """
    unknown = {each.name.lower() for each in found}
    named = {ref.name.lower() for scope in statement.facts.scopes for ref in scope.refs}
    return len(unknown) >= _MANY_UNKNOWN and 3 * len(unknown) >= 2 * len(named)


def _unknown_in(statement: Statement) -> Iterator[UnknownColumn]:
    for scope in statement.facts.scopes:
        for ref in scope.refs:
            if ref.name.lower() in _SYSTEM_COLUMNS:
                continue
            found = _qualified(statement, scope, ref) if ref.qualifier else _unqualified(statement, scope, ref)
            if found is not None:
                yield found


def _qualified(statement: Statement, scope: SqlScope, ref: SqlRef) -> UnknownColumn | None:
    if ref.clause == "set" and statement.strict:
        # `SET a.b = ...`: PostgreSQL takes `a` for a column, which "field" stands for.
        return None
    meant = statement.meant(scope, ref.qualifier)
    if ref.clause == "row" and _may_be_column(statement, scope, ref.qualifier):
        return None
    if not meant or any(not isinstance(statement.column(source, ref), Absent) for source in meant):
        return None
    if ref.name.lower() in statement.schema.functions or ref.name.lower() in _ROW_FUNCTIONS:
        return None
    return _unknown(statement, ref, meant[:1], scope)


def _may_be_column(statement: Statement, scope: SqlScope, name: str) -> bool:
    """Whether `(name).x` may be a field of a column, which goes before the row of a source."""
    sources = [source for around in statement.chain(scope) for source in around.sources]
    return any(not isinstance(statement.lookup(source, name), Absent) for source in sources)


def _unqualified(statement: Statement, scope: SqlScope, ref: SqlRef) -> UnknownColumn | None:
    if statement.takes_strings(ref) or _is_output(statement, scope, ref):
        return None
    if ref.clause in ("field", "values") and not statement.strict:
        # MySQL has tables in `SET a.b = ...`, and the columns before it in a row of VALUES.
        return None
    key = ref.name.lower()
    sources: list[SqlSource] = []
    for around in statement.chain(scope):
        if around.open:
            return None
        for source in statement.visible(around):
            if source.alias.lower() == key and ref.clause != "field":
                return None
            if not isinstance(statement.column(source, ref), Absent):
                return None
        sources = sources or statement.visible(around)
    if not sources and ref.clause != "values":
        return None
    return _unknown(statement, ref, sources, scope)


def _is_output(statement: Statement, scope: SqlScope, ref: SqlRef) -> bool:
    """Whether the name may be one of the result's. In the list of the result itself none is visible."""
    visible = ("order", "group") if statement.strict else ("order", "group", "within", "having", "where")
    if ref.clause not in visible:
        return False
    key = ref.name.lower()
    by_query = ref.clause in ("order", "group")
    names = {output.name.lower() for output in scope.outputs if output.alias or by_query}
    unwritten = any(not output.name and (not output.star or HOLE in output.qualifier) for output in scope.outputs)
    # PostgreSQL names `max(x)` max; in WHERE only a written name can be meant.
    return key in names or (unwritten and ref.clause != "where")


def _unknown(statement: Statement, ref: SqlRef, sources: list[SqlSource], scope: SqlScope) -> UnknownColumn:
    tables: list[Table] = []
    for source in sources:
        found = statement.find(source.table) if source.table else Open("")
        if isinstance(found, Known) and found.value not in tables:
            tables.append(found.value)
    schema = statement.schema
    named = (source.alias for source in sources if source.kind == "query")
    return UnknownColumn(
        statement.path,
        # The server folds what has no quotes.
        ref.name.lower() if statement.strict and not ref.quoted else ref.name,
        ref.span,
        tuple(tables),
        tuple(alias for alias in named if alias.isprintable() and alias),
        tuple(name for table in tables for name in schema.column_names(table)),
        tuple(dict.fromkeys(_elsewhere(statement, ref, scope, sources))),
        next((new for table in tables if (new := schema.renamed(table, ref.name))), None),
        _reason(ref, scope, sources),
    )


def _reason(ref: SqlRef, scope: SqlScope, sources: list[SqlSource]) -> str:
    key = ref.name.lower()
    if ref.clause == "field" and key in [source.alias.lower() for source in sources]:
        return "PostgreSQL takes no table before the column in SET"
    if key in [output.name.lower() for output in scope.outputs if output.alias]:
        if ref.clause == "within":
            return f"`{ref.name}` is a name of the result, which must stand alone here"
        return f"`{ref.name}` is a name of the result, which is not known here yet"
    return ""


def _elsewhere(statement: Statement, ref: SqlRef, scope: SqlScope, looked: list[SqlSource]) -> Iterator[str]:
    """Other sources of the statement that do have the column, as they are called there: the nearest first."""
    for around in (*statement.chain(scope), *statement.facts.scopes):
        for source in around.sources:
            known = source not in looked and isinstance(statement.lookup(source, ref.name), Known)
            if known and source.alias and source.alias.isprintable() and not _same_table(source.table, looked):
                yield source.alias


def _same_table(table: SqlTable | None, looked: list[SqlSource]) -> bool:
    return table is not None and any(s.table and s.table.name.lower() == table.name.lower() for s in looked)
