"""Which known name somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache


@lru_cache(maxsize=65536)
def distance(left: str, right: str, limit: int = 3) -> int:
    """Edits (insert, delete, replace, swap neighbours) between two names; `limit` + 1 when there are more.

    This is the optimal string alignment distance.
    """
    if abs(len(left) - len(right)) > limit:
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


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like `name`; None when none is like it.

    A third of the letters may differ, at most three, and letter case costs nothing.
    """
    allowed = min(3, max(1, len(name) // 3))
    folded = name.casefold()
    ranked = sorted((distance(folded, other.casefold()), other) for other in known if other != name)
    return ranked[0][1] if ranked and ranked[0][0] <= allowed else None
