"""Evaluation of a Dockerfile's stages: what each starts from, and the image that a build asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from infralint.facts.builds import Arg, Dockerfile, From
from infralint.facts.text import Text, hole
from infralint.project.builds.bases import is_known, open_files, open_folders
from infralint.project.builds.context import Context
from infralint.project.builds.filesystem import Base, FileSystem, Opened
from infralint.project.builds.instructions import Runner
from infralint.project.builds.started import Scripts, started
from infralint.project.builds.state import Override, PlacedStart, State
from infralint.project.builds.values import Build, BuiltImage, CopySource, Doubt, ImageCommand, Setting
from infralint.project.builds.words import Scope, expanded
from infralint.source import Span

# Dockerfile reference, "Automatic platform ARGs in the global scope".
_PLATFORM = frozenset(
    f"{side}{part}" for side in ("BUILD", "TARGET") for part in ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
) | {"TARGETSTAGE"}
_FRONTENDS = ("docker/dockerfile", "docker.io/docker/dockerfile")


@dataclass
class Evaluation:
    """One build. `context` is None where it is not known; `named`: contexts by name, None for those that are not known.

    `own_base` gives the evaluation of the image that the project itself builds under a name, `scripts` the commands
    of a shell script of the tree. `sources`: what the stages that were evaluated copy.
    """

    build: Build
    dockerfile: Dockerfile
    context: Context | None
    named: Mapping[str, Context | None]
    own_base: Callable[[Text], Evaluation | None]
    scripts: Scripts
    sources: list[CopySource] = field(default_factory=list)
    _states: dict[int, State] = field(default_factory=dict)
    _busy: set[int] = field(default_factory=set)

    @cached_property
    def image(self) -> BuiltImage | None:
        """The image of the target stage; None where the Dockerfile has no such stage."""
        return None if self.target is None else self.image_of(self.target)

    @cached_property
    def target(self) -> int | None:
        """The number of the stage that is asked for."""
        count = len(self.dockerfile.stages)
        if self.build.target is None:
            return count - 1 if count else None
        return self.stage_number(self.build.target, count)

    def stage_number(self, name: str, before: int) -> int | None:
        """The stage of a name or number among the first `before`: of several of one name the last."""
        names = [stage.origin.name for stage in self.dockerfile.stages[:before]]
        if name.lower() in names:
            return len(names) - 1 - names[::-1].index(name.lower())
        return int(name) if name.isdecimal() and len(name) < 6 and int(name) < before else None

    def image_of(self, at: int) -> BuiltImage:
        """The image that a stage makes."""
        state = self.state(at)
        return BuiltImage(
            self.build,
            self.dockerfile.stages[at].origin.name or str(at),
            state.base,
            state.files,
            state.environment,
            state.workdir,
            state.search_path,
            state.steps,
            started(state, self.scripts),
            state.user,
            state.open,
        )

    def started_by(self, path: str, given: Override) -> ImageCommand | None:
        """What a container of the image starts where the file at `path` gives another command for it."""
        if self.target is None:
            return None
        state = self.state(self.target)
        if given.workdir is not None:
            state = replace(state, workdir=state.folder(given.workdir))
        if given.entrypoint is not None:
            # It empties the CMD of the image, in Docker, Compose and Kubernetes alike.
            state = replace(state, entrypoint=PlacedStart(path, given.entrypoint), cmd=None)
        if given.arguments is not None:
            state = replace(state, cmd=PlacedStart(path, given.arguments))
        return started(state, self.scripts)

    def state(self, at: int) -> State:
        """The image after the last instruction of a stage."""
        if at not in self._states:
            stage = self.dockerfile.stages[at]
            if at in self._busy:
                # A stage that takes from itself: Docker refuses it.
                return self._unknown(stage.origin.span, "a stage takes from itself")
            self._busy.add(at)
            begun = self._start(at, stage.origin)
            deferred, begun = begun.onbuild, replace(begun, onbuild=())
            runner = Runner(self, at, begun, self.path)
            for path, step in deferred:
                runner.path = path
                runner.take(step)
            runner.path = self.path
            for instruction in stage.instructions:
                runner.take(instruction)
            self._states[at] = runner.state
        return self._states[at]

    def _start(self, at: int, origin: From) -> State:
        """What a FROM begins with."""
        name = expanded(origin.image, self._global_scope, self.dockerfile.escape)
        number = self.stage_number(name.value, at)
        if number is not None and not name.value.isdecimal():
            return self.state(number).as_base()
        if name.value in self.named:
            return self._unknown(origin.span, "a named context takes the place of the image")
        if not name.is_static:
            return self._unknown(origin.span, "its base is not known")
        own = self.own_base(name)
        if own is not None and own.target is not None and own is not self:
            return own.state(own.target).as_base()
        return self._outside(name, origin.span)

    def _outside(self, name: Text, span: Span) -> State:
        known = is_known(name.value)
        opened: tuple[Doubt, ...] = ()
        if not known:
            opened += (Doubt(f"what the image `{name.value}` holds is not known", of_base=True),)
        if self.dockerfile.frontend and not self.dockerfile.frontend.startswith(_FRONTENDS):
            opened += (Doubt(f"the frontend `{self.dockerfile.frontend}` is not known"),)
        folders, own_files = (("/",), ()) if opened else (open_folders(name.value), open_files(name.value))
        layer = Base(self.path, span, name.value, folders, own_files)
        return State(name, FileSystem().after(layer), workdir="/" if known else None, open=opened)

    def _unknown(self, span: Span, reason: str) -> State:
        files = FileSystem().after(Opened(self.path, span, "/", reason))
        return State(None, files, workdir=None, open=(Doubt(reason),))

    @property
    def path(self) -> str:
        """The Dockerfile."""
        return self.build.dockerfile

    # Arguments.

    @property
    def _global_scope(self) -> Scope:
        values = {name: setting.value for name, setting in self.global_arguments.items()}
        return Scope(values, _PLATFORM.__contains__)

    @cached_property
    def global_arguments(self) -> Mapping[str, Setting]:
        """The arguments before the first FROM."""
        found: dict[str, Setting] = {}
        for arg in self.dockerfile.arguments:
            self.add_arguments(arg, found, Scope({}, _PLATFORM.__contains__), {})
        return found

    def add_arguments(self, arg: Arg, found: dict[str, Setting], scope: Scope, above: Mapping[str, Setting]) -> None:
        """Add what an ARG declares: the build's value, its default, or that of the global argument `above`."""
        given = dict(self.build.arguments)
        for each in arg.assignments:
            name, span = each.name.value, each.name.span
            unknown = Setting(hole(span), self.path, span)
            if name in given:
                found[name] = given[name] or unknown
            elif each.value is not None:
                known = {**scope.values, **{other: setting.value for other, setting in found.items()}}
                value = expanded(each.value, Scope(known, scope.may_be_set), self.dockerfile.escape)
                found[name] = Setting(value, self.path, span)
            elif name in above:
                found[name] = above[name]
            elif self.build.open or self.build.kind == "convention" or name in _PLATFORM:
                found[name] = unknown
