"""Releases of the Google Cloud SDK, and their order."""

from __future__ import annotations

Version = tuple[int, ...]


def version(release: str) -> Version:
    """The numbers of a release such as `578.0.0`. Raises ValueError for what is none."""
    return tuple(int(part) for part in release.split("."))


def is_before(release: str, other: str) -> bool:
    """Whether a release came before another one."""
    return version(release) < version(other)
