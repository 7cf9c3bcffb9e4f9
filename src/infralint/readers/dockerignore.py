"""`.dockerignore` files: their patterns, in order.

Docker's "Build context" manual, ".dockerignore files", and moby/patternmatcher (ignorefile.ReadAll), 2025.
"""

from __future__ import annotations

import posixpath

from infralint.facts.files import FileFacts


def read(text: str, dialect: str) -> FileFacts:
    """The patterns of an ignore file, cleaned as Docker cleans them; `!` stays before an exception."""
    patterns = (_pattern(line) for line in text.splitlines())
    return FileFacts(docker_ignores=tuple(pattern for pattern in patterns if pattern))


def _pattern(line: str) -> str:
    """One line's pattern, relative to the context; "" for a comment or nothing."""
    if line.startswith("#"):
        return ""
    pattern = line.strip()
    invert = pattern.startswith("!")
    pattern = pattern[1:].strip() if invert else pattern
    if not pattern:
        return ""
    cleaned = posixpath.normpath(pattern).replace("//", "/")
    if len(cleaned) > 1:
        cleaned = cleaned.removeprefix("/")
    return f"!{cleaned}" if invert else cleaned
