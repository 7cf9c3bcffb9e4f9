"""Files and folders that the system does not let us read."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic
from infralint.project.project import Project
from infralint.rules.file._problems import problems


def check(project: Project) -> Iterator[Diagnostic]:
    """One finding a file."""
    return problems(
        project,
        "unreadable",
        "this cannot be read: {reason}",
        "nothing in it was checked and what it may declare counts as unknown: permit reading, or exclude it",
    )
