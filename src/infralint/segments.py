"""Segments: files that hold blobs by key, written once. The index stands last, and a blob is read when asked for."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import msgspec

from infralint.source import digest_of
from infralint.stores import NewFile

# What every segment begins with, then the version of its format.
_NAME = b"infralint segment "
_MAGIC = _NAME + b"2\n"
# Seconds since 1970 at which it was written, where the index begins and its length, and the index's digest.
_HEADER = struct.Struct("<dQQ20s")
_HEAD_BYTES = len(_MAGIC) + _HEADER.size
_CHECK_BYTES = 8

# Where each blob is in the file, its length, and the first bytes of its digest.
_Index = dict[bytes, tuple[int, int, bytes]]
_decode_index = msgspec.msgpack.Decoder(_Index).decode


class OtherVersionError(ValueError):
    """A segment in the format of another version of infralint: no damage, and of no use to this one."""


class Segment:
    """A segment that is open for reading. Raises OSError, OtherVersionError, and ValueError for what is none or is
    damaged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("rb", buffering=0)
        try:
            self.size = os.fstat(self._file.fileno()).st_size
            self.born, self._index = self._read_head()
        except BaseException:
            self._file.close()
            raise

    @property
    def keys(self) -> Iterable[bytes]:
        """The keys of all blobs."""
        return self._index

    def get(self, key: bytes) -> bytes | None:
        """The blob under a key; None where there is none, or it is damaged, or it cannot be read any more."""
        try:
            return _blob(self._file, self._index, key)
        except (OSError, ValueError):
            return None

    def close(self) -> None:
        """Let go of the file; it gives nothing after that."""
        self._file.close()

    def _read_head(self) -> tuple[float, _Index]:
        head = self._file.read(_HEAD_BYTES)
        if len(head) < _HEAD_BYTES or not head.startswith(_NAME):
            raise ValueError("damaged")
        if not head.startswith(_MAGIC):
            raise OtherVersionError("of another version")
        born, start, length, digest = _HEADER.unpack_from(head, len(_MAGIC))
        if start + length != self.size:
            raise ValueError("damaged")
        self._file.seek(start)
        index = self._file.read(length)
        if digest_of(index) != digest:
            raise ValueError("damaged")
        try:
            return born, _decode_index(index)
        except msgspec.MsgspecError as error:
            raise ValueError("damaged") from error


class NewSegment:
    """A segment that is written blob by blob, and there for others when it is finished: under a name that no other has.

    Everything here raises OSError.
    """

    def __init__(self, folder: Path, ending: str) -> None:
        self._new = NewFile(folder / f"{os.urandom(16).hex()}{ending}")
        self._index: _Index = {}
        self._end = _HEAD_BYTES
        self._is_at_end = True
        self._new.file.write(bytes(_HEAD_BYTES))

    def __contains__(self, key: bytes) -> bool:
        return key in self._index

    def put(self, key: bytes, data: bytes) -> None:
        """Write a blob, unless there is one under the key."""
        if key in self._index:
            return
        # To seek is to write out what is gathered.
        if not self._is_at_end:
            self._new.file.seek(self._end)
        self._new.file.write(data)
        self._is_at_end = True
        self._index[key] = (self._end, len(data), digest_of(data)[:_CHECK_BYTES])
        self._end += len(data)

    def get(self, key: bytes) -> bytes | None:
        """The blob under a key; None where there is none."""
        self._is_at_end = False
        return _blob(self._new.file, self._index, key)

    def finish(self) -> None:
        """Write the index, and give the file its name."""
        index = msgspec.msgpack.encode(self._index)
        file = self._new.file
        file.seek(self._end)
        file.write(index)
        file.seek(0)
        file.write(_MAGIC + _HEADER.pack(time.time(), self._end, len(index), digest_of(index)))
        self._new.finish()

    def discard(self) -> None:
        """Take away what was written."""
        self._new.discard()


def _blob(file: BinaryIO, index: _Index, key: bytes) -> bytes | None:
    """A blob of a file; None where there is none, or it is damaged. Raises OSError, and ValueError of a closed file."""
    if key not in index:
        return None
    at, length, check = index[key]
    file.seek(at)
    data = file.read(length)
    return data if digest_of(data)[:_CHECK_BYTES] == check else None
