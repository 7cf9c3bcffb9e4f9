"""Texts that expressions certainly are, by the constants at a module's top: for readers of the standard `ast`."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cached_property

from infralint.readers.python.nodes import walk

_MAX_DEPTH = 20


class ConstantTexts:
    """Evaluates literals, f-strings and sums of them, and names that the whole module binds once, at its top."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree

    def of(self, node: ast.expr | None, depth: int = 0) -> str | None:
        """The text that an expression is; None for one that is none, or is not certain."""
        if depth > _MAX_DEPTH:
            return None
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.Name):
            return self.of(self._constant(node.id), depth + 1)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return _joined([self.of(node.left, depth + 1), self.of(node.right, depth + 1)])
        if isinstance(node, ast.JoinedStr):
            return _joined([self.of(_inserted(part), depth + 1) for part in node.values])
        return None

    def _constant(self, name: str) -> ast.expr | None:
        """The value of a name that nothing binds twice, in whatever scope."""
        value = self._assigned.get(name)
        if value is not None and self._bound[name] > 1:
            return None
        return value

    @cached_property
    def _assigned(self) -> dict[str, ast.expr]:
        """Values by name, of the assignments at the top of the module that can be a text."""
        found: dict[str, ast.expr] = {}
        for statement in self._tree.body:
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                target, value = statement.targets[0], statement.value
            elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
                target, value = statement.target, statement.value
            else:
                continue
            if isinstance(target, ast.Name) and isinstance(value, (ast.Constant, ast.JoinedStr, ast.BinOp, ast.Name)):
                found[target.id] = value
        return found

    @cached_property
    def _bound(self) -> Counter[str]:
        return Counter(name for node in walk(self._tree) for name in _names_bound(node))


def _inserted(part: ast.expr) -> ast.expr | None:
    """What a part of an f-string puts in; None where it is formatted."""
    if not isinstance(part, ast.FormattedValue):
        return part
    plain = part.format_spec is None and part.conversion in (-1, ord("s"))
    return part.value if plain else None


def _joined(parts: list[str | None]) -> str | None:
    texts = [part for part in parts if part is not None]
    return "".join(texts) if len(texts) == len(parts) else None


def _names_bound(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name):
        return [] if isinstance(node.ctx, ast.Load) else [node.id]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.alias):
        return [(node.asname or node.name).partition(".")[0]]
    if isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
        return [node.name] if node.name else []
    if isinstance(node, ast.MatchMapping):
        return [node.rest] if node.rest else []
    return []
