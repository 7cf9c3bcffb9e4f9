"""Log messages of infralint and of pygls, shown in the editor's log."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from typing import Protocol

from lsprotocol import types

_KINDS = {
    logging.ERROR: types.MessageType.Error,
    logging.WARNING: types.MessageType.Warning,
    logging.INFO: types.MessageType.Info,
}
_LOGGERS = {"infralint": logging.INFO, "pygls": logging.ERROR, "asyncio": logging.ERROR}


class Log(Protocol):
    """Where messages go."""

    def log(self, kind: types.MessageType, message: str) -> None: ...


def route_logs(log: Log) -> None:
    """Send what is logged from now on to the editor instead of stderr."""
    handler = _ToEditor(log)
    for name, level in _LOGGERS.items():
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)
        logger.propagate = False


class _ToEditor(logging.Handler):
    """Sends a message once: a rule that breaks down does so at every key stroke."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._said: set[str] = set()
        self._is_sending = False

    def emit(self, record: logging.LogRecord) -> None:
        try:
            message = self.format(record)
        except Exception:
            self.handleError(record)
            return
        if threading.get_ident() == self._thread:
            self._send(record.levelno, message)
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._send, record.levelno, message)

    def _send(self, level: int, message: str) -> None:
        # A message that cannot be sent is logged by who tried to send it.
        if self._is_sending or message in self._said:
            return
        self._said.add(message)
        self._is_sending = True
        try:
            # The editor may be gone.
            with contextlib.suppress(OSError, ValueError):
                self._log.log(_KINDS.get(level, types.MessageType.Log), message)
        finally:
            self._is_sending = False
