"""Attributes of mocks that are slips of the names by which a mock is set up and asked.

A mock has every attribute that it is asked for, so a slip sets nothing and checks nothing (Library reference,
"unittest.mock"; since Python 3.12 some of them raise).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from infralint.facts.names import ImportTable
from infralint.facts.python import MockAttribute
from infralint.readers.python.mock_attribute_names import meant
from infralint.readers.python.nodes import children, walk
from infralint.readers.python.outline import dotted
from infralint.source import SourceText, Span

_MAKERS = frozenset(
    {
        "unittest.mock.AsyncMock", "unittest.mock.MagicMock", "unittest.mock.Mock", "unittest.mock.NonCallableMock",
        "unittest.mock.NonCallableMagicMock", "unittest.mock.ThreadingMock", "unittest.mock.create_autospec",
    }
)  # fmt: skip
_PATCHERS = frozenset({"unittest.mock.patch", "unittest.mock.patch.object"})
# pytest-mock's fixtures, its documentation's "Usage".
_MOCKERS = frozenset({"mocker", "class_mocker", "module_mocker", "package_mocker", "session_mocker"})
_MOCKER_CALLS = frozenset(
    {
        "AsyncMock", "MagicMock", "Mock", "NonCallableMock", "async_stub", "create_autospec", "patch", "patch.object",
        "stub",
    }
)  # fmt: skip

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def slips_of(tree: ast.Module, source: SourceText, names: ImportTable) -> tuple[MockAttribute, ...]:
    """The slips on things that are certainly mocks, by place."""
    reader = _Reader(source, names, tree)
    reader.scope(tree, {})
    return tuple(sorted(reader.found, key=lambda each: each.span))


@dataclass(slots=True)
class _Scope:
    """The names (or `self.x`) of one scope that are mocks, with the place that says so; None = not certain any more."""

    mocks: dict[str, Span | None] = field(default_factory=dict)

    def bind(self, name: str, place: Span | None) -> None:
        known = self.mocks.get(name, place)
        self.mocks[name] = known if place is not None else None


class _Reader:
    """`called`: ids of the expressions that are called; `asserted`: the statement that asserts the result of one."""

    def __init__(self, source: SourceText, names: ImportTable, tree: ast.Module) -> None:
        self.source = source
        self.names = names
        nodes = walk(tree)
        self.called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
        self.asserted = {
            id(node.test.func): node
            for node in nodes
            if isinstance(node, ast.Assert) and isinstance(node.test, ast.Call)
        }
        self.found: list[MockAttribute] = []

    def scope(self, node: ast.Module | ast.ClassDef | _Function, outer: dict[str, Span | None]) -> None:
        """Read one scope; `outer` are the mocks that it sees."""
        own = _Scope()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._parameters(node, own)
        inside = list(_statements_of(node))
        for each in inside:
            self._bindings(each, own)
        if isinstance(node, ast.ClassDef):
            for method in _methods(node):
                self._self_attributes(method, own)
        visible = {**outer, **own.mocks}
        for each in inside:
            if isinstance(each, ast.Attribute):
                self._attribute(each, visible)
        for inner in _scopes_in(node):
            self.scope(inner, visible)

    def _attribute(self, node: ast.Attribute, mocks: dict[str, Span | None]) -> None:
        known = meant(node.attr)
        if known is None:
            return
        made = self._root_mock(node.value, mocks)
        if made is not None and self._may_be_slip(node, known):
            end = self._span(node).end
            span = Span(end - len(node.attr), end)
            self.found.append(MockAttribute(node.attr, known, span, made, self._assert_before(node)))

    def _assert_before(self, node: ast.Attribute) -> Span | None:
        """The word `assert` and what follows it before the call of `node`."""
        statement = self.asserted.get(id(node))
        return Span(self._span(statement).start, self._span(statement.test).start) if statement else None

    def _root_mock(self, node: ast.expr, mocks: dict[str, Span | None]) -> Span | None:
        """Where the mock was made whose attribute, or result of a call, an expression is; None for what is no mock.

        What is put into a mock's attribute is no mock of it: `m.a = Thing(); m.a.b`.
        """
        while True:
            name = dotted(node)
            if name and name in mocks:
                return mocks[name]
            if made := self._mock_made(node):
                return made
            if isinstance(node, ast.Attribute):
                node = node.value
            elif isinstance(node, ast.Call):
                node = node.func
            else:
                return None

    def _may_be_slip(self, node: ast.Attribute, known: str) -> bool:
        """A name without its `assert_` is one only where it is called: a mocked thing may have a `has_calls`."""
        return f"assert_{node.attr}" != known or id(node) in self.called

    def _parameters(self, node: _Function, own: _Scope) -> None:
        """Parameters that patch decorators fill: the lowest decorator's comes first, behind `self`."""
        every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        own.mocks.update((argument.arg, None) for argument in every if argument is not None)
        patches = [self._patch_of(decorator) for decorator in reversed(node.decorator_list)]
        if False in patches:
            return
        names = [argument.arg for argument in node.args.args if argument.arg not in ("self", "cls")]
        own.mocks.update(zip(names, (patch for patch in patches if isinstance(patch, Span)), strict=False))

    def _patch_of(self, decorator: ast.expr) -> Span | bool | None:
        """Where a decorator makes a mock; None for one that gives none by its place, False where nobody can tell."""
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = self._resolved(target)
        if name.startswith("pytest.mark.") or name == "unittest.mock.patch.dict":
            return None
        return self._made_by_patch(decorator) if isinstance(decorator, ast.Call) and name in _PATCHERS else False

    def _made_by_patch(self, call: ast.Call) -> Span | bool | None:
        """The call's place where it makes a mock; None where it is told what to put, False where it cannot be told."""
        positional = 2 if self._resolved(call.func).endswith(".object") else 1
        keywords = {keyword.arg for keyword in call.keywords}
        if None in keywords or any(isinstance(arg, ast.Starred) for arg in call.args):
            return False
        if "new_callable" in keywords:
            return False
        return None if len(call.args) > positional or "new" in keywords else self._span(call.func)

    def _resolved(self, node: ast.expr) -> str:
        name = dotted(node)
        found = self.names.resolve(name) if name else ""
        return f"unittest.{found}" if found.startswith("mock.") else found

    def _mock_made(self, value: ast.expr | None) -> Span | None:
        """Where a value is made, when it is a mock."""
        if isinstance(value, ast.Await):
            return None
        if not isinstance(value, ast.Call):
            return None
        name = self._resolved(value.func)
        if name in _MAKERS:
            return self._span(value.func)
        head, _, rest = dotted(value.func).partition(".")
        if head in _MOCKERS and rest in _MOCKER_CALLS:
            return self._from_mocker(value, rest)
        if (
            isinstance(value.func, ast.Attribute)
            and value.func.attr == "start"
            and isinstance(value.func.value, ast.Call)
        ):
            return self._patched(value.func.value)
        return None

    def _from_mocker(self, call: ast.Call, name: str) -> Span | None:
        if not name.startswith("patch"):
            return self._span(call.func)
        given = {keyword.arg for keyword in call.keywords} & {None, "new", "new_callable"}
        several = len(call.args) > (2 if name == "patch.object" else 1)
        return None if given or several else self._span(call.func)

    def _patched(self, call: ast.expr) -> Span | None:
        if not isinstance(call, ast.Call) or self._resolved(call.func) not in _PATCHERS:
            return None
        made = self._made_by_patch(call)
        return made if isinstance(made, Span) else None

    def _bindings(self, node: ast.AST, own: _Scope) -> None:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._bind(target, node.value, own)
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)):
            self._bind(node.target, node.value, own)
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            self._bind_place(node.optional_vars, self._patched(node.context_expr), own)
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.AugAssign, ast.comprehension)):
            self._bind_place(node.target, None, own)
        elif isinstance(node, (ast.ExceptHandler, ast.alias, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            name = getattr(node, "asname", None) or node.name
            own.bind(name or "", None)

    def _bind(self, target: ast.expr, value: ast.expr | None, own: _Scope) -> None:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            for each, part in zip(target.elts, value.elts, strict=True):
                self._bind(each, part, own)
        else:
            self._bind_place(target, self._mock_made(value), own)

    def _bind_place(self, target: ast.expr, place: Span | None, own: _Scope) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            for each in target.elts:
                self._bind_place(each, None, own)
        elif isinstance(target, ast.Starred):
            self._bind_place(target.value, None, own)
        elif name := dotted(target):
            own.bind(name, place)

    def _self_attributes(self, method: _Function, own: _Scope) -> None:
        """`self.x = Mock()` in one method counts in all of them."""
        scope = _Scope()
        for node in _statements_of(method):
            self._bindings(node, scope)
        for name, place in scope.mocks.items():
            if name.startswith("self."):
                own.bind(name, place)

    def _span(self, node: ast.expr | ast.stmt) -> Span:
        start = self.source.byte_offset_to_char(node.lineno, node.col_offset)
        end = self.source.byte_offset_to_char(node.end_lineno or node.lineno, node.end_col_offset or 0)
        return Span(start, end)


def _statements_of(scope: ast.AST) -> Iterator[ast.AST]:
    """All nodes of a scope, nested scopes left out (their own node is given)."""
    body: Iterable[ast.AST] = getattr(scope, "body", ())
    stack = [*body][::-1]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            stack.extend(reversed(children(node)))


def _scopes_in(scope: ast.AST) -> Iterator[ast.ClassDef | _Function]:
    for node in _statements_of(scope):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node


def _methods(node: ast.ClassDef) -> Iterator[_Function]:
    for each in node.body:
        if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield each
