"""The views of a Project about what is built, installed and deployed, and what runs there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from infralint.project.acting import Acting
from infralint.project.builds import Build, Builds
from infralint.project.builds.context import TreeIndex
from infralint.project.builds.missing_sources import MissingSource, made_names, missing_sources
from infralint.project.builds.missing_starts import MissingStart, StartJudge
from infralint.project.builds.requests import requests_of
from infralint.project.builds.services import sets_search_path
from infralint.project.builds.view import Contexts, DockerfileBuilds, builds_of
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
from infralint.project.gcloud import GcloudModel, is_gcloud
from infralint.project.gcloud_tables import table_for
from infralint.project.images import Images, image_words
from infralint.project.installs import Installs
from infralint.project.installs.closure import asks_of
from infralint.project.installs.image_modules import TreeModules
from infralint.project.installs.missing import Lacking, deployed_commands, lacking_in
from infralint.project.installs.view import DockerfileInstalls
from infralint.project.places import is_example, is_test
from infralint.project.requirement_conflicts import (
    FileConflicts,
    PlacedConflict,
    conflicts_in_images,
    distinct,
)
from infralint.project.requirement_files import RequirementFiles
from infralint.project.requirement_words import requirement_words
from infralint.project.requirements.view import Requirements
from infralint.project.secret_mounts import SecretMounts
from infralint.project.views import compared, lens, view

# What is made by file.
DEPLOYED_PARTS: dict[str, Callable[[Any, str], Iterable[Any]]] = {
    "asks": lambda project, path: (asks_of(project.files.get(path)),),
    "build_requests": lambda project, path: (requests_of(project.files, path),),
    "deployed_commands": deployed_commands,
    "dockerfile_builds": lambda project, path: (DockerfileBuilds(project.builds, path),),
    "dockerfile_installs": lambda project, path: (project.installs_in(path),),
    "imported_names": lambda project, path: sorted(imported_names(project.files[path])),
    "image_words": lambda project, path: (image_words(path, project.files[path]),),
    "image_conflicts": lambda project, path: conflicts_in_images(project.builds, project.installs, path),
    "lacking": lacking_in,
    "requirement_words": lambda project, path: (requirement_words(project.files[path]),),
    "made_names": lambda project, path: made_names(path, project.files[path]),
    "missing_sources": missing_sources,
    "missing_starts": lambda project, path: project.start_judge.missing_in(path),
}


class DeployedViews:
    """What a Project has of these views; `self` is the Project as the view sees it."""

    @compared
    def commands(self: Any) -> tuple[CommandUse, ...]:
        """The commands of all files, wherever they are written."""
        return tuple(all_commands(self.files, self.having("commands")))

    @compared
    def python_runs(self: Any) -> tuple[CommandUse, ...]:
        """The commands that run Python's interpreter."""
        return tuple(filter(runs_python, self.commands))

    @view
    def gcloud(self: Any) -> GcloudModel:
        """Command lines of gcloud, read by the table of its commands."""
        return GcloudModel(self._gcloud_uses, lambda: table_for(self.settings, self._read))

    @compared
    def _gcloud_uses(self: Any) -> tuple[CommandUse, ...]:
        return tuple(filter(is_gcloud, self.commands))

    @view
    def secret_mounts(self: Any) -> SecretMounts:
        """Variables of deployments that come from Secret Manager."""
        return SecretMounts(self.files, self.gcloud.commands)

    @view
    def acting(self: Any) -> Acting:
        """Deployments by one service account of what runs as another."""
        return Acting(self.files, self.commands, self.gcloud.commands)

    @view
    def images(self: Any) -> Images:
        """Container images: who uses which, and who publishes them."""
        return Images(self.files, self.paths, self.having, lambda path: self.part("image_words", path)[0])

    @view
    def _tree_index(self: Any) -> TreeIndex:
        return TreeIndex(self.paths, self._is_left_out, self._links)

    @view
    def _build_contexts(self: Any) -> Contexts:
        return Contexts(self.files, self._tree_index)

    @compared
    def _builds(self: Any) -> tuple[Build, ...]:
        return builds_of(self.files, self._tree_index, self.having, lambda path: self.part("build_requests", path)[0])

    @lens
    def builds(self: Any) -> Builds:
        """The images that the project builds, and what is in them."""
        return Builds(self.files, self._builds, self._build_contexts, self._of_dockerfile)

    def _of_dockerfile(self: Any, path: str) -> DockerfileBuilds:
        found: DockerfileBuilds
        (found,) = self.part("dockerfile_builds", path)
        return found

    @view
    def missing_sources(self: Any) -> tuple[MissingSource, ...]:
        """What Dockerfiles copy and no build of theirs has."""
        return tuple(found for path in self._own_dockerfiles for found in self.part("missing_sources", path))

    @view
    def missing_starts(self: Any) -> tuple[MissingStart, ...]:
        """What containers start and their images do not hold."""
        return tuple(found for path in self._own_dockerfiles for found in self.part("missing_starts", path))

    @property
    def _own_dockerfiles(self: Any) -> list[str]:
        """Without those of examples: what these copy and start is often what their reader is to make first."""
        return [path for path in self.builds.dockerfiles if not (is_test(path) or is_example(path))]

    @lens
    def start_judge(self: Any) -> StartJudge:
        """What looks for that."""
        deploying = self.having("deployments")
        return StartJudge(self.builds, self.files, deploying, search_path_is_set=self._search_path_is_set)

    @compared
    def _search_path_is_set(self: Any) -> bool:
        return sets_search_path(self.files, self.having("deployments"))

    @view
    def requirements(self: Any) -> Requirements:
        """What files ask to be installed, and what that brings."""
        return Requirements(
            self.files,
            self.paths,
            providers=self.settings.module_distributions,
            requires=self.settings.distribution_requires,
            is_left_out=self._is_left_out,
        )

    @lens
    def installs(self: Any) -> Installs:
        """The distributions of images."""
        return Installs(lambda path: self.part("dockerfile_installs", path)[0])

    def installs_in(self: Any, path: str) -> DockerfileInstalls:
        """The distributions of the images of a Dockerfile, as long as these are the same."""
        self._of_dockerfile(path)
        return DockerfileInstalls(self.files, self.requirements)

    @view
    def tree_modules(self: Any) -> TreeModules:
        """The paths of all modules."""
        return TreeModules({path for path, facts in self.files.items() if facts.python is not None})

    @compared
    def console_scripts(self: Any) -> ConsoleScripts:
        """The programs that installs make, by the files that declare them."""
        return tuple((path, self.files[path].console_scripts) for path in self.having("console_scripts"))

    @view
    def missing_requirements(self: Any) -> tuple[Lacking, ...]:
        """Images that lack what their start imports, by Dockerfile and stage."""
        own = (path for path in self.builds.dockerfiles if not is_test(path))
        return tuple(found for path in own for found in self.part("lacking", path))

    @view
    def requirement_files(self: Any) -> RequirementFiles:
        """Requirement files that are named and are not there."""
        return RequirementFiles(
            self.files,
            self.paths,
            self.requirements,
            self.builds,
            self.installs,
            self.having,
            lambda path: self.part("requirement_words", path)[0],
        )

    @view
    def requirement_conflicts(self: Any) -> tuple[PlacedConflict, ...]:
        """Requirements of one install that contradict each other."""
        images = [found for path in self.builds.dockerfiles for found in self.part("image_conflicts", path)]
        return distinct([*images, *self._file_conflicts])

    @compared
    def _file_conflicts(self: Any) -> tuple[PlacedConflict, ...]:
        return tuple(FileConflicts(self.files, self.having("requirements"), self.requirements).all())

    @lens
    def entry_points(self: Any) -> EntryPoints:
        """Where the project's processes start."""
        return EntryPoints(self.modules, lambda: self._starts)

    @compared
    def _starts(self: Any) -> tuple[Start, ...]:
        starts: tuple[Start, ...] = self.entry_points.told_by(self.commands, self.console_scripts)
        return starts

    @view
    def deployments(self: Any) -> Deployments:
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
    def environment(self: Any) -> Environment:
        """Variables that deployed code reads, against those that its deployments set."""
        return Environment(self, self.deployments)

    @view
    def environment_reads(self: Any) -> Reads:
        """The variables that modules read."""
        return Reads(self.files, self.modules, self.interpreter)

    @view
    def settings_classes(self: Any) -> SettingsClasses:
        """Settings classes of pydantic."""
        return SettingsClasses(self.files, self.interpreter, self._settings_candidates, self._settings_users)

    @compared
    def _settings_candidates(self: Any) -> Candidates:
        return candidates_in(self.files)

    @compared
    def _settings_users(self: Any) -> dict[str, set[str]]:
        imported = ((path, self.part("imported_names", path)) for path in self._module_graph.modules)
        return users_of(self._settings_candidates, imported)
