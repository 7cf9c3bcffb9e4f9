"""Which .sql files are steps of one history, in which order, and which undo what others did.

Flyway: V<version>__, R__ after all versions, U<version>__ undoes (documentation, "Migrations"). Numbers and dates
before the name are what golang-migrate, dbmate, goose, sqlx, Supabase, Diesel and Prisma (folders), yoyo and most
hand-written ones have in common; so have names of folders (`delta/58/01_x.sql`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_FLYWAY = re.compile(r"(?P<kind>[VBRU])(?P<version>\d+(?:[._]\d+)*)?__", re.ASCII)
# A version before the name: `001_`, `20200101120000_`, `2020-01-01-x`, `1.2.3.sql`, `v12_x`.
_VERSION = re.compile(r"[vV]?\d+(?=[\W_a-zA-Z]|$)", re.ASCII)
_UNDO_NAME = re.compile(
    r"(?:^|[._-])(?:down|rollback|revert|undo|downgrade)\.sql$|^(?:down|rollback|revert|undo|downgrade)[._-]|^U\d[\d._]*__",
    re.IGNORECASE,
)
_UNDO_FOLDER = re.compile(
    r"(?:^|/)(?:down|downs|rollbacks?|reverts?|undo|undos|downgrades?|for_downgrade|verify)/", re.IGNORECASE
)
_NUMBER = re.compile(r"\d+|\D+", re.ASCII)
# Names of files that are a whole schema beside a history.
BASE_NAME = re.compile(
    r"(?:^|[._-])(?:schema|structure|init|base|baseline|initial|dump|full|setup|create[_-]?(?:tables|schema|db)|tables)"
    r"(?:[._-]|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SqlHistory:
    """Files in the order in which they run, and the folder that they stand in."""

    root: str
    paths: tuple[str, ...]


def is_undo(path: str) -> bool:
    """Whether a file takes back what another did: it is not applied."""
    return bool(_UNDO_NAME.search(path.rpartition("/")[2]) or _UNDO_FOLDER.search(path))


def histories(paths: Iterable[str]) -> tuple[list[SqlHistory], list[str]]:
    """Histories among the paths of .sql files, and the files that are part of none, base schemas first."""
    groups: dict[str, list[str]] = {}
    loose: list[str] = []
    for path in sorted(paths):
        root = _root(path)
        if root is None:
            loose.append(path)
        else:
            groups.setdefault(root, []).append(path)
    found = [
        SqlHistory(root, tuple(sorted(members, key=lambda path: _key(root, path)))) for root, members in groups.items()
    ]
    return found, sorted(loose, key=lambda path: (not BASE_NAME.search(path.rpartition("/")[2]), path))


def _root(path: str) -> str | None:
    """The folder of the history that a file is a step of: the nearest that bears no version itself."""
    folder, _, name = path.rpartition("/")
    versioned = bool(_FLYWAY.match(name) or _VERSION.match(name))
    while folder:
        above, _, last = folder.rpartition("/")
        if not _VERSION.match(last):
            break
        versioned, folder = True, above
    return folder if versioned else None


def _key(root: str, path: str) -> tuple[object, ...]:
    """What sorts steps: repeatable ones last, versions as numbers, names as they are."""
    relative = path[len(root) + 1 :] if root else path
    flyway = _FLYWAY.match(relative.rpartition("/")[2])
    if flyway is not None and flyway["kind"] == "R":
        return (1, (), relative)
    if flyway is not None and flyway["version"]:
        version = tuple(int(part) for part in re.split(r"[._]", flyway["version"]))
        return (0, (*((0, number) for number in version), (0, -1)), relative)
    return (0, tuple(_parts(relative)), relative)


def _parts(text: str) -> Iterable[tuple[int, int] | tuple[int, int, str]]:
    """Runs of digits as numbers, before all other characters."""
    for part in _NUMBER.findall(text.lower()):
        yield (0, int(part)) if part.isdigit() else (1, 0, part)
