"""SQL in one Python module: texts that reach a database call, and texts that are plainly whole statements."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst
import msgspec

from infralint.facts.files import FileFacts
from infralint.facts.sql import SqlFacts, SqlStatement
from infralint.facts.text import HOLE, Piece, Text
from infralint.readers.python.context import Handler, PythonFile
from infralint.readers.python.sql_places import Role, in_downgrade, is_guarded, is_sink, role_of
from infralint.readers.python.sql_shape import is_composed, looks_like_sql, may_be_sql
from infralint.readers.python.tree import walk
from infralint.readers.sql_statements import SqlReading, read_sql, search_path_in
from infralint.source import Span

# The driver that a module imports tells its dialect; "other" is none of ours.
_DRIVERS = {
    "MySQLdb": "mysql",
    "aiomysql": "mysql",
    "aiosqlite": "sqlite",
    "asyncmy": "mysql",
    "asyncpg": "postgres",
    "mysql": "mysql",
    "pg8000": "postgres",
    "psycopg": "postgres",
    "psycopg2": "postgres",
    "pymysql": "mysql",
    "sqlite3": "sqlite",
    **dict.fromkeys(
        (
            "cassandra",
            "clickhouse_connect",
            "clickhouse_driver",
            "cx_Oracle",
            "databricks",
            "duckdb",
            "oracledb",
            "pymssql",
            "pyodbc",
            "pyspark",
            "redshift_connector",
            "snowflake",
            "teradatasql",
            "trino",
        ),
        "other",
    ),
}
_TEXTS = (cst.SimpleString, cst.ConcatenatedString, cst.FormattedString, cst.BinaryOperation)


class SqlVisitor:
    """Collects the statements of one file."""

    def __init__(self, file: PythonFile, dialect: str) -> None:
        self.file = file
        self.drivers = _drivers(file)
        known = [driver for driver in self.drivers if driver != "other"]
        self.dialect = known[0] if len(known) == 1 else dialect
        self._used: set[int] = set()
        # The statements of each text by where its first piece stands, so that a text that is named and
        # then executed is read once, as it is executed.
        self._read: dict[tuple[Span, str], SqlReading] = {}

    def handlers(self) -> Mapping[type[cst.CSTNode], Handler]:
        return {**dict.fromkeys(_TEXTS, self.text), cst.Call: self.call}

    def call(self, node: cst.CSTNode) -> None:
        """A call that makes a text (`"...".format(...)`), or is given the name of one to execute."""
        assert isinstance(node, cst.Call)
        if not is_sink(node):
            self.text(node)
            return
        for argument in node.args:
            text = self.file.constant(argument.value) if isinstance(argument.value, cst.Name) else None
            if text is not None and looks_like_sql(text.value, certain=True) and not in_downgrade(self.file):
                self._add(text, executed=True)

    def text(self, node: cst.CSTNode) -> None:
        """An expression that may be a text; what stands inside of one that is belongs to it."""
        assert isinstance(node, cst.BaseExpression)
        if id(node) in self._used or not may_be_sql(node):
            return
        role = role_of(self.file, node)
        if role is Role.OTHER:
            return
        text = self.file.text_of(node)
        if text is None:
            return
        if not looks_like_sql(text.value, certain=role is Role.EXECUTED):
            return
        self._used.update(id(inner) for inner in walk(node))
        if role is Role.PART or (role is Role.NAMED and is_composed(self.file, node)):
            text = _continued(text)
        self._add(text, executed=role is Role.EXECUTED)

    def _add(self, text: Text, *, executed: bool) -> None:
        value = text.value
        key = (text.pieces[0].span, value)
        if key in self._read:
            return
        reading = self._read[key] = SqlReading()
        read_sql(value, self.dialect, text.locate, reading)
        guarded = is_guarded(self.file)
        reading.statements = [
            msgspec.structs.replace(statement, guarded=guarded, executed=executed) for statement in reading.statements
        ]

    def finish(self, facts: FileFacts) -> FileFacts:
        known = facts.sql or SqlFacts()
        readings = self._read.values()
        statements = (*known.statements, *(s for reading in readings for s in reading.statements))
        return msgspec.structs.replace(
            facts,
            sql=SqlFacts(
                tuple(sorted(statements, key=_place)),
                (*known.functions, *(name for reading in readings for name in reading.functions)),
                self.drivers,
                search_path_in(self.file.text),
                (*known.unread, *(span for reading in readings for span in reading.unread)),
            ),
        )


def _place(statement: SqlStatement) -> Span:
    return statement.span


def _continued(text: Text) -> Text:
    """The text with an unknown end: something may be appended to it elsewhere."""
    end = Span(text.span.end, text.span.end)
    return Text((*text.pieces, Piece("\n", end), Piece(HOLE, end)), text.span)


def _drivers(file: PythonFile) -> tuple[str, ...]:
    heads = {statement.module.partition(".")[0] for statement in file.outline.imports if not statement.level}
    return tuple(sorted({_DRIVERS[head] for head in heads if head in _DRIVERS}))


def make(file: PythonFile, dialect: str) -> SqlVisitor:
    return SqlVisitor(file, dialect)
