"""SQLite itself as the judge: what it accepts is never reported, what it refuses for a name is."""

from __future__ import annotations

import re
import sqlite3

from hypothesis import given, settings
from hypothesis import strategies as st
from sql_harness import names

TABLES = {
    "jobs": ("id", "name", "status"),
    "results": ("id", "job_id", "result"),
    "bots": ("id", "name", "seen"),
}
SCHEMA = ";\n".join(f"CREATE TABLE {table} ({', '.join(columns)})" for table, columns in TABLES.items())
_NO_COLUMN = re.compile(r"no such column: (?:\w+\.)?(\w+)|has no column named (\w+)|cannot join using column (\w+)")
COLUMN = st.sampled_from(("id", "name", "status", "job_id", "result", "seen", "wrong"))
ALIAS = st.sampled_from(("a", "b"))


@st.composite
def expressions(draw: st.DrawFn, aliases: tuple[str, ...]) -> str:
    """An expression over columns that may or may not exist."""
    form = draw(st.integers(0, 6))
    column = draw(COLUMN)
    if aliases and draw(st.booleans()):
        column = f"{draw(st.sampled_from(aliases))}.{column}"
    other = draw(COLUMN)
    return (
        column,
        f"{column} + 1",
        f"count({column})",
        f"CASE WHEN {column} = 1 THEN {other} ELSE 0 END",
        f"(SELECT max({other}) FROM bots WHERE bots.id = {column})",
        f"coalesce({column}, 'x')",
        f"{column} IN (SELECT {other} FROM results)",
    )[form]


@st.composite
def sources(draw: st.DrawFn) -> tuple[str, tuple[str, ...]]:
    """A FROM clause and its aliases."""
    first = draw(st.sampled_from(tuple(TABLES)))
    form = draw(st.integers(0, 4))
    if form == 0:
        return first, (first,)
    if form == 1:
        return f"{first} AS a", ("a",)
    second = draw(st.sampled_from(tuple(TABLES)))
    if form == 2:
        return f"{first} a JOIN {second} b ON a.id = b.{draw(COLUMN)}", ("a", "b")
    if form == 3:
        return f"(SELECT *, 1 AS one FROM {first}) a", ("a",)
    return f"(SELECT {draw(COLUMN)} AS x, id FROM {first}) a, {second} b", ("a", "b")


@st.composite
def statements(draw: st.DrawFn) -> str:
    """One statement, often with a name that means nothing."""
    form = draw(st.integers(0, 4))
    table = draw(st.sampled_from(tuple(TABLES)))
    columns = draw(st.lists(COLUMN, min_size=1, max_size=3, unique=True))
    if form == 0:
        return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' for _ in columns)})"
    if form == 1:
        value = draw(expressions((table,)))
        return f"UPDATE {table} SET {columns[0]} = 1 WHERE {value} = 1"
    if form == 2:
        return f"DELETE FROM {table} WHERE {columns[0]} = ? AND {draw(expressions(()))} = 2"
    items, aliases = draw(sources())
    expression = draw(expressions(aliases))
    more, condition = draw(expressions(aliases)), draw(expressions(aliases))
    query = f"SELECT {expression} AS out, {more} AS more FROM {items} WHERE {condition} = 1"
    if form == 3:
        return f"{query} GROUP BY out ORDER BY out, {draw(COLUMN)}"
    return f"WITH c AS ({query}) SELECT out, {draw(st.sampled_from(('out', 'wrong')))} FROM c"


def verdict(sql: str) -> str | None:
    """The name that SQLite does not know; "" for other errors, None for none."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(SCHEMA)
        connection.execute(f"EXPLAIN {sql}", ("?",) * sql.count("?"))
    except sqlite3.Error as error:
        match = _NO_COLUMN.search(str(error))
        return next(name for name in match.groups() if name) if match else ""
    finally:
        connection.close()
    return None


@settings(max_examples=150, deadline=None)
@given(statements())
def test_verdict_is_the_servers(sql: str) -> None:
    found = names({"schema.sql": SCHEMA, "query.sql": sql}, "sqlite")
    unknown = verdict(sql)
    if unknown is None:
        assert found == []
    elif unknown:
        assert unknown in found
