"""SQLAlchemy's registries: bases, mapped classes and tables of the whole project."""

from __future__ import annotations

from collections.abc import Mapping

from infralint.facts.files import FileFacts
from infralint.project.modules import ModuleGraph
from infralint.settings import Settings


class OrmModel:
    """Bases, mapped classes and tables."""

    def __init__(self, files: Mapping[str, FileFacts], modules: ModuleGraph, settings: Settings) -> None:
        self.files = files

    def settle(self) -> None:
        """Resolve all that needs other modules, so that the outlines that are wanted become known."""
