"""The database's schema, as far as the project's files declare it.

It is the union of what models map (their Catalog), what migrations lead to, and what SQL declares, in .sql files and
in Python: a column is known if any of them has it. A table is whole only when every statement that touches it was
understood. A statement that stands in a migration is judged by the state of its time.
"""

from __future__ import annotations

import re
from typing import Any, Protocol

from infralint.facts.files import FileFacts
from infralint.facts.sql import SqlScope, SqlSource, SqlStatement, SqlTable
from infralint.facts.text import HOLE
from infralint.project.catalog import Table as Declared
from infralint.project.lookup import Absent, Known, Lookup, Open
from infralint.project.replay.databases import SqlDatabases
from infralint.project.replay.order import is_undo
from infralint.project.replay.state import DEFAULT_SCHEMAS
from infralint.project.replay.timeline import Timeline
from infralint.project.schema_notes import Notes
from infralint.project.schema_services import NamedTable
from infralint.project.schema_tables import Allowed, Declaration, KnownColumn, Table, allowed_values, is_required

__all__ = ["Allowed", "Declaration", "KnownColumn", "Schema", "Table"]

# Never declared by a project: catalogs of PostgreSQL, SQLite and MySQL.
_CATALOG_SCHEMAS = frozenset(
    {"pg_catalog", "information_schema", "mysql", "performance_schema", "sys", "pg_temp", "temp"}
)
_CATALOG_PREFIXES = ("pg_", "sqlite_", "_pg_")
# Folders of schema changes: Alembic's and Flask-Migrate's, Django's, Flyway's, those of plain SQL.
_MIGRATIONS = re.compile(r"(?:^|/)(?:migrations?|versions|deltas?|upgrades?|changelogs?)/", re.IGNORECASE)


class Asked(Protocol):
    """What the schema asks a project for."""

    files: dict[str, FileFacts]

    @property
    def schema_notes(self) -> Notes: ...
    @property
    def sql(self) -> SqlDatabases: ...
    def part(self, name: str, path: str) -> tuple[Any, ...]:
        """As that of a Project."""


class Schema:
    """All declared tables by name, each looked up when it is first asked for."""

    def __init__(self, project: Asked) -> None:
        self._project = project
        self._tables: dict[str, NamedTable | None] = {}
        self._timelines: dict[str, Timeline | None] = {}
        self._then: dict[tuple[int, ...], Table] = {}
        # By path, schema and name as written.
        self._found: dict[tuple[str, str, str], Lookup[Table]] = {}

    @property
    def _notes(self) -> Notes:
        return self._project.schema_notes

    def _named(self, key: str) -> NamedTable | None:
        if key not in self._tables:
            self._tables[key] = next(iter(self._project.part("schema_tables", key)), None)
        return self._tables[key]

    def _timeline(self, path: str) -> Timeline | None:
        """The history that a file is a step of."""
        if path not in self._timelines:
            self._timelines[path] = next(iter(self._project.part("timelines", path)), None)
        return self._timelines[path]

    def is_step(self, path: str) -> bool:
        """Whether a file is a step of a history."""
        return self._timeline(path) is not None or self._is_migration(path)

    @property
    def functions(self) -> set[str]:
        """Names of all functions that the project declares, in small letters."""
        return self._notes.functions

    # Tables

    def find(self, named: SqlTable, path: str) -> Lookup[Table]:
        """The table that a statement in `path` names. Absent: nothing declares it."""
        timeline = self._timeline(path)
        if timeline is not None and not (path.endswith(".sql") and is_undo(path)):
            return self._find_always(named) or self._find_then(timeline, named, path)
        # All statements of a file mean the same table by a name.
        key = (path, named.schema, named.name)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._find_always(named) or self._find_now(named, path)
        return found

    def _find_always(self, named: SqlTable) -> Open | None:
        """Why nothing can be said of a table, wherever it is named."""
        schema = named.schema.lower()
        if HOLE in named.name or HOLE in schema:
            return Open("its name is made at run time")
        if schema in _CATALOG_SCHEMAS or named.name.lower().startswith(_CATALOG_PREFIXES):
            return Open("a table of the server's catalog")
        return None

    def _find_now(self, named: SqlTable, path: str) -> Lookup[Table]:
        """The table as it is after all histories."""
        if path.endswith(".sql") and is_undo(path):
            return Open("it takes back what another file did")
        key = named.name.lower()
        declared = self._named(key)
        if declared is None:
            return Absent()
        table = declared.of(path)
        places = table.places
        if not places:
            return Open("nothing creates it, and something changes it")
        if not self._is_in_reach(table, named.schema.lower()):
            return Open("it is declared in another schema")
        if table.only_in_tests and not any(path == place for place, _ in places):
            return Open("only tests declare it")
        if self._is_migration(path) and not any(self._is_migration(place) for place, _ in places):
            # It speaks of the table of its time, and what it was then stands nowhere.
            return Open("no migration says how it came about")
        if self._notes.speaks_of_before(key, path):
            return Open("it was another table when this migration was written")
        return Known(table)

    def _is_in_reach(self, table: Table, schema: str) -> bool:
        if not schema:
            return bool(table.schemas & self._notes.search_path)
        return bool(table.schemas & (DEFAULT_SCHEMAS | {schema} if schema in DEFAULT_SCHEMAS else {schema}))

    def _find_then(self, timeline: Timeline, named: SqlTable, path: str) -> Lookup[Table]:
        """A table as it was when a step of a history ran."""
        offset = named.span.start if path.endswith(".sql") else None
        versions = timeline.at(path, offset, named.name, named.schema.lower())
        if not versions:
            key = named.name.lower()
            if timeline.state.open or timeline.is_rebuilt(path, key) or self._named(key) is not None:
                return Open("no migration before says how it came about")
            return Absent()
        mark = tuple(id(version) for version in versions)
        if mark not in self._then:
            self._then[mark] = self._table_then(timeline, versions)
        table = self._then[mark]
        if all(declaration.is_stub for declaration in table.declarations):
            return Open("nothing creates it, and something changes it")
        return Known(table)

    def _table_then(self, timeline: Timeline, versions: list[Declared]) -> Table:
        table = Table(versions[0].name, then=True)
        queries = timeline.state.queries
        for version in versions:
            query = next((query for query in queries.values() if query.table.origin == version.origin), None)
            table.declarations.append(Declaration(timeline.state.source, version, query=query))
            # Of a history that begins in the middle nothing is whole.
            table.open = table.open or next((unknown.reason for unknown in version.open), "")
        return table

    def _is_migration(self, path: str) -> bool:
        """Whether a file is a step of the schema's history: an Alembic revision, or one in a folder of such steps."""
        facts = self._project.files.get(path)
        is_revision = facts is not None and facts.python is not None and facts.python.is_revision
        return is_revision or bool(_MIGRATIONS.search(path))

    # Columns

    def column(self, table: Table, name: str, path: str) -> Lookup[KnownColumn]:
        """A column of a table, as a statement in `path` sees it."""
        return self._column(table, name.lower(), path, frozenset())

    def columns(self, table: Table, path: str) -> Lookup[tuple[KnownColumn, ...]]:
        """All columns of a table in the order in which the server has them; Open where some may be missing."""
        whole = [each for each in table.declarations if not each.weak]
        if reason := self._why_open(table, path):
            return Open(reason)
        orders = {tuple(name.lower() for name in each.table.columns) for each in whole if each.source != "models"}
        orders = orders or {tuple(name.lower() for name in each.table.columns) for each in whole}
        if len(orders) != 1:
            return Open("its declarations differ")
        found = [table.known(name) for name in orders.pop()]
        return Known(tuple(column for column in found if column is not None))

    def required(self, table: Table, path: str) -> tuple[KnownColumn, ...]:
        """Columns that every INSERT into a table must give: NOT NULL, without a default or anything that fills them."""
        known = (table.known(name.lower()) for name in table.names())
        return tuple(column for column in known if column is not None and is_required(table, column))

    def allowed(self, column: KnownColumn) -> Allowed | None:
        """The values that a column takes, by its CHECK or enum type; None where nothing limits them for certain."""
        return allowed_values(column)

    def column_names(self, table: Table) -> tuple[str, ...]:
        """The names of a table's own columns, for suggestions."""
        return table.names()

    def renamed(self, table: Table, name: str) -> KnownColumn | None:
        """The column that took the place of `name`."""
        for declaration in table.declarations:
            for old, new in declaration.former.items():
                if old.lower() == name.lower():
                    return table.known(new.lower())
        return None

    def output(self, statement: SqlStatement, index: int, name: str, path: str) -> Lookup[KnownColumn | None]:
        """A column of the result of a scope; Known(None) where it is made there."""
        return self._output(statement, index, name.lower(), path, frozenset())

    def source(self, statement: SqlStatement, source: SqlSource, name: str, path: str) -> Lookup[KnownColumn | None]:
        """A column of one item of FROM."""
        return self._source(statement, source, name.lower(), path, frozenset())

    # Lookups; `seen` guards against views and recursive queries that lead back to themselves.

    def _column(self, table: Table, key: str, path: str, seen: frozenset[object]) -> Lookup[KnownColumn]:
        column = table.known(key)
        if column is not None:
            return Known(column)
        if self._notes.may_be_anywhere(table.name, key):
            return Open("some table whose name is made at run time may have it")
        mark = ("table", table.name)
        if mark in seen:
            return Open("it is made of itself")
        if self._was_here(table, key, path):
            return Open("it had this column before this file changed it")
        for declaration in table.declarations:
            answer = self._made_of_query(declaration, key, seen | {mark})
            if not isinstance(answer, Absent):
                return (
                    Known(answer.value or KnownColumn(key, *table.places[0])) if isinstance(answer, Known) else answer
                )
        reason = self._why_open(table, path)
        return Open(reason) if reason else Absent()

    def _was_here(self, table: Table, key: str, path: str) -> bool:
        """Whether the file itself had the column at some time: its statements come in an order of their own."""
        databases = self._project.sql
        local = databases.local.get(path)
        here = local is not None and any(
            each[1].lower() == table.name.lower() and any(name.lower() == key for name in version.columns)
            for each, version in local.ever()
        )
        return here or key in databases.rebuilt_columns.get(table.name.lower(), ())

    def _why_open(self, table: Table, path: str) -> str:
        """Why a table may have more columns, as a statement in `path` sees it; "" = it has no more."""
        reasons = (each.why_open for each in table.declarations if each.query is None)
        reason = table.open or next(filter(None, reasons), "")
        if not reason and self._notes.alters(table.name, path) and path.endswith(".py") and not table.then:
            # Code that upgrades a database speaks of columns of before; a .sql file says things in their order.
            return "this file alters the table, and may speak of what it was before"
        return reason

    def _made_of_query(self, declaration: Declaration, key: str, seen: frozenset[object]) -> Lookup[KnownColumn | None]:
        """A column of a view, or of CREATE TABLE ... AS, whose query reads what its own source does not declare."""
        query = declaration.query
        if query is None or not declaration.table.open:
            return Absent()
        if any(name.lower() == key for name in query.names):
            return Known(None)
        return self._output(query.statement, query.scope, key, query.table.origin.path, seen)

    def _output(
        self, statement: SqlStatement, index: int, key: str, path: str, seen: frozenset[object]
    ) -> Lookup[KnownColumn | None]:
        mark = (id(statement), index)
        if mark in seen or not 0 <= index < len(statement.scopes):
            return Open("a query that is made of itself")
        seen = seen | {mark}
        scope = statement.scopes[index]
        if not scope.outputs:
            return Open("the result of this query is not known")
        answer: Lookup[KnownColumn | None] = Absent()
        for output in scope.outputs:
            if output.star:
                found = self._star(statement, scope, output.qualifier, key, path, seen)
            elif not output.name:
                found = Open("a column without a written name")
            else:
                found = Known(None) if output.name.lower() == key else Absent()
            if isinstance(found, Known):
                return found
            answer = found if isinstance(found, Open) else answer
        return answer

    def _star(
        self, statement: SqlStatement, scope: SqlScope, qualifier: str, key: str, path: str, seen: frozenset[object]
    ) -> Lookup[KnownColumn | None]:
        sources = [s for s in scope.sources if not qualifier or s.alias.lower() == qualifier.lower()]
        if not sources or (scope.open and not qualifier):
            return Open("a star over what cannot be read")
        answer: Lookup[KnownColumn | None] = Absent()
        for source in sources:
            found = self._source(statement, source, key, path, seen)
            if isinstance(found, Known):
                return found
            answer = found if isinstance(found, Open) else answer
        return answer

    def _source(
        self, statement: SqlStatement, source: SqlSource, key: str, path: str, seen: frozenset[object]
    ) -> Lookup[KnownColumn | None]:
        if any(name.lower() == key for name in source.columns):
            return Known(None)
        if source.kind == "query":
            return self._output(statement, source.query, key, path, seen)
        if source.kind != "table" or source.table is None:
            return Open("a function or an item that cannot be read")
        table = self.find(source.table, path)
        if isinstance(table, Known):
            answer = self._column(table.value, key, path, seen)
            return Known(answer.value) if isinstance(answer, Known) else answer
        return table if isinstance(table, Open) else Open("no file declares this table")
