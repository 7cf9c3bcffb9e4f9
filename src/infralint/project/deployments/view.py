"""The view `Project.deployments`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from infralint.facts.files import FileFacts
from infralint.project.deployments.model import Deployment


class Deployments:
    """All deployments of the tree."""

    def __init__(self, files: Mapping[str, FileFacts]) -> None:
        self.files = files

    @cached_property
    def all(self) -> tuple[Deployment, ...]:
        """Every deployment, by path and place."""
        return ()

    def starting(self, module: str) -> tuple[Deployment, ...]:
        """The deployments whose command runs the module of a path."""
        return tuple(each for each in self.all if any(start.module == module for start in each.starts))
