"""test-misspelt-mock: a name that does not exist and is a slip of a name of unittest.mock."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.facts.python import Import, NameUse, PythonModule
from infralint.findings import Diagnostic, TextEdit, TitledFix
from infralint.project.project import Project
from infralint.source import Span

# The standard library's module, and its backport on PyPI.
_MODULES = ("unittest.mock", "mock", "mock.mock")


def check(project: Project) -> Iterator[Diagnostic]:
    """Every use of such a name."""
    for path, facts in project.files.items():
        module = facts.python
        for use in module.undefined if module else ():
            for span in use.spans:
                yield _diagnostic(path, module or PythonModule(), use, span)


def _diagnostic(path: str, module: PythonModule, use: NameUse, span: Span) -> Diagnostic:
    if use.module:
        message = f"`{use.module}` has no name `{use.name}`"
    else:
        message = f"`{use.name}` is defined nowhere in this file and is no name of `unittest.mock`"
    edits = _edits(path, module, use, span)
    fixes = (TitledFix(f"write `{use.meant}`", edits),) if edits else ()
    return Diagnostic(path, span, message, help=f"did you mean `{use.meant}`?", fixes=fixes)


def _edits(path: str, module: PythonModule, use: NameUse, span: Span) -> tuple[TextEdit, ...]:
    """The name, and its import where the file has none; nothing where there is no place for an import."""
    rename = TextEdit(path, span, use.meant)
    top = [each for each in module.imports if each.scope == "module" and not each.typing_only]
    if use.module or any(_binds(each, use.meant) for each in top):
        return (rename,)
    mocks = [each for each in top if each.module in _MODULES and each.names and each.names[0].name != "*"]
    if mocks and mocks[0].names:
        start = mocks[0].names[0].span.start
        return (TextEdit(path, Span(start, start), f"{use.meant}, "), rename)
    if use.import_place < 0:
        return ()
    place = Span(use.import_place, use.import_place)
    return (TextEdit(path, place, f"from unittest.mock import {use.meant}\n"), rename)


def _binds(statement: Import, name: str) -> bool:
    return any(each.bound == name for each in statement.names or ())
