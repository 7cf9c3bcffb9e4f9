"""Parts of a Text, with their places in the file."""

from __future__ import annotations

from infralint.facts.text import Piece, Text
from infralint.source import Span


def sliced(text: Text, start: int, end: int) -> Text:
    """The characters `start` to `end` (exclusive) of a text, with their places in the file."""
    pieces = []
    at = 0
    for piece in text.pieces:
        low, high = max(start - at, 0), min(end - at, len(piece.text))
        if low < high:
            pieces.append(_cut(piece, low, high))
        at += len(piece.text)
    return Text(tuple(pieces), text.locate(start, end) if pieces else Span(text.span.start, text.span.start))


def _cut(piece: Piece, low: int, high: int) -> Piece:
    if high - low == len(piece.text):
        return piece
    if len(piece.text) != len(piece.span):
        return Piece(piece.text[low:high], piece.span)
    return Piece(piece.text[low:high], Span(piece.span.start + low, piece.span.start + high))
