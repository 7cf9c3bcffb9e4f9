"""The names that a function, lambda or class binds itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from infralint.readers.python.nodes import children, walk

Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_BINDING = frozenset(
    {*COMPREHENSIONS, *_FUNCTIONS, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchMapping, ast.MatchStar,
     ast.alias}
)  # fmt: skip


def bound_in(scope: Scope) -> Iterator[str]:
    """The names, one for each place that binds it, nested scopes left out."""
    if not isinstance(scope, ast.ClassDef):
        arguments = scope.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        yield from (argument.arg for argument in every if argument is not None)
    yield from (parameter.name for parameter in getattr(scope, "type_params", ()))
    stack: list[ast.AST] = list(scope.body) if isinstance(scope.body, list) else [scope.body]
    while stack:
        node = stack.pop()
        if type(node) is ast.Name:
            if not isinstance(node.ctx, ast.Load):
                yield node.id
        elif type(node) in _BINDING:
            yield from _bound_by(node, stack)
        elif type(node) is not ast.Lambda:
            stack += children(node)


def _bound_by(node: ast.AST, stack: list[ast.AST]) -> Iterator[str]:
    """The names of a node of the kinds that bind in their own ways; what of it is in the same scope is put on the
    stack."""
    if isinstance(node, ast.alias):
        yield (node.asname or node.name).partition(".")[0]
    elif isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
        yield node.name
        # Decorators and defaults may hold a walrus.
        stack += node.decorator_list
    elif isinstance(node, COMPREHENSIONS):
        # Of what stands in it only a walrus binds a name here.
        yield from (each.target.id for each in walk(node) if isinstance(each, ast.NamedExpr))
    else:
        name = node.rest if isinstance(node, ast.MatchMapping) else getattr(node, "name", None)
        if name:
            yield name
        stack += children(node)


def imports_in(scope: Scope) -> Iterator[tuple[str, str]]:
    """The names that the scope's own imports bind, each with the dotted name that it stands for."""
    for node in import_statements_in(scope):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
        else:
            module = "." * node.level + (node.module or "")
            separator = "" if module.endswith(".") else "."
            yield from ((alias.asname or alias.name, f"{module}{separator}{alias.name}") for alias in node.names)


def import_statements_in(scope: Scope) -> Iterator[ast.Import | ast.ImportFrom]:
    """The scope's own imports."""
    stack: list[ast.AST] = list(scope.body) if isinstance(scope.body, list) else []
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node
        elif not isinstance(node, (*_FUNCTIONS, ast.ClassDef, ast.expr)):
            stack += children(node)
