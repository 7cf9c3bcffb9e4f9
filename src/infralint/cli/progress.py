"""A progress bar for runs that take longer than a moment, where somebody is looking."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from infralint.cli.console import is_terminal

_DELAY = 1.0
_INTERVAL = 0.1
_WIDTH = 30
_CLEAR_LINE = "\r\x1b[K"


class ProgressBar:
    """Draws on a terminal after a second, and leaves no trace. `stream` is stderr: reports stay clean."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._active = is_terminal(stream)
        self._next = clock() + _DELAY
        self._drawn = False

    def __call__(self, done: int, total: int) -> None:
        """Show how many of all files have been read."""
        now = self._clock()
        if not self._active or now < self._next:
            return
        self._next = now + _INTERVAL
        self._drawn = True
        filled = _WIDTH * done // max(total, 1)
        self._write(f"{_CLEAR_LINE}Reading [{'#' * filled:<{_WIDTH}}] {done}/{total}")

    def close(self) -> None:
        """Take the bar away."""
        if self._drawn:
            self._write(_CLEAR_LINE)
        self._drawn = False

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
