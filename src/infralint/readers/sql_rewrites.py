"""PostgreSQL's newer or rarer forms that sqlglot does not read, blanked or replaced by text of equal length."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from infralint.ddl.tokens import Tokens, matching


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The text, and what RETURNING calls the rows before and after the change."""

    text: str
    row_names: tuple[str, ...] = ("old", "new")


# Each of these forms has one of these words at its start.
_MARKS = frozenset({"CURRENT", "OVERRIDING", "RETURNING"})


def rewritten(text: str, tokens: Tokens) -> Rewritten:
    """`text` is that of one statement, whose tokens these are."""
    names: tuple[str, ...] = ("old", "new")
    places = tokens.of(_MARKS)
    if not places:
        return Rewritten(text)
    base = tokens[0].start

    def put(first: int, last: int, new: str = "") -> None:
        nonlocal text
        start, end = tokens[first].start - base, tokens[last].end - base
        text = text[:start] + new.ljust(end - start) + text[end:]

    for at in places:
        words = [each.upper or each.text for each in tokens[at : at + 3]]
        if words[0] == "OVERRIDING" and words[2:] == ["VALUE"]:
            put(at, at + 2)
        elif words == ["RETURNING", "WITH", "("]:
            end = matching(tokens, at + 2)
            if end < len(tokens):
                put(at + 1, end)
                # `(OLD AS o, NEW AS n)`
                names = tuple(t.name for before, t in pairwise(tokens[at + 3 : end]) if before.upper == "AS")
        elif words[:2] == ["CURRENT", "OF"] and len(words) == 3 and at and tokens[at - 1].upper == "WHERE":
            put(at, at + 2, "TRUE")
    return Rewritten(text, names)
