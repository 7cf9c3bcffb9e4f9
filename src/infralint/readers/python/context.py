"""What a visitor may ask about the file it rides through: names, spans, texts, enclosing nodes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

import libcst as cst

from infralint.facts.names import ImportTable
from infralint.facts.text import Text
from infralint.readers.python.names import dotted_name
from infralint.readers.python.outline import Outline
from infralint.readers.python.strings import text_of
from infralint.readers.python.tree import Region, children
from infralint.source import SourceText, Span

# Shorter bodies are parsed as they are.
_WORTH_MASKING = 40

Handler = Callable[[cst.CSTNode], None]


class Visitor(Protocol):
    """One subject's reader. Its handlers are called for every node of their class, parents first."""

    def handlers(self) -> Mapping[type[cst.CSTNode], Handler]: ...


class PythonFile:
    """One file while its regions are read. `region` and `ancestors` belong to the node being visited."""

    def __init__(self, source: SourceText, outline: Outline, places: Sequence[int] = ()) -> None:
        self.source = source
        self.text = source.text
        self.outline = outline
        self.names = ImportTable(outline.imports, outline.bindings)
        self.ancestors: list[cst.CSTNode] = []
        self.region: Region
        self._places = places
        self._regions: dict[Span, Region | None] = {}
        self._resolving: set[str] = set()
        self._bound: dict[int, tuple[cst.CSTNode, Mapping[str, list[cst.BaseExpression | None]]]] = {}

    def add_region(self, statement: Span, region: Region) -> None:
        """Make a region that was parsed already known under its statement."""
        self._regions[statement] = region

    def region_at(self, statement: Span) -> Region | None:
        """The region of a top-level statement, parsed once; None where libcst cannot read it."""
        if statement not in self._regions:
            try:
                region = Region(self._text_that_matters(statement), statement.start)
            except (cst.ParserSyntaxError, RecursionError):
                region = None
            self._regions[statement] = region
        return self._regions[statement]

    def _text_that_matters(self, statement: Span) -> str:
        """A statement's text in which the body of every function without a trigger is `...` and spaces.

        Offsets hold, since the text keeps its length, and libcst has much less to read.
        """
        parts = []
        at = statement.start
        for function, body in self.outline.bodies:
            inside = statement.start <= function.start and body.end <= statement.end and body.start >= at
            if inside and len(body) >= _WORTH_MASKING and not self._has_trigger(function):
                parts += [self.text[at : body.start], "...".ljust(len(body))]
                at = body.end
        return "".join([*parts, self.text[at : statement.end]])

    def _has_trigger(self, span: Span) -> bool:
        following = bisect_left(self._places, span.start)
        return following < len(self._places) and self._places[following] < span.end

    def ride(self, region: Region, visitors: tuple[Visitor, ...]) -> None:
        """One walk over a region for all visitors together."""
        table: dict[type[cst.CSTNode], list[Handler]] = {}
        for visitor in visitors:
            for kind, handler in visitor.handlers().items():
                table.setdefault(kind, []).append(handler)
        self.region = region
        self.ancestors = []
        self._visit(region.module, table)

    def _visit(self, node: cst.CSTNode, table: Mapping[type[cst.CSTNode], list[Handler]]) -> None:
        for handler in table.get(type(node), ()):
            handler(node)
        self.ancestors.append(node)
        for child in children(node):
            self._visit(child, table)
        self.ancestors.pop()

    def span(self, node: cst.CSTNode) -> Span:
        """Where a node of the current region stands in the file."""
        return self.region.span(node)

    def resolve(self, node: cst.CSTNode | None) -> str:
        """A node's dotted name with the file's imports applied; "" where it is no dotted name."""
        name = dotted_name(node)
        return self.names.resolve(name) if name else ""

    def text_of(self, node: cst.BaseExpression) -> Text | None:
        """The text that an expression makes, names followed to their only assignment in this file."""
        return text_of(node, self.region, self.constant)

    def constant(self, name: cst.Name) -> Text | None:
        """The text that a name stands for: its only assignment in the enclosing functions, or in the module."""
        if name.value in self._resolving:
            return None
        self._resolving.add(name.value)
        try:
            return self._constant(name)
        finally:
            self._resolving.discard(name.value)

    def _constant(self, name: cst.Name) -> Text | None:
        for scope in reversed(self.ancestors):
            if not isinstance(scope, (cst.FunctionDef, cst.Lambda)):
                continue
            if _is_parameter(scope, name.value):
                return None
            bound = self._bound_in(scope).get(name.value)
            if bound:
                value = bound[0] if len(bound) == 1 else None
                return text_of(value, self.region, self.constant) if value is not None else None
        return self._module_constant(name.value)

    def _bound_in(self, scope: cst.CSTNode) -> Mapping[str, list[cst.BaseExpression | None]]:
        """What the names of a scope are bound to; each scope is looked through once."""
        if id(scope) not in self._bound:
            found: dict[str, list[cst.BaseExpression | None]] = {}
            for name, value in _bindings_in(scope):
                found.setdefault(name, []).append(value)
            # The scope is kept beside its answer: an id is only good while its object lives.
            self._bound[id(scope)] = (scope, found)
        return self._bound[id(scope)][1]

    def _module_constant(self, name: str) -> Text | None:
        bindings = [b for b in self.outline.bindings if b.name == name]
        if len(bindings) != 1 or bindings[0].kind in ("class", "function") or self.names.is_imported(name):
            return None
        at = bindings[0].span.start
        statement = next((s for s in self.outline.statements if s.start <= at < s.end), None)
        region = self.region_at(statement) if statement else None
        if region is None:
            return None
        values = self._bound_in(region.module).get(name, [])
        if len(values) != 1 or values[0] is None:
            return None
        return text_of(values[0], region, None if region is not self.region else self.constant)


def _is_parameter(function: cst.FunctionDef | cst.Lambda, name: str) -> bool:
    params = function.params
    every = [*params.posonly_params, *params.params, *params.kwonly_params]
    for special in (params.star_arg, params.star_kwarg):
        if isinstance(special, cst.Param):
            every.append(special)
    return any(param.name.value == name for param in every)


def _bindings_in(scope: cst.CSTNode) -> Iterator[tuple[str, cst.BaseExpression | None]]:
    """The names that a scope binds with their values, in order; None for a binding that gives no single value."""
    stack = children(scope)[::-1]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Assign):
            for assigned in node.targets:
                yield from _bound_by_target(assigned.target, node.value)
        elif isinstance(node, cst.AnnAssign) and node.value is not None:
            yield from _bound_by_target(node.target, node.value)
        elif isinstance(node, _OTHER_BINDINGS):
            target = getattr(node, "target", None) or getattr(node, "name", None)
            yield from ((name, None) for name in _names_in(target))
        elif isinstance(node, (cst.Global, cst.Nonlocal)):
            yield from ((item.name.value, None) for item in node.names)
        if not isinstance(node, (cst.FunctionDef, cst.ClassDef, cst.Lambda)):
            stack.extend(reversed(children(node)))


_OTHER_BINDINGS = (cst.AugAssign, cst.For, cst.CompFor, cst.NamedExpr, cst.AsName)


def _bound_by_target(
    target: cst.BaseExpression, value: cst.BaseExpression
) -> Iterator[tuple[str, cst.BaseExpression | None]]:
    if isinstance(target, cst.Name):
        yield target.value, value
    else:
        yield from ((name, None) for name in _names_in(target))


def _names_in(target: cst.CSTNode | None) -> Iterator[str]:
    if isinstance(target, cst.Name):
        yield target.value
    elif isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            yield from _names_in(element.value)
    elif isinstance(target, cst.StarredElement):
        yield from _names_in(target.value)
