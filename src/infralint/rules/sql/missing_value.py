"""sql-missing-value: INSERT leaves out a column that must have a value."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.missing import MissingValue
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """Columns that are NOT NULL, have no default, and are not given; NULLs that are written to such columns."""
    for missing in (each for found in project.sql_findings for each in found.missing):
        related = tuple(
            Place(column.path, column.span, f"`{column.name}` is declared here") for column in missing.columns
        )
        yield Diagnostic(missing.path, missing.span, _message(missing), related)


def _message(missing: MissingValue) -> str:
    names = [f"`{column.name}`" for column in missing.columns]
    if missing.null:
        return f"column {names[0]} of `{missing.table.name}` is NOT NULL"
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    reason = "which is NOT NULL and has" if len(names) == 1 else "which are NOT NULL and have"
    return f"this INSERT into `{missing.table.name}` gives no value for {listed}, {reason} no default"
