"""import-unresolved: an import of a name or module that the tree's own package does not have."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.project import Project
from infralint.project.unresolved_imports import UnresolvedImport
from infralint.source import Span


def check(project: Project) -> Iterator[Diagnostic]:
    """Every name that is imported in vain."""
    for found in project.unresolved_imports:
        yield _diagnostic(found)


def _diagnostic(found: UnresolvedImport) -> Diagnostic:
    if found.is_module:
        message = f"there is no module `{found.name}` in the package {found.target.rpartition('/')[0]}"
        return Diagnostic(found.path, found.span, message, (Place(found.target, Span(0, 0), "the package"),))
    message = f"`{found.name}` is neither a name in {found.target} nor a module below it"
    return Diagnostic(found.path, found.span, message, (Place(found.target, Span(0, 0), "looked for in this module"),))
