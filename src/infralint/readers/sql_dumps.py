"""Data in dumps: lines that insert one row after the other are left out, but for the first ones."""

from __future__ import annotations

import re
from collections.abc import Iterator

from infralint.source import Span

# A shorter file is read as it is.
_WORTH_LEAVING_OUT = 20_000
# A line of data: a statement of its own, without a backslash, which servers read in different ways.
_ROW = re.compile(
    r"^(?P<into>INSERT[ \t]+INTO[ \t]+[^()'\\\n]{1,200}(?:\([^()'\\\n]{1,10000}\))?[ \t]*VALUES)"
    r"[ \t]*\([^\\\n;]*\);[ \t]*\r?$",
    re.IGNORECASE | re.MULTILINE,
)
# What is wrong with the rows of one table is wrong with the first ones.
_ROWS_READ = 50


def without_rows(text: str) -> tuple[str, list[Span]]:
    """The text with such lines blanked, so that offsets stay, and a span for each block of them."""
    parts: list[str] = []
    blocks: list[Span] = []
    at = 0
    for row in _rows(text):
        parts += [text[at : row.start], " " * len(row)]
        at = row.end
        if blocks and not text[blocks[-1].end : row.start].strip():
            blocks[-1] = Span(blocks[-1].start, row.end)
        else:
            blocks.append(row)
    return ("".join([*parts, text[at:]]) if parts else text), blocks


def _rows(text: str) -> Iterator[Span]:
    """Lines that insert further rows of the same columns into the same table."""
    if len(text) < _WORTH_LEAVING_OUT:
        return
    seen: dict[str, int] = {}
    for match in _ROW.finditer(text):
        count = seen[match["into"]] = seen.get(match["into"], 0) + 1
        if count > _ROWS_READ and match[0].count("'") % 2 == 0:
            yield Span(match.start(), match.end())
