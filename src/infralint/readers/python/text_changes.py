"""What expressions and assignments do to the names of a scope."""

from __future__ import annotations

import ast

from infralint.facts.text import hole
from infralint.readers.python.bound_names import COMPREHENSIONS, Comprehension
from infralint.readers.python.nodes import children
from infralint.readers.python.outline import dotted
from infralint.readers.python.text_kinds import Entries, Items, Texts, Value, either
from infralint.readers.python.text_names import Frame, parameters_of
from infralint.source import Span

_SCOPES = (*COMPREHENSIONS, ast.Lambda)
# Methods that leave a list or dictionary as it is.
_READING_METHODS = frozenset({"copy", "count", "get", "index", "items", "keys", "values"})


class ChangingFrame(Frame):
    """The names of a scope, and what changes them."""

    def see(self, node: ast.expr | None) -> None:
        """Show an expression and all inside of it to the watcher."""
        if node is None:
            return
        stack: list[ast.AST] = [node]
        while stack:
            current = stack.pop()
            if isinstance(current, _SCOPES):
                self._see_scope(current, first=current is node)
                continue
            if isinstance(current, ast.expr):
                self.flow.watch(current, self)
                if isinstance(current, (ast.Call, ast.NamedExpr)):
                    self._note(current)
            stack += reversed(children(current))

    def _see_scope(self, node: ast.Lambda | Comprehension, *, first: bool) -> None:
        """Show a lambda or comprehension; `first`: it is the expression itself, and no part of it."""
        if first:
            self.flow.watch(node, self)
        if isinstance(node, ast.Lambda):
            self._see_lambda(node)
        else:
            self._see_comprehension(node, seen=first)

    def _see_comprehension(self, node: Comprehension, *, seen: bool) -> None:
        if not seen:
            self.flow.watch(node, self)
        before = dict(self.values)
        for generator in node.generators:
            self.see(generator.iter)
            self.loop_target(generator.target, generator.iter)
            for condition in generator.ifs:
                self.see(condition)
        for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
            self.see(part)
        self.values = before

    def _see_lambda(self, node: ast.Lambda) -> None:
        before = dict(self.values)
        for name in parameters_of(node):
            self.values[name] = Texts((hole(self.flow.syntax.span(node)),))
        self.see(node.body)
        self.values = before

    def _note(self, node: ast.Call | ast.NamedExpr) -> None:
        """What an expression does to names."""
        if isinstance(node, ast.NamedExpr):
            self.values[node.target.id] = self.evaluate(node.value)
            return
        if not self.flow.keeps(node):
            for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                self._lose(argument)
        function = node.func
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            self._method(node, function.value, function.attr)

    def _lose(self, node: ast.expr) -> None:
        """A list or dictionary that is handed to somebody may be another one afterwards."""
        inner = node.value if isinstance(node, ast.Starred) else node
        if isinstance(inner, ast.Name) and isinstance(self.values.get(inner.id), (Items, Entries)):
            self.values[inner.id] = Texts((hole(self.flow.syntax.span(inner)),))

    def _method(self, node: ast.Call, target: ast.Name, method: str) -> None:
        value = self.values.get(target.id)
        if not isinstance(value, (Items, Entries)) or method in _READING_METHODS:
            return
        grown: Value | None = None
        if isinstance(value, Items) and method == "append" and len(node.args) == 1:
            grown = Items((*value.nodes, node.args[0]), (*value.values, self.evaluate(node.args[0])), mutable=True)
        elif isinstance(value, Items) and method == "extend" and len(node.args) == 1:
            more = self.evaluate(node.args[0])
            if isinstance(more, Items):
                grown = Items((*value.nodes, *more.nodes), (*value.values, *more.values), mutable=True)
        self.values[target.id] = grown or Texts((hole(self.flow.syntax.span(node)),))

    def _assign(self, node: ast.stmt) -> bool:
        assert isinstance(node, (ast.Assign, ast.AnnAssign))
        self.see(node.value)
        if node.value is None:
            return True
        value = self.evaluate(node.value)
        if isinstance(node.value, ast.Name):
            # Two names for one list: what is done to the one shows in the other.
            self._lose(node.value)
            value = self.evaluate(node.value) if not isinstance(value, Texts) else value
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            self._target(target, value)
        return True

    def _target(self, target: ast.expr, value: Value) -> None:
        unknown = Texts((hole(self.flow.syntax.span(target)),))
        if isinstance(target, ast.Name):
            self.values[target.id] = value
        elif isinstance(target, ast.Attribute):
            written = dotted(target)
            if written:
                self.values[written] = value
            self._note_attribute(target, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            known = isinstance(value, Items) and len(value.values) == len(target.elts)
            for at, element in enumerate(target.elts):
                inner = value.values[at] if known and isinstance(value, Items) else unknown
                self._target(element.value if isinstance(element, ast.Starred) else element, inner)
        elif isinstance(target, ast.Subscript):
            self._subscript(target, value)

    def _note_attribute(self, target: ast.Attribute, value: Value) -> None:
        scope = self.scope
        name = target.value.id if isinstance(target.value, ast.Name) else ""
        if self.result is not None and scope is not None and name and name == scope.receiver:
            self.result.attributes.setdefault(target.attr, []).append(value)

    def _subscript(self, target: ast.Subscript, value: Value) -> None:
        name = target.value.id if isinstance(target.value, ast.Name) else ""
        known = self.values.get(name)
        if isinstance(known, Entries) and isinstance(target.slice, ast.Constant):
            key = str(target.slice.value)
            others = tuple(entry for entry in known.entries if entry[0] != key)
            self.values[name] = Entries((*others, (key, target.slice, value)))
        elif name in self.values and not isinstance(known, Texts):
            self.values[name] = Texts((hole(self.flow.syntax.span(target)),))

    def _augmented(self, node: ast.stmt) -> bool:
        assert isinstance(node, ast.AugAssign)
        self.see(node.value)
        written = dotted(node.target)
        known = self.evaluate(node.target) if written else None
        value: Value | None = None
        if isinstance(node.op, ast.Add) and known is not None:
            more = self.evaluate(node.value)
            if isinstance(known, Texts):
                added = more if isinstance(more, Texts) else self.flow.evaluator.hole(node.value)
                value = self.flow.evaluator.composed(known.texts[0].span, (known, added))
            elif isinstance(known, Items) and isinstance(more, Items):
                value = Items((*known.nodes, *more.nodes), (*known.values, *more.values), mutable=known.mutable)
        self._target(node.target, value or Texts((hole(self.flow.syntax.span(node.target)),)))
        return True

    def _joined(self, ends: list[dict[str, Value]]) -> bool:
        """Go on with what several ways here have in common; False where there is none."""
        if not ends:
            return False
        self.values = ends[0]
        for other in ends[1:]:
            for name, value in other.items():
                mine = self.values.get(name)
                if mine is None:
                    self.values[name] = value
                elif mine is not value and mine != value:
                    self.values[name] = self._either(mine, value)
        return True

    def _either(self, one: Value, other: Value) -> Value:
        first = one if isinstance(one, Texts) else other
        span = first.texts[0].span if isinstance(first, Texts) else Span(0, 0)
        return either([one, other], span) or Texts((hole(span),))

    def loop_target(self, target: ast.expr, source: ast.expr) -> None:
        """Bind what a loop over `source` gives."""
        value = self.evaluate(source)
        span = self.flow.syntax.span(target)
        unknown: Value = Texts((hole(span),))
        if not isinstance(value, Items) or not value.values:
            self._target(target, unknown)
        elif isinstance(target, (ast.Tuple, ast.List)):
            for at, element in enumerate(target.elts):
                rows = [row.values[at] for row in value.values if isinstance(row, Items) and at < len(row.values)]
                known = len(rows) == len(value.values) and not isinstance(element, ast.Starred)
                self._target(element, (either(rows, span) if known else None) or unknown)
        else:
            self._target(target, either(value.values, span) or unknown)
