"""The commands of all files, wherever they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from infralint.facts.commands import Command
from infralint.facts.files import FileFacts

_PYTHON = re.compile(r"(?:.*/)?python[\d.]*")


@dataclass(frozen=True, slots=True)
class CommandUse:
    """A command and the file that holds it."""

    path: str
    command: Command

    @property
    def program(self) -> str:
        """The program's name without its folder; "" where it is not known."""
        if not self.command.words or self.command.words[0].splits:
            return ""
        text = self.command.words[0].text
        return text.value.rpartition("/")[2] if text.is_static else ""


def runs_python(use: CommandUse) -> bool:
    """Whether the program of a command is Python's interpreter."""
    return bool(use.command.words) and _PYTHON.fullmatch(use.command.words[0].value) is not None


def all_commands(files: Mapping[str, FileFacts], paths: Iterable[str]) -> Iterator[CommandUse]:
    """Every command of these files, in order of path and place."""
    for path in paths:
        for command in files[path].commands:
            yield CommandUse(path, command)
