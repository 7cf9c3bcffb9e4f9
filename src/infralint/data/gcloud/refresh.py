"""A table made from the completion tree that every SDK ships, with what only infralint's own table knows.

`data/cli/gcloud_completions.py` of an SDK (since 208.0.0) holds one assignment, whose value is JSON: commands by name,
and their flags with what values these take. It tells nothing of hidden commands and flags, of short flags and of
positional words; these come from the other table, where it has the same command in the same track.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import msgspec

from infralint.data.gcloud.records import CommandsFile, HistoryFile, Range, RemovedCommandRecord, RemovedFlagRecord
from infralint.data.gcloud.table import TRACKS, GcloudTable, letter
from infralint.data.gcloud.versions import is_before

ASSIGNMENT = "STATIC_COMPLETION_CLI_TREE"
_ORDER = "gbap"
# Kinds of flags that a completion tree calls "bool", and of the others.
_SWITCHES = "bBt"
_VALUED = "vomt"


class Node(msgspec.Struct):
    """A group or, without commands, a command. A flag is "bool", "value", "dynamic", or a list of choices."""

    commands: dict[str, Node] = {}
    flags: dict[str, str | list[object]] = {}


def completion_tree(text: str) -> Node:
    """The tree in the text of the completion file. Raises ValueError where there is none."""
    at = text.find("=", text.find(ASSIGNMENT))
    if ASSIGNMENT not in text or at < 0:
        raise ValueError(f"it has no {ASSIGNMENT}")
    try:
        return msgspec.json.decode(text[at + 1 :].strip(), type=Node)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"{ASSIGNMENT} is no tree of commands: {error}") from error


@dataclass(slots=True)
class _Tree:
    """The commands of a completion tree: for each path and track letter its flags."""

    commands: dict[str, dict[str, dict[str, str | list[object]]]] = field(default_factory=dict)
    groups: dict[str, set[str]] = field(default_factory=dict)
    tracks: set[str] = field(default_factory=lambda: {"g"})

    def add(self, node: Node, path: str, track: str, inherited: Mapping[str, str | list[object]]) -> None:
        """Take in a node and all below it."""
        flags = {**inherited, **node.flags}
        if not node.commands:
            self.commands.setdefault(path, {})[track] = flags
            return
        self.groups.setdefault(path, set()).add(track)
        for name, child in node.commands.items():
            if not path and track == "g" and name in TRACKS:
                self.tracks.add(letter(name))
                self.add(child, "", letter(name), {})
            else:
                self.add(child, f"{path} {name}".strip(), track, flags)


def refreshed(release: str, root: Node, base: CommandsFile, history: HistoryFile) -> tuple[CommandsFile, HistoryFile]:
    """The table of a release from its completion tree, and the history with what differs between it and `base`."""
    tree = _Tree()
    tree.add(Node(root.commands), "", "g", {})
    known = _Known(base, history, release)
    return _Writer(release, tree, known).table(root.flags), _Differences(release, tree, known).history(history)


def packed(file: CommandsFile | HistoryFile) -> bytes:
    """A file of a table as bytes, the same for the same contents."""
    return gzip.compress(msgspec.json.encode(file), 9, mtime=0)


class _Entry:
    """An entry of `commands` or `groups`: its sets by the letter of the track, its positionals, where it is hidden."""

    def __init__(self, entry: list[msgspec.Raw]) -> None:
        numbers, *rest = [msgspec.json.decode(part) for part in entry]
        self.sets = {track: number for track, number in zip(_ORDER, numbers, strict=False) if number >= 0}
        self.positionals = next((part for part in rest if not isinstance(part, str)), None)
        self.hidden = next((part for part in rest if isinstance(part, str)), "")


class _Known:
    """The other table, for a release that came before it or after it."""

    def __init__(self, base: CommandsFile, history: HistoryFile, release: str) -> None:
        self.base = base
        self.announced = {
            (path, name): record.since or base.sdk
            for path, records in history.deprecated_flags.items()
            for name, record in records.items()
        }
        self.release = release
        self.table = GcloudTable(base, history, release)
        self.commands = {path: _Entry(entry) for path, entry in base.commands.items()}
        self.groups = {path: _Entry(entry) for path, entry in base.groups.items()}

    def flags(self, path: str, track: str) -> dict[str, str]:
        """The specs of a command's flags by name; empty where it is not there."""
        entry = self.commands.get(path)
        number = entry.sets.get(track, -1) if entry is not None else -1
        specs = (self.base.flags[at] for at in self.base.sets[number]) if number >= 0 else ()
        return {_name(spec): spec for spec in specs}

    def had(self, path: str, track: str) -> bool:
        """Whether the release may have had a command that the base has."""
        return self.table.has_command(path, TRACKS[_ORDER.index(track)])

    def refuses(self, path: str, name: str) -> bool:
        """Whether the release has refused a flag that the base refuses."""
        return not is_before(self.release, self.announced.get((path, name), self.base.sdk))


def _name(spec: str) -> str:
    return spec.partition("|")[0]


def _is_unseen(spec: str) -> bool:
    """Whether completion trees leave a flag out: it is hidden, or short."""
    name, kind = spec.split("|")[:2]
    return not name.startswith("--") or "h" in kind[1:]


def _spec(name: str, value: str | list[object], known: str, *, refused: bool) -> str:
    """The spec of a flag; its kind and its marks as `known` has them where the two agree."""
    _, kind, *choices = (known or "|").split("|")
    if value == "bool":
        letters = kind[:1] if kind[:1] and kind[0] in _SWITCHES else "B"
    else:
        letters = kind[:1] if kind[:1] and kind[0] in _VALUED else "v"
    marks = "".join(mark for mark in kind[1:] if mark in "dc" or (mark == "x" and refused))
    if isinstance(value, list):
        words = [str(each) for each in value]
        choices = [",".join(words)] if words and not any("," in word or "|" in word for word in words) else []
    return "|".join([name, letters + marks, *choices])


class _Writer:
    """Makes the table."""

    def __init__(self, release: str, tree: _Tree, known: _Known) -> None:
        self.release = release
        self.tree = tree
        self.known = known
        self.flags: dict[str, int] = {}
        self.sets: dict[tuple[int, ...], int] = {(): 0}

    def table(self, global_flags: Mapping[str, str | list[object]]) -> CommandsFile:
        """The whole table."""
        commands = {path: self._command(path) for path in sorted({*self.tree.commands, *self.known.commands})}
        groups = {path: self._group(path) for path in sorted({*self.tree.groups, *self.known.groups})}
        return CommandsFile(
            sdk=self.release,
            released="",
            incomplete=[path for path in self.known.base.incomplete if not self._lists(path)],
            flags=list(self.flags),
            sets=[list(numbers) for numbers in self.sets],
            positionals=self.known.base.positionals,
            commands={path: entry for path, entry in commands.items() if entry},
            groups={path: entry for path, entry in groups.items() if entry},
            global_flags=self._global(global_flags),
        )

    def _global(self, own: Mapping[str, str | list[object]]) -> dict[str, str]:
        known = {name: f"{name}|{kind}" for name, kind in self.known.base.global_flags.items()}
        found = {name: spec for name, spec in known.items() if _is_unseen(spec)}
        found |= {name: _spec(name, value, known.get(name, ""), refused=True) for name, value in own.items()}
        return {name: spec.split("|")[1] for name, spec in sorted(found.items())}

    def _lists(self, typed: str) -> bool:
        """Whether the tree has a command, given with its track."""
        word, _, path = typed.partition(" ")
        track = letter(word) if word in TRACKS else "g"
        return track in self.tree.commands.get(path if word in TRACKS else typed, {})

    def _command(self, path: str) -> list[msgspec.Raw]:
        entry = self.known.commands.get(path)
        numbers = {}
        hidden = ""
        for track in _ORDER:
            own = self.tree.commands.get(path, {}).get(track)
            if own is not None:
                numbers[track] = self._set_of(self._specs(path, own, self.known.flags(path, track)))
            elif entry is not None and self._is_kept(entry, track) and self.known.had(path, track):
                numbers[track] = self._set_of(self.known.flags(path, track).values())
                hidden += track if track in entry.hidden else ""
        return _entry(numbers, entry.positionals if entry is not None else None, hidden)

    def _group(self, path: str) -> list[msgspec.Raw]:
        entry = self.known.groups.get(path)
        own = self.tree.groups.get(path, set())
        kept = {track for track in entry.sets if self._is_kept(entry, track)} if entry is not None else set()
        hidden = "".join(track for track in _ORDER if entry is not None and track in entry.hidden and track not in own)
        return _entry(dict.fromkeys({*own, *kept}, 0), None, hidden)

    def _is_kept(self, entry: _Entry, track: str) -> bool:
        """Whether the tree cannot tell of something that the base has: it is hidden, or its track is not listed."""
        return track in entry.hidden or track not in self.tree.tracks

    def _specs(self, path: str, own: Mapping[str, str | list[object]], known: dict[str, str]) -> Iterator[str]:
        for name, value in sorted(own.items()):
            yield _spec(name, value, known.get(name, ""), refused=self.known.refuses(path, name))
        yield from (spec for name, spec in known.items() if name not in own and _is_unseen(spec))

    def _set_of(self, specs: Iterable[str]) -> int:
        numbers = tuple(self.flags.setdefault(spec, len(self.flags)) for spec in specs)
        return self.sets.setdefault(numbers, len(self.sets))


def _entry(numbers: Mapping[str, int], positionals: object, hidden: str) -> list[msgspec.Raw]:
    """An entry of the table; empty where no track has it."""
    if not numbers:
        return []
    column = max(_ORDER.index(track) for track in numbers) + 1
    parts: list[object] = [[numbers.get(track, -1) for track in _ORDER[:column]]]
    parts += [part for part in (positionals, hidden) if part not in (None, "")]
    return [msgspec.Raw(msgspec.json.encode(part)) for part in parts]


class _Differences:
    """What the release has not and the base has: gone since, or come since."""

    def __init__(self, release: str, tree: _Tree, known: _Known) -> None:
        self.tree = tree
        self.known = known
        self.release = release
        self.is_newer = is_before(known.base.sdk, release)

    def history(self, before: HistoryFile) -> HistoryFile:
        """The history with the differences."""
        history = msgspec.convert(msgspec.to_builtins(before), HistoryFile)
        self._date_additions(history)
        if self.is_newer:
            self._note_gone(history)
        elif self.release != self.known.base.sdk:
            self._note_later(history)
            _keep_dated(history)
        return history

    def _date_additions(self, history: HistoryFile) -> None:
        """Say by when at the latest something was there: in the base, which is not at hand any more."""
        ranges = [*history.added_commands.values()]
        ranges += [flags for path in history.added_flags.values() for flags in path.values()]
        for each in ranges:
            each.update({track: (last, first or self.known.base.sdk) for track, (last, first) in each.items()})

    def _missing(self) -> Iterator[tuple[str, str]]:
        """Commands of the base, with their tracks, that the tree would list if they were there."""
        for path, entry in self.known.commands.items():
            for track in entry.sets:
                is_listed = track in self.tree.tracks and track not in entry.hidden
                if is_listed and track not in self.tree.commands.get(path, {}):
                    yield path, track

    def _missing_flags(self) -> Iterator[tuple[str, str, str]]:
        for path, tracks in self.tree.commands.items():
            for track, own in tracks.items():
                for name, spec in self.known.flags(path, track).items():
                    if name not in own and not _is_unseen(spec):
                        yield path, track, name

    def _note_gone(self, history: HistoryFile) -> None:
        span: Range = (self.known.base.sdk, self.release)
        for path in self.tree.commands:
            history.removed_commands.pop(path, None)
        for path, track in self._missing():
            left = "".join(self.tree.commands.get(path, {}))
            if left:
                word = TRACKS[_ORDER.index(track)]
                history.track_dropped[f"{word} {path}".strip()] = (self.known.base.sdk, left)
            else:
                record = history.removed_commands.setdefault(path, RemovedCommandRecord("", *span))
                record.t += track
        for path, track, name in self._missing_flags():
            flags = history.removed_flags.setdefault(path, {})
            flags.setdefault(name, RemovedFlagRecord({})).v[track] = span

    def _note_later(self, history: HistoryFile) -> None:
        span: Range = (self.release, self.known.base.sdk)
        for path, track in self._missing():
            _add(history.added_commands.setdefault(path, {}), track, span)
        for path, track, name in self._missing_flags():
            _add(history.added_flags.setdefault(path, {}).setdefault(name, {}), track, span)


def _add(ranges: dict[str, Range], track: str, span: Range) -> None:
    """Note since when something is there, where that is not known better."""
    if not any(track in letters for letters in ranges):
        ranges[track] = span


def _keep_dated(history: HistoryFile) -> None:
    """Leave out deprecations of which it is not known whether an older release had them."""
    flags = {
        path: {name: record for name, record in records.items() if record.since}
        for path, records in history.deprecated_flags.items()
    }
    history.deprecated_flags = {path: records for path, records in flags.items() if records}
    commands = history.deprecated_commands.items()
    history.deprecated_commands = {path: record for path, record in commands if record.since}
