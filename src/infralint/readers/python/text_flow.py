"""Which texts the names of a module, class or function hold at each of its statements."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from infralint.facts.text import hole
from infralint.readers.python.nodes import children, walk
from infralint.readers.python.outline import dotted
from infralint.readers.python.syntax import Syntax
from infralint.readers.python.text_changes import ChangingFrame
from infralint.readers.python.text_kinds import Texts, Value, begun, either, is_hole
from infralint.readers.python.text_names import Frame
from infralint.readers.python.text_scopes import ClassScope, FunctionNode, FunctionScope, Scopes, bound_in
from infralint.readers.python.text_values import Evaluator
from infralint.source import Span

# So many functions of one module are walked; a module of more is generated.
_MAX_WALKS = 5_000
_MAX_NESTING = 12
# A class has no more bases than this.
_MAX_FAMILY = 40
_PLAIN_DECORATORS = frozenset({"staticmethod", "classmethod", "property", "cached_property", "cache", "lru_cache"})


@dataclass(slots=True)
class Result:
    """What is known of a function that was walked: what it returns, and what it assigns to attributes of `self`."""

    frame: Frame
    returned: list[Value] = field(default_factory=list)
    attributes: dict[str, list[Value]] = field(default_factory=dict)


class ModuleFlow:
    """Follows texts through one module.

    `watch` is called for every expression of what is walked, parents first, with what names hold there. `keeps`
    says of a call that it changes none of its arguments.
    """

    def __init__(
        self, syntax: Syntax, watch: Callable[[ast.expr, Frame], None], keeps: Callable[[ast.Call], bool]
    ) -> None:
        self.syntax = syntax
        self.watch = watch
        self.keeps = keeps
        self.scopes = Scopes(syntax.body)
        self.evaluator = Evaluator(syntax)
        self.top = _Walk(self, None, None)
        self._results: dict[FunctionNode, Result | None] = {}
        self._families: dict[ClassScope, list[ClassScope]] = {}
        self._depth = 0

    def run(self, is_relevant: Callable[[ast.stmt], bool]) -> None:
        """Walk the module's own statements, then the functions that are relevant."""
        self.top.block(self.syntax.body)
        for name in self.scopes.changed_globals:
            self.top.values.pop(name, None)
        for scope in self.scopes.functions:
            if is_relevant(scope.node):
                self.result(scope)

    def result(self, scope: FunctionScope) -> Result | None:
        """What walking a function gives; None for one that is being walked, and past the limits."""
        if scope.node in self._results:
            return self._results[scope.node]
        if self._depth > _MAX_NESTING or len(self._results) > _MAX_WALKS:
            return None
        self._results[scope.node] = None
        self._depth += 1
        try:
            around = self.result(scope.around) if scope.around else None
            frame = _Walk(self, scope, around.frame if around else None)
            result = Result(frame)
            frame.result = result
            frame.block(scope.node.body)
        finally:
            self._depth -= 1
        self._results[scope.node] = result
        return result

    def returned(self, scope: FunctionScope, span: Span) -> Value | None:
        """What a call of a function gives."""
        names = {dotted(d.func if isinstance(d, ast.Call) else d).rpartition(".")[2] for d in scope.node.decorator_list}
        if names - _PLAIN_DECORATORS:
            return None
        result = self.result(scope)
        if result is None or not result.returned:
            return None
        value = either(result.returned, span)
        if isinstance(value, Texts) and any(map(is_hole, value.texts)):
            return None
        return value

    def attribute(self, owner: ClassScope, name: str, span: Span) -> Value | None:
        """What an attribute of a class or of its instances holds."""
        for scope in self._family(owner):
            found = [scope.names[name]] if name in scope.names else []
            for method in scope.assigned.get(name, ()):
                result = self.result(self.scopes.by_node[method])
                found += result.attributes.get(name, ()) if result else (Texts((hole(span),)),)
            if found:
                return either(found, span)
            getter = scope.methods.get(name)
            if getter is not None and any(dotted(d).endswith("property") for d in getter.decorator_list):
                return self.returned(self.scopes.by_node[getter], span)
        return None

    def method(self, owner: ClassScope, name: str) -> FunctionScope | None:
        """A method of a class or of its bases in the module."""
        nodes = (scope.methods.get(name) for scope in self._family(owner))
        node = next((node for node in nodes if node is not None), None)
        return None if node is None else self.scopes.by_node[node]

    def _family(self, owner: ClassScope) -> list[ClassScope]:
        """A class and its bases in the module, the nearest first."""
        if owner not in self._families:
            found = [owner]
            for scope in found:
                bases = (self.scopes.top.get(dotted(base)) for base in scope.node.bases)
                found += [base for base in bases if isinstance(base, ClassScope) and base not in found]
                if len(found) > _MAX_FAMILY:
                    break
            self._families[owner] = found
        return self._families[owner]


class _Walk(ChangingFrame):
    """The statements of a scope, one after the other."""

    def block(self, statements: Sequence[ast.stmt]) -> bool:
        """Walk statements; False where what follows them is never reached."""
        return all(self._statement(statement) for statement in statements)

    def _statement(self, node: ast.stmt) -> bool:
        walk = _STATEMENTS.get(type(node).__name__)
        if walk is not None:
            return walk(self, node)
        for child in children(node):
            if isinstance(child, ast.expr):
                self.see(child)
        return True

    def _expression(self, node: ast.stmt) -> bool:
        assert isinstance(node, ast.Expr)
        self.see(node.value)
        return True

    def _return(self, node: ast.stmt) -> bool:
        assert isinstance(node, ast.Return)
        self.see(node.value)
        if node.value is not None and self.result is not None:
            self.result.returned.append(self.evaluate(node.value))
        return False

    def _raise(self, node: ast.stmt) -> bool:
        assert isinstance(node, ast.Raise)
        self.see(node.exc)
        return False

    def _leave(self, node: ast.stmt) -> bool:
        (self._breaks if isinstance(node, ast.Break) else self._continues).append(dict(self.values))
        return False

    def _if(self, node: ast.stmt) -> bool:
        assert isinstance(node, ast.If)
        ends: list[dict[str, Value]] = []
        while True:
            self.see(node.test)
            before = dict(self.values)
            if self.block(node.body):
                ends.append(self.values)
            self.values = before
            # A long chain of `elif` is as deep as it is long.
            if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
                node = node.orelse[0]
                continue
            if self.block(node.orelse):
                ends.append(self.values)
            break
        return self._joined(ends)

    def _loop(self, node: ast.stmt) -> bool:
        assert isinstance(node, (ast.For, ast.AsyncFor, ast.While))
        self.see(node.test if isinstance(node, ast.While) else node.iter)
        before = dict(self.values)
        for name in _changed_in(node.body):
            if name in self.values:
                self.values[name] = begun(self.values[name], self.flow.syntax.span(node))
        if not isinstance(node, ast.While):
            self.loop_target(node.target, node.iter)
        outer, self._breaks, self._continues = (self._breaks, self._continues), [], []
        ends = [before]
        if self.block(node.body):
            ends.append(self.values)
        breaks, continues = self._breaks, self._continues
        self._breaks, self._continues = outer
        self._joined(ends + continues)
        # `else` follows a loop that ran to its end.
        return self._joined([self.values, *breaks] if self.block(node.orelse) else breaks)

    def _try(self, node: ast.stmt) -> bool:
        body: list[ast.stmt] = getattr(node, "body")  # noqa: B009 - TryStar is unknown to 3.10
        handlers: list[ast.ExceptHandler] = getattr(node, "handlers")  # noqa: B009
        before = dict(self.values)
        ends = []
        falls = self.block(body)
        after = dict(self.values)
        if falls and self.block(getattr(node, "orelse")):  # noqa: B009
            ends.append(self.values)
        for handler in handlers:
            self.values = before.copy()
            self._joined([self.values, dict(after)])
            self.see(handler.type)
            if self.block(handler.body):
                ends.append(self.values)
        finalbody: list[ast.stmt] = getattr(node, "finalbody")  # noqa: B009
        if not self._joined(ends):
            self.values = after
            self.block(finalbody)
            return False
        return self.block(finalbody)

    def _with(self, node: ast.stmt) -> bool:
        assert isinstance(node, (ast.With, ast.AsyncWith))
        for item in node.items:
            self.see(item.context_expr)
            if item.optional_vars is not None:
                self._target(item.optional_vars, Texts((hole(self.flow.syntax.span(item.optional_vars)),)))
        return self.block(node.body)

    def _match(self, node: ast.stmt) -> bool:
        assert isinstance(node, ast.Match)
        self.see(node.subject)
        before = self.values
        ends = [before]
        for case in node.cases:
            self.values = dict(before)
            for name in bound_in(case.pattern):
                self.values.pop(name, None)
            self.see(case.guard)
            if self.block(case.body):
                ends.append(self.values)
        return self._joined(ends)

    def _class(self, node: ast.stmt) -> bool:
        assert isinstance(node, ast.ClassDef)
        for expression in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            self.see(expression)
        inner = _Walk(self.flow, self.scope, self.around)
        inner.values = dict(self.values)
        before = set(inner.values)
        inner.block(node.body)
        own = set(bound_in(node))
        scope = self.flow.scopes.class_of.get(node)
        if scope is not None:
            scope.names = {n: v for n, v in inner.values.items() if n in own or n not in before}
        return True

    def _function(self, node: ast.stmt) -> bool:
        assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        defaults = [*node.args.defaults, *(default for default in node.args.kw_defaults if default is not None)]
        for expression in (*node.decorator_list, *defaults):
            self.see(expression)
        self.values.pop(node.name, None)
        return True

    def _shared(self, node: ast.stmt) -> bool:
        assert isinstance(node, (ast.Global, ast.Nonlocal, ast.Import, ast.ImportFrom, ast.Delete))
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            for name in node.names:
                self.values[name] = Texts((hole(self.flow.syntax.span(node)),))
        elif isinstance(node, ast.Delete):
            for target in node.targets:
                self.values.pop(dotted(target), None)
        return True


_STATEMENTS: dict[str, Callable[[_Walk, ast.stmt], bool]] = {
    "AnnAssign": _Walk._assign,
    "Assign": _Walk._assign,
    "AsyncFor": _Walk._loop,
    "AsyncFunctionDef": _Walk._function,
    "AsyncWith": _Walk._with,
    "AugAssign": _Walk._augmented,
    "Break": _Walk._leave,
    "ClassDef": _Walk._class,
    "Continue": _Walk._leave,
    "Delete": _Walk._shared,
    "Expr": _Walk._expression,
    "For": _Walk._loop,
    "FunctionDef": _Walk._function,
    "Global": _Walk._shared,
    "If": _Walk._if,
    "Import": _Walk._shared,
    "ImportFrom": _Walk._shared,
    "Match": _Walk._match,
    "Nonlocal": _Walk._shared,
    "Raise": _Walk._raise,
    "Return": _Walk._return,
    "Try": _Walk._try,
    "TryStar": _Walk._try,
    "While": _Walk._loop,
    "With": _Walk._with,
}


def _changed_in(body: Sequence[ast.stmt]) -> set[str]:
    """Names whose value a pass through a loop's body may change."""
    found: set[str] = set()
    for statement in body:
        found.update(bound_in(ast.Module([statement], [])))
        for node in walk(statement):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                found.add(dotted(node.func.value))
    return found
