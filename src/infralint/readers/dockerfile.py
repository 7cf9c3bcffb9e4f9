"""Dockerfiles: their stages, the images that they build upon, and the commands that they run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from infralint.facts.builds import (
    Arg,
    Copy,
    Dockerfile,
    Document,
    Env,
    From,
    Instruction,
    Mount,
    Onbuild,
    Run,
    Shell,
    Stage,
    Start,
    Step,
    User,
    Volume,
    Workdir,
)
from infralint.facts.commands import Command
from infralint.facts.files import FileFacts
from infralint.facts.images import ImageUse
from infralint.facts.slices import sliced
from infralint.facts.text import Text, hole
from infralint.readers.argv import (
    SHELLS,
    program_name,
    read_arguments,
    read_script,
    runs_in_shell,
    script_argument,
)
from infralint.readers.docker_lines import Instruction as Line
from infralint.readers.docker_lines import docker_lines
from infralint.readers.docker_values import after_flags, assignments, exec_form, flags, listed
from infralint.readers.pieces import Variables, filled, inner, stripped, words
from infralint.readers.shell import ScriptCommands
from infralint.readers.shell_expansions import expansions
from infralint.source import Span

_MOUNT_FROM = re.compile(r"(?:^|,)from=([^,\s]+)")
_ARGUMENT = re.compile(r"""(?P<name>[A-Za-z_]\w*)(?:=(?P<value>"[^"]*"|'[^']*'|\S*))?""")
_MAX_ARGUMENT = 1000
_HEREDOC_WORD = re.compile(r"""\d*<<-?(["']?)([A-Za-z_][\w.-]*)\1""")
_UNREAD = ScriptCommands((), False)


def read(text: str, dialect: str) -> FileFacts:
    """The facts of a Dockerfile."""
    lines = docker_lines(text)
    images = _Images()
    stages = _Stages(text, lines.escape)
    for line in lines.instructions:
        images.take(line)
        stages.take(line)
    file = Dockerfile(
        tuple(Stage(origin, tuple(taken)) for origin, taken in stages.stages),
        tuple(stages.arguments),
        lines.escape,
        lines.frontend,
    )
    return FileFacts(dockerfile=file, images=tuple(images.found), commands=tuple(stages.commands))


class _Images:
    """The images that a Dockerfile names."""

    def __init__(self) -> None:
        self.found: list[ImageUse] = []
        self.stages: set[str] = set()
        self.arguments: dict[str, Text] = {}
        self.in_stage = False

    def take(self, line: Line) -> None:
        """Note what one instruction takes from."""
        if line.keyword == "ARG" and not self.in_stage:
            self._argument(line.rest)
        elif line.keyword == "FROM":
            self._from(line.rest)
        elif line.keyword in ("COPY", "ADD"):
            for flag, value in flags(line.rest):
                if flag == "from":
                    self._source_image(value, "`COPY --from`")
        elif line.keyword == "RUN":
            for flag, value in flags(line.rest):
                if flag == "mount" and (match := _MOUNT_FROM.search(value.value)):
                    self._source_image(sliced(value, match.start(1), match.end(1)), "`RUN --mount`")

    def _argument(self, rest: Text) -> None:
        """`ARG NAME=default ...` before the first FROM: the only variables that a FROM sees."""
        for match in _ARGUMENT.finditer(rest.value):
            if match["value"] is None:
                continue
            quoted = match["value"][:1] in ("'", '"') and len(match["value"]) > 1
            start, end = match.start("value") + quoted, match.end("value") - quoted
            value = self._filled(sliced(rest, start, end))[0]
            # Arguments made of arguments may double with every line.
            self.arguments[match["name"]] = value if len(value.value) <= _MAX_ARGUMENT else hole(value.span)

    def _filled(self, text: Text) -> tuple[Text, tuple[str, ...]]:
        result = filled(text, Variables("\\$", self.arguments, defaults=True))
        return result.text, result.defaults

    def _from(self, rest: Text) -> None:
        self.in_stage = True
        parts = _from_parts(rest)
        if not parts:
            return
        image, defaults = self._filled(_unquoted(parts[0]))
        if image.value.lower() not in self.stages and image.value.lower() != "scratch":
            self.found.append(ImageUse(image, "from", "`FROM`", defaults=defaults))
        if name := _stage_name(parts):
            self.stages.add(name)

    def _source_image(self, name: Text, where: str) -> None:
        """An image that files are taken from, unless it is a stage: by its name or its number."""
        value = name.value.lower()
        if value and not value.isdigit() and value not in self.stages and value != "scratch":
            self.found.append(ImageUse(filled(name, Variables("\\$", {})).text, "from", where))


@dataclass
class _Stages:
    """The stages of a Dockerfile in the making. `text` is the file's."""

    text: str
    escape: str
    stages: list[tuple[From, list[Instruction]]] = field(default_factory=list)
    arguments: list[Arg] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    shell: bool = True

    def take(self, line: Line) -> None:
        """Add one instruction."""
        if line.keyword == "FROM":
            parts = _from_parts(line.rest)
            self.shell = True
            if parts:
                self.stages.append((From(_whole(parts[0]), _stage_name(parts), line.span), []))
            return
        step = self._step(line)
        if isinstance(step, (Run, Start)):
            self.commands += step.commands
        if self.stages and step is not None:
            self.stages[-1][1].append(Onbuild(step, line.span) if line.deferred else step)
        elif isinstance(step, Arg):
            self.arguments.append(step)

    def _step(self, line: Line) -> Step | None:
        rest = stripped(line.rest)
        match line.keyword:
            case "RUN":
                return self._run(line)
            case "COPY" | "ADD":
                return _copy(line)
            case "CMD" | "ENTRYPOINT":
                return self._start(line)
            case "ENV":
                return Env(assignments(rest, self.escape, old_form=True), line.span)
            case "ARG":
                return Arg(assignments(rest, self.escape, old_form=False), line.span)
            case "WORKDIR":
                return Workdir(_whole(rest), line.span)
            case "USER":
                return User(_whole(rest), line.span)
            case "VOLUME":
                return Volume(listed(rest), line.span)
            case "SHELL":
                return self._shell(line)
            case _:
                return None

    def _shell(self, line: Line) -> Shell:
        names = exec_form(line.rest) or ()
        self.shell = len(names) > 0 and program_name(names[0].value) in SHELLS
        return Shell(tuple(names), line.span)

    def _run(self, line: Line) -> Run:
        mounts = tuple(_mount(value.value) for flag, value in flags(line.rest) if flag == "mount")
        rest = after_flags(line.rest)
        found, scripts, shell = self._script_of_run(line, rest)
        return Run(
            found.commands,
            line.span,
            shell,
            found.readable,
            mounts,
            tuple(each for script in scripts for each in expansions(self.text, script, found.commands)),
        )

    def _script_of_run(self, line: Line, rest: Text) -> tuple[ScriptCommands, list[Text], bool]:
        """The commands of a RUN, the shell texts that they were read from, and whether a shell runs them."""
        if line.heredocs and _HEREDOC_WORD.fullmatch(rest.value):
            body = line.heredocs[0]
            if self.shell and runs_in_shell(body.value):
                return read_script(body), [body], True
            return _UNREAD, [], False
        words_given = exec_form(rest)
        if words_given is not None:
            script = script_argument(words_given)
            return read_arguments(words_given), [script] if script else [], script is not None
        if not self.shell:
            return _UNREAD, [], False
        script = after_flags(line.script)
        return read_script(script), [script], True

    def _start(self, line: Line) -> Start:
        rest = stripped(line.rest)
        given = exec_form(rest)
        entrypoint = line.keyword == "ENTRYPOINT"
        if given is not None:
            found, script = read_arguments(given), script_argument(given)
        else:
            found, script = read_script(rest) if self.shell else _UNREAD, rest
        variables = expansions(self.text, script, found.commands) if script is not None else ()
        return Start(
            None if given is None else tuple(given), found.commands, line.span, entrypoint, found.readable, variables
        )


def _copy(line: Line) -> Copy | None:
    given = flags(line.rest)
    by_name = dict(given)
    rest = after_flags(line.rest)
    parts = listed(rest)
    if not parts:
        return None
    bodies = iter(line.heredocs)
    documents = []
    sources = []
    for part in parts[:-1]:
        match = _HEREDOC_WORD.fullmatch(part.value)
        body = next(bodies, None) if match else None
        if match and body is not None:
            documents.append(Document(match[2], body))
        else:
            sources.append(_whole(part))
    return Copy(
        tuple(sources),
        _whole(parts[-1]) if len(parts) > 1 else None,
        line.span,
        adds=line.keyword == "ADD",
        origin=by_name.get("from"),
        parents=_is_set(by_name.get("parents")),
        excludes=tuple(value for name, value in given if name == "exclude"),
        documents=tuple(documents),
        unpacks=_is_set(by_name["unpack"]) if "unpack" in by_name else None,
    )


def _is_set(flag: Text | None) -> bool:
    """Whether a flag of its own, or one with a truth value, is on."""
    return flag is not None and flag.value.lower() not in ("false", "0")


def _mount(value: str) -> Mount:
    """`type=bind,source=a,target=b`: the fields are those of a line of CSV."""
    fields = {}
    for part in value.split(","):
        name, _, content = part.partition("=")
        fields[name.strip('"').lower()] = content.strip('"')
    target = next((fields[name] for name in ("target", "dst", "destination") if name in fields), "")
    source = next((fields[name] for name in ("source", "src") if name in fields), "")
    return Mount(fields.get("type", "bind"), target, source, fields.get("from", ""))


def _from_parts(rest: Text) -> list[Text]:
    return [word for word in words(rest) if not word.value.startswith("--")]


def _stage_name(parts: list[Text]) -> str:
    return parts[2].value.lower() if len(parts) == 3 and parts[1].value.upper() == "AS" else ""


def _whole(word: Text) -> Text:
    """The text with a span that covers its characters alone."""
    return sliced(word, 0, len(word.value)) if word.value else Text((), Span(word.span.start, word.span.start))


def _unquoted(word: Text) -> Text:
    value = word.value
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return inner(sliced(word, 1, len(value) - 1))
    return word
