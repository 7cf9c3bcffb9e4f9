"""The module graph: import roots found per service, and what a name is after imports and re-exports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from infralint.facts.files import FileFacts


class ModuleGraph:
    """Python modules of the tree."""

    def __init__(self, files: Mapping[str, FileFacts], paths: Iterable[str], sources: tuple[str, ...]) -> None:
        self.files = files
        self.wanted: set[str] = set()
