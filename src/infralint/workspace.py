"""Which files there are: a folder on disk with the editor's buffers over it, or a mapping in memory.

What walks is imported when somebody walks: a run that looks at few files again does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from infralint.discover_tree import Tree, overlay_bytes
from infralint.kinds import SHEBANG_BYTES, Kind, kind_of, kind_of_shebang, may_have_shebang
from infralint.manifest import Recorder
from infralint.settings import Settings

if TYPE_CHECKING:
    from infralint.discover_git import Ignores
    from infralint.discover_walk import Found

# As much of a file as shows that it is no text.
_PROGRAM_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that will be read: its path relative to the root, with `/`, and its kind."""

    path: str
    kind: Kind


@dataclass(frozen=True)
class Workspace:
    """The files of a project; unsaved buffers, or the whole project in memory, beat the disk.

    `files` are read; `paths` are all that exist and belong to the project, links (never followed) among
    them. `left_out`: files and folders (ending in "/") that exist and are not looked into. `unreadable`:
    the reason by folder.
    """

    tree: Tree
    files: tuple[SourceFile, ...]
    paths: frozenset[str]
    left_out: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    unreadable: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _kinds(self) -> dict[str, Kind]:
        return {file.path: file.kind for file in self.files}

    def kind(self, path: str) -> Kind | None:
        """The kind of a file; None for one that is not read."""
        return self._kinds.get(path)

    @property
    def root(self) -> Path | None:
        """The folder on disk; None for a project in memory."""
        return self.tree.root

    def is_left_out(self, path: str) -> bool:
        """Whether a path (a folder's ends in "/") is left out: it was, or it would be if it were there."""
        if path in self.left_out or any(path.startswith(folder) for folder in self.left_out if folder.endswith("/")):
            return True
        from infralint.discover_git import would_be_ignored

        return would_be_ignored(path, self._read_ignores)

    @cached_property
    def _read_ignores(self) -> Callable[[str, str], Ignores]:
        """The ignore files of the tree, each read once: questions come by the thousand."""
        from infralint.discover_git import read_ignores

        return cache(partial(read_ignores, self.tree))

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raises OSError."""
        return self.tree.read(path)

    def size(self, path: str) -> int:
        """The size of a file in bytes. Raises OSError."""
        return self.tree.size(path)


def in_memory(files: Mapping[str, str | bytes], settings: Settings) -> Workspace:
    """A workspace of files that exist only in memory. Raises ValueError for a path that leaves the root."""
    return of_tree(Tree(None, overlay_bytes(files)), settings)


def on_disk(
    root: Path,
    settings: Settings,
    overlay: Mapping[str, str | bytes] | None = None,
    recorder: Recorder | None = None,
) -> Workspace:
    """A workspace of a folder, with unsaved buffers over it; `recorder` notes what is seen of the disk.

    Raises NotADirectoryError, and ValueError for a buffer's path that leaves the root.
    """
    if not root.is_dir():
        raise NotADirectoryError(20, "Not a directory", str(root))
    return of_tree(Tree(root, overlay_bytes(overlay or {}), recorder=recorder), settings)


def of_tree(tree: Tree, settings: Settings) -> Workspace:
    """A workspace of the files of a tree."""
    from infralint.discover_walk import walk

    found = walk(tree, settings.exclude)
    _leave_out_backups(tree, found)
    kinds = ((path, _kind(tree, path)) for path in sorted(found.files))
    return Workspace(
        tree,
        tuple(SourceFile(path, kind) for path, kind in kinds if kind is not None),
        frozenset(found.files | found.links),
        frozenset(found.left_out),
        frozenset(found.links),
        found.unreadable,
    )


def _leave_out_backups(tree: Tree, found: Found) -> None:
    from infralint.discover_backups import backups

    folders, files = backups(found.files, tree.read)
    inside = {path for path in found.files if path.startswith(tuple(folders))} if folders else set()
    found.files -= inside | files
    found.left_out |= folders | files


def _kind(tree: Tree, path: str) -> Kind | None:
    kind = kind_of(path)
    if kind is not None or not may_have_shebang(path):
        return kind
    try:
        kind = kind_of_shebang(tree.read(path, SHEBANG_BYTES))
        # An archive that unpacks itself, a zipped application: a program behind a few lines of script.
        return None if kind and b"\0" in tree.read(path, _PROGRAM_BYTES) else kind
    except OSError:
        return None
