"""sql-unknown-table: SQL names a table that nothing in the project declares, or that its query does not read."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.project import Project
from infralint.project.table_names import UnknownTable, unknown_tables


def check(project: Project) -> Iterator[Diagnostic]:
    """Tables that are absent, and qualifiers that mean nothing."""
    findings = project.sql_findings
    tables = unknown_tables([found.tables for found in findings], project)
    for unknown in (*tables, *(each for found in findings for each in found.qualifiers)):
        near = project.table_places.get(unknown.near) if unknown.near and not unknown.qualifier else None
        related = (Place(*near, f"`{unknown.near}` is created here"),) if near else ()
        yield Diagnostic(unknown.path, unknown.span, _message(unknown), related, _help(unknown))


def _message(unknown: UnknownTable) -> str:
    if unknown.qualifier:
        return f"nothing in this query is called `{unknown.name}`"
    return f"nothing declares a table `{unknown.name}`"


def _help(unknown: UnknownTable) -> str | None:
    if unknown.near is None:
        return None
    return f"it is called `{unknown.near}` here" if unknown.hidden else f"did you mean `{unknown.near}`?"
