"""The walk: every file of a tree but those that are certainly nobody's own source."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from infralint.discover_git import Ignores, is_ignored, read_ignores, tracked_files
from infralint.discover_tree import EntryKind, Tree
from infralint.patterns import spec_of

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

# Folders whose very name says that a tool made them or that the code in them is somebody else's. `vendor`
# and `third_party` are not among them: services keep packages of their own there, and what is left out is
# unknown to every rule.
_NOT_SOURCE = frozenset(
    {
        ".bzr", ".direnv", ".eggs", ".git", ".hg", ".hypothesis", ".infralint_cache", ".ipynb_checkpoints",
        ".mypy_cache", ".nox", ".pytest_cache", ".ruff_cache", ".svn", ".terraform", ".tox", ".venv",
        "__pycache__", "__pypackages__", "_vendor", "bower_components", "dist-packages", "node_modules",
        "site-packages",
    }
)  # fmt: skip
# Files that a tool of vendoring leaves beside what it copied: pip's `vendoring`, Go, Composer.
_VENDORING_MARKS = frozenset({"vendor.txt", "modules.txt", "autoload.php"})
_BUILD_OUTPUT = ("lib", "lib.*", "bdist.*", "temp.*")
_PROJECT_FILES = frozenset({"setup.py", "setup.cfg", "pyproject.toml"})


@dataclass
class Found:
    """What a walk saw. `left_out`: files and folders (ending in "/") that exist and are not read.

    `links` are symbolic links, which are never followed; `unreadable` gives the reason by folder.
    """

    files: set[str] = field(default_factory=set)
    left_out: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    unreadable: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Folder:
    path: str
    ignores: Ignores
    siblings: frozenset[str]
    # Git ignores the folder; only what its index holds is read.
    tracked_only: bool = False


def walk(tree: Tree, exclude: tuple[str, ...]) -> Found:
    """All files below a tree's root, without what git, the patterns of `exclude` or its nature leave out."""
    return _Walk(tree, spec_of(exclude)).run()


def is_never_source(path: str) -> bool:
    """Whether a file stands in a folder that no walk goes into, whatever is in it."""
    return any(map(_is_foreign_name, path.split("/")[:-1]))


def _is_foreign_name(folder: str) -> bool:
    # A folder called `{{ cookiecutter.name }}` holds templates of files.
    return folder in _NOT_SOURCE or folder.endswith(".egg-info") or "{{" in folder


class _Walk:
    def __init__(self, tree: Tree, exclude: GitIgnoreSpec) -> None:
        self.tree = tree
        self.exclude = exclude if len(exclude) else None
        self.found = Found()
        self._tracked: frozenset[str] | None = None
        self._tracked_folders: frozenset[str] = frozenset()

    def run(self) -> Found:
        ignores = read_ignores(self.tree, ".git/info/exclude", "")
        pending = [_Folder("", ignores, frozenset())]
        while pending:
            pending += self._folder(pending.pop())
        return self.found

    def _folder(self, folder: _Folder) -> list[_Folder]:
        try:
            entries = self.tree.entries(folder.path)
        except OSError as error:
            self.found.unreadable[folder.path or "."] = error.strerror or str(error)
            return []
        names = frozenset(name for name, _ in entries)
        if folder.path and _is_foreign(self.tree, folder, names):
            self.found.left_out.add(f"{folder.path}/")
            return []
        ignores = folder.ignores
        if ".gitignore" in names:
            ignores += read_ignores(self.tree, _join(folder.path, ".gitignore"), folder.path)
        inner = []
        for name, kind in entries:
            path = _join(folder.path, name)
            if kind is EntryKind.FOLDER:
                inner += self._enter(_Folder(path, ignores, names, folder.tracked_only), name)
            else:
                self._file(path, kind, ignores, folder.tracked_only)
        return inner

    def _enter(self, folder: _Folder, name: str) -> list[_Folder]:
        path = f"{folder.path}/"
        if _is_foreign_name(name) or self._is_excluded(path):
            self.found.left_out.add(path)
            return []
        if not folder.tracked_only and not is_ignored(folder.ignores, path):
            return [folder]
        if self._holds_tracked(folder.path):
            return [_Folder(folder.path, folder.ignores, folder.siblings, True)]
        self.found.left_out.add(path)
        return []

    def _file(self, path: str, kind: EntryKind, ignores: Ignores, tracked_only: bool) -> None:
        if self._is_excluded(path) or (
            (tracked_only or is_ignored(ignores, path)) and path not in self._tracked_files()
        ):
            self.found.left_out.add(path)
        elif kind is EntryKind.LINK:
            self.found.links.add(path)
        else:
            self.found.files.add(path)

    def _is_excluded(self, path: str) -> bool:
        return self.exclude is not None and bool(self.exclude.check_file(path).include)

    def _tracked_files(self) -> frozenset[str]:
        """Git's index, read when the first ignored file asks for it."""
        if self._tracked is None:
            self._tracked = tracked_files(self.tree)
            self._tracked_folders = frozenset(
                path[:at] for path in self._tracked for at, letter in enumerate(path) if letter == "/"
            )
        return self._tracked

    def _holds_tracked(self, folder: str) -> bool:
        self._tracked_files()
        return folder in self._tracked_folders


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _is_foreign(tree: Tree, folder: _Folder, names: frozenset[str]) -> bool:
    """Whether a folder's content shows that it is an environment, a vendored tree or a build's output."""
    if "pyvenv.cfg" in names or ("conda-meta" in names and "bin" in names):
        return True
    name = folder.path.rpartition("/")[2]
    if name == "vendor" and names & _VENDORING_MARKS:
        return True
    if name == "build" and folder.siblings & _PROJECT_FILES:
        return any(fnmatch.fnmatchcase(child, pattern) for child in names for pattern in _BUILD_OUTPUT)
    return _is_old_environment(tree, folder.path, names)


def _is_old_environment(tree: Tree, folder: str, names: frozenset[str]) -> bool:
    """virtualenv before 20 wrote no pyvenv.cfg: `bin/activate` beside `lib/python*/site-packages`."""
    if "bin" in names and "lib" in names:
        scripts = "bin"
        libraries = [f"lib/{name}" for name in _names(tree, f"{folder}/lib") if name.startswith("python")]
    elif "Scripts" in names and "Lib" in names:
        scripts, libraries = "Scripts", ["Lib"]
    else:
        return False
    return "activate" in _names(tree, f"{folder}/{scripts}") and any(
        "site-packages" in _names(tree, f"{folder}/{library}") for library in libraries
    )


def _names(tree: Tree, folder: str) -> frozenset[str]:
    try:
        return frozenset(name for name, _ in tree.entries(folder))
    except OSError:
        return frozenset()
