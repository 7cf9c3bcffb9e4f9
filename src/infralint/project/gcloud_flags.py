"""What gcloud makes of each flag of a command line: taken, refused, or announced to go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from infralint.data.gcloud import TRACKS, DeprecatedFlag, Flag, GcloudTable, RemovedFlag
from infralint.likeness import distance
from infralint.project.gcloud import FlagUse, GcloudCommand, find_flag

# More edits than this are no slip of the keyboard.
_SLIP = 2

# Flags that were never accepted and are written again and again, because a sibling command has them:
# `gcloud run deploy` takes --timeout for a request, a job takes --task-timeout for an attempt of a task.
_MISTAKEN = {(f"run jobs {verb}", "--timeout"): "--task-timeout" for verb in ("create", "deploy", "execute", "update")}


@dataclass(frozen=True, slots=True)
class UnknownFlag:
    """A flag that the command does not take.

    `gone`: the release that dropped it ("" = not known, or it was never there); `last`: the last release
    known to have it ("" = never). `refused`: the parser knows it and refuses it. `use`: what to write in its
    place; `certain`: that is stated by the release notes, or is a mistake known by its name. `like`: a flag
    of nearly the same spelling. `tracks`: tracks in which the command takes it. `later`: a release after the pinned
    one that has it.
    """

    sdk: str
    last: str = ""
    gone: str = ""
    refused: bool = False
    use: tuple[str, ...] = ()
    certain: bool = False
    like: str = ""
    tracks: tuple[str, ...] = ()
    later: str = ""

    @property
    def replacement(self) -> str:
        """The one flag to write instead, "" where there is none or a choice."""
        return self.use[0] if len(self.use) == 1 else self.like if not self.use else ""


def unknown_flags(command: GcloudCommand) -> Iterator[tuple[FlagUse, UnknownFlag]]:
    """The flags of a command line that its command does not take."""
    table = command.table
    known = table.flags(command.path, command.track)
    for use in command.flags:
        flag = find_flag(known, use.name)
        if flag is None:
            unknown = _unknown(table, command, use.name, known)
            # A release that came after the table's own may have flags that the table does not.
            if not table.is_beyond or unknown.gone or unknown.last:
                yield use, unknown
        elif flag.refused and (refused := _refused(table, command, flag)):
            yield use, refused


def deprecated_flags(command: GcloudCommand) -> Iterator[tuple[FlagUse, DeprecatedFlag]]:
    """The flags of a command line that still work, and that the tool or its help announces to go.

    Left out: those deprecated for some values only, and those that a release note deprecated once and that
    the present tool neither warns of nor documents as such.
    """
    table = command.table
    known = table.flags(command.path, command.track)
    for use in command.flags:
        flag = find_flag(known, use.name)
        if flag is None or flag.refused:
            continue
        found = table.deprecated_flag(command.path, use.name, command.track) or table.deprecated_flag(
            command.path, flag.name, command.track
        )
        if found is not None and found.state in ("warn", "doc"):
            yield use, found


def fits(command: GcloudCommand, use: FlagUse, name: str) -> bool:
    """Whether `name` can stand where `use` does: the command takes it, with a value or without as written."""
    flag = find_flag(command.table.flags(command.path, command.track), name)
    if flag is None or any(other.name == name for other in command.flags):
        return False
    if flag.kind in ("b", "B"):
        return not use.has_equals and not use.before_value
    return use.has_equals or use.before_value


def _unknown(table: GcloudTable, command: GcloudCommand, name: str, known: dict[str, Flag]) -> UnknownFlag:
    mistaken = _MISTAKEN.get((command.path, name))
    if mistaken in known:
        return UnknownFlag(table.sdk, use=(mistaken,), certain=True)
    tracks = tuple(track for track in TRACKS if _takes(table, command.path, name, track))
    removed = _removed(table, command, name)
    if removed is not None:
        use = tuple(flag for flag in removed.use if flag in known)
        return UnknownFlag(
            table.sdk,
            removed.last,
            removed.gone,
            use=use,
            certain=removed.stated and bool(use),
            tracks=tracks,
        )
    later = table.comes_later(table.added_flag(command.path, name, command.track))
    if later:
        return UnknownFlag(table.sdk, tracks=tracks, later=later)
    return UnknownFlag(table.sdk, like="" if tracks else _like(name, _visible(known)), tracks=tracks)


def _takes(table: GcloudTable, path: str, name: str, track: str) -> bool:
    flag = find_flag(table.flags(path, track), name)
    return flag is not None and not flag.refused


def _removed(table: GcloudTable, command: GcloudCommand, name: str) -> RemovedFlag | None:
    """What became of a flag, or of the flag whose `--no-` form it is."""
    positive = "--" + name.removeprefix("--no-")
    names = (name, positive) if name.startswith("--no-") else (name,)
    found = (table.removed_flag(command.path, each, command.track) for each in names)
    return next((removed for removed in found if removed is not None), None)


def _refused(table: GcloudTable, command: GcloudCommand, flag: Flag) -> UnknownFlag | None:
    """What is said of a flag that the table's release refuses; None where the pinned one may still take it."""
    found = table.deprecated_flag(command.path, flag.name, command.track)
    if found is None and table.sdk != table.own_sdk:
        return None
    found = found or DeprecatedFlag("removed")
    return UnknownFlag(table.sdk, gone=found.since, refused=True, use=found.use)


def _visible(known: dict[str, Flag]) -> tuple[str, ...]:
    return tuple(name for name, flag in known.items() if not flag.hidden and name.startswith("--"))


@lru_cache(maxsize=256)
def _like(name: str, known: tuple[str, ...]) -> str:
    """The flag that was meant: the one of nearly this spelling, or the only one that ends in this name."""
    if name.replace("_", "-") in known:
        return name.replace("_", "-")
    edits, nearest = min((distance(name, flag, _SLIP), flag) for flag in known)
    if edits <= _SLIP:
        return nearest
    longer = [flag for flag in known if flag.endswith(name[1:])]
    return longer[0] if len(longer) == 1 else ""
