"""What git leaves out (nested .gitignore files, .git/info/exclude) and what its index holds all the same."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pathspec import GitIgnoreSpec

from infralint.discover_tree import Tree
from infralint.patterns import spec_of

_INDEX_HEADER = struct.Struct(">4sII")
# gitformat-index(5), git 2.45: ten 32-bit fields and a SHA-1 before the 16 bits of flags.
_FLAGS_AT = 60
_EXTENDED = 0x4000


@dataclass(frozen=True, slots=True)
class IgnoreFile:
    """The patterns of one ignore file, and the folder ("" or ending in "/") that they speak of."""

    folder: str
    spec: GitIgnoreSpec


# The ignore files that speak of a folder's entries, outermost first.
Ignores = tuple[IgnoreFile, ...]


def read_ignores(tree: Tree, path: str, folder: str) -> Ignores:
    """The ignore file at `path`, whose patterns speak of `folder`; none where it cannot be read."""
    try:
        lines = tree.read(path).decode("utf-8", "surrogateescape").splitlines()
    except OSError:
        return ()
    spec = spec_of(line for line in lines if line.strip() and not line.startswith("#"))
    return (IgnoreFile(f"{folder}/" if folder else "", spec),) if len(spec) else ()


def is_ignored(ignores: Ignores, path: str) -> bool:
    """Whether a path (a folder's ends in "/") is ignored: the innermost file that speaks of it decides."""
    for ignore in reversed(ignores):
        verdict = ignore.spec.check_file(path[len(ignore.folder) :]).include
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
        return frozenset(_index_paths(tree.read(".git/index")))
    except (OSError, struct.error, ValueError, IndexError):
        return frozenset()


def _index_paths(data: bytes) -> Iterable[str]:
    signature, version, count = _INDEX_HEADER.unpack_from(data)
    if signature != b"DIRC" or version not in (2, 3, 4):
        return
    at, previous = _INDEX_HEADER.size, b""
    for _ in range(count):
        flags = struct.unpack_from(">H", data, at + _FLAGS_AT)[0]
        start = at + _FLAGS_AT + (4 if version > 2 and flags & _EXTENDED else 2)
        if version == 4:
            dropped, start = _varint(data, start)
            end = data.index(b"\0", start)
            name = previous[: len(previous) - dropped] + data[start:end]
            at = end + 1
        else:
            end = data.index(b"\0", start)
            name = data[start:end]
            at += (end - at + 8) & ~7
        yield name.decode("utf-8", "surrogateescape")
        previous = name


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The offset encoding of pack files, and where it ends."""
    value = data[at] & 0x7F
    while data[at] & 0x80:
        at += 1
        value = ((value + 1) << 7) | (data[at] & 0x7F)
    return value, at + 1
