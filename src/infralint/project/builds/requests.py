"""Builds as files ask for them, before their paths are looked for in the tree."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from infralint.facts.builds import Assignment, BuildUse
from infralint.facts.commands import Command, Word
from infralint.facts.files import FileFacts
from infralint.facts.slices import sliced
from infralint.facts.text import HOLE, Text
from infralint.project.builds.words import Scope, interpolated
from infralint.project.docker_options import ACR_BUILD, BUILD, GCLOUD, GLOBAL, Options
from infralint.source import Span

_ENGINES = frozenset({"docker", "podman", "nerdctl", "buildah", "docker.exe", "finch"})
# What shows that a program of any name builds an image.
_MARKS = frozenset({"-t", "--tag", "-f", "--file", "--build-arg"})
_GROUPS = frozenset({"image", "buildx", "builder"})
_VERBS = frozenset({"build", "bud", "build-using-dockerfile"})
_REMOTE = re.compile(r"(?:https?|git|ssh|github)(?:://|@)|^git@|^github\.com/|^docker-image://|^oci-layout://")
_TRACKS = frozenset({"alpha", "beta", "preview"})
_WORKFLOWS = "/.github/"


@dataclass(frozen=True, slots=True)
class Request:
    """A build that a file asks for.

    `folders`: where relative paths may start, the likeliest first. `context` and `dockerfile`: None where not given;
    holes are not known. `within`: a relative Dockerfile starts at the context. `remote`: the context is none of the
    tree. Other fields as in Build.
    """

    path: str
    span: Span
    kind: str
    folders: tuple[str, ...]
    context: str | None
    dockerfile: str | None
    within: bool
    target: Text | None = None
    arguments: tuple[Assignment, ...] = ()
    contexts: tuple[Assignment, ...] = ()
    names: tuple[Text, ...] = ()
    service: str = ""
    open: bool = False

    @property
    def remote(self) -> bool:
        """Whether the context is an address, standard input or an archive."""
        context = self.context or ""
        return context == "-" or bool(_REMOTE.search(context)) or context.endswith((".tar", ".tar.gz", ".tgz"))

    @property
    def names_nothing(self) -> bool:
        """Whether the request may mean any Dockerfile of the tree: it says nothing of a single one."""
        if self.dockerfile is not None:
            return _is_unknown(self.dockerfile)
        return _is_unknown(self.context or "")


def _is_unknown(path: str) -> bool:
    """Whether a path is a variable, a variable's folder, or a variable with Dockerfile's usual name."""
    return HOLE in path and not re.sub(r"(?i)dockerfile|containerfile", "", path).replace(HOLE, "").strip("./-_")


@dataclass(frozen=True, slots=True)
class Requests:
    """The builds that one file asks for: those that it describes, and those of its commands."""

    described: tuple[Request, ...]
    commanded: tuple[Request, ...]


def requests_of(files: Mapping[str, FileFacts], path: str) -> Requests:
    """Every build that a file asks for."""
    described = tuple(_of_use(path, use, files) for use in files[path].builds if not use.inline)
    commands = files[path].commands
    changes = _changes(commands)
    return Requests(
        described,
        tuple(
            request
            for command in commands
            if command.words
            for request in _of_command(path, command, partial(_folders, path, command, changes))
        ),
    )


def _of_use(path: str, use: BuildUse, files: Mapping[str, FileFacts]) -> Request:
    own = path.rpartition("/")[0]
    folders = ("",) if use.base == "root" else tuple(dict.fromkeys((own, "")))
    scope = Scope(_dotenv(own, files) if use.kind == "compose" else {}, lambda name: False)

    def known(text: Text | None) -> Text | None:
        return None if text is None else interpolated(text, use.variables, scope)

    def assigned(given: Sequence[Assignment]) -> tuple[Assignment, ...]:
        return tuple(Assignment(each.name, known(each.value)) for each in given)

    context, dockerfile = known(use.context), known(use.dockerfile)
    return Request(
        path,
        use.span,
        use.kind,
        folders,
        context.value if context is not None else None,
        dockerfile.value if dockerfile is not None else None,
        use.within,
        known(use.target),
        assigned(use.arguments),
        assigned(use.contexts),
        tuple(name for each in use.names if (name := known(each)) is not None),
        use.owner,
        use.open,
    )


def _dotenv(folder: str, files: Mapping[str, FileFacts]) -> dict[str, Text]:
    """The variables that compose reads from `.env` beside its file."""
    facts = files.get(f"{folder}/.env" if folder else ".env")
    sets = facts.deployments.sets if facts is not None and facts.deployments is not None else ()
    variables = [variable for each in sets if each.kind == "env-file" for variable in each.variables]
    return {each.name.value: each.value for each in variables if each.value is not None}


# A folder that a command changes to, as written, and the shells that it does so in.
Change = tuple[tuple[int, ...], str]


def _changes(commands: Iterable[Command]) -> list[Change]:
    """The folders that commands change to; only those that are known."""
    return [
        (command.subshells, command.words[1].value)
        for command in commands
        if len(command.words) > 1 and command.words[0].value in ("cd", "pushd") and command.words[1].text.is_static
    ]


def _changed_folders(command: Command, changes: Sequence[Change]) -> tuple[str, ...]:
    """What a command's folder may be, seen from where its file is run: "." too, unless its own shell has changed it."""
    shells = command.subshells
    own = [folder for inside, folder in changes if inside and inside == shells[: len(inside)]]
    others = [folder for inside, folder in changes if not inside]
    return tuple(dict.fromkeys(own or [".", *others]))


def _start_folders(path: str, changed: Sequence[str]) -> tuple[str, ...]:
    """Where a command of a file may run: in its folder, in those above, or where it changes to from there."""
    own = path.rpartition("/")[0]
    above = [own]
    while above[-1]:
        above.append(above[-1].rpartition("/")[0])
    top, workflow, _ = f"/{path}".partition(_WORKFLOWS)
    if workflow:
        above = list(dict.fromkeys((top.lstrip("/"), "")))
    moved = [posixpath.normpath(posixpath.join(folder or ".", each)) for each in changed for folder in above]
    inside = [folder for folder in moved if not folder.startswith(("..", "/"))]
    return tuple(dict.fromkeys("" if folder == "." else folder for folder in inside))


def _folders(path: str, command: Command, changes: Sequence[Change]) -> tuple[str, ...]:
    """The folders that a command may run in."""
    return _start_folders(path, _changed_folders(command, changes))


def _of_command(path: str, command: Command, folders: Callable[[], tuple[str, ...]]) -> Iterator[Request]:
    program = re.split(r"[/\\]", command.words[0].value)[-1]
    if program in _ENGINES or (program == HOLE and _MARKS & {word.value for word in command.words}):
        yield from _engine(path, command, folders())
    elif program == "gcloud":
        yield from _gcloud(path, command, folders())
    elif program == "az" and [word.value for word in command.words[1:3]] == ["acr", "build"]:
        yield from _build(path, command, command.words[3:], ACR_BUILD, folders())


def _engine(path: str, command: Command, folders: tuple[str, ...]) -> Iterator[Request]:
    read = _parsed(command.words[1:], GLOBAL, stop=True)
    at = read.end if read is not None else None
    words = command.words[1:]
    if at is not None and at < len(words) and words[at].value in _GROUPS:
        at += 1
    if at is None or at >= len(words) or words[at].value not in _VERBS:
        return
    yield from _build(path, command, words[at + 1 :], BUILD, folders)


def _build(
    path: str, command: Command, words: Sequence[Word], options: Options, folders: tuple[str, ...]
) -> Iterator[Request]:
    read = _parsed(words, options)
    if read is None or (not read.operands and not command.complete):
        # Which of its words is the context cannot be told.
        yield Request(path, command.span, "command", folders, HOLE, HOLE, False, open=True)
        return
    context = read.operands[-1].value if read.operands else ("." if options is BUILD else HOLE)
    file = read.last("-f", "--file")
    if file is not None and file.value == "-":
        return
    yield Request(
        path,
        command.span,
        "command",
        folders,
        context,
        file.value if file is not None else None,
        # `az acr build -f` is relative to the context, `docker build -f` to where it runs.
        options is ACR_BUILD,
        read.last("--target"),
        tuple(_assignment(text) for text in read.all("--build-arg")),
        tuple(_assignment(text) for text in read.all("--build-context")),
        tuple(text for text in read.all("-t", "--tag", "--image") if text.value),
        open=not command.complete or any(word.splits and HOLE in word.value for word in words),
    )


def _gcloud(path: str, command: Command, folders: tuple[str, ...]) -> Iterator[Request]:
    """`gcloud builds submit --tag` and `gcloud run deploy --source` take the Dockerfile at the top of a folder."""
    words = command.words[1:]
    spoken = [word.value for word in words if not word.value.startswith("-") and word.value not in _TRACKS]
    values = _Read([], _option_values(words), 0)
    if spoken[:2] == ["builds", "submit"] and values.last("-t", "--tag") is not None:
        read = _parsed(words, GCLOUD, lenient=True)
        operands = [word.value for word in read.operands[2:]] if read is not None else [HOLE]
        operands = [value for value in operands if value not in _TRACKS]
        context = operands[0] if operands else "."
    elif spoken[:1] == ["run"] and "deploy" in spoken[:3] and (source := values.last("--source")) is not None:
        context = source.value
    else:
        return
    names = tuple(values.all("-t", "--tag"))
    yield Request(path, command.span, "command", folders, context, None, True, names=names, open=not command.complete)


@dataclass(frozen=True, slots=True)
class _Read:
    """Words by what they are: operands, options with their values; `end` is where reading stopped."""

    operands: list[Word]
    options: list[tuple[str, Text]]
    end: int

    def all(self, *names: str) -> list[Text]:
        return [text for name, text in self.options if name in names]

    def last(self, *names: str) -> Text | None:
        found = self.all(*names)
        return found[-1] if found else None


def _parsed(words: Sequence[Word], options: Options, *, stop: bool = False, lenient: bool = False) -> _Read | None:
    """The words of a command; None where an option is not known. `stop`: at the first operand."""
    found = _Read([], [], 0)
    at = 0
    while at < len(words):
        value = words[at].value
        if not value.startswith("-") or value == "-":
            if stop:
                break
            found.operands.append(words[at])
            at += 1
            continue
        width = _option(words, at, options, found)
        if width is None and not lenient:
            return None
        at += width or (1 if "=" in value else 2)
    return _Read(found.operands, found.options, at)


def _option(words: Sequence[Word], at: int, options: Options, found: _Read) -> int | None:
    """Note one option; how many words it takes, None where it is not known."""
    word = words[at]
    name, equals, _ = word.value.partition("=")
    if name in options.switches:
        return 1
    if name not in options.values:
        short = word.value[:2]
        if not word.value.startswith("--") and short in options.values:
            found.options.append((short, sliced(word.text, 2, len(word.value))))
            return 1
        letters = word.value[1:]
        if not word.value.startswith("--") and all(f"-{letter}" in options.switches for letter in letters):
            return 1
        return None
    if equals:
        found.options.append((name, sliced(word.text, len(name) + 1, len(word.value))))
        return 1
    if at + 1 < len(words):
        following = words[at + 1]
        found.options.append((name, sliced(following.text, 0, len(following.value))))
    return 2


def _option_values(words: Sequence[Word]) -> list[tuple[str, Text]]:
    found = []
    for at, word in enumerate(words):
        name, equals, _ = word.value.partition("=")
        if equals and name.startswith("-"):
            found.append((name, sliced(word.text, len(name) + 1, len(word.value))))
        elif name.startswith("-") and at + 1 < len(words):
            found.append((name, words[at + 1].text))
    return found


def _assignment(text: Text) -> Assignment:
    name, equals, _ = text.value.partition("=")
    value = sliced(text, len(name) + 1, len(text.value)) if equals else None
    return Assignment(sliced(text, 0, len(name)), value)
