"""Build contexts: which files of the tree a build can take."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from infralint.project.builds.ignores import Ignores, is_glob, pattern_of
from infralint.project.lookup import Absent, Known, Lookup, Open

# What builds and trainings leave behind: beside the sources it is made before the image is, also where no ignore file
# names it.
_GENERATED = re.compile(
    r"(?:^|/)(?:node_modules|dist|build|target|out|output|wheels|wheelhouse|\.venv|venv|artifacts?|__pycache__|\.git)(?:/|$)"
    r"|\.(?:whl|jar|war|tar|tgz|gz|bz2|xz|zip|deb|rpm|apk|egg|so|exe|pem|crt|key"
    r"|pkl|pickle|joblib|pt|pth|onnx|h5|keras|tflite|pb|bin|safetensors|gguf|model|npy|npz|csv|parquet|db|sqlite3?)$"
)
_DATA = re.compile(r"(?:^|/)(?:data|datasets?|models?|saved_model[^/]*|weights|checkpoints|staticfiles)(?:/|$)")
_SOURCE = re.compile(r"\.(?:pyi?|sh|bash|txt|toml|ini|cfg|conf|ya?ml|md|lock|in)$")


class TreeIndex:
    """The files and folders of the tree. `is_left_out` says whether git or the settings leave a path out; `links` are
    symbolic links, which nobody follows here."""

    def __init__(
        self, paths: Iterable[str], is_left_out: Callable[[str], bool], links: frozenset[str] = frozenset()
    ) -> None:
        self.files = frozenset(paths)
        self.links = links
        self._sorted = sorted(self.files)
        self.folders = frozenset(
            path[:at] for path in self._sorted for at, letter in enumerate(path) if letter == "/"
        ) | {""}
        self._is_left_out = is_left_out
        self._left_out: dict[str, bool] = {}

    def below(self, folder: str) -> Iterator[str]:
        """The files below a folder, sorted."""
        if not folder:
            yield from self._sorted
            return
        start = bisect_left(self._sorted, f"{folder}/")
        for at in range(start, len(self._sorted)):
            if not self._sorted[at].startswith(f"{folder}/"):
                return
            yield self._sorted[at]

    def named(self, name: str) -> Sequence[str]:
        """The files of a name, in whatever folder, sorted."""
        return self._by_name.get(name, ())

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self._sorted:
            found.setdefault(path.rpartition("/")[2], []).append(path)
        return found

    @cached_property
    def has_submodules(self) -> bool:
        """Whether folders may be empty here because git has not filled them."""
        return any(path == ".gitmodules" or path.endswith("/.gitmodules") for path in self.files)

    def may_exist(self, path: str) -> str:
        """Why a path that is not in the tree may be there when an image is built; "" if nothing says so."""
        if _GENERATED.search(path) or (_DATA.search(path) and not _SOURCE.search(path)):
            return "a build may make it"
        above = path
        while above:
            if above in self.files:
                # A file with something below it is a link to a folder.
                return "it is a link"
            above = above.rpartition("/")[0]
        if self.has_submodules and path.split("/")[0] not in self.folders:
            return "it may be a submodule"
        return "git leaves it out" if self._ignored(path) else ""

    def _ignored(self, path: str) -> bool:
        if path not in self._left_out:
            self._left_out[path] = self._is_left_out(path) or self._is_left_out(f"{path}/")
        return self._left_out[path]


@dataclass
class Context:
    """A folder of the tree as Docker sends it: without what an ignore file leaves out.

    `ignore_file` is its path in the tree, "" without one. Paths of questions and answers are relative to the context
    and normal, "" for its root.
    """

    tree: TreeIndex
    folder: str
    ignores: Ignores
    ignore_file: str = ""
    _files: tuple[str, ...] | None = field(default=None, init=False)

    @property
    def files(self) -> tuple[str, ...]:
        """All files that are sent."""
        if self._files is None:
            skip = len(self.folder) + 1 if self.folder else 0
            inside = (path[skip:] for path in self.tree.below(self.folder))
            self._files = tuple(path for path in inside if not self.ignores.leaves_out(path))
        return self._files

    @cached_property
    def _all(self) -> frozenset[str]:
        return frozenset(self.files)

    @cached_property
    def _folders(self) -> frozenset[str]:
        return frozenset(path[:at] for path in self.files for at, letter in enumerate(path) if letter == "/") | {""}

    def in_tree(self, path: str) -> str:
        """The path in the tree."""
        return f"{self.folder}/{path}" if self.folder and path else self.folder or path

    def find(self, path: str) -> Lookup[bool]:
        """Whether a path is there; Known(True) is a folder."""
        if path in self._all:
            return Known(False)
        if path in self._folders:
            return Known(True)
        tree_path = self.in_tree(path)
        if self.ignores.leaves_out(path):
            if not self.ignores.has_exceptions or tree_path in self.tree.files:
                return Absent()
        elif tree_path in self.tree.folders:
            # All that git keeps in it is left out, the folder itself is not.
            return Known(True)
        reason = self.tree.may_exist(tree_path)
        return Open(reason) if reason else Absent()

    def is_left_out(self, path: str) -> bool:
        """Whether a path is in the tree and the ignore file leaves it out."""
        tree_path = self.in_tree(path)
        return self.ignores.leaves_out(path) and (tree_path in self.tree.files or tree_path in self.tree.folders)

    def below(self, folder: str) -> Iterator[str]:
        """The files that are sent below a folder."""
        if not folder:
            yield from self.files
            return
        start = bisect_left(self.files, f"{folder}/")
        for at in range(start, len(self.files)):
            if not self.files[at].startswith(f"{folder}/"):
                return
            yield self.files[at]

    def glob(self, pattern: str) -> list[str]:
        """The files and folders that a pattern of COPY matches."""
        if not is_glob(pattern):
            return [pattern] if isinstance(self.find(pattern), Known) else []
        rule = pattern_of(pattern)
        return sorted(path for path in (*self.files, *self._folders) if path and rule.fullmatch(path))


def source_path(written: str) -> str:
    """A source of COPY relative to the context: absolute ones start at its root, and none leaves it."""
    normal = posixpath.normpath(f"/{written}").lstrip("/")
    return "" if normal == "." else normal
