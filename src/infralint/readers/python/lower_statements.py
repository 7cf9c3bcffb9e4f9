"""Statements of `ast` as values of facts/program.py."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from infralint.facts import program as ir
from infralint.readers.python.lower_expressions import ExpressionLowering, operator_name
from infralint.readers.python.nodes import walk
from infralint.readers.python.outline import name_span
from infralint.source import SourceText

# Deeper blocks (each `elif` is one) are not evaluated.
_MAX_BLOCKS = 40


class StatementLowering(ExpressionLowering):
    """Lowers statements. `keep(start, end, name)` says whether a function's body is of use."""

    def __init__(self, source: SourceText, offset: int, keep: Callable[[int, int, str], bool]) -> None:
        super().__init__(source, offset)
        self._keep = keep
        self._blocks = 0

    def block(self, nodes: Sequence[ast.stmt]) -> tuple[ir.Statement, ...]:
        """The statements of a block, without those that do nothing."""
        if self._blocks >= _MAX_BLOCKS and nodes:
            return (self._unreadable(nodes),)
        self._blocks += 1
        try:
            found: list[ir.Statement] = []
            for node in nodes:
                lower = _LOWERED.get(type(node).__name__)
                if lower is not None:
                    found += lower(self, node)
                elif not isinstance(node, ast.Pass):
                    found.append(self._unreadable([node]))
            return tuple(found)
        finally:
            self._blocks -= 1

    def _unreadable(self, nodes: Sequence[ast.stmt]) -> ir.Unreadable:
        names: set[str] = set()
        for node in nodes:
            for each in walk(node):
                if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                    names.add(each.id)
                elif isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                    names.add(each.name)
                elif isinstance(each, ast.alias):
                    names.add(each.asname or each.name.partition(".")[0])
        self.stored |= names
        start, end = self.place(nodes[0])[0], self.place(nodes[-1])[1]
        return ir.Unreadable(start, end, "nested too deeply", tuple(sorted(names)))

    @contextmanager
    def _own_scope(self) -> Iterator[set[str]]:
        walrus, self._walrus_names = self._walrus_names, None
        with self.scope() as stored:
            yield stored
        self._walrus_names = walrus

    def _evaluate(self, node: ast.Expr) -> Iterator[ir.Statement]:
        if not isinstance(node.value, ast.Constant):
            yield ir.Evaluate(*self.place(node), self.expression(node.value))

    def _assign(self, node: ast.Assign) -> Iterator[ir.Statement]:
        yield ir.Assign(*self.place(node), self.all(node.targets), self.expression(node.value))

    def _annotate(self, node: ast.AnnAssign) -> Iterator[ir.Statement]:
        annotation = self.annotation(node.annotation)
        if annotation is not None:
            target = self.expression(node.target)
            yield ir.Annotate(*self.place(node), target, annotation, self.optional(node.value))

    def _augment(self, node: ast.AugAssign) -> Iterator[ir.Statement]:
        target = self.expression(node.target)
        yield ir.Augment(*self.place(node), target, operator_name(node.op), self.expression(node.value))

    def _delete(self, node: ast.Delete) -> Iterator[ir.Statement]:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.stored.add(target.id)
        yield ir.Delete(*self.place(node), self.all(node.targets))

    def _return(self, node: ast.Return) -> Iterator[ir.Statement]:
        yield ir.Return(*self.place(node), self.optional(node.value))

    def _raise(self, node: ast.Raise) -> Iterator[ir.Statement]:
        yield ir.Raise(*self.place(node), self.optional(node.exc))

    def _assert(self, node: ast.Assert) -> Iterator[ir.Statement]:
        yield ir.Assert(*self.place(node), self.expression(node.test))

    def _jump(self, node: ast.Break | ast.Continue) -> Iterator[ir.Statement]:
        yield ir.Jump(*self.place(node), "break" if isinstance(node, ast.Break) else "continue")

    def _declare(self, node: ast.Global | ast.Nonlocal) -> Iterator[ir.Statement]:
        kind = "global" if isinstance(node, ast.Global) else "nonlocal"
        yield ir.Declare(*self.place(node), kind, tuple(node.names))

    def _import(self, node: ast.Import) -> Iterator[ir.Statement]:
        for alias in node.names:
            self.stored.add(alias.asname or alias.name.partition(".")[0])
            yield ir.ImportModule(*self.place(alias), alias.name, alias.asname or "")

    def _import_from(self, node: ast.ImportFrom) -> Iterator[ir.Statement]:
        names = []
        for alias in node.names:
            self.stored.add(alias.asname or alias.name)
            names.append(ir.ImportedName(*self.place(alias), alias.name, alias.asname or ""))
        yield ir.ImportFrom(*self.place(node), node.module or "", node.level, tuple(names))

    def _if(self, node: ast.If) -> Iterator[ir.Statement]:
        test = self.expression(node.test)
        yield ir.If(*self.place(node), test, self.block(node.body), self.block(node.orelse))

    def _for(self, node: ast.For | ast.AsyncFor) -> Iterator[ir.Statement]:
        iterable, target = self.expression(node.iter), self.expression(node.target)
        yield ir.For(*self.place(node), target, iterable, self.block(node.body), self.block(node.orelse))

    def _while(self, node: ast.While) -> Iterator[ir.Statement]:
        test = self.expression(node.test)
        yield ir.While(*self.place(node), test, self.block(node.body), self.block(node.orelse))

    def _with(self, node: ast.With | ast.AsyncWith) -> Iterator[ir.Statement]:
        items = tuple(map(self._with_item, node.items))
        yield ir.With(*self.place(node), items, self.block(node.body))

    def _with_item(self, node: ast.withitem) -> ir.WithItem:
        context = self.expression(node.context_expr)
        return ir.WithItem(*self.place(node.context_expr), context, self.optional(node.optional_vars))

    def _try(self, node: Any) -> Iterator[ir.Statement]:
        body = self.block(node.body)
        handlers = tuple(map(self._handler, node.handlers))
        yield ir.Try(*self.place(node), body, handlers, self.block(node.orelse), self.block(node.finalbody))

    def _handler(self, node: ast.ExceptHandler) -> ir.Handler:
        if node.name:
            self.stored.add(node.name)
        return ir.Handler(*self.place(node), self.optional(node.type), node.name or "", self.block(node.body))

    def _match(self, node: ast.Match) -> Iterator[ir.Statement]:
        subject = self.expression(node.subject)
        yield ir.Match(*self.place(node), subject, tuple(map(self._case, node.cases)))

    def _case(self, node: ast.match_case) -> ir.Case:
        pattern = self._pattern(node.pattern, 0)
        return ir.Case(*self.place(node.pattern), pattern, self.optional(node.guard), self.block(node.body))

    def _pattern(self, node: ast.pattern, depth: int) -> ir.Pattern:
        place = self.place(node)
        if isinstance(node, ast.MatchValue):
            return ir.Pattern(*place, "value", self.expression(node.value))
        if isinstance(node, ast.MatchSingleton):
            return ir.Pattern(*place, "singleton", ir.Constant(*place, node.value))
        if isinstance(node, ast.MatchStar):
            self.stored |= {node.name} if node.name else set()
            return ir.Pattern(*place, "star", None, node.name or "")
        if isinstance(node, ast.MatchAs) and depth < 20:
            self.stored |= {node.name} if node.name else set()
            inner = (self._pattern(node.pattern, depth + 1),) if node.pattern else ()
            return ir.Pattern(*place, "capture", None, node.name or "", inner)
        if isinstance(node, (ast.MatchOr, ast.MatchSequence)) and depth < 20:
            kind = "or" if isinstance(node, ast.MatchOr) else "sequence"
            return ir.Pattern(*place, kind, patterns=tuple(self._pattern(each, depth + 1) for each in node.patterns))
        names = tuple(sorted(_captured(node)))
        self.stored |= set(names)
        return ir.Pattern(*place, "other", names=names)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ir.Statement]:
        self.stored.add(node.name)
        start, end = self.place(node)
        parameters = self.parameters(node.args)
        decorators = self.all(node.decorator_list)
        returns = self.annotation(node.returns)
        body: tuple[ir.Statement, ...] | None = None
        with self._own_scope() as stored:
            if self._keep(start, end, node.name):
                body = self.block(node.body)
            yields = self.yields
        yield ir.Function(
            start, end, node.name, self._name_start(node), parameters, decorators, returns, body,
            tuple(sorted(stored)), yields, isinstance(node, ast.AsyncFunctionDef),
        )  # fmt: skip

    def _class(self, node: ast.ClassDef) -> Iterator[ir.Statement]:
        self.stored.add(node.name)
        decorators = self.all(node.decorator_list)
        bases, keywords = self.all(node.bases), self.keywords(node.keywords)
        with self._own_scope():
            body = self.block(node.body)
        start, end = self.place(node)
        at = self._name_start(node)
        yield ir.Class(start, end, node.name, at, bases, keywords, decorators, body, _doc(node.body))

    def _name_start(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
        start = self.place(node)[0] - self.offset
        return self.offset + name_span(self.source.text, start, node.name).start

    def _type_alias(self, node: Any) -> Iterator[ir.Statement]:
        self.stored.add(node.name.id)
        yield ir.TypeAlias(*self.place(node), node.name.id, self.expression(node.value))


def _doc(body: Sequence[ast.stmt]) -> str:
    """The docstring of a body, "" without one; a long one is cut."""
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return first.value.value[:2_000].encode("utf-8", "replace").decode("utf-8")
    return ""


def _captured(node: ast.pattern) -> Iterator[str]:
    for each in walk(node):
        name = getattr(each, "name", None) or getattr(each, "rest", None)
        if isinstance(name, str):
            yield name


_LOWERED: dict[str, Callable[[StatementLowering, Any], Iterator[ir.Statement]]] = {
    "Expr": StatementLowering._evaluate,
    "Assign": StatementLowering._assign,
    "AnnAssign": StatementLowering._annotate,
    "AugAssign": StatementLowering._augment,
    "Delete": StatementLowering._delete,
    "Return": StatementLowering._return,
    "Raise": StatementLowering._raise,
    "Assert": StatementLowering._assert,
    "Break": StatementLowering._jump,
    "Continue": StatementLowering._jump,
    "Global": StatementLowering._declare,
    "Nonlocal": StatementLowering._declare,
    "Import": StatementLowering._import,
    "ImportFrom": StatementLowering._import_from,
    "If": StatementLowering._if,
    "For": StatementLowering._for,
    "AsyncFor": StatementLowering._for,
    "While": StatementLowering._while,
    "With": StatementLowering._with,
    "AsyncWith": StatementLowering._with,
    "Try": StatementLowering._try,
    "TryStar": StatementLowering._try,
    "Match": StatementLowering._match,
    "FunctionDef": StatementLowering._function,
    "AsyncFunctionDef": StatementLowering._function,
    "ClassDef": StatementLowering._class,
    "TypeAlias": StatementLowering._type_alias,
}
