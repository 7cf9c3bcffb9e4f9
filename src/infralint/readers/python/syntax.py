"""A module's syntax tree by the standard `ast`, with what readers ask of it: spans, parents, names."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import cached_property

from infralint.facts.names import ImportTable
from infralint.readers.python.outline import Outline, dotted, parse
from infralint.source import SourceText, Span

Function = (ast.FunctionDef, ast.AsyncFunctionDef)
_REFUSED = (SyntaxError, ValueError, RecursionError, MemoryError)


class Syntax:
    """One module as far as the running interpreter reads it."""

    def __init__(self, source: SourceText, outline: Outline, body: Sequence[ast.stmt]) -> None:
        self.source = source
        self.text = source.text
        self.outline = outline
        self.body = body
        self.names = ImportTable(outline.imports, outline.bindings)
        self._spans: dict[ast.AST, Span] = {}

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """Every node's parent."""
        found: dict[ast.AST, ast.AST] = {}
        stack: list[ast.AST] = list(self.body)
        while stack:
            node = stack.pop()
            for child in ast.iter_child_nodes(node):
                found[child] = node
                stack.append(child)
        return found

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around a node, the nearest first."""
        parents = self.parents
        while node in parents:
            node = parents[node]
            yield node

    def span(self, node: ast.expr | ast.stmt | ast.arg | ast.keyword) -> Span:
        """Where a node stands in the file."""
        known = self._spans.get(node)
        if known is None:
            start = self.source.byte_offset_to_char(node.lineno, node.col_offset)
            last, column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
            known = self._spans[node] = Span(start, self.source.byte_offset_to_char(last, column))
        return known

    def resolve(self, node: ast.expr) -> str:
        """A node's dotted name with the file's imports applied; "" where it is no dotted name."""
        name = dotted(node)
        return self.names.resolve(name) if name else ""


def statements_of(source: SourceText, outline: Outline) -> list[ast.stmt]:
    """The statements of a module that holds syntax newer than the running interpreter's: all that this one reads."""
    found: list[ast.stmt] = []
    for span in outline.statements:
        try:
            tree = parse(source.text[span.start : span.end])
        except _REFUSED:
            continue
        lines = source.position(span.start).line - 1
        for statement in tree.body:
            found.append(ast.increment_lineno(statement, lines))
    return found
