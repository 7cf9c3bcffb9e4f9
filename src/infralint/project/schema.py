"""The database's schema, as far as the project's files declare it.

It is the union of what CREATE TABLE says in .sql files and Python strings, what models map and what Alembic's
operations do. A table is whole only when every statement that touches it was understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from infralint.facts.files import FileFacts
from infralint.facts.sql import SqlChange, SqlScope, SqlSource, SqlStatement, SqlTable
from infralint.facts.text import HOLE
from infralint.project.lookup import Absent, Known, Lookup, Open
from infralint.project.orm_tables import ModelTable
from infralint.project.places import is_example, is_test
from infralint.source import Span

# Never declared by a project: catalogs of PostgreSQL, SQLite and MySQL.
_CATALOG_SCHEMAS = frozenset(
    {"pg_catalog", "information_schema", "mysql", "performance_schema", "sys", "pg_temp", "temp"}
)
_CATALOG_PREFIXES = ("pg_", "sqlite_", "_pg_")
# Schemas that a name without one may mean.
_DEFAULT_SCHEMAS = frozenset({"", "public", "main", "dbo"})
# Folders of schema changes: Alembic's and Flask-Migrate's, Django's, Flyway's, those of plain SQL.
_MIGRATIONS = re.compile(r"(?:^|/)(?:migrations?|versions|deltas?|upgrades?|changelogs?)/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class KnownColumn:
    """A column, and where it is declared. `renamed`: the name that a later statement certainly gives it."""

    name: str
    path: str
    span: Span
    renamed: str = ""


@dataclass(frozen=True, slots=True)
class _View:
    """A table or view whose columns are those of a query."""

    statement: SqlStatement
    scope: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Anywhere:
    """Columns that tables of a name like `pattern` may have; none = any column."""

    pattern: re.Pattern[str]
    columns: frozenset[str]


@dataclass(slots=True)
class Table:
    """A table by its name, all declarations of that name together.

    `places`: where it is created; `schemas`: those that it is declared in; `created_in`, `changed_in`, `altered_in`:
    files that create it, create or alter it, alter or drop it; `rebuilt`: some statement drops it, or renames another
    to it; `open`: why more columns may exist.
    """

    name: str
    places: list[tuple[str, Span]] = field(default_factory=list)
    schemas: set[str] = field(default_factory=set)
    created_in: set[str] = field(default_factory=set)
    changed_in: set[str] = field(default_factory=set)
    altered_in: set[str] = field(default_factory=set)
    parents: list[SqlTable] = field(default_factory=list)
    views: list[_View] = field(default_factory=list)
    columns: dict[str, KnownColumn] = field(default_factory=dict)
    origins: dict[str, list[str]] = field(default_factory=dict)
    renames: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    rebuilt: bool = False
    open: str = ""

    @property
    def only_in_tests(self) -> bool:
        return all(is_test(path) or is_example(path) for path, _ in self.places)

    def add(self, name: str, path: str, span: Span) -> None:
        """A column, once more or for the first time."""
        key = name.lower()
        self.columns.setdefault(key, KnownColumn(name, path, span))
        self.origins.setdefault(key, []).append(path)


class Schema:
    """All declared tables by name."""

    def __init__(self, files: Mapping[str, FileFacts], models: Iterable[ModelTable], paths: Iterable[str] = ()) -> None:
        self._files = files
        self._tables: dict[str, Table] = {}
        # Changes whose table's name cannot be read: they count for every table that may be meant.
        self._anywhere: list[_Anywhere] = []
        self.functions: set[str] = set()
        self._search_path = set(_DEFAULT_SCHEMAS)
        # Files with changes of the schema: what they say of a table may be older than its last definition.
        self._changing: set[str] = set()
        for path, facts in files.items():
            if facts.sql is not None:
                self.functions |= {name.lower() for name in facts.sql.functions}
                self._search_path |= {name.lower() for name in facts.sql.search_path}
                for statement in facts.sql.statements:
                    for change in statement.changes:
                        self._apply(path, statement, change)
        for model in models:
            self._add_model(model)
        self._settle_renames()
        for path in paths:
            if is_unread_sql(path, files):
                self._open_beside(path)
        for path, facts in files.items():
            if facts.may_change:
                self._open_named(path, facts.may_change)

    def find(self, named: SqlTable, path: str) -> Lookup[Table]:
        """The table that a statement in `path` names. Absent: nothing declares it."""
        schema, key = named.schema.lower(), named.name.lower()
        if HOLE in named.name or HOLE in schema:
            return Open("its name is made at run time")
        if schema in _CATALOG_SCHEMAS or key.startswith(_CATALOG_PREFIXES):
            return Open("a table of the server's catalog")
        table = self._tables.get(key)
        if table is None or not table.places:
            return Absent()
        reach = _DEFAULT_SCHEMAS | {schema} if schema in _DEFAULT_SCHEMAS else {schema}
        if not table.schemas & (reach if schema else self._search_path):
            return Open("it is declared in another schema")
        if table.only_in_tests and not any(path == place for place, _ in table.places):
            return Open("only tests declare it")
        if self._is_migration(path) and not any(self._is_migration(place) for place, _ in table.places):
            # It speaks of the table of its time, and what it was then stands nowhere.
            return Open("no migration says how it came about")
        if table.rebuilt and path in self._changing and not (path.endswith(".py") and path in table.created_in):
            return Open("it was another table when this migration was written")
        return Known(table)

    def _is_migration(self, path: str) -> bool:
        """Whether a file is a step of the schema's history: an Alembic revision, or one in a folder of such steps."""
        facts = self._files.get(path)
        is_revision = facts is not None and facts.python is not None and facts.python.is_revision
        return is_revision or bool(_MIGRATIONS.search(path))

    def column(self, table: Table, name: str, path: str) -> Lookup[KnownColumn]:
        """A column of a table, as a statement in `path` sees it."""
        return self._column(table, name.lower(), path, set())

    def column_names(self, table: Table) -> tuple[str, ...]:
        """The names of a table's own columns, for suggestions."""
        return tuple(column.name for column in table.columns.values() if not column.renamed)

    def renamed(self, table: Table, name: str) -> KnownColumn | None:
        """The column that took the place of `name`."""
        old = table.columns.get(name.lower())
        return table.columns.get(old.renamed.lower()) if old is not None and old.renamed else None

    def output(self, statement: SqlStatement, index: int, name: str, path: str) -> Lookup[KnownColumn | None]:
        """A column of the result of a scope; Known(None) where it is made there."""
        return self._output(statement, index, name.lower(), path, set())

    def source(self, statement: SqlStatement, source: SqlSource, name: str, path: str) -> Lookup[KnownColumn | None]:
        """A column of one item of FROM."""
        return self._source(statement, source, name.lower(), path, set())

    # Lookups; `seen` guards against views and recursive queries that lead back to themselves.

    def _column(self, table: Table, key: str, path: str, seen: set[object]) -> Lookup[KnownColumn]:
        column = table.columns.get(key)
        if column is not None and not (column.renamed and self._sees_end_state(table, path)):
            return Known(column)
        for change in self._anywhere:
            if (not change.columns or key in change.columns) and change.pattern.fullmatch(table.name):
                return Open("some table whose name is made at run time may have it")
        mark = ("table", table.name)
        if table.open or mark in seen:
            return Open(table.open or "it is made of itself")
        seen = seen | {mark}
        for parent in table.parents:
            found = self.find(parent, path)
            answer = (
                self._column(found.value, key, path, seen)
                if isinstance(found, Known)
                else Open("its parent is not declared")
            )
            if not isinstance(answer, Absent):
                return answer
        for view in table.views:
            made = _named(view.names, key) or self._output(view.statement, view.scope, key, path, seen)
            if isinstance(made, Known):
                return Known(made.value or KnownColumn(key, *table.places[0]))
            if isinstance(made, Open):
                return made
        if path in table.altered_in and path.endswith(".py"):
            # Code that upgrades a database speaks of columns of before; a .sql file says things in their order.
            return Open("this file alters the table, and may speak of what it was before")
        return Absent()

    def _sees_end_state(self, table: Table, path: str) -> bool:
        """Whether a statement runs after all changes: one that stands in a migration may run before some."""
        return path not in table.changed_in and path.endswith(".py")

    def _output(
        self, statement: SqlStatement, index: int, key: str, path: str, seen: set[object]
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
        self, statement: SqlStatement, scope: SqlScope, qualifier: str, key: str, path: str, seen: set[object]
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
        self, statement: SqlStatement, source: SqlSource, key: str, path: str, seen: set[object]
    ) -> Lookup[KnownColumn | None]:
        if named := _named(source.columns, key):
            return named
        if source.kind == "query":
            return self._output(statement, source.query, key, path, seen)
        if source.kind != "table" or source.table is None:
            return Open("a function or an item that cannot be read")
        table = self.find(source.table, path)
        if isinstance(table, Known):
            answer = self._column(table.value, key, path, seen)
            return Known(answer.value) if isinstance(answer, Known) else answer
        return table if isinstance(table, Open) else Open("no file declares this table")

    # Changes

    def _table(self, named: SqlTable) -> Table:
        return self._tables.setdefault(named.name.lower(), Table(named.name))

    def _apply(self, path: str, statement: SqlStatement, change: SqlChange) -> None:
        if HOLE in change.table.name:
            self._apply_anywhere(path, change)
            return
        self._changing.add(path)
        table = self._table(change.table)
        if change.kind != "create":
            table.altered_in.add(path)
        if change.kind == "drop":
            table.rebuilt = True
            return
        table.changed_in.add(path)
        if change.kind == "create":
            self._create(table, path, statement, change)
        elif change.kind == "add":
            self._add_columns(table, path, change)
        elif change.kind == "rename-column":
            self._add_columns(table, path, change)
            table.renames.setdefault(change.old.lower(), []).append((path, change.columns[0].name))
        elif change.kind == "rename" and change.renamed is not None:
            self._rename(table, path, change.table, change.renamed)
        elif change.kind == "open":
            table.open = table.open or change.reason

    def _apply_anywhere(self, path: str, change: SqlChange) -> None:
        if is_test(path) or is_example(path):
            return
        if change.kind == "rename" and change.renamed is not None and HOLE not in change.renamed.name:
            table = self._table(change.renamed)
            table.changed_in.add(path)
            table.open = table.open or "a table whose name cannot be read takes its name"
        elif change.kind in ("add", "create", "open", "rename-column"):
            whole = not change.reason and not change.parents and change.query < 0
            names = frozenset(column.name.lower() for column in change.columns) if whole else frozenset[str]()
            self._anywhere.append(_Anywhere(_pattern(change.table.name), names))

    def _create(self, table: Table, path: str, statement: SqlStatement, change: SqlChange) -> None:
        table.places.append((path, change.table.span))
        table.created_in.add(path)
        table.schemas.add(change.table.schema.lower())
        table.parents += change.parents
        table.open = table.open or change.reason
        if change.query >= 0:
            table.views.append(_View(statement, change.query, tuple(column.name for column in change.columns)))
        self._add_columns(table, path, change)

    def _add_columns(self, table: Table, path: str, change: SqlChange) -> None:
        for column in change.columns:
            table.add(column.name, path, column.span)

    def _rename(self, table: Table, path: str, old: SqlTable, new: SqlTable) -> None:
        if HOLE in new.name:
            return
        renamed = self._table(new)
        renamed.places.append((path, new.span))
        renamed.schemas |= {new.schema.lower(), old.schema.lower()}
        renamed.changed_in.add(path)
        renamed.rebuilt = True
        if new.name.lower() != old.name.lower():
            renamed.parents.append(SqlTable(old.name, old.span))

    def _add_model(self, model: ModelTable) -> None:
        table = self._tables.setdefault(model.name.lower(), Table(model.name))
        table.places.append((model.path, model.span))
        table.schemas.add(model.schema.lower())
        table.open = table.open or model.open
        for name, (path, span) in model.columns.items():
            if name:
                table.add(name, path, span)
            else:
                table.open = table.open or "a column's name cannot be read"

    def _settle_renames(self) -> None:
        """A column that is declared once, in the folder of the file that renames it, is gone after that.

        Nothing gives the old name again, so the rename must come after the only declaration.
        """
        for table in self._tables.values():
            for old, renames in table.renames.items():
                origins = table.origins.get(old, [])
                if len(origins) == len(renames) == 1 and _folder(origins[0]) == _folder(renames[0][0]):
                    known = table.columns[old]
                    table.columns[old] = KnownColumn(known.name, known.path, known.span, renames[0][1])

    def _open_beside(self, unread: str) -> None:
        """Tables that are declared near a file of SQL that was not read: it may add to them."""
        near = _folder(_folder(unread))
        for table in self._tables.values():
            if any(not near or path.startswith(f"{near}/") for path, _ in table.places):
                table.open = table.open or f"{unread} was not read"

    def _open_named(self, path: str, names: tuple[str, ...]) -> None:
        """Tables that a broken file names: it may add to them."""
        for key, table in self._tables.items():
            if key in names or "*" in names:
                table.open = table.open or f"{path} was not read"

    def tables(self) -> Iterator[Table]:
        """All tables that are declared somewhere."""
        return (table for table in self._tables.values() if table.places)


# SQL with something around it: templates, archives.
_SQL_LIKE = re.compile(r".+\.(?:sql|ddl)(?:\.[\w-]+)+", re.IGNORECASE)


def is_unread_sql(path: str, files: Mapping[str, FileFacts]) -> bool:
    """Whether a file may hold SQL that nobody saw: the system does not let us read it, or it is a template."""
    facts = files.get(path)
    if facts is not None:
        unseen = facts.problem is not None and facts.problem.kind == "unreadable"
        return unseen and path.endswith((".sql", ".ddl", ".py"))
    return bool(_SQL_LIKE.fullmatch(path.rpartition("/")[2]))


def _named(names: tuple[str, ...], key: str) -> Known[KnownColumn | None] | None:
    return Known(None) if any(name.lower() == key for name in names) else None


def _pattern(name: str) -> re.Pattern[str]:
    """What a name with holes may be."""
    return re.compile(".*".join(re.escape(part) for part in re.split(f"{HOLE}+", name)), re.IGNORECASE | re.DOTALL)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
