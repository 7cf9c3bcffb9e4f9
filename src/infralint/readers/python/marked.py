"""Parts of a syntax tree that hold a word: a search of the text is a hundred times cheaper than a walk of the tree."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left

from infralint.readers.python.nodes import children
from infralint.source import SourceText

# Nodes that have no others below them.
_LEAVES = frozenset({ast.Constant, ast.Name, ast.Pass, ast.alias})
# Nodes that hold statements.
BLOCKS = tuple(
    getattr(ast, name)
    for name in (
        "AsyncFor", "AsyncFunctionDef", "AsyncWith", "ClassDef", "ExceptHandler", "For", "FunctionDef", "If", "Match",
        "Module", "Try", "TryStar", "While", "With", "match_case",
    )
    if hasattr(ast, name)
)  # fmt: skip
_HOLDING_STATEMENTS = frozenset(BLOCKS)
# What a block is made of.
PARTS = (ast.stmt, ast.ExceptHandler, ast.match_case)


class MarkedLines:
    """The lines of a text on which one of some patterns is found.

    Several patterns that begin with a letter each are searched for faster than one that is all of them.
    """

    __slots__ = ("_places", "_starts")

    def __init__(self, source: SourceText, *patterns: re.Pattern[str]) -> None:
        self._starts = source.line_starts
        self._places = sorted(match.start() for pattern in patterns for match in pattern.finditer(source.text))

    def in_statement(self, node: ast.stmt) -> bool:
        """Whether a statement, its decorators included, holds one."""
        decorators: list[ast.expr] | None = getattr(node, "decorator_list", None)
        first = decorators[0].lineno if decorators else node.lineno
        at = bisect_left(self._places, self._starts[first - 1])
        if at == len(self._places):
            return False
        last = node.end_lineno or node.lineno
        return last >= len(self._starts) or self._places[at] < self._starts[last]


def walk_marked(tree: ast.AST, lines: MarkedLines) -> tuple[list[ast.AST], dict[ast.AST, ast.AST]]:
    """A node and all nodes below it, but for statements without a mark; and their parents."""
    found: list[ast.AST] = [tree]
    parents: dict[ast.AST, ast.AST] = {}
    marked = lines.in_statement
    for node in found:
        kind = type(node)
        if kind in _LEAVES:
            continue
        below = children(node)
        if kind in _HOLDING_STATEMENTS:
            below = [each for each in below if not isinstance(each, ast.stmt) or marked(each)]
        parents.update(dict.fromkeys(below, node))
        found += below
    return found, parents


def statements_in(node: ast.AST) -> list[ast.AST]:
    """A statement and all statements below it, handlers and cases among them, level by level."""
    found = [node]
    for each in found:
        if isinstance(each, BLOCKS):
            found += [below for below in children(each) if isinstance(below, PARTS)]
    return found
