"""Words of a shell command: quotes, escapes, expansions and the splitting of what they expand to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from infralint.facts.commands import Word
from infralint.facts.text import HOLE, Piece, Text
from infralint.readers.shell_text import Script
from infralint.source import Span

_PLAIN_NAME = re.compile(r"\$(?:(\w+)|\{(\w+)\})")
_WHOLE_ARRAY = re.compile(r"\$\{(\w+)\[@\]\}")
# In quotes too, these become one word for each element, or none.
_LIST = re.compile(r"\"\$(?:@|\{@\}|\{\w+\[@\]\})\"")
_BRACES = re.compile(r"\{[^{}]*(?:,|\.\.)[^{}]*\}")
_GLOB = re.compile(r"[*?]|\[.*\]")
_WHITE = re.compile(r"[ \t\r\n]+")


@dataclass(frozen=True, slots=True)
class Value:
    """What a variable holds: the words of an array, or the parts of one text, in order.

    An `optional` word or part is added on some paths only.
    """

    words: tuple[Word, ...]
    is_array: bool


# The value of a variable at a node, or None where it is not certain.
Variables = Callable[[str, Node], "Value | None"]


class WordReader:
    """Makes words of the syntax nodes of one script."""

    def __init__(self, script: Script, offset: Callable[[int], int], variables: Variables) -> None:
        self.script = script
        self.offset = offset
        self.variables = variables

    def range(self, node: Node) -> tuple[int, int]:
        """A node's range in characters of the script."""
        return self.offset(node.start_byte), self.offset(node.end_byte)

    def words(self, nodes: Iterable[Node]) -> tuple[Word, ...]:
        """The words of nodes that follow each other; nodes without white space between are one word."""
        builder = _Builder(self)
        last: int | None = None
        for node in nodes:
            start, end = self.range(node)
            if last is not None and start > last:
                self._between(builder, last, start)
            self.add(builder, node, quoted=False)
            last = end
        builder.close()
        return tuple(builder.done)

    def _between(self, builder: _Builder, start: int, end: int) -> None:
        """What lies between two nodes: white space ends the word, an escaped blank belongs to it."""
        gap = self.script.value[start:end].replace("\\\r\n", "").replace("\\\n", "")
        if gap.startswith("\\") and not gap.rstrip("\\ \t"):
            builder.add(self.script.bare(start, end), start, end)
        elif gap:
            builder.close()

    def document(self, node: Node, *, expands: bool) -> Text:
        """The body of a here-document; `expands`: its end was not quoted, so that variables are replaced."""
        start, end = self.range(node)
        if not expands:
            return Text(tuple(self.script.pieces(start, end)), self.script.span(start, end))
        builder = _Builder(self)
        builder.begin(start)
        at = start
        for child in node.children:
            if child.type in ("simple_expansion", "expansion", "command_substitution", "arithmetic_expansion"):
                first, last = self.range(child)
                builder.add(self.script.double_quoted(at, first), at, first)
                self.add(builder, child, quoted=True)
                at = last
        builder.add(self.script.double_quoted(at, end), at, end)
        return Text(tuple(builder.pieces), self.script.span(start, end))

    def add(self, builder: _Builder, node: Node, *, quoted: bool) -> None:
        """Add one node to the word being built."""
        start, end = self.range(node)
        match node.type:
            case "string" | "translated_string":
                self._double_quoted(builder, node)
            case "raw_string":
                builder.add(self.script.pieces(start + 1, end - 1), start, end)
            case "ansi_c_string":
                self._ansi(builder, start, end)
            case "concatenation":
                self._concatenation(builder, node, quoted)
            case "simple_expansion" | "expansion":
                self._expansion(builder, node, quoted)
            case "command_substitution":
                builder.add_hole(start, end, splits=not quoted)
            case "variable_assignment":
                self._assignment(builder, node)
            case "arithmetic_expansion" | "process_substitution":
                builder.add_hole(start, end, splits=False)
            case "brace_expression":
                builder.add_hole(start, end, splits=True)
            case "command_name":
                for child in node.children:
                    self.add(builder, child, quoted=quoted)
            case "word" | "number" | "extglob_pattern" | "variable_name" | "regex":
                self._bare(builder, node)
            case _:
                self._unknown(builder, node)

    def _assignment(self, builder: _Builder, node: Node) -> None:
        """`NAME=value` behind `export` and its like: the value is not split."""
        start, end = self.range(node)
        value = node.child_by_field_name("value")
        first = end if value is None else self.range(value)[0]
        builder.add(self.script.pieces(start, first), start, first)
        if value is not None and value.type == "array":
            builder.add_hole(first, end, splits=False)
        elif value is not None:
            self.add(builder, value, quoted=True)

    def _unknown(self, builder: _Builder, node: Node) -> None:
        start, end = self.range(node)
        if node.is_named:
            builder.add_hole(start, end, splits=True)
        else:
            builder.add(self.script.bare(start, end), start, end)

    def _bare(self, builder: _Builder, node: Node) -> None:
        start, end = self.range(node)
        text = self.script.value[start:end]
        splits = HOLE in text or bool(_GLOB.search(text) and not text.startswith("-"))
        builder.add(self.script.bare(start, end), start, end, splits=splits)

    def _concatenation(self, builder: _Builder, node: Node, quoted: bool) -> None:
        start, end = self.range(node)
        braces = any(child.type == "brace_expression" for child in node.children)
        if braces or (_has_brace(node) and _BRACES.search(self.script.value[start:end])):
            builder.add_hole(start, end, splits=True)
            return
        at = start
        for child in node.children:
            first, last = self.range(child)
            if first > at:
                builder.add(self.script.bare(at, first), at, first)
            self.add(builder, child, quoted=quoted)
            at = last

    def _double_quoted(self, builder: _Builder, node: Node) -> None:
        start, end = self.range(node)
        inner = [child for child in node.children if child.is_named]
        if len(inner) == 1 and _LIST.fullmatch(self.script.value[start:end]):
            self.add(builder, inner[0], quoted=True)
            return
        at = self.script.value.index('"', start) + 1
        builder.begin(start)
        for child in node.children:
            if child.type in ("string_content", '"', "$", "string"):
                continue
            first, last = self.range(child)
            builder.add(self.script.double_quoted(at, first), start, first)
            self.add(builder, child, quoted=True)
            at = last
        closing = end - 1 if self.script.value[end - 1] == '"' else end
        builder.add(self.script.double_quoted(at, closing), start, end)

    def _ansi(self, builder: _Builder, start: int, end: int) -> None:
        if "\\" in self.script.value[start:end]:
            builder.add_hole(start, end, splits=False)
        else:
            builder.add(self.script.pieces(start + 2, end - 1), start, end)

    def _expansion(self, builder: _Builder, node: Node, quoted: bool) -> None:
        start, end = self.range(node)
        text = self.script.value[start:end]
        array, plain = _WHOLE_ARRAY.fullmatch(text), _PLAIN_NAME.fullmatch(text)
        name = array[1] if array else (plain[1] or plain[2]) if plain else ""
        value = self.variables(name, node) if name else None
        if value is None or value.is_array != bool(array):
            splits = not quoted or bool(array) or text in ("$@", "${@}")
            builder.add_hole(start, end, splits=splits)
        elif array:
            builder.add_array(value.words, start, end)
        else:
            for part in value.words:
                self._add_part(builder, part, quoted, start, end)

    def _add_part(self, builder: _Builder, part: Word, quoted: bool, start: int, end: int) -> None:
        if not quoted:
            builder.add_split(part, start, end)
        elif part.optional:
            builder.add_hole(start, end, splits=False)
        else:
            builder.add(part.text.pieces, start, end)

    def value(self, nodes: Iterable[Node]) -> Word:
        """The text of an assignment's value, where nothing is split."""
        builder = _Builder(self)
        for node in nodes:
            self.add(builder, node, quoted=True)
        builder.close()
        return builder.done[0] if builder.done else Word(Text((), self.script.span(0, 0)))


def _has_brace(node: Node) -> bool:
    return any(child.type == "word" and child.text == b"{" for child in node.children)


class _Builder:
    """Collects the pieces of a word, and the words that are done."""

    def __init__(self, reader: WordReader) -> None:
        self.reader = reader
        self.done: list[Word] = []
        self.pieces: list[Piece] = []
        self.splits = False
        self.optional = False
        self.start: int | None = None
        self.end = 0

    def begin(self, start: int) -> None:
        """An (even empty) quoted text makes a word."""
        if self.start is None:
            self.start = start
            self.end = start

    def add(
        self, pieces: Iterable[Piece], start: int, end: int, *, splits: bool = False, optional: bool = False
    ) -> None:
        """Add pieces that are written at a range of the script."""
        self.begin(start)
        self.end = end
        self.splits |= splits
        self.optional |= optional
        self.pieces += pieces

    def add_hole(self, start: int, end: int, *, splits: bool) -> None:
        """Add what is not known."""
        self.add([Piece(HOLE, self.reader.script.span(start, end))], start, end, splits=splits)

    def add_array(self, words: Sequence[Word], start: int, end: int) -> None:
        """Add the elements of an array: words of their own, unless they are glued to other text."""
        if self.start is not None and self.pieces:
            self.add_hole(start, end, splits=True)
            return
        self._drop()
        self.done += words

    def add_split(self, part: Word, start: int, end: int) -> None:
        """Add the text of an unquoted variable, whose white space ends words."""
        for piece in part.text.pieces:
            if piece.is_hole:
                self.add([piece], start, end, splits=True, optional=part.optional)
                continue
            at = 0
            for white in _WHITE.finditer(piece.text):
                self._add_cut(piece, at, white.start(), (start, end), part.optional)
                self.close()
                at = white.end()
            self._add_cut(piece, at, len(piece.text), (start, end), part.optional)

    def _add_cut(self, piece: Piece, first: int, last: int, written: tuple[int, int], optional: bool) -> None:
        if first == last:
            return
        linear = len(piece.text) == len(piece.span)
        span = Span(piece.span.start + first, piece.span.start + last) if linear else piece.span
        self.add([Piece(piece.text[first:last], span)], *written, optional=optional)

    def close(self) -> None:
        """End the word being built."""
        if self.start is not None:
            self.done.append(Word(Text(tuple(self.pieces), self._span()), self.splits, self.optional))
        self._drop()

    def _span(self) -> Span:
        """The word's place; where a variable gave all of it, the place of its value."""
        assert self.start is not None
        written = self.reader.script.span(self.start, self.end)
        spans = [piece.span for piece in self.pieces]
        if spans and all(not written.start <= span.start < written.end for span in spans):
            return Span(min(span.start for span in spans), max(span.end for span in spans))
        return written

    def _drop(self) -> None:
        self.pieces, self.splits, self.optional, self.start = [], False, False, None
