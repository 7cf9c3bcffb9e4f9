"""A statement's text made fit for sqlglot: placeholders and holes replaced by text of equal length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from infralint.ddl.tokens import Token, Tokens
from infralint.facts.text import HOLE

# Stands for every character of a placeholder. Like HOLE a private-use character: sqlglot reads it as an
# identifier, so a placeholder may stand wherever a column may, and its offsets hold.
PLACEHOLDER = "\ue001"

# After these words an operand follows: a `?` is a placeholder, and a hole is one, too.
BEFORE_OPERAND = frozenset(
    {
        "ALL", "AND", "ANY", "AS", "BETWEEN", "BY", "CASE", "COLLATE", "DELETE", "DISTINCT", "DIV", "DO",
        "ELSE", "ESCAPE", "EXCEPT", "EXISTS", "FETCH", "FIRST", "FROM", "GLOB", "HAVING", "ILIKE", "IN",
        "INTERSECT", "INTERVAL", "INTO", "IS", "JOIN", "LATERAL", "LIKE", "LIMIT", "MATCH", "MOD", "NEXT",
        "NOT", "OF", "OFFSET", "ON", "OR", "OVER", "RECURSIVE", "REGEXP", "RETURNING", "RLIKE", "SELECT",
        "SET", "SIMILAR", "SOME", "TABLE", "THEN", "TO", "UNION", "UPDATE", "USING", "VALUES", "WHEN",
        "WHERE", "WITH", "XOR",
    }
)  # fmt: skip
# What may follow an operand and is none itself.
_AFTER_OPERAND = BEFORE_OPERAND | frozenset(
    {
        "ASC", "CONFLICT", "CROSS", "DESC", "END", "FOR", "FULL", "GROUP", "INNER", "LEFT", "NATURAL",
        "NULLS", "ORDER", "OUTER", "RIGHT", "WINDOW", "ISNULL", "NOTNULL",
    }
)  # fmt: skip
# The word that opens a clause, and whether a hole in it may bring further sources of columns.
_CLAUSES = {
    "SELECT": False, "FROM": True, "JOIN": True, "ON": True, "USING": True, "WHERE": False, "GROUP": False,
    "ORDER": False, "HAVING": False, "LIMIT": False, "OFFSET": False, "RETURNING": False, "VALUES": False,
    "INTO": False, "UPDATE": True, "SET": True, "CONFLICT": False, "WINDOW": False, "FOR": False,
    "MERGE": True,
}  # fmt: skip


# What a mask may replace wherever it stands, and the statements whose first three words it may.
_MASKED = frozenset({"%", "ESCAPE", "VALUES", "placeholder"})
_FIRST_MASKED = frozenset({"INSERT", "REPLACE", "UPDATE"})


@dataclass(frozen=True, slots=True)
class Masked:
    """`text` is as long as the original. `open_sources`: FROM items may be missing from it; `open_outputs`:
    columns of the result may be."""

    text: str
    open_sources: bool = False
    open_outputs: bool = False


def may_have_holes(text: str, tokens: Sequence[Token]) -> bool:
    """Whether a part of a statement is made at run time: a hole, or what somebody formats later, `{name}`."""
    start, end = tokens[0].start, tokens[-1].end
    return text.find(HOLE, start, end) >= 0 or (text.find("{", start, end) >= 0 and any(HOLE in t.text for t in tokens))


def has_holes(text: str, tokens: Sequence[Token]) -> bool:
    """Whether a hole stands outside of strings."""
    return may_have_holes(text, tokens) and any(
        HOLE in token.text for token in tokens if token.kind in ("word", "quoted")
    )


def masked(text: str, tokens: Tokens, *, keep_holes: bool) -> Masked:
    """The text of one statement (`tokens` with their offsets in `text`).

    A hole that stands where an operand must stays, as an identifier. One that stands after a whole operand
    is a clause, a direction or an operator: it is blanked, unless `keep_holes`.
    """
    base, end = tokens[0].start, tokens[-1].end
    part = text[base:end]
    holes = may_have_holes(text, tokens)
    places = _places(tokens, holes=holes)
    if not places:
        return Masked(part)
    pieces: list[str] = []
    done = base
    sources = outputs = False
    for at in places:
        token = tokens[at]
        replacement = _replacement(tokens, at)
        if replacement is None and not keep_holes and _is_loose_hole(tokens, at):
            clause = _clause(tokens, at)
            replacement = " " * len(token.text)
            if _joins_operands(tokens, at):
                replacement = "=" + replacement[1:]
            else:
                sources = sources or _CLAUSES.get(clause, True)
                outputs = outputs or clause == "SELECT"
        elif replacement is None and _is_hole(token) and _CLAUSES.get(_clause(tokens, at), False):
            sources = sources or (at > 0 and tokens[at - 1].upper in ("FROM", "JOIN", "ON"))
        if replacement is None and holes and HOLE in token.text:
            replacement = token.text
        if replacement is not None:
            pieces += (text[done : token.start], replacement)
            done = token.end
    return Masked("".join((*pieces, text[done:end])) if pieces else part, sources, outputs)


def _places(tokens: Tokens, *, holes: bool) -> Sequence[int]:
    """The indexes of the tokens that a mask may replace, in order."""
    found = tokens.of(_MASKED)
    if holes:
        found = sorted({*found, *(at for at, token in enumerate(tokens) if HOLE in token.text)})
    if tokens[0].upper in _FIRST_MASKED:
        found = sorted({*found, *range(min(3, len(tokens)))})
    return found


def _replacement(tokens: Sequence[Token], at: int) -> str | None:
    token = tokens[at]
    follows = tokens[at + 1] if at + 1 < len(tokens) else None
    if token.upper == "ESCAPE" and follows is not None and follows.kind == "placeholder":
        return " " * len(token.text)
    if token.kind == "placeholder" and at and tokens[at - 1].upper == "ESCAPE":
        return " " * len(token.text)
    if token.kind == "placeholder":
        if token.text[0] == "?" and at and is_operand(tokens, at - 1):
            return None
        return PLACEHOLDER * len(token.text)
    if token.text == "%" and at and tokens[at - 1].text == "%" and tokens[at - 1].end == token.start:
        return " "
    if token.upper == "VALUES" and follows is not None and (follows.kind == "placeholder" or _is_hole(follows)):
        # execute_values puts any number of rows there.
        return "SELECT"
    first = tokens[0].upper
    if at == 0 and first == "REPLACE":
        return "INSERT "
    if at == 1 and token.upper == "IGNORE" and first == "INSERT":
        return "      "
    if at in (1, 2) and first == "UPDATE" and tokens[1].upper == "OR":
        return " " * len(token.text)
    return None


def _is_hole(token: Token) -> bool:
    return HOLE in token.text and not token.text.strip(HOLE)


def is_operand(tokens: Sequence[Token], at: int) -> bool:
    """Whether an operand ends with this token."""
    token = tokens[at]
    if token.kind == "word":
        locks = token.upper == "UPDATE" and at > 0 and tokens[at - 1].upper == "FOR"
        return locks or token.upper not in BEFORE_OPERAND
    if token.text == "*":
        return at > 0 and (
            tokens[at - 1].upper in ("SELECT", "DISTINCT", "RETURNING") or tokens[at - 1].text in (",", ".", "(")
        )
    return token.kind in ("quoted", "string", "dollar", "number", "placeholder") or token.text in (")", "]")


def _is_loose_hole(tokens: Sequence[Token], at: int) -> bool:
    return _is_hole(tokens[at]) and at > 0 and is_operand(tokens, at - 1)


def _joins_operands(tokens: Sequence[Token], at: int) -> bool:
    """Whether a hole stands between two operands, as an operator does."""
    if at + 1 >= len(tokens):
        return False
    after = tokens[at + 1]
    if after.kind == "word":
        return after.upper not in _AFTER_OPERAND and not _is_hole(after)
    return after.kind in ("quoted", "string", "number", "placeholder") or after.text == "("


def _clause(tokens: Sequence[Token], at: int) -> str:
    """The word that opens the clause around a token; "(" inside of brackets that open none."""
    depth = 0
    for token in reversed(tokens[:at]):
        if token.text == ")":
            depth += 1
        elif token.text == "(":
            if depth == 0:
                return "("
            depth -= 1
        elif depth == 0 and token.upper in _CLAUSES:
            return token.upper
    return ""


def may_go_on(tokens: Sequence[Token]) -> bool:
    """Whether text that is put behind a statement may bring further sources of columns."""
    return not tokens or _CLAUSES.get(_clause(tokens, len(tokens)), True)
