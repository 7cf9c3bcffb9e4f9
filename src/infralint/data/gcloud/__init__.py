"""The table of gcloud's commands and flags, loaded when a project first runs gcloud.

README.md in this folder tells what the two files hold, where the facts come from and which gaps are known.
"""

from __future__ import annotations

import gzip
import zlib
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from typing import TypeVar

import msgspec

from infralint.data.gcloud.records import CommandsFile, HistoryFile
from infralint.data.gcloud.table import (
    TRACKS,
    DeprecatedFlag,
    Flag,
    GcloudTable,
    RemovedCommand,
    RemovedFlag,
)

COMMANDS = "commands.json.gz"
HISTORY = "history.json.gz"
_MAX_BYTES = 50_000_000

_File = TypeVar("_File", CommandsFile, HistoryFile)


@lru_cache(maxsize=1)
def gcloud_table() -> GcloudTable:
    """The table that this version of infralint ships; read once in a process."""
    return GcloudTable(*shipped_files())


def shipped_files() -> tuple[CommandsFile, HistoryFile]:
    """The two files of the table that this version of infralint ships."""
    folder = files(__package__)
    commands = decoded((folder / COMMANDS).read_bytes(), CommandsFile)
    return commands, decoded((folder / HISTORY).read_bytes(), HistoryFile)


def table_of(commands: bytes, history: bytes) -> GcloudTable:
    """A table from the bytes of its two files, as they are or compressed by gzip. Raises ValueError for others."""
    return GcloudTable(decoded(commands, CommandsFile), decoded(history, HistoryFile))


def decoded(data: bytes, kind: type[_File]) -> _File:
    """One of the two files of a table. Raises ValueError for what is none."""
    if data.startswith(b"\x1f\x8b"):
        data = _unpacked(data)
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def _unpacked(data: bytes) -> bytes:
    """What gzip packed, up to _MAX_BYTES. Raises ValueError."""
    try:
        with gzip.open(BytesIO(data)) as packed:
            text = packed.read(_MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"not what gzip packs: {error}") from error
    if len(text) > _MAX_BYTES:
        raise ValueError(f"more than {_MAX_BYTES / 1e6:.0f} MB")
    return text


__all__ = [
    "COMMANDS",
    "HISTORY",
    "TRACKS",
    "DeprecatedFlag",
    "Flag",
    "GcloudTable",
    "RemovedCommand",
    "RemovedFlag",
    "decoded",
    "gcloud_table",
    "shipped_files",
    "table_of",
]
