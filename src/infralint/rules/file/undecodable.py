"""Files whose bytes are not text in their encoding."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic
from infralint.project.project import Project
from infralint.rules.file._problems import problems


def check(project: Project) -> Iterator[Diagnostic]:
    """One finding a file."""
    return problems(
        project,
        "undecodable",
        "this file is no text that can be read: {reason}",
        "nothing in it was checked and what it may declare counts as unknown: save it as UTF-8 or exclude it",
    )
