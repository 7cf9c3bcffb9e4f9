"""A script's text cut into pieces: ranges of its value, with quotes and escapes taken off."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from infralint.facts.text import Piece, Text
from infralint.source import Span

# POSIX.1-2017, Shell Command Language 2.2.1 and 2.2.3: what a backslash quotes, bare and in double quotes.
_BARE_ESCAPE = re.compile(r"\\(\r?\n|[\s\S])")
_DOUBLE_ESCAPE = re.compile(r"\\(\r?\n|[$`\"\\])")


class Script:
    """A script given as Text. Ranges count the characters of its value; pieces point into the file."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.value = text.value
        self._starts = [0, *accumulate(len(piece.text) for piece in text.pieces)]
        self._has_values = not all(self._is_written(piece.span) for piece in text.pieces)

    def span(self, start: int, end: int) -> Span:
        """Where a range of the value stands in the file."""
        if not self._has_values or start >= end:
            return self.text.locate(start, end)
        spans = [piece.span for piece in self.pieces(start, end)]
        written = [span for span in spans if self._is_written(span)] or spans
        return Span(min(span.start for span in written), max(span.end for span in written))

    def _is_written(self, span: Span) -> bool:
        """Whether a piece stands in the script itself, and not where a variable got its value."""
        return self.text.span.start <= span.start and span.end <= self.text.span.end

    def pieces(self, start: int, end: int) -> Iterator[Piece]:
        """The characters of a range as they are."""
        index = max(bisect_right(self._starts, start) - 1, 0)
        while index < len(self.text.pieces) and self._starts[index] < end:
            piece, at = self.text.pieces[index], self._starts[index]
            first, last = max(start - at, 0), min(end - at, len(piece.text))
            if first < last:
                yield _cut(piece, first, last)
            index += 1

    def bare(self, start: int, end: int) -> Iterator[Piece]:
        """The characters of an unquoted range, its escapes taken off."""
        return self._unescaped(start, end, _BARE_ESCAPE)

    def double_quoted(self, start: int, end: int) -> Iterator[Piece]:
        """The characters of a range inside of double quotes, its escapes taken off."""
        return self._unescaped(start, end, _DOUBLE_ESCAPE)

    def _unescaped(self, start: int, end: int, escape: re.Pattern[str]) -> Iterator[Piece]:
        for match in escape.finditer(self.value, start, end):
            yield from self.pieces(start, match.start())
            start = match.end()
            if not match[1].endswith("\n"):
                yield Piece(match[1], self.span(match.start(), match.end()))
        yield from self.pieces(start, end)


def _cut(piece: Piece, first: int, last: int) -> Piece:
    if first == 0 and last == len(piece.text):
        return piece
    if piece.is_hole or len(piece.text) != len(piece.span):
        return Piece(piece.text[first:last], piece.span)
    return Piece(piece.text[first:last], Span(piece.span.start + first, piece.span.start + last))
