"""import-relative: a relative import, and the ones that must fail."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Applicability, Diagnostic, Place, Severity, TextEdit, TitledFix
from infralint.project.project import Project
from infralint.project.relative_imports import RelativeImport, relative_imports


def check(project: Project) -> Iterator[Diagnostic]:
    """Every relative import, an error where it cannot work; those alone where the settings allow the others."""
    for found in relative_imports(project):
        if found.failure or not project.allows_relative_imports(found.path):
            yield _diagnostic(found)


def _diagnostic(found: RelativeImport) -> Diagnostic:
    written = "." * found.statement.level + found.statement.module
    related: tuple[Place, ...] = (found.proof,) if found.proof else ()
    severity = Severity.ERROR if found.failure else Severity.WARNING
    message = f"relative import from `{written}`" + (f", {found.failure}" if found.failure else "")
    help_text = f"write `from {found.absolute} import ...`" if found.absolute else "import it by its full dotted name"
    if found.is_missing:
        help_text = "import it from where it is, or add what is missing"
    fixes: tuple[TitledFix, ...] = ()
    if found.absolute:
        before, behind = found.statement.glued_before * " ", found.statement.glued_behind * " "
        text = f"{before}{found.absolute}{behind}"
        edit = TextEdit(found.path, found.statement.span, text)
        applicability = Applicability.SAFE if found.is_certain else Applicability.UNSAFE
        fixes = (TitledFix(f"import from `{found.absolute}`", (edit,), applicability),)
    return Diagnostic(found.path, found.statement.span, message, related, help_text, fixes, severity)
