"""Folders that the project itself puts on Python's search path, beside those that every import looks in.

What counts: `sys.path` changed by a module itself, or by the conftest.py files above a test, which pytest imports
first; pytest's `pythonpath` (pytest reference, "pythonpath", from the folder of its settings file, which is the root
directory); and in images, PYTHONPATH and the working directory, which `python -m`, Uvicorn, Gunicorn, Celery and Flask
search too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Protocol

from infralint.facts.files import FileFacts
from infralint.facts.python import SearchPath
from infralint.project.placed_images import PlacedImages
from infralint.project.places import is_test


class Images(Protocol):
    """What is asked of the images that the project builds, where it matters."""

    def root_of(self, importer: str, modules: Mapping[str, str]) -> str | None: ...

    def may_hold(self, package: str, part: str) -> bool: ...


class ImportRoots:
    """The folders by the module that imports. `images`: as `PlacedImages` answers."""

    def __init__(self, files: Mapping[str, FileFacts], images: Images | None = None) -> None:
        self._files = files
        self.images: Images = images if images is not None else PlacedImages(())
        self._first: dict[str, tuple[str, ...]] = {}
        self._last: dict[str, tuple[str, ...]] = {}

    def first(self, importer: str) -> tuple[str, ...]:
        """Folders that come before those above the module, in the order of the search."""
        if importer not in self._first:
            added = [*self._added(importer, first=True), *self._of_conftests(importer)]
            self._first[importer] = tuple(dict.fromkeys(added))
        return self._first[importer]

    def last(self, importer: str) -> tuple[str, ...]:
        """Folders that come behind those above the module, or that may be searched too."""
        if importer not in self._last:
            added = [*self.of_pytest(importer), *self._added(importer, first=False)]
            for path in self._conftests(importer):
                added += self._added(path, first=False)
            self._last[importer] = tuple(dict.fromkeys(added))
        return self._last[importer]

    def of_pytest(self, importer: str) -> tuple[str, ...]:
        """The folders of pytest's `pythonpath` for a test; none where several settings files may be those of a run."""
        if not is_test(importer):
            return ()
        above = [each for each in self._of_settings if not each[0] or importer.startswith(f"{each[0]}/")]
        return tuple(_inside(folder, each) for folder, paths in above[:1] for each in paths) if len(above) == 1 else ()

    @cached_property
    def _of_settings(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """pytest's `pythonpath` by the folders of its settings files."""
        settings = ((path, facts.pytest) for path, facts in self._files.items())
        return tuple((path.rpartition("/")[0], each.python_path) for path, each in settings if each is not None)

    def has_own(self, importer: str) -> bool:
        """Whether the module changes the search path itself, so that others of its folder search otherwise."""
        return importer in self._changing

    def added_before(self, importer: str, root: str, place: int) -> bool:
        """Whether a folder that comes first is searched by what stands at an offset of the module."""
        own = [each for each in self._changes(importer) if each.first and each.certain]
        mine = [each for each in own if _folder_of(importer, each) == root]
        return root in self._of_conftests(importer) or any(each.end <= place for each in mine)

    @cached_property
    def _changing(self) -> frozenset[str]:
        """The modules that change the search path. Asked for every import."""
        return frozenset(path for path, facts in self._files.items() if facts.python and facts.python.search_paths)

    def _changes(self, path: str) -> tuple[SearchPath, ...]:
        if path not in self._changing:
            return ()
        facts = self._files.get(path)
        return facts.python.search_paths if facts and facts.python else ()

    def _added(self, path: str, *, first: bool) -> Iterator[str]:
        """What a module adds itself; of what comes first, the last one added is searched first."""
        changes = [each for each in self._changes(path) if (each.first and each.certain) is first]
        for each in reversed(changes) if first else changes:
            folder = _folder_of(path, each)
            if folder is not None:
                yield folder

    def _conftests(self, importer: str) -> Iterator[str]:
        """The conftest.py files that pytest has imported before a test, the nearest first."""
        if is_test(importer):
            folder = importer
            while folder:
                folder = folder.rpartition("/")[0]
                path = f"{folder}/conftest.py".lstrip("/")
                if path in self._files and path != importer:
                    yield path

    def _of_conftests(self, importer: str) -> list[str]:
        return [folder for path in self._conftests(importer) for folder in self._added(path, first=True)]


def _folder_of(path: str, change: SearchPath) -> str | None:
    """The folder of the tree that a module adds; None for one outside."""
    folder = path.rpartition("/")[0]
    for _ in range(change.up):
        if not folder:
            return None
        folder = folder.rpartition("/")[0]
    return f"{folder}/{change.inner}".strip("/")


def _inside(folder: str, path: str) -> str:
    parts = [each for each in path.split("/") if each not in ("", ".")]
    above = folder.split("/") if folder else []
    for part in parts:
        above = above[:-1] if part == ".." else [*above, part]
    return "/".join(above)
