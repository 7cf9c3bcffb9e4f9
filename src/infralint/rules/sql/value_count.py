"""sql-value-count: INSERT lists columns and gives another number of values."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.inserts import miscounted
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """The first row of each INSERT that does not fit."""
    for wrong in miscounted(project.queries):
        related = () if wrong.row is None else (Place(wrong.path, wrong.row, f"{_values(wrong.given)} here"),)
        yield Diagnostic(wrong.path, wrong.table.span, f"{wrong.reason}, but gives {_values(wrong.given)}", related)


def _values(count: int) -> str:
    return "1 value" if count == 1 else f"{count} values"
