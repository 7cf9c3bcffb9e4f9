"""env-unset-variable: deployed code needs a variable that none of its deployments sets."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Severity
from infralint.project.environment import Unset
from infralint.project.project import Project
from infralint.rules.env._words import listed, places, shown


def check(project: Project) -> Iterator[Diagnostic]:
    """Report reads that fail: at once where they run at import, else when the function is called."""
    for found in project.environment.unset:
        yield Diagnostic(
            found.read.path,
            found.read.span,
            _message(found),
            tuple(places(found.deployments, "{} does not set it")),
            _help(found),
            severity=None if found.certain else Severity.WARNING,
        )


def _message(found: Unset) -> str:
    name, where = shown(found.read), listed(found.deployments)
    if not found.certain:
        return f"{name} has no default here, and no deployment sets it: {where} runs this module without it"
    verb = "fail" if len(found.deployments) > 1 else "fails"
    return f"{name} has no default here, and is not set: {where} {verb} at start"


def _help(found: Unset) -> str:
    if found.near is not None:
        return f"`{found.near.name}` is set, and nothing reads it: is that the one?"
    return f"set `{found.read.name}` in the deployment, or give it a default"
