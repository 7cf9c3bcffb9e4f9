"""Git's index: which files it holds. Nothing but names is read from it."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_HEADER = struct.Struct(">4sII")
# gitformat-index(5), git 2.45: ten 32-bit fields and a SHA-1 before the 16 bits of flags.
_FLAGS_AT = 60
_EXTENDED = 0x4000


def index_paths(data: bytes) -> tuple[bytes, ...]:
    """The paths of the files in an index, as git writes them; none of what is no index that we read."""
    try:
        return tuple(_paths(data))
    except (struct.error, ValueError, IndexError):
        return ()


def _paths(data: bytes) -> Iterator[bytes]:
    signature, version, count = _HEADER.unpack_from(data)
    if signature != b"DIRC" or version not in (2, 3, 4):
        return
    at, previous = _HEADER.size, b""
    for _ in range(count):
        flags = struct.unpack_from(">H", data, at + _FLAGS_AT)[0]
        start = at + _FLAGS_AT + (4 if version > 2 and flags & _EXTENDED else 2)
        if version == 4:
            dropped, start = _varint(data, start)
            end = data.index(b"\0", start)
            name = previous[: len(previous) - dropped] + data[start:end]
            at = end + 1
        else:
            end = data.index(b"\0", start)
            name = data[start:end]
            at += (end - at + 8) & ~7
        yield name
        previous = name


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The offset encoding of pack files, and where it ends."""
    value = data[at] & 0x7F
    while data[at] & 0x80:
        at += 1
        value = ((value + 1) << 7) | (data[at] & 0x7F)
    return value, at + 1
