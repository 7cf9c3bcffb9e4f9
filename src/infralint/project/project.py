"""The Project that rules ask: one view for each subject, made when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from pathspec import GitIgnoreSpec

from infralint.facts.files import FileFacts
from infralint.patterns import spec_of
from infralint.project import import_closure
from infralint.project.acting import Acting
from infralint.project.applications import Applications, edges
from infralint.project.builds import Build, Builds
from infralint.project.builds.context import TreeIndex
from infralint.project.builds.missing_sources import MissingSource, missing_sources
from infralint.project.builds.missing_starts import MissingStart, StartJudge
from infralint.project.builds.services import sets_search_path
from infralint.project.builds.view import Contexts, DockerfileBuilds, builds_of
from infralint.project.class_members import ClassMembers
from infralint.project.class_uses import ClassUsesView
from infralint.project.commands import CommandUse, all_commands, runs_python
from infralint.project.deployments import Deployments
from infralint.project.entry_points import ConsoleScripts, EntryPoints, Start
from infralint.project.environment import Environment
from infralint.project.environment.reads import Reads
from infralint.project.environment.settings_classes import (
    Candidates,
    SettingsClasses,
    candidates_in,
    imported_names,
    users_of,
)
from infralint.project.environment.view import certainly_started, possibly_started
from infralint.project.gcloud import GcloudModel, is_gcloud
from infralint.project.gcloud_tables import table_for
from infralint.project.images import Images
from infralint.project.import_closure import ImportGraph
from infralint.project.import_roots import ImportRoots
from infralint.project.import_targets import ImportTargets
from infralint.project.installs import Installs
from infralint.project.installs.closure import asks_of
from infralint.project.installs.image_modules import TreeModules
from infralint.project.installs.missing import Lacking, deployed_commands, lacking_in
from infralint.project.installs.view import DockerfileInstalls
from infralint.project.interpret import Interpreter
from infralint.project.interpret.machine import Decoded
from infralint.project.models import OrmView
from infralint.project.models.view import extended_in
from infralint.project.module_names import NameJudge, released, shown, top_level
from infralint.project.modules import ModuleGraph
from infralint.project.places import is_example, is_test
from infralint.project.requirement_conflicts import (
    FileConflicts,
    PlacedConflict,
    conflicts_in_images,
    distinct,
)
from infralint.project.requirement_files import RequirementFiles
from infralint.project.requirements.view import Requirements
from infralint.project.secret_mounts import SecretMounts
from infralint.project.sql_views import SQL_PARTS, SqlViews
from infralint.project.test_collection import TestCollection, names_pytest
from infralint.project.unloaded_targets import UnloadedTargets
from infralint.project.unresolved_imports import UnresolvedImport, importing, unresolved_in
from infralint.project.unresolved_patches import UnresolvedPatch, patching, unpatched_in
from infralint.project.views import Memory, compared, lens, view
from infralint.settings import Settings

T = TypeVar("T")
# Views that are made file by file, so that a change costs no more than the files that it concerns.
_PARTS: dict[str, Callable[[Any, str], Iterable[Any]]] = {
    "asks": lambda project, path: (asks_of(project.files.get(path)),),
    "certainly_started": certainly_started,
    "deployed_commands": deployed_commands,
    "dockerfile_builds": lambda project, path: (DockerfileBuilds(project.builds, path),),
    "dockerfile_installs": lambda project, path: (project.installs_in(path),),
    "having": lambda project, field: [path for path, facts in project.files.items() if getattr(facts, field)],
    "imported_names": lambda project, path: sorted(imported_names(project.files[path])),
    "image_conflicts": lambda project, path: conflicts_in_images(project.builds, project.installs, path),
    "lacking": lacking_in,
    "missing_sources": missing_sources,
    "missing_starts": lambda project, path: project.start_judge.missing_in(path),
    "possibly_started": possibly_started,
    "relative_imports": lambda project, path: [each for each in project.files[path].python.imports if each.level],
    "imported": lambda project, path: (edges(project.modules, path), import_closure.certain(project, path)),
    "loaded": import_closure.loaded,
    "shown": lambda project, path: shown(project.files, project.name_judge, path),
    "named": lambda project, path: (
        top_level(project.files[path], project.modules),
        import_closure.words(project, path),
    ),
    "extended": lambda project, path: sorted(extended_in(project.files[path])),
    "unresolved_imports": lambda project, path: unresolved_in(project.files, project.name_judge, path),
    "unresolved_patches": lambda project, path: unpatched_in(project.files, project.class_members, path),
    **SQL_PARTS,
}


def _own_part(seen: Any) -> tuple[Any, ...]:
    """The part as which a project is seen."""
    return tuple(seen.make_part(*seen.key))


class Project(SqlViews):
    """All facts of a project. `paths` are all files of the tree, also those that no reader reads.

    `lower`: the statements of a module that the interpreter comes to and that was not lowered when it was read, in
    facts that hold nothing else (None: it stays Unknown).
    `is_left_out` says whether git or the settings leave a path (a folder's ends in "/") out of the tree.
    `read`: the bytes of any file, for the tables that the settings name. `links`: the symbolic links among the paths.
    """

    def __init__(
        self,
        files: Mapping[str, FileFacts],
        paths: Iterable[str],
        settings: Settings,
        lower: Callable[[str], FileFacts | None] | None = None,
        is_left_out: Callable[[str], bool] = lambda path: False,
        read: Callable[[str], bytes] | None = None,
        links: frozenset[str] = frozenset(),
    ) -> None:
        self.files = dict(sorted(files.items()))
        self.paths = frozenset(paths) | frozenset(files)
        self.settings = settings
        self._lower = lower
        self._is_left_out = is_left_out
        self._read = read
        self._links = links
        self._decoded: Decoded = {}
        self.memory: Memory | None = None
        self._parts: dict[tuple[str, str], tuple[Any, ...]] = {}

    def lowered(self, path: str) -> FileFacts | None:
        """The statements of a module that was not lowered when it was read."""
        return self._lower(path) if self._lower is not None else None

    def remember(self) -> None:
        """Note from now on what views see, so that they can be kept when facts change (`relink`)."""
        self.memory = Memory(self)

    def relink(self, files: Mapping[str, FileFacts]) -> bool:
        """Take other facts of some of the files; False, and nothing done, where too much differs.

        Only of a project that remembers. Which files there are, and the settings, are what they were.
        """
        assert self.memory is not None
        return self.memory.take(self.files, files)

    def answer(self, rule: str, check: Callable[[Any], Iterable[T]]) -> tuple[T, ...]:
        """What a rule yields, given its id."""
        if self.memory is None:
            return tuple(check(self))
        return self.memory.get(("rule", rule), lambda seen: tuple(check(seen)))

    def part(self, name: str, path: str) -> tuple[Any, ...]:
        """What a view that looks at one file after the other finds in one of them."""
        if self.memory is not None:
            return self.memory.get((name, path), _own_part, compared=True)
        if (name, path) not in self._parts:
            self._parts[name, path] = self.make_part(name, path)
        return self._parts[name, path]

    def make_part(self, name: str, path: str) -> tuple[Any, ...]:
        """A part, made anew."""
        return tuple(_PARTS[name](self, path))

    def having(self, field: str) -> tuple[str, ...]:
        """The files whose facts have something in a field, in order."""
        return self.part("having", field)

    @view
    def _module_graph(self) -> ModuleGraph:
        roots = ImportRoots(self.files, lambda: self.builds.all)
        return ModuleGraph(self.files, self.paths, self.settings.sources, roots)

    @lens
    def modules(self) -> ModuleGraph:
        """Modules, import roots, and what a name is after imports and re-exports."""
        return self._module_graph.over(self.files)

    @view
    def import_targets(self) -> ImportTargets:
        """What imports may find besides the modules that were read."""
        return ImportTargets(self.paths, self._is_left_out)

    @view
    def unresolved_imports(self) -> tuple[UnresolvedImport, ...]:
        """Imports of the tree's own modules that must fail."""
        return tuple(found for path in importing(self.files) for found in self.part("unresolved_imports", path))

    @view
    def unresolved_patches(self) -> tuple[UnresolvedPatch, ...]:
        """Patches of names that the tree's own modules do not have."""
        return tuple(found for path in patching(self.files) for found in self.part("unresolved_patches", path))

    @lens
    def class_members(self) -> ClassMembers:
        """The attributes of first-party classes."""
        return ClassMembers(self.name_judge)

    @view
    def test_collection(self) -> TestCollection:
        """What pytest would collect."""
        return TestCollection(self.files, self.modules, self._pytest_runs, self.class_members.of)

    @compared
    def _pytest_runs(self) -> tuple[CommandUse, ...]:
        return tuple(filter(names_pytest, self.commands))

    @lens
    def name_judge(self) -> NameJudge:
        """Which names the tree's own modules certainly do not have."""
        return NameJudge(self)

    @compared
    def own_packages(self) -> frozenset[str]:
        """Top-level names that are surely the tree's own."""
        return frozenset(head for path in self._outlined for head in self.part("shown", path))

    @compared
    def released(self) -> dict[str, set[str]]:
        """Distributions that are asked for from elsewhere, with the folders of the files that do so."""
        return released(self.files)

    @compared
    def modules_by_name(self) -> dict[str, list[str]]:
        """Modules by the top-level names that they import."""
        found: dict[str, list[str]] = {}
        for path in sorted(self._module_graph.modules):
            for name in self.part("named", path)[0]:
                found.setdefault(name, []).append(path)
        return found

    @view
    def interpreter(self) -> Interpreter:
        """The symbolic interpreter over the project's modules."""
        return Interpreter(self.files, self.modules, self.lowered, decoded=self._decoded)

    @view
    def class_uses(self) -> ClassUsesView:
        """What all files ask of mapped classes."""
        return ClassUsesView(self.files, self.modules, lambda: self.models)

    @view
    def models(self) -> OrmView:
        """SQLAlchemy's registries, mapped classes and tables, as the interpreter evaluates them."""
        return OrmView(self.interpreter, self.files, lambda: self.extended)

    @compared
    def extended(self) -> dict[str, frozenset[str]]:
        """The names of classes that other modules than those of models extend, by module."""
        found = ((path, self.part("extended", path)) for path in self._module_graph.modules)
        return {path: frozenset(names) for path, names in sorted(found) if names}

    @compared
    def commands(self) -> tuple[CommandUse, ...]:
        """The commands of all files, wherever they are written."""
        return tuple(all_commands(self.files, self.having("commands")))

    @compared
    def python_runs(self) -> tuple[CommandUse, ...]:
        """The commands that run Python's interpreter."""
        return tuple(filter(runs_python, self.commands))

    @view
    def gcloud(self) -> GcloudModel:
        """Command lines of gcloud, read by the table of its commands."""
        return GcloudModel(self._gcloud_uses, lambda: table_for(self.settings, self._read))

    @compared
    def _gcloud_uses(self) -> tuple[CommandUse, ...]:
        return tuple(filter(is_gcloud, self.commands))

    @view
    def secret_mounts(self) -> SecretMounts:
        """Variables of deployments that come from Secret Manager."""
        return SecretMounts(self.files, self.gcloud.commands)

    @view
    def acting(self) -> Acting:
        """Deployments by one service account of what runs as another."""
        return Acting(self.files, self.commands, self.gcloud.commands)

    @view
    def images(self) -> Images:
        """Container images: who uses which, and who publishes them."""
        return Images(self.files, self.paths, self.having)

    @view
    def _tree_index(self) -> TreeIndex:
        return TreeIndex(self.paths, self._is_left_out, self._links)

    @view
    def _build_contexts(self) -> Contexts:
        return Contexts(self.files, self._tree_index)

    @compared
    def _builds(self) -> tuple[Build, ...]:
        return builds_of(self.files, self._tree_index, self.commands, self.having)

    @lens
    def builds(self) -> Builds:
        """The images that the project builds, and what is in them."""
        return Builds(self.files, self._builds, self._build_contexts, self._of_dockerfile)

    def _of_dockerfile(self, path: str) -> DockerfileBuilds:
        found: DockerfileBuilds
        (found,) = self.part("dockerfile_builds", path)
        return found

    @view
    def missing_sources(self) -> tuple[MissingSource, ...]:
        """What Dockerfiles copy and no build of theirs has."""
        return tuple(found for path in self._own_dockerfiles for found in self.part("missing_sources", path))

    @view
    def missing_starts(self) -> tuple[MissingStart, ...]:
        """What containers start and their images do not hold."""
        return tuple(found for path in self._own_dockerfiles for found in self.part("missing_starts", path))

    @property
    def _own_dockerfiles(self) -> list[str]:
        """Without those of examples: what these copy and start is often what their reader is to make first."""
        return [path for path in self.builds.dockerfiles if not (is_test(path) or is_example(path))]

    @lens
    def start_judge(self) -> StartJudge:
        """What looks for that."""
        deploying = self.having("deployments")
        return StartJudge(self.builds, self.files, deploying, search_path_is_set=self._search_path_is_set)

    @compared
    def _search_path_is_set(self) -> bool:
        return sets_search_path(self.files, self.having("deployments"))

    @view
    def requirements(self) -> Requirements:
        """What files ask to be installed, and what that brings."""
        return Requirements(
            self.files,
            self.paths,
            providers=self.settings.module_distributions,
            requires=self.settings.distribution_requires,
            is_left_out=self._is_left_out,
        )

    @lens
    def installs(self) -> Installs:
        """The distributions of images."""
        return Installs(lambda path: self.part("dockerfile_installs", path)[0])

    def installs_in(self, path: str) -> DockerfileInstalls:
        """The distributions of the images of a Dockerfile, as long as these are the same."""
        self._of_dockerfile(path)
        return DockerfileInstalls(self.files, self.requirements)

    @view
    def tree_modules(self) -> TreeModules:
        """The paths of all modules."""
        return TreeModules({path for path, facts in self.files.items() if facts.python is not None})

    @compared
    def console_scripts(self) -> ConsoleScripts:
        """The programs that installs make, by the files that declare them."""
        return tuple((path, self.files[path].console_scripts) for path in self.having("console_scripts"))

    @view
    def missing_requirements(self) -> tuple[Lacking, ...]:
        """Images that lack what their start imports, by Dockerfile and stage."""
        own = (path for path in self.builds.dockerfiles if not is_test(path))
        return tuple(found for path in own for found in self.part("lacking", path))

    @view
    def requirement_files(self) -> RequirementFiles:
        """Requirement files that are named and are not there."""
        return RequirementFiles(
            self.files, self.paths, self.requirements, self.commands, self.builds, self.installs, self.having
        )

    @view
    def requirement_conflicts(self) -> tuple[PlacedConflict, ...]:
        """Requirements of one install that contradict each other."""
        images = [found for path in self.builds.dockerfiles for found in self.part("image_conflicts", path)]
        return distinct([*images, *self._file_conflicts])

    @compared
    def _file_conflicts(self) -> tuple[PlacedConflict, ...]:
        return tuple(FileConflicts(self.files, self.having("requirements"), self.requirements).all())

    @lens
    def imports(self) -> ImportGraph:
        """What each module may load."""
        return ImportGraph(self)

    @view
    def modules_by_stem(self) -> dict[str, list[str]]:
        """Modules by the last part of their name."""
        return import_closure.by_stem(self._module_graph.modules)

    @view
    def modules_by_word(self) -> dict[str, list[str]]:
        """Modules by the words of the dotted names that they hold, as far as modules are called so."""
        return import_closure.by_word(self)

    @lens
    def entry_points(self) -> EntryPoints:
        """Where the project's processes start."""
        return EntryPoints(self.modules, lambda: self._starts)

    @compared
    def _starts(self) -> tuple[Start, ...]:
        return self.entry_points.told_by(self.commands, self.console_scripts)

    @view
    def deployments(self) -> Deployments:
        """What is deployed, and the variables that are set for it."""
        return Deployments(
            self.files,
            self.paths,
            self.commands,
            self.gcloud.commands,
            self.builds,
            self.entry_points,
            self.console_scripts,
            self.having("deployments"),
        )

    @view
    def environment(self) -> Environment:
        """Variables that deployed code reads, against those that its deployments set."""
        return Environment(self, self.deployments)

    @view
    def environment_reads(self) -> Reads:
        """The variables that modules read."""
        return Reads(self.files, self.modules, self.interpreter)

    @view
    def settings_classes(self) -> SettingsClasses:
        """Settings classes of pydantic."""
        return SettingsClasses(self.files, self.interpreter, self._settings_candidates, self._settings_users)

    @compared
    def _settings_candidates(self) -> Candidates:
        return candidates_in(self.files)

    @compared
    def _settings_users(self) -> dict[str, set[str]]:
        imported = ((path, self.part("imported_names", path)) for path in self._module_graph.modules)
        return users_of(self._settings_candidates, imported)

    @view
    def unloaded_targets(self) -> UnloadedTargets:
        """Relationships whose target's module a process does not load."""
        return UnloadedTargets(self.models, self.imports, self.entry_points)

    @view
    def applications(self) -> Applications:
        """Which modules belong to one application."""
        return Applications(self._module_graph, [(path, self.part("imported", path)[0]) for path in self._outlined])

    @view
    def _outlined(self) -> tuple[str, ...]:
        return tuple(path for path in sorted(self._module_graph.modules) if self.modules.outline(path))

    def allows_relative_imports(self, path: str) -> bool:
        """Whether the settings allow relative imports in a file."""
        return bool(self.settings.relative_imports) and self._relative_patterns.match_file(path)

    @view
    def _relative_patterns(self) -> GitIgnoreSpec:
        return spec_of(self.settings.relative_imports)

    @view
    def uses_importlib_mode(self) -> bool:
        """Whether a settings file tells pytest to import test files by path, which makes packages of folders."""
        return any(facts.pytest is not None and facts.pytest.importlib for facts in self.files.values())
