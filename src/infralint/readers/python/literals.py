"""String literals as they are written, to pieces: escapes, formats, and the fields of f-strings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from infralint.facts.text import HOLE, Piece
from infralint.source import Span

# Python reference, "String and bytes literals": escape sequences.
_ESCAPE = re.compile(
    r"\\(?:(?P<newline>\r\n|\n|\r)|N\{(?P<name>[^}]*)\}|x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})"
    r"|U(?P<U>[0-9a-fA-F]{8})|(?P<octal>[0-7]{1,3})|(?P<simple>[\\'\"abfnrtv]))"
)
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
# printf-style conversion (library reference, "printf-style String Formatting").
PERCENT = re.compile(r"%(?:\((?P<key>[^)]*)\))?[-#0 +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?[a-zA-Z%]")
FORMAT = re.compile(r"\{\{|\}\}|\{(?P<field>[^{}:!]*)[^{}]*(?:\{[^{}]*\}[^{}]*)*\}")
_BRACES = re.compile(r"\{\{|\}\}")
_BRACE_OR_ESCAPE = re.compile(rf"{_ESCAPE.pattern}|\{{\{{|\}}\}}")

# A replacement of a match: its pieces, or None for a hole.
Fill = Callable[["re.Match[str]"], "Iterable[Piece] | str | None"]


def unescape(body: str, start: int, *, raw: bool, braces: bool = False) -> Iterator[Piece]:
    """The pieces of a literal's body at offset `start`: runs of plain characters, and one piece for each escape.

    `braces`: the body is that of an f-string, in which `{{` stands for `{`.
    """
    special = _BRACE_OR_ESCAPE if braces else _ESCAPE
    if braces and raw:
        special = _BRACES
    elif raw:
        if body:
            yield Piece(body, Span(start, start + len(body)))
        return
    at = 0
    for match in special.finditer(body):
        if match.start() > at:
            yield Piece(body[at : match.start()], Span(start + at, start + match.start()))
        yield Piece(_escaped(match), Span(start + match.start(), start + match.end()))
        at = match.end()
    if at < len(body):
        yield Piece(body[at:], Span(start + at, start + len(body)))


def _escaped(match: re.Match[str]) -> str:
    text = match[0]
    if text in ("{{", "}}"):
        return text[0]
    groups = match.groupdict()
    if groups["newline"] is not None:
        return ""
    if groups["name"] is not None:
        try:
            return unicodedata.lookup(groups["name"])
        except KeyError:
            return text
    for key, base in (("x", 16), ("u", 16), ("U", 16), ("octal", 8)):
        if groups[key] is not None:
            number = int(groups[key], base)
            return chr(number) if number <= 0x10FFFF else text
    simple: str = groups["simple"]
    return _SIMPLE.get(simple, simple)


def filled(pieces: Iterable[Piece], pattern: re.Pattern[str], fill: Fill) -> Iterator[Piece]:
    """The pieces with every match of `pattern` replaced by what `fill` gives for it: a hole where that is None.

    A text that it gives maps to the whole match.
    """
    for piece in pieces:
        if piece.is_hole or len(piece.text) != len(piece.span):
            yield piece
            continue
        at = 0
        for match in pattern.finditer(piece.text):
            if match.start() > at:
                yield Piece(piece.text[at : match.start()], _part(piece, at, match.start()))
            written = _part(piece, match.start(), match.end())
            filling = fill(match)
            if filling is None or isinstance(filling, str):
                yield Piece(HOLE if filling is None else filling, written)
            else:
                yield from filling
            at = match.end()
        if at < len(piece.text):
            yield Piece(piece.text[at:], _part(piece, at, len(piece.text)))


def _part(piece: Piece, start: int, end: int) -> Span:
    return Span(piece.span.start + start, piece.span.start + end)


def percent_text(conversion: re.Match[str]) -> str | None:
    """What a conversion stands for by itself: `%%` for `%`."""
    return "%" if conversion[0].endswith("%") else None


def format_text(field: re.Match[str]) -> str | None:
    """What a field of `str.format` stands for by itself: `{{` for `{`."""
    return field[0][0] if field[0] in ("{{", "}}") else None


@dataclass(frozen=True, slots=True)
class Field:
    """A replacement field of an f-string: its range in the file, braces included.

    `plain`: no conversion and no format are written, so that it gives the expression's own text.
    """

    span: Span
    plain: bool


_LITERAL = re.compile(r"(?P<prefix>[a-zA-Z]{0,3})(?P<quote>\"\"\"|'''|\"|')")
_BODY = {
    quote: re.compile(rf"(?:[^{quote[0]}\\]|\\[\s\S]|{quote[0]}(?!{quote[1:]}))*" if len(quote) == 3 else
                      rf"(?:[^{quote}\\]|\\[\s\S])*")
    for quote in ('"""', "'''", '"', "'")
}  # fmt: skip
_BETWEEN = re.compile(r"(?:\s|\\(?:\r\n|\n|\r)|\#[^\r\n]*)*")
_INNER_STRING = re.compile(
    r"[a-zA-Z]{0,2}(?:'''[\s\S]*?'''|\"\"\"[\s\S]*?\"\"\"|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\")"
)


def parts_of(text: str, span: Span) -> list[Piece | Field] | None:
    """The pieces and fields of the adjacent string literals that a range of a file holds.

    None where it holds something else, bytes for example.
    """
    parts: list[Piece | Field] = []
    at = span.start
    while at < span.end:
        literal = _LITERAL.match(text, at, span.end)
        if literal is None:
            return None
        prefix = literal["prefix"].lower()
        if "b" in prefix:
            return None
        raw, quote = "r" in prefix, literal["quote"]
        if "f" in prefix or "t" in prefix:
            end = _formatted(text, literal.end(), span.end, quote, raw, parts)
        else:
            end = _end_of_body(text, literal.end(), span.end, quote)
            parts += unescape(text[literal.end() : end], literal.end(), raw=raw)
        if not text.startswith(quote, end):
            return None
        between = _BETWEEN.match(text, end + len(quote), span.end)
        at = between.end() if between else end + len(quote)
    return parts


def _end_of_body(text: str, start: int, limit: int, quote: str) -> int:
    match = _BODY[quote].match(text, start, limit)
    return match.end() if match else start


_LITERAL_RUN = re.compile(r"(?:\{\{|\}\}|\\N\{[^}]*\}|\\[^{}]|\\(?=[{}])|[^{}\\])")


def _formatted(text: str, start: int, limit: int, quote: str, raw: bool, parts: list[Piece | Field]) -> int:
    """Add the parts of an f-string's body; the offset of its closing quote."""
    at = first = start
    while at < limit and not text.startswith(quote, at):
        if text[at] == "{" and not text.startswith("{{", at):
            parts += unescape(text[first:at], first, raw=raw, braces=True)
            end, plain = _field_end(text, at, limit)
            parts.append(Field(Span(at, end), plain))
            at = first = end
            continue
        if raw:
            at += 2 if text.startswith(("{{", "}}", "\\" + quote[0]), at) else 1
            continue
        run = _LITERAL_RUN.match(text, at, limit)
        at = run.end() if run else at + 1
    parts += unescape(text[first:at], first, raw=raw, braces=True)
    return at


def _field_end(text: str, start: int, limit: int) -> tuple[int, bool]:
    """Where a field that begins at `start` ends, and whether it is nothing but an expression."""
    depth, plain = 0, True
    at = start
    while at < limit:
        character = text[at]
        if character in "\"'" and plain:
            inner = _INNER_STRING.match(text, at, limit)
            at = inner.end() if inner else at + 1
            continue
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
            if depth == 0:
                return at + 1, plain
        elif depth == 1 and (
            (character == "!" and not text.startswith("!=", at))
            or (character == ":" and not text.startswith(":=", at))
            or (character == "=" and text[at + 1 : at + 2] in ("}", "!", ":"))
        ):
            plain = False
        at += 1
    return limit, False
