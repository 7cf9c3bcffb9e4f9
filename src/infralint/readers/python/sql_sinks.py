"""Calls that execute SQL: their names, which argument is the text, whose driver they are, and what they pass."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from infralint.facts.sql_calls import SqlArgument, SqlArguments, SqlPlaceholder
from infralint.readers.python.syntax import Syntax
from infralint.readers.python.text_kinds import Entries, Items, Value, last_name
from infralint.readers.python.text_names import Frame

# The names of the parameter that takes the text.
_TEXT_KEYWORDS = frozenset({"clause", "command", "operation", "query", "sql", "statement", "stmt"})
# The names of the parameter that takes the values.
VALUE_KEYWORDS = frozenset({"args", "argslist", "parameters", "params", "seq_of_parameters", "values", "vars"})
# Keywords of `Connection.execute` that are no values (SQLAlchemy 2.0).
_OPTIONS = frozenset({"bind_arguments", "execution_options"})


@dataclass(frozen=True, slots=True)
class Sink:
    """`text`: the position of the text. `values`: that of the values, -1 where none are taken; they are `rows` of
    values in calls for many. `makes`: the call only makes a text that another one executes."""

    text: int = 0
    values: int = 1
    rows: bool = False
    makes: bool = False


_EXECUTE, _ROWS, _PLAIN = Sink(), Sink(rows=True), Sink(values=-1)
# asyncpg 0.30, psycopg 2.9 and 3.2, PEP 249, aiosqlite 0.20, SQLAlchemy 2.0, databases 0.9, pandas 2, polars 1,
# Django 5, Alembic 1, peewee 3, Tortoise 0.2x.
SINKS: dict[str, Sink] = {
    **dict.fromkeys(
        ("aexecute", "copy", "cursor", "exec_driver_sql", "execute", "execute_fetchall", "execute_insert",
         "execute_query", "execute_query_dict", "execute_sql", "fetch", "fetch_all", "fetch_one", "fetch_row",
         "fetch_val", "fetchmany", "fetchrow", "fetchval", "iterate", "mogrify", "raw", "scalar", "scalars",
         "stream", "stream_scalars"),
        _EXECUTE,
    ),
    **dict.fromkeys(("execute_many", "executemany"), _ROWS),
    **dict.fromkeys(("copy_expert", "copy_from_query", "execute_script", "executescript", "prepare"), _PLAIN),
    **dict.fromkeys(("execute_batch", "execute_values"), Sink(1, 2, rows=True)),
    **dict.fromkeys(("read_database", "read_database_uri"), _PLAIN),
    "read_sql": Sink(0, 4),
    "read_sql_query": Sink(0, 4),
    "RunSQL": _PLAIN,
    **dict.fromkeys(("SQL", "text"), Sink(values=-1, makes=True)),
}  # fmt: skip

# By the dotted names of modules. Clients of services that take a language of their own that looks like SQL count as
# other servers: Salesforce's SOQL, Google Ads' GAQL, Cosmos.
_DRIVERS = {
    "MySQLdb": "mysql", "aiomysql": "mysql", "aiosqlite": "sqlite", "asyncmy": "mysql", "asyncpg": "asyncpg",
    "aiopg": "psycopg", "mysql": "mysql", "pg8000": "psycopg", "psycopg": "psycopg", "psycopg2": "psycopg",
    "psycopg_pool": "psycopg", "pymysql": "mysql", "sqlite3": "sqlite", "databases": "sqlalchemy",
    **dict.fromkeys(
        ("azure.cosmos", "cassandra", "clickhouse_connect", "clickhouse_driver", "couchbase", "cx_Oracle", "databricks",
         "duckdb", "google.ads", "google.cloud.bigquery", "google.cloud.spanner", "google.cloud.spanner_v1", "ibm_db",
         "oracledb", "pyathena", "pyhive", "pymssql", "pyodbc", "pyspark", "redshift_connector", "simple_salesforce",
         "snowflake", "teradatasql", "trino", "vertica_python"),
        "other",
    ),
}  # fmt: skip
_LONGEST_DRIVER = max(name.count(".") for name in _DRIVERS) + 1
_DIALECTS = {"asyncpg": "postgres", "psycopg": "postgres", "mysql": "mysql", "sqlite": "sqlite", "other": "other"}
# Methods that only one driver has.
_ONLY = {
    "copy_expert": "psycopg", "copy_from_query": "asyncpg", "exec_driver_sql": "raw", "execute_batch": "psycopg",
    "execute_values": "psycopg", "executescript": "sqlite", "fetchrow": "asyncpg", "fetchval": "asyncpg",
    "RunSQL": "django",
}  # fmt: skip


# A database URL as SQLAlchemy, databases and libpq take it: `postgresql+asyncpg://...`.
_URL = re.compile(
    # The search skips to these letters.
    r"(?P<scheme>[cdmops](?<!\w.)"
    r"(?:(?<=p)ostgres(?:ql)?|(?<=m)(?:ysql|ariadb|ssql)|(?<=s)(?:qlite|nowflake)|(?<=o)racle|(?<=d)uckdb|(?<=c)lickhouse))"
    r"(?:\+\w+)?://"
)
_SERVERS = {"postgres": "postgres", "postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite"}


def servers_in(text: str) -> tuple[str, ...]:
    """The dialects of the database URLs in a text."""
    return tuple(sorted({_SERVERS.get(match["scheme"], "other") for match in _URL.finditer(text)}))


def sink_of(call: ast.Call) -> Sink | None:
    """The sink that a call is by its name."""
    return SINKS.get(last_name(call.func))


def text_argument(call: ast.Call, sink: Sink) -> ast.expr | None:
    """The argument that is the text."""
    if len(call.args) > sink.text and not any(isinstance(a, ast.Starred) for a in call.args[: sink.text + 1]):
        return call.args[sink.text]
    return next((keyword.value for keyword in call.keywords if keyword.arg in _TEXT_KEYWORDS), None)


@dataclass(frozen=True, slots=True)
class Drivers:
    """The drivers that a module imports."""

    names: frozenset[str]
    sqlalchemy: bool
    django: bool

    @property
    def dialects(self) -> tuple[str, ...]:
        """The dialects of these drivers, "other" for servers that infralint does not know."""
        return tuple(sorted({_DIALECTS[name] for name in self.names if name in _DIALECTS}))

    @property
    def dialect(self) -> str:
        """The one known dialect; "" for none or several."""
        known = [dialect for dialect in self.dialects if dialect != "other"]
        return known[0] if len(known) == 1 else ""

    def of(self, method: str, made: str) -> str:
        """The driver that a call of `method` goes to. `made`: what made the text ("sqlalchemy", "psycopg" or "")."""
        if made:
            return made
        only = _ONLY.get(method, "")
        if only in ("raw", "django") or (only and (only in self.names or not self.names)):
            return only
        if only or (self.django and self.names):
            return ""
        if self.django:
            return "django"
        if self.sqlalchemy:
            return "" if self.names else "raw"
        return next(iter(self.names)) if len(self.names) == 1 else ""


def drivers_of(syntax: Syntax) -> Drivers:
    """The drivers that a module imports."""
    imports = [statement for statement in syntax.outline.imports if not statement.level]
    modules = {statement.module for statement in imports}
    heads = {module.partition(".")[0] for module in modules}
    named = {f"{statement.module}.{each.name}" for statement in imports for each in statement.names or ()}
    parts = [name.split(".") for name in modules | named]
    packages = {".".join(each[:end]) for each in parts for end in range(1, _LONGEST_DRIVER + 1)}
    return Drivers(
        frozenset(_DRIVERS[package] for package in packages if package in _DRIVERS),
        bool(heads & {"sqlalchemy", "sqlmodel", "flask_sqlalchemy"}),
        any(module == "django.db" or module.startswith("django.db.") for module in modules),
    )


_NUMBERED, _QUESTION, _PERCENT = re.compile(r"\$\d"), re.compile(r"\?"), re.compile(r"%(?:\(\w+\))?s")
_FOREIGN = {
    "asyncpg": (_NUMBERED, (_PERCENT, _QUESTION)),
    "psycopg": (_PERCENT, (_NUMBERED, _QUESTION)),
    "mysql": (_PERCENT, (_NUMBERED, _QUESTION)),
    "sqlite": (_QUESTION, (_NUMBERED, _PERCENT)),
}


def is_style_of(driver: str, text: str) -> bool:
    """Whether a text may be written for a driver: no placeholders of another style stand where its own are missing."""
    own, foreign = _FOREIGN.get(driver, (None, ()))
    return own is None or bool(own.search(text)) or not any(each.search(text) for each in foreign)


def arguments_of(
    call: ast.Call, sink: Sink, driver: str, placeholders: Sequence[SqlPlaceholder], frame: Frame
) -> SqlArguments | None:
    """What a call passes for the placeholders of its text; None where that is not known."""
    if any(isinstance(argument, ast.Starred) for argument in call.args) or any(k.arg is None for k in call.keywords):
        return None
    if last_name(call.func) == "prepare" or _is_bound_before(call, sink, frame):
        return None
    if sink.values < 0:
        return SqlArguments("none")
    is_variadic = driver == "asyncpg" or (
        not driver and bool(placeholders) and all(p.kind == "$" for p in placeholders)
    )
    rest = call.args[sink.values :]
    if is_variadic and not sink.rows:
        return _positions(rest, frame) if rest else SqlArguments("none")
    named = [keyword for keyword in call.keywords if keyword.arg in VALUE_KEYWORDS]
    if len(rest) + len(named) > 1:
        return None
    if not rest and not named:
        return _keywords(call, driver, frame)
    node = rest[0] if rest else named[0].value
    if isinstance(node, ast.Constant) and node.value is None:
        return SqlArguments("none")
    if sink.rows:
        return rows_of(node, frame)
    return _values(node, frame)


def _is_bound_before(call: ast.Call, sink: Sink, frame: Frame) -> bool:
    """Whether values may be bound to a text() before it is executed: it is not made in the call itself."""
    node = text_argument(call, sink)
    if node is None or (isinstance(node, ast.Call) and last_name(node.func) == "text"):
        return False
    makers = frame.flow.evaluator.makers
    first = (text.pieces[0].span for text in frame.texts(node).texts if text.pieces)
    return any(makers.get(span) == "sqlalchemy" for span in first)


def _keywords(call: ast.Call, driver: str, frame: Frame) -> SqlArguments:
    """Values as keywords of the call, as SQLAlchemy 1.x takes them."""
    written = [k for k in call.keywords if k.arg and k.arg not in _TEXT_KEYWORDS | _OPTIONS]
    if driver != "sqlalchemy" or not written:
        return SqlArguments("none")
    return SqlArguments("names", tuple(SqlArgument(frame.flow.syntax.span(k.value), k.arg or "") for k in written))


def _positions(nodes: Iterable[ast.expr], frame: Frame) -> SqlArguments:
    return SqlArguments("positions", tuple(SqlArgument(frame.flow.syntax.span(node)) for node in nodes))


def _values(node: ast.expr, frame: Frame) -> SqlArguments | None:
    value = frame.evaluate(node)
    if isinstance(value, Items) and value.values and all(isinstance(row, Entries) for row in value.values):
        return rows_of(node, frame)
    return literal_values(value, frame)


def literal_values(value: Value, frame: Frame) -> SqlArguments | None:
    """The values of a list, tuple or dictionary that is known."""
    if isinstance(value, Items):
        return _positions(value.nodes, frame)
    if isinstance(value, Entries):
        return SqlArguments(
            "names", tuple(SqlArgument(frame.flow.syntax.span(k), name) for name, k, _ in value.entries)
        )
    return None


def rows_of(node: ast.expr, frame: Frame) -> SqlArguments | None:
    """The values of one of many rows; None where rows differ."""
    if isinstance(node, (ast.ListComp, ast.GeneratorExp)):
        found = literal_values(frame.evaluate(node.elt), frame)
        return None if found is None else SqlArguments(found.kind, found.items, rows=True)
    rows = frame.evaluate(node)
    if not isinstance(rows, Items) or not rows.values:
        return None
    every = [literal_values(row, frame) for row in rows.values]
    first = every[0]
    shapes = {None if row is None else (row.kind, tuple(item.name for item in row.items)) for row in every}
    return SqlArguments(first.kind, first.items, rows=True) if first is not None and len(shapes) == 1 else None
