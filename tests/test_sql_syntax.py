"""PostgreSQL's own parser judges sql-syntax: what is called a fault, it refuses."""

from __future__ import annotations

import random

import pglast
import pytest
from pglast.parser import ParseError
from test_sql_postgres_statements import SCHEMA, STATEMENTS

from infralint.ddl.tokens import Token, tokens_of
from infralint.facts.sql import SqlFault
from infralint.readers.sql_file import read

ACCEPTED = [line for line in STATEMENTS.splitlines() if line and not line.startswith("--")]
BROKEN = 1500


def faults_of(sql: str) -> list[SqlFault]:
    facts = read(sql, "postgres").sql
    return [fault for statement in facts.statements for fault in statement.faults] if facts else []


def is_refused(sql: str) -> bool:
    try:
        pglast.parse_sql(sql)
    except ParseError:
        return True
    return False


def without_new_syntax(sql: str) -> bool:
    """Whether the parser is new enough for a statement as it stands."""
    return not is_refused(sql)


@pytest.mark.parametrize("sql", ACCEPTED)
def test_no_fault_is_found_in_what_the_parser_takes(sql: str) -> None:
    if without_new_syntax(sql):
        assert faults_of(sql) == []


def test_no_fault_is_found_in_definitions() -> None:
    assert not is_refused(SCHEMA)
    assert faults_of(SCHEMA) == []


def broken(sql: str, chance: random.Random) -> str:
    """The statement with one token left out, doubled, or at another's place, or two grown together."""
    tokens = list(tokens_of(sql, "postgres"))
    at = chance.randrange(len(tokens))
    form = chance.randrange(4)
    texts = [token.text for token in tokens]
    if form == 0:
        del texts[at]
    elif form == 1:
        texts.insert(at, texts[at])
    elif form == 2:
        other = chance.randrange(len(texts))
        texts[at], texts[other] = texts[other], texts[at]
    else:
        return _grown_together(sql, tokens[at])
    return " ".join(texts)


def _grown_together(sql: str, token: Token) -> str:
    return sql[: token.end] + sql[token.end :].lstrip()


def test_every_fault_is_one_for_the_parser() -> None:
    chance = random.Random(4)
    found = refused = 0
    wrong = []
    for _ in range(BROKEN):
        sql = broken(chance.choice(ACCEPTED), chance)
        is_fault, is_error = bool(faults_of(sql)), is_refused(sql)
        found += is_fault and is_error
        refused += is_error
        if is_fault and not is_error:
            wrong.append(sql)
    assert wrong == []
    # A fair part of what such slips break is found; the rest is passed over in silence.
    assert found > 0.25 * refused
