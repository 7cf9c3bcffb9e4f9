"""What names, attributes and calls stand for while one scope of a module is walked."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from infralint.facts.text import hole
from infralint.readers.python.outline import dotted
from infralint.readers.python.text_kinds import Origin, Texts, Value
from infralint.readers.python.text_scopes import ClassScope, FunctionScope

if TYPE_CHECKING:
    from infralint.readers.python.text_flow import ModuleFlow, Result


class Frame:
    """The names of one scope while its statements are walked. It answers the Evaluator's questions."""

    def __init__(self, flow: ModuleFlow, scope: FunctionScope | None, around: Frame | None) -> None:
        self.flow = flow
        self.scope = scope
        self.around = around
        self.values: dict[str, Value] = {}
        self.result: Result | None = None
        # What names hold where the loop being walked is left, and where its next pass begins.
        self._breaks: list[dict[str, Value]] = []
        self._continues: list[dict[str, Value]] = []
        self._parameters = frozenset(parameters_of(scope.node)) if scope else frozenset[str]()

    # What names stand for

    def evaluate(self, node: ast.expr) -> Value:
        """The value of an expression here."""
        return self.flow.evaluator.value(node, self)

    def texts(self, node: ast.expr) -> Texts:
        """The texts that an expression may be here."""
        return self.flow.evaluator.texts(node, self)

    def bind(self, name: str, value: Value) -> None:
        """A name has this value from here on."""
        self.values[name] = value

    def name(self, node: ast.Name) -> Value | None:
        """The value of a name."""
        name = node.id
        if name in self.values:
            return self._placed(self.values[name], node)
        if name in self._parameters and self.scope is not None:
            return self._hole(node, Origin("parameter", name, self.scope.qualname))
        if self.scope is not None and name in self.scope.local:
            return None
        return self._outer(node)

    def _outer(self, node: ast.Name) -> Value | None:
        around = self.around
        while around is not None:
            if node.id in around._parameters:
                return None
            if around.scope is not None and node.id in around.scope.local:
                value = around.values.get(node.id)
                return None if value is None else self._placed(value, node)
            around = around.around
        names = self.flow.syntax.names
        if node.id in self.flow.top.values:
            return self._placed(self.flow.top.values[node.id], node)
        return self._hole(node, Origin("import", names.resolve(node.id))) if names.is_imported(node.id) else None

    def _hole(self, node: ast.expr, origin: Origin) -> Value:
        span = self.flow.syntax.span(node)
        self.flow.evaluator.origins[span] = origin
        return Texts((hole(span),))

    def _placed(self, value: Value, node: ast.expr) -> Value:
        if isinstance(value, Texts):
            return self.flow.evaluator.placed(value, self.flow.syntax.span(node))
        return value

    def attribute(self, node: ast.Attribute) -> Value | None:
        """The value of an attribute: of `self`, of a class of the module, of something imported."""
        written = dotted(node)
        if not written:
            return None
        if written in self.values:
            return self._placed(self.values[written], node)
        head, _, rest = written.partition(".")
        if "." not in rest:
            owner = self._class_of(head)
            if owner is not None:
                value = self.flow.attribute(owner, rest, self.flow.syntax.span(node))
                return None if value is None else self._placed(value, node)
        if self.flow.syntax.names.is_imported(head) and head not in self.values:
            return self._hole(node, Origin("import", self.flow.syntax.names.resolve(written)))
        return None

    def _class_of(self, name: str) -> ClassScope | None:
        """The class whose attributes `name.x` means."""
        scope = self.scope
        while scope is not None:
            if name == scope.receiver:
                return scope.owner
            scope = scope.around
        found = self.flow.scopes.top.get(name)
        return found if isinstance(found, ClassScope) and name not in self.values else None

    def _called(self, function: ast.expr) -> FunctionScope | None:
        """The function of the module that a call calls."""
        if isinstance(function, ast.Name):
            found = self.flow.scopes.top.get(function.id)
            return found if isinstance(found, FunctionScope) and function.id not in self.values else None
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            owner = self._class_of(function.value.id)
            return self.flow.method(owner, function.attr) if owner is not None else None
        return None

    def call(self, node: ast.Call) -> Value | None:
        """What a call of a function of the module returns."""
        scope = self._called(node.func)
        return self.flow.returned(scope, self.flow.syntax.span(node)) if scope is not None else None


def parameters_of(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Iterator[str]:
    """The names of all parameters."""
    arguments = node.args
    for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg):
        if each is not None:
            yield each.arg
