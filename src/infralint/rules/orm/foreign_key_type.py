"""orm-foreign-key-type: a foreign key whose column has another kind of type than the column that it names."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.catalog import Column, Table
from infralint.project.lookup import Known
from infralint.project.models.foreign_keys import Reference, references, target_column, target_table
from infralint.project.models.type_families import are_apart
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """Foreign keys between columns whose types are both written out and cannot be compared, each place once."""
    seen = set()
    for metadata in project.models.metadatas:
        for reference in references(metadata):
            ends = _ends(project, reference)
            if ends is None or reference.origin in seen:
                continue
            own, table, target = ends
            if own.type and target.type and are_apart(own.type, target.type):
                seen.add(reference.origin)
                yield _diagnostic(reference, own, table, target)


def _ends(project: Project, reference: Reference) -> tuple[Column, Table, Column] | None:
    """The referring column, and the table and column that are referred to."""
    names = reference.key.columns
    table = target_table(reference.metadata, reference.key, project.models.possible)
    own = reference.table.columns.get(names[reference.index]) if reference.index < len(names) else None
    if own is None or not isinstance(table, Known):
        return None
    column = target_column(table.value, reference.target_column or own.name)
    return (own, table.value, column.value) if isinstance(column, Known) else None


def _diagnostic(reference: Reference, own: Column, table: Table, target: Column) -> Diagnostic:
    message = (
        f"`{reference.table.qualified}.{own.name}` is {own.type}, and `{table.qualified}.{target.name}`, "
        f"which it refers to, is {target.type}"
    )
    related = (
        Place(own.origin.path, own.origin.span, f"`{own.name}` is {own.type} here"),
        Place(target.origin.path, target.origin.span, f"`{target.name}` is {target.type} here"),
    )
    help_text = "leave the type of the column out and SQLAlchemy takes that of its target, or make both the same"
    return Diagnostic(reference.origin.path, reference.origin.span, message, related, help_text)
