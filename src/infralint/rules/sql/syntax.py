"""sql-syntax: SQL that no server's grammar takes."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """The first fault of each statement that is executed, where the project's servers are known."""
    if "other" in project.sql_dialects.all or not any(found.is_ours for found in project.sql_findings):
        return
    for found in project.sql_findings:
        for fault in found.faults:
            yield Diagnostic(found.path, fault.span, fault.reason)
