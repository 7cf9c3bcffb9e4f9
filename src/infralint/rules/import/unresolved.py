"""import-unresolved: an import of a name or module that the tree's own package does not have."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.facts.python import Binding
from infralint.findings import Diagnostic, Place
from infralint.likeness import nearest
from infralint.project.project import Project
from infralint.project.unresolved_imports import UnresolvedImport
from infralint.source import Span


def check(project: Project) -> Iterator[Diagnostic]:
    """Every name that is imported in vain."""
    for found in project.unresolved_imports:
        yield _diagnostic(project, found)


def _diagnostic(project: Project, found: UnresolvedImport) -> Diagnostic:
    if found.is_module:
        folder = found.target.rpartition("/")[0]
        place = _first(project, found.target)
        related = (Place(found.target, place, "the package"),) if place else ()
        return Diagnostic(found.path, found.span, f"there is no module `{found.name}` in the package {folder}", related)
    message = f"`{found.name}` is neither a name in {found.target} nor a module below it"
    near = _nearest(project, found)
    if near is not None:
        related = (Place(found.target, near.span, f"`{near.name}` is there"),)
        return Diagnostic(found.path, found.span, message, related, help=f"did you mean `{near.name}`?")
    place = _first(project, found.target)
    return Diagnostic(
        found.path, found.span, message, (Place(found.target, place, "looked for in this module"),) if place else ()
    )


def _nearest(project: Project, found: UnresolvedImport) -> Binding | None:
    """What the module binds under a name like the one that is asked for."""
    module = project.modules.outline(found.target)
    bound = {binding.name: binding for binding in (module.bindings if module else ())}
    return bound.get(nearest(found.name, sorted(bound)) or "")


def _first(project: Project, path: str) -> Span | None:
    """Something to point at in a module: the first thing that it imports or binds."""
    module = project.modules.outline(path)
    spans = [*(each.span for each in module.imports), *(each.span for each in module.bindings)] if module else []
    return min(spans, default=None)
