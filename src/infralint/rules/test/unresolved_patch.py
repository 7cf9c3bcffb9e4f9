"""test-unresolved-patch: a patch of a name that the tree's own module or class does not have."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.likeness import nearest
from infralint.project.project import Project
from infralint.project.unresolved_patches import UnresolvedPatch
from infralint.rules.module_names import first_place, nearest_binding


def check(project: Project) -> Iterator[Diagnostic]:
    """Every patch that must fail."""
    for found in project.unresolved_patches:
        yield _of_class(project, found) if found.owner else _of_module(project, found)


def _of_module(project: Project, found: UnresolvedPatch) -> Diagnostic:
    near = nearest_binding(project, found.target, found.name)
    if near is not None:
        related: tuple[Place, ...] = (Place(found.target, near.span, f"`{near.name}` is there"),)
    else:
        place = first_place(project, found.target)
        related = (Place(found.target, place, "looked for in this module"),) if place else ()
    return Diagnostic(
        found.path,
        found.span,
        f"`{found.name}` is neither a name in {found.target} nor a module below it, so this patch fails",
        related,
        help=f"did you mean `{near.name}`?" if near else None,
    )


def _of_class(project: Project, found: UnresolvedPatch) -> Diagnostic:
    definition = project.class_members.definition(found.target, found.owner)
    related = (Place(found.target, definition.span, "the class"),) if definition else ()
    members = project.class_members.of(found.target, found.owner)
    near = nearest(found.name, sorted(members.own)) if members else None
    only = ", only its instances have it" if found.instances else ""
    return Diagnostic(
        found.path,
        found.span,
        f"`{found.name}` is no attribute of the class `{found.owner}`{only}, so this patch fails",
        related,
        help=f"did you mean `{near}`?" if near and not found.instances else None,
    )
