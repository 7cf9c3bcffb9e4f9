"""The functions and classes of a module, as following texts through them needs them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from infralint.readers.python.nodes import children
from infralint.readers.python.text_kinds import Value

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_BINDING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(slots=True, eq=False)
class ClassScope:
    """A class: what its body binds, and its methods."""

    node: ast.ClassDef
    qualname: str
    names: Mapping[str, Value] = field(default_factory=dict)
    methods: dict[str, FunctionNode] = field(default_factory=dict)
    # All methods, those of one name among them.
    functions: list[FunctionScope] = field(default_factory=list)
    _assigned: dict[str, list[FunctionNode]] | None = None

    @property
    def assigned(self) -> dict[str, list[FunctionNode]]:
        """The methods that assign an attribute of `self`, by its name."""
        if self._assigned is None:
            self._assigned = {}
            for scope in self.functions:
                for name in _self_attributes(_inside(scope.node), scope.receiver):
                    self._assigned.setdefault(name, []).append(scope.node)
        return self._assigned


@dataclass(slots=True, eq=False)
class FunctionScope:
    """A function: the class that it is a method of, and the function around it."""

    node: FunctionNode
    qualname: str
    owner: ClassScope | None
    around: FunctionScope | None
    _local: frozenset[str] | None = None

    @property
    def local(self) -> frozenset[str]:
        """The names that the function's own statements bind."""
        if self._local is None:
            self._local = frozenset(bound_in(self.node))
        return self._local

    @property
    def receiver(self) -> str:
        """The name of `self` or `cls`; "" of what is no method."""
        arguments = [*self.node.args.posonlyargs, *self.node.args.args]
        static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in self.node.decorator_list)
        return arguments[0].arg if self.owner is not None and arguments and not static else ""

    @property
    def parameters(self) -> list[str]:
        """The names of the parameters that take positions, without `self`, in order."""
        every = [each.arg for each in (*self.node.args.posonlyargs, *self.node.args.args)]
        return every[1:] if self.receiver else every


class Scopes:
    """All functions and classes of a module, in order."""

    def __init__(self, body: Sequence[ast.stmt]) -> None:
        self.functions: list[FunctionScope] = []
        self.by_node: dict[ast.AST, FunctionScope] = {}
        self.classes: list[ClassScope] = []
        self.class_of: dict[ast.AST, ClassScope] = {}
        # Functions and classes at the top of the module by name; None where a name is bound twice.
        self.top: dict[str, FunctionScope | ClassScope | None] = {}
        self.changed_globals: set[str] = set()
        self._block(body, "", None, None)

    def _block(
        self, body: Sequence[ast.AST], prefix: str, owner: ClassScope | None, around: FunctionScope | None
    ) -> None:
        stack: list[ast.AST] = list(reversed(body))
        while stack:
            node = stack.pop()
            if isinstance(node, ast.ClassDef):
                self._class(node, prefix, around)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self._function(node, prefix, owner, around)
            else:
                if isinstance(node, ast.Global):
                    self.changed_globals.update(node.names)
                elif type(node).__name__ in _COMPOUND:
                    stack.extend(reversed([child for child in children(node) if isinstance(child, _BLOCKS)]))

    def _class(self, node: ast.ClassDef, prefix: str, around: FunctionScope | None) -> None:
        scope = ClassScope(node, prefix + node.name)
        self.classes.append(scope)
        self.class_of[node] = scope
        if not prefix:
            self.top[node.name] = None if node.name in self.top else scope
        self._block(node.body, f"{scope.qualname}.", scope, around)

    def _function(
        self, node: FunctionNode, prefix: str, owner: ClassScope | None, around: FunctionScope | None
    ) -> None:
        scope = FunctionScope(node, prefix + node.name, owner, around)
        self.functions.append(scope)
        self.by_node[node] = scope
        if owner is not None:
            owner.methods[node.name] = node
            owner.functions.append(scope)
        elif not prefix:
            self.top[node.name] = None if node.name in self.top else scope
        self._block(node.body, f"{scope.qualname}.<locals>.", None, scope)


_BLOCKS = (ast.stmt, ast.excepthandler, ast.match_case)
# What of these is no definition, and holds others.
_COMPOUND = frozenset(
    {"AsyncFor", "AsyncWith", "ExceptHandler", "For", "If", "Match", "Try", "TryStar", "While", "With", "match_case"}
)


def _inside(scope: ast.AST) -> list[ast.AST]:
    """All nodes of a scope, without those of scopes inside of it."""
    found: list[ast.AST] = children(scope)
    for node in found:
        if not isinstance(node, _SCOPES):
            found += children(node)
    return found


def bound_in(scope: ast.AST) -> Iterator[str]:
    """The names that the statements of a scope bind."""
    return _bound_by(_inside(scope))


def _bound_by(nodes: Sequence[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if type(node) is ast.Name:
            if not isinstance(node.ctx, ast.Load):
                yield node.id
        elif isinstance(node, _BINDING):
            if node.name:
                yield node.name
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            yield from node.names


def _self_attributes(inside: Sequence[ast.AST], receiver: str) -> set[str]:
    if not receiver:
        return set()
    return {
        node.attr
        for node in inside
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == receiver
    }
