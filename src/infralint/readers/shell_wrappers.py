"""Commands that run another command: the words of the command that is run."""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec

from infralint.facts.commands import Command, Word
from infralint.facts.text import HOLE, Piece, Text
from infralint.source import Span

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ksh"})
_MAX_WRAPPERS = 8


@dataclass(frozen=True, slots=True)
class _Wrapper:
    """`with_value`: options whose value is the next word; `positionals`: words before the command's own."""

    with_value: frozenset[str] = frozenset()
    positionals: int = 0


# Options as the manual pages have them: sudo 1.9, GNU coreutils 9, GNU findutils 4.9,
# util-linux 2.39, bash 5.2.
_WRAPPERS = {
    "command": _Wrapper(),
    "doas": _Wrapper(frozenset({"-u", "-C"})),
    "env": _Wrapper(frozenset({"-u", "--unset", "-C", "--chdir"})),
    "exec": _Wrapper(frozenset({"-a"})),
    "ionice": _Wrapper(frozenset({"-c", "-n"})),
    "nice": _Wrapper(frozenset({"-n"})),
    "nohup": _Wrapper(),
    "stdbuf": _Wrapper(frozenset({"-i", "-o", "-e"})),
    "sudo": _Wrapper(frozenset({"-u", "-g", "-h", "-p", "-C", "-r", "-t", "-T", "-U", "-D", "-R"})),
    "time": _Wrapper(frozenset({"-o", "-f"})),
    "timeout": _Wrapper(frozenset({"-k", "-s", "--kill-after", "--signal"}), 1),
    "xargs": _Wrapper(
        frozenset({"-n", "-I", "-L", "-P", "-d", "-s", "-E", "-a", "--max-args", "--max-procs", "--replace",
                   "--delimiter", "--max-lines", "--arg-file"})
    ),
}  # fmt: skip


def unwrapped(command: Command) -> Command | None:
    """The command that `sudo`, `env A=b`, `xargs` and the like run; None where none can be read."""
    for _ in range(_MAX_WRAPPERS):
        if not command.words:
            return None
        name = command.words[0].value.rpartition("/")[2]
        if name not in _WRAPPERS or command.words[0].splits:
            return command
        rest = _after_options(command.words, _WRAPPERS[name])
        if rest is None and name == "exec":
            # `exec "$@"` has no options of its own.
            rest = command.words[1:]
        if not rest:
            return None
        if name == "xargs":
            rest = _with_arguments(command.words[: -len(rest) or None], rest)
        given = command.words[1 : -len(rest)] if name == "env" else ()
        assigned = (*command.assignments, *(word for word in given if _ASSIGNMENT.match(word.value)))
        command = msgspec.structs.replace(command, words=rest, assignments=assigned)
    return None


def _after_options(words: tuple[Word, ...], wrapper: _Wrapper) -> tuple[Word, ...] | None:
    at, positionals = 1, wrapper.positionals
    while at < len(words):
        value = words[at].value
        if words[at].splits and HOLE in value:
            return None
        if value == "--":
            at += 1
            break
        if value in wrapper.with_value:
            at += 2
        elif value.startswith("-") or _ASSIGNMENT.match(value):
            at += 1
        elif positionals:
            at, positionals = at + 1, positionals - 1
        else:
            break
    return words[at:] or None


def _with_arguments(options: tuple[Word, ...], words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The words of a command that xargs runs: its input takes the place of the mark, or comes last."""
    mark = _replaced_mark(options)
    if mark:
        return tuple(_with_hole(word) if mark in word.value else word for word in words)
    end = Span(words[-1].span.end, words[-1].span.end)
    return (*words, Word(Text((Piece(HOLE, end),), end), splits=True))


def _replaced_mark(options: tuple[Word, ...]) -> str:
    for index, word in enumerate(options):
        if word.value == "-I" and index + 1 < len(options):
            return options[index + 1].value
        if word.value.startswith("-I"):
            return word.value[2:]
        if word.value in ("-i", "--replace"):
            return "{}"
    return ""


def _with_hole(word: Word) -> Word:
    return Word(Text((Piece(HOLE, word.span),), word.span), word.splits, word.optional)


def inner_script(command: Command) -> Text | None:
    """The script that `bash -c '...'` or `eval '...'` runs."""
    name = command.words[0].value.rpartition("/")[2] if command.words else ""
    if name == "eval" and len(command.words) == 2:
        return command.words[1].text
    if name not in _SHELLS:
        return None
    for index, word in enumerate(command.words[1:-1], 1):
        if re.fullmatch(r"-[a-z]*c", word.value):
            return command.words[index + 1].text
        if not word.value.startswith(("-", "+")):
            return None
    return None
