"""A libcst tree of one region: a walk that skips whitespace, and spans of nodes in the file."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import libcst as cst
from libcst._nodes.internal import CodegenState

from infralint.readers.python.depth import is_too_deep
from infralint.source import Span

# Fields that hold only white space, punctuation or comments: nothing below them is a fact.
_LAYOUT_FIELDS = frozenset(
    {
        "asname_comma", "body_comma", "colon", "comma", "default_indent", "default_newline", "dot", "encoding",
        "equal", "footer", "has_trailing_newline", "header", "indent", "lbrace", "lbracket", "leading_lines",
        "lines_after_decorators", "lpar", "newline", "operator", "rbrace", "rbracket", "rpar", "semicolon",
        "separator", "star", "trailing_whitespace",
    }
)  # fmt: skip


# Looked up for every node of every region: plain dictionaries, since isinstance() is slow with libcst's classes.
_fields: dict[type[object], tuple[str, ...]] = {}
_is_node: dict[type[object], bool] = {}


def _child_fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    _fields[kind] = tuple(
        field.name
        for field in dataclasses.fields(kind)
        if field.name not in _LAYOUT_FIELDS and not field.name.startswith("whitespace")
    )
    return _fields[kind]


def _check_node(kind: type[object]) -> bool:
    _is_node[kind] = issubclass(kind, cst.CSTNode)
    return _is_node[kind]


def children(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The child nodes in source order, without white space, punctuation and operators."""
    kind = type(node)
    found: list[cst.CSTNode] = []
    for name in _fields.get(kind) or _child_fields(kind):
        value = getattr(node, name)
        for item in value if isinstance(value, (tuple, list)) else (value,):
            inner = type(item)
            if _is_node[inner] if inner in _is_node else _check_node(inner):
                found.append(item)
    return found


def walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The node and all below it, parents first, in source order."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(children(current)))


class _SpanRecorder(CodegenState):
    """Writes the tree out again and notes at which character each node begins and ends.

    This is what libcst's PositionProvider does, in offsets and without line arithmetic. White space
    around a node and the parentheses around an expression do not belong to its span.
    """

    def __init__(self, module: cst.Module, base: int) -> None:
        super().__init__(default_indent=module.default_indent, default_newline=module.default_newline)
        self.offset = base
        self.spans: dict[int, Span] = {}
        self._starts: list[int] = []

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.offset += len(token)

    def add_token(self, value: str) -> None:
        self.offset += len(value)

    def before_codegen(self, node: cst.CSTNode) -> None:
        self._starts.append(self.offset)

    def after_codegen(self, node: cst.CSTNode) -> None:
        start = self._starts.pop()
        if id(node) not in self.spans:
            self.spans[id(node)] = Span(start, self.offset)

    def record_syntactic_position(  # type: ignore[override]  # any context manager serves
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> _SyntacticPosition:
        return _SyntacticPosition(self, node, start_node, end_node)


class _SyntacticPosition:
    """Notes the span of a node without its outer white space; a generator would cost twice the time here."""

    __slots__ = ("end_node", "node", "recorder", "start", "start_node")

    def __init__(
        self, recorder: _SpanRecorder, node: cst.CSTNode, start_node: cst.CSTNode | None, end_node: cst.CSTNode | None
    ) -> None:
        self.recorder = recorder
        self.node = node
        self.start_node = start_node
        self.end_node = end_node
        self.start = recorder.offset

    def __enter__(self) -> None:
        self.start = self.recorder.offset

    def __exit__(self, *_: object) -> None:
        spans = self.recorder.spans
        first = self.start if self.start_node is None else spans[id(self.start_node)].start
        last = self.recorder.offset if self.end_node is None else spans[id(self.end_node)].end
        spans[id(self.node)] = Span(first, last)


class Region:
    """Whole statements of a file, parsed by libcst; `base` is the offset of their first character.

    Raises cst.ParserSyntaxError when the text does not parse, RecursionError when it nests too deeply.
    """

    def __init__(self, text: str, base: int) -> None:
        self.base = base
        if is_too_deep(text):
            raise RecursionError("nested too deeply")
        self.module = cst.parse_module(text)
        self._spans: dict[int, Span] | None = None

    def span(self, node: cst.CSTNode) -> Span:
        """Where a node of this region stands in the file. The first question measures the region once."""
        if self._spans is None:
            recorder = _SpanRecorder(self.module, self.base)
            self.module._codegen(recorder)
            self._spans = recorder.spans
        return self._spans[id(node)]

    def code(self, node: cst.CSTNode) -> str:
        """The node's source text."""
        return self.module.code_for_node(node)
