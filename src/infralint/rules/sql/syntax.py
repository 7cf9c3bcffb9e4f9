"""sql-syntax: SQL that no server's grammar takes."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """The first fault of each statement that is executed, where the project's servers are known."""
    statements = [statement for statement in project.queries.judged() if statement.facts.executed]
    if "other" in project.sql_dialects.all or not any(statement.names_a_table for statement in statements):
        return
    for statement in statements:
        for fault in statement.facts.faults:
            # A .sql file may hold the beginning of a statement, or queries that a program takes apart.
            if not (fault.at_end and not statement.path.endswith(".py")):
                yield Diagnostic(statement.path, fault.span, fault.reason)
