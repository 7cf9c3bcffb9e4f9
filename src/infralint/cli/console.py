"""The terminal: what may be written to it, in colour or not, and how long its lines are.

click is imported by who writes: what only asks does without it.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def prepare_streams() -> None:
    """Let output that the terminal's encoding cannot hold appear as escapes instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def emit(text: str) -> None:
    """Write to stdout. A reader that has gone away (`infralint check | head`) ends the output alone."""
    import click

    try:
        click.echo(text, nl=False, color=True)
    except BrokenPipeError:
        # Python flushes stdout once more when it ends, and would complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write_document(text: str, output: Path | None) -> None:
    """Write a document to a file, or to stdout. Raises click.FileError."""
    if output is None:
        emit(text)
        return
    try:
        output.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        import click

        raise click.FileError(str(output), error.strerror or str(error)) from error


def complain(text: str) -> None:
    """Write a line to stderr."""
    import click

    click.echo(text, err=True)


def debugging() -> bool:
    """Whether the user asks for the tracebacks of internal errors."""
    return os.environ.get("INFRALINT_DEBUG") == "1"


def route_log() -> None:
    """Let the package's own log messages appear on stderr, each on one line."""
    log = logging.getLogger("infralint")
    if not any(isinstance(handler, _Complaints) for handler in log.handlers):
        log.addHandler(_Complaints())
        log.propagate = False


class _Complaints(logging.Handler):
    """Writes `error: message`; tracebacks only for who asks for them."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and debugging():
            complain(logging.Formatter().formatException(record.exc_info))
        if record.levelno >= logging.WARNING:
            complain(f"{record.levelname.lower()}: {record.getMessage()}")


def wants_colour(stream: IO[Any]) -> bool:
    """Whether a stream gets colours: a terminal that has not been told otherwise.

    NO_COLOR (no-color.org) and FORCE_COLOR (force-color.org) count where they are set and not empty; NO_COLOR
    wins, as it does in CPython's own tracebacks.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return is_terminal(stream) and os.environ.get("TERM") != "dumb"


def is_terminal(stream: IO[Any]) -> bool:
    """Whether somebody looks at the stream. A closed one is no terminal."""
    try:
        return stream.isatty()
    except ValueError:
        return False


def terminal_width(stream: IO[Any], default: int) -> int:
    """The columns of a terminal; `default` for a stream that is none."""
    if not is_terminal(stream):
        return default
    import shutil

    return shutil.get_terminal_size((default, 24)).columns
