"""Migration environments: a script location with the revisions that Alembic finds there, and their graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from infralint.facts.files import FileFacts
from infralint.project.catalog import Origin
from infralint.project.interpret import ModuleValue
from infralint.project.migrations.answers import POSTGRESQL
from infralint.project.migrations.dialect import dialect_of, is_certainly_postgresql
from infralint.project.migrations.graph import Revision, RevisionGraph
from infralint.project.migrations.locations import ScriptFolder, is_revision_name, join, script_folders

# What reads the identifiers of a revision file; None for a file that is none.
ReadRevision = Callable[[str], Revision | None]
# Gives a module, evaluated.
GetModule = Callable[[str], ModuleValue]


@dataclass(frozen=True, slots=True)
class Environment:
    """A script location and its revisions.

    `env` is the path of its env.py, `settings` that of the file that names it; "" where there is none. `certain`: the
    files of the graph are those that Alembic loads; else the folders are told at run time, and the graph holds the
    revisions that were found near each other. `strangers`: files that Alembic loads as revisions and that are none,
    each with its first definition.
    """

    folder: str
    env: str
    settings: str
    graph: RevisionGraph
    certain: bool
    dialect: str = POSTGRESQL
    # Whether nothing speaks for another server than that of `dialect`.
    is_sure: bool = True
    strangers: tuple[Origin, ...] = ()

    @property
    def name(self) -> str:
        """The folder that holds the revisions, as a name for people."""
        folders = {revision.path.rpartition("/")[0] for revision in self.graph.members}
        return min(folders) if len(folders) == 1 else self.folder

    @property
    def has_branches_on_purpose(self) -> bool:
        """Whether several heads are meant: branches have labels, depend on each other, or have folders of their own."""
        members = self.graph.members
        folders = {revision.path.rpartition("/")[0] for revision in members}
        return len(folders) > 1 or any(revision.labels or revision.depends_on for revision in members)


def find_environments(files: Mapping[str, FileFacts], read: ReadRevision, module: GetModule) -> tuple[Environment, ...]:
    """All environments that have revisions, sorted by folder."""
    finder = _Finder(files, read, module)
    return tuple(sorted(finder.find(), key=lambda each: (each.folder, each.name)))


class _Finder:
    def __init__(self, files: Mapping[str, FileFacts], read: ReadRevision, module: GetModule) -> None:
        self.files = files
        self.read = read
        self.module = module
        self.by_folder: dict[str, list[str]] = {}
        for path, facts in sorted(files.items()):
            if facts.python is not None and facts.python.is_revision and is_revision_name(path):
                self.by_folder.setdefault(path.rpartition("/")[0], []).append(path)
        self.claimed: set[str] = set()

    def find(self) -> Iterable[Environment]:
        scripts = script_folders(self.files, folders_of(self.files))
        for script in scripts:
            versions = script.versions or (join(script.folder, "versions"),)
            if script.versions or versions[0] in self.by_folder:
                yield from self._certain(script, versions)
        for script in sorted(scripts, key=lambda each: -each.folder.count("/")):
            yield from self._guessed(script, self._below(script.folder))
        yield from self._guessed(ScriptFolder(""), [folder for folder in self.by_folder if folder not in self.claimed])

    def _certain(self, script: ScriptFolder, versions: tuple[str, ...]) -> Iterable[Environment]:
        """The environment of folders that the settings, or Alembic's default, name."""
        folders = [folder for each in versions for folder in self._with_subfolders(each, script.recursive)]
        paths = [path for folder in dict.fromkeys(folders) for path in self.by_folder.get(folder, ())]
        if not paths:
            return
        others = [folder for folder in self._below(versions[0]) if folder not in folders]
        if others and not script.versions:
            # Revisions in subfolders: env.py, or who calls Alembic, names the folders.
            return
        self.claimed.update(folders)
        strangers = [origin for path in self.files if (origin := self._stranger(path, folders)) is not None]
        graph = RevisionGraph(self._revisions(paths))
        dialect, is_sure = self._server(script, paths)
        yield Environment(script.folder, script.env, script.settings, graph, True, dialect, is_sure, tuple(strangers))

    def _server(self, script: ScriptFolder, paths: list[str]) -> tuple[str, bool]:
        dialect = dialect_of(script, paths)
        return dialect, dialect != POSTGRESQL or is_certainly_postgresql(script, paths, self.files)

    def _stranger(self, path: str, folders: list[str]) -> Origin | None:
        """The place to point at in a file that has no `revision` or no `down_revision`; None for all other files."""
        facts = self.files[path]
        if path.rpartition("/")[0] not in folders or not is_revision_name(path) or facts.python is None:
            return None
        if facts.python.is_revision or facts.problem is not None:
            return None
        module = self.module(path)
        if {"revision", "down_revision"} <= module.names.keys() or module.problem:
            return None
        places = [bound.name_origin for bound in module.names.values() if bound.name_origin.path == path]
        return min(places) if places else None

    def _with_subfolders(self, folder: str, recursive: bool) -> list[str]:
        if not recursive:
            return [folder]
        return [folder, *sorted(each for each in self.by_folder if each.startswith(f"{folder}/"))]

    def _below(self, folder: str) -> list[str]:
        """Folders of revisions at or below a folder that no environment has yet."""
        inside = f"{folder}/" if folder else ""
        return [
            each for each in self.by_folder if each not in self.claimed and (each == folder or each.startswith(inside))
        ]

    def _guessed(self, script: ScriptFolder, folders: list[str]) -> Iterable[Environment]:
        """Environments of folders whose revisions name each other."""
        self.claimed.update(folders)
        revisions = {folder: self._revisions(self.by_folder[folder]) for folder in folders}
        for group in _connected(revisions):
            members = [revision for folder in group for revision in revisions[folder]]
            yield Environment(
                script.folder or group[0],
                script.env,
                script.settings,
                RevisionGraph(members),
                False,
                *self._server(script, [member.path for member in members]),
            )

    def _revisions(self, paths: Iterable[str]) -> list[Revision]:
        return [revision for path in paths if (revision := self.read(path)) is not None]


def folders_of(files: Mapping[str, FileFacts]) -> frozenset[str]:
    """All folders of the tree that hold a file that was read, or a folder with one."""
    found: set[str] = set()
    for path in files:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return frozenset(found)


def _connected(revisions: Mapping[str, list[Revision]]) -> list[list[str]]:
    """Folders in groups, so that `down_revision` and `depends_on` lead from one to another inside of a group only."""
    homes: dict[str, set[str]] = {}
    for folder, members in revisions.items():
        for revision in members:
            homes.setdefault(revision.id, set()).add(folder)
    groups = {folder: {folder} for folder in revisions}
    for folder, members in revisions.items():
        own = {revision.id for revision in members}
        for revision in members:
            for name in (*revision.down, *revision.depends_on):
                found = homes.get(name, set()) if name not in own else set()
                if len(found) == 1:
                    _join_groups(groups, folder, next(iter(found)))
    unique = {id(group): group for group in groups.values()}
    return sorted(sorted(group) for group in unique.values() if any(revisions[folder] for folder in group))


def _join_groups(groups: dict[str, set[str]], first: str, second: str) -> None:
    if groups[first] is groups[second]:
        return
    groups[first] |= groups[second]
    for folder in groups[second]:
        groups[folder] = groups[first]
