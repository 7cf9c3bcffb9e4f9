"""The file system of an image, as far as its instructions tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from infralint.project.lookup import Lookup
from infralint.source import Span


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A file or folder of an image. `tree`: where it is in the tree, None where an instruction itself makes it.

    `path` and `span`: the instruction that put it there.
    """

    tree: str | None
    is_folder: bool
    path: str
    span: Span


class FileSystem:
    """The files of an image at one moment. Paths are absolute and normal: `/app/main.py`."""

    def find(self, path: str) -> Lookup[ImageFile]:
        """What is at a path. Open: a base image, a program or an unknown part of the tree may have put it there."""
        raise NotImplementedError

    def files(self) -> Mapping[str, str]:
        """All files that come from the tree: image path to tree path."""
        raise NotImplementedError

    def places_of(self, tree: str) -> tuple[str, ...]:
        """The image paths at which a file of the tree stands."""
        raise NotImplementedError
