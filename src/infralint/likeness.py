"""Which known name somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache


@lru_cache(maxsize=65536)
def distance(left: str, right: str, limit: int = 3) -> int:
    """Edits (insert, delete, replace, swap neighbours) between two names; `limit` + 1 when there are more.

    This is the optimal string alignment distance.
    """
    # An edit brings or takes one letter: more letters of one's own than that, and there are more edits.
    if abs(len(left) - len(right)) > limit or len({*left} - {*right}) > limit or len({*right} - {*left}) > limit:
        return limit + 1
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        current = [i]
        for j, b in enumerate(right, 1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return limit + 1
        before, previous = previous, current
    return min(previous[-1], limit + 1)


def near(name: str, known: Iterable[str]) -> list[str]:
    """The known names that are like `name`, the most like first.

    A third of the letters may differ, at most three, and letter case costs nothing.
    """
    allowed = min(3, max(1, len(name) // 3))
    folded = name.casefold()
    ranked = sorted((distance(folded, other.casefold()), other) for other in set(known) if other != name)
    return [other for edits, other in ranked if edits <= allowed]


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like `name`; None when none is like it."""
    return next(iter(near(name, known)), None)


def only_near(name: str, known: Iterable[str]) -> str | None:
    """The one known name that is like `name`; None when there is none, or another one that may be meant as well."""
    found = near(name, known)
    return found[0] if len(found) == 1 else None
