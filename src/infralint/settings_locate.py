"""The line of each setting in a TOML text, for messages."""

from __future__ import annotations

from infralint.source import SourceText
from infralint.toml_places import KeyPath, places_in


def locate(text: str) -> dict[KeyPath, int]:
    """The line (from 1) on which every key, table header and array item of a valid TOML text begins."""
    source = SourceText(text)
    return {path: source.position(start).line for path, start in places_in(text).keys.items()}


def line_of(lines: dict[KeyPath, int], path: KeyPath) -> int:
    """The line of a path, or of the nearest part of it that is there; 1 when none is."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


__all__ = ["KeyPath", "line_of", "locate"]
