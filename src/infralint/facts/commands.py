"""Commands, of one shape wherever they are written: shell, Makefile, YAML step, Dockerfile, Python list."""

from __future__ import annotations

import msgspec

from infralint.facts.text import Text
from infralint.source import Span


class Word(msgspec.Struct, frozen=True, array_like=True):
    """One argument. `splits`: it may become several words or none (`$FLAGS` unquoted, `*args`).

    `optional`: it is written, and only some runs pass it (`ARGS+=(--x)` under an `if`).
    """

    text: Text
    splits: bool = False
    optional: bool = False

    @property
    def value(self) -> str:
        return self.text.value

    @property
    def span(self) -> Span:
        return self.text.span


class Command(msgspec.Struct, frozen=True, array_like=True):
    """A command line: its words in order, the program first.

    `complete` is False where words may be missing (a list that grows where it cannot be
    followed): then nothing may be said to be absent from it. `stdin`: what it reads, where the script itself says it:
    a here-document, a here-string, the text of an `echo` before the pipe. `outputs`: files that redirections at it
    write. `subshells`: where those begin that it runs in, outermost first: a `cd` in one ends with it. `conditional`:
    it runs only sometimes (under `if`, in a function, behind `||`). `assignments`: `NAME=value` before the program.
    `run` False: a list of a program's name and words, of which it is not seen that it is run.
    """

    words: tuple[Word, ...]
    span: Span
    complete: bool = True
    stdin: Text | None = None
    outputs: tuple[Text, ...] = ()
    subshells: tuple[int, ...] = ()
    conditional: bool = False
    assignments: tuple[Word, ...] = ()
    run: bool = True


class Expansion(msgspec.Struct, frozen=True, array_like=True):
    """A variable in a shell text: the hole at `span` is `${name<operator><operand>}`, and `$name` without operator.

    `name` is "@" or "*" for the arguments of a script. Variables that the script itself sets are none of these: their
    holes stay.
    """

    span: Span
    name: str
    operator: str = ""
    operand: str = ""


class ShellScript(msgspec.Struct, frozen=True, array_like=True):
    """A shell script's file beside its commands. `readable`: all that it runs is among its commands."""

    readable: bool = True
    expansions: tuple[Expansion, ...] = ()
