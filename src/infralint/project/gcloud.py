"""gcloud's command lines: which command they run in which track, and what each of their words is there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile

from infralint.data.gcloud import TRACKS, Flag, GcloudTable, gcloud_table
from infralint.facts.commands import Word
from infralint.facts.slices import sliced
from infralint.facts.text import HOLE, Text
from infralint.project.commands import CommandUse
from infralint.source import Span

_PROGRAMS = frozenset({"gcloud", "gcloud.cmd", "gcloud.ps1", "gcloud.exe"})
_FLAG = re.compile(r"(--[A-Za-z0-9][\w-]*)(=|$)")
_SHORT = re.compile(r"-[A-Za-z](=|$)")
# What documentation and templates leave for the reader to fill in: it can stand for anything.
_PLACEHOLDER = re.compile(r"<[^>]*>|\{[^}]*\}|\[[^\]]*\]|%[sdr(]")
# gcloud's own command words.
_COMMAND_WORD = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class FlagUse:
    """A flag that a command line passes. `name` is as written, without its value.

    `span` is the name's alone. `before_value`: the next word is none that begins like a flag. `value`: the flag's
    value, None where it takes none, has none, or is not known to take the next word. `optional`: only some runs pass
    it.
    """

    name: str
    span: Span
    has_equals: bool
    before_value: bool
    value: Text | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class GcloudCommand:
    """A command line of gcloud whose command words are all known. `path` has no track word.

    `words`: the command words. `positionals`: the words that are neither flags nor values of flags, in order, up to
    `--`; one that splits may be several. `complete`: no word can bring flags that are not seen.
    """

    use: CommandUse
    table: GcloudTable
    track: str
    path: str
    flags: tuple[FlagUse, ...]
    words: tuple[Word, ...] = ()
    positionals: tuple[Word, ...] = ()
    complete: bool = True

    @property
    def name(self) -> str:
        """The command as one types it: `gcloud beta run deploy`."""
        return self.in_track(self.track)

    def in_track(self, track: str) -> str:
        """The same command of another track."""
        return typed(track, self.path)

    def flag(self, *names: str) -> FlagUse | None:
        """The last use of a flag by any of these names, which is the one that gcloud takes."""
        return next((flag for flag in reversed(self.flags) if flag.name in names), None)

    def value(self, *names: str) -> Text | None:
        """The value of a flag by any of these names; None where it is not passed, or its value is not seen."""
        found = self.flag(*names)
        return found.value if found is not None else None


@dataclass(frozen=True, slots=True)
class UnknownCommand:
    """A command line of gcloud whose command words lead to nothing.

    `path`: the group that the words before lead to, "" = gcloud itself. `words`: the unknown word, and those behind
    it that can be command words.
    """

    use: CommandUse
    table: GcloudTable
    track: str
    path: str
    words: tuple[Word, ...]

    @property
    def written(self) -> str:
        """The path up to the unknown word, without the track."""
        return f"{self.path} {self.words[0].value}".strip()


def is_gcloud(use: CommandUse) -> bool:
    """Whether a command runs gcloud."""
    return use.program in _PROGRAMS


class GcloudModel:
    """All command lines of gcloud in a project. The table is loaded when there is at least one."""

    def __init__(self, uses: Iterable[CommandUse], table: Callable[[], GcloudTable] = gcloud_table) -> None:
        self._uses = tuple(filter(is_gcloud, uses))
        self._table = table

    @cached_property
    def _lines(self) -> tuple[GcloudCommand | UnknownCommand, ...]:
        if not self._uses:
            return ()
        table = self._table()
        lines = (_Line(table, use).read() for use in self._uses)
        return tuple(line for line in lines if line is not None)

    @property
    def commands(self) -> Iterator[GcloudCommand]:
        """The command lines whose command words are known and exist."""
        return (line for line in self._lines if isinstance(line, GcloudCommand))

    @property
    def unknown(self) -> Iterator[UnknownCommand]:
        """The command lines whose command words are known and do not exist."""
        return (line for line in self._lines if isinstance(line, UnknownCommand))


@dataclass(slots=True)
class _Line:
    """One command line while its words are read from left to right."""

    table: GcloudTable
    use: CommandUse
    at: int = 1
    track: str = ""
    path: str = ""
    spoken: list[Word] = field(default_factory=list)
    flags: list[FlagUse] = field(default_factory=list)

    @property
    def words(self) -> tuple[Word, ...]:
        return self.use.command.words

    def read(self) -> GcloudCommand | UnknownCommand | None:
        """The line as a command; None where nothing can be said of its command words."""
        while not self.table.has_command(self.path, self.track):
            if self.at >= len(self.words):
                return None
            word = self.words[self.at]
            self.at += 1
            if word.value.startswith("-"):
                flag = find_flag(self.table.global_flags, _flag_name(word))
                if flag is None:
                    # It may take a command word for its value.
                    return None
                self._take(word, flag)
            elif _is_open(word) or word.optional:
                return None
            elif not self._command_word(word):
                return self._unknown(self.at - 1)
        return None if self.table.is_open(self.path, self.track) else self._command()

    def _command_word(self, word: Word) -> bool:
        """Step into a track, a group or a command; False where there is none of that name."""
        if not self.path and not self.track and word.value in TRACKS:
            self.track = word.value
            return True
        # gcloud takes `resource_policies` for `resource-policies`.
        path = f"{self.path} {word.value.replace('_', '-')}".strip()
        if not (self.table.has_group(path, self.track) or self.table.has_command(path, self.track)):
            return False
        self.path = path
        self.spoken.append(word)
        return True

    def _unknown(self, at: int) -> UnknownCommand | None:
        words = tuple(takewhile(_is_command_word, self.words[at:]))
        if not words or self.table.is_open(f"{self.path} {words[0].value}".strip(), self.track):
            return None
        return UnknownCommand(self.use, self.table, self.track, self.path, words)

    def _command(self) -> GcloudCommand:
        known = self.table.flags(self.path, self.track)
        rest_is_foreign = self.table.passes_rest_on(self.path, self.track)
        positionals: list[Word] = []
        complete = self.use.command.complete
        while self.at < len(self.words):
            word = self.words[self.at]
            self.at += 1
            if word.value == "--" or (rest_is_foreign and word.value == HOLE and word.splits):
                break
            name = _flag_name(word)
            if name:
                self._take(word, find_flag(known, name))
            else:
                complete = complete and not (word.splits and HOLE in word.value)
                positionals.append(word)
        return GcloudCommand(
            self.use,
            self.table,
            self.track,
            self.path,
            tuple(self.flags),
            tuple(self.spoken),
            tuple(positionals),
            complete,
        )

    def _take(self, word: Word, flag: Flag | None) -> None:
        """Note a flag, and step over the word that is its value."""
        name = _flag_name(word)
        has_equals = len(word.value) > len(name)
        value = sliced(word.text, len(name) + 1, len(word.value)) if has_equals else None
        following = self.words[self.at] if self.at < len(self.words) else None
        before_value = following is not None and not following.value.startswith("-")
        if flag is not None and flag.takes_next_word and not has_equals and following is not None:
            value = following.text
            self.at += 1
        if name.startswith("--"):
            span = _span_of(word, len(name))
            self.flags.append(FlagUse(name, span, has_equals, before_value, value, word.optional))


def _flag_name(word: Word) -> str:
    """The name of the flag that a word is, "" = it is none."""
    match = _FLAG.match(word.value) or _SHORT.match(word.value)
    return word.value.partition("=")[0] if match is not None else ""


def _is_command_word(word: Word) -> bool:
    return not (word.splits or word.optional) and _COMMAND_WORD.fullmatch(word.value) is not None


def typed(track: str, path: str) -> str:
    """A command as one types it."""
    return " ".join(part for part in ("gcloud", track, path) if part)


def find_flag(flags: dict[str, Flag], name: str) -> Flag | None:
    """A flag by its name, or by its `--no-` form, which kinds "B" and "t" have."""
    if name in flags:
        return flags[name]
    positive = flags.get("--" + name.removeprefix("--no-")) if name.startswith("--no-") else None
    return positive if positive is not None and positive.kind in ("B", "t", "?") else None


def _is_open(word: Word) -> bool:
    return word.splits or HOLE in word.value or bool(_PLACEHOLDER.search(word.value))


def _span_of(word: Word, length: int) -> Span:
    span = word.text.locate(0, length)
    return span if len(span) > 0 else word.span


__all__ = ["FlagUse", "GcloudCommand", "GcloudModel", "UnknownCommand", "find_flag", "typed"]
