"""Database calls in Python: every driver, every way to write the text, and what is passed for placeholders."""

from __future__ import annotations

import pytest
from sql_places import calls_of, sql_of, statements_of

SELECT = '"SELECT a FROM t WHERE b = $1"'
PERCENT = '"SELECT a FROM t WHERE b = %s"'
NAMED = '"SELECT a FROM t WHERE b = %(b)s"'
QUESTION = '"SELECT a FROM t WHERE b = ?"'
COLON = '"SELECT a FROM t WHERE b = :b"'

DRIVERS = [
    ("import asyncpg", f"conn.fetch({SELECT}, x)", "asyncpg", "$1", "x"),
    ("import asyncpg", f"await conn.fetchrow({SELECT}, x, timeout=3)", "asyncpg", "$1", "x"),
    ("import asyncpg", f"await conn.fetchval({SELECT}, x, column=1)", "asyncpg", "$1", "x"),
    ("import asyncpg", f"await conn.execute({SELECT}, *xs)", "asyncpg", "$1", "?"),
    ("import asyncpg", f"await conn.executemany({SELECT}, [(1,), (2,)])", "asyncpg", "$1", "*1"),
    ("import asyncpg", f"await conn.executemany({SELECT}, [(r.a,) for r in rows])", "asyncpg", "$1", "*r.a"),
    ("import asyncpg", f"await conn.executemany({SELECT}, rows)", "asyncpg", "$1", "?"),
    ("import asyncpg", f"async for r in conn.cursor({SELECT}, x): pass", "asyncpg", "$1", "x"),
    ("import asyncpg", f"await conn.prepare({SELECT})", "asyncpg", "$1", "?"),
    ("import asyncpg", f"await conn.copy_from_query({SELECT}, output=f)", "asyncpg", "$1", "-"),
    ("import asyncpg", f"await conn.fetch(query={SELECT})", "asyncpg", "$1", "-"),
    ("import psycopg2", f"cur.execute({PERCENT}, (x,))", "psycopg", "%s", "x"),
    ("import psycopg2", f"cur.execute({PERCENT}, [x, y])", "psycopg", "%s", "x, y"),
    ("import psycopg2", f"cur.execute({PERCENT}, vars=(x,))", "psycopg", "%s", "x"),
    ("import psycopg2", f"cur.execute({PERCENT}, x)", "psycopg", "%s", "?"),
    ("import psycopg2", f"cur.execute({PERCENT}, None)", "psycopg", "%s", "-"),
    ("import psycopg2", f"cur.execute({PERCENT})", "psycopg", "%s", "-"),
    ("import psycopg2", f"cur.mogrify({PERCENT}, (x,))", "psycopg", "%s", "x"),
    ("import psycopg2", f"cur.copy_expert({PERCENT}, f)", "psycopg", "%s", "-"),
    ("from psycopg2.extras import execute_values", f"execute_values(cur, {PERCENT}, [(1, 2)])", "psycopg", "%s", "*1, 2"),
    ("from psycopg2 import extras", f"extras.execute_batch(cur, {PERCENT}, rows)", "psycopg", "%s", "?"),
    ("import psycopg", f'cur.execute({NAMED}, {{"b": x}})', "psycopg", "%(b", 'b: "b"'),
    ("import psycopg", f"cur.execute({NAMED}, dict(b=x))", "psycopg", "%(b", "b: x"),
    ("import psycopg", f"cur.execute({NAMED}, {{**x}})", "psycopg", "%(b", "?"),
    ("import psycopg", f"conn.stream({NAMED}, x)", "psycopg", "%(b", "?"),
    ("import psycopg", "cur.execute(\"SELECT a FROM t WHERE b LIKE '%%x' AND c = '%s'\", (x,))", "psycopg", "%s", "x"),
    ("import sqlite3", f"cur.execute({QUESTION}, (x,))", "sqlite", "?", "x"),
    ("import sqlite3", f'cur.execute({COLON}, {{"b": 1}})', "sqlite", ":b", 'b: "b"'),
    ("import sqlite3", f"cur.executemany({QUESTION}, rows)", "sqlite", "?", "?"),
    ("import sqlite3", 'cur.executescript("DELETE FROM t; DELETE FROM u")', "sqlite", "", "-"),
    ("import aiosqlite", f"async with db.execute({QUESTION}, (x,)) as c: pass", "sqlite", "?", "x"),
    ("import aiosqlite", f"await db.execute_fetchall({QUESTION}, (x,))", "sqlite", "?", "x"),
    ("import pymysql", f"cur.execute({PERCENT}, (x,))", "mysql", "%s", "x"),
    ("import MySQLdb", f"cur.execute({PERCENT}, args=(x,))", "mysql", "%s", "x"),
    ("import aiomysql", f"await cur.execute({PERCENT}, [x])", "mysql", "%s", "x"),
    ("import mysql.connector", f"cur.execute({NAMED}, {{'b': 1}})", "mysql", "%(b", "b: 'b'"),
    ("import asyncmy", f"await cur.executemany({PERCENT}, [[1], [2]])", "mysql", "%s", "*1"),
    ("from sqlalchemy import text", f'conn.execute(text({COLON}), {{"b": 1}})', "sqlalchemy", ":b", 'b: "b"'),
    ("import sqlalchemy as sa", f"s.execute(sa.text({COLON}), [dict(b=1), dict(b=2)])", "sqlalchemy", ":b", "*b: 1"),
    ("from sqlalchemy import text", f"s.execute(text({COLON}), b=x)", "sqlalchemy", ":b", "b: x"),
    ("from sqlalchemy import text", f"s.execute(text({COLON}).bindparams(b=x))", "sqlalchemy", ":b", "?"),
    ("from sqlalchemy import text", f"s.scalar(text({COLON}), params={{'b': 1}})", "sqlalchemy", ":b", "b: 'b'"),
    ("from sqlalchemy import text", "s.scalars(text(\"SELECT '\\\\:x', a::int FROM t\"))", "sqlalchemy", "", "-"),
    ("import sqlalchemy", f"conn.exec_driver_sql({PERCENT}, (x,))", "raw", "%s", "x"),
    ("import sqlalchemy", f"engine.execute({PERCENT}, (x,))", "raw", "%s", "x"),
    ("import databases", f"await db.fetch_all({COLON}, {{'b': x}})", "sqlalchemy", ":b", "b: 'b'"),
    ("import databases", f"await db.fetch_one(query={COLON}, values={{'b': x}})", "sqlalchemy", ":b", "b: 'b'"),
    ("import databases", f"await db.execute_many({COLON}, [{{'b': x}}])", "sqlalchemy", ":b", "*b: 'b'"),
    ("from django.db import connection", f"c.execute({PERCENT}, [x])", "django", "%s", "x"),
    ("from django.db import models", f"T.objects.raw({PERCENT}, [x])", "django", "%s", "x"),
    ("from django.db import migrations", 'migrations.RunSQL("DELETE FROM t")', "django", "", "-"),
    ("from alembic import op", 'op.execute("DELETE FROM t")', "", "", "-"),
    ("import pandas as pd", f"pd.read_sql({PERCENT}, engine, params=[x])", "", "%s", "x"),
    ("import pandas as pd", f"pd.read_sql_query(sql={PERCENT}, con=engine)", "", "%s", "-"),
    ("import polars as pl", 'pl.read_database("SELECT a FROM t", conn)', "", "", "-"),
    ("import peewee", f"database.execute_sql({PERCENT}, (x,))", "", "%s", "x"),
    ("import tortoise", f"await conn.execute_query_dict({SELECT}, [x])", "", "$1", "[x]"),
    ("import duckdb", f"con.execute({QUESTION}, [x])", "other", "?", "x"),
    ("import asyncpg, psycopg2", f"cur.execute({PERCENT}, (x,))", "", "%s", "x"),
    ("", f"await conn.fetch({SELECT}, x)", "", "$1", "x"),
]  # fmt: skip


@pytest.mark.parametrize(("imports", "call", "driver", "placeholders", "arguments"), DRIVERS)
def test_drivers(imports: str, call: str, driver: str, placeholders: str, arguments: str) -> None:
    code = f"{imports}\n\n\nasync def f(x, y, xs, rows):\n    {call}\n"
    assert [found[1:] for found in calls_of(code)] == [(driver, placeholders, arguments)]


HEAD = 'TABLE = "t"\nCOLUMNS = ["a", "b"]\nQUERY = "SELECT x FROM t"\n'
TEXTS = [
    ('cur.execute("SELECT x FROM t")', ["x"]),
    ('cur.execute("SELECT x " "FROM " "t")', ["x"]),
    ('cur.execute("SELECT x " + "FROM t")', ["x"]),
    ('cur.execute(" ".join(["SELECT x", "FROM t"]))', ["x"]),
    ('cur.execute("SELECT " + ", ".join(COLUMNS) + " FROM t")', ["a b"]),
    ('cur.execute("SELECT " + ", ".join(("a", "b")) + " FROM t")', ["a b"]),
    ('cur.execute(f"SELECT x FROM {TABLE}")', ["x"]),
    ('cur.execute(f"SELECT {COLUMNS[1]} FROM {TABLE}")', ["b"]),
    ('cur.execute("SELECT x FROM %s" % TABLE)', ["x"]),
    ('cur.execute("SELECT %s FROM %s" % ("x", TABLE))', ["x"]),
    ('cur.execute("SELECT %(c)s FROM %(t)s" % {"c": "x", "t": TABLE})', ["x"]),
    ('cur.execute("SELECT {} FROM {}".format("x", TABLE))', ["x"]),
    ('cur.execute("SELECT {1} FROM {0}".format(TABLE, "x"))', ["x"]),
    ('cur.execute("SELECT {c} FROM {t}".format(c="x", t=TABLE))', ["x"]),
    ("cur.execute(QUERY)", ["x"]),
    ('q = "SELECT x FROM t"\n    cur.execute(q)', ["x"]),
    ('q = (  # why\n        "SELECT x"\n        # and\n        " FROM t"\n    )\n    cur.execute(q)', ["x"]),
    ('q = "SELECT x FROM t"\n    q += " WHERE y = 1"\n    cur.execute(q)', ["x y"]),
    ('q = "SELECT x FROM t"\n    q = q + " WHERE y = 1"\n    cur.execute(q)', ["x y"]),
    ('q = "SELECT x FROM t"\n    if z:\n        q += " WHERE y = 1"\n    cur.execute(q)', ["x", "x y"]),
    ('if z:\n        q = "SELECT x FROM t"\n    else:\n        q = "SELECT y FROM t"\n    cur.execute(q)', ["x", "y"]),
    ('q = "SELECT x FROM t" if z else "SELECT y FROM t"\n    cur.execute(q)', ["x", "y"]),
    ('parts = ["SELECT x FROM t"]\n    parts.append("WHERE y = 1")\n    cur.execute(" ".join(parts))', ["x y"]),
    ('for q in ("DELETE FROM t WHERE x", "DELETE FROM t WHERE y"):\n        cur.execute(q)', ["x", "y"]),
    ('for n, q in [("a", "DELETE FROM t WHERE x")]:\n        cur.execute(q)', ["x"]),
    ('queries = {"a": "SELECT x FROM t", "b": "SELECT y FROM t"}\n    cur.execute(queries["b"])', ["x", "y"]),
    ('cur.execute((q := "SELECT x FROM t"))', ["x"]),
    ('cur.execute(textwrap.dedent("""\n        SELECT x FROM t"""))', ["x"]),
    ('cur.execute("""\n        SELECT x FROM t""".strip())', ["x"]),
    ('cur.execute(lambda: 0 or "SELECT x FROM t")', []),
    ('run(lambda c: c.execute("SELECT x FROM t"))', ["x"]),
    ('[c.execute("SELECT x FROM t") for c in cs]', ["x"]),
    ('def inner():\n        cur.execute(q)\n    q = "SELECT x FROM t"\n    inner()', ["x"]),
    ('cur.execute(sql.SQL("SELECT {} FROM {}").format(sql.Identifier("x"), sql.Identifier("s", "t")))', ['"x"']),
    ('cur.execute(sql.SQL("SELECT {c} FROM t WHERE y = {v}").format(c=sql.SQL("x"), v=sql.Literal(z)))', ["x y"]),
    ('cur.execute(sql.SQL("SELECT x FROM t WHERE y IN ({})").format(sql.SQL(", ").join([a, b])))', ["x y"]),
    ('cur.execute(sql.SQL("SELECT x FROM t WHERE y = {}").format(sql.Placeholder()))', ["x y"]),
    ('cur.execute(sql.Composed([sql.SQL("SELECT x "), sql.SQL("FROM t")]))', ["x"]),
    ('stmt = text("SELECT x FROM t")\n    conn.execute(stmt)', ["x"]),
    ('cur.execute(f"SELECT x FROM t WHERE y = {z}")', ["x y"]),
    ('cur.execute("SELECT x FROM t WHERE y = %s" % z)', ["x y"]),
    ('cur.execute("SELECT x FROM t WHERE y = {}".format(z))', ["x y"]),
    ("cur.execute(open('x.sql').read())", []),
    ("cur.execute(z)", []),
]


@pytest.mark.parametrize(("body", "expected"), TEXTS)
def test_texts(body: str, expected: list[str]) -> None:
    code = f"{HEAD}\n\ndef f(cur, z):\n    {body}\n"
    executed = {index for call in sql_of(code).calls for index in call.texts}
    made = [text for text in sql_of(code).texts if not text.names]
    assert len(made) == len(expected) or len(executed) == len(expected)
    whole = statements_of(code)
    if "QUERY)" not in body:
        whole.remove("x")
    assert [name.replace('sql.Identifier("x")', "x") for name in whole] == expected


CLASS = """
class Base:
    COLUMNS = "a, b"

    def where(self):
        return " WHERE c = 1"


class Repository(Base):
    TABLE = "t"
    SELECT = f"SELECT d FROM {TABLE}"

    def __init__(self, pool):
        self.pool = pool
        self.insert = "INSERT INTO t (e) VALUES (1)"

    @property
    def count(self):
        return "SELECT f FROM t"

    @staticmethod
    def order():
        return " ORDER BY g"

    def run(self):
        BODY
"""


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("self.pool.execute(self.SELECT)", "d"),
        ("self.pool.execute(Repository.SELECT + self.where())", "d c"),
        ("self.pool.execute(self.SELECT + self.order())", "d g"),
        ("self.pool.execute(self.insert)", "e"),
        ("self.pool.execute(self.count)", "f"),
        ('self.pool.execute(f"SELECT {self.COLUMNS} FROM {self.TABLE}")', "a b"),
        ('self.q = "SELECT h FROM t"\n        self.pool.execute(self.q)', "h"),
    ],
)
def test_attributes(body: str, names: str) -> None:
    code = CLASS.replace("BODY", body)
    facts = sql_of(code)
    (call,) = facts.calls
    (index,) = call.texts
    (at,) = facts.texts[index].statements
    assert [ref.name for scope in facts.statements[at].scopes for ref in scope.refs] == names.split() or names == "e"
    assert names != "e" or facts.statements[at].inserts[0].columns == ("e",)


@pytest.mark.parametrize(
    "change",
    [
        "args.append(y)",
        "args += [y]",
        "args.extend([y])",
        "args = [*args, y]",
        "args = args + [y]",
    ],
)
def test_lists_of_values_grow(change: str) -> None:
    code = f'def f(cur, x, y):\n    args = [x]\n    {change}\n    cur.execute("SELECT a FROM t WHERE b = %s", args)\n'
    assert calls_of(code)[0][3] == "x, y"


@pytest.mark.parametrize(
    "change",
    [
        "if z:\n        args.append(y)",
        "for y in z:\n        args.append(y)",
        "fill(args)",
        "args.pop()",
        "other = args\n    other.append(1)",
        "args = [*z, x]",
        "args[0] = y",
        "args = z or args",
    ],
)
def test_lists_that_may_be_others_are_not_counted(change: str) -> None:
    code = (
        f'def f(cur, x, y, z):\n    args = [x]\n    {change}\n    cur.execute("SELECT a FROM t WHERE b = %s", args)\n'
    )
    assert calls_of(code)[0][3] == "?"


def test_what_is_never_reached_is_not_read() -> None:
    code = 'def f(cur):\n    raise NotImplementedError\n    cur.execute("SELECT a FROM t")\n'
    assert sql_of(code).statements == ()


@pytest.mark.parametrize(
    "body",
    [
        'for x in y:\n        if x:\n            break\n    else:\n        return\n    cur.execute("SELECT a FROM t")',
        'while True:\n        if y:\n            break\n    cur.execute("SELECT a FROM t")',
        'try:\n        x()\n    except ValueError:\n        raise\n    finally:\n        cur.execute("SELECT a FROM t")',
        'match y:\n        case 1:\n            return\n        case _:\n            cur.execute("SELECT a FROM t")',
        'with x:\n        return\n    cur.execute("SELECT a FROM t")',
    ],
)
def test_ways_through_a_function(body: str) -> None:
    found = statements_of(f"def f(cur, y):\n    {body}\n")
    assert found == ([] if body.startswith("with") else ["a"])


def test_newer_syntax_costs_its_function_alone() -> None:
    code = (
        'class A:\n    def f(self):\n        cur.execute("SELECT a FROM t")\n\n    def g(self):\n        try:\n            x()\n'
        '        except ValueError, TypeError:\n            cur.execute("SELECT b FROM t")\n\n    def h(self):\n'
        '        cur.execute("SELECT c FROM t")\n'
    )
    assert set(statements_of(code)) >= {"a", "c"}


def test_fragments_are_no_statements() -> None:
    code = 'BASE = "SELECT a FROM t"\n\n\ndef f(cur, x):\n    cur.execute(BASE + x)\n    cur.execute(f"{BASE} WHERE {x}")\n'
    facts = sql_of(code)
    assert [text.whole for text in facts.texts if text.statements] == [False, False]
    assert all(not text.statements for text in facts.texts if text.names == ("BASE",))


def test_places_in_composed_texts() -> None:
    code = 'WHERE = "zzz = 1"\n\n\ndef f(cur):\n    cur.execute(f"SELECT a FROM t WHERE {WHERE} AND bb = 2")\n'
    facts = sql_of(code)
    spans = [ref.span for statement in facts.statements for scope in statement.scopes for ref in scope.refs]
    assert [code[span.start : span.end] for span in spans] == ["a", "zzz", "bb"]


@pytest.mark.parametrize(
    ("code", "drivers", "servers"),
    [
        ("import asyncpg", ("postgres",), ()),
        ("import sqlite3, pymysql", ("mysql", "sqlite"), ()),
        ('create_engine("postgresql+asyncpg://u@h/db")', (), ("postgres",)),
        ('URL = "mysql+pymysql://u@h/db"', (), ("mysql",)),
        ('URL = f"sqlite:///{path}"', (), ("sqlite",)),
        ("import duckdb", ("other",), ()),
    ],
)
def test_servers(code: str, drivers: tuple[str, ...], servers: tuple[str, ...]) -> None:
    facts = sql_of(f"{code}\n")
    assert (facts.drivers, facts.servers) == (drivers, servers)
