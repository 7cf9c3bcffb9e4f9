"""orm-unknown-attribute: an attribute or keyword that a mapped class does not have."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.likeness import nearest
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """Every use of a mapped class's attribute that neither it, its bases, its mixins nor a backref brings."""
    for found in project.class_uses.unknown():
        cls = found.mapped
        meant = nearest(found.use.name, found.names)
        yield Diagnostic(
            found.path,
            found.use.span,
            f"`{cls.name}` has no attribute `{found.use.name}`",
            (Place(cls.origin.path, cls.origin.span, f"`{cls.name}` is mapped here"),),
            f"did you mean `{meant}`?" if meant else None,
        )
