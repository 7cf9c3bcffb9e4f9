"""Evaluation of a Dockerfile: stage after stage, instruction after instruction."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from infralint.facts.builds import (
    Arg,
    Copy,
    Dockerfile,
    Env,
    From,
    Instruction,
    Onbuild,
    Run,
    Shell,
    Stage,
    Start,
    User,
    Workdir,
)
from infralint.facts.text import HOLE, Text, hole
from infralint.project.builds.bases import is_known, open_folders, sets_variable
from infralint.project.builds.context import Context
from infralint.project.builds.copies import Copies
from infralint.project.builds.effects import Running, layers_of, next_folder
from infralint.project.builds.filesystem import Base, CopiedFolder, FileSystem, Opened, PutFolder, joined
from infralint.project.builds.ignores import Ignores
from infralint.project.builds.values import Build, BuiltImage, CopyStep, ImageCommand, RunStep, Setting
from infralint.project.builds.words import Scope, expanded, with_variables
from infralint.source import Span

# Global arguments that BuildKit sets (Dockerfile reference, "Automatic platform ARGs in the global scope").
_PLATFORM = frozenset(
    f"{prefix}{part}" for prefix in ("BUILD", "TARGET") for part in ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
) | {"TARGETSTAGE"}
_FRONTENDS = ("docker/dockerfile", "docker.io/docker/dockerfile", "docker/dockerfile-upstream")


@dataclass(frozen=True, slots=True)
class State:
    """An image as it stands after an instruction. `escape` is the Dockerfile's own escape character."""

    base: Text | None
    files: FileSystem
    environment: Mapping[str, Setting] = field(default_factory=dict)
    arguments: Mapping[str, Setting] = field(default_factory=dict)
    workdir: str | None = "/"
    user: str = ""
    steps: tuple[RunStep | CopyStep, ...] = ()
    entrypoint: Start | None = None
    cmd: Start | None = None
    cmd_is_own: bool = False
    onbuild: tuple[Instruction, ...] = ()
    open: tuple[str, ...] = ()
    # Where the steps of the entry point and the command are: a base of the project's own has another file.
    start_paths: tuple[str, str] = ("", "")


@dataclass
class Evaluation:
    """One build. `context` is None where it is not known; `named` gives the contexts by name, None for unknown ones.

    `own_base` gives the image that the project itself builds under a name.
    """

    build: Build
    dockerfile: Dockerfile
    context: Context | None
    named: Mapping[str, Context | None]
    own_base: Callable[[Text], BuiltImage | None]
    _states: dict[int, State] = field(default_factory=dict)
    _busy: set[int] = field(default_factory=set)

    def image(self) -> BuiltImage | None:
        """The image of the target stage; None where the Dockerfile has no such stage."""
        at = self._target()
        if at is None:
            return None
        state = self.state(at)
        stage = self.dockerfile.stages[at]
        return self._built(state, stage.origin.name or str(at))

    def _target(self) -> int | None:
        stages = self.dockerfile.stages
        if self.build.target is None:
            return len(stages) - 1 if stages else None
        return self._stage_number(self.build.target, len(stages))

    def _stage_number(self, name: str, before: int) -> int | None:
        """The stage of a name or number among the first `before`: of several of one name the last."""
        names = [stage.origin.name for stage in self.dockerfile.stages[:before]]
        if name.lower() in names:
            return len(names) - 1 - names[::-1].index(name.lower())
        return int(name) if name.isdecimal() and len(name) < 6 and int(name) < before else None

    def _built(self, state: State, stage: str) -> BuiltImage:
        command = started(state)
        paths = _search_path(state)
        return BuiltImage(
            self.build, stage, state.base, state.files, state.environment, state.workdir, paths, state.steps, command,
            state.user, state.open,
        )  # fmt: skip

    # Stages.

    def state(self, at: int) -> State:
        """The image after the last instruction of a stage."""
        if at not in self._states:
            if at in self._busy:
                # A stage that takes from itself: Docker refuses it.
                return _unknown(None, self.build.dockerfile, self.dockerfile.stages[at].origin.span, "a cycle")
            self._busy.add(at)
            self._states[at] = self._run_stage(at, self.dockerfile.stages[at])
        return self._states[at]

    def _run_stage(self, at: int, stage: Stage) -> State:
        state = self._start(at, stage.origin)
        runner = _StageRunner(self, at, state)
        for instruction in (*state.onbuild, *stage.instructions):
            runner.take(instruction)
        return runner.state

    def _start(self, at: int, origin: From) -> State:
        name = expanded(origin.image, self._global_scope, self.dockerfile.escape)
        path = self.build.dockerfile
        number = self._stage_number(name.value, at)
        if number is not None and not name.value.isdecimal():
            below = self.state(number)
            return replace(below, arguments={}, cmd_is_own=False)
        if name.value in self.named:
            return _unknown(None, path, origin.span, "a named context takes the place of the image")
        own = self.own_base(name)
        if own is not None:
            return _upon(own)
        if not name.is_static:
            return _unknown(None, path, origin.span, "its base is not known")
        layer = Base(path, origin.span, name.value, open_folders(name.value))
        opened = () if is_known(name.value) else (f"the image `{name.value}` is not known",)
        if self.dockerfile.frontend and not self.dockerfile.frontend.startswith(_FRONTENDS):
            opened += (f"the frontend `{self.dockerfile.frontend}` is not known",)
        return State(
            name, FileSystem().after(layer), workdir="/" if is_known(name.value) else None, open=opened,
            start_paths=(path, path),
        )  # fmt: skip

    # Variables.

    @property
    def _global_scope(self) -> Scope:
        return Scope({name: setting.value for name, setting in self.global_arguments.items()}, _is_platform)

    @property
    def global_arguments(self) -> Mapping[str, Setting]:
        """The arguments before the first FROM."""
        found: dict[str, Setting] = {}
        for arg in self.dockerfile.arguments:
            self.add_arguments(arg, found, Scope({}, _is_platform), {})
        return found

    def add_arguments(
        self, arg: Arg, found: dict[str, Setting], scope: Scope, above: Mapping[str, Setting]
    ) -> None:
        """Add what an ARG declares: the build's value, its default, that of the global argument `above`."""
        given = dict(self.build.arguments)
        for each in arg.assignments:
            name = each.name.value
            if name in given:
                setting = given[name]
                found[name] = setting or Setting(hole(each.name.span), self.build.dockerfile, each.name.span)
            elif each.value is not None:
                known = {**scope.values, **{other: value.value for other, value in found.items()}}
                value = expanded(each.value, Scope(known, scope.may_be_set), self.dockerfile.escape)
                found[name] = Setting(value, self.build.dockerfile, each.name.span)
            elif name in above:
                found[name] = above[name]
            elif self.build.open or self.build.kind == "convention" or _is_platform(name):
                found[name] = Setting(hole(each.name.span), self.build.dockerfile, each.name.span)


def _is_platform(name: str) -> bool:
    return name in _PLATFORM


def _unknown(base: Text | None, path: str, span: Span, reason: str) -> State:
    files = FileSystem().after(Opened(path, span, "/", reason))
    return State(base, files, workdir=None, open=(reason,), start_paths=(path, path))


def _upon(own: BuiltImage) -> State:
    """The start of a stage upon an image that the project builds itself."""
    opened = own.open
    command = own.command
    if command is not None:
        opened += ("its base starts a command",)
    return State(own.base, own.files, own.environment, {}, own.workdir, own.user, own.steps, open=opened)


@dataclass
class _StageRunner:
    """The instructions of one stage."""

    evaluation: Evaluation
    number: int
    state: State

    @property
    def path(self) -> str:
        return self.evaluation.build.dockerfile

    @property
    def scope(self) -> Scope:
        """The variables that an instruction sees here: those of ENV before arguments of the same name."""
        values = {name: setting.value for name, setting in self.variables.items()}
        base = self.state.base.static if self.state.base is not None else None
        return Scope(values, lambda name: base is None or sets_variable(base, name))

    @property
    def variables(self) -> dict[str, Setting]:
        return {**self.state.arguments, **self.state.environment}

    def expanded(self, text: Text) -> Text:
        return expanded(text, self.scope, self.evaluation.dockerfile.escape)

    def take(self, instruction: Instruction) -> None:
        """Apply one instruction."""
        state = self.state
        match instruction:
            case Env():
                self._env(instruction)
            case Arg():
                found = dict(state.arguments)
                self.evaluation.add_arguments(instruction, found, self.scope, self.evaluation.global_arguments)
                self.state = replace(state, arguments=found)
            case Workdir():
                self._workdir(instruction)
            case User():
                self.state = replace(state, user=self.expanded(instruction.user).value)
            case Copy():
                self._copy(instruction)
            case Run():
                self._run(instruction)
            case Start():
                self._start(instruction)
            case Onbuild():
                self.state = replace(state, onbuild=(*state.onbuild, instruction.step))
            case Shell():
                pass
            case _:
                pass

    def _env(self, instruction: Env) -> None:
        # All values of one instruction see the variables before it.
        scope = self.scope
        escape = self.evaluation.dockerfile.escape
        found = dict(self.state.environment)
        for each in instruction.assignments:
            if each.value is not None:
                found[each.name.value] = Setting(expanded(each.value, scope, escape), self.path, each.name.span)
        self.state = replace(self.state, environment=found)

    def _workdir(self, instruction: Workdir) -> None:
        folder = self.folder(self.expanded(instruction.folder))
        files = self.state.files
        if folder is not None:
            files = files.after(PutFolder(self.path, instruction.span, folder))
        self.state = replace(self.state, workdir=folder, files=files)

    def folder(self, text: Text) -> str | None:
        """An absolute path for one that an instruction names; None where it is not known, as on Windows."""
        written = text.static
        if not written or "\\" in written or written[1:2] == ":":
            return None
        if written.startswith("/"):
            return joined("/", written)
        return None if self.state.workdir is None else joined(self.state.workdir, written)

    def _copy(self, copy: Copy) -> None:
        result = Copies(self, copy).run()
        self.state = replace(self.state, files=result.files, steps=(*self.state.steps, result.step))

    def origin(self, name: str) -> BuiltImage | Context | None:
        """What `--from` names: a stage, a named context; None for an image from outside, or what is not known."""
        number = self.evaluation._stage_number(name, self.number)
        if number is not None:
            stage = self.evaluation.dockerfile.stages[number]
            return self.evaluation._built(self.evaluation.state(number), stage.origin.name or str(number))
        return self.evaluation.named.get(name)

    def _run(self, run: Run) -> None:
        mounted, mounts = self._mounted(run)
        if not run.readable:
            self._keep(Opened(self.path, run.span, "/", "a program that is not read may make it"))
        places: dict[tuple[int, ...], str | None] = {(): self.state.workdir}
        scope = self.scope
        steps = []
        for command in run.commands:
            command = with_variables(command, run.expansions, scope)
            workdir = next(places[shells] for shells in _around(command.subshells) if shells in places)
            files = self.state.files
            for layer in mounted:
                files = files.after(layer)
            variables = self.variables
            steps.append(
                RunStep(command, self.path, run.span, workdir, variables, files, self.state.user, mounts)
            )
            values = {name: setting.value for name, setting in variables.items()}
            running = Running(command, workdir, files, self.path, run.span, values)
            if command.words and command.words[0].value in ("cd", "pushd"):
                places[command.subshells] = next_folder(running)
                continue
            for made in layers_of(running):
                self._keep(made)
        self.state = replace(self.state, steps=(*self.state.steps, *steps))

    def _keep(self, layer: Opened | object) -> None:
        self.state = replace(self.state, files=self.state.files.after(layer))  # type: ignore[arg-type]
