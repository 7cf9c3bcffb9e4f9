"""Modules inside of an image: which file an import finds there."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

from infralint.project.builds import BuiltImage, FileSystem, ImageFile
from infralint.project.lookup import Absent, Known, Lookup, Open

# Modules of the standard library of some version from 3.8 to 3.15 that the running one may not have.
_STANDARD = sys.stdlib_module_names | {
    "aifc", "annotationlib", "asynchat", "asyncore", "audioop", "binhex", "cgi", "cgitb", "chunk", "compression",
    "crypt", "distutils", "formatter", "graphlib", "imghdr", "imp", "lib2to3", "mailcap", "msilib", "nis",
    "nntplib", "ossaudiodev", "parser", "pathlib", "pipes", "smtpd", "sndhdr", "spwd", "sunau", "symbol",
    "telnetlib", "tomllib", "uu", "xdrlib", "zoneinfo", "__main__",
}  # fmt: skip
# What `project/builds` says of files that a program may have made. What installers bring is known by its distributions;
# of other programs only those put modules of somebody else into a folder that fetch or copy files.
_MADE_BY = re.compile(r"`([^`]+)` may (?:make|install) it")
_FETCHING = frozenset(
    {
        "git",
        "hg",
        "svn",
        "curl",
        "wget",
        "tar",
        "bsdtar",
        "unzip",
        "7z",
        "cp",
        "mv",
        "ln",
        "rsync",
        "install",
        "a program",
    }
)
_SITE = re.compile(r".*/(?:site|dist)-packages(?=/)")
# Stands for the folder of installed packages, in paths of the image; the path in the tree follows.
_INSTALLED = "/<installed>"


@dataclass(frozen=True, slots=True)
class ImageModule:
    """A module of the image: where it is there, and in the tree."""

    image: str
    tree: str

    @property
    def folder(self) -> str:
        """The folder in the image that holds it."""
        return self.image.rpartition("/")[0] or "/"


def is_standard(module: str) -> bool:
    """Whether a module belongs to some version's standard library."""
    return module.partition(".")[0] in _STANDARD


class TreeModules:
    """The modules of the tree, and the names in its folders."""

    def __init__(self, paths: AbstractSet[str]) -> None:
        self.paths = paths

    @cached_property
    def _by_folder(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for path in self.paths:
            while path:
                folder, _, name = path.rpartition("/")
                names = found.setdefault(folder, set())
                if name in names:
                    break
                names.add(name)
                path = folder
        return found

    @cached_property
    def own_names(self) -> frozenset[str]:
        """The names of all modules, packages and other folders above them."""
        names = set()
        for path in self.paths:
            folder, _, file = path.rpartition("/")
            names |= {*folder.split("/"), file.partition(".")[0]}
        return frozenset(names)

    def names(self, folder: str) -> AbstractSet[str]:
        """What is in a folder, modules with their ending."""
        return self._by_folder.get(folder.rstrip("/"), frozenset())


class ImageModules:
    """The modules of one image, and of projects that are installed in it (`projects`: folders of the tree)."""

    def __init__(self, image: BuiltImage, projects: tuple[str, ...], tree: TreeModules) -> None:
        self.image = image
        self.projects = projects
        self._tree = tree
        # Folders of installed modules into which files of the tree are copied.
        self._site_folders = sorted({found[0] for path in image.files.files() if (found := _SITE.match(path))})
        self._in_folders: dict[str, frozenset[str]] = {}
        self._heads: dict[tuple[str, ...], frozenset[str]] = {}
        self._found: dict[tuple[str, tuple[str, ...]], ImageModule | None] = {}
        self._listed, self._is_listed = image.files.files(), image.files.is_listed

    @property
    def files(self) -> FileSystem:
        return self.image.files

    def tree(self, path: str) -> Lookup[str]:
        """The file of the tree that is at a path of the image, or in a project that is installed there."""
        if path.startswith(_INSTALLED):
            tree = path[len(_INSTALLED) + 1 :]
            return Known(tree) if tree in self._tree.paths else Absent()
        found = self.files.find(path)
        if not isinstance(found, Known):
            return found
        if found.value.is_folder:
            return Absent()
        return Known(found.value.tree) if found.value.tree is not None else Open(f"`{path}` is made by the build")

    def heads(self, search: tuple[str, ...]) -> frozenset[str]:
        """The top-level names that are known to be in the image: no other one is looked for module by module."""
        if search not in self._heads:
            names = {name for folder in (*search, *self._site_folders) for name in self._names(folder)}
            names |= {name for project in self.projects for root in _roots(project) for name in self._tree.names(root)}
            self._heads[search] = frozenset(name.removesuffix(".py") for name in names)
        return self._heads[search]

    def find(self, dotted: str, search: tuple[str, ...]) -> ImageModule | None:
        """A module that is known to be there: in the folders of `search`, then among the installed projects."""
        asked = (dotted, search)
        if asked not in self._found:
            self._found[asked] = self._find(dotted.replace(".", "/"), search)
        return self._found[asked]

    def _find(self, inner: str, search: tuple[str, ...]) -> ImageModule | None:
        for folder in (*search, *self._site_folders):
            base = f"{folder.rstrip('/')}/{inner}"
            for path in (f"{base}/__init__.py", f"{base}.py"):
                if (found := self.known(path)) is not None:
                    return ImageModule(path, found)
        for project in self.projects:
            for root in _roots(project):
                for path in (f"{root}{inner}/__init__.py", f"{root}{inner}.py"):
                    if path in self._tree.paths:
                        return ImageModule(f"{_INSTALLED}/{path}", path)
        return None

    def known(self, path: str) -> str | None:
        """The file of the tree that is certainly at a path, as in `tree`.

        Of the thousands of names that are looked for most are of no file, which the list of all files says at once.
        """
        if self._is_listed and path not in self._listed and not path.startswith(_INSTALLED):
            return None
        found = self.tree(path)
        return found.value if isinstance(found, Known) else None

    def may_hold(self, head: str, search: tuple[str, ...]) -> bool:
        """Whether a top-level module or package may be in one of these folders, with or without an `__init__.py`."""
        return any(
            head in self._names(folder) or self._may_be_in(folder, head) for folder in (*search, *self._site_folders)
        )

    def _may_be_in(self, folder: str, head: str) -> bool:
        base = f"{folder.rstrip('/')}/{head}"
        return any(_is_possible(self.files.find(path)) for path in (f"{base}.py", f"{base}/__init__.py"))

    def _names(self, folder: str) -> frozenset[str]:
        if folder not in self._in_folders:
            self._in_folders[folder] = self.files.children(folder)
        return self._in_folders[folder]

    def loaded(self, dotted: str, search: tuple[str, ...]) -> tuple[ImageModule, ...]:
        """The modules that an import of a dotted name loads, packages first; () where the last of it is not known."""
        parts = dotted.split(".")
        found = []
        for end in range(1, len(parts) + 1):
            module = self.find(".".join(parts[:end]), search)
            if module is not None:
                found.append(module)
            elif end == len(parts):
                return ()
        return tuple(found)


def _is_possible(found: Lookup[ImageFile]) -> bool:
    """Whether something may be there that no install accounts for."""
    if not isinstance(found, Open):
        return isinstance(found, Known)
    made = _MADE_BY.fullmatch(found.reason)
    return made is None or made[1] in _FETCHING


def _roots(project: str) -> Iterator[str]:
    """Where a project keeps its packages."""
    base = f"{project}/" if project else ""
    yield base
    yield f"{base}src/"
