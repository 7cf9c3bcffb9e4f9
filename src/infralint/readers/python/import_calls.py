"""Calls that import a module whose name is written out: `importlib.import_module("app.jobs")`, `__import__("app")`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from infralint.facts.names import ImportTable
from infralint.facts.python import ImportCall
from infralint.readers.python.constant_texts import ConstantTexts
from infralint.readers.python.nodes import children
from infralint.readers.python.outline import catches_import_error, chooses_import, dotted, expects_import_error
from infralint.source import SourceText, Span

# Library reference, "importlib.import_module", "__import__".
_CALLS = frozenset({"__import__", "builtins.__import__", "importlib.import_module"})
_TRIES = ("Try", "TryStar")


def import_calls_of(tree: ast.Module, source: SourceText, names: ImportTable) -> tuple[ImportCall, ...]:
    """Every such call, by place."""
    reader = _Reader(source, names, ConstantTexts(tree))
    try:
        return tuple(sorted(reader.calls(tree, False), key=lambda call: call.span))
    except RecursionError:
        return ()


@dataclass(frozen=True, slots=True)
class _Reader:
    source: SourceText
    names: ImportTable
    texts: ConstantTexts

    def calls(self, node: ast.AST, guarded: bool) -> Iterator[ImportCall]:
        if isinstance(node, ast.Call) and self.names.resolve(dotted(node.func)) in _CALLS:
            yield from self._call(node, guarded)
        for child, expected in _children(node):
            yield from self.calls(child, guarded or expected)

    def _call(self, call: ast.Call, guarded: bool) -> Iterator[ImportCall]:
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        name = call.args[0] if call.args else given.get("name")
        package = call.args[1] if len(call.args) > 1 else given.get("package")
        module = self.texts.of(name)
        if name is None or not module or None in given:
            return
        start = self.source.byte_offset_to_char(name.lineno, name.col_offset)
        end = self.source.byte_offset_to_char(name.end_lineno or name.lineno, name.end_col_offset or 0)
        yield ImportCall(module, self._package(package), Span(start, end), guarded)

    def _package(self, node: ast.expr | None) -> str:
        """The package that a relative name starts from: "." is the module's own, "" what cannot be told."""
        return "." if dotted(node) in ("__package__", "__name__") else self.texts.of(node) or ""


def _children(node: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
    """The parts of a node, each with whether the failure of an import in it is expected."""
    body: list[ast.stmt] = getattr(node, "body", []) if isinstance(getattr(node, "body", None), list) else []
    expected = False
    if type(node).__name__ in _TRIES:
        expected = any(map(catches_import_error, getattr(node, "handlers")))  # noqa: B009 - TryStar is unknown to 3.10
    elif isinstance(node, ast.stmt):
        expected = expects_import_error(node)
    if isinstance(node, ast.If):
        expected = chooses_import(node.test)
        yield from ((child, expected) for child in children(node))
        return
    for child in children(node):
        yield child, expected and child in body
