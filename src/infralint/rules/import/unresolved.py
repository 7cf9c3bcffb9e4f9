"""import-unresolved: an import of a name or module that the tree's own package does not have."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.project import Project
from infralint.project.unresolved_imports import UnresolvedImport
from infralint.rules.module_names import first_place, nearest_binding


def check(project: Project) -> Iterator[Diagnostic]:
    """Every name that is imported in vain."""
    for found in project.unresolved_imports:
        yield _diagnostic(project, found)


def _diagnostic(project: Project, found: UnresolvedImport) -> Diagnostic:
    if found.is_module:
        return _missing_module(project, found)
    message = f"`{found.name}` is neither a name in {found.target} nor a module below it"
    near = nearest_binding(project, found.target, found.name)
    if near is not None:
        related = (Place(found.target, near.span, f"`{near.name}` is there"),)
        return Diagnostic(found.path, found.span, message, related, help=f"did you mean `{near.name}`?")
    place = first_place(project, found.target)
    return Diagnostic(
        found.path, found.span, message, (Place(found.target, place, "looked for in this module"),) if place else ()
    )


def _missing_module(project: Project, found: UnresolvedImport) -> Diagnostic:
    folder, _, file = found.target.rpartition("/")
    place = first_place(project, found.target)
    is_package = file == "__init__.py"
    holder = f"in the package {folder}" if is_package else f"below {found.target}, which is no package"
    related = (Place(found.target, place, "the package" if is_package else "the module"),) if place else ()
    return Diagnostic(found.path, found.span, f"there is no module `{found.name}` {holder}", related)
