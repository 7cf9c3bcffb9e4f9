"""The columns of a query's result, as a state has them: those of views and of CREATE TABLE ... AS."""

from __future__ import annotations

from dataclasses import replace

from infralint.facts.sql import SqlScope, SqlSource, SqlStatement
from infralint.project.catalog import Column, Origin
from infralint.project.replay.folding import folded
from infralint.project.replay.operations import CreateFromQuery, TableRef
from infralint.project.replay.state import Key, State

_MAX_DEPTH = 40


class _Unreadable(Exception):
    """A query whose columns cannot be told; the argument says why."""


def query_columns(state: State, operation: CreateFromQuery) -> tuple[list[Column], frozenset[Key], str]:
    """Columns, the tables that are read, and why columns may be missing ("" if none are)."""
    reader = _Results(state, operation)
    try:
        columns = reader.scope(operation.scope, 0)
    except _Unreadable as error:
        written = [Column(name, operation.table.origin) for name in operation.names]
        return written, frozenset(reader.reads), "" if operation.names and reader.counted else str(error)
    for at, name in enumerate(operation.names[: len(columns)]):
        columns[at] = replace(columns[at], name=name)
    names = [column.name for column in columns]
    # A result without a name gets one, and SQLite gives the second of two columns of one name another.
    unnamed = "" in names or len(set(names)) < len(names)
    return (
        [column for column in columns if column.name],
        frozenset(reader.reads),
        "the server names a column" if unnamed else "",
    )


class _Results:
    def __init__(self, state: State, operation: CreateFromQuery) -> None:
        self.state = state
        self.statement: SqlStatement = operation.statement
        self.origin: Origin = operation.table.origin
        # Of a view with a written column list, all columns are in that list unless the query has more.
        self.counted = operation.table.kind != "table"
        self.reads: set[Key] = set()

    def scope(self, index: int, depth: int) -> list[Column]:
        if depth > _MAX_DEPTH or not 0 <= index < len(self.statement.scopes):
            raise _Unreadable("its query cannot be read")
        scope = self.statement.scopes[index]
        self._note(scope)
        if not scope.outputs:
            raise _Unreadable("the result of its query is not known")
        columns: list[Column] = []
        for output in scope.outputs:
            if output.star:
                columns += self._star(scope, output.qualifier, depth)
            else:
                columns.append(self._named(scope, output.name, depth))
        return columns

    def _note(self, scope: SqlScope) -> None:
        for source in scope.sources:
            if source.kind == "table" and source.table is not None:
                key = self._find(source)
                if key is not None:
                    self.reads.add(key)

    def _find(self, source: SqlSource) -> Key | None:
        assert source.table is not None
        table = source.table
        return self.state.find(TableRef(folded(table.name, table.quoted), self.origin, table.schema))

    def _star(self, scope: SqlScope, qualifier: str, depth: int) -> list[Column]:
        sources = [each for each in scope.sources if not qualifier or each.alias.lower() == qualifier.lower()]
        if not sources or (scope.open and not qualifier):
            raise _Unreadable("a star over what cannot be read")
        columns: list[Column] = []
        for source in sources:
            columns += self._source(source, depth)
        names = [column.name for column in columns]
        if len(set(names)) < len(names):
            # USING and NATURAL merge columns.
            columns = list({column.name: column for column in reversed(columns)}.values())[::-1]
        return columns

    def _source(self, source: SqlSource, depth: int) -> list[Column]:
        if source.kind == "query":
            columns = self.scope(source.query, depth + 1)
        elif source.kind == "table" and source.table is not None:
            key = self._find(source)
            if key is None:
                raise _Unreadable(f"`{source.table.name}` is not known here")
            table = self.state.table(key)
            if table.open:
                raise _Unreadable(f"`{source.table.name}` is open: {table.open[0].reason}")
            columns = [_shown(column, self.origin) for column in table.columns.values()]
        else:
            raise _Unreadable("it reads a function or what cannot be read")
        return [
            replace(column, name=source.columns[at]) if at < len(source.columns) else column
            for at, column in enumerate(columns)
        ]

    def _named(self, scope: SqlScope, name: str, depth: int) -> Column:
        return Column(folded(name, False) if name else "", self.origin)


def _shown(column: Column, origin: Origin) -> Column:
    """A column of a table as a query shows it: its type alone goes with it."""
    return Column(column.name, origin, column.type)
