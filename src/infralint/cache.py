"""Facts of files by their content: what a file held when the same bytes were read before.

The key holds all that a file's facts depend on, so an entry is never wrong, only unused. Whatever goes wrong with the
store costs time and nothing else.

The store is a folder of segments that are written once and never changed: each run adds one with what it learned,
and once there are many, one takes the place of several. So two writers never meet, a killed run leaves a temporary
file at most, and a run reads only the facts that it asks for.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import ParamSpec, TypeVar

import msgspec

from infralint.facts.files import FileFacts
from infralint.kinds import Kind
from infralint.segments import NewSegment, OtherVersionError, Segment
from infralint.source import blake2b
from infralint.stores import FOLDER, make_folder

_SEGMENTS = "facts"
_ENDING = ".facts"
# More segments than this become fewer: each is opened by every run.
_MOST = 8
_EXPIRY_SECONDS = 14 * 86400
# What a reader's answer depends on besides its own source.
_PARSERS = (
    "ahocorasick-rs", "libcst", "msgspec", "pip-requirements-parser", "pyyaml", "sqlglot", "tomli",
    "tree-sitter", "tree-sitter-bash", "tree-sitter-hcl",
)  # fmt: skip
_SOURCES = ("ddl", "facts", "readers", "kinds.py", "likeness.py", "pep508.py", "source.py", "toml_places.py")

_log = logging.getLogger("infralint")

_P = ParamSpec("_P")
_T = TypeVar("_T")

_encode = msgspec.msgpack.Encoder().encode


def encode_facts(facts: FileFacts) -> bytes:
    """Facts as the cache and the worker processes hand them on."""
    return _encode(facts)


@lru_cache(maxsize=1)
def _decoder() -> msgspec.msgpack.Decoder[FileFacts]:
    # Made when first asked for: to make it takes longer than to read a file again, which may need none.
    return msgspec.msgpack.Decoder(FileFacts)


def decode_facts(data: bytes) -> FileFacts:
    """What was encoded. Raises msgspec.DecodeError."""
    return _decoder().decode(data)


@lru_cache(maxsize=1)
def fingerprint() -> bytes:
    """A hash of the readers' sources, their parsers' versions, and the interpreter's (`ast` differs)."""
    digest = blake2b(digest_size=16)
    here = Path(__file__).parent
    for name in _SOURCES:
        place = here / name
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(path.relative_to(here).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    for parser in _PARSERS:
        digest.update(f"{parser} {_version(parser)}\0".encode())
    digest.update(repr((sys.implementation.name, sys.version_info)).encode())
    return digest.digest()


def _version(distribution: str) -> str:
    # Where it is known that the readers are the same, their fingerprint is not asked for.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def key_of(content: bytes, kind: Kind, dialect: str, program: bool = False, readers: bytes = b"") -> bytes:
    """The key of a file's facts; `content` is the digest of its bytes, `readers` the fingerprint where it is known."""
    digest = blake2b(readers or fingerprint(), digest_size=20)
    digest.update(f"{kind.value}\0{dialect}\0{int(program)}\0".encode())
    digest.update(content)
    return digest.digest()


class Cache:
    """The store of one project, opened when made and added to by `save`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.folder = root / FOLDER / _SEGMENTS
        self._new: NewSegment | None = None
        self._is_refused = False
        self._used: set[bytes] = set()
        self._segments = self._open()

    def get(self, key: bytes) -> FileFacts | None:
        """The facts under a key; None where there are none."""
        for data in self._found(key):
            with contextlib.suppress(msgspec.MsgspecError):
                return decode_facts(data)
        return None

    def encoded(self, key: bytes) -> bytes | None:
        """The same as they are kept, unseen whether they can be decoded."""
        return next(self._found(key), None)

    def _found(self, key: bytes) -> Iterator[bytes]:
        if self._new is not None and key in self._new:
            data = self._tried(self._new.get, key)
            if data is not None:
                yield data
            return
        for segment in self._segments:
            data = segment.get(key)
            if data is not None:
                self._used.add(key)
                yield data

    def put(self, key: bytes, facts: bytes) -> None:
        """Keep encoded facts: they are written at once, and there for others when the store is saved."""
        if self._new is None and not self._is_refused:
            self._new = self._tried(self._begin)
        if self._new is not None:
            self._tried(self._new.put, key, facts)

    def save(self, *, expire: bool = True) -> None:
        """Finish what was written, and close the store; a disk that refuses is no error.

        `expire`: whether old facts go that nobody asked for; False of a run that asks for few.
        """
        expire = expire and any(segment.born < time.time() - _EXPIRY_SECONDS for segment in self._segments)
        if self._new is None and expire and not self._is_refused:
            self._new = self._tried(self._begin)
        if self._new is not None:
            self._tried(self._finish, self._new, expire)
        self.close()

    def close(self) -> None:
        """Let go of the store's files; it holds nothing after that."""
        self._let_go(self._segments)
        self._segments = []
        if self._new is not None:
            self._new.discard()
            self._new = None

    def _open(self) -> list[Segment]:
        try:
            paths = [path for path in self.folder.iterdir() if path.suffix == _ENDING]
        except FileNotFoundError:
            return []
        except OSError as error:
            message = "the cache in %s cannot be read (%s); every file is read anew"
            _log.warning(message, self.folder.parent, error.strerror)
            return []
        segments = []
        for path in sorted(paths):
            try:
                segments.append(Segment(path))
            except FileNotFoundError:
                # Another run has just put one segment in the place of several.
                continue
            except (OSError, ValueError) as error:
                if not isinstance(error, OtherVersionError):
                    _log.warning("a part of the cache cannot be used: %s: %s", path.name, error)
                with contextlib.suppress(OSError):
                    path.unlink()
        return segments

    def _tried(self, step: Callable[_P, _T], *args: _P.args, **options: _P.kwargs) -> _T | None:
        """What a step of writing gives. None where the disk refuses: then what is new is not kept."""
        try:
            return step(*args, **options)
        except OSError as error:
            _log.debug("the cache was not written: %s", error)
            self._is_refused = True
            if self._new is not None:
                self._new.discard()
                self._new = None
            return None

    def _begin(self) -> NewSegment:
        make_folder(self._root)
        self.folder.mkdir(exist_ok=True)
        return NewSegment(self.folder, _ENDING)

    def _finish(self, new: NewSegment, expire: bool) -> None:
        replaced = self._segments if expire else _to_merge(self._segments)
        for segment in replaced:
            is_young = segment.born >= time.time() - _EXPIRY_SECONDS
            for key in segment.keys:
                data = segment.get(key) if not expire or is_young or key in self._used else None
                if data is not None:
                    new.put(key, data)
        new.finish()
        self._new = None
        self._let_go(replaced)
        for segment in replaced:
            with contextlib.suppress(OSError):
                segment.path.unlink()
        if replaced:
            self._sweep()

    def _sweep(self) -> None:
        """Take away what killed runs have left."""
        for path in self.folder.glob("*.tmp"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < time.time() - 86400:
                    path.unlink()

    @staticmethod
    def _let_go(segments: list[Segment]) -> None:
        for segment in segments:
            segment.close()


def _to_merge(segments: list[Segment]) -> list[Segment]:
    """The segments that one takes the place of: none while there are few, then the small ones, and a larger one only
    where they have come near to it. So a run that learns little does not write everything anew."""
    if len(segments) < _MOST:
        return []
    merged: list[Segment] = []
    size = 0
    for segment in sorted(segments, key=lambda segment: segment.size):
        if len(merged) >= _MOST // 2 and segment.size > 2 * size:
            break
        merged.append(segment)
        size += segment.size
    return merged
