"""The tree that is walked: a folder on disk with the editor's buffers over it, or a mapping alone."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from infralint.manifest import Recorder, entry_kind

_ABSOLUTE = re.compile(r"/|[A-Za-z]:[/\\]")


class EntryKind(Enum):
    """What a name in a folder is. Sockets, pipes and devices are not listed at all."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"


def normal_path(path: str) -> str:
    """A path as the workspace writes it: relative to the root, `/`, no `.` parts. Raises ValueError."""
    normal = posixpath.normpath(path)
    if not path or _ABSOLUTE.match(path) or normal in (".", "..") or normal.startswith("../"):
        raise ValueError(f"not a path below the project's root: {path!r}")
    return normal


def overlay_bytes(files: Mapping[str, str | bytes]) -> dict[str, bytes]:
    """A mapping of path to text or bytes with its paths in normal form. Raises ValueError."""
    # A lone surrogate in a text becomes bytes that do not decode, and so a finding instead of an error.
    return {
        normal_path(path): data.encode("utf-8", "surrogatepass") if isinstance(data, str) else bytes(data)
        for path, data in files.items()
    }


@dataclass
class Tree:
    """Folders and files below a root, named by their paths relative to it ("" is the root itself)."""

    root: Path | None
    overlay: dict[str, bytes]
    # Notes what is seen of the disk.
    recorder: Recorder | None = field(default=None, kw_only=True)
    _folders: dict[str, dict[str, EntryKind]] = field(init=False)

    def __post_init__(self) -> None:
        self._folders = {}
        for path in self.overlay:
            self._add(path, EntryKind.FILE)

    def _add(self, path: str, kind: EntryKind) -> None:
        """A file that does not stand on the disk, with the folders above it."""
        while path:
            folder, _, name = path.rpartition("/")
            self._folders.setdefault(folder, {})[name] = kind
            path, kind = folder, EntryKind.FOLDER

    def tracked(self) -> frozenset[str] | None:
        """The files that git tracks, where the tree itself knows them."""
        return None

    def entries(self, folder: str) -> list[tuple[str, EntryKind]]:
        """Names in a folder with their kinds, sorted by name. Raises OSError."""
        found = self._on_disk(folder)
        found.update(self._folders.get(folder, {}))
        return sorted(found.items(), key=lambda entry: entry[0])

    def _on_disk(self, folder: str) -> dict[str, EntryKind]:
        if self.root is None or (folder and folder in self._folders and not self._path(folder).is_dir()):
            return {}
        path = self._path(folder)
        try:
            status = path.stat()
            with os.scandir(path) as found:
                kinds = {entry.name: entry_kind(entry) for entry in found}
        except OSError as error:
            self._note_failure(folder, error)
            raise
        if self.recorder is not None:
            self.recorder.folder(folder, status, kinds.items())
        return {name: EntryKind(kind) for name, kind in kinds.items() if kind}

    def _path(self, path: str) -> Path:
        if self.root is None:
            raise FileNotFoundError(2, "No such file or directory", path)
        return self.root / path

    def read(self, path: str, limit: int = -1) -> bytes:
        """The first `limit` bytes of a file, or all of them: -1, or TRACKED to ask for the names in git's index.

        Raises OSError.
        """
        whole = limit < 0
        if path in self.overlay:
            return self.overlay[path] if whole else self.overlay[path][:limit]
        try:
            with self._path(path).open("rb") as file:
                status = os.fstat(file.fileno()) if self.recorder is not None else None
                data = file.read(-1 if whole else limit)
        except OSError as error:
            self._note_failure(path, error)
            raise
        if self.recorder is not None and status is not None:
            self.recorder.file(path, status, data, limit)
        return data

    def size(self, path: str) -> int:
        """The size of a file in bytes. Raises OSError."""
        if path in self.overlay:
            return len(self.overlay[path])
        try:
            status = self._path(path).stat()
        except OSError as error:
            self._note_failure(path, error)
            raise
        if self.recorder is not None:
            self.recorder.sized(path, status)
        return status.st_size

    def _note_failure(self, path: str, error: OSError) -> None:
        if self.recorder is not None:
            is_absent = isinstance(error, (FileNotFoundError, NotADirectoryError))
            self.recorder.missing(path) if is_absent else self.recorder.refused()
