"""orm-target-not-imported: a relationship's target that a process never loads, although it loads the relationship."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.project import Project
from infralint.project.unloaded_targets import UnloadedTarget


def check(project: Project) -> Iterator[Diagnostic]:
    """Relationships that fail in a process because of a module that it does not import."""
    for found in project.unloaded_targets.find():
        yield _diagnostic(found)


def _diagnostic(found: UnloadedTarget) -> Diagnostic:
    relation, target, start = found.relation, found.target, found.start
    owner = relation.owner
    return Diagnostic(
        relation.origin.path,
        relation.origin.span,
        f"`{start.written}` loads `{owner.name}`, and never `{target.path}`, which maps `{target.name}`",
        (
            Place(start.path, start.span, "the process that starts here configures its mappers without it"),
            Place(target.path, target.origin.span, f"`{target.name}` is mapped here"),
        ),
        f"import `{target.path}` wherever `{owner.path}` is imported, for instance in the package of both",
    )
