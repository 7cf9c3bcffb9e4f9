"""Patterns of paths as a .gitignore file writes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


def spec_of(lines: Iterable[str]) -> GitIgnoreSpec:
    """Patterns as git reads them; a line that is no pattern is left out, as git does."""
    # A run on a project without patterns, or in which only places changed, does without it.
    from pathspec import GitIgnoreSpec

    patterns = list(lines)
    try:
        return GitIgnoreSpec.from_lines(patterns)
    except ValueError:
        return GitIgnoreSpec.from_lines([line for line in patterns if _is_pattern(line)])


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
