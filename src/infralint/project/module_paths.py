"""Paths of the tree, as the module graph takes them apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable
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


def files_by_place(modules: Iterable[str]) -> dict[str, str]:
    """Module files by their paths as imports give them, without an ending; a package is found before a module of that
    name, and what runs before its stub (Python reference, "The path based finder"; PEP 484, "Stub files")."""
    found: dict[str, str] = {}
    for ending in ("/__init__.py", ".py", "/__init__.pyi", ".pyi"):
        for path in modules:
            if path.endswith(ending):
                found.setdefault(path.removesuffix(ending), path)
    return found


def top_level_of(modules: Iterable[str], packages: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Import roots by the top-level modules in them."""
    roots: dict[str, set[str]] = {}
    for path in modules:
        folder = folder_of(path)
        if stem_of(path) == "__init__":
            name, root = folder.rpartition("/")[2], folder_of(folder)
        else:
            name, root = stem_of(path), folder
        if root not in packages and name:
            roots.setdefault(name, set()).add(root)
    return {name: tuple(sorted(found)) for name, found in roots.items()}
