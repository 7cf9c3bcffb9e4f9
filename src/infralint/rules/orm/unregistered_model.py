"""orm-unregistered-model: models in a module that neither Alembic nor the application loads."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.project import Project
from infralint.project.unregistered import Unregistered, UnregisteredModels


def check(project: Project) -> Iterator[Diagnostic]:
    """Mapped classes whose tables nothing ever creates."""
    for found in UnregisteredModels(project).find():
        yield _diagnostic(project, found)


def _diagnostic(project: Project, found: Unregistered) -> Diagnostic:
    mapped = found.mapped
    table = mapped.table.qualified if mapped.table else ""
    message = (
        f"nothing that Alembic or the application loads imports `{mapped.path}`: the table `{table}` is never created"
    )
    return Diagnostic(
        mapped.path,
        mapped.origin.span,
        message,
        tuple(_related(project, found)),
        f"import the module where `{found.env}` finds the other models",
    )


def _related(project: Project, found: Unregistered) -> Iterator[Place]:
    env = project.files[found.env].python
    for binding in env.bindings if env else ():
        if binding.name == "target_metadata":
            yield Place(
                found.env, binding.span, "Alembic compares these tables, and this file does not import that module"
            )
            break
    for start in sorted(project.entry_points.all, key=lambda start: not start.serves):
        if start.module != found.env and project.applications.same(start.module, found.mapped.path):
            yield Place(start.path, start.span, "what starts here does not import it either")
            break
