"""Requirements of one install that no version can satisfy together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from infralint.project.requirements.sets import Asked, RequirementSet


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two requirements of one distribution that contradict each other. `second` is the later one, and is underlined."""

    first: Asked
    second: Asked


def conflicts(sets: Iterable[RequirementSet]) -> tuple[Conflict, ...]:
    """The contradictions among all that ONE run of an installer is asked for: its files, its words, its constraints.

    Only what can be shown: markers that may hold together, and versions that exclude each other.
    """
    raise NotImplementedError
