"""Words that are replaced: a name, or a part of a string literal."""

from __future__ import annotations

import re

from infralint.codemods.resolved import Resolved
from infralint.findings import Rename, TextEdit
from infralint.source import Span

# A string literal that stands alone: its prefix, its quotes, what is between them. Formatted ones and bytes are none.
_LITERAL = re.compile(r"(?P<prefix>[rRuU]?)(?P<quote>'''|\"\"\"|'|\")(?P<text>.*)(?P=quote)", re.DOTALL)


def rename(change: Rename, text: str) -> Resolved | None:
    """The edit of a Rename."""
    span = change.span
    written = text[span.start : span.end]
    if written.casefold() == change.old.casefold():
        return Resolved((TextEdit(change.path, span, change.new),))
    literal = _LITERAL.fullmatch(written)
    if literal is None or not _is_one(literal):
        return None
    found = _places(change.old, literal["text"])
    if len(found) != 1 or not _may_hold(literal, change.new):
        return None
    start = span.start + literal.start("text") + found[0]
    return Resolved((TextEdit(change.path, Span(start, start + len(change.old)), change.new),))


def _is_one(literal: re.Match[str]) -> bool:
    """Whether the quotes belong together: none of their kind stands between them."""
    inner = literal["text"]
    return literal["quote"] not in inner and not inner.endswith("\\") and not (not inner and len(literal["quote"]) == 3)


def _places(words: str, text: str) -> list[int]:
    """Where words stand in a text and are not parts of others."""
    before = r"(?<!\w)" if words[:1].isidentifier() else ""
    behind = r"(?!\w)" if words[-1:].isalnum() or words.endswith("_") else ""
    return [match.start() for match in re.finditer(f"{before}{re.escape(words)}{behind}", text)]


def _may_hold(literal: re.Match[str], new: str) -> bool:
    """Whether a literal can hold a text as it is."""
    return new.isprintable() and "\\" not in new and literal["quote"][0] not in new
