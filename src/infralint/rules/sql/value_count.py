"""sql-value-count: INSERT lists columns and gives another number of values."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.inserts import Miscount
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """The first row of each INSERT that does not fit."""
    for wrong in (each for found in project.sql_findings for each in found.miscounts):
        name = wrong.table.name
        related = []
        if wrong.row is not None:
            related.append(Place(wrong.path, wrong.row, f"{_counted(wrong.given, 'value')} here"))
        if wrong.created is not None:
            related.append(Place(*wrong.created, f"`{name}` is created here"))
        yield Diagnostic(wrong.path, wrong.table.span, _message(wrong, name), tuple(related))


def _message(wrong: Miscount, name: str) -> str:
    given = _counted(wrong.given, "value")
    if wrong.by == "row":
        wanted = _counted(wrong.wanted, "value")
        return f"this INSERT into `{name}` gives {wanted} in its first row and {given} in another"
    if wrong.by == "table":
        return f"`{name}` has {_counted(wrong.wanted, 'column')} and this INSERT gives {given}"
    return f"this INSERT lists {_counted(wrong.wanted, 'column')} of `{name}` and gives {given}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
