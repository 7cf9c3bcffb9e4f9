"""test-misspelt-mock: a name that does not exist and is a slip of a name of unittest.mock."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.facts.python import NameUse, PythonModule
from infralint.findings import AddImport, Change, Diagnostic, TextEdit, TitledFix
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
    fix = TitledFix(f"write `{use.meant}`", _edits(path, module, use, span))
    return Diagnostic(path, span, message, help=f"did you mean `{use.meant}`?", fixes=(fix,))


def _edits(path: str, module: PythonModule, use: NameUse, span: Span) -> tuple[Change, ...]:
    """The name, and its import where the file has none."""
    rename = TextEdit(path, span, use.meant)
    if use.module:
        return (rename,)
    source = next((each.module for each in module.imports if each.module in _MODULES and each.names), "unittest.mock")
    return (AddImport(path, use.spans[0], source, use.meant), rename)
