"""What tests replace: by unittest.mock, pytest's monkeypatch, or pytest-mock; named in a string, or as an attribute of
something that is imported."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from infralint.facts.names import ImportTable
from infralint.facts.python import PatchTarget
from infralint.readers.python.bound_names import COMPREHENSIONS, Comprehension, Scope, bound_in, imports_in
from infralint.readers.python.constant_texts import ConstantTexts
from infralint.readers.python.marked import MarkedLines, walk_marked
from infralint.readers.python.nodes import children, walk
from infralint.readers.python.outline import EXPECTING, dotted
from infralint.readers.python.unbound import Symbols
from infralint.source import SourceText, Span

# Library reference, "unittest.mock", patchers; pytest, "monkeypatch"; pytest-mock, "Usage".
_MOCK = ("unittest.mock.", "mock.mock.", "mock.")
_MOCKERS = frozenset({"mocker", "class_mocker", "module_mocker", "package_mocker", "session_mocker"})
_MONKEYPATCHES = frozenset({"monkeypatch", "monkeypatch_session", "monkeypatch_module", "mp"})
_PATCH_MAKERS = frozenset({"monkeypatch.context", "pytest.MonkeyPatch", "pytest.MonkeyPatch.context"})
_FORMS = frozenset({"patch", "patch.multiple", "patch.dict", "patch.object", "spy"})
_CHANGES = frozenset({"setattr", "delattr"})
# Library reference, `patch.multiple(target, spec=None, create=False, ...)`.
_OPTIONS = frozenset({"autospec", "create", "new_callable", "spec", "spec_set", "target"})
# From how many arguments on the first one is the thing whose attribute is changed, and not a dotted name.
_VALUES = {"setattr": 3, "delattr": 2}
# What a patch of something that is not there raises.
_ERRORS = frozenset({"AttributeError", "BaseException", "Exception", "ImportError", "ModuleNotFoundError"})
# Marks of pytest and decorators of unittest on tests that nobody runs, or that are known to fail.
_NOT_RUN = frozenset({"expectedFailure", "skip", "xfail"})
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
# What stands between a name and its call.
_CALLED = r"[\s)\\]*(?:#[^\r\n]*[\r\n][\s)\\]*)*[.(]"
_Scopes = tuple["Scope | Comprehension", ...]


def patch_targets_of(
    tree: ast.Module, source: SourceText, names: ImportTable, places: Sequence[int], symbols: Symbols
) -> tuple[PatchTarget, ...]:
    """Every target whose name is certain, by place. `places`: where the words stand by which patches are made."""
    others = _other_monkeypatches(tree, source, names)
    everywhere = bool(others) or "patch as " in source.text
    lines = None if everywhere else sorted({bisect_right(source.line_starts, place) for place in places})
    fixtures = frozenset(each for each in _MONKEYPATCHES | others if not names.is_imported(each))
    reader = _Reader(source, names, symbols, ConstantTexts(tree), fixtures, lines)
    try:
        reader.visit(tree, ())
    except RecursionError:
        return ()
    return tuple(sorted(reader.found, key=lambda each: (each.span, each.target)))


def _other_monkeypatches(tree: ast.Module, source: SourceText, names: ImportTable) -> frozenset[str]:
    """Names of what `monkeypatch.context()` gives, and of monkeypatches that are no fixtures."""
    if "MonkeyPatch" not in source.text and ".context(" not in source.text:
        return frozenset()
    found = set()
    called = (re.escape(name) for name in ("MonkeyPatch", "context", *names.meaning(_PATCH_MAKERS)))
    lines = MarkedLines(source, *(re.compile(name + _CALLED) for name in called))
    for node in walk_marked(tree, lines)[0]:
        if isinstance(node, ast.withitem) and isinstance(node.context_expr, ast.Call):
            target, value = node.optional_vars, node.context_expr
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            target, value = node.targets[0], node.value
        else:
            continue
        if isinstance(target, ast.Name) and names.resolve(dotted(value.func)) in _PATCH_MAKERS:
            found.add(target.id)
    return frozenset(found)


@dataclass(slots=True)
class _Reader:
    source: SourceText
    names: ImportTable
    symbols: Symbols
    texts: ConstantTexts
    monkeypatches: frozenset[str]
    # The lines that may hold a patch, sorted; None = all of them.
    lines: list[int] | None
    found: list[PatchTarget] = field(default_factory=list)
    _scopes: dict[int, tuple[Counter[str], list[tuple[str, str]]]] = field(default_factory=dict)

    def visit(self, node: ast.AST, scopes: _Scopes) -> None:
        """Read what is evaluated inside of these scopes."""
        stack = [node]
        while stack:
            each = stack.pop()
            if isinstance(each, ast.stmt) and not self._may_patch(each):
                continue
            if isinstance(each, ast.Call):
                self.found += self._targets(each, scopes)
            if isinstance(each, _SCOPES):
                self._scope(each, scopes)
            elif isinstance(each, COMPREHENSIONS):
                for child in children(each):
                    self.visit(child, (*scopes, each))
            else:
                stack += _outside(each) if _expects_failure(each) else children(each)

    def _may_patch(self, node: ast.stmt) -> bool:
        """Whether a line of the statement holds a word by which patches are made."""
        if self.lines is None:
            return True
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        first = decorators[0].lineno if decorators else node.lineno
        at = bisect_left(self.lines, first)
        return at < len(self.lines) and self.lines[at] <= (node.end_lineno or node.lineno)

    def _scope(self, node: Scope, scopes: _Scopes) -> None:
        """Decorators and defaults belong to the scope around a function or class."""
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        if any(_last_name(each) in _NOT_RUN for each in decorators):
            return
        body = node.body if isinstance(node.body, list) else [node.body]
        inside = {id(each) for each in body}
        for child in children(node):
            self.visit(child, (*scopes, node) if id(child) in inside else scopes)

    def _targets(self, call: ast.Call, scopes: _Scopes) -> Iterator[PatchTarget]:
        """The names that a call replaces; none where it makes what is missing, or is told not to mind."""
        form = self._form(call)
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        first = call.args[0] if call.args else given.get("target")
        if not form or first is None or _is_lenient(call, given):
            return
        text = self._dotted_text(first, scopes)
        if form == "patch.multiple":
            subject = text or self._object(first, scopes)
            names = (name for name in given if name and name not in _OPTIONS)
            yield from (self._target(subject, name, first, True) for name in names if subject)
        elif form in ("patch", "patch.dict") or (text is not None and len(_values(call)) < _VALUES.get(form, 0)):
            if text is not None:
                yield self._target(text, "", first, form == "patch")
        else:
            yield from self._attribute(call, given, first, form == "patch.object", scopes)

    def _attribute(
        self, call: ast.Call, given: dict[str | None, ast.expr], first: ast.expr, mock: bool, scopes: _Scopes
    ) -> Iterator[PatchTarget]:
        """`patch.object(thing, "name")`, `monkeypatch.setattr(thing, "name", value)`, `mocker.spy(thing, "name")`."""
        second = call.args[1] if len(call.args) > 1 else given.get("attribute") or given.get("name")
        name = self.texts.of(second)
        subject = self._object(first, scopes)
        if subject and name and name.isidentifier() and second is not None:
            yield self._target(subject, name, second, mock)

    def _target(self, subject: str | tuple[str, bool], name: str, place: ast.expr, builtins: bool) -> PatchTarget:
        written, is_local = (subject, False) if isinstance(subject, str) else subject
        return PatchTarget(f"{written}.{name}" if name else written, self._span(place), is_local, builtins)

    def _form(self, call: ast.Call) -> str:
        """How a call replaces something: "patch", "patch.object", ..., "setattr", "spy"; "" where it does not."""
        written = dotted(call.func)
        head, _, rest = written.partition(".")
        if head in self.monkeypatches:
            return rest if rest in _CHANGES else ""
        if head in _MOCKERS and not self.names.is_imported(head):
            return rest if rest in _FORMS else ""
        known = self.names.resolve(written) if written else ""
        prefix = next((each for each in _MOCK if known.startswith(each)), "")
        form = known[len(prefix) :] if prefix else ""
        return form if form in _FORMS and form != "spy" else ""

    def _dotted_text(self, node: ast.expr, scopes: _Scopes) -> str | tuple[str, bool] | None:
        """The dotted name that a text is, also one that begins with the `__name__` of an imported module."""
        text = self.texts.of(node)
        if text is not None:
            return text
        if isinstance(node, ast.JoinedStr) and len(node.values) == 2 and isinstance(node.values[0], ast.FormattedValue):
            head, rest = node.values[0].value, node.values[1]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            head, rest = node.left, node.right
        else:
            return None
        behind = self.texts.of(rest)
        if not isinstance(head, ast.Attribute) or head.attr != "__name__" or not behind or not behind.startswith("."):
            return None
        subject = self._object(head.value, scopes)
        return (f"{subject[0]}{behind}", subject[1]) if subject else None

    def _object(self, node: ast.expr, scopes: _Scopes) -> tuple[str, bool] | None:
        """The dotted name of a thing, and whether it begins with a name of this module; None where a scope binds it to
        something else than an import."""
        written = dotted(node)
        head, dot, rest = written.partition(".")
        if not written:
            return None
        inner = self.symbols.may_bind_inside(head)
        for at, scope in enumerate(reversed(scopes)):
            if isinstance(scope, ast.ClassDef) and at:
                continue
            if isinstance(scope, COMPREHENSIONS):
                if head in _targets_of(scope):
                    return None
                continue
            if not inner:
                continue
            bound, imports = self._names_of(scope)
            if bound[head]:
                imported = [origin for name, origin in imports if name == head]
                once = bound[head] == 1 and len(imported) == 1
                return (f"{imported[0]}{dot}{rest}", False) if once else None
        return written, True

    def _names_of(self, scope: Scope) -> tuple[Counter[str], list[tuple[str, str]]]:
        """How often a scope binds each name, and its imports."""
        if id(scope) not in self._scopes:
            self._scopes[id(scope)] = Counter(bound_in(scope)), list(imports_in(scope))
        return self._scopes[id(scope)]

    def _span(self, node: ast.expr) -> Span:
        start = self.source.byte_offset_to_char(node.lineno, node.col_offset)
        return Span(start, self.source.byte_offset_to_char(node.end_lineno or node.lineno, node.end_col_offset or 0))


def _targets_of(node: Comprehension) -> set[str]:
    targets = (generator.target for generator in node.generators)
    return {each.id for target in targets for each in walk(target) if isinstance(each, ast.Name)}


def _is_lenient(call: ast.Call, given: dict[str | None, ast.expr]) -> bool:
    """Whether a missing target may be meant, or what is passed cannot be told."""
    creates = "create" in given and not _is_false(given["create"])
    tolerates = "raising" in given and not _is_true(given["raising"])
    return creates or tolerates or None in given or any(isinstance(arg, ast.Starred) for arg in call.args)


def _values(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg in ("value", "name"))]


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and bool(node.value)


def _last_name(node: ast.expr) -> str:
    return dotted(node.func if isinstance(node, ast.Call) else node).rpartition(".")[2]


def _expects_failure(node: ast.AST) -> bool:
    """Whether a statement takes for granted, or catches, what a patch raises that finds nothing."""
    if not isinstance(node, ast.stmt):
        return False
    if isinstance(node, (ast.With, ast.AsyncWith)):
        calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
        return any(_last_name(call) in EXPECTING and any(map(_names_error, call.args)) for call in calls)
    handlers: list[ast.ExceptHandler] = getattr(node, "handlers", [])
    return any(handler.type is None or _names_error(handler.type) for handler in handlers)


def _names_error(node: ast.expr) -> bool:
    return any(dotted(each).rpartition(".")[2] in _ERRORS for each in walk(node) if isinstance(each, ast.expr))


def _outside(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a `try` statement that its handlers do not guard."""
    for name in ("handlers", "orelse", "finalbody"):
        yield from getattr(node, name, ())
