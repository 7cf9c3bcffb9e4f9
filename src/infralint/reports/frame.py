"""A source line in a fixed number of terminal cells, and where a span lies in it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from infralint.reports.harmless import harmless

_TAB = 4
_CUT = "…"
# Hangul vowels and final consonants join the syllable before them (UAX #11); a soft hyphen is drawn.
_JOINING = range(0x1160, 0x1200)
_SOFT_HYPHEN = "\u00ad"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is shown of a line: its text, and the cells before and under the span."""

    text: str
    indent: int
    width: int


def excerpt(line: str, start: int, end: int, limit: int) -> Excerpt:
    """Show a line in at most `limit` cells. `start` and `end` (exclusive) are characters from 0.

    A span that is empty or past the end of the line is shown one cell wide.
    """
    start = min(start, len(line))
    end = max(start, min(end, len(line)))
    # What is further away than the limit cannot be seen: a line of a megabyte costs no more than a long one.
    left, right = max(0, start - limit), min(len(line), min(end, start + limit) + limit)
    cells = _cells(line[left:right])
    first, last = 0, len(cells)
    if right - left < len(line) or sum(width for _, width in cells) > limit:
        first, last = _window(cells, start - left, min(end, right) - left, limit)
    cut_left, cut_right = left + first > 0, left + last < len(line)
    text = "".join(shown for shown, _ in cells[first:last])
    indent = sum(width for _, width in cells[first : start - left]) + cut_left
    width = sum(width for _, width in cells[start - left : min(end - left, last)])
    return Excerpt(_CUT * cut_left + text + _CUT * cut_right, indent, max(1, width))


def cell_width(text: str) -> int:
    """How many cells a text takes that has no tabs and no control characters."""
    return sum(map(_width, text))


def _cells(text: str) -> list[tuple[str, int]]:
    """Each character as it is shown, with its number of cells."""
    cells = []
    column = 0
    for character in text:
        shown = " " * (_TAB - column % _TAB) if character == "\t" else harmless(character)
        width = len(shown) if shown != character else _width(character)
        cells.append((shown, width))
        column += width
    return cells


def _width(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.east_asian_width(character) in "WF":
        return 2
    invisible = unicodedata.category(character) in ("Mn", "Me", "Cf") and character != _SOFT_HYPHEN
    return 0 if invisible or ord(character) in _JOINING else 1


def _window(cells: list[tuple[str, int]], start: int, end: int, limit: int) -> tuple[int, int]:
    """The characters to show: the span, then as much on both sides as fits beside two marks of a cut."""
    room = limit - 2 * len(_CUT)
    first = last = start
    while last < end and room >= cells[last][1]:
        room -= cells[last][1]
        last += 1
    # Two thirds of the room go to what stands before the span, which tells where in the line one is.
    first, room_left = _grow_left(cells, first, room * 2 // 3)
    room -= room * 2 // 3 - room_left
    while last < len(cells) and last >= end and room >= cells[last][1]:
        room -= cells[last][1]
        last += 1
    first, _ = _grow_left(cells, first, room)
    return first, last


def _grow_left(cells: list[tuple[str, int]], first: int, room: int) -> tuple[int, int]:
    while first > 0 and room >= cells[first - 1][1]:
        first -= 1
        room -= cells[first][1]
    return first, room
