"""What the two files of a table hold, as README.md in this folder tells it."""

from __future__ import annotations

import msgspec

# A last release with something and the first one without it; None = not known.
Range = tuple[str | None, str | None]


class RemovedFlagRecord(msgspec.Struct):
    """An entry of `removed_flags`: a range for each track by its letter."""

    v: dict[str, Range]
    use: tuple[str, ...] = ()
    src: str = ""


class DeprecatedFlagRecord(msgspec.Struct):
    """An entry of `deprecated_flags`."""

    t: str
    s: str
    use: tuple[str, ...] = ()
    since: str = ""


class RemovedCommandRecord(msgspec.Struct):
    """An entry of `removed_commands`. `t` is "?" where only the list of the release's files tells of it."""

    t: str
    last: str | None = None
    gone: str | None = None
    use: str = ""
    src: str = ""


class RemovedGroupRecord(msgspec.Struct):
    """An entry of `removed_groups`: how many commands it had."""

    n: int
    last: str | None = None
    gone: str | None = None


class DeprecatedCommandRecord(msgspec.Struct):
    """An entry of `deprecated_commands`. `g`: it is a group."""

    t: str
    s: str
    use: str = ""
    since: str = ""
    g: int = 0


class CommandsFile(msgspec.Struct):
    """`commands.json`: every command and flag of one release."""

    sdk: str
    released: str
    incomplete: list[str]
    flags: list[str]
    sets: list[list[int]]
    positionals: list[str]
    commands: dict[str, list[msgspec.Raw]]
    groups: dict[str, list[msgspec.Raw]]
    global_flags: dict[str, str] = msgspec.field(name="global")


class HistoryFile(msgspec.Struct):
    """`history.json`: what is gone, what is announced to go, and what came when."""

    removed_global_flags: dict[str, Range]
    removed_flags: dict[str, dict[str, RemovedFlagRecord]]
    deprecated_flags: dict[str, dict[str, DeprecatedFlagRecord]]
    removed_commands: dict[str, RemovedCommandRecord] = {}
    removed_groups: dict[str, RemovedGroupRecord] = {}
    deprecated_commands: dict[str, DeprecatedCommandRecord] = {}
    track_dropped: dict[str, tuple[str, str]] = {}
    # A range by the letters of tracks: the last release without it, and the first one with it.
    added_commands: dict[str, dict[str, Range]] = {}
    added_flags: dict[str, dict[str, dict[str, Range]]] = {}
