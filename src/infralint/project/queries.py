"""The SQL statements of files beside the schema: which of them are judged, and where their names lead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, TypeVar

import msgspec

from infralint.facts.files import FileFacts
from infralint.facts.sql import FIRST_BRANCH, SqlRef, SqlScope, SqlSource, SqlStatement, SqlTable
from infralint.project.catalog import EnumType, Label
from infralint.project.lookup import Absent, Known, Lookup
from infralint.project.places import is_test
from infralint.project.schema import Allowed, KnownColumn, Schema, Table
from infralint.project.sql_calls import SqlCalls
from infralint.project.sql_declarations import TableMakers
from infralint.project.sql_dialects import SqlDialects
from infralint.source import Span

_TARGET_CLAUSES = frozenset({"field", "insert", "set", "conflict"})
# What servers call the rows of a change where sqlglot shows no source: triggers, MySQL's row alias.
ROW_NAMES = frozenset({"deleted", "excluded", "inserted", "new", "old", "values"})


class _Placed(Protocol):
    """What is found at a place of a file."""

    @property
    def span(self) -> Span: ...


_Found = TypeVar("_Found", bound=_Placed)


class Asked(Protocol):
    """What is asked of a project."""

    files: dict[str, FileFacts]

    @property
    def schema(self) -> Schema: ...
    @property
    def sql_calls(self) -> SqlCalls: ...
    @property
    def sql_dialects(self) -> SqlDialects: ...
    @property
    def table_makers(self) -> TableMakers: ...
    @property
    def enums(self) -> dict[str, list[EnumType]]: ...


class Queries:
    """The statements of one file that are run against a server of ours, and whose failure nobody waits for."""

    def __init__(self, project: Asked, path: str) -> None:
        self.path = path
        self.schema = project.schema
        self.makers = project.table_makers
        self._project = project
        # The places in statements, by the identity of those that live as long as this.
        self._places: dict[int, frozenset[Span]] = {}
        self.judged = tuple(self._judged())

    def _judged(self) -> Iterator[Statement]:
        dialect = self._project.sql_dialects.of(self.path)
        if dialect != "other" and not _tests_migrations(self.path):
            for statement in self._project.sql_calls.statements(self.path):
                if not statement.guarded and (statement.executed or not is_test(self.path)):
                    yield Statement(self.schema, self.path, statement, dialect, self.makers.united)

    def agreed(self, judge: Callable[[Statement], Iterable[_Found]]) -> Iterator[_Found]:
        """What a judge finds in statements, less what it does not find in another reading of the same words.

        One text may be read in several ways, since a branch adds to it or not, and not every combination of branches
        can be: `total` may be read with and without the JOIN that brings it.
        """
        readings = [(statement, tuple(judge(statement))) for statement in self.judged]
        for statement, found in readings:
            for each in found:
                others = (other for other in readings if other[0] is not statement)
                if all(self._agrees(each.span, *other) for other in others):
                    yield each

    def _agrees(self, place: Span, reading: Statement, found: Sequence[_Found]) -> bool:
        """Whether a reading does without the words of a place, or is found wrong there too."""
        if id(reading) not in self._places:
            self._places[id(reading)] = frozenset(_places_in(reading.facts))
        return place not in self._places[id(reading)] or place in [each.span for each in found]

    @property
    def subqueries(self) -> tuple[str, ...]:
        """The names that texts of the file give to queries by WITH, in small letters."""
        facts = self._project.files[self.path].sql
        return facts.subqueries if facts is not None else ()

    @property
    def is_revision(self) -> bool:
        """Whether the file is a step of a history in Python."""
        return is_revision(self._project.files, self.path)

    def enum(self, name: str) -> Allowed | None:
        """The labels of an enum type; None where no source declares it, or several do in different ways, and in a step
        of a history: it means those of its time."""
        if self.schema.is_step(self.path):
            return None
        found = self._project.enums.get(name.lower(), [])
        if not found or len({tuple(sorted(enum.labels)) for enum in found}) > 1:
            return None
        places = {label.text: label for label in found[0].places}
        labels = tuple(places.get(label, Label(label, found[0].origin)) for label in found[0].labels)
        return Allowed(labels, found[0].origin, found[0].name)


def is_revision(files: Mapping[str, FileFacts], path: str) -> bool:
    """Whether a file is a step of a history in Python."""
    facts = files.get(path)
    return facts is not None and facts.python is not None and facts.python.is_revision


def _tests_migrations(path: str) -> bool:
    """Whether a file tests the steps of the schema's history: it speaks of the tables of any time."""
    return is_test(path) and ("migration" in path.lower() or "alembic" in path.lower())


def _places_in(value: object) -> Iterator[Span]:
    """All places in a fact."""
    if isinstance(value, Span):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _places_in(each)
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _places_in(getattr(value, name))


@dataclass(frozen=True)
class Statement:
    """One statement of a file, and what its names may mean. `dialect`: "postgres", "sqlite", "mysql", or ""."""

    schema: Schema
    path: str
    facts: SqlStatement
    dialect: str
    # Tables that more than one file creates, in small letters.
    united: frozenset[str] = frozenset()
    # Answers that every rule asks for again.
    _found: dict[Span, Lookup[Table]] = field(default_factory=dict, repr=False, compare=False)
    _columns: dict[tuple[int, str], Lookup[KnownColumn | None]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def strict(self) -> bool:
        """Whether the server is PostgreSQL for sure. SQLite takes a double-quoted name that no column has for a string,
        and sees names of the result in WHERE."""
        return self.dialect == "postgres"

    @cached_property
    def names_a_table(self) -> bool:
        """Whether it reads a declared table."""
        return any(isinstance(self.find(table), Known) for table in self.tables)

    @property
    def is_ours(self) -> bool:
        """Whether something shows that the server is one of ours: a declared table, or the only driver there is."""
        return self.names_a_table or (self.strict and not self.tables)

    @cached_property
    def tables(self) -> tuple[SqlTable, ...]:
        """Every table that it names, each place once."""
        sources = (source.table for scope in self.facts.scopes for source in scope.sources if source.table)
        inserted = (insert.table for insert in self.facts.inserts)
        by_place: dict[Span, SqlTable] = {}
        for table in (*sources, *inserted):
            by_place.setdefault(table.span, table)
        return tuple(by_place.values())

    def find(self, table: SqlTable) -> Lookup[Table]:
        """The table that is meant."""
        if table.span not in self._found:
            self._found[table.span] = self.schema.find(table, self.path)
        return self._found[table.span]

    def lookup(self, source: SqlSource, name: str) -> Lookup[KnownColumn | None]:
        """A column of one item of FROM."""
        # The statement keeps its sources alive, so their ids are names.
        key = (id(source), name.lower())
        if key not in self._columns:
            self._columns[key] = self._looked_up(source, name)
        return self._columns[key]

    def _looked_up(self, source: SqlSource, name: str) -> Lookup[KnownColumn | None]:
        found = self.schema.source(self.facts, source, name, self.path)
        if source.columns and source.table is not None and isinstance(found, Known) and found.value is not None:
            return Absent() if self._is_renamed(source, source.table, found.value.name) else found
        return found

    def _is_renamed(self, source: SqlSource, named: SqlTable, name: str) -> bool:
        """Whether a column is one of the first, which `t AS x (a, b)` gives other names."""
        table = self.find(named)
        columns = self.schema.columns(table.value, self.path) if isinstance(table, Known) else table
        if not isinstance(columns, Known):
            return False
        renamed = [column.name.lower() for column in columns.value[: len(source.columns)]]
        return name.lower() in renamed and name.lower() not in [column.lower() for column in source.columns]

    def column(self, source: SqlSource, ref: SqlRef) -> Lookup[KnownColumn | None]:
        """The column of one item of FROM that a reference means: for PostgreSQL with its letter case."""
        found = self.lookup(source, ref.name)
        if not self.strict or not isinstance(found, Known) or found.value is None or not found.value.declared:
            return found
        exact = ref.name if ref.quoted else ref.name.lower()
        # Where several files create the table, its columns are united without regard to letter case.
        alone = source.table is not None and source.table.name.lower() not in self.united
        return Absent() if alone and all(made.name != exact for _, made in found.value.declared) else found

    def chain(self, scope: SqlScope) -> Iterator[SqlScope]:
        """The scope and those around it whose sources it sees."""
        for _ in range(len(self.facts.scopes) + 1):
            yield scope
            if scope.parent < 0:
                return
            scope = self.facts.scopes[scope.parent]

    def visible(self, scope: SqlScope) -> list[SqlSource]:
        """The sources whose columns a name may be: PostgreSQL sorts a set operation by names of its first branch."""
        first = [source for source in scope.sources if source.alias == FIRST_BRANCH]
        return first if first and self.strict else list(scope.sources)

    def meant(self, scope: SqlScope, qualifier: str) -> list[SqlSource]:
        """The sources that a qualifier means, of the nearest scope that has such; [] for none."""
        key = qualifier.lower()
        for around in self.chain(scope):
            found = [source for source in around.sources if source.alias.lower() == key]
            if found:
                return found
        return []

    def is_open(self, scope: SqlScope) -> bool:
        """Whether a source may be missing, or a function brings names of its own."""
        return any(around.open or any(s.kind == "open" for s in around.sources) for around in self.chain(scope))

    def takes_strings(self, ref: SqlRef) -> bool:
        """Whether an unknown name in double quotes may be a string: SQLite and MySQL take it for one."""
        return ref.quoted and not self.strict and ref.clause not in _TARGET_CLAUSES

    def refs(self) -> dict[Span, tuple[SqlScope, SqlRef]]:
        """The references of all scopes by their places."""
        return {ref.span: (scope, ref) for scope in self.facts.scopes for ref in scope.refs}

    def written(self, scope: SqlScope, ref: SqlRef) -> tuple[Table, KnownColumn] | None:
        """The column that a reference of SET assigns to, with its table; None for other references."""
        return self._owner(scope.sources, ref.name) if ref.clause == "set" and not ref.qualifier else None

    def compared(self, scope: SqlScope, ref: SqlRef) -> tuple[Table, KnownColumn] | None:
        """The one declared column that a reference in a condition is, with its table."""
        if ref.clause in _TARGET_CLAUSES:
            return None
        return self._owner(
            self.meant(scope, ref.qualifier) if ref.qualifier else self._having(scope, ref.name), ref.name
        )

    def _owner(self, sources: Sequence[SqlSource], name: str) -> tuple[Table, KnownColumn] | None:
        tables = [source.table for source in sources if source.table is not None and not source.columns]
        if len(sources) != 1 or len(tables) != 1:
            return None
        found = self.find(tables[0])
        column = self.schema.column(found.value, name, self.path) if isinstance(found, Known) else None
        return (found.value, column.value) if isinstance(found, Known) and isinstance(column, Known) else None

    def _having(self, scope: SqlScope, name: str) -> list[SqlSource]:
        for around in self.chain(scope):
            answers = [(source, self.lookup(source, name)) for source in around.sources]
            found = [source for source, answer in answers if not isinstance(answer, Absent)]
            if found or around.open:
                return found
        return []
