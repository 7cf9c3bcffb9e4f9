"""What tests replace by a dotted name in a string: by unittest.mock, pytest's monkeypatch, or pytest-mock."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from infralint.facts.names import ImportTable
from infralint.facts.python import PatchTarget
from infralint.readers.python.outline import dotted
from infralint.source import SourceText, Span

# Library reference, "unittest.mock", patchers; pytest, "monkeypatch.setattr"; pytest-mock, "Usage".
_MOCK = ("unittest.mock.patch", "mock.patch", "mock.mock.patch")
_FIXTURES = frozenset({"mocker", "class_mocker", "module_mocker", "package_mocker", "session_mocker"})
_MONKEYPATCH = frozenset({"monkeypatch", "monkeypatch_session", "monkeypatch_module", "mp"})


def patch_targets_of(tree: ast.Module, source: SourceText, names: ImportTable) -> tuple[PatchTarget, ...]:
    """Every target that is a plain literal, by place."""
    found = (target for node in ast.walk(tree) if isinstance(node, ast.Call) for target in _targets(node, names))
    placed = (PatchTarget(value, _span(node, source)) for value, node in found)
    return tuple(sorted(placed, key=lambda each: (each.span, each.target)))


def _targets(call: ast.Call, names: ImportTable) -> Iterator[tuple[str, ast.expr]]:
    """The dotted names that a call replaces; none where it makes what is missing, or is told not to mind."""
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    form = _form(call, names)
    first = call.args[0] if call.args else given.get("target")
    if not form or not isinstance(first, ast.Constant) or not isinstance(first.value, str) or None in given:
        return
    if {"create", "raising"} & given.keys():
        return
    if form == "multiple":
        yield from ((f"{first.value}.{name}", first) for name in given if name and name not in _OPTIONS)
    elif form == "dict" or form == "patch" or len(call.args) + ("value" in given) == 2:
        yield first.value, first


# Library reference, `patch.multiple(target, spec=None, create=False, ...)`.
_OPTIONS = frozenset({"autospec", "create", "new_callable", "spec", "spec_set", "target"})


def _form(call: ast.Call, names: ImportTable) -> str:
    """What kind of replacement a call makes: "patch", "multiple", "dict", "setattr"; "" for none."""
    written = dotted(call.func)
    head, _, rest = written.partition(".")
    if head in _MONKEYPATCH and rest == "setattr" and not names.is_imported(head):
        return "setattr"
    if head in _FIXTURES and not names.is_imported(head):
        resolved = rest
    else:
        known = names.resolve(written) if written else ""
        prefix = next((each for each in _MOCK if known == each or known.startswith(f"{each}.")), "")
        resolved = f"patch{known[len(prefix) :]}" if prefix else ""
    return {"patch": "patch", "patch.multiple": "multiple", "patch.dict": "dict"}.get(resolved, "")


def _span(node: ast.expr, source: SourceText) -> Span:
    start = source.byte_offset_to_char(node.lineno, node.col_offset)
    return Span(start, source.byte_offset_to_char(node.end_lineno or node.lineno, node.end_col_offset or 0))
