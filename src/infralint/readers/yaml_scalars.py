"""YAML scalars to Text: every character of the value with its place in the file.

The parser tells the value; this module finds out how the written form makes it. Where the two do not
agree, the value maps to the scalar as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from infralint.facts.slices import sliced
from infralint.facts.text import Piece, Text
from infralint.source import Span

# YAML 1.1, section 4.1.4: the five line breaks; CRLF, CR and NEL become a line feed.
_BREAK = "(?:\r\n|[\r\n\x85\u2028\u2029])"
_LINES = re.compile(rf"(?P<body>[^\r\n\x85\u2028\u2029]*)(?P<end>{_BREAK}|$)")
_FOLD = rf"(?P<fold>[ \t]*{_BREAK}(?:[ \t]*{_BREAK})*[ \t]*)"
_PLAIN = re.compile(_FOLD)
_SINGLE = re.compile(rf"(?P<escape>'')|{_FOLD}")
_DOUBLE = re.compile(
    r"(?P<escape>\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}"
    rf"|{_BREAK}[ \t]*|[^\r\n]))|{_FOLD}"
)
# YAML 1.1, section 5.6: escape sequences of double-quoted scalars.
_SIMPLE = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r",
    "e": "\x1b", " ": " ", '"': '"', "/": "/", "\\": "\\",
    "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip


def scalar_text(text: str, span: Span, style: str, value: str) -> Text:
    """The Text of a scalar that stands at `span` of `text` and has `value`."""
    written = text[span.start : span.end]
    if style in ("|", ">"):
        pieces = _block(written, span.start, value, folded=style == ">")
    elif style in ("'", '"'):
        pattern, escaped = (_SINGLE, _single_escape) if style == "'" else (_DOUBLE, _double_escape)
        pieces = list(_flow(written[1:-1], span.start + 1, pattern, escaped))
    else:
        pieces = list(_flow(written, span.start, _PLAIN, _double_escape))
    if "".join(piece.text for piece in pieces) != value:
        pieces = [Piece(value, span)]
    return Text(tuple(pieces), span)


def _flow(written: str, start: int, pattern: re.Pattern[str], escaped: Callable[[str], str]) -> Iterator[Piece]:
    at = 0
    for match in pattern.finditer(written):
        if match.start() > at:
            yield _piece(written[at : match.start()], start + at)
        groups = match.groupdict()
        made = escaped(match[0]) if groups.get("escape") else _folded(match[0])
        if made:
            yield Piece(made, Span(start + match.start(), start + match.end()))
        at = match.end()
    if at < len(written):
        yield _piece(written[at:], start + at)


def _piece(written: str, start: int) -> Piece:
    return Piece(written, Span(start, start + len(written)))


def _single_escape(_: str) -> str:
    return "'"


def _double_escape(written: str) -> str:
    kind = written[1]
    if kind in "xuU" and len(written) > 2:
        number = int(written[2:], 16)
        return chr(number) if number <= 0x10FFFF else written
    # A line that ends with a backslash is joined with the next one.
    return "" if kind in "\r\n\x85\u2028\u2029" else _SIMPLE.get(kind, written)


def _folded(written: str) -> str:
    breaks = re.findall(_BREAK, written)
    return " " if len(breaks) == 1 else "".join(_line_feed(each) for each in breaks[1:])


def _line_feed(written: str) -> str:
    return written if written in "\u2028\u2029" else "\n"


def _block(written: str, start: int, value: str, *, folded: bool) -> list[Piece]:
    """The pieces of a block scalar: `written` begins with its header line."""
    lines = [match for match in _LINES.finditer(written) if match[0]][1:]
    indent = _indent(lines, value)
    pieces = list(_block_pieces(lines, start, indent, folded=folded))
    made = Text(tuple(pieces), Span(start, start + len(written)))
    # Chomping takes line breaks from the end.
    return list(sliced(made, 0, len(value)).pieces)


def _indent(lines: list[re.Match[str]], value: str) -> int:
    """The indentation: what the first written line has before the first line of the value."""
    first = next((match["body"] for match in lines if match["body"].strip()), "")
    content = next((line for line in re.split(_BREAK, value) if line.strip()), "")
    return len(first) - len(content) if first.endswith(content) else len(first) - len(first.lstrip(" "))


def _block_pieces(lines: list[re.Match[str]], start: int, indent: int, *, folded: bool) -> Iterator[Piece]:
    pending: list[Piece] = []
    after_blank = True
    for match in lines:
        body = match["body"][indent:]
        at = start + match.start() + len(match["body"]) - len(body)
        if body:
            begins_blank = body[0] in " \t"
            yield from _joint(pending) if folded and not (after_blank or begins_blank) else pending
            yield _piece(body, at)
            pending = []
            after_blank = begins_blank
        if match["end"]:
            end = start + match.end("body")
            pending.append(Piece(_line_feed(match["end"]), Span(end, start + match.end())))
    yield from pending


def _joint(breaks: list[Piece]) -> list[Piece]:
    """The breaks between two lines that are folded: one becomes a space, of more the first falls away."""
    return [Piece(" ", breaks[0].span)] if len(breaks) == 1 else breaks[1:]
