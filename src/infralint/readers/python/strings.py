"""String expressions to Text: literals with escapes, concatenation, f-strings, `%`, `.format`, `.join`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

import libcst as cst

from infralint.facts.text import HOLE, Piece, Text
from infralint.readers.python.tree import Region
from infralint.source import Span

# A constant's text by its name, or None: given by the file's context.
Constants = Callable[[cst.Name], "Text | None"]

_PREFIX = re.compile(r"[a-zA-Z]*")
# Python reference, "String and bytes literals": escape sequences.
_ESCAPE = re.compile(
    r"\\(?:(?P<newline>\r\n|\n|\r)|N\{(?P<name>[^}]*)\}|x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})"
    r"|U(?P<U>[0-9a-fA-F]{8})|(?P<octal>[0-7]{1,3})|(?P<simple>[\\'\"abfnrtv]))"
)
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
# printf-style conversion (library reference, "printf-style String Formatting").
_PERCENT = re.compile(r"%(?:\([^)]*\))?[-#0 +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?[a-zA-Z%]")
_FORMAT = re.compile(r"\{\{|\}\}|\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}")
# Methods that keep a text's words: only white space or letter case changes.
_KEEPING_METHODS = frozenset({"strip", "lstrip", "rstrip"})
_KEEPING_FUNCTIONS = frozenset({"dedent", "cleandoc"})
_MAX_DEPTH = 60


def text_of(node: cst.BaseExpression, region: Region, constants: Constants | None = None) -> Text | None:
    """The text that an expression makes; None where it makes none that begins to be known.

    What cannot be followed inside of a text is a hole; an expression that is nothing but a hole is None.
    """
    pieces = list(_Reader(region, constants).pieces(node, 0))
    if not pieces or all(piece.is_hole for piece in pieces):
        if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)) and _is_text(node):
            return Text(tuple(pieces), region.span(node))
        return None
    return Text(tuple(pieces), region.span(node))


def _is_text(node: cst.CSTNode) -> bool:
    return not (isinstance(node, cst.SimpleString) and "b" in node.prefix.lower())


class _Reader:
    def __init__(self, region: Region, constants: Constants | None) -> None:
        self.region = region
        self.constants = constants

    def pieces(self, node: cst.BaseExpression, depth: int) -> Iterator[Piece]:
        if depth > _MAX_DEPTH:
            yield self._hole(node)
            return
        if isinstance(node, cst.SimpleString) and _is_text(node):
            yield from self._literal(node)
        elif isinstance(node, cst.ConcatenatedString):
            yield from self.pieces(node.left, depth + 1)
            yield from self.pieces(node.right, depth + 1)
        elif isinstance(node, cst.FormattedString):
            yield from self._formatted(node)
        elif isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
            yield from self.pieces(node.left, depth + 1)
            yield from self.pieces(node.right, depth + 1)
        elif isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Modulo):
            yield from _with_holes(self.pieces(node.left, depth + 1), _PERCENT, _percent_text)
        elif isinstance(node, cst.Call):
            yield from self._call(node, depth)
        elif isinstance(node, cst.Name) and self.constants and (known := self.constants(node)):
            yield from known.pieces
        else:
            yield self._hole(node)

    def _hole(self, node: cst.CSTNode) -> Piece:
        return Piece(HOLE, self.region.span(node))

    def _literal(self, node: cst.SimpleString) -> Iterator[Piece]:
        span = self.region.span(node)
        body, start = _body(node.value, span.start)
        yield from _unescape(body, start, raw="r" in node.prefix.lower())

    def _formatted(self, node: cst.FormattedString) -> Iterator[Piece]:
        raw = "r" in node.start.lower()
        for part in node.parts:
            if isinstance(part, cst.FormattedStringText):
                start = self.region.span(part).start
                yield from _unescape(part.value, start, raw=raw, braces=True)
            elif isinstance(part, cst.FormattedStringExpression):
                yield from self._expression(part)

    def _expression(self, part: cst.FormattedStringExpression) -> Iterator[Piece]:
        if (
            isinstance(part.expression, cst.Name)
            and part.format_spec is None
            and part.conversion is None
            and self.constants
            and (known := self.constants(part.expression))
        ):
            yield from known.pieces
        else:
            yield self._hole(part)

    def _call(self, node: cst.Call, depth: int) -> Iterator[Piece]:
        func = node.func
        if isinstance(func, cst.Attribute) and func.attr.value == "format":
            yield from _with_holes(self.pieces(func.value, depth + 1), _FORMAT, _format_text)
        elif isinstance(func, cst.Attribute) and func.attr.value in _KEEPING_METHODS and not node.args:
            yield from self.pieces(func.value, depth + 1)
        elif isinstance(func, cst.Attribute) and func.attr.value == "join" and len(node.args) == 1:
            yield from self._join(func.value, node.args[0].value, node, depth)
        elif _last_name(func) in _KEEPING_FUNCTIONS and len(node.args) == 1:
            yield from self.pieces(node.args[0].value, depth + 1)
        else:
            yield self._hole(node)

    def _join(
        self, separator: cst.BaseExpression, items: cst.BaseExpression, call: cst.Call, depth: int
    ) -> Iterator[Piece]:
        if not isinstance(items, (cst.List, cst.Tuple)):
            yield self._hole(call)
            return
        glue = tuple(self.pieces(separator, depth + 1))
        for index, element in enumerate(items.elements):
            if index:
                yield from glue
            yield from self.pieces(element.value, depth + 1)


def _last_name(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


def _body(literal: str, start: int) -> tuple[str, int]:
    """The text between the quotes and its offset."""
    match = _PREFIX.match(literal)
    prefix = match.end() if match else 0
    quotes = 3 if literal[prefix : prefix + 3] in ('"""', "'''") else 1
    return literal[prefix + quotes : len(literal) - quotes], start + prefix + quotes


def _unescape(body: str, start: int, *, raw: bool, braces: bool = False) -> Iterator[Piece]:
    """The pieces of a literal's body: runs of plain characters, and one piece for each escape."""
    special = _brace_or_escape if braces else _ESCAPE
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


_BRACES = re.compile(r"\{\{|\}\}")
_brace_or_escape = re.compile(rf"{_ESCAPE.pattern}|\{{\{{|\}}\}}")


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


def _with_holes(
    pieces: Iterator[Piece], pattern: re.Pattern[str], literal: Callable[[str], str | None]
) -> Iterator[Piece]:
    """The pieces with every match of `pattern` replaced: by `literal`'s text, or by a hole where that is None."""
    for piece in pieces:
        if piece.is_hole or len(piece.text) != len(piece.span):
            yield piece
            continue
        at = 0
        for match in pattern.finditer(piece.text):
            if match.start() > at:
                yield Piece(piece.text[at : match.start()], _part(piece, at, match.start()))
            text = literal(match[0])
            yield Piece(HOLE if text is None else text, _part(piece, match.start(), match.end()))
            at = match.end()
        if at < len(piece.text):
            yield Piece(piece.text[at:], _part(piece, at, len(piece.text)))


def _part(piece: Piece, start: int, end: int) -> Span:
    return Span(piece.span.start + start, piece.span.start + end)


def _percent_text(conversion: str) -> str | None:
    return "%" if conversion.endswith("%") else None


def _format_text(field: str) -> str | None:
    return field[0] if field in ("{{", "}}") else None
