"""`infralint cache`: what is kept of a project between runs."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import click

from infralint.cli.console import emit
from infralint.stores import FOLDER

# Of the files that hold facts, findings of whole runs, and what was printed.
_ENDINGS = (".facts", ".msgpack", ".answer")
_PATH = click.argument("path", default=".", type=click.Path(exists=True, path_type=Path))


@click.group()
def cache() -> None:
    """What is kept of a project between runs."""


@cache.command()
@_PATH
def info(path: Path) -> int:
    """Print where the cache of the project around PATH is, how large it is, and what it holds."""
    from infralint.settings_load import find_root

    folder = find_root(path) / FOLDER
    files = _files(folder)
    if not files:
        emit(f"{folder}: empty\n")
        return 0
    facts, runs, answers = ({each: files[each] for each in files if each.suffix == end} for end in _ENDINGS)
    latest = datetime.fromtimestamp(max(status.st_mtime for status in files.values())).astimezone()
    lines = (
        str(folder),
        f"facts of files   {_count(facts)} in {len(facts)} segments, {_size(facts)}",
        f"runs remembered  {len(runs)}, {_size(runs)}",
        f"answers kept     {len(answers)}, {_size(answers)}",
        f"last written     {latest:%Y-%m-%d %H:%M}",
    )
    emit("".join(f"{line}\n" for line in lines))
    return 0


@cache.command()
@_PATH
def clean(path: Path) -> int:
    """Remove the cache of the project around PATH; the next run reads every file anew."""
    from infralint.settings_load import find_root

    folder = find_root(path) / FOLDER
    size = _size(_files(folder))
    if folder.is_symlink() or not folder.is_dir():
        emit(f"{folder}: nothing to remove\n")
        return 0
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be removed: {error.strerror or error}") from error
    emit(f"removed {folder} ({size})\n")
    return 0


def _files(folder: Path) -> dict[Path, os.stat_result]:
    """What is kept, as it is now: a run may put other files in the place of these meanwhile."""
    found = {}
    for file in folder.rglob("*"):
        if file.suffix in _ENDINGS:
            with contextlib.suppress(OSError):
                found[file] = file.stat()
    return found


def _count(segments: Iterable[Path]) -> int:
    """How many files' facts there are, each counted once."""
    from infralint.segments import Segment

    keys: set[bytes] = set()
    for path in segments:
        try:
            segment = Segment(path)
        except (OSError, ValueError):
            # Replaced meanwhile, or damaged: the next run says so.
            continue
        keys.update(segment.keys)
        segment.close()
    return len(keys)


def _size(files: Mapping[Path, os.stat_result]) -> str:
    size = sum(status.st_size for status in files.values())
    return f"{size / 1_000_000:.1f} MB"
