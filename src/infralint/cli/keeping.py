"""Keeping what a run printed, for `answers` to say again: with all that it came from."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from infralint.answers import ENDING
from infralint.manifest import ROOT, Stamp, stamp_of
from infralint.own_files import code_files
from infralint.settings_load import signs_of_roots
from infralint.stores import forget_old, make_folder, write_whole

if TYPE_CHECKING:
    from infralint.answers import Question
    from infralint.cli.running import Result
    from infralint.manifest import Manifest
    from infralint.settings import Settings


class Asked(msgspec.Struct, array_like=True, frozen=True):
    """What a command line asks for whose answer is kept: its arguments of these names."""

    paths: tuple[str, ...]
    select: tuple[str, ...]
    extend_select: tuple[str, ...]
    ignore: tuple[str, ...]
    pins: tuple[str, ...]
    output_format: str
    statistics: bool
    fail_on: str
    exit_zero: bool


# One for each command line that is asked by turns.
_MOST = 8

_log = logging.getLogger("infralint")


class Draft:
    """What an answer depends on outside of the project, looked at before the run.

    `paths`: those that the command line names.
    """

    def __init__(self, question: Question, paths: Iterable[Path]) -> None:
        self.question = question
        self._named: dict[str, Stamp] = {}
        self._seen: dict[str, Stamp] = {}
        self._present: list[str] = []
        self._absent: list[str] = []
        starts = [os.path.normpath(path.absolute()) for path in paths]
        for start in starts:
            self._look(start, self._named)
        folders = {outer for start in starts for outer in _upwards(start)} | set(question.roots())
        for folder in sorted(folders):
            self._signs_in(folder)

    def keep(self, result: Result, asked: Asked, text: str, code: int) -> None:
        """Keep what was printed, where the run is remembered; a disk that refuses is no error."""
        if result.memory is None or not result.rules:
            return
        root, (settings, memory) = result.targets[0].root, result.memory
        manifest = memory.seen
        if manifest is None or str(root) not in self.question.roots() or not _has_all_of(manifest, settings):
            return
        seen = {path or ROOT: folder.stamp for path, folder in manifest.folders.items()}
        seen.update((path, file.stamp) for path, file in manifest.files.items())
        # What is named and read is known by what the run saw of it.
        named = {path: os.path.relpath(path, root).replace(os.sep, "/") for path in self._named}
        seen.update((path, stamp) for path, stamp in self._named.items() if named[path] not in seen)
        seen.update(self._seen)
        seen.update((path, stamp_of(status)) for path, status in code_files())
        absent = [*manifest.absent, *self._absent]
        try:
            encoded = msgspec.msgpack.encode(asked)
            data = self.question.packed(seen, self._present, absent, memory.digest, encoded, text, code)
        except (OSError, OverflowError) as error:
            _log.debug("the answer was not kept: %s", error)
        else:
            if data is not None:
                write_answer(self.question, root, data)

    def _signs_in(self, folder: str) -> None:
        """Note what tells that the folder is the root of a project, and what settings it has."""
        read, looked_for = signs_of_roots()
        for name in (*read, *looked_for):
            self._look(os.path.join(folder, name), self._seen if name in read else None)  # noqa: PTH118

    def _look(self, path: str, seen: dict[str, Stamp] | None) -> None:
        """Note the stamp of a file; without a place for it, that it is there."""
        try:
            status = os.stat(path)  # noqa: PTH116
        except OSError:
            self._absent.append(path)
            return
        if seen is not None:
            seen[path] = stamp_of(status)
        else:
            self._present.append(path)


def write_answer(question: Question, root: Path, data: bytes) -> None:
    """Write an answer in the project's folder of answers; a disk that refuses is no error."""
    path = Path(question.path_below(str(root)))
    try:
        make_folder(root)
        path.parent.mkdir(exist_ok=True)
        write_whole(path, data)
        forget_old(path.parent, ENDING, _MOST)
    except OSError as error:
        _log.debug("the answer was not kept: %s", error)


def _upwards(path: str) -> Iterable[str]:
    return (str(outer) for outer in (Path(path), *Path(path).parents))


def _has_all_of(manifest: Manifest, settings: Settings) -> bool:
    """Whether a run saw what is looked for besides when the settings are loaded."""
    return not settings.gcloud_table and all(source.rstrip("/") in manifest.folders for source in settings.sources)
