"""A keyword that a call gets, and a statement that goes before another one."""

from __future__ import annotations

import ast

from infralint.codemods.module_text import ModuleText
from infralint.codemods.resolved import Resolved
from infralint.findings import AddArgument, AddStatement, TextEdit
from infralint.source import Span


def add_argument(change: AddArgument, module: ModuleText) -> Resolved | None:
    """The edit of an AddArgument: behind the last argument, on a line of its own where that one is."""
    call = _call(module, change.span)
    if call is None or change.name in {keyword.arg for keyword in call.keywords}:
        return None
    given = sorted([*map(module.span, call.args), *map(module.span, call.keywords)])
    if not given:
        return None
    last = given[-1]
    indent = module.indent_of(last.start)
    before = ", " if indent is None else f",\n{indent}"
    place = Span(last.end, last.end)
    return Resolved((TextEdit(change.path, place, f"{before}{change.name}={change.value}"),))


def add_statement(change: AddStatement, module: ModuleText) -> Resolved | None:
    """The edit of an AddStatement; only a statement that begins a line has a place before it."""
    around = [node for node in module.nodes if isinstance(node, ast.stmt) and _holds(module.span(node), change.span)]
    if not around or not module.bindings(change.needs):
        return None
    start = module.span(min(around, key=lambda node: len(module.span(node)))).start
    indent = module.indent_of(start)
    if indent is None:
        return None
    lines = "".join(f"{line}\n{indent}" for line in change.statement.split("\n"))
    return Resolved((TextEdit(change.path, Span(start, start), lines),))


def _call(module: ModuleText, span: Span) -> ast.Call | None:
    return next((node for node in module.nodes if isinstance(node, ast.Call) and module.span(node) == span), None)


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end
