"""A module's syntax tree by the standard `ast`, with what readers ask of it: spans, parents, names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from infralint.facts.names import ImportTable
from infralint.readers.python.nodes import children
from infralint.readers.python.outline import Outline, dotted, parse
from infralint.source import SourceText, Span

_VISIBLE = re.compile(r"[^\r\n]")
_DEFINITION = re.compile(r"[ \t]*(?:async[ \t]+)?def\b")
# `except A, B:` (PEP 758, Python 3.14) is read as `except:`, which catches no less.
_BARE_EXCEPTS = re.compile(r"^([ \t]*except)\b([ \t]+[\w.]+(?:[ \t]*,[ \t]*[\w.]+)+,?[ \t]*)(?=:)", re.MULTILINE)
# More functions than this with newer syntax, and the module is left out.
_MAX_REPAIRS = 30


class Syntax:
    """One module as far as the running interpreter reads it."""

    def __init__(self, source: SourceText, outline: Outline, body: Sequence[ast.stmt]) -> None:
        self.source = source
        self.text = source.text
        self.outline = outline
        self.body = body
        self.names = ImportTable(outline.imports, outline.bindings)
        self._spans: dict[ast.AST, Span] = {}
        # Those of the lines that were asked for.
        self._parents: dict[ast.AST, ast.AST] = {}
        self._top = frozenset(body)
        # The names that statements bind, and whether they leave a function, for who asks it of one many times.
        self.effects: dict[ast.AST, tuple[frozenset[str], bool]] = {}

    def parent(self, node: ast.AST) -> ast.AST | None:
        """A node's parent; None for a statement of the module."""
        found = self._parents.get(node)
        if found is None and node not in self._top:
            self._measure(self.body, getattr(node, "lineno", 0))
            found = self._parents.get(node)
            if found is None:
                # Before Python 3.12 the lines inside of some f-strings are not the file's.
                self._measure(self.body, None)
                found = self._parents.get(node)
        return found

    def _measure(self, body: Sequence[ast.AST], line: int | None) -> None:
        """Note the parents of what stands on a line; None = of everything."""
        stack: list[ast.AST] = [each for each in body if _is_on(each, line)]
        while stack:
            node = stack.pop()
            below = children(node)
            self._parents.update(dict.fromkeys(below, node))
            if isinstance(node, (ast.stmt, ast.ExceptHandler)):
                below = [each for each in below if not isinstance(each, ast.stmt) or _is_on(each, line)]
            stack += below

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around a node, the nearest first."""
        parent = self.parent(node)
        while parent is not None:
            yield parent
            parent = self._parents.get(parent)

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


def _is_on(node: ast.AST, line: int | None) -> bool:
    if line is None:
        return True
    assert isinstance(node, ast.stmt)
    decorators: list[ast.expr] | None = getattr(node, "decorator_list", None)
    first = decorators[0].lineno if decorators else node.lineno
    return first <= line <= (node.end_lineno or node.lineno)


def statements_of(text: str) -> list[ast.stmt]:
    """The statements of a module that holds syntax newer than the running interpreter's.

    The bodies of the functions that hold such syntax are left out; lines and columns of all else are right.
    """
    text = _BARE_EXCEPTS.sub(lambda match: match[1] + " " * len(match[2]), text)
    for _ in range(_MAX_REPAIRS):
        try:
            return parse(text).body
        except SyntaxError as error:
            repaired = _without_function_at(text, error.lineno or 1)
            if repaired is None:
                return []
            text = repaired
        except (ValueError, RecursionError, MemoryError):
            return []
    return []


def _without_function_at(text: str, number: int) -> str | None:
    """The text with the body of the function around a line (from 1) blanked; None where there is none."""
    lines = text.splitlines(keepends=True)
    at = min(number, len(lines)) - 1
    while at >= 0 and not _DEFINITION.match(lines[at]):
        at -= 1
    if at < 0:
        return None
    indent = _indent(lines[at])
    first = at + 1
    while first < len(lines) and not (lines[first - 1].rstrip().endswith(":") and _indent(lines[first]) > indent):
        first += 1
    end = first
    while end < len(lines) and (not lines[end].strip() or _indent(lines[end]) > indent):
        end += 1
    if not first < end or not at < number <= end:
        return None
    body = [_VISIBLE.sub(" ", line) for line in lines[first:end]]
    column = _indent(lines[first])
    body[0] = f"{body[0][:column]}0{body[0][column + 1 :]}"
    return "".join([*lines[:first], *body, *lines[end:]])


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))
