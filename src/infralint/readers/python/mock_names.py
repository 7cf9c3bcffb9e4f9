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
# The word's first letter comes before what is asked of the place: the search skips to such letters.
_CANDIDATE = re.compile(
    r"[AMNPTcms](?<!\w.)"
    r"(?:(?<=[Mm])a|(?<=M)[Aco]|(?<=A)[Ss]|(?<=N)on[C_]|(?<=P)rop|(?<=T)hread|(?<=c)r|(?<=m)ock_|(?<=m)oc|(?<=s)ent)"
    r"\w{1,22}\b"
)
# English words as near to `Mock` as its slips are: an undefined `AsyncLock` misses an import of its own.
_WORDS = frozenset(
    {
        "Back", "Block", "Book", "Chock", "Clock", "Cook", "Cork", "Deck", "Disk", "Doc", "Dock", "Docs", "Duck",
        "Flock", "Folk", "Fork", "Hack", "Hock", "Hook", "Knock", "Lack", "Link", "Loc", "Lock", "Locks", "Look",
        "Luck", "Mac", "Mack", "Mark", "Mask", "Mesh", "Mick", "Milk", "Mob", "Mobs", "Mocked", "Mocker", "Mod",
        "Mode", "Mods", "Monk", "Mood", "Moon", "Mop", "More", "Most", "Moth", "Move", "Muck", "Musk", "Neck",
        "Nook", "Oak", "Pack", "Pick", "Pock", "Pork", "Rack", "Rank", "Rock", "Sack", "Shock", "Smock", "Soak",
        "Sock", "Stock", "Tack", "Task", "Tick", "Took", "Walk", "Week", "Wok", "Work", "Yolk",
    }
)  # fmt: skip
_SLIPS_OF_MOCK = frozenset({"Mok", "Moc", "Mcok", "Mokc", "Moock", "Mocck", "Mockk", "MOck"})
# What a search and replace of a word inside of the names has left.
_REPLACED = frozenset({"AsyncNone", "MagicNone"})


@lru_cache(maxsize=65536)
def meant(name: str) -> str | None:
    """The name of unittest.mock that `name` is a slip of; None when it is one of them, or like none of them."""
    if name in NAMES or name.startswith("_"):
        return None
    if name in _SLIPS_OF_MOCK:
        return "Mock"
    off, known = min((distance(name, known), known) for known in _SLIPS_OF)
    if name.casefold() == known.casefold() or name in _REPLACED:
        return known
    return known if off <= 2 and not _is_another_word(name, known) else None


def _is_another_word(name: str, known: str) -> bool:
    """Whether a name near to a known one makes sense by itself: `mock_opener`, `AsyncLock`."""
    if name.startswith(known):
        return name != known + known[-1]
    return known.endswith("Mock") and name.startswith(known[:-4]) and name[len(known) - 4 :] in _WORDS


def slips_in(text: str) -> list[int]:
    """Offsets of identifiers in a text that are slips of a name of unittest.mock."""
    if not any(map(meant, set(_CANDIDATE.findall(text)))):
        return []
    return [match.start() for match in _CANDIDATE.finditer(text) if meant(match[0])]
