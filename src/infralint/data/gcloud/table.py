"""One release's commands and flags, what was before, and the same as an older release had it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from infralint.data.gcloud.records import CommandsFile, HistoryFile, Range, RemovedFlagRecord
from infralint.data.gcloud.versions import is_before

# Release tracks in the order of the table's columns, and the word that selects each.
TRACKS = ("", "beta", "alpha", "preview")
_LETTERS = "gbap"
_LEFT_OUT = "tags"


class Flag(msgspec.Struct, frozen=True):
    """A flag of one command in one track.

    `kind`: "b" no value, "B" no value and a `--no-` form, "v" a value, "o" an optional value, "t" true or
    false with an optional value, "m" several words, "?" not known. `refused`: still parsed, and refused as removed.
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


class RemovedCommand(msgspec.Struct, frozen=True):
    """A command that was there, or that is there and refuses to run (`refused`).

    `last` and `gone` as of a flag. `use`: the command to run in its place, without the track; `stated` as of a flag.
    """

    last: str = ""
    gone: str = ""
    use: str = ""
    stated: bool = False
    refused: bool = False


class GcloudTable:
    """All commands of one release of the SDK, and what they were before.

    Paths are command words without the track (`run jobs deploy`); a track is one of TRACKS. `pinned`: the release that
    the project runs, as `502.0.0`, where it is not the table's own ("" = it is): what came after it is not there, what
    went after it still is, as far as the history tells.
    """

    def __init__(self, commands: CommandsFile, history: HistoryFile, pinned: str = "") -> None:
        self._commands = commands
        self._history = history
        self._pinned = "" if pinned == commands.sdk else pinned
        self._global = {name: make_flag(f"{name}|{kind}") for name, kind in commands.global_flags.items()}
        self._flags: dict[tuple[str, str], dict[str, Flag]] = {}
        self._children: dict[tuple[str, str], frozenset[str]] = {}

    @property
    def sdk(self) -> str:
        """The release that the answers are about."""
        return self._pinned or self._commands.sdk

    @property
    def own_sdk(self) -> str:
        """The release that the table was made from."""
        return self._commands.sdk

    @property
    def is_beyond(self) -> bool:
        """Whether the release came after the table's own, and may have what the table does not."""
        return is_before(self._commands.sdk, self.sdk)

    def pinned_to(self, release: str) -> GcloudTable:
        """The same table as seen from another release."""
        return GcloudTable(self._commands, self._history, release)

    @property
    def global_flags(self) -> dict[str, Flag]:
        """Flags that may stand before, between and after all command words."""
        return self._global

    def has_group(self, path: str, track: str) -> bool:
        """Whether the words lead to a group of commands in that track."""
        return self._set_of(self._commands.groups, path, track) is not None

    def has_command(self, path: str, track: str) -> bool:
        """Whether the words are a command of that track whose flags are known."""
        found = self._set_of(self._commands.commands, path, track) is not None
        return found and not self._is_later(self.added_command(path, track))

    @property
    def command_paths(self) -> Iterable[str]:
        """The paths of all commands of any track."""
        return self._commands.commands

    def is_open(self, path: str, track: str) -> bool:
        """Whether nothing may be said of these command words.

        They are a command whose flags could not be listed, or lead to one that the pinned release may still have had.
        """
        if f"{track} {path}".strip() in self._commands.incomplete or self._is_unlisted(path, track):
            return True
        return bool(self._pinned) and any(self._revived(path, track))

    def _is_unlisted(self, path: str, track: str) -> bool:
        """Whether the words lead into a folder of a name that the sources leave out (README.md, "Known gaps")."""
        return _LEFT_OUT in path.split() and not (self.has_group(path, track) or self.has_command(path, track))

    def children(self, path: str, track: str) -> frozenset[str]:
        """The names of the commands and groups of a group, those that are hidden left out."""
        key = path, track
        if key not in self._children:
            prefix = f"{path} " if path else ""
            self._children[key] = frozenset(
                below[len(prefix) :]
                for entries in (self._commands.commands, self._commands.groups)
                for below in entries
                if below.startswith(prefix) and below and " " not in below[len(prefix) :]
                if self._set_of(entries, below, track) is not None and not self._is_hidden(entries[below], track)
            )
        return self._children[key]

    def flags(self, path: str, track: str) -> dict[str, Flag]:
        """The flags of a command by name, the global ones among them; empty for what is no command there."""
        key = path, track
        if key not in self._flags:
            self._flags[key] = {flag.name: flag for flag in self._flags_of(path, track)}
        return self._flags[key]

    def _flags_of(self, path: str, track: str) -> Iterator[Flag]:
        number = self._set_of(self._commands.commands, path, track)
        if number is None:
            return
        if self._pinned:
            # Of a flag that is gone from the table no more than its name is known.
            gone = {**self._history.removed_global_flags, **self._removed_ranges(path, track)}
            yield from (Flag(name, "?") for name, span in gone.items() if self._may_have_been(span))
        yield from self._global.values()
        for index in self._commands.sets[number]:
            flag = make_flag(self._commands.flags[index])
            if not self._is_later(self.added_flag(path, flag.name, track)):
                yield flag

    def passes_rest_on(self, path: str, track: str) -> bool:
        """Whether the words behind `--` go to another program."""
        return "-- " in self.positionals(path, track)

    def positionals(self, path: str, track: str) -> str:
        """The signature of a command's positional words, "" = none or not known."""
        entry = self._commands.commands.get(path, [])
        if len(entry) < 2:
            return ""
        signature: int | dict[str, int] = msgspec.json.decode(entry[1], type=int | dict[str, int])
        number = signature.get(letter(track), -1) if isinstance(signature, dict) else signature
        return self._commands.positionals[number] if number >= 0 else ""

    def removed_flag(self, path: str, flag: str, track: str) -> RemovedFlag | None:
        """What is known of a flag that the command had in that track."""
        removed = self._history.removed_flags.get(path, {}).get(flag)
        if removed is None or letter(track) not in removed.v:
            gone_everywhere = self._history.removed_global_flags.get(flag)
            return RemovedFlag(gone_everywhere[0] or "", gone_everywhere[1] or "") if gone_everywhere else None
        last, gone = removed.v[letter(track)]
        return RemovedFlag(last or "", gone or "", removed.use, removed.src == "notes")

    def added_flag(self, path: str, flag: str, track: str) -> Range | None:
        """The last release without a flag and the first with it (None = not known), where the history tells."""
        return _of_track(self._history.added_flags.get(path, {}).get(flag, {}), track)

    def deprecated_flag(self, path: str, flag: str, track: str) -> DeprecatedFlag | None:
        """What is announced of a flag of that command and track."""
        found = self._history.deprecated_flags.get(path, {}).get(flag)
        if found is None or letter(track) not in found.t or not self._is_announced(found.since):
            return None
        return DeprecatedFlag(found.s, found.use, found.since)

    def removed_command(self, path: str, track: str) -> RemovedCommand | None:
        """What became of a command or a group that is not there any more, or that is there and refuses to run."""
        refused = self._refused_command(path, track)
        if refused is not None:
            return refused
        removed = self._history.removed_commands.get(path)
        if removed is not None and (letter(track) in removed.t or removed.t == "?"):
            stated = removed.src == "notes"
            return RemovedCommand(removed.last or "", removed.gone or "", removed.use, stated)
        group = self._history.removed_groups.get(path)
        if group is not None:
            return RemovedCommand(group.last or "", group.gone or "")
        dropped = self._history.track_dropped.get(f"{track} {path}".strip())
        return RemovedCommand(dropped[0]) if dropped is not None else None

    def _refused_command(self, path: str, track: str) -> RemovedCommand | None:
        found = self._history.deprecated_commands.get(path)
        if found is None or found.s != "removed" or letter(track) not in found.t or not self._is_announced(found.since):
            return None
        return RemovedCommand(gone=found.since, use=found.use, stated=True, refused=True)

    def added_command(self, path: str, track: str) -> Range | None:
        """The last release without a command and the first with it (None = not known), where the history tells."""
        return _of_track(self._history.added_commands.get(path, {}), track)

    def comes_later(self, added: Range | None) -> str:
        """The release that brought something, if it came after the one that the answers are about; else ""."""
        first = (added[1] or self.own_sdk) if added is not None else self.sdk
        return first if is_before(self.sdk, first) else ""

    def _is_later(self, added: Range | None) -> bool:
        """Whether the pinned release is known to have been without it."""
        return bool(self._pinned) and added is not None and not is_before(added[0] or "0", self._pinned)

    def _may_have_been(self, removed: Range) -> bool:
        """Whether the pinned release may have had what is gone."""
        gone = removed[1]
        return gone is None or is_before(self.sdk, gone)

    def _is_announced(self, since: str) -> bool:
        """Whether the release was out when something was deprecated; of an older one that is not said."""
        if not since:
            return not self._pinned or self.is_beyond
        return not is_before(self.sdk, since)

    def _removed_ranges(self, path: str, track: str) -> dict[str, Range]:
        records: dict[str, RemovedFlagRecord] = self._history.removed_flags.get(path, {})
        return {name: record.v[letter(track)] for name, record in records.items() if letter(track) in record.v}

    def _revived(self, path: str, track: str) -> Iterator[str]:
        """Commands at these words or below them that are gone, and that the pinned release may have had."""
        for below, removed in self._history.removed_commands.items():
            if f"{below} ".startswith(f"{path} ") and self._may_have_been((removed.last, removed.gone)):
                yield below
        for full, (last, _) in self._history.track_dropped.items():
            if f"{full} ".startswith(f"{track} {path} ".lstrip()) and not is_before(last, self.sdk):
                yield full

    def _set_of(self, entries: dict[str, list[msgspec.Raw]], path: str, track: str) -> int | None:
        entry = entries.get(path)
        if entry is None:
            return None
        numbers: list[int] = msgspec.json.decode(entry[0])
        column = TRACKS.index(track)
        return numbers[column] if column < len(numbers) and numbers[column] >= 0 else None

    def _is_hidden(self, entry: list[msgspec.Raw], track: str) -> bool:
        marks = msgspec.json.decode(entry[-1]) if len(entry) > 1 else ""
        return isinstance(marks, str) and letter(track) in marks


def letter(track: str) -> str:
    """The letter of a track in the table."""
    return _LETTERS[TRACKS.index(track)]


def make_flag(spec: str) -> Flag:
    """A flag from its entry `NAME|KIND[MARKS][|choice,choice]`."""
    name, kind, *choices = spec.split("|")
    marks = kind[1:]
    return Flag(name, kind[0], tuple(choices[0].split(",")) if choices else (), "h" in marks, "x" in marks)


def _of_track(ranges: dict[str, Range], track: str) -> Range | None:
    return next((span for letters, span in ranges.items() if letter(track) in letters), None)
