"""Backups and duplicate snapshots: copies of the project beside it, which would declare everything twice.

What is left out is unknown to every rule, so a folder goes only on evidence: a name that says backup,
and a date in it or files that are largely those of the tree beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

_WORD = r"backups?|bak|bkp|old|orig|snapshots?|archived?|copy"
_NAME = re.compile(rf"(?:^|[-_. ])(?:{_WORD})(?=[-_. \d(]|$)|~$", re.IGNORECASE)
_STEM = re.compile(rf"^(.+?)[-_. ]+(?:{_WORD})(?=[-_. \d(]|$)|^(.+)~$", re.IGNORECASE)
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d([-_.]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?!\d{3})")
# Endings that editors and merge tools write, and infixes that no module can have. `backup` is not among the
# endings: a Dockerfile.backup, and a docker-compose.backup.yml, may be those of a backup service.
_BACKUP_FILE = re.compile(r"\.(?:bak|bkp|orig|old|save|rej)$|~$|\.(?:bak|bkp|backup|orig|old)\.py$", re.IGNORECASE)
# What file managers make of a second copy: `models copy.py`, `models - Copy (2).py`, `models (1).py`.
_COPIED_FILE = re.compile(r"^(.+?)(?: - copy| copy)?(?: \(\d+\)| \d+)?(\.\w+)$", re.IGNORECASE)

_MAX_FILES = 200
_MAX_BYTES = 200_000

Read = Callable[[str, int], bytes]


def backups(files: Iterable[str], read: Read) -> tuple[frozenset[str], frozenset[str]]:
    """Folders (ending in "/") and single files that are copies of others.

    `read(path, limit)` gives a file's first bytes and may raise OSError.
    """
    paths = frozenset(files)
    folders: set[str] = set()
    for folder in sorted(_named_folders(paths)):
        if not folder.startswith(tuple(folders)) and _is_backup(folder, paths, read):
            folders.add(folder)
    single = {path for path in paths if _is_backup_file(path, paths)}
    return frozenset(folders), frozenset(single)


def _named_folders(paths: frozenset[str]) -> Iterator[str]:
    """The folders whose own name says backup."""
    direct = {path.rpartition("/")[0] for path in paths}
    for folder in {outer for inner in direct for outer in _with_parents(inner)}:
        if _NAME.search(folder.rpartition("/")[2]):
            yield f"{folder}/"


def _with_parents(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]


def _is_backup(folder: str, paths: frozenset[str], read: Read) -> bool:
    parent, _, name = folder.rstrip("/").rpartition("/")
    if _DATE.search(name):
        return True
    inner = sorted(path[len(folder) :] for path in paths if path.startswith(folder))[:_MAX_FILES]
    if stem := _STEM.match(name):
        beside = f"{parent}/{stem[1] or stem[2]}/".lstrip("/")
        if _counterparts(inner, beside, paths) * 2 > len(inner):
            return True
    bases = {f"{parent}/".lstrip("/"), ""}
    return any(_is_copy(folder, inner, base, paths, read) for base in sorted(bases))


def _counterparts(inner: list[str], base: str, paths: frozenset[str]) -> int:
    return sum(base + path in paths for path in inner)


def _is_copy(folder: str, inner: list[str], base: str, paths: frozenset[str], read: Read) -> bool:
    """Whether the folder mirrors `base`: most files have a namesake there that holds most of their lines.

    Names alone prove nothing here: a service called `backup` has a main.py and a Dockerfile too.
    """
    lines = shared = 0
    if _counterparts(inner, base, paths) * 2 <= len(inner):
        return False
    for path in inner:
        if base + path in paths:
            copy = _lines(folder + path, read)
            lines += len(copy)
            shared += len(copy & _lines(base + path, read))
    return shared * 2 > lines


def _lines(path: str, read: Read) -> frozenset[bytes]:
    try:
        return frozenset(line.strip() for line in read(path, _MAX_BYTES).splitlines() if line.strip())
    except OSError:
        return frozenset()


def _is_backup_file(path: str, paths: frozenset[str]) -> bool:
    """A name that no import can reach, of a file that stands beside it (or of an editor's own making)."""
    folder, slash, name = path.rpartition("/")
    if _BACKUP_FILE.search(name):
        return True
    copied = _COPIED_FILE.match(name)
    if copied is None or copied[1] + copied[2] == name:
        return False
    return name.endswith(".py") or f"{folder}{slash}{copied[1]}{copied[2]}" in paths
