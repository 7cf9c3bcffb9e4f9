"""migration-model-drift: a model that the migrations do not lead to."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place, Severity
from infralint.project.catalog import Table
from infralint.project.migrations.drift import Drift
from infralint.project.places import is_example, is_test
from infralint.project.postgres_types import family
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """Differences between the tables of `target_metadata` and those after the last revision."""
    for drift in project.drifts:
        path = drift.history.environment.folder
        if not is_test(f"{path}/") and not is_example(f"{path}/"):
            yield _TEXTS[drift.kind](drift)


def _table(drift: Drift) -> Diagnostic:
    table = drift.table
    message = f"no revision creates the table `{table.qualified}`"
    related = _head(drift)
    return Diagnostic(table.origin.path, table.origin.span, message, related, "write a revision that creates it")


def _head(drift: Drift) -> tuple[Place, ...]:
    head = drift.history.environment.graph.heads[0]
    return (Place(head.origin.path, head.origin.span, "the last revision"),)


def _column(drift: Drift) -> Diagnostic:
    column, made = drift.model, drift.made
    assert column is not None
    assert made is not None
    message = f"no revision gives the table `{made.qualified}` a column `{column.name}`"
    related = (_created(made), *_head(drift))
    return Diagnostic(column.origin.path, column.origin.span, message, related, "write a revision that adds it")


def _unknown_column(drift: Drift) -> Diagnostic:
    column, made = drift.database, drift.made
    assert column is not None
    assert made is not None
    table = drift.table
    message = f"the model of `{made.qualified}` has no `{column.name}`, which is NOT NULL and has no server default"
    related = (Place(column.origin.path, column.origin.span, f"`{column.name}` is made here"),)
    help_text = "every INSERT of the model fails: add the attribute, or drop the column in a revision"
    return Diagnostic(table.origin.path, table.origin.span, message, related, help_text)


def _nullable(drift: Drift) -> Diagnostic:
    column, database = drift.model, drift.database
    assert column is not None
    assert database is not None
    words = {True: "may be NULL", False: "is NOT NULL"}
    ours, theirs = words[bool(column.nullable)], words[bool(database.nullable)]
    message = f"`{drift.table.name}.{column.name}` {ours} in the model and {theirs} after the last revision"
    related = (Place(database.origin.path, database.origin.span, f"it {theirs} here"),)
    return Diagnostic(column.origin.path, column.origin.span, message, related, severity=Severity.WARNING)


def _type(drift: Drift) -> Diagnostic:
    column, database = drift.model, drift.database
    assert column is not None
    assert database is not None
    ours, theirs = family(column.type), family(database.type, drift.history.catalog)
    message = f"`{drift.table.name}.{column.name}` is {column.type} in the model and {database.type} in the database"
    if str(column.type) == str(database.type):
        message = f"`{drift.table.name}.{column.name}` is {ours} in the model and {theirs} in the database"
    related = (Place(database.origin.path, database.origin.span, f"{database.type} here"),)
    return Diagnostic(column.origin.path, column.origin.span, message, related, severity=Severity.WARNING)


def _created(made: Table) -> Place:
    return Place(made.origin.path, made.origin.span, f"`{made.name}` is created here")


_TEXTS = {
    "table": _table,
    "column": _column,
    "unknown-column": _unknown_column,
    "nullable": _nullable,
    "type": _type,
}
