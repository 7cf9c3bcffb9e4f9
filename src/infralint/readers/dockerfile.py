"""Dockerfiles: the images that they build upon, and the commands that they run."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from infralint.facts.commands import Command
from infralint.facts.files import FileFacts
from infralint.facts.images import ImageUse
from infralint.facts.slices import sliced
from infralint.facts.text import Piece, Text, hole
from infralint.readers.argv import SHELLS, commands_of, program_name, runs_in_shell, script_commands
from infralint.readers.docker_lines import Instruction, instructions
from infralint.readers.pieces import Variables, filled, inner, stripped, words
from infralint.source import Span

_FLAG = re.compile(r"--[a-z][\w-]*(?:=\S*)?(?:\s+|$)")
_MOUNT_FROM = re.compile(r"(?:^|,)from=([^,\s]+)")
_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ARGUMENT = re.compile(r"""(?P<name>[A-Za-z_]\w*)(?:=(?P<value>"[^"]*"|'[^']*'|\S*))?""")
_MAX_ARGUMENT = 1000
_ONLY_HEREDOC = re.compile(r"<<-?[\"']?[\w.-]+[\"']?\s*")


def read(text: str, dialect: str) -> FileFacts:
    """The facts of a Dockerfile."""
    reader = _Reader()
    for instruction in instructions(text):
        reader.take(instruction)
    return FileFacts(images=tuple(reader.images), commands=tuple(reader.commands))


class _Reader:
    def __init__(self) -> None:
        self.images: list[ImageUse] = []
        self.commands: list[Command] = []
        self.stages: set[str] = set()
        self.arguments: dict[str, Text] = {}
        self.escape = "\\$"
        self.in_stage = False
        self.shell = True

    def take(self, instruction: Instruction) -> None:
        keyword = instruction.keyword
        if keyword == "ARG" and not self.in_stage:
            self._argument(instruction.rest)
        elif keyword == "FROM":
            self._from(instruction.rest)
        elif keyword in ("COPY", "ADD"):
            self._copy(instruction.rest)
        elif keyword == "SHELL":
            names = _exec_form(instruction.rest)
            self.shell = names is not None and len(names) > 0 and program_name(names[0].value) in SHELLS
        elif keyword == "RUN":
            self._run(instruction)
        elif keyword in ("CMD", "ENTRYPOINT"):
            self._command(instruction.rest, instruction.script)

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
        result = filled(text, Variables(self.escape, self.arguments, defaults=True))
        return result.text, result.defaults

    def _from(self, rest: Text) -> None:
        parts = [word for word in words(rest) if not word.value.startswith("--")]
        self.in_stage = True
        self.shell = True
        if not parts:
            return
        image, defaults = self._filled(_unquoted(parts[0]))
        if image.value.lower() not in self.stages and image.value.lower() != "scratch":
            self.images.append(ImageUse(image, "from", "`FROM`", defaults=defaults))
        if len(parts) == 3 and parts[1].value.upper() == "AS":
            self.stages.add(parts[2].value.lower())

    def _copy(self, rest: Text) -> None:
        for flag, value in _flags(rest):
            if flag == "from":
                self._source_image(value, "`COPY --from`")

    def _source_image(self, name: Text, where: str) -> None:
        """An image that files are taken from, unless it is a stage: by its name or its number."""
        value = name.value.lower()
        if value and not value.isdigit() and value not in self.stages and value != "scratch":
            self.images.append(ImageUse(self._with_holes(name), "from", where))

    def _with_holes(self, name: Text) -> Text:
        return filled(name, Variables(self.escape, {})).text

    def _run(self, instruction: Instruction) -> None:
        at = 0
        for flag, value in _flags(instruction.rest):
            at = value.span.end
            if flag == "mount" and (match := _MOUNT_FROM.search(value.value)):
                self._source_image(sliced(value, match.start(1), match.end(1)), "`RUN --mount`")
        rest = _after(instruction.rest, at)
        script = _after(instruction.script, at)
        if instruction.heredocs and _ONLY_HEREDOC.fullmatch(rest.value):
            body = instruction.heredocs[0]
            if self.shell and runs_in_shell(body.value):
                self.commands += script_commands(body)
            return
        self._command(rest, script)

    def _command(self, rest: Text, script: Text) -> None:
        arguments = _exec_form(rest)
        if arguments is not None:
            self.commands += commands_of(arguments)
        elif self.shell:
            self.commands += script_commands(script)


def _unquoted(word: Text) -> Text:
    value = word.value
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return inner(sliced(word, 1, len(value) - 1))
    return word


def _flags(rest: Text) -> list[tuple[str, Text]]:
    """The `--name=value` flags at the start of an instruction's text."""
    found = []
    at = 0
    value = rest.value
    while match := _FLAG.match(value, at):
        flag = stripped(sliced(rest, match.start(), match.end()))
        name, equals, _ = flag.value.partition("=")
        found.append((name[2:], sliced(flag, len(name) + len(equals), len(flag.value))))
        at = match.end()
    return found


def _after(text: Text, offset: int) -> Text:
    """The text behind an offset of the file, without leading white space."""
    kept = tuple(
        piece
        if piece.span.start >= offset
        else Piece(piece.text[offset - piece.span.start :], _tail(piece.span, offset))
        for piece in text.pieces
        if piece.span.end > offset
    )
    return stripped(Text(kept, _tail(text.span, offset)))


def _tail(span: Span, offset: int) -> Span:
    return Span(min(max(span.start, offset), span.end), span.end)


def _exec_form(rest: Text) -> Sequence[Text] | None:
    """The arguments of a JSON list of strings; None where the text is none: then it is shell form."""
    value = rest.value
    if not value.lstrip().startswith("["):
        return None
    try:
        listed = json.loads(value)
    except ValueError:
        return None
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        return None
    found = []
    for match, item in zip(_JSON_STRING.finditer(value), listed, strict=True):
        text = sliced(rest, match.start() + 1, match.end() - 1)
        if text.value != item:
            text = Text((Piece(item, text.span),), text.span)
        found.append(text)
    return found
