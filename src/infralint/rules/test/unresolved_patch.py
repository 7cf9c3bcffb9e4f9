"""test-unresolved-patch: a patch of a name that the tree's own module does not have."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.project import Project
from infralint.rules.module_names import first_place, nearest_binding


def check(project: Project) -> Iterator[Diagnostic]:
    """Every patch that must fail."""
    for found in project.unresolved_patches:
        near = nearest_binding(project, found.target, found.name)
        if near is not None:
            related: tuple[Place, ...] = (Place(found.target, near.span, f"`{near.name}` is there"),)
        else:
            place = first_place(project, found.target)
            related = (Place(found.target, place, "looked for in this module"),) if place else ()
        yield Diagnostic(
            found.path,
            found.span,
            f"`{found.name}` is neither a name in {found.target} nor a module below it, so this patch fails",
            related,
            help=f"did you mean `{near.name}`?" if near else None,
        )
