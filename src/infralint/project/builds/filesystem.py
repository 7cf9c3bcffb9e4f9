"""The file system of an image, as far as its instructions tell it."""

from __future__ import annotations

import posixpath
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from infralint.project.builds.context import Context
from infralint.project.builds.ignores import Ignores
from infralint.project.lookup import Absent, Known, Lookup, Open
from infralint.source import Span

# What nobody but the application's authors writes.
_SOURCES = (".py", ".pyi", ".sh", ".bash")
# Where installers put the sources of packages, the tree's own among them.
_PACKAGES = ("/site-packages/", "/dist-packages/")


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A file or folder of an image. `tree`: where it is in the tree, None where an instruction itself makes it.

    `path` and `span`: the instruction that put it there.
    """

    tree: str | None
    is_folder: bool
    path: str
    span: Span


class Removed:
    """The answer of a layer that has deleted what was there."""


# What a layer says of a path: a file, that it was deleted, why it may be there; None for nothing.
Answer = ImageFile | Removed | str | None


@dataclass(frozen=True, slots=True)
class Layer(ABC):
    """What one instruction does to the files. `path` and `span` are its place."""

    path: str
    span: Span

    @abstractmethod
    def find(self, path: str) -> Answer:
        """What this layer says of a path."""

    def files(self) -> Iterator[tuple[str, str | None]]:
        """Image paths of the files that it puts there with their paths in the tree; None removes what is below."""
        return iter(())

    @property
    def is_listed(self) -> bool:
        """Whether `files` says of every file of the tree that `find` knows here."""
        return True

    def _made(self, tree: str | None, *, folder: bool) -> ImageFile:
        return ImageFile(tree, folder, self.path, self.span)


@dataclass(frozen=True, slots=True)
class Copied(Layer):
    """What is at `source` elsewhere at `destination`, without what `excludes` matches."""

    source: str
    destination: str
    excludes: Ignores

    def find(self, path: str) -> Answer:
        inside = relative(path, self.destination)
        if inside is None:
            return self._made(None, folder=True) if is_above(path, self.destination) else None
        return None if inside and self.excludes.leaves_out(inside) else self._find_inside(inside)

    @abstractmethod
    def _find_inside(self, inside: str) -> Answer:
        """What stands at a path below the source, "" for the source itself."""


@dataclass(frozen=True, slots=True)
class CopiedFolder(Copied):
    """The content of a context's folder."""

    context: Context

    def _find_inside(self, inside: str) -> Answer:
        source = f"{self.source}/{inside}".strip("/")
        found = self.context.find(source)
        if isinstance(found, Known):
            return self._made(self.context.in_tree(source), folder=found.value)
        return found.reason if isinstance(found, Open) else None

    @property
    def is_listed(self) -> bool:
        return not self.source.startswith("/") and _are_normal(f"/{self.source}", self.destination)

    def files(self) -> Iterator[tuple[str, str | None]]:
        skip = len(self.source) + 1 if self.source else 0
        for source in self.context.below(self.source):
            if not self.excludes.leaves_out(source[skip:]):
                yield joined(self.destination, source[skip:]), self.context.in_tree(source)


@dataclass(frozen=True, slots=True)
class PutFile(Layer):
    """One file at `destination`: from the tree, or made by the instruction itself."""

    tree: str | None
    destination: str

    def find(self, path: str) -> Answer:
        if path == self.destination:
            return self._made(self.tree, folder=False)
        return self._made(None, folder=True) if is_above(path, self.destination) else None

    def files(self) -> Iterator[tuple[str, str | None]]:
        if self.tree is not None:
            yield self.destination, self.tree


@dataclass(frozen=True, slots=True)
class PutFolder(Layer):
    """An empty folder, which may have been there with content."""

    destination: str

    def find(self, path: str) -> Answer:
        made = path == self.destination or is_above(path, self.destination)
        return self._made(None, folder=True) if made else None


@dataclass(frozen=True, slots=True)
class Opened(Layer):
    """Below `folder` (and at it) anything may have been made; `sources` is False for what makes no sources but those
    of packages that it installs."""

    folder: str
    reason: str
    sources: bool = True

    def find(self, path: str) -> Answer:
        if relative(path, self.folder) is None:
            return None
        is_source = path.endswith(_SOURCES) and not any(folder in path for folder in _PACKAGES)
        return self.reason if self.sources or not is_source else None


@dataclass(frozen=True, slots=True)
class Deleted(Layer):
    """A file, or a folder with all that is in it, is gone; not for certain where `reason` says so."""

    target: str
    reason: str = ""

    def find(self, path: str) -> Answer:
        if relative(path, self.target) is None:
            return None
        return self.reason or Removed()

    @property
    def is_listed(self) -> bool:
        # What may be gone is listed no more, and known all the same.
        return not self.reason

    def files(self) -> Iterator[tuple[str, str | None]]:
        yield self.target, None


@dataclass(frozen=True, slots=True)
class FromImage(Copied):
    """What is in another file system: a folder's content or a file."""

    files_there: FileSystem

    def _find_inside(self, inside: str) -> Answer:
        found = self.files_there.find(joined(self.source, inside))
        if isinstance(found, Known):
            return self._made(found.value.tree, folder=found.value.is_folder)
        return found.reason if isinstance(found, Open) else None

    @property
    def is_listed(self) -> bool:
        return self.files_there.is_listed and _are_normal(self.source, self.destination)

    def files(self) -> Iterator[tuple[str, str | None]]:
        for path, tree in self.files_there.files().items():
            inside = relative(path, self.source)
            if inside is not None and not self.excludes.leaves_out(inside):
                yield joined(self.destination, inside), tree


@dataclass(frozen=True, slots=True)
class Base(Layer):
    """The image from outside. `open_folders` hold files of its own, `open_files` are such beside them; all of it is
    open where the folders have the root."""

    name: str
    open_folders: tuple[str, ...]
    open_files: tuple[str, ...] = ()

    def find(self, path: str) -> Answer:
        if path == "/" or path in self.open_folders:
            return self._made(None, folder=True)
        is_open = path in self.open_files or path.startswith(_inside(self.open_folders))
        return f"the image `{self.name}` may hold it" if is_open else None


@lru_cache(maxsize=64)
def _inside(folders: tuple[str, ...]) -> tuple[str, ...]:
    """How paths below folders start."""
    return tuple("/" if folder == "/" else f"{folder}/" for folder in folders)


class FileSystem:
    """The files of an image at one moment. Paths are absolute and normal: `/app/main.py`."""

    __slots__ = ("_files", "_is_listed", "_known", "below", "layer")

    def __init__(self, below: FileSystem | None = None, layer: Layer | None = None) -> None:
        self.below = below
        self.layer = layer
        self._files: dict[str, str] | None = None
        self._is_listed: bool | None = None
        self._known: dict[str, Lookup[ImageFile]] = {}

    def after(self, layer: Layer) -> FileSystem:
        """The files after one more layer."""
        return FileSystem(self, layer)

    def find(self, path: str) -> Lookup[ImageFile]:
        """What is at a path. Open: a base image, a program or an unknown part of the tree may have put it there."""
        if path not in self._known:
            self._known[path] = self._find(path)
        return self._known[path]

    def _find(self, path: str) -> Lookup[ImageFile]:
        reason = ""
        for layer in self._layers():
            answer = layer.find(path)
            if isinstance(answer, ImageFile):
                return Known(answer)
            if isinstance(answer, Removed):
                break
            reason = reason or answer or ""
        return Open(reason) if reason else Absent()

    def files(self) -> Mapping[str, str]:
        """All files that come from the tree: image path to tree path."""
        if self._files is None:
            found: dict[str, str] = {}
            for layer in reversed(list(self._layers())):
                for path, tree in layer.files():
                    if tree is None:
                        found = {each: known for each, known in found.items() if relative(each, path) is None}
                    else:
                        found[path] = tree
            self._files = found
        return self._files

    @property
    def is_listed(self) -> bool:
        """Whether `files` has every path at which `find` knows a file of the tree."""
        if self._is_listed is None:
            self._is_listed = all(layer.is_listed for layer in self._layers())
        return self._is_listed

    def places_of(self, tree: str) -> tuple[str, ...]:
        """The image paths at which a file of the tree stands."""
        return tuple(path for path, source in self.files().items() if source == tree)

    def children(self, folder: str) -> frozenset[str]:
        """The names in a folder that are known."""
        start = "/" if folder == "/" else f"{folder}/"
        return frozenset(path[len(start) :].split("/")[0] for path in self.files() if path.startswith(start))

    def _layers(self) -> Iterator[Layer]:
        """From the last to the first."""
        files: FileSystem | None = self
        while files is not None:
            if files.layer is not None:
                yield files.layer
            files = files.below


def _are_normal(*paths: str) -> bool:
    """Whether paths are written as those are that are listed."""
    return all(posixpath.normpath(path) == path for path in paths)


def relative(path: str, folder: str) -> str | None:
    """A path seen from a folder above it, "" for the folder itself; None where it is not below."""
    if path == folder:
        return ""
    start = "/" if folder == "/" else f"{folder}/"
    return path[len(start) :] if path.startswith(start) else None


def is_above(path: str, other: str) -> bool:
    """Whether a path is a folder above another."""
    return path != other and relative(other, path) is not None


def joined(folder: str, inside: str) -> str:
    """A path below a folder, normal; an absolute one is itself."""
    return posixpath.normpath(posixpath.join(folder, inside)) if inside else folder
