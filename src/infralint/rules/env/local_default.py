"""env-local-default: a default that points at the container itself, in a deployment that does not set the variable."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.environment import LocalDefault
from infralint.project.project import Project
from infralint.rules.env._words import listed, places


def check(project: Project) -> Iterator[Diagnostic]:
    """Report defaults on localhost where another deployment or a container beside shows what is meant."""
    for found in project.environment.local_defaults:
        yield Diagnostic(
            found.read.path,
            found.read.span,
            f"`{found.read.name}` falls back to `{found.read.default}`: {listed(found.deployments)} does not set it",
            (*places(found.deployments, "{} does not set it"), _evidence(found)),
            f"set `{found.read.name}` there, or give it no default, so that a missing address is seen at once",
        )


def _evidence(found: LocalDefault) -> Place:
    if found.other is not None:
        return Place(found.other.path, found.other.span, "another deployment of the same program sets it here")
    assert found.beside is not None
    return Place(found.beside.path, found.beside.span, f"{found.beside.title} is not on the same host")
