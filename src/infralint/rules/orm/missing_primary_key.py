"""orm-missing-primary-key: a mapped class whose table has no primary key."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.models.joins import may_say
from infralint.project.models.mapping import MappedClass
from infralint.project.places import is_test
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """Classes with a table of their own in which no column is a primary key."""
    for mapped in project.models.classes:
        if _lacks_key(mapped) and not is_test(mapped.path):
            yield _diagnostic(mapped)


def _lacks_key(mapped: MappedClass) -> bool:
    table = mapped.table
    if table is None or mapped.abstract or mapped.kind not in ("table", "concrete") or mapped.open:
        return False
    if table.primary_key or table.open or table.constraints_open or may_say(mapped, "primary_key"):
        return False
    return not any(column.open for column in table.columns.values())


def _diagnostic(mapped: MappedClass) -> Diagnostic:
    table = mapped.table
    assert table is not None
    message = f"`{mapped.name}` is mapped to `{table.qualified}`, which has no primary key"
    place = Place(table.origin.path, table.origin.span, "the table is declared here")
    related = () if table.origin == mapped.origin else (place,)
    help_text = "mark the columns that tell its rows apart with `primary_key=True`"
    return Diagnostic(mapped.origin.path, mapped.origin.span, message, related, help_text)
