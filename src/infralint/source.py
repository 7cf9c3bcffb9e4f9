"""Text, spans and positions: the one place that knows how bytes become characters and lines.

Offsets everywhere else in infralint count characters of the decoded text, from 0. Lines and
columns exist only at the edge (reports) and count from 1, columns in characters.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import msgspec

try:
    # hashlib has the same, and loads OpenSSL for it.
    from _blake2 import blake2b as blake2b
except ImportError:
    from hashlib import blake2b as blake2b

# What ends a line for Python's tokenizer, YAML and git alike. A form feed or U+2028 does not.
LINE_END = re.compile(r"\r\n|\n|\r")

# PEP 263: the declaration stands in one of the first two lines.
_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")

_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Span(msgspec.Struct, frozen=True, array_like=True, gc=False, order=True):
    """A half-open range of characters in one file: `start` inclusive, `end` exclusive."""

    start: int
    end: int

    def shifted(self, offset: int) -> Span:
        """The same range, `offset` characters further on."""
        return Span(self.start + offset, self.end + offset)

    def __len__(self) -> int:
        return self.end - self.start


class Position(NamedTuple):
    """A place in a file: `line` and `column`, both from 1, the column in characters."""

    line: int
    column: int


class UndecodableError(ValueError):
    """The bytes are not text in the encoding that they claim; `offset` is the first bad byte."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text with what is needed to write it back: its encoding and whether it began with a BOM."""

    text: str
    encoding: str
    bom: bool

    def encode(self, text: str) -> bytes:
        """The bytes of another text in this file's encoding. Raises UnicodeEncodeError."""
        mark = next((mark for mark, encoding in _BOMS if self.bom and encoding == self.encoding), b"")
        return mark + text.encode(self.encoding)


def digest_of(data: bytes | memoryview) -> bytes:
    """What tells the content of one file from that of another."""
    return blake2b(data, digest_size=20).digest()


def decode(data: bytes, *, python: bool = False) -> Decoded:
    """Decode a file's bytes: by byte order mark, by PEP 263 declaration (`python`), else as UTF-8.

    Line ends stay as they are, so offsets fit the file. Raises UndecodableError.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return Decoded(_decode(data[len(bom) :], encoding), encoding, True)
    encoding = (_declared_encoding(data) if python else None) or "utf-8"
    return Decoded(_decode(data, encoding), encoding, False)


def _declared_encoding(data: bytes) -> str | None:
    for line in data[:1024].splitlines()[:2]:
        if match := _CODING.match(line):
            return match[1].decode("ascii", "replace")
        if line.strip() and not line.lstrip().startswith(b"#"):
            return None
    return None


def _decode(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UndecodableError(f"byte {error.start} is not valid {encoding}", error.start) from error
    except (LookupError, ValueError) as error:
        # UnicodeDecodeError is a ValueError; what is left are unknown codecs and codecs that are not text.
        raise UndecodableError(f"unknown encoding {encoding!r}", 0) from error


def _line_starts(text: str) -> list[int]:
    if "\r" in text:
        return [0, *(match.end() for match in LINE_END.finditer(text))]
    # A third of the cost of a search by a pattern, and this is done for every file that is looked into.
    lines = text.split("\n")
    lines.pop()
    return list(accumulate([len(line) + 1 for line in lines], initial=0))


class SourceText:
    """A file's text with its line table."""

    __slots__ = ("_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts: list[int] | None = None

    @property
    def line_starts(self) -> list[int]:
        """Offset of the first character of every line; made on first use."""
        if self._starts is None:
            self._starts = _line_starts(self.text)
        return self._starts

    @property
    def line_count(self) -> int:
        return len(self.line_starts)

    @property
    def newline(self) -> str:
        """How the first line ends, which is how a line that is put into the text ends."""
        found = LINE_END.search(self.text)
        return found[0] if found else "\n"

    def position(self, offset: int) -> Position:
        """Line and column of an offset; an offset past the end is the end."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self.line_starts, offset)
        return Position(line, offset - self.line_starts[line - 1] + 1)

    def offset(self, line: int, column: int) -> int:
        """Offset of a line and column (both from 1)."""
        return self.line_starts[line - 1] + column - 1

    def line(self, number: int) -> str:
        """The text of a line (from 1) without its line end; empty past the last line."""
        starts = self.line_starts
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def byte_offset_to_char(self, line: int, byte_column: int) -> int:
        """Offset of a place given as `ast` gives it: line from 1, column in UTF-8 bytes from 0."""
        start = self.line_starts[line - 1]
        if self.text.isascii():
            return start + byte_column
        text = self.line(line)
        if text.isascii():
            return start + byte_column
        return start + len(text.encode("utf-8")[:byte_column].decode("utf-8", "ignore"))
