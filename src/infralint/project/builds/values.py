"""The vocabulary of builds: what is built from what, and what an image then is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from infralint.facts.commands import Command
from infralint.facts.text import Text
from infralint.project.builds.context import Context
from infralint.project.builds.filesystem import FileSystem, ImageFile
from infralint.project.lookup import Lookup
from infralint.source import Span


@dataclass(frozen=True, slots=True)
class Setting:
    """The value of a variable, and the instruction or option that gives it. Holes of `value` are not known."""

    value: Text
    path: str
    span: Span


@dataclass(frozen=True, slots=True)
class Build:
    """One way in which the project builds an image.

    `dockerfile`: its path in the tree. `context`: a folder of the tree, "" for the root; None where it is not known
    (an archive, an address, a variable). `target`: the stage that is asked for, None for the last.
    `arguments`: build arguments; the value None is taken from the environment of the build. `contexts`: named
    contexts, the value None where it is no folder of the tree. `names`: names that the image gets. `path`
    and `span`: where the build is asked for; of a guess (`kind` "convention") the Dockerfile's first FROM. `kind`:
    "compose", "command", "workflow", "cloud-build", "skaffold", "bake", "convention". `service`: the compose
    service. `open`: arguments or contexts that cannot be read may be set beside these.
    """

    dockerfile: str
    context: str | None
    path: str
    span: Span
    kind: str
    target: str | None = None
    arguments: tuple[tuple[str, Setting | None], ...] = ()
    contexts: tuple[tuple[str, str | None], ...] = ()
    names: tuple[Text, ...] = ()
    service: str = ""
    open: bool = False


@dataclass(frozen=True, slots=True)
class RunStep:
    """One command of a RUN, as it stood when it ran.

    `command`: its variables replaced as far as they are known. `span`: the whole RUN instruction in `path`.
    `workdir`: the folder it runs in, None where it is not known. `environment`: ENV and ARG by name. `files`: before
    the command. `user`: "" for that of the base.
    `mounts`: folders of the tree, or None for what is not known, by the image path where they are bound for this RUN.
    """

    command: Command
    path: str
    span: Span
    workdir: str | None
    environment: Mapping[str, Setting]
    files: FileSystem
    user: str = ""
    mounts: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class CopyStep:
    """A COPY or ADD. `origin`: the stage that it takes from, None for a build context or an image from outside.

    `external`: the image from outside, None without one. `sources` are as written with variables replaced;
    `destination` is an absolute image path, None where it is not known.
    """

    path: str
    span: Span
    sources: tuple[Text, ...]
    destination: str | None
    origin: BuiltImage | None = None
    external: Text | None = None


@dataclass(frozen=True, slots=True)
class CopySource:
    """A path that a COPY or ADD of a build takes. `path` and `span`: where it is written, `value` without variables.

    `context`: the build context that should have it; None for a stage, whose name is `stage` then. `found`: whether
    it is there.
    """

    path: str
    span: Span
    value: str
    found: Lookup[bool] | Lookup[ImageFile]
    context: Context | None = None
    stage: str = ""


@dataclass(frozen=True, slots=True)
class StartedCommand:
    """A command that a container runs.

    `path`: the file that holds it. `workdir`: the folder it runs in, None where not known. `script`: the shell script
    of the tree that it runs, whose commands follow; "" for none.
    """

    path: str
    command: Command
    workdir: str | None
    script: str = ""


@dataclass(frozen=True, slots=True)
class ImageCommand:
    """What a container of the image starts: ENTRYPOINT and CMD together.

    `command`: the words as one command in `path`, after the shell form has been read; None where it is none or cannot
    be read. `started`: all commands in order, `cd` among them: of a shell form with several, and of the scripts that
    can be followed, among them what such a script runs by `exec "$@"`. `entrypoint` and `cmd`: the instructions.
    `open`: why there may be more.
    """

    path: str
    command: Command | None
    started: tuple[StartedCommand, ...]
    entrypoint: Span | None
    cmd: Span | None
    open: str = ""

    @property
    def commands(self) -> tuple[tuple[str, Command], ...]:
        """All commands, each with the file that holds it."""
        return tuple((each.path, each.command) for each in self.started)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why an image may hold more than its Dockerfile tells. `of_base`: the image that it is built upon is not known."""

    reason: str
    of_base: bool = False


@dataclass(frozen=True, slots=True)
class BuiltImage:
    """What a build makes of its target stage.

    `files`: the image's file system, whose paths are absolute. `environment`: ENV alone, in the running container.
    `workdir`: None where it is not known. `python_path`: the folders of PYTHONPATH, absolute; None where a part is not
    known. `steps`: RUN commands, COPY and ADD of the whole chain of stages, in order. `command`: None where neither CMD
    nor ENTRYPOINT is given (the base's own counts then). `base`: the image from outside that the chain of FROM ends in,
    `scratch` among them; None where it is not known. `stage`: the target's name or number. `open`: why the image
    may hold more than the Dockerfile tells: ONBUILD of a base, a frontend of its own.
    """

    build: Build
    stage: str
    base: Text | None
    files: FileSystem
    environment: Mapping[str, Setting]
    workdir: str | None
    python_path: tuple[str, ...] | None
    steps: tuple[RunStep | CopyStep, ...]
    command: ImageCommand | None
    user: str = ""
    open: tuple[Doubt, ...] = ()

    @property
    def runs(self) -> tuple[RunStep, ...]:
        """The commands of all RUN instructions, in order."""
        return tuple(step for step in self.steps if isinstance(step, RunStep))
