"""Where the statements of a module stand, and the bodies of its functions: only who reads regions asks."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from infralint.source import SourceText, Span

if TYPE_CHECKING:
    from infralint.readers.python.outline import Outline


def measure(outline: Outline, tree: ast.Module, source: SourceText) -> None:
    """Add the statements and bodies to the outline of a module."""
    outline.statements = list(_line_groups(tree.body, source))
    outline.bodies = [_body(node, source) for node in outline.functions]


def _line_groups(body: Sequence[ast.stmt], source: SourceText) -> Iterator[Span]:
    starts = source.line_starts
    first = last = 0
    for statement in body:
        decorators = getattr(statement, "decorator_list", [])
        begin = min([statement.lineno, *(d.lineno for d in decorators)])
        end = statement.end_lineno or begin
        if last and begin > last:
            yield Span(starts[first - 1], starts[last] if last < len(starts) else len(source.text))
            first = begin
        first = first or begin
        last = max(last, end)
    if last:
        yield Span(starts[first - 1], starts[last] if last < len(starts) else len(source.text))


def span_of(node: ast.expr | ast.stmt | ast.alias, source: SourceText) -> Span:
    """Where a node stands in the file."""
    end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
    return Span(
        source.byte_offset_to_char(node.lineno, node.col_offset), source.byte_offset_to_char(end_line, end_column)
    )


def _body(node: ast.FunctionDef | ast.AsyncFunctionDef, source: SourceText) -> tuple[Span, Span]:
    body = Span(_start_of(node.body[0], source), span_of(node.body[-1], source).end)
    start = min([span_of(node, source).start, *(span_of(each, source).start for each in node.decorator_list)])
    return Span(start, body.end), body


def _start_of(node: ast.stmt, source: SourceText) -> int:
    """Where a statement begins, its decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    if not decorators:
        return span_of(node, source).start
    return source.text.rfind("@", 0, span_of(decorators[0], source).start)
