"""Files that their parser refuses."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic
from infralint.project.project import Project
from infralint.rules.file._problems import problems


def check(project: Project) -> Iterator[Diagnostic]:
    """One finding a file."""
    return problems(
        project,
        "unparsable",
        "this file cannot be parsed: {reason}",
        "what it may declare beyond this counts as unknown: repair it or exclude it",
    )
