"""Statements that nobody wrote by hand: read in bounded time, or left unread; never an exception.

How long they take is measured by benchmarks/hostile_sql.py.
"""

from __future__ import annotations

import time

import msgspec
import pytest

from infralint.facts.files import FileFacts
from infralint.kinds import Kind
from infralint.readers.dispatch import read_file
from infralint.readers.sql_file import read

HOSTILE = {
    "brackets": "SELECT " + "(" * 10_000 + "1" + ")" * 10_000 + " FROM t",
    "subqueries": "SELECT a FROM (" * 3_000 + "t",
    "chain": "WITH "
    + ",".join(f"c{i} AS (SELECT * FROM c{i - 1}, c{i - 1} x)" for i in range(1, 300))
    + " SELECT z FROM c299",
    "not": "SELECT a FROM t WHERE " + "NOT " * 9_000 + "a",
    "long": "INSERT INTO t (a) VALUES " + ",".join("('x')" for _ in range(150_000)),
    "open string": "SELECT '" * 20_000,
    "open comment": "/*" * 50_000,
    "open template": "{" * 50_000,
    "dollars": "$a$" * 20_000 + "$b$" * 20_000,
    "alters": "DO $$ " + "ALTER TABLE t ADD " * 10_000 + "$$",
    "semicolons": ";" * 100_000,
    "cases": "SELECT " + "CASE WHEN a THEN " * 2_000 + "1" + " END" * 2_000 + " FROM t",
    "controls": "SELECT \x00\x01 FROM \ufeff t",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_bounded(text: str) -> None:
    started = time.process_time()
    facts = read(text, "postgres")
    assert time.process_time() - started < 10
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=FileFacts) == facts


def _list(count: int) -> str:
    return f"SELECT a FROM t WHERE b IN ({', '.join(map(str, range(count)))})"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT a FROM t WHERE " + "(" * 10_000 + "a" + ")" * 10_000,
        "SELECT '" + "x" * 1_000_000 + "' FROM t",
        _list(50_000),
        "SELECT " + "CASE WHEN a THEN " * 500 + "1" + " END" * 500 + " FROM t",
        "SELECT a FROM t WHERE " + "NOT " * 40_000 + "a",
    ],
    ids=["brackets", "1 MB", "50,000 items", "cases", "not"],
)
@pytest.mark.parametrize("kind", [Kind.SQL, Kind.PYTHON, Kind.SHELL])
def test_what_is_too_much_is_unread(text: str, kind: Kind) -> None:
    code = {Kind.SQL: text, Kind.PYTHON: f'cur.execute("{text}")', Kind.SHELL: f'psql -c "{text}"'}[kind]
    facts = read_file(code.encode(), kind, "postgres").sql
    assert facts is not None
    assert len(facts.unread) == 1
    assert not any(statement.scopes for statement in facts.statements)


def test_long_lists_that_somebody_may_have_written_are_read() -> None:
    facts = read(_list(5_000), "postgres").sql
    assert facts is not None
    assert not facts.unread
    assert [ref.name for ref in facts.statements[0].scopes[0].refs] == ["a", "b"]


def test_rows_of_dumps_are_left_out_but_for_the_first() -> None:
    rows = [f"INSERT INTO t (a, b) VALUES ({number}, 'it''s');" for number in range(3_000)]
    text = "\n".join(["CREATE TABLE t (a int, b text);", *rows, "SELECT a FROM t;", *rows])
    facts = read(text, "postgres").sql
    assert facts is not None
    assert len(facts.statements) == 1 + 50 + 1
    assert [text[span.start : span.end].count("\n") + 1 for span in facts.unread] == [2950, 3000]


def test_rows_whose_end_is_not_certain_are_read() -> None:
    rows = [rf"INSERT INTO t (a) VALUES ('it\'s {number}');" for number in range(600)]
    facts = read("\n".join(rows), "mysql").sql
    assert facts is not None
    assert (len(facts.statements), facts.unread) == (600, ())


@pytest.mark.parametrize(
    "script",
    [
        "echo " + "$(echo " * 30_000 + ")" * 30_000,
        "if true; then\n" * 10_000 + "fi\n" * 10_000,
        "(" * 30_000 + ")" * 30_000,
    ],
    ids=["substitutions", "conditions", "subshells"],
)
def test_scripts_that_nest_too_deeply_say_so(script: str) -> None:
    problem = read_file(script.encode(), Kind.SHELL, "postgres").problem
    assert problem is not None
    assert (problem.kind, problem.reason) == ("unparsable", "nested too deeply")


PYTHON = {
    "branches": "def f(cur):\n    q = 'SELECT a FROM t'\n"
    + "".join(f"    if x{i}:\n        q += ' AND a{i} = 1'\n" for i in range(500))
    + "    cur.execute(q)\n",
    "doubling": "def f(cur):\n    q = 'SELECT a FROM t '\n" + "    q += q\n" * 60 + "    cur.execute(q)\n",
    "calls": "".join(f"def f{i}(sql):\n    return f{i + 1}('SELECT a FROM t ' + sql)\n" for i in range(500)),
    "itself": "def f(sql):\n    return f(sql + f(sql))\ncur.execute(f('SELECT a FROM t'))\n",
    "classes": "".join(
        f"class C{i}(C{(i + 1) % 300}):\n    def f(self):\n        cur.execute(self.q)\n" for i in range(300)
    ),
    "literals": "cur.execute(\n" + "\n".join('"SELECT a FROM t WHERE a = 1\\n"' for _ in range(9_000)) + ")\n",
    "tables": "T = {"
    + ", ".join(f"'{i}': 'SELECT a{i} FROM t'" for i in range(2_000))
    + "}\nfor q in T.values():\n    cur.execute(q)\n",
}


@pytest.mark.parametrize("code", PYTHON.values(), ids=PYTHON.keys())
def test_programs_that_grow_texts_without_bounds(code: str) -> None:
    facts = read_file(code.encode(), Kind.PYTHON, "postgres")
    assert facts.problem is None
    assert facts.sql is not None
    assert len(facts.sql.statements) <= code.count("SELECT")


def test_one_bad_statement_spoils_no_other() -> None:
    facts = read("SELECT FROM WHERE (; CREATE TABLE t (a int); SELEC 1; SELECT a FROM t;", "postgres").sql
    assert facts is not None
    assert [len(statement.changes) for statement in facts.statements] == [0, 1, 0]
    assert [len(statement.faults) for statement in facts.statements] == [1, 0, 0]
    assert len(facts.unread) == 1
