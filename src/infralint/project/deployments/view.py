"""The view `Project.deployments`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from infralint.facts.deployments import Variable
from infralint.facts.files import FileFacts
from infralint.facts.text import HOLE
from infralint.project.builds.values import BuiltImage
from infralint.project.builds.view import Builds
from infralint.project.commands import CommandUse
from infralint.project.deployments.compose import ComposeProjects
from infralint.project.deployments.containers import docker_containers, made_sets, set_by_kubectl
from infralint.project.deployments.environment import Environments
from infralint.project.deployments.gcloud import GcloudDeployment, gcloud_deployments
from infralint.project.deployments.layers import Merged, PlacedImport, PlacedVariable, merged
from infralint.project.deployments.manifests import Manifests
from infralint.project.deployments.model import Deployment, Gap
from infralint.project.deployments.sets import VariableSets
from infralint.project.deployments.starts import Starts
from infralint.project.entry_points import ConsoleScripts, EntryPoints
from infralint.project.gcloud import GcloudCommand
from infralint.project.places import is_test

# Kinds that check the code and deploy nothing.
_CHECKING = frozenset({"workflow-job", "workflow-service", "cloud-build"})
# Where the files of CI services stand; `docker run` there tries an image out.
_CI = re.compile(
    r"(?:^|/)(?:\.github|\.circleci|\.ci)/|(?:^|/)(?:\.gitlab-ci|cloudbuild|azure-pipelines|bitbucket-pipel)"
)


class Deployments:
    """All deployments of the tree. `paths`: all of its files, those that nothing reads too."""

    def __init__(
        self,
        files: Mapping[str, FileFacts],
        paths: frozenset[str],
        commands: Sequence[CommandUse],
        gcloud: Iterable[GcloudCommand],
        builds: Builds,
        entry_points: EntryPoints,
        scripts: ConsoleScripts,
        deploying: Iterable[str],
    ) -> None:
        """`deploying`: the files that deploy something, or hold variables."""
        self.files = files
        self._described = {path: files[path] for path in deploying}
        self.paths = paths
        # A test in Python compares argument lists as often as it runs them.
        self.commands = [use for use in commands if not _compares(use.path)]
        self.gcloud = [command for command in gcloud if not _compares(command.use.path)]
        self.builds = builds
        self._entry_points = entry_points
        self._scripts = scripts

    @cached_property
    def all(self) -> tuple[Deployment, ...]:
        """Every deployment, by path and place; jobs and steps of CI are `checks`."""
        return tuple(each for each in self._every if not _is_check(each))

    @cached_property
    def checks(self) -> tuple[Deployment, ...]:
        """The jobs, services and build steps of CI, and the containers that these start."""
        return tuple(each for each in self._every if _is_check(each))

    def starting(self, module: str) -> tuple[Deployment, ...]:
        """The deployments whose command runs the module of a path."""
        return tuple(each for each in self.all if any(start.module == module for start in each.starts))

    @cached_property
    def _every(self) -> tuple[Deployment, ...]:
        environments = Environments(VariableSets(self._described, self.paths, tuple(made_sets(self.commands))))
        starts = Starts(self.files, self.builds, self._entry_points, self._scripts)
        found = [self._deployment(each, environments, starts) for each in self._containers()]
        run = (self._deployment(merged([each]), environments, starts) for each in docker_containers(self.commands))
        # `docker run` starts tools as often as services: what counts is made of the tree's own code.
        found += [each for each in run if each.built is not None or each.starts]
        return tuple(sorted(found, key=lambda each: (each.path, each.span, each.container, each.sources)))

    def _containers(self) -> Iterator[Merged]:
        yield from ComposeProjects(self._described, self.commands).services()
        manifests = [self._with_kubectl(each) for each in Manifests(self._described).containers()]
        by_name: dict[tuple[str, str], list[Merged]] = defaultdict(list)
        for each in manifests:
            by_name[each.first.workload.kind, each.first.workload.name.value].append(each)
        commands = list(_distinct(gcloud_deployments(self.gcloud)))
        yield from (self._changed(each, commands) for each in manifests)
        yield from self._commanded(commands, by_name)

    def _with_kubectl(self, container: Merged) -> Merged:
        """A container with what `kubectl set env` adds to its workload."""
        own = container.first.workload
        if own.kind != "kubernetes":
            return container
        added = [
            PlacedVariable(path, variable, certain=False)
            for path, name, variable in self._set_by_kubectl
            if name == own.name.value
        ]
        return replace(container, variables=(*container.variables, *added))

    @cached_property
    def _set_by_kubectl(self) -> tuple[tuple[str, str, Variable], ...]:
        return tuple(set_by_kubectl(self.commands))

    def _commanded(
        self, commands: Sequence[GcloudDeployment], by_name: Mapping[tuple[str, str], list[Merged]]
    ) -> Iterator[Merged]:
        """Deployments that commands make. What changes one that a file describes adds to that file's."""
        for each in commands:
            own = each.layer.workload
            described = by_name.get((own.kind, each.name), [])
            if described and (each.updates or not (own.variables or own.imports)):
                continue
            changes = [other for other in commands if other.updates and other is not each and _same(other, each)]
            if each.updates and any(not other.updates and _same(other, each) for other in commands):
                continue
            yield _with_changes(merged([each.layer]), changes)

    def _changed(self, container: Merged, commands: Sequence[GcloudDeployment]) -> Merged:
        """A described container with what commands change about it."""
        own = container.first.workload
        if HOLE in own.name.value:
            return container
        changes = [each for each in commands if each.layer.workload.kind == own.kind and each.name == own.name.value]
        return _with_changes(container, changes)

    def _deployment(self, container: Merged, environments: Environments, starts: Starts) -> Deployment:
        first = container.first
        own = first.workload
        built = self._built(container)
        environment, gaps = environments.of(container, built)
        running = starts.of(container, built, environment)
        return Deployment(
            kind=own.kind,
            name=own.name.value,
            title=own.resource,
            path=first.path,
            span=own.span,
            container=own.container,
            image=container.image.text if container.image is not None else None,
            image_path=container.image.path if container.image is not None else "",
            built=built,
            command=running.words,
            command_path=running.path,
            environment=environment,
            open=gaps,
            service_account=container.service_account.text if container.service_account is not None else None,
            starts=running.starts,
            profiles=own.profiles,
            sources=tuple(dict.fromkeys(layer.path for layer in container.layers)),
        )

    def _built(self, container: Merged) -> BuiltImage | None:
        """The build of a container's image, where there is one alone."""
        for layer in container.builds:
            found = self.builds.of_service(layer.path, layer.workload.name.value)
            own = [each for each in found if each.build.path == layer.path] or list(found)
            if own:
                return own[0]
        if container.image is None:
            return None
        named = self.builds.named(container.image.text.value)
        same = {(each.build.dockerfile, each.stage) for each in named}
        return named[0] if len(same) == 1 else None


def _is_check(one: Deployment) -> bool:
    return one.kind in _CHECKING or (one.kind == "container" and _CI.search(one.path) is not None)


def _compares(path: str) -> bool:
    return path.endswith(".py") and is_test(path)


def _distinct(found: Iterable[GcloudDeployment]) -> Iterator[GcloudDeployment]:
    """Deployments, one that is reached in two ways (a list of Python that two calls pass on) once."""
    seen = set()
    for each in found:
        own = each.layer.workload
        key = (each.layer.path, own.kind, own.container, own.name, own.image, own.variables, own.imports)
        if key not in seen:
            seen.add(key)
            yield each


def _same(one: GcloudDeployment, other: GcloudDeployment) -> bool:
    """Whether two commands are about one service."""
    return (
        one.layer.workload.kind == other.layer.workload.kind
        and one.name == other.name
        and HOLE not in one.name
        and one.layer.workload.container == other.layer.workload.container
    )


def _with_changes(container: Merged, changes: Sequence[GcloudDeployment]) -> Merged:
    """A container with what later commands may have added to it: nothing says whether and when they ran."""
    known = {each.variable.name.value for each in container.variables}
    added = [
        PlacedVariable(each.layer.path, variable, certain=False)
        for each in changes
        for variable in each.layer.workload.variables
        if variable.name.value not in known
    ]
    imports = [
        PlacedImport(each.layer.path, each.layer.folder, wanted)
        for each in changes
        for wanted in each.layer.workload.imports
    ]
    gaps = [
        Gap(gap.kind, gap.reason, each.layer.path, gap.span, gap.names)
        for each in changes
        for gap in each.layer.workload.unseen
        if gap.kind == "unread"
    ]
    return replace(
        container,
        variables=(*container.variables, *added),
        imports=(*container.imports, *imports),
        gaps=(*container.gaps, *gaps),
    )
