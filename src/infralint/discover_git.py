"""What git leaves out (nested .gitignore files, .git/info/exclude) and what its index holds all the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infralint.discover_tree import Tree
from infralint.git_index import index_paths
from infralint.manifest import TRACKED
from infralint.patterns import spec_of

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_NAMED = re.compile(r"\(\?P<\w+>")


@dataclass(frozen=True, slots=True)
class IgnoreFile:
    """The patterns of one ignore file, and the folder ("" or ending in "/") that they speak of."""

    folder: str
    spec: GitIgnoreSpec
    # Matches where one of the patterns does: one search in place of one each, for the many paths that none speaks of.
    any_pattern: re.Pattern[str]

    def verdict(self, path: str) -> bool | None:
        """Whether a path (relative to the root) is ignored; None where no pattern speaks of it."""
        inner = path[len(self.folder) :]
        return self.spec.check_file(inner).include if self.any_pattern.search(inner) else None


# The ignore files that speak of a folder's entries, outermost first.
Ignores = tuple[IgnoreFile, ...]


def read_ignores(tree: Tree, path: str, folder: str) -> Ignores:
    """The ignore file at `path`, whose patterns speak of `folder`; none where it cannot be read."""
    try:
        lines = tree.read(path).decode("utf-8", "surrogateescape").splitlines()
    except OSError:
        return ()
    spec = spec_of(line for line in lines if line.strip() and not line.startswith("#"))
    return (IgnoreFile(f"{folder}/" if folder else "", spec, _any_pattern(spec)),) if len(spec) else ()


def _any_pattern(spec: GitIgnoreSpec) -> re.Pattern[str]:
    # The names of groups, which may come once in an expression, tell pathspec alone something.
    sources = (pattern.regex.pattern for pattern in spec.patterns if pattern.regex is not None)
    return re.compile("|".join(f"(?:{_NAMED.sub('(?:', source)})" for source in sources))


def is_ignored(ignores: Ignores, path: str) -> bool:
    """Whether a path (a folder's ends in "/") is ignored: the innermost file that speaks of it decides."""
    for ignore in reversed(ignores):
        verdict = ignore.verdict(path)
        if verdict is not None:
            return verdict
    return False


def would_be_ignored(path: str, read: Callable[[str, str], Ignores]) -> bool:
    """Whether git would ignore a file or folder (ends in "/") of this path, which need not exist.

    `read`: `read_ignores` of a tree, which may keep what it has read.
    """
    ignores = read(".git/info/exclude", "")
    folders = [path[:at] for at, letter in enumerate(path[:-1]) if letter == "/"]
    for folder in ["", *folders]:
        if folder and is_ignored(ignores, f"{folder}/"):
            return True
        ignores += read(f"{folder}/.gitignore" if folder else ".gitignore", folder)
    return is_ignored(ignores, path)


def tracked_files(tree: Tree) -> frozenset[str]:
    """The files in git's index, which no ignore pattern leaves out; empty where there is none to read."""
    known = tree.tracked()
    if known is not None:
        return known
    try:
        index = tree.read(".git/index", TRACKED)
    except OSError:
        return frozenset()
    return frozenset(path.decode("utf-8", "surrogateescape") for path in index_paths(index))
