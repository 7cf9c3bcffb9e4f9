"""Which texts the names of a module, class or function hold at each of its statements."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from infralint.facts.text import hole
from infralint.readers.python.outline import dotted
from infralint.readers.python.syntax import Syntax
from infralint.readers.python.text_scopes import ClassScope, FunctionNode, FunctionScope, Scopes, bound_in
from infralint.readers.python.text_values import (
    Entries,
    Evaluator,
    Items,
    Origin,
    Texts,
    Value,
    begun,
    either,
    is_hole,
)
from infralint.source import Span

# So many functions of one module are walked; a module of more is generated.
_MAX_WALKS = 5_000
_MAX_NESTING = 12
# A class has no more bases than this.
_MAX_FAMILY = 40
_PLAIN_DECORATORS = frozenset({"staticmethod", "classmethod", "property", "cached_property", "cache", "lru_cache"})
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)


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
        self.top = Frame(self, None, None)
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
            frame = Frame(self, scope, around.frame if around else None)
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

    def _result_scope(self, function: ast.expr) -> FunctionScope | None:
        if isinstance(function, ast.Name):
            found = self.flow.scopes.top.get(function.id)
            return found if isinstance(found, FunctionScope) and function.id not in self.values else None
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            owner = self._class_of(function.value.id)
            return self.flow.method(owner, function.attr) if owner is not None else None
        return None

    def called(self, function: ast.expr) -> FunctionScope | None:
        """The function of the module that a call calls."""
        return self._result_scope(function)

    # (The Evaluator's name for what a call gives.)
    def call(self, node: ast.Call) -> Value | None:
        """What a call of a function of the module returns."""
        scope = self.called(node.func)
        return self.flow.returned(scope, self.flow.syntax.span(node)) if scope is not None else None

    # Statements

    def block(self, statements: Sequence[ast.stmt]) -> bool:
        """Walk statements; False where what follows them is never reached."""
        return all(self._statement(statement) for statement in statements)

    def _statement(self, node: ast.stmt) -> bool:
        walk = _STATEMENTS.get(type(node).__name__)
        if walk is not None:
            return walk(self, node)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.see(child)
        return True

    def see(self, node: ast.expr | None) -> None:
        """Show an expression and all inside of it to the watcher."""
        if node is None:
            return
        stack: list[ast.AST] = [node]
        while stack:
            current = stack.pop()
            if isinstance(current, _COMPREHENSIONS) and current is not node:
                self._see_comprehension(current)
                continue
            if isinstance(current, ast.Lambda) and current is not node:
                self._see_lambda(current)
                continue
            if isinstance(current, ast.expr):
                self.flow.watch(current, self)
                if isinstance(current, (ast.Call, ast.NamedExpr)):
                    self._note(current)
            if isinstance(current, _COMPREHENSIONS):
                self._see_comprehension(current, seen=True)
            elif isinstance(current, ast.Lambda):
                self._see_lambda(current)
            elif not isinstance(current, ast.Constant):
                stack.extend(reversed(list(ast.iter_child_nodes(current))))

    def _see_comprehension(self, node: ast.AST, *, seen: bool = False) -> None:
        assert isinstance(node, _COMPREHENSIONS)
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
        inner = Frame(self.flow, self.scope, self.around)
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


_READING_METHODS = frozenset({"copy", "count", "get", "index", "items", "keys", "values"})
_STATEMENTS: dict[str, Callable[[Frame, ast.stmt], bool]] = {
    "AnnAssign": Frame._assign,
    "Assign": Frame._assign,
    "AsyncFor": Frame._loop,
    "AsyncFunctionDef": Frame._function,
    "AsyncWith": Frame._with,
    "AugAssign": Frame._augmented,
    "Break": Frame._leave,
    "ClassDef": Frame._class,
    "Continue": Frame._leave,
    "Delete": Frame._shared,
    "Expr": Frame._expression,
    "For": Frame._loop,
    "FunctionDef": Frame._function,
    "Global": Frame._shared,
    "If": Frame._if,
    "Import": Frame._shared,
    "ImportFrom": Frame._shared,
    "Match": Frame._match,
    "Nonlocal": Frame._shared,
    "Raise": Frame._raise,
    "Return": Frame._return,
    "Try": Frame._try,
    "TryStar": Frame._try,
    "While": Frame._loop,
    "With": Frame._with,
}


def parameters_of(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Iterator[str]:
    """The names of all parameters."""
    arguments = node.args
    for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg):
        if each is not None:
            yield each.arg


def _changed_in(body: Sequence[ast.stmt]) -> set[str]:
    """Names whose value a pass through a loop's body may change."""
    found: set[str] = set()
    for statement in body:
        found.update(bound_in(ast.Module([statement], [])))
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                found.add(dotted(node.func.value))
    return found
