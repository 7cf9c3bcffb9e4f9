"""The nearest valid name to a wrong one: for messages that say "did you mean ...?"."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

# difflib's own default for get_close_matches: below it a suggestion puzzles more than it helps.
_CLOSE = 0.6


def nearest(wrong: str, names: Iterable[str]) -> str | None:
    """The name that is most like `wrong`, whatever the case and `_` for `-`; None when none is close."""
    folded = _fold(wrong)
    rated = [(SequenceMatcher(None, folded, _fold(name)).ratio(), name) for name in names]
    best = max(rated, key=lambda pair: (pair[0], pair[1]), default=(0.0, ""))
    return best[1] if best[0] >= _CLOSE else None


def suggestion(wrong: str, names: Iterable[str]) -> str:
    """`; did you mean `name`?`, or nothing."""
    found = nearest(wrong, names)
    return f"; did you mean `{found}`?" if found else ""


def _fold(name: str) -> str:
    return name.casefold().replace("_", "-")
