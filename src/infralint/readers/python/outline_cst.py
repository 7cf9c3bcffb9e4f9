"""The same outline from a libcst tree, for code that the running interpreter's own parser is too old for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import libcst as cst

from infralint.facts.python import Binding, BindingKind, ClassDef, Import, ImportedName, Scope
from infralint.readers.python.names import dotted_name
from infralint.readers.python.outline import (
    EXPECTING,
    IMPORT_CONTEXT,
    IMPORT_ERRORS,
    Outline,
    Where,
    glued,
    module_span,
    runs_under,
)
from infralint.readers.python.tree import Region, children, walk
from infralint.source import Span


def outline_of_region(region: Region, text: str) -> Outline:
    """The outline of a whole module that was parsed as one region; its only statement is the whole text."""
    builder = _Builder(region, text)
    builder.block(region.module.body, Where())
    builder.outline.statements = [Span(0, len(text))] if text else []
    return builder.outline


class _Builder:
    def __init__(self, region: Region, text: str) -> None:
        self.region = region
        self.text = text
        self.outline = Outline()

    def block(self, body: Sequence[cst.CSTNode], where: Where) -> None:
        for statement in body:
            if isinstance(statement, cst.SimpleStatementLine):
                for small in statement.body:
                    self._small(small, where)
            else:
                self._compound(statement, where)

    def _body(self, node: cst.CSTNode, where: Where) -> None:
        suite = getattr(node, "body", None)
        if isinstance(suite, cst.IndentedBlock):
            self.block(suite.body, where)
        elif isinstance(suite, cst.SimpleStatementSuite):
            for small in suite.body:
                self._small(small, where)

    def _bind(self, name: str, kind: BindingKind, value: str, span: Span) -> None:
        self.outline.bindings.append(Binding(name, kind, value, span))
        if name == "__getattr__":
            self.outline.has_getattr = True

    def _small(self, node: cst.CSTNode, where: Where) -> None:
        if isinstance(node, cst.Import):
            for alias in node.names:
                self._import(node, alias, where)
        elif isinstance(node, cst.ImportFrom):
            self._import_from(node, where)
        elif where.scope == "module":
            for name, kind, value in _assigned(node):
                self._bind(name.value, kind, value, self.region.span(name))

    def _import(self, node: cst.Import, alias: cst.ImportAlias, where: Where) -> None:
        self.outline.imports.append(
            Import(
                dotted_name(alias.name), 0, None, _alias(alias), self.region.span(alias.name),
                self.region.span(node), where.scope, where.guarded, where.typing_only, runs=where.runs,
            )
        )  # fmt: skip

    def _import_from(self, node: cst.ImportFrom, where: Where) -> None:
        statement = self.region.span(node)
        if isinstance(node.names, cst.ImportStar):
            names: tuple[ImportedName, ...] = (ImportedName("*", "", Span(statement.end - 1, statement.end)),)
        else:
            names = tuple(ImportedName(dotted_name(a.name), _alias(a), self.region.span(a.name)) for a in node.names)
        span = module_span(self.text, statement.start, node.module is not None)
        self.outline.imports.append(
            Import(
                dotted_name(node.module), len(node.relative), names, "", span, statement,
                where.scope, where.guarded, where.typing_only, *glued(self.text, span), where.runs,
            )
        )  # fmt: skip

    def _compound(self, node: cst.CSTNode, where: Where) -> None:
        if isinstance(node, cst.ClassDef):
            self._class(node, where)
        elif isinstance(node, cst.FunctionDef):
            self._function(node, where)
        elif isinstance(node, cst.If):
            self._if(node, where)
        elif isinstance(node, (cst.Try, cst.TryStar)):
            self._try(node, where)
        else:
            self._block_statement(node, where)

    def _function(self, node: cst.FunctionDef, where: Where) -> None:
        if where.scope == "module":
            self._bind(node.name.value, "function", "", self.region.span(node.name))
        qualname = f"{where.qualname}{node.name.value}.<locals>."
        self._body(node, replace(where, qualname=qualname, scope="function"))

    def _if(self, node: cst.If, where: Where) -> None:
        typing_only = dotted_name(node.test).rpartition(".")[2] == "TYPE_CHECKING"
        # An attribute's name is a Name of its own here.
        names = {each.value for each in walk(node.test) if isinstance(each, cst.Name)}
        guarded = where.guarded or bool(names & IMPORT_CONTEXT)
        as_main = _is_main_check(node.test)
        self.outline.runs_as_script = self.outline.runs_as_script or as_main
        inner = replace(
            where,
            typing_only=where.typing_only or typing_only,
            guarded=where.guarded if as_main else guarded,
            runs=runs_under(where, as_main),
        )
        self._body(node, inner)
        other = replace(where, guarded=guarded, runs="sometimes")
        if isinstance(node.orelse, cst.If):
            self._if(node.orelse, other)
        elif node.orelse is not None:
            self._body(node.orelse, other)

    def _try(self, node: cst.Try | cst.TryStar, where: Where) -> None:
        guarded = replace(where, guarded=where.guarded or any(map(_catches_import_error, node.handlers)))
        self._body(node, guarded)
        for handler in node.handlers:
            self._body(handler, replace(guarded, runs="sometimes"))
        for part in (node.orelse, node.finalbody):
            if part is not None:
                self._body(part, where)

    def _block_statement(self, node: cst.CSTNode, where: Where) -> None:
        if where.scope == "module":
            for name in _bound_by_header(node):
                self._bind(name.value, "other", "", self.region.span(name))
        runs = where.runs if isinstance(node, cst.With) else "sometimes"
        inner = replace(where, guarded=where.guarded or _suppresses_import_error(node), runs=runs)
        self._body(node, inner)
        for child in children(node):
            if isinstance(child, (cst.Else, cst.MatchCase)):
                self._body(child, inner)

    def _class(self, node: cst.ClassDef, where: Where) -> None:
        qualname = f"{where.qualname}{node.name.value}"
        span = self.region.span(node.name)
        self.outline.classes.append(
            ClassDef(
                node.name.value,
                qualname,
                span,
                tuple(_base(arg.value) for arg in node.bases if not arg.star),
                tuple((k.keyword.value, self.region.code(k.value)) for k in node.keywords if k.keyword),
                tuple(_base(decorator.decorator) for decorator in node.decorators),
                tuple(_called(node.body)),
                tuple(_attributes(node.body)),
                is_open=True,
            )
        )
        if where.scope == "module":
            self._bind(node.name.value, "class", "", span)
        scope: Scope = "function" if where.scope == "function" else "class"
        self._body(node, replace(where, qualname=f"{qualname}.", scope=scope))


def _small_statements(body: cst.BaseSuite) -> Iterator[cst.CSTNode]:
    for line in body.body:
        if isinstance(line, cst.SimpleStatementLine):
            yield from line.body
        else:
            yield line


def _called(body: cst.BaseSuite) -> Iterator[tuple[str, str]]:
    for small in _small_statements(body):
        yield from ((name.value, value) for name, kind, value in _assigned(small) if kind == "call")


def _attributes(body: cst.BaseSuite) -> Iterator[str]:
    for small in _small_statements(body):
        if isinstance(small, (cst.FunctionDef, cst.ClassDef)):
            yield small.name.value
        elif isinstance(small, cst.Assign):
            yield from (t.target.value for t in small.targets if isinstance(t.target, cst.Name))
        elif isinstance(small, cst.AnnAssign) and small.value and isinstance(small.target, cst.Name):
            yield small.target.value


def _is_main_check(test: cst.BaseExpression) -> bool:
    if not isinstance(test, cst.Comparison) or dotted_name(test.left) != "__name__":
        return False
    if not isinstance(test.comparisons[0].operator, cst.Equal):
        return False
    values = [comparison.comparator for comparison in test.comparisons]
    return any(isinstance(value, cst.SimpleString) and value.evaluated_value == "__main__" for value in values)


def _catches_import_error(handler: cst.ExceptHandler | cst.ExceptStarHandler) -> bool:
    if handler.type is None:
        return True
    types = [e.value for e in handler.type.elements] if isinstance(handler.type, cst.Tuple) else [handler.type]
    return any(dotted_name(kind).rpartition(".")[2] in IMPORT_ERRORS for kind in types)


def _suppresses_import_error(node: cst.CSTNode) -> bool:
    if not isinstance(node, cst.With):
        return False
    calls = [item.item for item in node.items if isinstance(item.item, cst.Call)]
    return any(
        dotted_name(call.func).rpartition(".")[2] in EXPECTING
        and any(dotted_name(arg.value).rpartition(".")[2] in IMPORT_ERRORS for arg in call.args)
        for call in calls
    )


def _bound_by_header(node: cst.CSTNode) -> Iterator[cst.Name]:
    targets: list[cst.CSTNode] = []
    if isinstance(node, cst.For):
        targets = [node.target]
    elif isinstance(node, cst.With):
        targets = [item.asname.name for item in node.items if item.asname]
    for target in targets:
        yield from (each for each in walk(target) if isinstance(each, cst.Name))


def _alias(alias: cst.ImportAlias) -> str:
    return dotted_name(alias.asname.name) if alias.asname else ""


def _base(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Subscript):
        node = node.value
    if isinstance(node, cst.Call):
        name = dotted_name(node.func)
        return f"{name}()" if name else ""
    return dotted_name(node)


def _assigned(node: cst.CSTNode) -> Iterator[tuple[cst.Name, BindingKind, str]]:
    if isinstance(node, cst.Assign):
        for target in node.targets:
            yield from _targets(target.target, node.value)
    elif isinstance(node, cst.AnnAssign) and node.value is not None:
        yield from _targets(node.target, node.value)
    elif isinstance(node, cst.AugAssign):
        yield from _targets(node.target, None)
    elif isinstance(node, cst.TypeAlias):
        yield node.name, "other", ""


def _targets(
    target: cst.BaseExpression, value: cst.BaseExpression | None
) -> Iterator[tuple[cst.Name, BindingKind, str]]:
    if isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            yield from _targets(element.value, None)
    elif isinstance(target, cst.Name):
        if isinstance(value, cst.Call):
            yield target, "call", dotted_name(value.func)
        else:
            name = dotted_name(value)
            name = "" if name in ("None", "True", "False") else name
            yield target, "alias" if name else "other", name
