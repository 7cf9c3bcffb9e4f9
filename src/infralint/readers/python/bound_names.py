"""The names that a function, lambda or class binds itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from infralint.readers.python.nodes import children, walk

Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


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
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
            # Decorators and defaults may hold a walrus.
            stack.extend(node.decorator_list)
        elif isinstance(node, COMPREHENSIONS):
            # Of what stands in it only a walrus binds a name here.
            yield from (each.target.id for each in walk(node) if isinstance(each, ast.NamedExpr))
        elif not isinstance(node, ast.Lambda):
            stack.extend(children(node))


def imports_in(scope: Scope) -> Iterator[tuple[str, str]]:
    """The names that the scope's own imports bind, each with the dotted name that it stands for."""
    stack: list[ast.AST] = list(scope.body) if isinstance(scope.body, list) else []
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            separator = "" if module.endswith(".") else "."
            yield from ((alias.asname or alias.name, f"{module}{separator}{alias.name}") for alias in node.names)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.expr)):
            stack.extend(children(node))
