"""Which changes on disk matter to a project: of files that it reads, of what exists in it, and of its settings."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from watchfiles import Change, DefaultFilter

from infralint.kinds import Kind, may_have_shebang
from infralint.settings import Settings
from infralint.workspace import Workspace, on_disk

# A change as watchfiles tells it: what happened, to which file or folder (absolute).
Event = tuple[Change, str]


class Changes:
    """Tells the changes that matter to the project in `root` from all others."""

    def __init__(self, root: Path) -> None:
        self._root = root
        # Some systems name what changed by the real path of a folder that is watched by another name.
        self._names = tuple(dict.fromkeys((root, root.resolve())))
        self._is_no_litter = DefaultFilter()
        self._settings = Settings()
        self._kinds: dict[str, Kind | None] = {}
        self._folders: frozenset[str] = frozenset()
        self._left_out: frozenset[str] = frozenset()

    def look(self, settings: Settings | None = None) -> None:
        """See which files there are now, by settings (None: those of the last look). Raises NotADirectoryError."""
        self._settings = settings or self._settings
        self._keep(on_disk(self._root, self._settings))

    def relevant(self, events: Iterable[Event]) -> frozenset[str]:
        """The files (relative to the root, `/`) that came, went, or are read and may hold something else.

        Raises NotADirectoryError.
        """
        happened = set(self._candidates(events))
        changed = {path for _, path in happened if self._is_read(path) or self.decides(path)}
        changed |= {path for change, path in happened if change is Change.added for path in self._inside(path)}
        if any(self._may_be_another(change, path) for change, path in happened):
            before = self._kinds
            self.look()
            both = before.keys() | self._kinds.keys()
            # A file that is not read counts by being there: an image copies it, a command names it.
            changed |= {path for path in both if _state(before, path) != _state(self._kinds, path)}
        return frozenset(path for path in changed if self._counts(path))

    def decides(self, path: str) -> bool:
        """Whether a file that is no source decides what the others mean."""
        table = self._settings.gcloud_table
        return path.rpartition("/")[2] == ".gitignore" or bool(table and path.startswith(f"{table}/"))

    def came(self, events: Iterable[Event]) -> frozenset[str]:
        """Files and folders that were made."""
        return frozenset(path for change, path in self._candidates(events) if change is Change.added)

    def _candidates(self, events: Iterable[Event]) -> Iterable[tuple[Change, str]]:
        """What happened inside the project, without folders that it leaves out and what editors leave lying about."""
        for change, name in events:
            path = self._relative(name)
            if path and self._counts(path):
                yield change, path

    def _keep(self, workspace: Workspace) -> None:
        self._kinds = {path: workspace.kind(path) for path in workspace.paths}
        self._folders = frozenset(str(folder) for path in self._kinds for folder in PurePosixPath(path).parents)
        self._left_out = workspace.left_out

    def _relative(self, name: str) -> str:
        """A path below the root, "" for any other."""
        path = Path(name)
        for root in self._names:
            if root in path.parents:
                return path.relative_to(root).as_posix()
        return ""

    def _counts(self, path: str) -> bool:
        """Whether a path belongs to the project, and is none of the files that editors leave lying about."""
        if path in self._left_out or f"{path}/" in self._left_out or not self._is_no_litter(Change.modified, path):
            return False
        return not any(f"{folder}/" in self._left_out for folder in PurePosixPath(path).parents)

    def _is_read(self, path: str) -> bool:
        return self._kinds.get(path) is not None and (self._root / path).is_file()

    def _inside(self, path: str) -> Iterable[str]:
        """The files in a folder that took another one's place: of these nothing is told."""
        return (file for file in self._kinds if file.startswith(f"{path}/")) if path in self._folders else ()

    def _may_be_another(self, change: Change, path: str) -> bool:
        """Whether a look at all files is needed: this one came or went, or decides about others."""
        file = self._root / path
        if path in self._folders:
            return change is Change.added or not file.is_dir()
        there = file.is_file() or file.is_symlink()
        if path not in self._kinds:
            return there or file.is_dir()
        return not there or self.decides(path) or (self._kinds[path] is None and may_have_shebang(path))


def _state(kinds: dict[str, Kind | None], path: str) -> tuple[bool, Kind | None]:
    return path in kinds, kinds.get(path)
