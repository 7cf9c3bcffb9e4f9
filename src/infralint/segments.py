"""Segments: files that hold blobs by key, written once. The index stands first, and a blob is read when asked for."""

from __future__ import annotations

import struct
import time
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from infralint.source import digest_of
from infralint.stores import write_whole

_MAGIC = b"infralint segment 1\n"
# Seconds since 1970 at which it was written, the length of the index, and the index's digest.
_HEADER = struct.Struct("<dQ20s")
_CHECK_BYTES = 8

# Where each blob is, counted from the end of the index, its length, and the first bytes of its digest.
_Index = dict[bytes, tuple[int, int, bytes]]
_decode_index = msgspec.msgpack.Decoder(_Index).decode


class Segment:
    """A segment that is open for reading. Raises OSError, and ValueError for what is none or is damaged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("rb", buffering=0)
        try:
            self.born, self._index, self._start = self._read_head()
        except BaseException:
            self._file.close()
            raise

    @property
    def keys(self) -> Iterable[bytes]:
        """The keys of all blobs."""
        return self._index

    def get(self, key: bytes) -> bytes | None:
        """The blob under a key; None where there is none, or it is damaged, or it cannot be read any more."""
        if key not in self._index:
            return None
        at, length, check = self._index[key]
        try:
            self._file.seek(self._start + at)
            data = self._file.read(length)
        except (OSError, ValueError):
            return None
        return data if digest_of(data)[:_CHECK_BYTES] == check else None

    def close(self) -> None:
        """Let go of the file; it gives nothing after that."""
        self._file.close()

    def _read_head(self) -> tuple[float, _Index, int]:
        head = self._file.read(len(_MAGIC) + _HEADER.size)
        if len(head) < len(_MAGIC) + _HEADER.size or not head.startswith(_MAGIC):
            raise ValueError("damaged")
        born, length, digest = _HEADER.unpack_from(head, len(_MAGIC))
        start = len(head) + length
        index = self._file.read(length) if start <= self.path.stat().st_size else b""
        if len(index) != length or digest_of(index) != digest:
            raise ValueError("damaged")
        try:
            return born, _decode_index(index), start
        except msgspec.MsgspecError as error:
            raise ValueError("damaged") from error


def write_segment(folder: Path, ending: str, blobs: Mapping[bytes, bytes]) -> None:
    """Write a segment into a folder, under a name that no other has. Raises OSError."""
    index: _Index = {}
    at = 0
    for key, data in blobs.items():
        index[key] = (at, len(data), digest_of(data)[:_CHECK_BYTES])
        at += len(data)
    head = msgspec.msgpack.encode(index)
    header = _HEADER.pack(time.time(), len(head), digest_of(head))
    write_whole(folder / f"{uuid.uuid4().hex}{ending}", _MAGIC, header, head, *blobs.values())
