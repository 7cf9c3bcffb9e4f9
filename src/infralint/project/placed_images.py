"""The modules of the tree in the images that it builds, as imports find them there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from infralint.project.builds.values import BuiltImage
from infralint.project.lookup import Absent, Known


class PlacedImages:
    """Images with the places of all files of the tree in them."""

    def __init__(self, images: Iterable[BuiltImage]) -> None:
        self._placed: list[tuple[BuiltImage, Mapping[str, list[str]]]] = []
        for image in images:
            places: dict[str, list[str]] = {}
            for place, tree in image.files.files().items():
                places.setdefault(tree, []).append(place)
            self._placed.append((image, places))

    def root_of(self, importer: str, modules: Mapping[str, str]) -> str | None:
        """Of several modules by their roots, the root of the one that the importer finds in all images that hold it.

        None where images do not agree, or where none tells.
        """
        found: set[str | None] = set()
        for image, places in self._placed:
            if importer in places:
                found |= _found_in(image, places, modules)
        return next(iter(found)) if len(found) == 1 else None

    def may_hold(self, package: str, part: str) -> bool:
        """Whether an image may have a module in a package, given by its file: from elsewhere, or by a program."""
        places = (
            (image.files, f"{place.rpartition('/')[0]}/{part}")
            for image, placed in self._placed
            for place in placed.get(package, ())
        )
        return any(
            isinstance(files.find(inner), Known)
            or not isinstance(files.find(f"{inner}.py"), Absent)
            or not isinstance(files.find(f"{inner}/__init__.py"), Absent)
            for files, inner in places
        )


def _found_in(image: BuiltImage, placed: Mapping[str, list[str]], modules: Mapping[str, str]) -> set[str | None]:
    """The roots of the modules that stand in a folder of the image's search path."""
    folders = [*(image.python_path or ()), *([image.workdir] if image.workdir else [])]
    found: set[str | None] = set()
    for root, module in modules.items():
        inner = module[len(root) :].lstrip("/")
        places = placed.get(module, ())
        if any(place == f"{folder.rstrip('/')}/{inner}" for place in places for folder in folders):
            found.add(root)
    return found or {None}


class PartlyAsked:
    """The same answers by way of parts of a project, so that who asks depends on these alone: a change of an image is
    none for its imports where they come out the same."""

    def __init__(self, part: Callable[[str, str], tuple[Any, ...]]) -> None:
        self._part = part

    def root_of(self, importer: str, modules: Mapping[str, str]) -> str | None:
        """As in `PlacedImages`."""
        words = (word for root, module in modules.items() for word in (root, module))
        (found,) = self._part("root_in_images", "\0".join((importer, *words)))
        return found if found is None else str(found)

    def may_hold(self, package: str, part: str) -> bool:
        """As in `PlacedImages`."""
        (found,) = self._part("may_be_built", f"{package}\0{part}")
        return bool(found)


def root_in_images(placed: PlacedImages, key: str) -> str | None:
    """The part that `PartlyAsked.root_of` asks for."""
    importer, *words = key.split("\0")
    return placed.root_of(importer, dict(zip(words[::2], words[1::2], strict=True)))


def may_be_built(placed: PlacedImages, key: str) -> bool:
    """The part that `PartlyAsked.may_hold` asks for."""
    package, _, part = key.partition("\0")
    return placed.may_hold(package, part)
