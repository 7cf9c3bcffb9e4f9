"""From a module's text to the statements that the symbolic interpreter evaluates (facts/program.py), by `ast`."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from infralint.facts import program as ir
from infralint.readers.python.lower_statements import StatementLowering
from infralint.readers.python.outline import Outline, parse

if TYPE_CHECKING:
    import libcst as cst

    from infralint.readers.python.tree import Region
from infralint.source import SourceText, Span

# Bodies of functions up to this many characters are kept: helpers that make columns, declared attributes.
_SMALL = 6_000
# Those of a module that somebody evaluates on purpose.
_LARGE = 30_000

# Whether the body of a function is of use, by its range in the file and its name.
Keep = Callable[[int, int, str], bool]


def lower_module(tree: ast.Module, source: SourceText, keep: Keep) -> bytes:
    """The encoded program of a parsed module. `keep(start, end, name)` says whether a function's body is of use."""
    lowering = StatementLowering(source, 0, keep)
    body = lowering.block(tree.body)
    return ir.encode_program(ir.Program(body, tuple(lowering.strings)))


def lower_region(region: Region, outline: Outline, source: SourceText, keep: Keep) -> bytes:
    """The same for a module that the running Python cannot parse whole: statement by statement, as libcst has them.

    A statement in newer syntax is Unreadable; all others are as they would be in a module of their own.
    """
    body: list[ir.Statement] = []
    strings: list[ir.ParsedString] = []
    for node in region.module.body:
        span = _whole(region, node)
        piece = SourceText(source.text[span.start : span.end])
        try:
            tree = parse(piece.text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            names = tuple(sorted(_bound_in(outline, span)))
            body.append(ir.Unreadable(span.start, span.end, "syntax newer than this Python", names))
            continue
        lowering = StatementLowering(piece, span.start, keep)
        body += lowering.block(tree.body)
        strings += lowering.strings
    return ir.encode_program(ir.Program(tuple(body), tuple(strings)))


def _whole(region: Region, node: cst.CSTNode) -> Span:
    """The range of a statement with its decorators."""
    span = region.span(node)
    decorators = getattr(node, "decorators", ())
    return Span(region.span(decorators[0]).start, span.end) if decorators else span


def _bound_in(outline: Outline, span: Span) -> Iterable[str]:
    """The names that a top-level statement binds, by the module's outline."""
    yield from (each.name for each in outline.bindings if span.start <= each.span.start < span.end)
    for statement in outline.imports:
        if span.start <= statement.statement.start < span.end:
            names = statement.names
            if names is None:
                yield statement.alias or statement.module.partition(".")[0]
            else:
                yield from (each.bound for each in names)


def keep_of_models(places: Sequence[int]) -> Keep:
    """Which bodies of a module with models are of use: small ones, and those that hold one of these places (sorted).

    Tests are not: nothing that a test function makes is seen by others.
    """

    def keep(start: int, end: int, name: str) -> bool:
        if name.startswith("test_"):
            return False
        if end - start <= _SMALL:
            return True
        at = bisect_left(places, start)
        return end - start <= _LARGE and at < len(places) and places[at] < end

    return keep


def keep_large(start: int, end: int, name: str) -> bool:
    """Bodies of a module that somebody evaluates on purpose, and of a revision: all but the largest."""
    return end - start <= _LARGE * 10
