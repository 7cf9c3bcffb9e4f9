"""Modules that an image needs to start, and that nothing in it provides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from infralint.facts.commands import Command, Word
from infralint.facts.files import FileFacts
from infralint.project.builds import Builds, BuiltImage, ImageCommand
from infralint.project.builds.values import StartedCommand
from infralint.project.deployments.view import Deployments
from infralint.project.entry_points import ConsoleScripts
from infralint.project.installs.closure import Asked, Asks, ImageClosure
from infralint.project.installs.image_modules import ImageModules, TreeModules
from infralint.project.installs.starts import ImageStart, StartReader
from infralint.project.installs.values import Installed, PlacedInstall
from infralint.project.installs.view import Installs
from infralint.project.lookup import Absent
from infralint.project.modules import ModuleGraph
from infralint.project.requirements.view import Requirements
from infralint.source import Span

_SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh"})


@dataclass(frozen=True, slots=True)
class MissingModule:
    """A module that nothing provides. `distributions`: any of them would, the best known first.

    `path` and `span`: what asks for it. `chain`: the modules of the tree that lead there, () where the command itself
    asks. `start`: the program that fails.
    """

    module: str
    distributions: tuple[str, ...]
    path: str
    span: Span
    chain: tuple[str, ...]
    start: ImageStart


@dataclass(frozen=True, slots=True)
class Lacking:
    """An image that does not start. `modules` in the order in which they are found."""

    image: BuiltImage
    installed: Installed
    modules: tuple[MissingModule, ...]

    @property
    def install(self) -> PlacedInstall | None:
        """The install of this Dockerfile where the requirements of the service are asked for; None without one."""
        own = [each for each in self.installed.installs if each.path == self.image.build.dockerfile]
        asking = [each for each in own if each.request.tool != "system" and not each.request.isolated]
        from_files = [each for each in asking if each.request.files or each.request.projects]
        return next(reversed(from_files or asking), None)


@dataclass(frozen=True, slots=True)
class DeployedCommand:
    """The command that a deployment gives the image of a stage, None where it runs the image's own. `path`: the file
    that holds it."""

    stage: str
    words: tuple[Word, ...] | None
    path: str


class Judged(Protocol):
    """What is asked of a project; of parts "asks" and "deployed_commands"."""

    files: dict[str, FileFacts]

    @property
    def modules(self) -> ModuleGraph: ...
    @property
    def tree_modules(self) -> TreeModules: ...
    @property
    def builds(self) -> Builds: ...
    @property
    def installs(self) -> Installs: ...
    @property
    def requirements(self) -> Requirements: ...
    @property
    def deployments(self) -> Deployments: ...
    @property
    def console_scripts(self) -> ConsoleScripts: ...
    def part(self, name: str, path: str) -> tuple[Any, ...]: ...


def lacking_in(project: Judged, dockerfile: str) -> Iterator[Lacking]:
    """The images of a Dockerfile that lack modules, by target: what one build of it has, none of them lacks."""
    by_stage: dict[str, list[BuiltImage]] = {}
    for image in project.builds.of_dockerfile(dockerfile):
        by_stage.setdefault(image.stage, []).append(image)
    for _, images in sorted(by_stage.items()):
        judged = [_Judge(project, image) for image in images]
        modules = _lacked_by_all(judged)
        if modules:
            yield Lacking(images[0], judged[0].installed, modules)


def _lacked_by_all(judged: Iterable[_Judge]) -> tuple[MissingModule, ...]:
    """What each of some images lacks, as the first of them does; where one lacks nothing no other is looked at."""
    common: dict[str, MissingModule] | None = None
    for judge in judged:
        found = {each.module: each for each in judge.missing()}
        common = found if common is None else {name: each for name, each in common.items() if name in found}
        if not common:
            break
    return tuple((common or {}).values())


def deployed_commands(project: Judged, dockerfile: str) -> Iterator[DeployedCommand]:
    """What deployments run in the images of a Dockerfile."""
    for each in project.deployments.all:
        built = each.built
        if built is not None and built.build.dockerfile == dockerfile:
            yield DeployedCommand(built.stage, each.command, each.command_path)


class _Judge:
    """One image, judged."""

    def __init__(self, project: Judged, image: BuiltImage) -> None:
        self.project = project
        self.image = image
        self.installed = project.installs.of(image)
        self.modules = ImageModules(image, self.installed.brings.projects, project.tree_modules)
        self._asked: dict[str, Asks] = {}

    def missing(self) -> Iterator[MissingModule]:
        """What the image lacks, each module once."""
        if self.installed.open:
            return
        seen: set[str] = set()
        filled = frozenset(each.folder for each in self.installed.installs if each.folder is not None)
        scripts = self.project.console_scripts
        reader = StartReader(self.image, self.project.files, self.modules, scripts, filled)
        for start in reader.starts(self._started()):
            for found in self._of_start(start):
                if found.module not in seen:
                    seen.add(found.module)
                    yield found

    def _started(self) -> Iterator[StartedCommand]:
        """What containers of the image run: its own command, unless each deployment has another, and theirs."""
        command = self.image.command
        every: tuple[DeployedCommand, ...] = self.project.part("deployed_commands", self.image.build.dockerfile)
        deployed = [each for each in every if each.stage == self.image.stage]
        own = [each for each in deployed if each.words is None or (command and each.path == command.path)]
        if command is not None and not command.open and (own or not deployed):
            yield from command.started
        for each in deployed:
            if each.words and each not in own:
                yield from self._of_deployment(each.path, each.words)

    def _of_deployment(self, path: str, words: tuple[Word, ...]) -> Iterator[StartedCommand]:
        """The command of a deployment; behind an entry point of the image what that passes on."""
        own = self.image.command
        before = 0
        if own is not None and own.command is not None and own.entrypoint is not None:
            entry = {word.span for word in own.command.words if _within(word.span, own.entrypoint)}
            before = next((at for at, word in enumerate(words) if word.span not in entry), len(words))
        if before and (own is None or own.open or not _passes_on(own)):
            return
        rest = words[before:]
        if not rest:
            return
        whole = Span(min(word.span.start for word in rest), max(word.span.end for word in rest))
        if rest[0].value.rpartition("/")[2] in _SHELLS:
            # The reader of the file has read the script of `sh -c`.
            for command in self.project.files[path].commands:
                if _within(command.span, rest[-1].span):
                    yield StartedCommand(path, command, self.image.workdir)
            return
        yield StartedCommand(path, Command(rest, whole), self.image.workdir)

    def _of_start(self, start: ImageStart) -> Iterator[MissingModule]:
        for need in start.needs:
            found = self._judged(need.module, ())
            if found is not None:
                yield MissingModule(*found, need.path, need.span, (), start)
        closure = ImageClosure(self.modules, start.search)
        reached, outside = closure.possible(start.modules, self._asks)
        moves = any(self._asks(module.tree).changes_path for module in reached)
        if not any(self._is_suspicious(name, start, moves) for name in outside):
            return
        for asked in closure.asked(start.modules, self.project.modules.outline, start.program):
            if self._may_be_own(asked.module.partition(".")[0], start, moves):
                continue
            for found in self._lacks(asked):
                yield MissingModule(*found, asked.path, asked.span, asked.chain, start)

    def _asks(self, path: str) -> Asks:
        if path not in self._asked:
            (self._asked[path],) = self.project.part("asks", path)
        return self._asked[path]

    def _is_suspicious(self, name: str, start: ImageStart, moves: bool) -> bool:
        if self._may_be_own(name.partition(".")[0], start, moves):
            return False
        return self._judged(name, ()) is not None

    def _lacks(self, asked: Asked) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The modules of one import that nothing provides, each with who would."""
        several: list[tuple[str, ...]] = [(name,) for name in asked.names] or [()]
        for names in several:
            found = self._judged(asked.module, names)
            if found is not None:
                yield found

    def _judged(self, module: str, names: tuple[str, ...]) -> tuple[str, tuple[str, ...]] | None:
        """The module's name for people with the distributions that provide it, where none of them is installed."""
        requirements = self.project.requirements
        if not isinstance(requirements.provider(module, self.installed.brings, names), Absent):
            return None
        candidates = requirements.candidates(module, names)
        return (self._shown(module, names, candidates), candidates) if candidates else None

    def _shown(self, module: str, names: tuple[str, ...], candidates: tuple[str, ...]) -> str:
        """The shortest name that says which distribution is meant: `sqlalchemy`, `google.cloud.storage`."""
        parts = [*module.split("."), *names]
        prefixes = (".".join(parts[:end]) for end in range(1, len(parts) + 1))
        return next((name for name in prefixes if self.project.requirements.candidates(name) == candidates), module)

    def _may_be_own(self, head: str, start: ImageStart, moves: bool) -> bool:
        """Whether a top-level name may be the project's own: it is in the image, or anywhere if `sys.path` changes."""
        if self.modules.may_hold(head, start.search):
            return True
        return moves and head in self.project.tree_modules.own_names


def _within(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _passes_on(command: ImageCommand) -> bool:
    """Whether the entry point runs the words behind it: its script ends in `exec "$@"`, or it is `tini --`."""
    cmd = command.cmd
    first = [each.command.words[0] for each in command.started if each.command.words]
    return cmd is not None and any(_within(word.span, cmd) for word in first)
