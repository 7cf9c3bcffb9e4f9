"""SQL in Python: which texts are statements, how far they are known, and where their names stand."""

from __future__ import annotations

import pytest
from sql_harness import names

SCHEMA = {
    "schema.sql": "CREATE TABLE jobs (id int, name text, status text);CREATE TABLE results (job_id int, result text);"
}


def found(code: str) -> list[str]:
    return names({**SCHEMA, "app.py": code})


@pytest.mark.parametrize(
    "code",
    [
        'cur.execute("SELECT bad FROM jobs")',
        'await conn.fetchrow("select bad from jobs where id = $1", x)',
        'conn.execute(text("SELECT bad FROM jobs WHERE id = :id"), {"id": 1})',
        'pd.read_sql_query("SELECT bad FROM jobs", engine)',
        'cur.executemany("INSERT INTO jobs (id, bad) VALUES (?, ?)", rows)',
        'execute_values(cur, "INSERT INTO jobs (id, bad) VALUES %s", rows)',
        'Job.objects.raw("SELECT bad FROM jobs")',
        'sql.SQL("SELECT bad FROM jobs").format()',
        'cur.execute("SELECT id, "\n            "bad "\n            "FROM jobs")',
        'cur.execute("SELECT id, " + "bad FROM jobs")',
        'cur.execute("SELECT bad FROM jobs WHERE id = %(id)s" , {"id": 1})',
        "cur.execute(\"SELECT bad FROM jobs WHERE status = '%s'\" % x)",
        'cur.execute("SELECT bad FROM jobs WHERE id = {}".format(x))',
        'cur.execute(f"SELECT bad FROM jobs WHERE id = {x}")',
        'cur.execute(f"SELECT bad FROM jobs WHERE id = 1 {extra} ORDER BY name")',
        'cur.execute(f"SELECT j.bad FROM jobs j {joins}")',
        'cur.execute(f"INSERT INTO jobs (id, bad) VALUES ({values})")',
        'cur.execute(f"UPDATE jobs SET bad = 1 WHERE {conditions}")',
        'cur.execute(f"SELECT bad FROM jobs ORDER BY id {direction} LIMIT {n}")',
        'cur.execute(f"SELECT id FROM jobs WHERE id {operator} 1 AND bad = 2")',
        'cur.execute("""\n    -- a comment: it\'s here\n    SELECT bad FROM jobs\n""")',
        'QUERY = "SELECT bad FROM jobs"',
        'QUERIES = {"a": "INSERT INTO jobs (bad) VALUES (1)"}',
        'class Store:\n    QUERY = "SELECT bad FROM jobs"',
        'def f():\n    q = "select bad from jobs"\n    conn.execute(q)',
        'q = "SELECT jobs.bad FROM jobs"\nif x:\n    q += " WHERE id = 1"',
        'def f():\n    return "INSERT INTO jobs (id, bad) VALUES (1, 2)"',
        'db.run_sql("SELECT bad FROM jobs")',
        'op.execute("UPDATE jobs SET bad = 1")',
        'cur.execute("SELECT 1; SELECT bad FROM jobs;")',
        'cur.execute("EXPLAIN ANALYZE SELECT bad FROM jobs")',
        'cur.execute("SELECT \\"bad\\" FROM jobs")\nimport asyncpg',
        'try:\n    cur.execute("SELECT bad FROM jobs")\nexcept OperationalError:\n    raise',
    ],
)
def test_statements_are_found(code: str) -> None:
    assert [name.strip('"\\') for name in found(code)] == ["bad"]


@pytest.mark.parametrize(
    "code",
    [
        '"""SELECT bad FROM jobs"""',
        'def f():\n    """SELECT bad FROM jobs"""',
        'log.info("SELECT bad FROM jobs")',
        'raise ValueError("SELECT bad FROM jobs")',
        'assert q == "SELECT bad FROM jobs"',
        'label = "Select items from jobs"',
        'help_text = "update jobs set the bad"',
        'button("select bad from jobs")',
        'q = "SELECT bad FROM jobs"\nq += " JOIN results ON true"',
        'BASE = "SELECT bad FROM jobs"\ncur.execute(BASE + joins)',
        'BASE = "SELECT bad FROM jobs"\ncur.execute(f"{BASE} {joins}")',
        'parts = ["SELECT bad FROM jobs"]\nparts.append("JOIN results ON true")',
        'q = "SELECT id FROM jobs WHERE {clause} AND id = ?"\ncur.execute(q.format(clause=c))',
        'cur.execute(f"SELECT bad FROM jobs {joins}")',
        'cur.execute(f"SELECT bad FROM {table}")',
        'cur.execute(f"SELECT bad FROM jobs{suffix}")',
        'cur.execute(f"SELECT bad{suffix} FROM jobs")',
        'cur.execute(f"SELECT bad FROM jobs, {more}")',
        'cur.execute(f"SELECT id {more} FROM jobs ORDER BY bad")',
        'cur.execute(f"UPDATE jobs SET id = bad {more}")',
        'cur.execute("SELECT bad FROM jobs" + rest)',
        'cur.execute("SELECT bad FROM jobs WHERE")',
        'with pytest.raises(Error):\n    cur.execute("SELECT bad FROM jobs")',
        'try:\n    cur.execute("SELECT bad FROM jobs")\nexcept sqlite3.OperationalError:\n    migrate()',
        'cur.execute("SELECT bad FROM jobs".replace("bad", x))',
        "cur.execute('SELECT \"bad\" FROM jobs')",
        "cur.execute(\"SELECT data ? 'bad', id FROM jobs, f(x)\")",
    ],
)
def test_what_is_no_whole_statement_is_left_alone(code: str) -> None:
    assert found(code) == []


def test_texts_of_a_test_count_only_where_they_are_executed() -> None:
    code = 'EXPECTED = "SELECT bad FROM jobs"\n'
    assert names({**SCHEMA, "tests/test_a.py": code}) == []
    assert names({**SCHEMA, "tests/test_a.py": 'def test(c):\n    c.execute("SELECT bad FROM jobs")\n'}) == ["bad"]


def test_every_place_is_reported_once() -> None:
    code = 'Q = "SELECT bad FROM jobs"\n\n\ndef a(c):\n    c.execute(Q)\n\n\ndef b(c):\n    c.execute(Q)\n'
    assert found(code) == ["bad"]
    assert found('def a(c):\n    c.execute("SELECT bad FROM jobs WHERE bad = 1")\n') == ["bad", "bad"]


@pytest.mark.parametrize("prefix", ["", "# äöü€𝄞\n", "\r\n\r\n"])
def test_places_are_exact_in_any_text(prefix: str) -> None:
    code = f'{prefix}c.execute("""\r\n  SELECT \'ü\\n\\u00fc\', bad\r\n\tFROM jobs""")\r\n'
    assert found(code) == ["bad"]
