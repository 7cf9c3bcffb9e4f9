"""Lines and columns of findings as positions of the protocol, in the units that client and server agreed on."""

from __future__ import annotations

from bisect import bisect_right
from enum import Enum

from lsprotocol import types

from infralint.source import SourceText

BOM = "\ufeff"


class Units(str, Enum):
    """What `Position.character` counts (LSP 3.17, "PositionEncodingKind")."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"

    def length(self, text: str) -> int:
        """How many units a text has."""
        if self is Units.UTF32 or text.isascii():
            return len(text)
        if self is Units.UTF8:
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text.encode("utf-16-le", "surrogatepass")) // 2

    def characters(self, text: str, units: int) -> int:
        """How many characters of a text its first `units` units are; all of them where it has fewer.

        Units that end inside a character leave that character out.
        """
        text = text[: max(0, units)]
        if self is Units.UTF32 or text.isascii():
            return len(text)
        return bisect_right(range(len(text) + 1), units, key=lambda first: self.length(text[:first])) - 1


class Located:
    """A text with its lines, between findings' places (from 1, in characters) and positions (from 0, in units).

    A byte order mark that an editor keeps in its text counts for the editor and not for findings. Places that the
    text does not have (it was changed since) become the nearest that it has.
    """

    def __init__(self, text: str, units: Units) -> None:
        self.source = SourceText(text)
        self.units = units
        self._mark = len(BOM) if text.startswith(BOM) else 0

    def position(self, line: int, column: int) -> types.Position:
        """The position of a finding's line and column."""
        if line > self.source.line_count:
            return self._end()
        text = self.source.line(line)
        characters = column - 1 + (self._mark if line == 1 else 0)
        return types.Position(line - 1, self.units.length(text[: max(characters, 0)]))

    def range(self, line: int, column: int, end_line: int, end_column: int) -> types.Range:
        """The range between two places of a finding."""
        return types.Range(self.position(line, column), self.position(end_line, end_column))

    def line_range(self, line: int) -> types.Range:
        """A line without its white space in front and its end."""
        text = self.source.line(line)
        first = len(text) - len(text.lstrip()) + 1
        return self.range(line, first, line, len(text) + 1)

    def offset(self, position: types.Position) -> int:
        """The offset in the text of a position; past a line's end it is that end (LSP 3.17, "Position")."""
        line = position.line + 1
        if line > self.source.line_count:
            return len(self.source.text)
        text = self.source.line(line)
        return self.source.line_starts[line - 1] + self.units.characters(text, position.character)

    def at(self, offset: int) -> types.Position:
        """The position of an offset in the text."""
        line, column = self.source.position(offset)
        return types.Position(line - 1, self.units.length(self.source.line(line)[: column - 1]))

    def _end(self) -> types.Position:
        last = self.source.line_count
        return types.Position(last - 1, self.units.length(self.source.line(last)))
