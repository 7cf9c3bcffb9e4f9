"""The lock file that decides what a project installs."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from infralint.facts.files import FileFacts
from infralint.facts.requirements import Lock, RequirementFacts

_NAMES = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock")


@dataclass(frozen=True, slots=True)
class PlacedLock:
    """A lock and the file that holds it."""

    path: str
    lock: Lock


def lock_of(files: Mapping[str, FileFacts], folder: str) -> PlacedLock | None:
    """The lock of the project in a folder: beside it, or that of the uv workspace that it is a member of."""
    for name in _NAMES:
        found = _lock_at(files, posixpath.join(folder, name))
        if found is not None:
            return found
    for root in _above(folder):
        facts = _facts(files, posixpath.join(root, "pyproject.toml"))
        if facts is not None and is_member(facts, root, folder):
            return _lock_at(files, posixpath.join(root, "uv.lock"))
    return None


def is_member(facts: RequirementFacts, root: str, folder: str) -> bool:
    """Whether a folder is a member of the uv workspace whose root is `root` (uv manual, "Using workspaces")."""
    inside = posixpath.relpath(folder or ".", root or ".")
    return _matches(facts.members, inside) and not _matches(facts.left_out, inside)


def _matches(globs: Iterable[str], folder: str) -> bool:
    return any(_fits(posixpath.normpath(glob).split("/"), folder.split("/")) for glob in globs)


def _fits(pattern: list[str], parts: list[str]) -> bool:
    from fnmatch import fnmatchcase

    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_fits(pattern[1:], parts[at:]) for at in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _fits(pattern[1:], parts[1:])


def _above(folder: str) -> Iterator[str]:
    while folder:
        folder = posixpath.dirname(folder)
        yield folder


def _lock_at(files: Mapping[str, FileFacts], path: str) -> PlacedLock | None:
    facts = _facts(files, path)
    return PlacedLock(path, facts.lock) if facts is not None and facts.lock is not None else None


def _facts(files: Mapping[str, FileFacts], path: str) -> RequirementFacts | None:
    facts = files.get(path)
    return None if facts is None else facts.requirements
