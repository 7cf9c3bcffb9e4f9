"""A statement that makes something anew becomes the import of what there is already."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from infralint.codemods.module_text import ModuleText
from infralint.codemods.resolved import Resolved
from infralint.findings import ImportInstead, TextEdit
from infralint.source import Span

# Arguments of `declarative_base()` that change nothing but a class's name.
_HARMLESS = frozenset({"name"})


@dataclass(frozen=True, slots=True)
class _Making:
    """The statement that makes it: the name that it binds, and the expression that it does so with."""

    statement: ast.stmt
    name: str
    maker: ast.expr


def import_instead(change: ImportInstead, module: ModuleText) -> Resolved | None:
    """The edits of an ImportInstead: the statement, the uses of its name, and an import that nothing needs then."""
    making = _making(module, change.span)
    if making is None or module.bindings(making.name) != 1 or _is_extended(module, making.name):
        return None
    removed = _removed_import(module, making, change)
    alias = "" if making.name == change.name or _gets_new_name(module, making, change) else f" as {making.name}"
    replaced = _replaced(module, making.statement, f"from {change.module} import {change.name}{alias}", removed)
    spans = [replaced, *([] if removed is None or removed.start == replaced[0].start else [(removed, "")])]
    if _gets_new_name(module, making, change):
        spans += [(module.span(use), change.name) for use in module.uses(making.name)]
    edits = tuple(TextEdit(change.path, span, new) for span, new in sorted(spans))
    return Resolved(edits, _serves_as_base_alone(module, making.name))


def _making(module: ModuleText, place: Span) -> _Making | None:
    for node in module.nodes:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Call):
            if module.span(node.value) == place:
                return _assigned(node, node.value)
        elif isinstance(node, ast.ClassDef) and _name_span(module, node) == place:
            return _defined(module, node)
    return None


def _assigned(statement: ast.Assign | ast.AnnAssign, call: ast.Call) -> _Making | None:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    if call.args or not {keyword.arg for keyword in call.keywords} <= _HARMLESS:
        return None
    target = targets[0]
    return _Making(statement, target.id, call.func) if len(targets) == 1 and isinstance(target, ast.Name) else None


def _defined(module: ModuleText, node: ast.ClassDef) -> _Making | None:
    """A class that its one base makes, and that adds nothing."""
    added = node.decorator_list or node.keywords or len(node.bases) != 1 or not all(map(_is_empty, node.body))
    return None if added or "#" in module.written(module.span(node)) else _Making(node, node.name, node.bases[0])


def _is_empty(statement: ast.stmt) -> bool:
    is_constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_constant or isinstance(statement, ast.Pass)


def _name_span(module: ModuleText, node: ast.ClassDef) -> Span:
    start = module.span(node).start
    head = re.compile(r"class[ \t]+").match(module.text, start)
    begin = head.end() if head else start
    return Span(begin, begin + len(node.name))


def _is_extended(module: ModuleText, name: str) -> bool:
    """Whether the module gives what it made further attributes."""
    return any(
        isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load) and _root(node) == name
        for node in module.nodes
    )


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _serves_as_base_alone(module: ModuleText, name: str) -> bool:
    """Whether all that is done with it is to make classes of it, and to hand on its MetaData."""
    uses = {id(use) for use in module.uses(name)}
    served = {id(base) for node in module.nodes if isinstance(node, ast.ClassDef) for base in node.bases}
    handed = [each for node in module.nodes if isinstance(node, ast.Call) for each in node.args]
    served |= {id(each.value) for each in handed if isinstance(each, ast.Attribute) and each.attr == "metadata"}
    return uses <= served


def _gets_new_name(module: ModuleText, making: _Making, change: ImportInstead) -> bool:
    """Whether the module can call what it imports by the name that it has there."""
    if making.name == change.name or change.asked is None or making.name in change.asked:
        return False
    taken = module.bindings(change.name) or module.uses(change.name) or module.is_spoken_of(making.name)
    return not taken and all(module.is_as_written(use) for use in module.uses(making.name))


def _replaced(module: ModuleText, statement: ast.stmt, new: str, removed: Span | None) -> tuple[Span, str]:
    """What takes the statement's place. Of the blank lines between it and the imports above one is enough."""
    span = module.span(statement)
    before = module.before(statement)
    if not isinstance(before, (ast.Import, ast.ImportFrom)):
        return span, new
    above = module.span(before)
    blank = _blank_lines(module.written(Span(above.end, span.start)))
    if removed is not None and removed.start == above.start and blank is not None:
        return Span(above.start, span.end), ("\n" if blank and not module.is_below_blank(above.start) else "") + new
    return (Span(above.end, span.end), f"\n\n{new}") if blank and blank > 1 else (span, new)


def _blank_lines(gap: str) -> int | None:
    """How many blank lines a gap between two statements is made of; None where it is made of something else."""
    return None if gap.strip(" \t\r\n") or not gap.strip(" \t") else len(re.findall(r"\r\n|\n|\r", gap)) - 1


def _removed_import(module: ModuleText, making: _Making, change: ImportInstead) -> Span | None:
    """The import of what made it, where nothing else can need that."""
    maker = making.maker
    if not isinstance(maker, ast.Name) or change.asked is None or maker.id in change.asked:
        return None
    needed = len(module.uses(maker.id)) != 1 or module.bindings(maker.id) != 1 or module.is_spoken_of(maker.id)
    found = None if needed else module.import_of(maker.id)
    if found is None:
        return None
    statement, alias = found
    at = statement.names.index(alias)
    if len(statement.names) == 1:
        return module.with_line_end(module.span(statement))
    if alias is statement.names[-1]:
        return Span(module.span(statement.names[at - 1]).end, module.span(alias).end)
    return Span(module.span(alias).start, module.span(statement.names[at + 1]).start)
