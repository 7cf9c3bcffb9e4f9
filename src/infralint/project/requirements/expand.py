"""What the distributions that are asked for bring along: by a lock file, else by the table of distributions."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from infralint.data.distributions import Brought, DistributionTable
from infralint.facts.requirements import Lock, LockedPackage, LockedRequirement, Requirement
from infralint.project.requirements.environment import MarkerEnvironment
from infralint.project.requirements.markers import holds
from infralint.project.requirements.sets import Asked, Provided
from infralint.project.requirements.versions import may_lie_between

_PIN = re.compile(r"===?\s*([^,*]+)")


@dataclass(frozen=True, slots=True)
class _Step:
    """A distribution that is brought, and why."""

    name: str
    extras: tuple[str, ...]
    chain: tuple[str, ...]
    asked: Asked
    certain: bool
    version: str = ""
    specifier: str = ""


# What a distribution requires with some extras, in an exact version or one that fits a specifier ("" = not known):
# what it brings, and reasons why there may be more.
Requires = Callable[[str, tuple[str, ...], str, str], "tuple[list[Brought], list[str]]"]


def pinned(requirement: Requirement) -> str:
    """The version that a requirement pins; "" where it leaves a choice."""
    match = _PIN.fullmatch(requirement.specifier)
    return match[1].strip() if match else ""


class Expansion:
    """Follows what is asked for to all that is installed."""

    def __init__(self, requires: Requires, version_of: Callable[[str], str] = lambda name: "") -> None:
        """`version_of`: the version of a distribution that is asked for, where a lock tells it."""
        self._requires = requires
        self._version_of = version_of
        self.provided: dict[str, Provided] = {}
        self.open: list[str] = []
        self._extras: dict[str, set[str]] = {}

    def follow(self, asked: Iterable[Asked]) -> None:
        """Add what these bring; what is asked for itself comes before what is brought along."""
        wanted = [each for each in asked if each.requirement.name and not each.constraint]
        queue = deque(self._first(each) for each in wanted)
        while queue:
            queue.extend(self._take(queue.popleft()))

    def _first(self, asked: Asked) -> _Step:
        requirement = asked.requirement
        version = self._version_of(requirement.name)
        return _Step(requirement.name, requirement.extras, (), asked, asked.holds, version, requirement.specifier)

    def _take(self, step: _Step) -> Iterator[_Step]:
        before = self.provided.get(step.name)
        known_extras = self._extras.setdefault(step.name, set())
        is_new = before is None or (step.certain and not before.certain)
        if is_new:
            self.provided[step.name] = _provided(step)
        new_extras = tuple(extra for extra in step.extras if extra not in known_extras)
        if not is_new and not new_extras:
            return
        known_extras.update(new_extras)
        brings, reasons = self._requires(step.name, tuple(sorted(known_extras)), step.version, step.specifier)
        self.open.extend(reasons)
        chain = (*step.chain, step.name)
        for each in brings:
            yield _Step(each.name, each.extras, chain, step.asked, step.certain and each.certain, each.version)


def _provided(step: _Step) -> Provided:
    requirement = step.asked.requirement
    direct = not step.chain
    version = step.version or (pinned(requirement) if direct else "")
    specifier = requirement.specifier if direct else ""
    return Provided(step.name, version, specifier, step.asked.path, requirement.span, step.chain, step.certain)


@dataclass(frozen=True, slots=True)
class ByTable:
    """What the table of distributions, the settings and the projects of the tree say.

    `added`: what the settings say of distributions that no table knows. `complete`: every distribution is listed where
    it is asked for (a compiled file), so that what the table does not know is there already.
    """

    table: DistributionTable
    added: Mapping[str, tuple[str, ...]]
    environment: MarkerEnvironment
    complete: bool = False

    def __call__(
        self, name: str, extras: tuple[str, ...], version: str, specifier: str
    ) -> tuple[list[Brought], list[str]]:
        if name in self.added:
            return [Brought(each, (), True) for each in self.added[name]], []
        found = self.table.brings(
            name,
            extras,
            lambda marker: holds(marker, self.environment),
            lambda since, last, until, newest: may_lie_between(specifier, since, last, until, newest),
        )
        if self.complete:
            return list(found or ()), []
        if found is None:
            return [], [f"what `{name}` brings along is not known"]
        unknown = [extra for extra in extras if not self.table.knows_extra(name, extra)]
        return list(found), [f"what `{name}[{extra}]` brings along is not known" for extra in unknown]


class ByLock:
    """What a lock file says; of what it does not hold, nothing is known."""

    def __init__(self, lock: Lock, path: str, environment: MarkerEnvironment) -> None:
        self._environment = environment
        self._path = path
        self._packages: dict[str, list[LockedPackage]] = {}
        for package in lock.packages:
            if holds(package.marker, environment) is not False:
                self._packages.setdefault(package.name, []).append(package)

    def __call__(
        self, name: str, extras: tuple[str, ...], version: str, specifier: str
    ) -> tuple[list[Brought], list[str]]:
        found = self.packages(name, version)
        if not found:
            return [], [f"`{self._path}` does not hold `{name}`"]
        brought: list[Brought] = []
        for package in found:
            listed = [*package.requires, *(each for extra in extras for each in package.extras.get(extra, ()))]
            brought.extend(self._brought(listed, extras, alone=len(found) == 1))
        return brought, []

    def packages(self, name: str, version: str = "") -> list[LockedPackage]:
        """The packages of a name that may be the one that is installed."""
        found = self._packages.get(name, [])
        return [package for package in found if not version or package.version == version] or found

    def version_of(self, name: str) -> str:
        """The version of a distribution; "" where the lock holds several or none."""
        versions = {package.version for package in self._packages.get(name, ())}
        return versions.pop() if len(versions) == 1 else ""

    def _brought(
        self, listed: Iterable[LockedRequirement], extras: tuple[str, ...], *, alone: bool
    ) -> Iterator[Brought]:
        for each in listed:
            answer = holds(each.marker, self._environment, extras)
            # What a lock does not hold is ruled out by its own resolver.
            packages = self.packages(each.name, each.version)
            if answer is not False and packages:
                version = packages[0].version if len(packages) == 1 else ""
                yield Brought(each.name, each.extras, answer is True and alone, version)
