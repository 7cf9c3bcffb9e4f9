"""String expressions to Text: literals with escapes, concatenation, f-strings, `%`, `.format`, `.join`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import libcst as cst

from infralint.facts.text import HOLE, Piece, Text
from infralint.readers.python.literals import FORMAT, PERCENT, filled, format_text, percent_text, unescape
from infralint.readers.python.tree import Region

# A constant's text by its name, or None: given by the file's context.
Constants = Callable[[cst.Name], "Text | None"]

_PREFIX = re.compile(r"[a-zA-Z]*")
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
            yield from filled(self.pieces(node.left, depth + 1), PERCENT, percent_text)
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
        yield from unescape(body, start, raw="r" in node.prefix.lower())

    def _formatted(self, node: cst.FormattedString) -> Iterator[Piece]:
        raw = "r" in node.start.lower()
        for part in node.parts:
            if isinstance(part, cst.FormattedStringText):
                start = self.region.span(part).start
                yield from unescape(part.value, start, raw=raw, braces=True)
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
            yield from filled(self.pieces(func.value, depth + 1), FORMAT, format_text)
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
