"""The logical lines of a requirement file, as pip joins and cuts them (pip user guide, "Requirements File Format")."""

from __future__ import annotations

import re
from collections.abc import Iterator

from infralint.facts.slices import sliced
from infralint.facts.text import HOLE, Piece, Text
from infralint.source import Span

_COMMENT = re.compile(r"(?:^|\s+)#.*$")
# pip replaces what is set where it runs, and leaves what is not.
_VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")


def logical_lines(text: str) -> Iterator[Text]:
    """The lines that are not empty, without comments; a variable is a hole."""
    for joined in _joined(text):
        value = joined.value
        end = comment.start() if (comment := _COMMENT.search(value)) else len(value)
        start = len(value) - len(value.lstrip())
        end = len(value[:end].rstrip())
        if start < end:
            yield _with_holes(sliced(joined, start, end))


def _joined(text: str) -> Iterator[Text]:
    """Physical lines joined where one ends in a backslash; a comment ends what it stands in."""
    pieces: list[Piece] = []
    for line in _physical(text):
        is_comment = _COMMENT.match(line.text) is not None
        if line.text.endswith("\\") and not is_comment:
            kept = line.text.strip("\\")
            start = line.span.start + line.text.index(kept)
            pieces.append(Piece(kept, Span(start, start + len(kept))))
            continue
        if is_comment:
            pieces.append(Piece(" ", Span(line.span.start, line.span.start)))
        pieces.append(line)
        yield _text_of(pieces)
        pieces = []
    if pieces:
        yield _text_of(pieces)


def _physical(text: str) -> Iterator[Piece]:
    """The lines as str.splitlines cuts them, which pip uses: a form feed ends one too."""
    start = 0
    for line in text.splitlines(keepends=True):
        content = line.splitlines()[0]
        yield Piece(content, Span(start, start + len(content)))
        start += len(line)


def _text_of(pieces: list[Piece]) -> Text:
    return Text(tuple(pieces), Span(pieces[0].span.start, pieces[-1].span.end))


def _with_holes(line: Text) -> Text:
    value = line.value
    pieces: list[Piece] = []
    at = 0
    for variable in _VARIABLE.finditer(value):
        pieces.extend(sliced(line, at, variable.start()).pieces)
        pieces.append(Piece(HOLE, line.locate(*variable.span())))
        at = variable.end()
    if not at:
        return line
    return Text((*pieces, *sliced(line, at, len(value)).pieces), line.span)
