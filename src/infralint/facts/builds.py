"""What a Dockerfile says, instruction after instruction, and where builds of it are asked for.

Texts are as they stand in the file (continued lines joined): variables in them are not replaced, because build
arguments decide them. `project/builds` evaluates. Docker's Dockerfile reference (Docker 28, frontend 1.17).
"""

from __future__ import annotations

import msgspec

from infralint.facts.commands import Command, Expansion
from infralint.facts.text import Text
from infralint.source import Span


class Assignment(msgspec.Struct, frozen=True, array_like=True):
    """`name=value`; None where only the name is given. Quotes and variables of the value are as written."""

    name: Text
    value: Text | None


class Document(msgspec.Struct, frozen=True, array_like=True):
    """A here-document as source of a COPY: the file's name, and its text."""

    name: str
    body: Text


class Mount(msgspec.Struct, frozen=True, array_like=True):
    """`RUN --mount=type=kind,source=,target=,from=`: empty where not given. `kind` is "bind" by default."""

    kind: str
    target: str
    source: str
    origin: str


class From(msgspec.Struct, frozen=True, array_like=True, tag="from"):
    """`FROM image AS name`, `name` in lower case; "" without one."""

    image: Text
    name: str
    span: Span


class Copy(msgspec.Struct, frozen=True, array_like=True, tag="copy"):
    """COPY or ADD (`adds`). `origin`: the value of `--from`, None for the build context.

    `documents` are sources too. `listed`: the JSON form, whose words hold blanks.
    """

    sources: tuple[Text, ...]
    destination: Text | None
    span: Span
    adds: bool = False
    origin: Text | None = None
    parents: bool = False
    excludes: tuple[Text, ...] = ()
    documents: tuple[Document, ...] = ()
    # ADD --unpack=false keeps archives as they are; None where the flag is not given.
    unpacks: bool | None = None


class Run(msgspec.Struct, frozen=True, array_like=True, tag="run"):
    """RUN. `commands`: in order, empty where they could not be read. `readable` is False then: an unknown program.

    `shell`: run by a POSIX shell; the exec form is not.
    """

    commands: tuple[Command, ...]
    span: Span
    shell: bool = True
    readable: bool = True
    mounts: tuple[Mount, ...] = ()
    expansions: tuple[Expansion, ...] = ()


class Env(msgspec.Struct, frozen=True, array_like=True, tag="env"):
    """ENV with all its assignments."""

    assignments: tuple[Assignment, ...]
    span: Span


class Arg(msgspec.Struct, frozen=True, array_like=True, tag="arg"):
    """ARG with all its assignments; those before the first FROM are Dockerfile.arguments."""

    assignments: tuple[Assignment, ...]
    span: Span


class Workdir(msgspec.Struct, frozen=True, array_like=True, tag="workdir"):
    """WORKDIR: the whole text behind it."""

    folder: Text
    span: Span


class User(msgspec.Struct, frozen=True, array_like=True, tag="user"):
    """USER."""

    user: Text
    span: Span


class Volume(msgspec.Struct, frozen=True, array_like=True, tag="volume"):
    """VOLUME: folders whose content changes where a container runs."""

    folders: tuple[Text, ...]
    span: Span


class Shell(msgspec.Struct, frozen=True, array_like=True, tag="shell"):
    """SHELL: the words that run the shell forms behind it."""

    words: tuple[Text, ...]
    span: Span


class Start(msgspec.Struct, frozen=True, array_like=True, tag="start"):
    """CMD, or ENTRYPOINT (`entrypoint`). `words`: those of the exec form; None for the shell form.

    `commands`: what the shell form runs, and the exec form if it runs `sh -c`; of another exec form the command that
    its words are. `readable` is False where the SHELL is none that is read.
    """

    words: tuple[Text, ...] | None
    commands: tuple[Command, ...]
    span: Span
    entrypoint: bool = False
    readable: bool = True
    expansions: tuple[Expansion, ...] = ()


# ONBUILD's instructions run in builds upon the image, directly behind their FROM.
Step = Copy | Run | Env | Arg | Workdir | User | Volume | Shell | Start


class Onbuild(msgspec.Struct, frozen=True, array_like=True, tag="onbuild"):
    """ONBUILD with the instruction that a build upon this image runs."""

    step: Step
    span: Span


Instruction = Step | Onbuild


class Stage(msgspec.Struct, frozen=True, array_like=True):
    """A FROM and the instructions behind it."""

    origin: From
    instructions: tuple[Instruction, ...]


class Dockerfile(msgspec.Struct, frozen=True, array_like=True):
    """A Dockerfile. `arguments`: the ARGs before the first FROM. `escape`: the escape character.

    `frontend`: the value of the `syntax` directive, "" without one.
    """

    stages: tuple[Stage, ...]
    arguments: tuple[Arg, ...] = ()
    escape: str = "\\"
    frontend: str = ""


class BuildUse(msgspec.Struct, frozen=True):
    """A build that a file asks for other than by a command: compose `build:`, an action of a workflow, kaniko, bake,
    skaffold.

    `context` and `dockerfile` as written, None where not given; `base`: what a relative context starts from, "file"
    (the folder of this file) or "root" (the repository). A relative Dockerfile starts from the context where
    `within`, else from where the context starts. `kind`: "compose", "workflow", "cloud-build", "skaffold", "bake".
    `owner`: the compose service. `inline`: the Dockerfile's text stands in this file itself. `open`: something about
    it cannot be read, so that nothing about its arguments is certain. `variables`: those behind the holes of its texts,
    which compose takes from `.env` and from who starts it.
    """

    kind: str
    span: Span
    context: Text | None = None
    dockerfile: Text | None = None
    base: str = "file"
    within: bool = True
    target: Text | None = None
    arguments: tuple[Assignment, ...] = ()
    names: tuple[Text, ...] = ()
    contexts: tuple[Assignment, ...] = ()
    owner: str = ""
    inline: bool = False
    open: bool = False
    variables: tuple[Expansion, ...] = ()
