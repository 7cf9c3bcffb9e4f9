"""Whether a version can fit several specifiers at once (PEP 440, "Version specifiers").

Specifiers cut the line of versions at the versions that they name, and nowhere else. So a version that fits all of them
exists only if one of these does: a named version, one next to it on either side, or one of no importance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.specifiers import Specifier
    from packaging.version import Version

# A part of a release that no project has used, so that it lies between any two versions that are named.
_HUGE = 10**9


@lru_cache(maxsize=4096)
def exclude_each_other(first: str, second: str) -> bool:
    """Whether no version at all fits both specifiers; False also where that cannot be decided."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion

    try:
        parts = [*SpecifierSet(first), *SpecifierSet(second)]
    except InvalidSpecifier:
        return False
    if any(part.operator == "===" for part in parts):
        return _arbitrary_excluded(parts)
    try:
        candidates = {candidate for part in parts for candidate in _near(part.version)}
    except InvalidVersion:
        return False
    return not any(all(part.contains(candidate, prereleases=True) for part in parts) for candidate in candidates)


@lru_cache(maxsize=65536)
def may_lie_between(specifier: str, since: str, last: str, until: str, newest: str) -> bool:
    """Whether the version that fits a specifier may be one between `since` and `until` ("" = no bound).

    `last` is one of those. A resolver takes the newest version, so that where this one fits, or nothing is asked, only
    those count that are of one series with it: what limits the version elsewhere does so within a series.
    """
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion, Version

    try:
        newest_version = Version(newest)
        if SpecifierSet(specifier).contains(newest_version, prereleases=True):
            return _series(Version(last)) == _series(newest_version)
    except (InvalidSpecifier, InvalidVersion):
        return True
    bounds = ",".join([f">{since}"] * bool(since) + [f"<{until}"] * bool(until))
    return not bounds or not exclude_each_other(specifier, bounds)


def _series(version: Version) -> tuple[int, ...]:
    """Versions that promise to fit each other: of one major number, before 1.0 of one minor number."""
    return (version.epoch, *version.release[: 1 if version.release[0] else 2])


def _arbitrary_excluded(parts: Iterable[Specifier]) -> bool:
    """`===` compares text: the texts decide, and what the others say of the one that is left."""
    from packaging.version import InvalidVersion, Version

    listed = list(parts)
    texts = {part.version.lower() for part in listed if part.operator == "==="}
    if len(texts) > 1:
        return True
    try:
        version = Version(texts.pop())
    except InvalidVersion:
        return False
    return not all(part.contains(version, prereleases=True) for part in listed if part.operator != "===")


def _near(written: str) -> Iterator[Version]:
    """A version that a specifier names, and those next to it that other specifiers may tell from it."""
    from packaging.version import Version

    version = Version(re.sub(r"\.\*$", "", written))
    yield version
    epoch = f"{version.epoch}!" if version.epoch else ""
    release = ".".join(map(str, version.release))
    padded = version.release + (0,) * (6 - len(version.release))
    above = ".".join(map(str, (*padded[:-1], padded[-1] + 1)))
    yield Version(f"{epoch}{release}.dev0")
    yield Version(f"{epoch}{release}a0.dev0")
    yield Version(f"{epoch}{release}rc{_HUGE}")
    yield Version(f"{epoch}{release}")
    yield Version(f"{epoch}{release}.post{_HUGE}")
    yield Version(f"{epoch}{above}")
    if version.pre is not None:
        kind, number = version.pre
        yield Version(f"{epoch}{release}{kind}{number}.post{_HUGE}")
        yield Version(f"{epoch}{release}{kind}{number + 1}.dev0")
    if version.post is not None:
        yield Version(f"{epoch}{release}.post{version.post + 1}.dev0")
    yield from (Version(f"{epoch}{below}") for below in _below(version.release))
    for length in range(1, len(version.release) + 1):
        yield Version(f"{epoch}{'.'.join(map(str, version.release[:length]))}.{_HUGE}")
    yield Version(f"{version.epoch + 1}!0")
    yield Version("0.dev0")


def _below(release: tuple[int, ...]) -> Iterator[str]:
    """Releases right below: 1.2.3 has 1.2.2.<huge>, 1.1.<huge> and 0.<huge>."""
    for at in range(len(release) - 1, -1, -1):
        if release[at] > 0:
            yield ".".join(map(str, (*release[:at], release[at] - 1, _HUGE)))
