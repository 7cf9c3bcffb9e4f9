"""The names of unittest.mock, and which identifier is a slip of one of them."""

from __future__ import annotations

import re
from functools import lru_cache

from infralint.likeness import distance

# Library reference, "unittest.mock": public names of Python 3.10 to 3.14.
NAMES = frozenset(
    {
        "ANY", "AsyncMock", "DEFAULT", "FILTER_DIR", "MagicMock", "Mock", "NonCallableMagicMock", "NonCallableMock",
        "PropertyMock", "ThreadingMock", "call", "create_autospec", "mock_open", "patch", "seal", "sentinel",
    }
)  # fmt: skip

# The names that a slip is looked for. Short ones (`call`, `patch`, `seal`) are left out, since other words are as
# near to them: `path`, `match`, `all`.
_SLIPS_OF = ("AsyncMock", "MagicMock", "NonCallableMagicMock", "NonCallableMock", "PropertyMock", "ThreadingMock",
             "create_autospec", "mock_open", "sentinel")  # fmt: skip
_CANDIDATE = re.compile(r"\b(?:Ma|MA|ma|As|NonC|Non_|Prop|Thread|Mo|Mc|cr|mock_|moc|sent)\w{2,22}\b")
_SLIPS_OF_MOCK = frozenset({"Mok", "Moc", "Mcok", "Mokc", "Moock", "Mocck", "Mockk", "MOck"})


@lru_cache(maxsize=65536)
def meant(name: str) -> str | None:
    """The name of unittest.mock that `name` is a slip of; None when it is one of them, or like none of them."""
    if name in NAMES or name.startswith("_"):
        return None
    if name in _SLIPS_OF_MOCK:
        return "Mock"
    ranked = sorted((distance(name, known), known) for known in _SLIPS_OF)
    off, known = ranked[0]
    if off <= 2 or (off == 3 and name[:5] == known[:5] and name[:5] in ("Magic", "Async")):
        return known
    return known if name.casefold() == known.casefold() else None


def slips_in(text: str) -> list[int]:
    """Offsets of identifiers in a text that are slips of a name of unittest.mock."""
    return [match.start() for match in _CANDIDATE.finditer(text) if meant(match[0])]
