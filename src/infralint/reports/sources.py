"""The source lines that reports show: from disk, with the overlay over it, read when asked for and once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from infralint.kinds import DECLARE_ENCODING, kind_of
from infralint.source import SourceText, UndecodableError, decode

# Called with a path relative to the project root and a line number from 1; the line without its end.
ReadLine = Callable[[str, int], str]


class Sources:
    """The texts of a project's files. A file that cannot be read any more has empty lines."""

    def __init__(self, root: Path | None, overlay: Mapping[str, bytes] | None = None) -> None:
        self._root = root
        self._overlay = overlay or {}
        self._texts: dict[str, SourceText] = {}

    def line(self, path: str, number: int) -> str:
        """The text of a line, without its line end; empty where there is none."""
        if path not in self._texts:
            self._texts[path] = SourceText(self._read(path))
        return self._texts[path].line(number)

    def _read(self, path: str) -> str:
        try:
            return decode(self._bytes(path), python=kind_of(path) in DECLARE_ENCODING).text
        except (OSError, UndecodableError, ValueError):
            return ""

    def _bytes(self, path: str) -> bytes:
        if path in self._overlay:
            return self._overlay[path]
        return (self._root / path).read_bytes() if self._root else b""
