"""The instructions of a stage, applied one after another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from infralint.facts.builds import Arg, Copy, Env, Instruction, Mount, Onbuild, Run, Start, User, Workdir
from infralint.facts.text import Text
from infralint.project.builds.context import Context, source_path
from infralint.project.builds.copies import Copies
from infralint.project.builds.effects import Running, layers_of, next_folder
from infralint.project.builds.filesystem import CopiedFolder, FromImage, Layer, Opened, PutFile, PutFolder, joined
from infralint.project.builds.ignores import Ignores
from infralint.project.builds.state import PlacedStart, State
from infralint.project.builds.values import BuiltImage, RunStep, Setting
from infralint.project.builds.words import expanded, with_variables
from infralint.project.lookup import Known

if TYPE_CHECKING:
    from infralint.project.builds.evaluate import Evaluation

_NOTHING = Ignores(())


@dataclass
class Runner:
    """Applies instructions to the state of the stage `number`. `path`: the Dockerfile that holds them."""

    evaluation: Evaluation
    number: int
    state: State
    path: str

    def expanded(self, text: Text) -> Text:
        """A text with its variables replaced."""
        return expanded(text, self.state.scope(), self.evaluation.dockerfile.escape)

    def take(self, instruction: Instruction) -> None:
        """Apply one instruction."""
        state = self.state
        if isinstance(instruction, Env):
            self._env(instruction)
        elif isinstance(instruction, Arg):
            found = dict(state.arguments)
            self.evaluation.add_arguments(instruction, found, state.scope(), self.evaluation.global_arguments)
            self.state = replace(state, arguments=found)
        elif isinstance(instruction, Workdir):
            self._workdir(instruction)
        elif isinstance(instruction, User):
            self.state = replace(state, user=self.expanded(instruction.user).value)
        elif isinstance(instruction, Copy):
            result = Copies(self, instruction).run()
            self.state = replace(state, files=result.files, steps=(*state.steps, result.step))
        elif isinstance(instruction, Run):
            self._run(instruction)
        elif isinstance(instruction, Start):
            self._start(instruction)
        elif isinstance(instruction, Onbuild):
            self.state = replace(state, onbuild=(*state.onbuild, (self.path, instruction.step)))

    def _env(self, instruction: Env) -> None:
        # All values of one instruction see the variables before it.
        scope, escape = self.state.scope(), self.evaluation.dockerfile.escape
        found = dict(self.state.environment)
        for each in instruction.assignments:
            if each.value is not None:
                found[each.name.value] = Setting(expanded(each.value, scope, escape), self.path, each.name.span)
        self.state = replace(self.state, environment=found)

    def _workdir(self, instruction: Workdir) -> None:
        folder = self.state.folder(self.expanded(instruction.folder))
        self.state = replace(self.state, workdir=folder)
        if folder is not None:
            self._keep(PutFolder(self.path, instruction.span, folder))

    def _start(self, instruction: Start) -> None:
        placed = PlacedStart(self.path, instruction)
        if not instruction.entrypoint:
            self.state = replace(self.state, cmd=placed, own_cmd=True)
        else:
            # An ENTRYPOINT empties the CMD of its base (Dockerfile reference, "ENTRYPOINT").
            cmd = self.state.cmd if self.state.own_cmd else None
            self.state = replace(self.state, entrypoint=placed, cmd=cmd)

    def origin(self, name: str) -> BuiltImage | Context | None:
        """What `from` names: a stage, a named context; None for an image from outside, or what is not known."""
        number = self.evaluation.stage_number(name, self.number)
        if number is not None:
            return self.evaluation.image_of(number)
        return self.evaluation.named.get(name)

    def _run(self, run: Run) -> None:
        mounts = [mount for mount in run.mounts if mount.kind == "bind"]
        overlay = [layer for mount in mounts for layer in self._mounted(mount, run)]
        seen = tuple(self._mount_folder(mount) for mount in mounts)
        if not run.readable:
            self._keep(Opened(self.path, run.span, "/", "a program that is not read may make it"))
        places: dict[tuple[int, ...], str | None] = {(): self.state.workdir}
        scope = self.state.scope()
        steps = []
        for written in run.commands:
            command = with_variables(written, run.expansions, scope)
            workdir = next(places[shells] for shells in _around(command.subshells) if shells in places)
            files = self.state.files
            for layer in overlay:
                files = files.after(layer)
            steps.append(
                RunStep(command, self.path, run.span, workdir, self.state.variables, files, self.state.user, seen)
            )
            running = Running(command, workdir, files, self.path, run.span)
            if command.words and command.words[0].value in ("cd", "pushd", "popd"):
                places[command.subshells] = next_folder(running)
                continue
            for layer in layers_of(running):
                self._keep(layer)
        self.state = replace(self.state, steps=(*self.state.steps, *steps))

    def _keep(self, layer: Layer) -> None:
        self.state = replace(self.state, files=self.state.files.after(layer))

    def _mount_folder(self, mount: Mount) -> tuple[str, str | None]:
        """Where a bind mount is in the image, and its folder or file in the tree if it has one."""
        target = joined(self.state.workdir or "/", mount.target) if mount.target else "/"
        context = self.evaluation.context if not mount.origin else self.origin(mount.origin)
        tree = context.in_tree(source_path(mount.source)) if isinstance(context, Context) else None
        return target, None if "$" in mount.source else tree

    def _mounted(self, mount: Mount, run: Run) -> Iterator[Layer]:
        """What a bind mount lays over the files for its RUN."""
        target, _ = self._mount_folder(mount)
        context = self.evaluation.context if not mount.origin else self.origin(mount.origin)
        source = source_path(mount.source)
        if "$" in mount.source or "$" in mount.target or context is None:
            yield Opened(self.path, run.span, "/", "a mount may hold it")
        elif isinstance(context, BuiltImage):
            yield FromImage(self.path, run.span, f"/{source}", target, _NOTHING, context.files)
        else:
            found = context.find(source)
            if isinstance(found, Known) and not found.value:
                yield PutFile(self.path, run.span, context.in_tree(source), target)
            else:
                yield CopiedFolder(self.path, run.span, source, target, _NOTHING, context)


def _around(subshells: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The shells that a command runs in, from its own outwards."""
    for count in range(len(subshells), -1, -1):
        yield subshells[:count]
