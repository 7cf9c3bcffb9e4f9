"""A commit, or git's index, as a tree of files: what the walk and the readers see in place of the disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from infralint.discover_tree import EntryKind, Tree
from infralint.git_program import Blob, Contents


@dataclass
class GitTree(Tree):
    """The files of a commit or of the index; all of them are tracked, whatever ignore files say.

    `contents` must stay open as long as the tree is read.
    """

    blobs: Mapping[str, Blob] = field(default_factory=dict)
    contents: Contents | None = None
    _last: tuple[str, bytes] = field(default=("", b""), init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        for path, blob in self.blobs.items():
            self._add(path, EntryKind.LINK if blob.is_link else EntryKind.FILE)

    def read(self, path: str, limit: int = -1) -> bytes:
        """The first `limit` bytes of a file, or all of them. Raises OSError."""
        if self._last[0] != path:
            if path not in self.blobs or self.contents is None:
                raise FileNotFoundError(2, "No such file or directory", path)
            # A file is asked for its size, for its first bytes, and for all of them.
            self._last = (path, self.contents.read(self.blobs[path].name))
        return self._last[1] if limit < 0 else self._last[1][:limit]

    def size(self, path: str) -> int:
        """The size of a file in bytes. Raises OSError."""
        return len(self.read(path))

    def tracked(self) -> frozenset[str]:
        """All files."""
        return frozenset(self.blobs)
