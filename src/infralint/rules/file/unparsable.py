"""Files that their parser refuses."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic
from infralint.project.places import is_template
from infralint.project.project import Project
from infralint.rules.file._problems import problems


def check(project: Project) -> Iterator[Diagnostic]:
    """One finding a file; none for a template of one."""
    found = problems(
        project,
        "unparsable",
        "this file cannot be parsed: {reason}",
        "what it may declare beyond this counts as unknown: repair it or exclude it",
    )
    return (diagnostic for diagnostic in found if not is_template(diagnostic.path))
