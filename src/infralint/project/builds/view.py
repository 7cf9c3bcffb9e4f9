"""The builds of a project, and the images that they make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from infralint.facts.files import FileFacts
from infralint.project.builds.values import BuiltImage
from infralint.project.commands import CommandUse


class Builds:
    """Every image that the project builds. `is_left_out` tells of a path whether git or the settings leave it out."""

    def __init__(
        self,
        files: Mapping[str, FileFacts],
        paths: frozenset[str],
        commands: Iterable[CommandUse],
        is_left_out: Callable[[str], bool],
    ) -> None:
        self.files = files
        self.paths = paths
        self.commands = tuple(commands)
        self.is_left_out = is_left_out

    @property
    def all(self) -> tuple[BuiltImage, ...]:
        """One image for each build, sorted by Dockerfile, target and place."""
        raise NotImplementedError

    def named(self, image: str) -> tuple[BuiltImage, ...]:
        """The images that are built under a name; its tag and digest do not count."""
        raise NotImplementedError

    def of_service(self, path: str, service: str) -> tuple[BuiltImage, ...]:
        """The images of a compose service: those of its own file, and of files of the same folder."""
        raise NotImplementedError

    def of_dockerfile(self, path: str) -> tuple[BuiltImage, ...]:
        """All images of one Dockerfile: a mistake is certain only if it is one in each of them."""
        raise NotImplementedError
