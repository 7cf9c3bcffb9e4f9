"""A column's definition, read from tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from infralint.facts.sql import SqlColumn
from infralint.readers.sql_tokens import Token
from infralint.source import Span

Locate = Callable[[int, int], Span]

# What ends a column's type.
_COLUMN_WORDS = frozenset(
    {
        "AS", "AUTOINCREMENT", "AUTO_INCREMENT", "CHECK", "COLLATE", "COMMENT", "CONSTRAINT", "DEFAULT",
        "DEFERRABLE", "GENERATED", "IDENTITY", "INITIALLY", "KEY", "NOT", "NULL", "ON", "PRIMARY",
        "REFERENCES", "STORAGE", "UNIQUE",
    }
)  # fmt: skip


def column_of(item: Sequence[Token], locate: Locate) -> SqlColumn:
    """The column that an item of a column list defines: its name, then its type, then constraints."""
    first, rest = item[0], item[1:]
    words = [token.upper for token in rest]
    cut = next((index for index, word in enumerate(words) if word in _COLUMN_WORDS), len(rest))
    pairs = set(pairwise(words))
    name = first.text[1:-1] if first.kind == "string" else first.name
    return SqlColumn(
        name,
        locate(first.start, first.end),
        _joined(rest[:cut]),
        ("NOT", "NULL") in pairs,
        "DEFAULT" in words or "GENERATED" in words or "IDENTITY" in words,
        ("PRIMARY", "KEY") in pairs,
        _joined(rest[cut:]),
    )


def _joined(tokens: Sequence[Token]) -> str:
    """Tokens as text, with the white space between them reduced to what tells them apart."""
    text = ""
    for previous, token in zip([None, *tokens], tokens, strict=False):
        text += " " if previous is not None and token.start > previous.end else ""
        text += token.text
    return text
