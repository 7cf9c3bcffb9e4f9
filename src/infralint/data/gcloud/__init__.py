"""The table of gcloud's commands and flags, loaded when a project first runs gcloud.

README.md in this folder tells what the two files hold, where the facts come from and which gaps are known.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from importlib.resources import files

import msgspec

# Release tracks in the order of the table's columns, and the word that selects each.
TRACKS = ("", "beta", "alpha", "preview")
_LETTERS = "gbap"


class Flag(msgspec.Struct, frozen=True):
    """A flag of one command in one track.

    `kind`: "b" no value, "B" no value and a `--no-` form, "v" a value, "o" an optional value, "t" true or
    false with an optional value, "m" several words. `refused`: still parsed, and refused as removed.
    """

    name: str
    kind: str
    choices: tuple[str, ...] = ()
    hidden: bool = False
    refused: bool = False

    @property
    def takes_next_word(self) -> bool:
        """Whether the next word is its value when none stands behind a `=`."""
        return self.kind == "v"


class RemovedFlag(msgspec.Struct, frozen=True):
    """A flag that a command had. `gone`: the first release without it, "" = not known.

    `use` are flags that replace it; `stated`: release notes name them (else likeness of names does).
    """

    last: str
    gone: str
    use: tuple[str, ...] = ()
    stated: bool = False


class DeprecatedFlag(msgspec.Struct, frozen=True):
    """A flag that is announced to go.

    `state`: "warn" the tool warns, "warn?" for some values only, "removed" parsed and refused, "doc" said in
    the help, "notes" said in release notes alone.
    """

    state: str
    use: tuple[str, ...] = ()
    since: str = ""


class _Removed(msgspec.Struct):
    v: dict[str, tuple[str | None, str | None]]
    use: tuple[str, ...] = ()
    src: str = ""


class _Deprecated(msgspec.Struct):
    t: str
    s: str
    use: tuple[str, ...] = ()
    since: str = ""


class _Commands(msgspec.Struct):
    sdk: str
    released: str
    incomplete: list[str]
    flags: list[str]
    sets: list[list[int]]
    positionals: list[str]
    commands: dict[str, list[msgspec.Raw]]
    groups: dict[str, list[msgspec.Raw]]
    global_flags: dict[str, str] = msgspec.field(name="global")


class _History(msgspec.Struct):
    removed_global_flags: dict[str, tuple[str | None, str | None]]
    removed_flags: dict[str, dict[str, _Removed]]
    deprecated_flags: dict[str, dict[str, _Deprecated]]


class GcloudTable:
    """All commands of one release of the SDK, and what its flags were before.

    Paths are command words without the track (`run jobs deploy`); a track is one of TRACKS.
    """

    def __init__(self, commands: _Commands, history: _History) -> None:
        self._commands = commands
        self._history = history
        self._global = {name: _flag(f"{name}|{kind}") for name, kind in commands.global_flags.items()}
        self._flags: dict[int, dict[str, Flag]] = {}

    @property
    def sdk(self) -> str:
        """The release that the table describes, as `578.0.0`."""
        return self._commands.sdk

    @property
    def global_flags(self) -> dict[str, Flag]:
        """Flags that may stand before, between and after all command words."""
        return self._global

    def has_group(self, path: str, track: str) -> bool:
        """Whether the words lead to a group of commands in that track."""
        return self._set_of(self._commands.groups, path, track) is not None

    def has_command(self, path: str, track: str) -> bool:
        """Whether the words are a command of that track whose flags are known."""
        return self._set_of(self._commands.commands, path, track) is not None

    def is_incomplete(self, path: str, track: str) -> bool:
        """Whether the command's flags could not be listed: nothing may be said of it."""
        return f"{track} {path}".strip() in self._commands.incomplete

    def flags(self, path: str, track: str) -> dict[str, Flag]:
        """The flags of a command by name, the global ones among them; empty for what is no command there."""
        number = self._set_of(self._commands.commands, path, track)
        if number is None:
            return {}
        if number not in self._flags:
            own = (_flag(self._commands.flags[index]) for index in self._commands.sets[number])
            self._flags[number] = {**self._global, **{flag.name: flag for flag in own}}
        return self._flags[number]

    def passes_rest_on(self, path: str, track: str) -> bool:
        """Whether the words behind `--` go to another program."""
        entry = self._commands.commands.get(path, [])
        if len(entry) < 2:
            return False
        signature: int | dict[str, int] = msgspec.json.decode(entry[1], type=int | dict[str, int])
        number = signature.get(_letter(track), -1) if isinstance(signature, dict) else signature
        return number >= 0 and "-- " in self._commands.positionals[number]

    def removed_flag(self, path: str, flag: str, track: str) -> RemovedFlag | None:
        """What is known of a flag that the command had in that track."""
        removed = self._history.removed_flags.get(path, {}).get(flag)
        if removed is None or _letter(track) not in removed.v:
            gone_everywhere = self._history.removed_global_flags.get(flag)
            return RemovedFlag(gone_everywhere[0] or "", gone_everywhere[1] or "") if gone_everywhere else None
        last, gone = removed.v[_letter(track)]
        return RemovedFlag(last or "", gone or "", removed.use, removed.src == "notes")

    def deprecated_flag(self, path: str, flag: str, track: str) -> DeprecatedFlag | None:
        """What is announced of a flag of that command and track."""
        found = self._history.deprecated_flags.get(path, {}).get(flag)
        if found is None or _letter(track) not in found.t:
            return None
        return DeprecatedFlag(found.s, found.use, found.since)

    def _set_of(self, entries: dict[str, list[msgspec.Raw]], path: str, track: str) -> int | None:
        entry = entries.get(path)
        if entry is None:
            return None
        numbers: list[int] = msgspec.json.decode(entry[0])
        column = TRACKS.index(track)
        return numbers[column] if column < len(numbers) and numbers[column] >= 0 else None


def _letter(track: str) -> str:
    return _LETTERS[TRACKS.index(track)]


def _flag(spec: str) -> Flag:
    """A flag from its entry `NAME|KIND[MARKS][|choice,choice]`."""
    name, kind, *choices = spec.split("|")
    marks = kind[1:]
    return Flag(name, kind[0], tuple(choices[0].split(",")) if choices else (), "h" in marks, "x" in marks)


@lru_cache(maxsize=1)
def gcloud_table() -> GcloudTable:
    """The table that this version of infralint ships; read once in a process."""
    return GcloudTable(
        msgspec.json.decode(_read("commands.json.gz"), type=_Commands),
        msgspec.json.decode(_read("history.json.gz"), type=_History),
    )


def _read(name: str) -> bytes:
    return gzip.decompress((files(__package__) / name).read_bytes())
