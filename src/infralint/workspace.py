"""Which files there are: a folder on disk with the editor's buffers over it, or a mapping in memory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infralint.kinds import Kind, kind_of
from infralint.settings import Settings


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that will be read: its path relative to the root, with `/`, and its kind."""

    path: str
    kind: Kind


@dataclass
class Workspace:
    """The files of a project. `overlay` (unsaved buffers, or the whole project in memory) beats the disk."""

    root: Path | None
    overlay: dict[str, bytes] = field(default_factory=dict)
    files: tuple[SourceFile, ...] = ()
    paths: frozenset[str] = frozenset()

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raises OSError."""
        if path in self.overlay:
            return self.overlay[path]
        if self.root is None:
            raise FileNotFoundError(path)
        return (self.root / path).read_bytes()


def in_memory(files: Mapping[str, str | bytes], settings: Settings) -> Workspace:
    """A workspace of files that exist only in memory."""
    overlay = {path: data.encode() if isinstance(data, str) else data for path, data in files.items()}
    found = tuple(SourceFile(p, kind) for p in sorted(overlay) if (kind := kind_of(p)))
    return Workspace(None, overlay, found, frozenset(overlay))


def on_disk(root: Path, settings: Settings, overlay: Mapping[str, bytes] | None = None) -> Workspace:
    """A workspace of a folder, with unsaved buffers over it."""
    paths = set(overlay or {})
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in (".git", ".venv", "node_modules")]
        for name in names:
            paths.add((Path(folder) / name).relative_to(root).as_posix())
    found = tuple(SourceFile(p, kind) for p in sorted(paths) if (kind := kind_of(p)))
    return Workspace(root, dict(overlay or {}), found, frozenset(paths))
