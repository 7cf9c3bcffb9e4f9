"""CHECK conditions that do nothing but list the values of one column.

The shapes are those that people write (`a IN ('x', 'y')`, `a = 'x' OR a = 'y'`) and those into which PostgreSQL's
pg_get_constraintdef turns them (`((a)::text = ANY ((ARRAY['x'::character varying])::text[]))`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from infralint.ddl.cursor import Locate
from infralint.ddl.tokens import Token, matching, split_commas
from infralint.facts.sql import SqlLiteral

Allowed = tuple[str, tuple[SqlLiteral, ...]]


def allowed_values(condition: Sequence[Token], locate: Locate) -> Allowed | None:
    """The column as written, and all values that the condition lets through besides NULL; None for other shapes."""
    tokens = _stripped(condition)
    parts = [part for part in _split(tokens, "OR") if not _is_null_test(part)]
    found = [_one(_stripped(part), locate) for part in parts]
    if not found or any(each is None for each in found):
        return None
    known = [each for each in found if each is not None]
    columns = {column.strip('"`').lower() for column, _ in known}
    if len(columns) != 1:
        return None
    return known[0][0], tuple(literal for _, literals in known for literal in literals)


def _one(tokens: Sequence[Token], locate: Locate) -> Allowed | None:
    if len(_split(tokens, "OR")) > 1:
        return allowed_values(tokens, locate)
    at = next((i for i, token in _shallow(tokens) if token.upper == "IN" or token.text == "="), None)
    if at is None:
        return None
    column = _stripped(tokens[:at])
    if len(column) != 1 or not column[0].is_name:
        return None
    literals = _list(tokens[at + 1 :], locate) if tokens[at].upper == "IN" else _right(tokens[at + 1 :], locate)
    return None if not literals else (column[0].text, literals)


def _right(tokens: Sequence[Token], locate: Locate) -> tuple[SqlLiteral, ...] | None:
    """What stands behind `=`: a value, or ANY of an array."""
    if tokens and tokens[0].upper in ("ANY", "SOME"):
        array = _stripped(tokens[1:])
        if array and array[0].upper == "ARRAY" and len(array) > 2 and matching(array, 1) == len(array) - 1:
            return _literals(array[2:-1], locate)
        return None
    literal = _literal(tokens, locate)
    return None if literal is None else (literal,)


def _list(tokens: Sequence[Token], locate: Locate) -> tuple[SqlLiteral, ...] | None:
    if not tokens or tokens[0].text != "(" or matching(tokens, 0) != len(tokens) - 1:
        return None
    return _literals(tokens[1:-1], locate)


def _literals(tokens: Sequence[Token], locate: Locate) -> tuple[SqlLiteral, ...] | None:
    found = [_literal(part, locate) for part in split_commas(tokens)]
    known = tuple(literal for literal in found if literal is not None)
    return known if len(known) == len(found) else None


def _literal(tokens: Sequence[Token], locate: Locate) -> SqlLiteral | None:
    tokens = _stripped(tokens)
    if len(tokens) == 2 and tokens[0].text == "-" and tokens[1].kind == "number":
        return SqlLiteral("number", f"-{tokens[1].text}", locate(tokens[0].start, tokens[1].end))
    if len(tokens) != 1:
        return None
    return literal_of(tokens[0], locate)


def literal_of(token: Token, locate: Locate) -> SqlLiteral | None:
    """A string or number that one token is."""
    span = locate(token.start, token.end)
    if token.kind == "number":
        return SqlLiteral("number", token.text, span)
    if token.kind == "string" and token.text.startswith("'") and token.text.endswith("'"):
        return SqlLiteral("string", token.text[1:-1].replace("''", "'"), span)
    return SqlLiteral("null", "", span) if token.upper == "NULL" else None


def _shallow(tokens: Sequence[Token]) -> list[tuple[int, Token]]:
    """Tokens that stand in no bracket, with their places."""
    found, depth = [], 0
    for at, token in enumerate(tokens):
        if token.text in (")", "]"):
            depth -= 1
        elif depth == 0:
            found.append((at, token))
        if token.text in ("(", "["):
            depth += 1
    return found


def _split(tokens: Sequence[Token], word: str) -> list[Sequence[Token]]:
    cuts = [at for at, token in _shallow(tokens) if token.upper == word]
    edges = [-1, *cuts, len(tokens)]
    return [tokens[first + 1 : last] for first, last in pairwise(edges)]


def _is_null_test(tokens: Sequence[Token]) -> bool:
    words = [token.upper for token in _stripped(tokens)]
    return len(words) == 3 and words[1:] == ["IS", "NULL"]


def _stripped(tokens: Sequence[Token]) -> Sequence[Token]:
    """Without brackets around the whole, and without a cast of the whole at its end."""
    while tokens:
        if tokens[0].text == "(" and matching(tokens, 0) == len(tokens) - 1:
            tokens = tokens[1:-1]
            continue
        casts = [at for at, token in _shallow(tokens) if token.text == "::"]
        if casts and _is_type(tokens[casts[-1] + 1 :]) and not _has_operator(tokens[: casts[-1]]):
            tokens = tokens[: casts[-1]]
            continue
        return tokens
    return tokens


def _is_type(tokens: Sequence[Token]) -> bool:
    return (
        bool(tokens)
        and tokens[0].is_name
        and all(
            token.is_name or token.kind == "number" or token.text in ("(", ")", "[", "]", ",", ".") for token in tokens
        )
        and not any(token.upper in ("OR", "AND", "IN", "IS") for token in tokens)
    )


def _has_operator(tokens: Sequence[Token]) -> bool:
    """Whether a cast behind these tokens is one of their last operand alone."""
    return any(
        token.upper in ("OR", "AND", "IN", "IS", "NOT", "LIKE") or token.text in "=<>+-*/|"
        for _, token in _shallow(tokens)
    )
