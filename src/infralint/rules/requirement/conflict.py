"""requirement-conflict: two requirements of one install that no version satisfies."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.facts.requirements import Requirement
from infralint.findings import Diagnostic, Place
from infralint.project.project import Project
from infralint.project.requirement_conflicts import PlacedConflict
from infralint.project.requirements import Asked
from infralint.project.requirements.conflicts import address


def check(project: Project) -> Iterator[Diagnostic]:
    """Every pair, at the later of the two."""
    for placed in project.requirement_conflicts:
        first, second = placed.conflict.first, placed.conflict.second
        if second.constraint:
            # A constraint is met: what it contradicts is the requirement.
            first, second = second, first
        yield Diagnostic(
            second.path, second.requirement.span, _message(first, second), tuple(_related(first, second, placed))
        )


def _message(first: Asked, second: Asked) -> str:
    wanted, other = _shown(second.requirement), _shown(first.requirement)
    if first.constraint:
        return f"`{wanted}` contradicts the constraint `{other}`"
    if wanted == other:
        return f"`{wanted}` is asked for from two places"
    return f"`{wanted}` contradicts `{other}`, which is installed with it"


def _shown(requirement: Requirement) -> str:
    if requirement.url:
        return f"{requirement.name} @ {address(requirement.url)}"
    return f"{requirement.name}{requirement.specifier}"


def _related(first: Asked, second: Asked, placed: PlacedConflict) -> Iterator[Place]:
    yield Place(first.path, first.requirement.span, f"`{_shown(first.requirement)}` is asked for here")
    seen = set()
    for asked in (first, second):
        for path, span in asked.includes:
            if (path, span) not in seen:
                seen.add((path, span))
                yield Place(path, span, "the file is included here")
    if placed.installed is not None and placed.installed[0] not in (first.path, second.path):
        yield Place(*placed.installed, "both are installed here")
