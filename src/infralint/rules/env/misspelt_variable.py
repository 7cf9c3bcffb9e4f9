"""env-misspelt-variable: the code reads a variable that its deployments set under another name."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.environment import Misspelt
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """Report reads of a name that no deployment of the code sets, while one sets a slip of it that nothing reads."""
    for found in project.environment.misspelt:
        yield Diagnostic(
            found.read.path,
            found.read.span,
            f"`{found.read.name}` is read here, and {found.deployment.title} sets `{found.setting.name}`, "
            "which nothing reads",
            (Place(found.setting.path, found.setting.span, f"`{found.setting.name}` is set here"),),
            _help(found),
        )


def _help(found: Misspelt) -> str:
    return f"give both the same name: `{found.read.name}` or `{found.setting.name}`"
