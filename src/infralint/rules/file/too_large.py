"""Files larger than any that people write."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic
from infralint.project.project import Project
from infralint.rules.file._problems import problems


def check(project: Project) -> Iterator[Diagnostic]:
    """One finding a file."""
    return problems(
        project,
        "too-large",
        "this file is too large: {reason}",
        "what it may declare counts as unknown: exclude it if it is data",
    )
