"""Requirements of one install that no version can satisfy together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from infralint.facts.text import HOLE
from infralint.project.requirements.environment import MarkerEnvironment
from infralint.project.requirements.markers import always_together
from infralint.project.requirements.sets import Asked, RequirementSet
from infralint.project.requirements.versions import exclude_each_other

_CREDENTIALS = re.compile(r"(?<=://)[^/@]*@")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two requirements of one distribution that contradict each other. `second` is the later one, and is underlined."""

    first: Asked
    second: Asked


def conflicts(sets: Iterable[RequirementSet]) -> tuple[Conflict, ...]:
    """The contradictions among all that ONE run of an installer is asked for: its files, its words, its constraints.

    Only what can be shown: markers that may hold together, and versions that exclude each other. Of several
    contradictions about one distribution the first is told.
    """
    listed = list(sets)
    by_name: dict[str, list[Asked]] = {}
    for asked in dict.fromkeys(asked for each in listed for asked in each.asked):
        if asked.requirement.name:
            by_name.setdefault(asked.requirement.name, []).append(asked)
    environment = listed[0].environment if listed else MarkerEnvironment()
    found = (next(_among(group, environment), None) for group in by_name.values())
    return tuple(conflict for conflict in found if conflict is not None)


def _among(asked: list[Asked], environment: MarkerEnvironment) -> Iterator[Conflict]:
    for first, second in combinations(asked, 2):
        # Two constraints contradict each other in vain while nothing asks for what they limit.
        if not (first.constraint and second.constraint) and _contradict(first, second, environment):
            yield Conflict(first, second)


def _contradict(first: Asked, second: Asked, environment: MarkerEnvironment) -> bool:
    left, right = first.requirement, second.requirement
    if left.open or right.open or not (_versions(first, second) or _addresses(first, second)):
        return False
    return always_together(left.marker, right.marker, environment)


def _versions(first: Asked, second: Asked) -> bool:
    left, right = first.requirement.specifier, second.requirement.specifier
    return bool(left and right) and exclude_each_other(left, right)


def _addresses(first: Asked, second: Asked) -> bool:
    """Whether they are taken from two places, which pip refuses whatever is there."""
    left, right = (address(each.requirement.url) for each in (first, second))
    return bool(left and right) and left != right and HOLE not in left + right


def address(url: str) -> str:
    """A URL without what does not change what it leads to."""
    return _CREDENTIALS.sub("", url).partition("#")[0].rstrip("/")


__all__ = ["Conflict", "address", "conflicts"]
