"""Argument lists (exec form, YAML lists) to commands; a shell's `-c` script is read as the shell reads it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from infralint.facts.commands import Command, Word
from infralint.facts.text import Text
from infralint.readers.shell import ScriptCommands, script_of
from infralint.source import Span

# A text of n pieces costs the square of n to map back; lines of a script are pieces.
_MAX_PIECES = 10_000
SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh"})
# POSIX sh(1), bash(1): options of one letter may stand in one word, `-c` takes the next operand.
_SCRIPT_FLAG = re.compile(r"-[a-zA-Z]*c[a-zA-Z]*")
_OPTION_WITH_VALUE = frozenset({"-o", "+o", "-O", "+O"})


def script_commands(script: Text) -> tuple[Command, ...]:
    """The commands of a shell script; none of one that is longer than anybody writes by hand."""
    return read_script(script).commands


def read_script(script: Text) -> ScriptCommands:
    """`script_commands`, and whether these are all."""
    return ScriptCommands((), False) if len(script.pieces) > _MAX_PIECES else script_of(script)


def commands_of(arguments: Sequence[Text]) -> tuple[Command, ...]:
    """The commands that a list of arguments runs. It is empty where the list is."""
    return read_arguments(arguments).commands


def read_arguments(arguments: Sequence[Text]) -> ScriptCommands:
    """`commands_of`, and whether these are all."""
    if not arguments:
        return ScriptCommands((), True)
    script = script_argument(arguments)
    if script is not None:
        return read_script(script)
    span = Span(arguments[0].span.start, max(argument.span.end for argument in arguments))
    return ScriptCommands((Command(tuple(Word(argument) for argument in arguments), span),), True)


def script_argument(arguments: Sequence[Text]) -> Text | None:
    """The script of `sh -c script`; None where the list is no such call."""
    if not arguments or program_name(arguments[0].value) not in SHELLS:
        return None
    skip = False
    for at, argument in enumerate(arguments[1:], start=1):
        value = argument.value
        if skip:
            skip = False
        elif _SCRIPT_FLAG.fullmatch(value):
            return arguments[at + 1] if at + 1 < len(arguments) else None
        elif not value.startswith(("-", "+")):
            return None
        skip = value in _OPTION_WITH_VALUE or (value.startswith("-") and value.endswith("o") and len(value) == 3)
    return None


def program_name(word: str) -> str:
    """A program without its folder and `.exe`."""
    return re.split(r"[/\\]", word)[-1].removesuffix(".exe")


def runs_in_shell(script: str) -> bool:
    """Whether a script's first line leaves it to a shell: it names one, or no program at all."""
    first = script.lstrip("\r\n").partition("\n")[0].strip()
    if not first.startswith("#!"):
        return True
    parts = [part for part in first[2:].split() if not part.startswith("-")]
    if parts and program_name(parts[0]) == "env":
        parts = parts[1:]
    return bool(parts) and program_name(parts[0]) in SHELLS
