"""A Python module as codemods see it: its tree, its text, and where nodes stand in it."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from functools import lru_cache

from infralint.source import SourceText, Span


# The findings of one file come one after the other.
@lru_cache(maxsize=4)
def module_text(text: str) -> ModuleText | None:
    """The module of a text; None where it is none that Python reads."""
    try:
        return ModuleText(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


class ModuleText:
    """A module. Raises what the parser raises."""

    def __init__(self, text: str) -> None:
        self.source = SourceText(text)
        self.text = text
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.tree = ast.parse(text)
        self.nodes = tuple(ast.walk(self.tree))

    def span(self, node: ast.stmt | ast.expr | ast.alias | ast.keyword) -> Span:
        """The characters of a node."""
        start = self.source.byte_offset_to_char(node.lineno, node.col_offset)
        end = self.source.byte_offset_to_char(node.end_lineno or node.lineno, node.end_col_offset or 0)
        return Span(start, end)

    def written(self, span: Span) -> str:
        """The text of a span."""
        return self.text[span.start : span.end]

    def has_lines_of_its_own(self, span: Span) -> bool:
        """Whether nothing stands before and behind a span in its lines."""
        return self.begins_line(span.start) and self._rest_of_line(span.end).strip() == ""

    def indent_of(self, start: int) -> str | None:
        """The white space before an offset in its line; None where something else stands there."""
        line = self.source.position(start).line
        before = self.text[self.source.line_starts[line - 1] : start]
        return None if before.strip(" \t") else before

    def begins_line(self, start: int) -> bool:
        """Whether an offset is the first of a line."""
        return start in self.source.line_starts

    def has_comment_behind(self, end: int) -> bool:
        """Whether a comment ends the line in which a name or a statement ends."""
        return "#" in self._rest_of_line(end)

    def is_last_of_line(self, end: int) -> bool:
        """Whether nothing but a comment stands behind an offset in its line."""
        rest = self._rest_of_line(end).strip()
        return not rest or rest.startswith("#")

    def above_comments(self, start: int) -> int:
        """The start of the comment right above a line, which speaks of what stands there; the line's own start where
        there is none, or where it begins the file, as one about the whole file does."""
        line = first = self.source.position(start).line
        while first > 1 and self.source.line(first - 1).startswith("#"):
            first -= 1
        return self.source.line_starts[(first if first > 1 else line) - 1]

    def is_below_blank(self, start: int) -> bool:
        """Whether the line above the one that begins here is blank, or there is none."""
        line = self.source.position(start).line
        return not self.source.line(line - 1).strip()

    def with_line_end(self, span: Span) -> Span:
        """A span together with the end of its last line."""
        end = span.end + len(self._rest_of_line(span.end))
        following = re.compile(r"\r\n|\n|\r").match(self.text, end)
        return Span(span.start, following.end() if following else end)

    def _rest_of_line(self, start: int) -> str:
        found = re.compile(r"[^\r\n]*").match(self.text, start)
        return found[0] if found else ""

    def uses(self, name: str) -> list[ast.Name]:
        """Where a name is read."""
        return [node for node in self._names(name) if isinstance(node.ctx, ast.Load)]

    def bindings(self, name: str) -> int:
        """How often a name is bound or deleted, in any scope."""
        return sum(_binds(node, name) for node in self.nodes)

    def is_spoken_of(self, name: str) -> bool:
        """Whether a string holds a name, as `__all__` and quoted annotations do."""
        word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        strings = (node.value for node in self.nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
        return any(word.search(string) for string in strings)

    def is_as_written(self, node: ast.Name) -> bool:
        """Whether a name stands where the tree says; before Python 3.12 one in an f-string may not."""
        return self.written(self.span(node)) == node.id

    def import_of(self, name: str) -> tuple[ast.ImportFrom, ast.alias] | None:
        """The one from-import at the module's top that binds a name, in lines of its own and without a comment."""
        found = [
            (statement, alias)
            for statement in self.tree.body
            if isinstance(statement, ast.ImportFrom)
            for alias in statement.names
            if (alias.asname or alias.name) == name
        ]
        if len(found) != 1:
            return None
        span = self.span(found[0][0])
        plain = self.has_lines_of_its_own(span) and "#" not in self.written(span)
        return found[0] if plain else None

    def before(self, statement: ast.stmt) -> ast.stmt | None:
        """The statement at the module's top before one that stands there."""
        body = self.tree.body
        at = next((index for index, each in enumerate(body) if each is statement), 0)
        return body[at - 1] if at else None

    def _names(self, name: str) -> Iterator[ast.Name]:
        return (node for node in self.nodes if isinstance(node, ast.Name) and node.id == name)


def _binds(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Name):
        return node.id == name and not isinstance(node.ctx, ast.Load)
    if isinstance(node, ast.alias):
        return (node.asname or node.name).partition(".")[0] == name
    if isinstance(node, ast.arg):
        return node.arg == name
    if isinstance(node, (ast.Global, ast.Nonlocal)):
        return name in node.names
    # Definitions, handlers, patterns, type parameters.
    return name in (getattr(node, "name", None), getattr(node, "rest", None))
