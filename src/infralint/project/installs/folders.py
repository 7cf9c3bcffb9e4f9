"""Paths inside of an image: absolute and normal."""

from __future__ import annotations

import posixpath


def joined(folder: str | None, written: str) -> str | None:
    """A path as a command in `folder` means it; None where the folder decides and is not known."""
    if written.startswith("/"):
        return posixpath.normpath(written)
    if folder is None:
        return None
    return posixpath.normpath(posixpath.join(folder, written))


def overlaps(one: str, other: str) -> bool:
    """Whether one path is the other, or lies in it."""
    return one == other or is_below(one, other) or is_below(other, one)


def is_below(path: str, folder: str) -> bool:
    """Whether a path lies in a folder."""
    return path.startswith(f"{folder.rstrip('/')}/")
