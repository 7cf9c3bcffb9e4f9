"""env-unused-variable: a deployment sets a variable that nothing in its image reads."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.environment import Unused
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """Report settings that no module of the process reads, nor a library that is known for it."""
    for found in project.environment.unused:
        yield Diagnostic(
            found.setting.path,
            found.setting.span,
            f"`{found.setting.name}` is set for {found.deployment.title}, and nothing reads it",
            tuple(_starts(found)),
            "take it away, or read it",
        )


def _starts(found: Unused) -> Iterator[Place]:
    for start in found.deployment.starts[:1]:
        yield Place(start.path, start.span, f"`{start.written}` is what it runs")
