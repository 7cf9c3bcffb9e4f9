"""Database calls across modules: the project's own wrappers, texts that other modules define, dialects by service."""

from __future__ import annotations

import pytest
from sql_places import passed, project_of

from infralint.project.project import Project
from infralint.settings import Dialect, Settings

DATABASE = """
import asyncpg


class Database:
    def __init__(self, pool):
        self.pool = pool

    async def q(self, sql, *args):
        async with self.pool.acquire() as conn:
            return await conn.fetch(sql, *args)

    async def first(self, statement, *values):
        rows = await self.q(statement, *values)
        return rows[0] if rows else None

    async def limited(self, sql, *args):
        return await self.pool.fetch(sql + " LIMIT 1", *args)
"""
SYNC = """
import psycopg2


def run(conn, sql, params=None):
    with conn.cursor() as cur:
        cur.execute(sql, params or ())


def plain(sql):
    return CONN.execute(sql)


def twice(query, values):
    run(CONN, query, values)


class Other:
    def q(self, text):
        return text.lower()
"""
QUERIES = """
GET = "SELECT a FROM t WHERE b = $1"
BY_NAME = {"all": "SELECT a FROM t"}


class Q:
    LIST = "SELECT a, b FROM t"
"""


def sites(code: str, **others: str) -> list[tuple[str, str, str, bool]]:
    """Of every call of `app/main.py`: its texts, driver, what is passed, and whether a wrapper takes it."""
    files = {f"app/{name}.py": text for name, text in {"__init__": "", **others}.items()}
    files["app/main.py"] = code
    return [
        (
            " | ".join(files[path][text.span.start : text.span.end].strip('"') for path, text in site.texts),
            site.driver,
            passed(code, site.arguments),
            site.wrapper,
        )
        for site in project_of(files).sql_calls.sites
        if site.path == "app/main.py"
    ]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('await db.q("SELECT a FROM t WHERE b = $1", x, y)', ("asyncpg", "x, y", True)),
        ('await db.first("SELECT a FROM t WHERE b = $1", x)', ("asyncpg", "x", True)),
        ('await db.first("SELECT a FROM t")', ("asyncpg", "-", True)),
        ('await db.first(statement="SELECT a FROM t")', ("asyncpg", "-", True)),
        ('await db.q("SELECT a FROM t WHERE b = $1", *xs)', ("asyncpg", "?", True)),
    ],
)
def test_methods(call: str, expected: tuple[str, str, bool]) -> None:
    code = f"from app.db import Database\n\ndb = Database(None)\n\n\nasync def f(x, y, xs):\n    {call}\n"
    assert [site[1:] for site in sites(code, db=DATABASE)] == [expected]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('run(c, "SELECT a FROM t WHERE b = %s", (x,))', ("psycopg", "x", True)),
        ('run(c, "SELECT a FROM t WHERE b = %s", params=[x, y])', ("psycopg", "x, y", True)),
        ('run(c, sql="SELECT a FROM t WHERE b = %(b)s", params={"b": x})', ("psycopg", 'b: "b"', True)),
        ('run(c, "SELECT a FROM t", x)', ("psycopg", "?", True)),
        ('run(c, "SELECT a FROM t")', ("psycopg", "-", True)),
        ('database.plain("SELECT a FROM t")', ("psycopg", "-", True)),
        ('database.twice("SELECT a FROM t WHERE b = %s", [x])', ("psycopg", "x", True)),
    ],
)
def test_functions(call: str, expected: tuple[str, str, bool]) -> None:
    code = f"from app import database\nfrom app.database import run\n\n\ndef f(c, x, y):\n    {call}\n"
    assert [site[1:] for site in sites(code, database=SYNC)] == [expected]


@pytest.mark.parametrize(
    "call",
    [
        'await db.limited("SELECT a FROM t")',
        'describe("SELECT a FROM t")',
        'Other().q("SELECT a FROM t")',
        'await db.q(1, "SELECT a FROM t")',
    ],
)
def test_what_is_no_wrapper(call: str) -> None:
    code = f"from app.other import describe, Other\nfrom app.db import Database\n\n\nasync def f(db):\n    {call}\n"
    other = "def describe(sql):\n    return sql.lower()\n\n\nclass Other:\n    def q(self, text): return text\n"
    found = sites(code, db=DATABASE, other=other)
    assert found == [] or "Other" in call


def test_a_wrapper_of_the_same_class() -> None:
    code = DATABASE + '\n    async def all(self, x):\n        return await self.q("SELECT a FROM t WHERE b = $1", x)\n'
    assert sites(code) == [("SELECT a FROM t WHERE b = $1", "asyncpg", "x", True)]


@pytest.mark.parametrize(
    ("imports", "call", "expected"),
    [
        ("from app.queries import GET", "await db.pool.fetchrow(GET, x)", "SELECT a FROM t WHERE b = $1"),
        ("from app import queries", "await db.pool.fetchrow(queries.GET, x)", "SELECT a FROM t WHERE b = $1"),
        ("import app.queries", "await db.pool.fetchrow(app.queries.GET, x)", "SELECT a FROM t WHERE b = $1"),
        ("from .queries import GET as get", "await db.pool.fetchrow(get, x)", "SELECT a FROM t WHERE b = $1"),
        ("from . import queries as q", "await db.pool.fetchrow(q.Q.LIST, x)", "SELECT a, b FROM t"),
        ("from app.again import GET", "await db.pool.fetchrow(GET, x)", "SELECT a FROM t WHERE b = $1"),
        ("from app.queries import MISSING", "await db.pool.fetchrow(MISSING, x)", None),
        ("from other import GET", "await db.pool.fetchrow(GET, x)", None),
    ],
)
def test_imported_texts(imports: str, call: str, expected: str | None) -> None:
    code = f"import asyncpg\n{imports}\n\n\nasync def f(db, x):\n    {call}\n"
    found = sites(code, queries=QUERIES, again="from app.queries import GET\n")
    assert found == ([] if expected is None else [(expected, "asyncpg", "x", False)])


def test_texts_of_wrappers_are_whole_and_executed_and_others_are_open() -> None:
    code = 'def f(c, x):\n    run(c, "SELECT bad FROM t")\n    describe("SELECT bad FROM t ")\n'
    project = project_of({"tests/test_a.py": SYNC + code})
    found = list(project.sql_calls.statements("tests/test_a.py"))
    assert [(each.executed, each.scopes[0].open) for each in found] == [(True, False), (False, True)]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a/db.py": "import asyncpg\n", "a/app.py": "x = 1\n"}, "postgres"),
        ({"a/db.py": 'URL = "sqlite:///x"\n', "a/app.py": "x = 1\n"}, "sqlite"),
        ({"a/db.py": "import asyncpg\n", "b/db.py": "import pymysql\n", "a/app.py": "x = 1\n"}, "postgres"),
        ({"a/db.py": "import asyncpg\n", "a/other.py": "import sqlite3\n", "a/app.py": "x = 1\n"}, ""),
        ({"a/db.py": "import asyncpg\n", "a/tests/test_x.py": "import sqlite3\n", "a/app.py": "x = 1\n"}, "postgres"),
        ({"a/app.py": "import sqlite3\n", "db.py": "import asyncpg\n"}, "sqlite"),
        ({"a/app.py": "import duckdb\n", "db.py": "import asyncpg\n"}, "other"),
        ({"a/run.sh": "psql -c 'SELECT a FROM t'\n", "a/app.py": "x = 1\n"}, "postgres"),
        ({"a/app.py": "x = 1\n"}, ""),
    ],
)
def test_dialects_by_service(files: dict[str, str], expected: str) -> None:
    assert project_of(files).sql_dialects.of("a/app.py") == expected


def test_the_setting_says_the_dialect() -> None:
    project = project_of({"a.py": "import sqlite3\n", "b.py": "x = 1\n", "c.py": "import duckdb\n"})
    set_to = Project(project.files, project.files, Settings(dialect=Dialect.MYSQL))
    assert [set_to.sql_dialects.of(path) for path in ("a.py", "b.py", "c.py")] == ["mysql", "mysql", "other"]
