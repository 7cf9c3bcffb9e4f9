"""A TOML document with the places of its values: tomli's values, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from infralint.facts.text import Piece, Text, plain
from infralint.source import Span
from infralint.toml_places import KeyPath, Places, places_in

# TOML 1.1, "String": the escapes of basic strings; a backslash at a line's end takes the white space behind it.
_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{2}|[ \t]*\r?\n\s*|.)", re.DOTALL)
_SIMPLE = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}


class TomlFile:
    """A document that tomli has accepted."""

    def __init__(self, text: str, document: dict[str, Any]) -> None:
        self.text = text
        self.document = document

    @cached_property
    def places(self) -> Places:
        """Where keys and values stand; found when first asked for."""
        return places_in(self.text)

    def table(self, *path: str) -> dict[str, Any]:
        """The table under a path; empty where there is none."""
        value: Any = self.document
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        return value if isinstance(value, dict) else {}

    def string(self, *path: str) -> str:
        """The string under a path; "" where there is none."""
        value = self.table(*path[:-1]).get(path[-1])
        return value if isinstance(value, str) else ""

    def strings(self, path: KeyPath, value: object) -> Iterator[Text]:
        """The texts of a list's strings, or of one string; `value` is what stands under `path`."""
        if isinstance(value, str):
            yield self.text_at(path)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, str):
                    yield self.text_at((*path, index))

    def span(self, path: KeyPath) -> Span:
        """The place of a value, quotes included; of a table, that of its name."""
        found = self.places.values.get(path) or self.places.names.get(path)
        return found if found is not None else Span(0, 0)

    def name_span(self, path: KeyPath) -> Span:
        """The place of a key."""
        return self.places.names.get(path) or self.span(path)

    def text_at(self, path: KeyPath) -> Text:
        """The text of the string under a path; its span has no quotes."""
        span = self.places.values.get(path)
        return plain("", 0) if span is None else string_text(self.text, span)


def string_text(text: str, span: Span) -> Text:
    """The value of a TOML string that stands at `span`, with its quotes."""
    written = text[span.start : span.end]
    quote = written[:3] if written[:3] in ('"""', "'''") else written[:1]
    start, end = span.start + len(quote), span.end - len(quote)
    if len(quote) == 3 and (newline := re.match(r"\r?\n", text[start:end])):
        start += newline.end()
    if quote[0] == "'" or "\\" not in written:
        return plain(text[start:end], start)
    pieces: list[Piece] = []
    at = start
    for escape in _ESCAPE.finditer(text, start, end):
        if escape.start() > at:
            pieces.append(Piece(text[at : escape.start()], Span(at, escape.start())))
        pieces.append(Piece(_unescaped(escape[0]), Span(*escape.span())))
        at = escape.end()
    if at < end:
        pieces.append(Piece(text[at:end], Span(at, end)))
    return Text(tuple(pieces), Span(start, end))


def _unescaped(escape: str) -> str:
    kind = escape[1]
    if kind in "uUx":
        return chr(int(escape[2:], 16))
    if kind.isspace():
        return ""
    return _SIMPLE.get(kind, kind)
