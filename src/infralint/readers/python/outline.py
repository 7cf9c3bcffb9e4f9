"""A module's outline by the standard `ast`: imports, names bound at the top, classes, statement spans."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from infralint.facts.python import Binding, BindingKind, ClassDef, Import, ImportedName, Runs, Scope
from infralint.readers.python.class_members import may_make_names, members_of
from infralint.readers.python.marked import MarkedLines
from infralint.readers.python.nodes import walk
from infralint.readers.python.outline_spans import span_of
from infralint.source import SourceText, Span

_GAP = r"(?:[ \t\f]|\\(?:\r\n|\n|\r))*"
_RELATIVE = re.compile(rf"from{_GAP}(\.(?:{_GAP}\.)*)")
_DEFINITION = re.compile(rf"(?:class|(?:async{_GAP})?def){_GAP}")
_MODULE = re.compile(rf"(?:from|import){_GAP}((?:\.{_GAP})*\w+(?:{_GAP}\.{_GAP}\w+)*)")
# A condition on one of these chooses between the ways in which a module may be started, or what it may import.
IMPORT_CONTEXT = frozenset({"__name__", "__package__", "__spec__", "find_spec"})
# Context managers that expect what they name: contextlib's, pytest's, unittest's.
EXPECTING = frozenset({"assertRaises", "assertRaisesRegex", "raises", "suppress"})
# Without one of these words, a statement of a function is of no interest to an outline.
_INSIDE = (re.compile("import"), re.compile("class"), re.compile("__name__"))
IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


@dataclass(slots=True)
class Outline:
    """What the reader of a module's regions needs to know of the whole module."""

    imports: list[Import] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)
    classes: list[ClassDef] = field(default_factory=list)
    # Spans of whole lines, one for each group of top-level statements that share lines.
    statements: list[Span] = field(default_factory=list)
    # Functions and methods: the span of the whole `def` with its decorators, and that of its body's statements.
    bodies: list[tuple[Span, Span]] = field(default_factory=list)
    # What the bodies are measured by where somebody asks.
    functions: list[ast.FunctionDef | ast.AsyncFunctionDef] = field(default_factory=list)
    has_getattr: bool = False
    runs_as_script: bool = False

    @property
    def is_revision(self) -> bool:
        """An Alembic revision: the script template binds `revision` and `down_revision`."""
        names = {binding.name for binding in self.bindings}
        return {"revision", "down_revision"} <= names


@dataclass(frozen=True, slots=True)
class Where:
    """The surroundings of a statement: what encloses it."""

    qualname: str = ""
    scope: Scope = "module"
    guarded: bool = False
    typing_only: bool = False
    # As in Import.
    runs: Runs = "always"

    def under(self, guarded: bool, runs: Runs) -> Where:
        """The surroundings of what stands below a statement here."""
        return Where(self.qualname, self.scope, guarded, self.typing_only, runs)


def parse(text: str) -> ast.Module:
    """`ast.parse` without its warnings. Raises SyntaxError, ValueError, RecursionError, MemoryError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def outline_of(tree: ast.Module, source: SourceText) -> Outline:
    """The outline of a parsed module, without its statements and bodies: only who reads regions asks for them."""
    builder = _Builder(source)
    builder.block(tree.body, Where())
    return builder.outline


def dotted(node: ast.expr | None) -> str:
    """`a.b.c` for names and attributes of names; "" for everything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    parts.append(node.id)
    return ".".join(reversed(parts))


def _base_name(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Call):
        name = dotted(node.func)
        return f"{name}()" if name else ""
    return dotted(node)


class _Builder:
    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.outline = Outline()
        self._lines = MarkedLines(source, *_INSIDE)
        self._members_of = partial(members_of, may_make_names=may_make_names(source.text))

    def block(self, body: Sequence[ast.stmt], where: Where) -> None:
        for statement in body:
            read = _READERS.get(type(statement))
            if read is not None:
                read(self, statement, where)
            elif where.scope == "module":
                self._assignment(statement)

    def _span(self, node: ast.expr | ast.stmt | ast.alias) -> Span:
        return span_of(node, self.source)

    def _code(self, node: ast.expr) -> str:
        span = self._span(node)
        return self.source.text[span.start : span.end]

    def _offset(self, line: int, column: int) -> int:
        return self.source.byte_offset_to_char(line, column)

    def _bind(self, name: str, kind: BindingKind, value: str, span: Span) -> None:
        self.outline.bindings.append(Binding(name, kind, value, span))
        if name == "__getattr__":
            self.outline.has_getattr = True

    def _import(self, node: ast.Import, where: Where) -> None:
        statement = self._span(node)
        for alias in node.names:
            start = self._offset(alias.lineno, alias.col_offset)
            self.outline.imports.append(
                Import(
                    alias.name, 0, None, alias.asname or "", Span(start, start + len(alias.name)), statement,
                    where.scope, where.guarded, where.typing_only, runs=where.runs,
                )
            )  # fmt: skip

    def _import_from(self, node: ast.ImportFrom, where: Where) -> None:
        statement = self._span(node)
        names = tuple(self._imported(alias) for alias in node.names)
        span = module_span(self.source.text, statement.start, bool(node.module))
        self.outline.imports.append(
            Import(
                node.module or "", node.level, names, "", span, statement,
                where.scope, where.guarded, where.typing_only, *glued(self.source.text, span), where.runs,
            )
        )  # fmt: skip

    def _imported(self, alias: ast.alias) -> ImportedName:
        start = self._offset(alias.lineno, alias.col_offset)
        return ImportedName(alias.name, alias.asname or "", Span(start, start + len(alias.name)))

    def _class(self, node: ast.ClassDef, where: Where) -> None:
        qualname = f"{where.qualname}{node.name}"
        span = name_span(self.source.text, self._span(node).start, node.name)
        members = self._members_of(node)
        self.outline.classes.append(
            ClassDef(
                node.name,
                qualname,
                span,
                tuple(_base_name(base) for base in node.bases if not isinstance(base, ast.Starred)),
                tuple((k.arg, self._code(k.value)) for k in node.keywords if k.arg),
                tuple(_base_name(decorator) for decorator in node.decorator_list),
                tuple(_called(node.body)),
                tuple(members.own),
                tuple(members.instance),
                members.is_open,
            )
        )
        if where.scope == "module":
            self._bind(node.name, "class", "", span)
        scope: Scope = "function" if where.scope == "function" else "class"
        self.block(node.body, Where(f"{qualname}.", scope, where.guarded, where.typing_only, where.runs))

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, where: Where) -> None:
        if where.scope == "module":
            self._bind(node.name, "function", "", name_span(self.source.text, self._span(node).start, node.name))
        if where.scope in ("module", "class"):
            self.outline.functions.append(node)
        if self._lines.in_statement(node):
            qualname = f"{where.qualname}{node.name}.<locals>."
            inner = Where(qualname, "function", where.guarded, where.typing_only, where.runs)
            self.block([each for each in node.body if self._lines.in_statement(each)], inner)

    def _if(self, node: ast.If, where: Where) -> None:
        as_main = _is_main_check(node.test)
        self.outline.runs_as_script |= as_main
        typing_only = dotted(node.test).rpartition(".")[2] == "TYPE_CHECKING"
        guarded = where.guarded or chooses_import(node.test)
        inner = Where(
            where.qualname,
            where.scope,
            where.guarded if as_main else guarded,
            where.typing_only or typing_only,
            runs_under(where, as_main),
        )
        self.block(node.body, inner)
        self.block(node.orelse, where.under(guarded, "sometimes"))

    def _try(self, node: ast.stmt, where: Where) -> None:
        assert isinstance(node, ast.Try) or type(node).__name__ == "TryStar"
        handlers: list[ast.ExceptHandler] = getattr(node, "handlers")  # noqa: B009 - TryStar is unknown to 3.10
        guarded = where.under(where.guarded or any(map(catches_import_error, handlers)), where.runs)
        self.block(getattr(node, "body"), guarded)  # noqa: B009
        for handler in handlers:
            self.block(handler.body, guarded.under(guarded.guarded, "sometimes"))
        self.block(getattr(node, "orelse"), where)  # noqa: B009
        self.block(getattr(node, "finalbody"), where)  # noqa: B009

    def _compound(self, node: ast.stmt, where: Where) -> None:
        if where.scope == "module":
            for name in _bound_by_header(node):
                self._bind(name.id, "other", "", self._span(name))
        guarded = where.guarded or expects_import_error(node)
        runs = where.runs if isinstance(node, (ast.With, ast.AsyncWith)) else "sometimes"
        for block in _blocks(node):
            self.block(block, where.under(guarded, runs))

    def _assignment(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._target(target, node.value)
        elif isinstance(node, ast.AnnAssign) and node.value:
            self._target(node.target, node.value)
        elif isinstance(node, ast.AugAssign):
            self._target(node.target, None)
        elif type(node).__name__ == "TypeAlias":
            self._target(getattr(node, "name"), None)  # noqa: B009 - TypeAlias is unknown to 3.10

    def _target(self, target: ast.expr, value: ast.expr | None) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            for element in target.elts:
                self._target(element, None)
        elif isinstance(target, ast.Starred):
            self._target(target.value, None)
        elif isinstance(target, ast.Name):
            kind, name = _value_kind(value)
            self._bind(target.id, kind, name, self._span(target))


_Read = Callable[[_Builder, Any, Where], None]
_READERS: dict[type[ast.stmt], _Read] = {
    ast.Import: _Builder._import,
    ast.ImportFrom: _Builder._import_from,
    ast.ClassDef: _Builder._class,
    ast.FunctionDef: _Builder._function,
    ast.AsyncFunctionDef: _Builder._function,
    ast.If: _Builder._if,
    ast.Try: _Builder._try,
    **dict.fromkeys((ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Match), _Builder._compound),
}
if sys.version_info >= (3, 11):
    _READERS[ast.TryStar] = _Builder._try


def _called(body: Sequence[ast.stmt]) -> Iterator[tuple[str, str]]:
    """Attributes that a class's body assigns from a call, with what is called."""
    for statement in body:
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value:
            targets, value = [statement.target], statement.value
        else:
            continue
        if isinstance(value, ast.Call):
            yield from ((target.id, dotted(value.func)) for target in targets if isinstance(target, ast.Name))


def _value_kind(value: ast.expr | None) -> tuple[BindingKind, str]:
    if isinstance(value, (ast.Name, ast.Attribute)) and (name := dotted(value)):
        return "alias", name
    if isinstance(value, ast.Call):
        return "call", dotted(value.func)
    return "other", ""


def runs_under(where: Where, as_main: bool) -> Runs:
    """When the statements under a condition run; `as_main`: it asks whether the module is the program."""
    return "main" if as_main and where.runs == "always" else "sometimes"


def _is_main_check(test: ast.expr) -> bool:
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.ops[0], ast.Eq)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
        and any(isinstance(c, ast.Constant) and c.value == "__main__" for c in test.comparators)
    )


def chooses_import(test: ast.expr) -> bool:
    """Whether a condition depends on how a module was started, or on what can be imported."""
    names = (getattr(each, "id", None) or getattr(each, "attr", None) for each in walk(test))
    return not IMPORT_CONTEXT.isdisjoint(names)


def catches_import_error(handler: ast.ExceptHandler) -> bool:
    """Whether a handler catches what a failing import raises."""
    if handler.type is None:
        return True
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(dotted(kind).rpartition(".")[2] in IMPORT_ERRORS for kind in types)


def expects_import_error(node: ast.stmt) -> bool:
    """Whether a `with` statement expects what a failing import raises."""
    if not isinstance(node, (ast.With, ast.AsyncWith)):
        return False
    calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
    return any(
        dotted(call.func).rpartition(".")[2] in EXPECTING
        and any(dotted(arg).rpartition(".")[2] in IMPORT_ERRORS for arg in call.args)
        for call in calls
    )


def _bound_by_header(node: ast.stmt) -> Iterator[ast.Name]:
    targets: list[ast.expr] = []
    if isinstance(node, (ast.For, ast.AsyncFor)):
        targets = [node.target]
    elif isinstance(node, (ast.With, ast.AsyncWith)):
        targets = [item.optional_vars for item in node.items if item.optional_vars]
    for target in targets:
        # In source order, which walk() does not keep.
        names = (each for each in walk(target) if isinstance(each, ast.Name))
        yield from sorted(names, key=lambda each: (each.lineno, each.col_offset))


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    if isinstance(node, ast.Match):
        yield from (case.body for case in node.cases)
        return
    for name in ("body", "orelse"):
        block = getattr(node, name, None)
        if block:
            yield block


def module_span(text: str, start: int, has_module: bool) -> Span:
    """The span of an import-from's module part, from its first dot, given where the statement begins."""
    match = (_MODULE if has_module else _RELATIVE).match(text, start)
    return Span(*match.span(1)) if match else Span(start, start + len("from"))


def glued(text: str, span: Span) -> tuple[bool, bool]:
    """Whether the module part of an import touches the word before it, and the one behind it."""
    return text[span.start - 1].isalpha(), text[span.end : span.end + 1].isalpha()


def name_span(text: str, start: int, name: str) -> Span:
    """The span of a class's or function's name, given where its statement begins (without decorators)."""
    match = _DEFINITION.match(text, start)
    at = match.end() if match else start
    # Python's own name of it is normalised (NFKC); what stands there may be longer.
    return Span(at, at + len(name))
