"""Command words that gcloud does not know: what became of them, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from infralint.data.gcloud import TRACKS, GcloudTable, RemovedCommand
from infralint.facts.commands import Word
from infralint.likeness import distance, nearest
from infralint.project.commands import CommandUse
from infralint.project.gcloud import GcloudCommand, GcloudModel, UnknownCommand, find_flag, typed


@dataclass(frozen=True, slots=True)
class MissingCommand:
    """A command line whose command gcloud does not have, or refuses to run.

    `words`: the words of the line that are wrong, the first of them underlined. `group`: the path of the group that
    was still right. `path`: the whole path that is meant, as far as it can be told, without the track. `removed`:
    what became of it. `tracks`: tracks that have it. `later`: a release after the pinned one that has it. `use`: a
    path with its track, to run in its place, `certain` where release notes name it; `like`: a word for the first wrong
    one. `keeps_flags`: the command to run in its place takes every flag of the line.
    """

    line: CommandUse
    sdk: str
    track: str
    group: str
    words: tuple[Word, ...]
    path: str
    removed: RemovedCommand | None = None
    tracks: tuple[str, ...] = ()
    later: str = ""
    use: str = ""
    certain: bool = False
    like: str = ""
    keeps_flags: bool = False

    @property
    def name(self) -> str:
        """The command as it is typed."""
        return typed(self.track, self.path)

    @property
    def renamed(self) -> tuple[tuple[Word, str], ...]:
        """The words that the command to run has other ones for, with these; none where the two are not alike in
        track and number of words."""
        track, old = self.track, self.path.split()
        new = self.use.removeprefix(f"{track} ").split()
        first = len(self.group.split())
        if len(old) != len(new) or old[:first] != new[:first] or (not track and new[0] in TRACKS):
            return ()
        pairs = list(zip(self.words, old[first:], new[first:], strict=False))
        is_whole = len(pairs) == len(old) - first and all(word.value == was for word, was, _ in pairs)
        return tuple((word, becomes) for word, was, becomes in pairs if was != becomes) if is_whole else ()


def missing_commands(model: GcloudModel) -> Iterator[MissingCommand]:
    """Every command line whose command is not there."""
    for line in model.unknown:
        found = _missing(line)
        if found is not None:
            yield found
    for command in model.commands:
        removed = command.table.removed_command(command.path, command.track)
        if removed is not None and removed.refused:
            yield _refusing(command, removed)


def _refusing(command: GcloudCommand, removed: RemovedCommand) -> MissingCommand:
    group = command.path.rpartition(" ")[0]
    return MissingCommand(
        command.use,
        command.table.sdk,
        command.track,
        group,
        command.words[-1:],
        command.path,
        removed,
        use=removed.use,
        certain=True,
    )


def _missing(line: UnknownCommand) -> MissingCommand | None:
    if not _is_certain(line):
        return None
    table = line.table
    path, removed = _removed(line)
    if removed is None and table.is_beyond:
        return None
    later = _later(line)
    tracks = tuple(track for track in TRACKS if track != line.track and _has(table, line.written, track))
    use = removed.use if removed is not None and (removed.stated or _is_renaming(path, removed.use)) else ""
    like = ""
    if not (removed or tracks or later):
        siblings = table.children(line.path, line.track)
        like = nearest(line.words[0].value, siblings) or ""
        use = "" if like else _meant(line)
    return MissingCommand(
        line.use,
        table.sdk,
        line.track,
        line.path,
        line.words,
        path,
        removed,
        tracks,
        later,
        _with_track(table, line.track, use),
        removed is not None and removed.stated,
        like,
        _keeps_flags(line, use),
    )


def _is_certain(line: UnknownCommand) -> bool:
    """Whether the words are surely a command line: a list in Python may begin with `gcloud` and be something else."""
    command = line.use.command
    return command.run or (bool(line.path) and any(word.value.startswith("--") for word in command.words))


def _keeps_flags(line: UnknownCommand, path: str) -> bool:
    """Whether another command takes all that looks like a flag in a line."""
    taken = line.table.flags(path, line.track) if path and line.table.has_command(path, line.track) else {}
    flags = [word.value.partition("=")[0] for word in line.use.command.words if word.value.startswith("-")]
    return bool(taken) and all(find_flag(taken, flag) is not None for flag in flags)


def _has(table: GcloudTable, path: str, track: str) -> bool:
    return table.has_group(path, track) or table.has_command(path, track)


def _with_track(table: GcloudTable, track: str, path: str) -> str:
    """A path with the track in which it exists: that of the line, where it is in none that is more stable."""
    better = next((each for each in TRACKS if _has(table, path, each)), "") if path else ""
    return f"{better} {path}".strip() if better != track or not track else f"{track} {path}"


def _spoken(line: UnknownCommand) -> list[str]:
    """The path up to the unknown word, and with each of the words behind it."""
    paths = [line.written]
    for word in line.words[1:]:
        paths.append(f"{paths[-1]} {word.value}")
    return paths


def _removed(line: UnknownCommand) -> tuple[str, RemovedCommand | None]:
    """The longest path of the line of which it is known that it was there."""
    for path in reversed(_spoken(line)):
        found = line.table.removed_command(path, line.track)
        if found is not None and (found.gone or found.last):
            return path, found
    return line.written, None


def _later(line: UnknownCommand) -> str:
    """The release that brought the command, where it is one after the pinned one."""
    added = (line.table.added_command(path, line.track) for path in _spoken(line))
    return next((later for span in added if (later := line.table.comes_later(span))), "")


def _is_renaming(old: str, new: str) -> bool:
    """Whether a command that is only guessed to replace another has nearly its words."""
    before, after = old.split(), new.split()
    return len(before) == len(after) and all(
        a == b or a.replace("-", "") == b.replace("-", "") or distance(a, b, 2) <= 2
        for a, b in zip(before, after, strict=True)
    )


def _meant(line: UnknownCommand) -> str:
    """A command that the words nearly are: without one of them, or below another group."""
    for written in _spoken(line):
        words = written.split()
        shorter = (" ".join(words[:at] + words[at + 1 :]) for at in range(1, len(words) - 1))
        without = next((path for path in shorter if line.table.has_command(path, line.track)), "")
        if without:
            return without
    for written in reversed(_spoken(line)[1:]):
        found = _ending_in(line.table, line.track, written)
        if len(found) == 1:
            return found[0]
    return ""


@lru_cache(maxsize=256)
def _ending_in(table: GcloudTable, track: str, words: str) -> tuple[str, ...]:
    return tuple(path for path in table.command_paths if path.endswith(f" {words}") and table.has_command(path, track))
