"""Keeping what a run printed, for `answers` to say again: with all that it came from."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from infralint.answers import ENDING
from infralint.manifest import Stamp, stamp_of
from infralint.own_files import code_files
from infralint.settings_load import signs_of_roots
from infralint.stores import forget_old, make_folder, write_whole

if TYPE_CHECKING:
    from infralint.answers import Question
    from infralint.cli.running import Result
    from infralint.manifest import Manifest
    from infralint.settings import Settings

# One for each command line that is asked by turns.
_MOST = 8

_log = logging.getLogger("infralint")


class Draft:
    """What an answer depends on outside of the project, looked at before the run.

    `paths`: those that the command line names.
    """

    def __init__(self, question: Question, paths: Iterable[Path]) -> None:
        self.question = question
        self._seen: dict[str, Stamp] = {}
        self._present: list[str] = []
        self._absent: list[str] = []
        starts = [os.path.normpath(path.absolute()) for path in paths]
        for start in starts:
            self._look(start, is_read=True)
        folders = {outer for start in starts for outer in _upwards(start)} | set(question.roots())
        for folder in sorted(folders):
            self._signs_in(folder)

    def keep(self, result: Result, text: str, code: int) -> None:
        """Keep what was printed, where nothing changed in the project; a disk that refuses is no error."""
        if result.unchanged is None or not result.rules:
            return
        root, (settings, manifest) = result.targets[0].root, result.unchanged
        if str(root) not in self.question.roots() or not _has_all_of(manifest, settings):
            return
        seen = {path or ".": folder.stamp for path, folder in manifest.folders.items()}
        seen.update((path, file.stamp) for path, file in manifest.files.items())
        seen.update(self._seen)
        seen.update((path, stamp_of(status)) for path, status in code_files())
        absent = [*manifest.absent, *self._absent]
        try:
            data = self.question.packed(str(root), seen, self._present, absent, text, code)
            if data is None:
                return
            make_folder(root)
            path = Path(self.question.path_below(str(root)))
            path.parent.mkdir(exist_ok=True)
            write_whole(path, data)
            forget_old(path.parent, ENDING, _MOST)
        except (OSError, OverflowError) as error:
            _log.debug("the answer was not kept: %s", error)

    def _signs_in(self, folder: str) -> None:
        """Note what tells that the folder is the root of a project, and what settings it has."""
        read, looked_for = signs_of_roots()
        for name in (*read, *looked_for):
            self._look(os.path.join(folder, name), is_read=name in read)  # noqa: PTH118

    def _look(self, path: str, *, is_read: bool) -> None:
        try:
            status = os.stat(path)  # noqa: PTH116
        except OSError:
            self._absent.append(path)
            return
        if is_read:
            self._seen[path] = stamp_of(status)
        else:
            self._present.append(path)


def _upwards(path: str) -> Iterable[str]:
    return (str(outer) for outer in (Path(path), *Path(path).parents))


def _has_all_of(manifest: Manifest, settings: Settings) -> bool:
    """Whether a run saw what is looked for besides when the settings are loaded."""
    return not settings.gcloud_table and all(source.rstrip("/") in manifest.folders for source in settings.sources)
