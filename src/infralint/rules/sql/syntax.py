"""sql-syntax: SQL that no server's grammar takes."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic
from infralint.project.project import Project
from infralint.project.queries import Statement


def check(project: Project) -> Iterator[Diagnostic]:
    """The first fault of each statement that is executed, where the project's servers are known."""
    statements = [statement for statement in project.queries.judged() if statement.facts.executed]
    if "other" in project.sql_dialects.all or not any(statement.names_a_table for statement in statements):
        return
    sound = [statement for statement in statements if not statement.facts.faults]
    for statement in statements:
        if any(_shares_words(statement, other) for other in sound if other.path == statement.path):
            # Another reading of the text is right: not every combination of branches can be.
            continue
        for fault in statement.facts.faults:
            # A .sql file may hold the beginning of a statement, or queries that a program takes apart.
            if not (fault.at_end and not statement.path.endswith(".py")):
                yield Diagnostic(statement.path, fault.span, fault.reason)


def _shares_words(statement: Statement, other: Statement) -> bool:
    """Whether two statements stand in the same characters: readings of one text that branches put together."""
    left, right = statement.facts.span, other.facts.span
    return bool(statement.facts.faults) and left.start < right.end and right.start < left.end
