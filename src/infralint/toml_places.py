"""Where each key and value of a TOML text stands: tomli reads the text, but gives no positions.

The text has been accepted by tomli before (TOML 1.0, and 1.1 where tomli reads it), so this scanner
follows the grammar without checking it.
"""

from __future__ import annotations

import re
from typing import Any

import tomli

from infralint.source import Span

# A place in the document: names of tables and keys, and indexes of array items.
KeyPath = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[^\s=.\]\"'#]+")
# Multi-line forms first. One or two quotes may stand right before the closing three of a multi-line string.
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{1,2}(?!"))?'
    r"|'''.*?'''(?:'{1,2}(?!'))?"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]*")


class Places:
    """Offsets of a document: `keys` where every key, table header and array item begins, `values` their spans.

    A table that is only named as part of a longer key (`[a.b]`, `a.b = 1`) begins where it is first named, and has no
    value's span; neither have tables of an array of tables.
    """

    def __init__(self) -> None:
        self.keys: dict[KeyPath, int] = {}
        self.names: dict[KeyPath, Span] = {}
        self.values: dict[KeyPath, Span] = {}


def places_in(text: str) -> Places:
    """The places of a valid TOML text."""
    scanner = _Scanner(text)
    scanner.document()
    return scanner.places


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.places = Places()
        # How many tables each array of tables has so far.
        self.counts: dict[KeyPath, int] = {}

    def document(self) -> None:
        table: KeyPath = ()
        self.skip(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
            self.skip(_BLANK)

    def header(self) -> KeyPath:
        start = self.at
        array = self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        path: KeyPath = ()
        names = self.key()
        for name, span in names[:-1]:
            path = self.inside((*path, name), start, span)
        path = (*path, names[-1][0])
        self.mark(path, start, names[-1][1])
        self.at = self.text.index("]", self.at) + (2 if array else 1)
        if not array:
            return path
        self.counts[path] = self.counts.get(path, 0) + 1
        path = (*path, self.counts[path] - 1)
        self.mark(path, start, names[-1][1])
        return path

    def inside(self, path: KeyPath, start: int, span: Span) -> KeyPath:
        """The table that a name in the middle of a header stands for: of an array of tables, the last one."""
        self.mark(path, start, span)
        return (*path, self.counts[path] - 1) if path in self.counts else path

    def pair(self, table: KeyPath) -> None:
        path = table
        for name, span in self.key():
            path = (*path, name)
            self.mark(path, span.start, span)
        self.at = self.text.index("=", self.at) + 1
        self.skip(_SPACE)
        self.value(path)

    def key(self) -> list[tuple[str, Span]]:
        """The names of a dotted key with their spans, quotes included."""
        names = []
        while True:
            self.skip(_SPACE)
            start = self.at
            names.append((self.name(), Span(start, self.at)))
            self.skip(_SPACE)
            if self.text[self.at] != ".":
                return names
            self.at += 1

    def name(self) -> str:
        start = self.at
        if self.text[start] in "\"'":
            self.skip(_STRING)
            return _unquoted(self.text[start : self.at])
        self.skip(_BARE_KEY)
        return self.text[start : self.at]

    def value(self, path: KeyPath) -> None:
        start = self.at
        first = self.text[start]
        if first == "[":
            self.items("]", path)
        elif first == "{":
            self.items("}", path)
        elif first in "\"'":
            self.skip(_STRING)
        else:
            self.skip(_SCALAR)
        end = start + len(self.text[start : self.at].rstrip())
        self.places.values.setdefault(path, Span(start, end))

    def items(self, closing: str, path: KeyPath) -> None:
        """The items of an array, or the pairs of an inline table."""
        self.at += 1
        index = 0
        self.skip(_BLANK)
        while self.text[self.at] != closing:
            if closing == "}":
                self.pair(path)
            else:
                self.places.keys.setdefault((*path, index), self.at)
                self.value((*path, index))
            index += 1
            self.skip(_BLANK)
            if self.text[self.at] == ",":
                self.at += 1
                self.skip(_BLANK)
        self.at += 1

    def mark(self, path: KeyPath, start: int, name: Span) -> None:
        self.places.keys.setdefault(path, start)
        self.places.names.setdefault(path, name)

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match is not None:
            self.at = match.end()


def _unquoted(text: str) -> str:
    parsed: dict[str, Any] = tomli.loads(f"key = {text}")
    value: str = parsed["key"]
    return value
