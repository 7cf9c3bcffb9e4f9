"""Text that a file gives in pieces: literals, concatenations, f-strings; with a way back to the file."""

from __future__ import annotations

from collections.abc import Iterator

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
        return "".join(piece.text for piece in self.pieces)

    @property
    def is_static(self) -> bool:
        return not any(piece.is_hole for piece in self.pieces)

    @property
    def static(self) -> str | None:
        """The value, or None when a part of it is not known."""
        return self.value if self.is_static else None

    def locate(self, start: int, end: int) -> Span:
        """The file's span of the characters `start` to `end` (exclusive) of `value`."""
        first: int | None = None
        last = self.span.end
        for piece, at in self._placed():
            if first is None and start < at + len(piece.text):
                first = piece.span.start + (start - at if _is_linear(piece) else 0)
            if end <= at + len(piece.text):
                last = piece.span.start + (end - at) if _is_linear(piece) else piece.span.end
                break
        return Span(self.span.start if first is None else first, last)

    def _placed(self) -> Iterator[tuple[Piece, int]]:
        at = 0
        for piece in self.pieces:
            yield piece, at
            at += len(piece.text)


def _is_linear(piece: Piece) -> bool:
    return len(piece.text) == len(piece.span) and not piece.is_hole


def plain(text: str, start: int) -> Text:
    """A text that stands in the file as it is, from offset `start`."""
    span = Span(start, start + len(text))
    return Text((Piece(text, span),), span)


def hole(span: Span) -> Text:
    """A text of which nothing is known."""
    return Text((Piece(HOLE, span),), span)
