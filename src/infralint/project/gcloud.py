"""gcloud's command lines: which command they run in which track, and what each of their flags is there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from infralint.data.gcloud import TRACKS, Flag, GcloudTable, gcloud_table
from infralint.facts.commands import Word
from infralint.facts.text import HOLE
from infralint.project.commands import CommandUse
from infralint.source import Span

_PROGRAMS = frozenset({"gcloud", "gcloud.cmd"})
_FLAG = re.compile(r"(--[A-Za-z0-9][\w-]*)(=|$)")
_SHORT = re.compile(r"-[A-Za-z](=|$)")
# What documentation and templates leave for the reader to fill in: it can stand for anything.
_PLACEHOLDER = re.compile(r"<[^>]*>|\{[^}]*\}|\[[^\]]*\]|%[sdr(]")


@dataclass(frozen=True, slots=True)
class FlagUse:
    """A flag that a command line passes. `name` is as written, without its value.

    `span` is the name's alone. `before_value`: the next word is none that begins like a flag.
    """

    name: str
    span: Span
    has_equals: bool
    before_value: bool


@dataclass(frozen=True, slots=True)
class GcloudCommand:
    """A command line of gcloud whose command words are all known. `path` has no track word."""

    use: CommandUse
    track: str
    path: str
    flags: tuple[FlagUse, ...]

    @property
    def name(self) -> str:
        """The command as one types it: `gcloud beta run deploy`."""
        return self.in_track(self.track)

    def in_track(self, track: str) -> str:
        """The same command of another track."""
        return " ".join(part for part in ("gcloud", track, self.path) if part)


class GcloudModel:
    """All command lines of gcloud in a project. The table is loaded when there is at least one."""

    def __init__(self, uses: Iterable[CommandUse]) -> None:
        self._uses = [use for use in uses if use.program in _PROGRAMS]

    @property
    def commands(self) -> Iterator[GcloudCommand]:
        """The command lines whose command words are known and exist."""
        if self._uses:
            table = gcloud_table()
            for use in self._uses:
                command = _Line(table, use).command()
                if command is not None:
                    yield command


class _Line:
    """One command line while its words are read from left to right."""

    def __init__(self, table: GcloudTable, use: CommandUse) -> None:
        self.table = table
        self.use = use
        self.words = use.command.words
        self.at = 1

    def command(self) -> GcloudCommand | None:
        """The line as a command; None where its command words are not known or do not exist."""
        found = self._path()
        if found is None:
            return None
        track, path = found
        return GcloudCommand(self.use, track, path, tuple(self._flags(track, path)))

    def _path(self) -> tuple[str, str] | None:
        track, path = "", ""
        while not self.table.has_command(path, track):
            if self.at >= len(self.words):
                return None
            word = self.words[self.at]
            if word.value.startswith("-"):
                if not self._skip_global_flag(word):
                    return None
            elif _is_open(word) or word.optional:
                return None
            elif not path and not track and word.value in TRACKS:
                track = word.value
            else:
                path = f"{path} {word.value}".strip()
                if not (self.table.has_group(path, track) or self.table.has_command(path, track)):
                    return None
            self.at += 1
        return None if self.table.is_incomplete(path, track) else (track, path)

    def _skip_global_flag(self, word: Word) -> bool:
        """Step over a flag before the last command word; False where it may take a command word with it."""
        name, equals, _ = word.value.partition("=")
        flag = find_flag(self.table.global_flags, name)
        if flag is None:
            return False
        if flag.takes_next_word and not equals:
            self.at += 1
        return True

    def _flags(self, track: str, path: str) -> Iterator[FlagUse]:
        known = self.table.flags(path, track)
        rest_is_foreign = self.table.passes_rest_on(path, track)
        while self.at < len(self.words):
            word = self.words[self.at]
            value = word.value
            self.at += 1
            if value == "--" or (rest_is_foreign and value == HOLE and word.splits):
                return
            if match := _FLAG.match(value):
                name = match[1]
                yield FlagUse(name, _span_of(word, len(name)), match[2] == "=", _is_value(self.words, self.at))
            elif match := _SHORT.match(value):
                name = value[:2]
            else:
                continue
            flag = find_flag(known, name)
            if flag is not None and flag.takes_next_word and not value.startswith(f"{name}="):
                self.at += 1


def find_flag(flags: dict[str, Flag], name: str) -> Flag | None:
    """A flag by its name, or by its `--no-` form, which kinds "B" and "t" have."""
    if name in flags:
        return flags[name]
    positive = flags.get("--" + name.removeprefix("--no-")) if name.startswith("--no-") else None
    return positive if positive is not None and positive.kind in ("B", "t") else None


def _is_open(word: Word) -> bool:
    return word.splits or HOLE in word.value or bool(_PLACEHOLDER.search(word.value))


def _is_value(words: Sequence[Word], at: int) -> bool:
    return at < len(words) and not words[at].value.startswith("-")


def _span_of(word: Word, length: int) -> Span:
    span = word.text.locate(0, length)
    return span if len(span) > 0 else word.span


__all__ = ["FlagUse", "GcloudCommand", "GcloudModel", "find_flag"]
