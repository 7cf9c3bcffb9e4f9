"""migration-not-null-without-default: a NOT NULL column for a table that has rows already."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.migrations.history import Change, History, Step
from infralint.project.places import is_example, is_test
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """Columns that an older table's rows cannot have."""
    for history in project.migrations.histories:
        for step in history.steps:
            if not is_test(step.revision.path) and not is_example(step.revision.path):
                for change in step.changes:
                    if _fails(history, step, change):
                        yield _diagnostic(change)


def _fails(history: History, step: Step, change: Change) -> bool:
    operation, table = change.operation, change.table
    if table is None or change.made_here or not operation.certain:
        return False
    column = operation.column
    if history.dialect == "mysql" or column.nullable is not False or column.open or operation.if_not_exists:
        return False
    return not (column.server_default or column.generated) and not step.empties(table.name)


def _diagnostic(change: Change) -> Diagnostic:
    operation, table = change.operation, change.table
    assert table is not None
    column = operation.column
    message = f"`{table.name}.{column.name}` is NOT NULL without a server default, and the table's rows have no value"
    if column.default:
        message += ": `default` is Python's"
    help_text = "give it a `server_default`, or add it nullable, fill it, and set NOT NULL then"
    related = (Place(table.origin.path, table.origin.span, f"`{table.name}` is created here"),)
    return Diagnostic(column.origin.path, column.origin.span, message, related, help_text)
