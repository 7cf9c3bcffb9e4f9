"""The progress of a project's first run, shown by the editor."""

from __future__ import annotations

import asyncio
import logging
import uuid

from lsprotocol import types
from pygls.progress import Progress

_log = logging.getLogger("infralint")


class Indexing:
    """A progress bar that the editor shows once it has agreed to, if there is still something to show then."""

    def __init__(self, progress: Progress, name: str) -> None:
        self._progress = progress
        self._name = name
        self._token = str(uuid.uuid4())
        self._loop = asyncio.get_running_loop()
        self._is_shown = False
        self._is_over = False

    async def begin(self) -> None:
        """Ask the editor for a progress bar."""
        try:
            await self._progress.create_async(self._token)
        except Exception as error:
            _log.info("the editor shows no progress: %s", error)
            return
        if not self._is_over:
            begin = types.WorkDoneProgressBegin(f"infralint: reading {self._name}", percentage=0, cancellable=False)
            self._progress.begin(self._token, begin)
            self._is_shown = True

    def report(self, done: int, total: int) -> None:
        """Tell how many files have been read; from any thread."""
        self._loop.call_soon_threadsafe(self._report, done, total)

    def _report(self, done: int, total: int) -> None:
        if self._is_shown:
            percentage = 100 * done // max(total, 1)
            self._progress.report(
                self._token, types.WorkDoneProgressReport(message=f"{done}/{total} files", percentage=percentage)
            )

    def end(self) -> None:
        """Take the bar away."""
        self._is_over = True
        if self._is_shown:
            self._progress.end(self._token, types.WorkDoneProgressEnd())
        self._is_shown = False
