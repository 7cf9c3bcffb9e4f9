"""Mistakes that the grammar of every server refuses: PostgreSQL's, SQLite's and MySQL's.

sqlglot takes much that servers refuse and refuses some that they take, so it is no judge. What stands here is certain
for its own reasons, and the tests ask PostgreSQL's parser about each: brackets that do not close, a place where a
value must stand and none does, clauses in the wrong order, words that have grown together.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from infralint.ddl.cursor import Locate
from infralint.ddl.tokens import Token, Tokens
from infralint.facts.sql import SqlFault
from infralint.readers.sql_text import may_have_holes

# Reserved in all three, so that none of them begins a value (PostgreSQL manual, appendix C; sqlite.org/lang_keywords;
# MySQL 8.4 manual 11.3).
_NO_VALUE = frozenset(
    {
        "AND", "FROM", "GROUP", "HAVING", "LIMIT", "ON", "OR", "ORDER", "UNION", "WHERE",
    }
)  # fmt: skip
# A value or a table must follow these.
_OPENERS = frozenset({"AND", "BY", "FROM", "HAVING", "JOIN", "OR", "WHERE"})
_SIGNS = frozenset({",", "=", "<", ">", "<=", ">=", "<>", "!=", "||"})
_OPENING = _OPENERS | _SIGNS
# Clauses of a SELECT in their order; LIMIT and OFFSET change places.
_ORDER = {"FROM": 1, "WHERE": 2, "GROUP": 3, "HAVING": 4, "ORDER": 6, "LIMIT": 7}
_SETS = frozenset({"UNION", "INTERSECT", "EXCEPT", "MINUS"})
_BRACKETS = frozenset({"(", ")"})
_OPEN = frozenset({"(", "["})
_CLOSED = frozenset({")", "]"})
# Where a SELECT ends.
_ENDS = frozenset({")", ";"})
_SELECT = frozenset({"SELECT"})
_NO_OPERAND = frozenset({",", ")"})
_JOINED = frozenset({"ON", "USING", "FOR", "WINDOW"})
_COMPARISONS = frozenset({"=", "<", ">", "<=", ">=", "<>", "!="})
# All that tells in which clause of which SELECT a token stands.
_CLAUSE_MARKS = frozenset({*_ORDER, *_SETS, *_OPEN, *_CLOSED, *_ENDS, *_JOINED, *_COMPARISONS})
_NUMBER = frozenset({"number"})
_PLACEHOLDER = frozenset({"placeholder"})
_OPERANDS = frozenset({"word", "quoted", "string", "number", "placeholder"})
_STATEMENTS = frozenset({"SELECT", "UPDATE", "DELETE", "INSERT", "WITH", "MERGE"})
# Words that end the operand before them.
_ENDERS = _NO_VALUE | {"AS", "ASC", "BETWEEN", "DESC", "ELSE", "END", "IN", "IS", "OFFSET", "RETURNING", "THEN", "WHEN"}
_DIGITS = re.compile(r"\$\d+[A-Za-z_]")


class _Fault(NamedTuple):
    """A token, what is wrong with it, and whether it would be right if the statement ended elsewhere."""

    token: Token
    reason: str
    at_end: bool = False


def faults(text: str, tokens: Tokens, locate: Locate) -> Iterator[SqlFault]:
    """The first mistake of a statement, if it is whole: no part of it is made at run time."""
    if tokens[0].upper not in _STATEMENTS or may_have_holes(text, tokens):
        return
    for found in (_brackets(tokens), _unended(text, tokens), _missing(tokens), _run_on(tokens), _clauses(tokens)):
        for fault in found:
            ended = text[tokens[-1].end :].lstrip().startswith(";")
            yield SqlFault(locate(fault.token.start, fault.token.end), fault.reason, fault.at_end or not ended)
            return


def _brackets(tokens: Tokens) -> Iterator[_Fault]:
    opened: list[int] = []
    for at in tokens.of(_BRACKETS):
        if tokens[at].text == "(":
            opened.append(at)
        elif opened:
            opened.pop()
        else:
            yield _Fault(tokens[at], "this bracket closes nothing")
            return
    if opened:
        yield _Fault(tokens[opened[-1]], "this bracket is never closed", at_end=True)


def _unended(text: str, tokens: Sequence[Token]) -> Iterator[_Fault]:
    last = tokens[-1]
    body = last.text[1:]
    # Where a backslash escapes depends on the server.
    if last.kind == "string" and "\\" not in text and (not body.endswith("'") or len(last.text) < 2):
        yield _Fault(last, "this string never ends", at_end=True)


def _missing(tokens: Tokens) -> Iterator[_Fault]:
    """A comma, an operator or a word after which something must come that does not."""
    for at in tokens.of(_OPENING):
        follows = tokens[at + 1] if at + 1 < len(tokens) else None
        if follows is not None and follows.text not in _NO_OPERAND and follows.upper not in _NO_VALUE:
            continue
        token = tokens[at]
        if not _wants_value(tokens, at):
            continue
        if follows is None:
            yield _Fault(token, f"nothing follows `{token.text}`", at_end=True)
        else:
            yield _Fault(token, f"`{token.text}` is followed by `{follows.text}`")


def _wants_value(tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    before = tokens[at - 1] if at else None
    if before is not None and before.text == ".":
        # `t.from` in SQLite and MySQL, `OPERATOR(pg_catalog.=)`.
        return False
    if token.kind == "word":
        return token.upper in _OPENERS
    if token.kind == "other" or token.kind == "operator":
        # Signs beside each other may be one operator of an extension: `<->`, `=#=`.
        lone = before is None or before.kind not in ("other", "operator") or before.text in (")", "]", "*")
        behind = tokens[at + 1] if at + 1 < len(tokens) else None
        glued = behind is not None and behind.kind == "operator"
        return token.text in _SIGNS and lone and not glued
    return False


def _run_on(tokens: Tokens) -> Iterator[_Fault]:
    """`1WHERE`, `$1AND`: two literals of Python without a space between them."""
    for at in tokens.of(_NUMBER):
        follows = tokens[at + 1] if at + 1 < len(tokens) else None
        if follows is not None and follows.start == tokens[at].end and follows.upper in _ENDERS:
            yield _Fault(follows, f"`{tokens[at].text}` runs into `{follows.text}`")
    for at in tokens.of(_PLACEHOLDER):
        if _DIGITS.match(tokens[at].text):
            yield _Fault(tokens[at], f"`{tokens[at].text}` is a placeholder that runs into a word")


def _clauses(tokens: Tokens) -> Iterator[_Fault]:
    """Clauses of each SELECT out of order, and comparisons where FROM names its tables."""
    starts = [at for at in tokens.of(_SELECT) if _begins_group(tokens, at)]
    marks = tokens.of(_CLAUSE_MARKS) if starts else []
    for start in starts:
        yield from _select(tokens, marks[bisect_right(marks, start) :])


def _begins_group(tokens: Sequence[Token], at: int) -> bool:
    return at == 0 or tokens[at - 1].text == "(" or tokens[at - 1].upper in (*_SETS, "ALL")


def _select(tokens: Sequence[Token], marks: Sequence[int]) -> Iterator[_Fault]:
    """One SELECT, given the places behind its first word: to its end, without what stands in brackets."""
    rank, last = 0, ""
    depth = 0
    for at in marks:
        token = tokens[at]
        word = token.upper
        if depth or token.text in _OPEN:
            depth += (token.text in _OPEN) - (token.text in _CLOSED)
        elif token.text in _ENDS or word in _SETS:
            return
        elif _opens_clause(tokens, at):
            if _ORDER[word] < rank or (_ORDER[word] == rank and word in ("FROM", "WHERE", "HAVING")):
                yield _Fault(token, f"`{word}` stands behind `{last}`", at_end=True)
                return
            rank, last = _ORDER[word], word
        elif rank == 1 and word in _JOINED:
            last = "ON"
        elif last == "FROM" and token.text in _COMPARISONS and _compares(tokens, at):
            yield _Fault(token, f"`{token.text}` stands among the tables of `FROM`")
            return


def _opens_clause(tokens: Sequence[Token], at: int) -> bool:
    word, before = tokens[at].upper, tokens[at - 1]
    if word not in _ORDER or before.text == ".":
        return False
    follows = tokens[at + 1].upper if at + 1 < len(tokens) else ""
    if word in ("GROUP", "ORDER"):
        return follows == "BY"
    return not (word == "FROM" and before.upper in ("DISTINCT", "ROWS"))


def _compares(tokens: Sequence[Token], at: int) -> bool:
    """Whether a sign stands between two plain operands."""
    behind = tokens[at + 1] if at + 1 < len(tokens) else None
    return tokens[at - 1].is_name and behind is not None and behind.kind in _OPERANDS
