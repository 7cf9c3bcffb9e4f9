"""What a run saw of the disk, and whether that is still so: the files that it read, the folders that it listed.

A file's size, time and number tell that it was not touched; where they differ its content decides. So they save
reading, and never the correctness: an entry whose time is too young to tell a later write apart is never trusted.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from infralint.git_index import index_paths
from infralint.source import digest_of

# What tools make anew beside the project's own files, and what no walk goes into.
UNSEEN = frozenset(
    {".hypothesis", ".infralint_cache", ".mypy_cache", ".nox", ".pytest_cache", ".ruff_cache", ".tox", "__pycache__"}
)
# File systems keep times in steps of up to two seconds (FAT); a write in the same step is not told apart.
_RACY_NS = 2_000_000_000

# Size, time of the last change in nanoseconds, and number of a file: (0, 0, 0) is never what a file has.
Stamp = tuple[int, int, int]
UNKNOWN: Stamp = (0, 0, 0)


def stamp_of(status: os.stat_result) -> Stamp:
    """The stamp of a file or folder."""
    return status.st_size, status.st_mtime_ns, status.st_ino


def listing_digest(entries: Iterable[tuple[str, str]]) -> bytes:
    """A digest of a folder's names and their kinds, in whatever order they come."""
    seen = sorted(f"{name}\0{kind}" for name, kind in entries if name not in UNSEEN)
    return digest_of("\0\0".join(seen).encode("utf-8", "surrogatepass"))


class SeenFile(msgspec.Struct, array_like=True, gc=False):
    """A file as it was read: the first `limit` bytes of it, or all (-1), and their digest."""

    stamp: Stamp
    digest: bytes
    limit: int = -1


class SeenFolder(msgspec.Struct, array_like=True, gc=False):
    """A folder as it was listed."""

    stamp: Stamp
    digest: bytes


# The name of the root's own folder among other names.
ROOT = "."
# In place of a limit: the digest is that of the names in git's index, which is written anew when nothing changed.
TRACKED = -2
# In place of a limit: nothing but the size was asked for.
_SIZED = -3


class Manifest(msgspec.Struct, array_like=True):
    """All that a run saw below its root, by path. `absent`: what it looked for and did not find."""

    files: dict[str, SeenFile]
    folders: dict[str, SeenFolder]
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """How the disk differs from a manifest. `files`: those with another content, or that went away. `elsewhere`:
    something went away or appeared. `stamps`: new stamps of what has the same content."""

    files: tuple[str, ...]
    elsewhere: bool
    stamps: Mapping[str, Stamp]

    def __bool__(self) -> bool:
        return bool(self.files) or self.elsewhere


def changes_since(root: str, manifest: Manifest) -> Changes:
    """What is different on the disk from what a manifest holds."""
    prefix = root if root.endswith(("/", os.sep)) else f"{root}/"
    stamps: dict[str, Stamp] = {}
    elsewhere = any(os.path.lexists(prefix + path) for path in manifest.absent)
    for path, folder in manifest.folders.items():
        stamp = _stamp(prefix + path)
        if stamp == folder.stamp:
            continue
        if stamp is None or _listing(prefix + path) != folder.digest:
            elsewhere = True
        else:
            stamps[f"{path}/"] = stamp
    files = []
    stat = os.stat
    for path, file in manifest.files.items():
        # Thousands of files: a Path costs as much again, and so does a function in between.
        try:
            status = stat(prefix + path)
            stamp = (status.st_size, status.st_mtime_ns, status.st_ino)
        except OSError:
            stamp = None
        if stamp == file.stamp:
            continue
        if stamp is not None and _content(prefix + path, file.limit) == file.digest:
            stamps[path] = stamp
        else:
            files.append(path)
            elsewhere = elsewhere or stamp is None
    return Changes(tuple(files), elsewhere, stamps)


def changes_among(root: str, manifest: Manifest, suspects: Iterable[str]) -> Changes | None:
    """The same where all but a few files and folders (`ROOT`: the root itself) are known to be as they were.

    None where the manifest does not tell of one of these.
    """
    suspects = ["" if path == ROOT else path for path in suspects]
    files = {path: manifest.files[path] for path in suspects if path in manifest.files}
    folders = {path: manifest.folders[path] for path in suspects if path in manifest.folders}
    if len(files) + len(folders) < len(suspects):
        return None
    return changes_since(root, Manifest(files, folders))


def refreshed(manifest: Manifest, stamps: Mapping[str, Stamp]) -> Manifest:
    """The manifest with other stamps; those of folders under names that end in `/`."""
    young = time.time_ns() - _RACY_NS
    for path, stamp in stamps.items():
        known = manifest.folders[path[:-1]] if path.endswith("/") else manifest.files[path]
        known.stamp = trusted(stamp, young)
    return manifest


def trusted(stamp: Stamp, young: int) -> Stamp:
    """The stamp, unless it was made after `young` (nanoseconds since 1970): then one that no file has."""
    return stamp if stamp[1] < young else UNKNOWN


def _stamp(path: str) -> Stamp | None:
    try:
        return stamp_of(os.stat(path))  # noqa: PTH116
    except OSError:
        return None


def _listing(path: str) -> bytes | None:
    try:
        with os.scandir(path) as entries:
            return listing_digest((entry.name, entry_kind(entry)) for entry in entries)
    except OSError:
        return None


def entry_kind(entry: os.DirEntry[str]) -> str:
    """What a name in a folder is: "link", "folder", "file", or "" for sockets, pipes and devices."""
    if entry.is_symlink():
        return "link"
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else ""


def _content(path: str, limit: int) -> bytes | None:
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            if limit == _SIZED:
                return _size_digest(os.fstat(file.fileno()))
            return content_digest(file.read(max(limit, -1)), limit)
    except OSError:
        return None


def _size_digest(status: os.stat_result) -> bytes:
    return str(status.st_size).encode()


def content_digest(data: bytes, limit: int) -> bytes:
    """The digest of a file's bytes; where `limit` says so, that of the names in git's index."""
    return digest_of(b"\0".join(sorted(index_paths(data))) if limit == TRACKED else data)


class Recorder:
    """Notes what a run sees of the disk below its root."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._young = time.time_ns() - _RACY_NS
        self._files: dict[str, SeenFile] = {}
        self._folders: dict[str, SeenFolder] = {}
        self._absent: set[str] = set()
        self._refused = False

    def folder(self, path: str, status: os.stat_result, entries: Iterable[tuple[str, str]]) -> None:
        """A folder was listed; `status` is from before."""
        digest = listing_digest(entries)
        known = self._folders.get(path)
        if known is not None and known.digest != digest:
            digest = b""
        self._folders[path] = SeenFolder(trusted(stamp_of(status), self._young), digest)

    def file(self, path: str, status: os.stat_result, data: bytes, limit: int) -> None:
        """A file, or its first `limit` bytes, was read; `status` is from before."""
        known = self._files.get(path)
        digest = content_digest(data, limit)
        if known is not None and limit >= 0 and (known.limit in (-1, TRACKED) or known.limit > limit):
            return
        if known is not None and known.limit == limit and known.digest != digest:
            digest = b""
        self._files[path] = SeenFile(trusted(stamp_of(status), self._young), digest, limit)

    def sized(self, path: str, status: os.stat_result) -> None:
        """The size alone of a file was asked for."""
        seen = SeenFile(trusted(stamp_of(status), self._young), _size_digest(status), _SIZED)
        self._files.setdefault(path, seen)

    @property
    def files(self) -> frozenset[str]:
        """The files that were read so far."""
        return frozenset(self._files)

    def seen(self, paths: Iterable[str]) -> dict[str, SeenFile]:
        """Those of the files that were read, as they were."""
        return {path: self._files[path] for path in paths if path in self._files}

    def adopt(self, other: Recorder, paths: Iterable[str]) -> None:
        """Take over what another one noted of files, which are not read again."""
        self._files.update(other.seen(paths))

    def missing(self, path: str) -> None:
        """A file or folder was looked for and is not there."""
        self._absent.add(path)

    def refused(self) -> None:
        """Something could not be read: what the run saw cannot be told."""
        self._refused = True

    def manifest(self) -> Manifest | None:
        """All that was seen; None where something was seen in two states, or not at all."""
        digests = [seen.digest for seen in self._folders.values()] + [seen.digest for seen in self._files.values()]
        if self._refused or not all(digests):
            return None
        return Manifest(self._files, self._folders, tuple(sorted(filter(self._is_news, self._absent))))

    def _is_news(self, path: str) -> bool:
        """Whether no listing would tell that the path is there now: its nearest folder was not listed."""
        while path:
            path = path.rpartition("/")[0]
            if path in self._folders:
                return False
            if (self._root / path).exists():
                return True
        return True
