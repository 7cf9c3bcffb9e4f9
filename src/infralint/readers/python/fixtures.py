"""The pytest fixtures of a module, in a form in which two of them can be compared."""

from __future__ import annotations

import ast
import builtins
import copy
from collections.abc import Iterator

from infralint.facts.names import ImportTable
from infralint.facts.pytest import Fixture
from infralint.readers.python.nodes import walk
from infralint.readers.python.outline import dotted
from infralint.source import SourceText, Span

_BUILTINS = frozenset(dir(builtins))
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def fixtures_of(tree: ast.Module, source: SourceText, names: ImportTable) -> tuple[Fixture, ...]:
    """The fixtures at the module's top, in order; what a docstring says of one makes no difference."""
    return tuple(_fixtures(tree, source, names))


def _fixtures(tree: ast.Module, source: SourceText, names: ImportTable) -> Iterator[Fixture]:
    for node in tree.body:
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        called = [each.func if isinstance(each, ast.Call) else each for each in node.decorator_list]
        if any(names.resolve(dotted(each)) in ("pytest.fixture", "pytest_asyncio.fixture") for each in called):
            start = source.text.find(node.name, source.byte_offset_to_char(node.lineno, node.col_offset + 4))
            span = Span(start, start + len(node.name))
            yield Fixture(_name(node), span, _content(node, names), _is_autouse(node))


def _name(node: _Function) -> str:
    """The name under which tests ask for it: `@pytest.fixture(name="...")`, else the function's own."""
    for decorator in node.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
    return node.name


def _is_autouse(node: _Function) -> bool:
    """Whether a fixture may be `autouse`: a value that cannot be told counts."""
    calls = [each for each in node.decorator_list if isinstance(each, ast.Call)]
    values = [keyword.value for call in calls for keyword in call.keywords if keyword.arg == "autouse"]
    return any(not (isinstance(value, ast.Constant) and not value.value) for value in values)


def _content(node: _Function, names: ImportTable) -> str:
    """What the fixture does, its own name left out; "" where that depends on what else its module defines."""
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    if not body or all(isinstance(each, ast.Pass) for each in body):
        return ""
    shape = copy.deepcopy(node)
    shape.name, shape.body = "", shape.body[-len(body) :]
    own = {each.id for each in walk(shape) if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load)}
    own |= {each.arg for each in walk(shape) if isinstance(each, ast.arg)}
    own |= {each.name for each in walk(shape) if isinstance(each, (ast.FunctionDef, ast.ClassDef)) and each.name}
    own |= {(each.asname or each.name).partition(".")[0] for each in walk(shape) if isinstance(each, ast.alias)}
    used = {each.id for each in walk(shape) if isinstance(each, ast.Name)} - own - _BUILTINS
    if not all(map(names.is_imported, used)):
        return ""
    return ast.dump(_Resolved(names, used).visit(shape))


class _Resolved(ast.NodeTransformer):
    """Imported names by what they are: `sa.create_engine` and `create_engine` become one."""

    def __init__(self, names: ImportTable, imported: set[str]) -> None:
        self.names = names
        self.imported = imported

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return self._named(node.id, node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        written = dotted(node)
        return self._named(written, node) if written else self.generic_visit(node)

    def _named(self, written: str, node: ast.Name | ast.Attribute) -> ast.Name:
        known = written.partition(".")[0] in self.imported
        return ast.Name(self.names.resolve(written) if known else written, node.ctx)
