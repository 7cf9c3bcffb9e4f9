"""Walking the standard library's syntax trees, at a fifth of the cost of its own `ast.walk()`.

Contexts (`ast.Load`) and operators (`ast.Add`) are left out: a third of all nodes, and nobody looks at them as nodes.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

# Fields that hold names, numbers, contexts or operators, and no nodes that have more below them.
_PLAIN_FIELDS = frozenset(
    {
        "arg", "asname", "attr", "conversion", "ctx", "id", "is_async", "kind", "kwd_attrs", "level", "lineno",
        "module", "op", "ops", "rest", "simple", "tag", "type_comment",
    }
)  # fmt: skip
# Fields of that kind in some classes alone: `Name.id` is plain, `MatchStar.name` too, `Call.func` is not.
_PLAIN_OF = {
    ast.Constant: frozenset({"value"}),
    ast.Global: frozenset({"names"}),
    ast.Nonlocal: frozenset({"names"}),
    ast.MatchSingleton: frozenset({"value"}),
}
# A dictionary's `**x` has no key, a keyword-only parameter may have no default: their lists hold None.
_WITH_GAPS = frozenset({ast.Dict, ast.arguments})
# How the fields of each class are taken, None for classes without nodes below them.
_getters: dict[type[ast.AST], Callable[[Any], tuple[Any, ...]] | None] = {}


# The same for the classes that most nodes are of, and that always have all their parts.
_COMMON: dict[type[ast.AST], Callable[[Any], list[Any]]] = {
    ast.Assign: lambda node: [*node.targets, node.value],
    ast.Attribute: lambda node: [node.value],
    ast.Await: lambda node: [node.value],
    ast.BinOp: lambda node: [node.left, node.right],
    ast.Call: lambda node: [node.func, *node.args, *node.keywords],
    ast.Compare: lambda node: [node.left, *node.comparators],
    ast.Constant: lambda node: [],
    ast.Expr: lambda node: [node.value],
    ast.If: lambda node: [node.test, *node.body, *node.orelse],
    ast.JoinedStr: lambda node: [*node.values],
    ast.List: lambda node: [*node.elts],
    ast.Name: lambda node: [],
    ast.Subscript: lambda node: [node.value, node.slice],
    ast.Tuple: lambda node: [*node.elts],
    ast.alias: lambda node: [],
    ast.keyword: lambda node: [node.value],
}


def children(node: ast.AST) -> list[Any]:
    """The nodes directly below a node, in the order of its fields."""
    common = _COMMON.get(type(node))
    if common is not None:
        return common(node)
    found: list[Any] = []
    _add_children(node, found)
    return found


def walk(node: ast.AST) -> list[Any]:
    """A node and all nodes below it, level by level."""
    found: list[Any] = [node]
    for each in found:
        common = _COMMON.get(type(each))
        if common is not None:
            found += common(each)
        else:
            _add_children(each, found)
    return found


def _add_children(node: ast.AST, found: list[Any]) -> None:
    kind = type(node)
    getter = _getters[kind] if kind in _getters else _getter(kind)
    if getter is None:
        return
    for value in getter(node):
        if type(value) is list:
            found += value if kind not in _WITH_GAPS else [each for each in value if each is not None]
        elif value is not None:
            found.append(value)


def _getter(kind: type[ast.AST]) -> Callable[[Any], tuple[Any, ...]] | None:
    plain = _PLAIN_FIELDS | _PLAIN_OF.get(kind, frozenset())
    if kind.__name__ != "TypeAlias":
        # A name is a string everywhere but in `type X = ...`, whose name is a node.
        plain |= {"name"}
    fields = [name for name in kind._fields if name not in plain]
    if len(fields) > 1:
        _getters[kind] = operator.attrgetter(*fields)
    else:
        _getters[kind] = (lambda node: (getattr(node, fields[0]),)) if fields else None
    return _getters[kind]
