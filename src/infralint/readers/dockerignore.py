"""`.dockerignore` files: their patterns, in order.

Docker's "Build context" manual, ".dockerignore files", and moby/patternmatcher (ignorefile.ReadAll), 2025.
"""

from __future__ import annotations

import posixpath
import re

from infralint.facts.files import FileFacts
from infralint.facts.text import Piece, Text
from infralint.source import Span

_LINE = re.compile(r"[^\r\n]+")


def read(text: str, dialect: str) -> FileFacts:
    """The patterns of an ignore file, cleaned as Docker cleans them; `!` stays before an exception."""
    patterns = (_pattern(match[0], match.start()) for match in _LINE.finditer(text))
    return FileFacts(docker_ignores=tuple(pattern for pattern in patterns if pattern is not None))


def _pattern(line: str, start: int) -> Text | None:
    """One line's pattern, relative to the context; None for a comment or nothing."""
    written = line.strip()
    cleaned = "" if line.startswith("#") else _cleaned(written)
    if not cleaned:
        return None
    start += len(line) - len(line.lstrip())
    span = Span(start, start + len(written))
    return Text((Piece(cleaned, span),), span)


def _cleaned(pattern: str) -> str:
    invert = pattern.startswith("!")
    pattern = pattern[1:].strip() if invert else pattern
    if not pattern:
        return ""
    cleaned = posixpath.normpath(pattern).replace("//", "/")
    if len(cleaned) > 1:
        cleaned = cleaned.removeprefix("/")
    return f"!{cleaned}" if invert else cleaned
