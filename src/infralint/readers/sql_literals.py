"""Literals beside columns, read from tokens: sqlglot's trees do not say where a literal stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from infralint.ddl.cursor import Locate
from infralint.ddl.tokens import Token, Tokens, matching, split_commas
from infralint.facts.sql import SqlComparison, SqlLiteral
from infralint.facts.text import HOLE

# What may stand before a whole operand, so that nothing there binds tighter than a comparison.
_BEFORE = frozenset(
    {
        "", "AND", "BY", "CASE", "ELSE", "HAVING", "NOT", "ON", "OR", "RETURNING", "SELECT", "SET", "THEN", "WHEN",
        "WHERE",
    }
)  # fmt: skip
_AFTER = frozenset(
    {
        "AND", "AS", "ASC", "CROSS", "DESC", "DO", "ELSE", "END", "EXCEPT", "FETCH", "FOR", "FROM", "FULL", "GROUP",
        "HAVING", "INNER", "INTERSECT", "JOIN", "LEFT", "LIMIT", "OFFSET", "ON", "OR", "ORDER", "RETURNING", "RIGHT",
        "THEN", "UNION", "WHEN", "WHERE", "WINDOW",
    }
)  # fmt: skip
_EQUALS = frozenset({"=", "==", "<>", "!="})
# What stands behind a column that is compared with literals, and in casts.
_LITERAL_KINDS = frozenset({"string", "number"})
_MARKS = _EQUALS | {"::", "CAST", "IN", "IS", "NOT", "WHEN"}
# What makes the text of a literal something else before the server sees it: `%s`, `{x}`, escapes.
_UNSAFE = frozenset(f"%{{}}\\{HOLE}")


def literal_of(tokens: Sequence[Token], locate: Locate) -> SqlLiteral | None:
    """The literal that an item is: a string, a number, NULL or DEFAULT; `'x'::type` is one, too."""
    if not tokens or (len(tokens) > 1 and not _is_cast(tokens)):
        return None
    first = tokens[0]
    span = locate(first.start, first.end)
    if first.kind == "number":
        return SqlLiteral("number", first.text, span)
    if first.upper in ("NULL", "DEFAULT"):
        return SqlLiteral(first.upper.lower(), "", span)
    value = _string(first)
    return None if value is None else SqlLiteral("string", value, span)


def _string(token: Token) -> str | None:
    """What a plain string means; None where that depends on more than itself."""
    text = token.text
    if token.kind != "string" or len(text) < 2 or text[0] != "'" or text[-1] != "'" or _UNSAFE & set(text):
        return None
    return text[1:-1].replace("''", "'")


def _is_cast(tokens: Sequence[Token]) -> bool:
    return len(tokens) == 3 and tokens[1].text == "::" and tokens[2].is_name


def comparisons(tokens: Tokens, locate: Locate) -> Iterator[SqlComparison]:
    """All comparisons and assignments of a column with literals, and casts of literals."""
    if not tokens.have("string", "number", "NULL"):
        return
    for mark in tokens.of(_MARKS):
        if tokens[mark].text == "::" or tokens[mark].upper == "CAST":
            yield from _cast(tokens, mark, locate)
            continue
        if not _may_compare(tokens, mark):
            continue
        at, token = mark - 1, tokens[mark - 1]
        if mark and token.is_name and HOLE not in token.text and _ends_column(tokens, at):
            literals = tuple(_beside(tokens, at, locate))
            if literals:
                yield SqlComparison(locate(token.start, token.end), literals)


def _may_compare(tokens: Tokens, mark: int) -> bool:
    """Whether what stands behind a mark may be literals; most operands are none, and tell it at once."""
    if mark + 1 >= len(tokens):
        return False
    follows = tokens[mark + 1]
    if tokens[mark].text in _EQUALS:
        return follows.kind in _LITERAL_KINDS or follows.upper in ("NULL", "ANY")
    return tokens[mark].upper not in ("IS", "NOT") or follows.upper in ("DISTINCT", "NOT", "IN")


def _ends_column(tokens: Sequence[Token], at: int) -> bool:
    """Whether a column's name ends here that is a whole operand."""
    first = at
    while first > 1 and tokens[first - 1].text == "." and tokens[first - 2].is_name:
        first -= 2
    before = tokens[first - 1] if first else None
    if before is None or (at + 1 < len(tokens) and tokens[at + 1].text in (".", "(")):
        return False
    return before.text in ("(", ",") or (before.kind == "word" and before.upper in _BEFORE)


def _beside(tokens: Sequence[Token], at: int, locate: Locate) -> Iterator[SqlLiteral]:
    words = [token.upper or token.text for token in tokens[at + 1 : at + 6]]
    after = at + 1
    if words[:1] and words[0] in _EQUALS:
        if words[1:5] == ["ANY", "(", "ARRAY", "["]:
            yield from _listed(tokens, at + 5, locate)
            return
        after = at + 2
    elif words[:3] == ["IS", "DISTINCT", "FROM"]:
        after = at + 4
    elif words[:4] == ["IS", "NOT", "DISTINCT", "FROM"]:
        after = at + 5
    elif words[:2] == ["IN", "("] or words[:3] == ["NOT", "IN", "("]:
        yield from _listed(tokens, at + words.index("(") + 1, locate)
        return
    elif words[:1] == ["WHEN"] and _opens_case(tokens, at):
        yield from _branches(tokens, at + 1, locate)
        return
    else:
        return
    literal = literal_of(tokens[after : after + 1], locate)
    if literal is not None and literal.kind in ("string", "number", "null") and _ends(tokens, after + 1):
        yield literal


def _ends(tokens: Sequence[Token], at: int) -> bool:
    """Whether an operand is over before this token."""
    if at >= len(tokens):
        return True
    return tokens[at].text in (")", ",", ";") or tokens[at].upper in _AFTER


def _listed(tokens: Sequence[Token], bracket: int, locate: Locate) -> Iterator[SqlLiteral]:
    for item in split_commas(tokens[bracket + 1 : matching(tokens, bracket)]):
        literal = literal_of(item, locate) if len(item) == 1 else None
        if literal is not None and literal.kind in ("string", "number"):
            yield literal


def _opens_case(tokens: Sequence[Token], at: int) -> bool:
    while at > 1 and tokens[at - 1].text == ".":
        at -= 2
    return at > 0 and tokens[at - 1].upper == "CASE"


def _branches(tokens: Sequence[Token], at: int, locate: Locate) -> Iterator[SqlLiteral]:
    """The literals of `CASE a WHEN 'x' THEN ... WHEN 'y' THEN ... END`, from its first WHEN."""
    depth = 1
    for index in range(at, len(tokens)):
        word = tokens[index].upper
        depth += (word == "CASE") - (word == "END")
        if depth == 0:
            return
        follows = tokens[index + 2].upper if index + 2 < len(tokens) else ""
        if depth == 1 and word == "WHEN" and follows == "THEN":
            literal = literal_of(tokens[index + 1 : index + 2], locate)
            if literal is not None and literal.kind in ("string", "number"):
                yield literal


def _cast(tokens: Sequence[Token], at: int, locate: Locate) -> Iterator[SqlComparison]:
    """`'x'::type` at its `::`, `CAST('x' AS type)` at its first word."""
    if tokens[at].text == "::":
        literal, rest = tokens[at - 1 : at], tokens[at + 1 :]
    else:
        words = [token.upper or token.text for token in tokens[at + 1 : at + 4]]
        if len(words) < 3 or words[0] != "(" or words[2] != "AS":
            return
        literal, rest = tokens[at + 2 : at + 3], tokens[at + 4 :]
    read = literal_of(literal, locate)
    name = rest[2] if len(rest) > 2 and rest[1].text == "." else rest[0] if rest else None
    behind = rest[rest.index(name) + 1] if name is not None and len(rest) > rest.index(name) + 1 else None
    if read is None or read.kind != "string" or name is None or not name.is_name:
        return
    if behind is None or behind.text not in ("[", "(", "."):
        yield SqlComparison(locate(name.start, name.end), (read,), name.name)
