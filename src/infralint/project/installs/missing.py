"""Modules that an image needs to start, and that nothing in it provides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from infralint.facts.commands import Command, Word
from infralint.facts.files import FileFacts
from infralint.facts.python import PythonModule
from infralint.project.builds import Builds, BuiltImage, ImageCommand
from infralint.project.builds.values import StartedCommand
from infralint.project.deployments.model import Deployment
from infralint.project.deployments.view import Deployments
from infralint.project.installs.closure import Asked, ImageClosure
from infralint.project.installs.image_modules import ImageModule, ImageModules, TreeModules, is_standard
from infralint.project.installs.starts import ImageStart, StartReader
from infralint.project.installs.values import Installed, PlacedInstall
from infralint.project.installs.view import Installs
from infralint.project.lookup import Absent
from infralint.project.modules import ModuleGraph
from infralint.project.places import is_test
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


class MissingRequirements:
    """Finds the images that lack something, one answer for each target of a Dockerfile."""

    def __init__(
        self,
        files: Mapping[str, FileFacts],
        modules: ModuleGraph,
        builds: Builds,
        installs: Installs,
        requirements: Requirements,
        deployments: Callable[[], Deployments],
    ) -> None:
        self.files = files
        self.modules = modules
        self.builds = builds
        self.installs = installs
        self.requirements = requirements
        self.deployments = deployments
        self.tree = TreeModules(modules.modules)

    @cached_property
    def all(self) -> tuple[Lacking, ...]:
        """Images that lack modules, by Dockerfile and stage. What one build of them has, none of them lacks."""
        by_target: dict[tuple[str, str], list[BuiltImage]] = {}
        for image in self.builds.all:
            if not is_test(image.build.dockerfile):
                by_target.setdefault((image.build.dockerfile, image.stage), []).append(image)
        found = (self._lacking(by_target[key]) for key in sorted(by_target))
        return tuple(each for each in found if each is not None)

    def _lacking(self, images: list[BuiltImage]) -> Lacking | None:
        judged = [_Judge(self, image) for image in images]
        lists = [list(judge.missing()) for judge in judged]
        common = set.intersection(*({each.module for each in found} for found in lists))
        modules = tuple(each for each in lists[0] if each.module in common)
        return Lacking(images[0], judged[0].installed, modules) if modules else None


class _Judge:
    """One image, judged."""

    def __init__(self, view: MissingRequirements, image: BuiltImage) -> None:
        self.view = view
        self.image = image
        self.installed = view.installs.of(image)
        self.modules = ImageModules(image, self.installed.brings.projects, view.tree)

    def missing(self) -> Iterator[MissingModule]:
        """What the image lacks, each module once."""
        if self.installed.open:
            return
        seen: set[str] = set()
        filled = frozenset(each.folder for each in self.installed.installs if each.folder is not None)
        reader = StartReader(self.image, self.view.files, self.modules, filled)
        for start in reader.starts(self._started()):
            for found in self._of_start(start):
                if found.module not in seen:
                    seen.add(found.module)
                    yield found

    def _started(self) -> Iterator[StartedCommand]:
        """What containers of the image run: its own command, unless each deployment has another, and theirs."""
        command = self.image.command
        deployed = [each for each in self.view.deployments().all if _is_built_so(each, self.image)]
        own = [each for each in deployed if each.command is None or (command and each.command_path == command.path)]
        if command is not None and not command.open and (own or not deployed):
            yield from command.started
        for each in deployed:
            if each.command and each not in own:
                yield from self._of_deployment(each.command_path, each.command)

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
            for command in self.view.files[path].commands:
                if _within(command.span, rest[-1].span):
                    yield StartedCommand(path, command, self.image.workdir)
            return
        yield StartedCommand(path, Command(rest, whole), self.image.workdir)

    def _of_start(self, start: ImageStart) -> Iterator[MissingModule]:
        for need in start.needs:
            found = self._judged(need.module, ())
            if found is not None:
                yield MissingModule(*found, need.path, need.span, (), start)
        closure = ImageClosure(self.view.files, self.modules, start.search)
        reached, outside = closure.possible(start.modules)
        moves = any(self._changes_path(module.tree) for module in reached)
        if not any(self._is_suspicious(name, start, moves) for name in outside):
            return
        self._want(reached)
        for asked in closure.asked(start.modules, self.view.modules.outline, start.program):
            if self._may_be_own(asked.module.partition(".")[0], start, moves):
                continue
            for found in self._lacks(asked):
                yield MissingModule(*found, asked.path, asked.span, asked.chain, start)

    def _want(self, reached: Mapping[ImageModule, None]) -> None:
        """Ask for all outlines at once: the engine reads them in one round."""
        for module in reached:
            self.view.modules.outline(module.tree)

    def _is_suspicious(self, name: str, start: ImageStart, moves: bool) -> bool:
        if is_standard(name) or self._may_be_own(name.partition(".")[0], start, moves):
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
        requirements = self.view.requirements
        if not isinstance(requirements.provider(module, self.installed.brings, names), Absent):
            return None
        candidates = requirements.candidates(module, names)
        return (self._shown(module, names, candidates), candidates) if candidates else None

    def _shown(self, module: str, names: tuple[str, ...], candidates: tuple[str, ...]) -> str:
        """The shortest name that says which distribution is meant: `sqlalchemy`, `google.cloud.storage`."""
        parts = [*module.split("."), *names]
        prefixes = (".".join(parts[:end]) for end in range(1, len(parts) + 1))
        return next((name for name in prefixes if self.view.requirements.candidates(name) == candidates), module)

    def _may_be_own(self, head: str, start: ImageStart, moves: bool) -> bool:
        """Whether a top-level name may be the project's own: it is in the image, or anywhere if `sys.path` changes."""
        if self.modules.may_hold(head, start.search):
            return True
        return moves and head in self._own_names

    @cached_property
    def _own_names(self) -> frozenset[str]:
        """The names of all modules and packages of the tree."""
        names = set()
        for path in self.view.modules.modules:
            folder, _, file = path.rpartition("/")
            names |= {*folder.split("/"), file.partition(".")[0]}
        return frozenset(names)

    def _changes_path(self, path: str) -> bool:
        facts = self.view.files.get(path)
        module: PythonModule | None = facts.python if facts is not None else None
        return module is not None and module.loads is not None and module.loads.changes_path


def _is_built_so(deployment: Deployment, image: BuiltImage) -> bool:
    built = deployment.built
    return built is not None and (built.build.dockerfile, built.stage) == (image.build.dockerfile, image.stage)


def _within(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _passes_on(command: ImageCommand) -> bool:
    """Whether the entry point runs the words behind it: its script ends in `exec "$@"`, or it is `tini --`."""
    cmd = command.cmd
    first = [each.command.words[0] for each in command.started if each.command.words]
    return cmd is not None and any(_within(word.span, cmd) for word in first)
