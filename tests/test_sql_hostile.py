"""Statements that nobody wrote by hand: read in bounded time, or left unread; never an exception."""

from __future__ import annotations

import time

import msgspec
import pytest

from infralint.facts.files import FileFacts
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


def test_one_bad_statement_spoils_no_other() -> None:
    facts = read("SELECT FROM WHERE (; CREATE TABLE t (a int); SELEC 1; SELECT a FROM t;", "postgres").sql
    assert facts is not None
    assert [len(statement.changes) for statement in facts.statements] == [0, 1, 0]
    assert [len(statement.faults) for statement in facts.statements] == [1, 0, 0]
    assert len(facts.unread) == 1
