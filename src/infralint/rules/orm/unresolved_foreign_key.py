"""orm-unresolved-foreign-key: a foreign key to a table or column that its MetaData does not have."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.likeness import nearest
from infralint.project.catalog import Table
from infralint.project.lookup import Absent, Known
from infralint.project.models.foreign_keys import Reference, references, target_column, target_table
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """Foreign keys of models whose target is absent from the tables of their own MetaData, each place once."""
    seen = set()
    for metadata in project.models.metadatas:
        for reference in references(metadata):
            if reference.origin not in seen and (found := _diagnostic(project, reference)) is not None:
                seen.add(reference.origin)
                yield found


def _diagnostic(project: Project, reference: Reference) -> Diagnostic | None:
    table = target_table(reference.metadata, reference.key, project.models.possible)
    if isinstance(table, Absent):
        return _without_table(project, reference)
    if not isinstance(table, Known) or not reference.target_column:
        return None
    column = target_column(table.value, reference.target_column)
    return _without_column(reference, table.value) if isinstance(column, Absent) else None


def _without_table(project: Project, reference: Reference) -> Diagnostic:
    named = reference.table_name
    known = {table.qualified for table in reference.metadata.catalog.tables.values()}
    elsewhere = [
        table
        for other in project.models.metadatas
        if other is not reference.metadata
        for table in other.catalog.tables.values()
        if table.name == reference.key.target
    ]
    related = [
        Place(table.origin.path, table.origin.span, f"`{table.qualified}` of another MetaData is declared here")
        for table in elsewhere[:3]
    ]
    help_text = None
    if elsewhere:
        help_text = "a foreign key finds tables of its own MetaData alone: map both classes on one base"
    elif near := _namesake(named, known) or nearest(named, known):
        help_text = f"did you mean `{near}`?"
    message = f"no model or Table declares `{named}`, which this foreign key of `{reference.table.qualified}` names"
    return Diagnostic(reference.origin.path, reference.origin.span, message, tuple(related), help_text)


def _namesake(named: str, known: set[str]) -> str | None:
    """A table of the same name in a schema, or without one."""
    last = named.rpartition(".")[2]
    return next((name for name in sorted(known) if name.rpartition(".")[2] == last), None)


def _without_column(reference: Reference, table: Table) -> Diagnostic:
    wanted = reference.target_column
    keys = {column.key or column.name for column in table.columns.values()}
    named = table.columns.get(wanted)
    related = Place(table.origin.path, table.origin.span, f"`{table.qualified}` is declared here")
    help_text = None
    if named is not None:
        help_text = f"foreign keys name columns by their keys: `{named.key}`"
    elif attribute := next((c for c in table.columns.values() if c.attribute == wanted), None):
        help_text = f"foreign keys name columns, not attributes: `{attribute.key or attribute.name}`"
    elif near := nearest(wanted, keys):
        help_text = f"did you mean `{near}`?"
    elif len(table.primary_key) == 1:
        help_text = f"the primary key of `{table.qualified}` is `{table.primary_key[0]}`"
    message = f"table `{table.qualified}` has no column `{wanted}`"
    return Diagnostic(reference.origin.path, reference.origin.span, message, (related,), help_text)
