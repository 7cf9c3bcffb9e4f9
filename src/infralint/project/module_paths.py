"""Paths of the tree, as the module graph takes them apart."""

from __future__ import annotations

from functools import lru_cache


def folder_of(path: str) -> str:
    """The folder that a path stands in, "" for the root."""
    return path.rpartition("/")[0]


def stem_of(path: str) -> str:
    """A file's name without its ending."""
    return path.rpartition("/")[2].rpartition(".")[0]


def join(folder: str, name: str) -> str:
    """A path in a folder, "" being the root."""
    return f"{folder}/{name}" if folder else name


@lru_cache(maxsize=65536)
def _above(folder: str) -> tuple[str, ...]:
    found = [folder]
    while folder:
        folder = folder_of(folder)
        found.append(folder)
    return tuple(found)


def folders_above(path: str) -> tuple[str, ...]:
    """The folders above a file, nearest first, the root "" last."""
    return _above(folder_of(path))
