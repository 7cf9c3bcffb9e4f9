"""Text that a file gives in pieces: literals, concatenations, f-strings; with a way back to the file."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate

import msgspec

from infralint.source import Span

# Stands for what cannot be read in a joined text; a private-use character, so that no file holds it.
HOLE = "\ue000"


class Piece(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A run of characters and where it stands.

    Where `text` is as long as `span`, characters map one to one; else (an escape, a hole) the
    whole piece maps to the whole span. A hole's text is HOLE.
    """

    text: str
    span: Span

    @property
    def is_hole(self) -> bool:
        return self.text == HOLE


class Text(msgspec.Struct, frozen=True, array_like=True):
    """A string value as far as the file tells it. `span` covers the expression that makes it."""

    pieces: tuple[Piece, ...]
    span: Span

    @property
    def value(self) -> str:
        """All characters, with HOLE for every part that is not known."""
        pieces = self.pieces
        # Most texts are one literal, and are asked for by the ten thousand.
        return pieces[0].text if len(pieces) == 1 else "".join([piece.text for piece in pieces])

    @property
    def is_static(self) -> bool:
        return not any(piece.is_hole for piece in self.pieces)

    @property
    def static(self) -> str | None:
        """The value, or None when a part of it is not known."""
        return self.value if self.is_static else None

    def locate(self, start: int, end: int) -> Span:
        """The file's span of the characters `start` to `end` (exclusive) of `value`."""
        return Locator(self)(start, end)

    def locator(self) -> Locator:
        """`locate` for many questions."""
        return Locator(self)


class Locator:
    """Maps ranges of a text's characters to the file.

    Pieces may come from different places (a constant in the middle of a query): a range over several has the span
    from its first to its last where these stand in order, else that of its first piece.
    """

    __slots__ = ("_pieces", "_starts", "_whole")

    def __init__(self, text: Text) -> None:
        self._whole = text.span
        self._pieces = [piece for piece in text.pieces if piece.text]
        self._starts = [0, *accumulate(len(piece.text) for piece in self._pieces)]

    def __call__(self, start: int, end: int) -> Span:
        first = bisect_right(self._starts, start) - 1
        if first >= len(self._pieces):
            return Span(self._whole.start, self._whole.end)
        last = min(max(bisect_left(self._starts, end) - 1, first), len(self._pieces) - 1)
        begin, stop = self._place(first, start, end)
        if last != first:
            stop = max(stop, self._place(last, self._starts[last], end)[1])
            if stop < self._pieces[last].span.start or self._pieces[last].span.start < begin:
                return Span(*self._place(first, start, end))
        return Span(begin, stop)

    def _place(self, index: int, start: int, end: int) -> tuple[int, int]:
        """What a range takes of one piece."""
        piece, at = self._pieces[index], self._starts[index]
        if not _is_linear(piece):
            return piece.span.start, piece.span.end
        stop = min(end, at + len(piece.text))
        return piece.span.start + start - at, piece.span.start + stop - at


def _is_linear(piece: Piece) -> bool:
    return len(piece.text) == len(piece.span) and not piece.is_hole


def plain(text: str, start: int) -> Text:
    """A text that stands in the file as it is, from offset `start`."""
    span = Span(start, start + len(text))
    return Text((Piece(text, span),), span)


def hole(span: Span) -> Text:
    """A text of which nothing is known."""
    return Text((Piece(HOLE, span),), span)
