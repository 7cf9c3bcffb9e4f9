"""orm-duplicate-table: one table declared twice on one MetaData."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.models.repeats import Repeat, place_of, repeats
from infralint.project.models.tables import Declaration
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """Declarations of a table that another one has taken already, where both can be imported into one process."""
    for repeat in repeats(project.models, project.modules, project.applications):
        yield _diagnostic(repeat)


def _diagnostic(repeat: Repeat) -> Diagnostic:
    first, second = repeat.first, repeat.second
    table, origin = second.table, place_of(second)
    message = f"table `{table.qualified}` is declared a second time on one MetaData"
    place = place_of(first)
    related = [Place(place.path, place.span, f"{_who(first)} declares it here")]
    metadata = second.metadata.origin
    if metadata.path:
        related.append(Place(metadata.path, metadata.span, "the MetaData of both"))
    help_text = "keep one of the two and import it where the other one was"
    return Diagnostic(origin.path, origin.span, message, tuple(related), help_text)


def _who(declaration: Declaration) -> str:
    return f"`{declaration.cls.name}`" if declaration.cls is not None else "a Table"
