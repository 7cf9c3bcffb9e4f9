"""The syntax tree of a Terraform file: blocks, attributes and texts with their places.

tree-sitter's HCL grammar gives the places. It recovers from what it does not know, so a file is never
refused: what stands inside of an error is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import tree_sitter_hcl
from tree_sitter import Language, Node, Parser

from infralint.facts.text import HOLE, Piece, Text, plain
from infralint.source import Span

# Terraform language, "Strings and Templates".
_ESCAPE = re.compile(r"\\(?P<simple>[nrt\"\\])|\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|(?P<marker>[$%])(?P=marker)(?=\{)")
_DELIMITERS = frozenset({"quoted_template_start", "quoted_template_end", "heredoc_start", "heredoc_identifier"})
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t"}
_MAX_LOCALS = 8


@lru_cache(maxsize=1)
def _parser() -> Parser:
    return Parser(Language(tree_sitter_hcl.language()))


class TerraformTree:
    """A file as its parser sees it. `blocks`: those at the top; `locals`: local values by name."""

    def __init__(self, text: str) -> None:
        self.source = text
        self.data = text.encode("utf-8", "replace")
        self.offsets = None if text.isascii() else _char_offsets(text)
        root = _parser().parse(self.data).root_node
        self.blocks = [node for body in children(root, "body") for node in children(body, "block")]
        self.locals: dict[str, Node] = {}
        for block in self.blocks:
            if self.header(block) == ["locals"]:
                self.locals.update(self.attributes(block))

    def header(self, block: Node) -> list[str]:
        """A block's type and labels."""
        names = [self.raw(child).strip('"') for child in block.children if child.type in ("identifier", "string_lit")]
        return names or [""]

    def attributes(self, block: Node) -> list[tuple[str, Node]]:
        """The attributes directly inside of a block: names with their expressions."""
        found = []
        for body in children(block, "body"):
            for attribute in children(body, "attribute"):
                name, value = first(attribute, "identifier"), first(attribute, "expression")
                if name is not None and value is not None:
                    found.append((self.raw(name), value))
        return found

    def text(self, value: Node, depth: int = 0) -> Text | None:
        """The text of an expression; None where it is no string."""
        node = value.named_children[0] if value.type == "expression" and value.named_child_count else value
        if node.type in ("literal_value", "template_expr") and node.named_child_count == 1:
            inner = node.named_children[0]
            if inner.type in ("string_lit", "quoted_template", "heredoc_template"):
                pieces = tuple(self._pieces(inner, depth))
                return Text(pieces, self.span(inner))
        local = self.local(value)
        return self.text(local, depth + 1) if local is not None and depth < _MAX_LOCALS else None

    def local(self, value: Node) -> Node | None:
        """The expression of the local value that an expression refers to; None where it is no such reference."""
        match = re.fullmatch(r"local\.(\w+)", self.raw(value).strip())
        return self.locals.get(match[1]) if match else None

    def _pieces(self, node: Node, depth: int) -> Iterator[Piece]:
        raw = node.type == "heredoc_template"
        for child in node.children:
            if child.type == "template_literal":
                yield from self._literal(child, raw=raw)
            elif child.type == "template_interpolation":
                yield from self._interpolation(child, depth)
            elif child.type not in _DELIMITERS:
                yield Piece(HOLE, self.span(child))

    def _literal(self, node: Node, *, raw: bool) -> Iterator[Piece]:
        start, body = self.span(node).start, self.raw(node)
        at = 0
        for match in _ESCAPE.finditer(body):
            if raw and not match["marker"]:
                continue
            if match.start() > at:
                yield Piece(body[at : match.start()], Span(start + at, start + match.start()))
            yield Piece(_unescaped(match), Span(start + match.start(), start + match.end()))
            at = match.end()
        if at < len(body):
            yield Piece(body[at:], Span(start + at, start + len(body)))

    def _interpolation(self, node: Node, depth: int) -> Iterator[Piece]:
        expression = first(node, "expression")
        local = self.local(expression) if expression is not None else None
        text = self.text(local, depth + 1) if local is not None and depth < _MAX_LOCALS else None
        span = self.span(node)
        if text is None:
            yield Piece(HOLE, span)
        else:
            yield from (Piece(piece.text, span) for piece in text.pieces)

    def literal(self, node: Node) -> Text:
        """A node's own characters, without quotes around them."""
        written, span = self.raw(node), self.span(node)
        start = len(written) - len(written.lstrip('" \t'))
        return plain(written.strip('" \t'), span.start + start)

    def raw(self, node: Node) -> str:
        """A node's characters."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def written(self, span: Span) -> str:
        """The characters of a place of the file."""
        return self.source[span.start : span.end]

    def span(self, node: Node) -> Span:
        """A node's place in the file."""
        if self.offsets is None:
            return Span(node.start_byte, node.end_byte)
        return Span(self.offsets[node.start_byte], self.offsets[node.end_byte])


def _unescaped(match: re.Match[str]) -> str:
    if match["marker"]:
        return match["marker"]
    if match["simple"]:
        return _SIMPLE.get(match["simple"], match["simple"])
    number = int(match[0][2:], 16)
    return chr(number) if number <= 0x10FFFF else match[0]


def _char_offsets(text: str) -> list[int]:
    """For every byte of the UTF-8 form the character that it belongs to."""
    offsets: list[int] = []
    for at, character in enumerate(text):
        offsets += [at] * len(character.encode("utf-8", "replace"))
    return [*offsets, len(text)]


def children(node: Node, kind: str) -> list[Node]:
    """The direct children of one kind."""
    return [child for child in node.children if child.type == kind]


def first(node: Node, kind: str) -> Node | None:
    """The first direct child of a kind; None without one."""
    return next((child for child in node.children if child.type == kind), None)


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it, in file order, without what stands in errors."""
    stack = [node]
    while stack:
        current = stack.pop()
        if current.is_error:
            continue
        yield current
        stack += reversed(current.children)


def blocks_in(block: Node) -> list[Node]:
    """All blocks inside of a block."""
    return [node for node in walk(block) if node.type == "block" and node.start_byte > block.start_byte]
