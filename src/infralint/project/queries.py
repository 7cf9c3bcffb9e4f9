"""The SQL statements of the project beside its schema: which names mean nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from infralint.facts.files import FileFacts
from infralint.facts.sql import SqlRef, SqlScope, SqlSource, SqlStatement
from infralint.project.lookup import Absent, Known, Lookup, Open
from infralint.project.places import is_test
from infralint.project.schema import KnownColumn, Schema, Table
from infralint.source import Span

# Columns that every table has: PostgreSQL manual 5.6 "System Columns" (oid until version 11),
# sqlite.org/rowidtable, MySQL 8 manual 15.1.20.11 (`_rowid`).
_SYSTEM_COLUMNS = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid", "rowid", "_rowid_", "_rowid"})
# So many unknown columns in one statement, and most of all that it names, are no slip.
_MANY_UNKNOWN = 5
# `t.count` may be `count(t)` (PostgreSQL manual 4.2.6, functional notation): functions that take any row.
_ROW_FUNCTIONS = frozenset(
    {
        "array_agg",
        "count",
        "hstore",
        "json_agg",
        "jsonb_agg",
        "pg_column_size",
        "row_to_json",
        "to_json",
        "to_jsonb",
    }
)
_TARGET_CLAUSES = frozenset({"insert", "set", "conflict"})


@dataclass(frozen=True, slots=True)
class UnknownColumn:
    """A column that nothing declares: its place, and the tables or subqueries in which it was looked for.

    `near`: the columns of these tables; `elsewhere`: what else the statement reads that has the column;
    `renamed`: the column that it has become.
    """

    path: str
    name: str
    span: Span
    tables: tuple[Table, ...]
    subqueries: tuple[str, ...]
    near: tuple[str, ...]
    elsewhere: tuple[str, ...]
    renamed: KnownColumn | None = None


class Queries:
    """All statements of all files."""

    def __init__(self, files: Mapping[str, FileFacts], schema: Schema) -> None:
        self.files = files
        self.schema = schema
        drivers = {driver for facts in files.values() if facts.sql for driver in facts.sql.drivers}
        # SQLite takes a double-quoted name that no column has for a string, and sees result names in WHERE.
        self.strict = drivers == {"postgres"}

    def unknown_columns(self) -> Iterator[UnknownColumn]:
        """Every place that names a column which all that could declare it does not declare."""
        for path, facts in self.files.items():
            if facts.sql is None or "other" in facts.sql.drivers:
                continue
            for statement in facts.sql.statements:
                if not statement.guarded and (statement.executed or not is_test(path)):
                    found = _once(_Resolver(self, path, statement).unknown())
                    if not _speaks_of_another_database(statement, found):
                        yield from found


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


def _speaks_of_another_database(statement: SqlStatement, found: tuple[UnknownColumn, ...]) -> bool:
    """Whether so much of a statement is unknown that its table is more likely a namesake in another database.

    Such statements import from other programs' files. A column that was renamed leaves the others known.
    """
    unknown = {each.name.lower() for each in found}
    named = {ref.name.lower() for scope in statement.scopes for ref in scope.refs}
    return len(unknown) >= _MANY_UNKNOWN and 3 * len(unknown) >= 2 * len(named)


class _Resolver:
    """The names of one statement."""

    def __init__(self, queries: Queries, path: str, statement: SqlStatement) -> None:
        self.schema = queries.schema
        self.strict = queries.strict
        self.path = path
        self.statement = statement

    def unknown(self) -> Iterator[UnknownColumn]:
        if not self._names_a_table():
            return
        for scope in self.statement.scopes:
            for ref in scope.refs:
                if ref.name.lower() in _SYSTEM_COLUMNS:
                    continue
                found = self._qualified(scope, ref) if ref.qualifier else self._unqualified(scope, ref)
                if found is not None:
                    yield found

    def _names_a_table(self) -> bool:
        """Whether a declared table is read: else nothing shows that the server is one of ours."""
        tables = (source.table for scope in self.statement.scopes for source in scope.sources if source.table)
        return any(isinstance(self.schema.find(table, self.path), Known) for table in tables)

    def _chain(self, scope: SqlScope) -> Iterator[SqlScope]:
        """The scope and those around it whose sources it sees."""
        seen = 0
        while seen <= len(self.statement.scopes):
            yield scope
            if scope.parent < 0:
                return
            scope = self.statement.scopes[scope.parent]
            seen += 1

    def _lookup(self, source: SqlSource, name: str) -> Lookup[KnownColumn | None]:
        return self.schema.source(self.statement, source, name, self.path)

    def _qualified(self, scope: SqlScope, ref: SqlRef) -> UnknownColumn | None:
        key, name = ref.qualifier.lower(), ref.name.lower()
        for around in self._chain(scope):
            meant = [source for source in around.sources if source.alias.lower() == key]
            if not meant:
                continue
            if any(not isinstance(self._lookup(source, name), Absent) for source in meant):
                return None
            if name in self.schema.functions or name in _ROW_FUNCTIONS:
                return None
            return self._unknown(ref, meant[:1], scope)
        return None

    def _unqualified(self, scope: SqlScope, ref: SqlRef) -> UnknownColumn | None:
        name = ref.name.lower()
        if ref.quoted and not self.strict and ref.clause not in _TARGET_CLAUSES:
            return None
        if self._is_output(scope, ref):
            return None
        sources: list[SqlSource] = []
        for around in self._chain(scope):
            if around.open:
                return None
            for source in around.sources:
                if source.alias.lower() == name or not isinstance(self._lookup(source, name), Absent):
                    return None
            sources = sources or list(around.sources)
        return self._unknown(ref, sources, scope) if sources else None

    def _is_output(self, scope: SqlScope, ref: SqlRef) -> bool:
        """Whether the name may be one of the result's. In the list of the result itself none is visible."""
        visible = ("order", "group") if self.strict else ("order", "group", "having", "where")
        if ref.clause not in visible:
            return False
        name = ref.name.lower()
        aliases = {output.name.lower() for output in scope.outputs if output.alias}
        unwritten = any(not output.name and not output.star for output in scope.outputs)
        # PostgreSQL names `max(x)` max; in WHERE only a written name can be meant.
        return name in aliases or (unwritten and ref.clause != "where")

    def _unknown(self, ref: SqlRef, sources: list[SqlSource], scope: SqlScope) -> UnknownColumn:
        tables: list[Table] = []
        for source in sources:
            found = self.schema.find(source.table, self.path) if source.table else Open("")
            if isinstance(found, Known) and found.value not in tables:
                tables.append(found.value)
        near = tuple(name for table in tables for name in self.schema.column_names(table))
        return UnknownColumn(
            self.path,
            ref.name,
            ref.span,
            tuple(tables),
            tuple(
                source.alias
                for source in sources
                if source.kind == "query" and source.alias.isprintable() and source.alias
            ),
            near,
            tuple(self._elsewhere(ref, scope, sources)),
            next((new for table in tables if (new := self.schema.renamed(table, ref.name))), None),
        )

    def _elsewhere(self, ref: SqlRef, scope: SqlScope, meant: list[SqlSource]) -> Iterator[str]:
        """Other sources of the statement that do have the column, as they are called there."""
        for around in self._chain(scope):
            for source in around.sources:
                if source not in meant and isinstance(self._lookup(source, ref.name), Known):
                    yield source.alias
