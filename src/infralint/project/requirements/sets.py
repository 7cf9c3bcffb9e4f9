"""Sets of requirements: what one install asks for and what it brings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from infralint.facts.requirements import Requirement
from infralint.project.requirements.environment import CONTAINER, MarkerEnvironment
from infralint.source import Span


@dataclass(frozen=True, slots=True)
class Asked:
    """A requirement with the file that writes it.

    `constraint`: it installs nothing, and limits the version (`-c`). `includes`: the places that lead to the file, the
    outermost first, as (path, span of the included name). `holds`: False = its marker may fail where it is installed.
    """

    requirement: Requirement
    path: str
    constraint: bool = False
    includes: tuple[tuple[str, Span], ...] = ()
    holds: bool = True


@dataclass(frozen=True, slots=True)
class Provided:
    """A distribution that an install brings.

    `version`: the exact one, "" where the resolver chooses; `specifier`: what is asked of it. `path` and `span`: the
    requirement that asks for it, or for the first of the `because` chain, which leads from there to it (empty: it is
    asked for itself). `certain`: it is installed in every environment that is possible here; else perhaps.
    """

    distribution: str
    version: str
    specifier: str
    path: str
    span: Span
    because: tuple[str, ...] = ()
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Missing:
    """A file that an include names and that is not there.

    `path` and `span`: the name in the file that includes it, `written` as it stands there; `target`: the path that is
    looked for. `constraint`: it was to be a constraint file.
    """

    path: str
    span: Span
    target: str
    written: str
    constraint: bool = False


@dataclass(frozen=True, slots=True)
class RequirementSet:
    """What one run of an installer asks for, with everything that it brings along.

    `provided` is keyed by normalised name. `open`: reasons why more than that may be installed; empty = `provided`
    holds every distribution there can be. `projects`: folders of the tree whose own packages are installed with it.
    `missing`: included files that are not there, so that the install fails.
    """

    asked: tuple[Asked, ...] = ()
    provided: Mapping[str, Provided] = field(default_factory=dict)
    open: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    environment: MarkerEnvironment = CONTAINER
