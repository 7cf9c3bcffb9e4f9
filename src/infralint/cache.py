"""Facts of files by their content: what a file held when the same bytes were read before.

Only facts are kept, never findings: a finding depends on other files. The key holds all that a file's
facts depend on, so an entry is never wrong, only unused. Whatever goes wrong with the store costs time and
nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import sys
import tempfile
import time
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from infralint.facts.files import FileFacts
from infralint.kinds import Kind

FOLDER = ".infralint_cache"
_STORE = "facts-v1.msgpack"
_MAGIC = b"infralint facts 1\n"
_EXPIRY_DAYS = 14
_CACHEDIR_TAG = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# A cache directory tag of infralint; see https://bford.info/cachedir/\n"
)
# What a reader's answer depends on besides its own source.
_PARSERS = (
    "ahocorasick-rs", "libcst", "msgspec", "pip-requirements-parser", "pyyaml", "sqlglot", "tomli",
    "tree-sitter", "tree-sitter-bash", "tree-sitter-hcl",
)  # fmt: skip
_SOURCES = ("facts", "readers", "kinds.py", "source.py")

_log = logging.getLogger("infralint")


class _Entry(msgspec.Struct, array_like=True, gc=False):
    """One file's facts, encoded, and the day (since 1970) on which they were last of use."""

    day: int
    facts: bytes


_decode_entries = msgspec.msgpack.Decoder(dict[bytes, _Entry]).decode
_encode = msgspec.msgpack.Encoder().encode
decode_facts = msgspec.msgpack.Decoder(FileFacts).decode


def encode_facts(facts: FileFacts) -> bytes:
    """Facts as the cache and the worker processes hand them on."""
    return _encode(facts)


@lru_cache(maxsize=1)
def fingerprint() -> bytes:
    """A hash of the readers' sources, their parsers' versions, and the interpreter's (`ast` differs)."""
    digest = hashlib.blake2b(digest_size=16)
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
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def key_of(content: bytes, kind: Kind, dialect: str, outline: bool, program: bool = False) -> bytes:
    """The key of a file's facts; `content` is the digest of its bytes."""
    digest = hashlib.blake2b(fingerprint(), digest_size=20)
    digest.update(f"{kind.value}\0{dialect}\0{int(outline)}{int(program)}\0".encode())
    digest.update(content)
    return digest.digest()


class Cache:
    """The store of one project, read when made and written by `save`."""

    def __init__(self, root: Path) -> None:
        self.folder = root / FOLDER
        self._today = int(time.time() // 86400)
        self._changed = False
        self._entries = self._load()

    def get(self, key: bytes) -> FileFacts | None:
        """The facts under a key; None where there are none."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        try:
            facts = decode_facts(entry.facts)
        except msgspec.MsgspecError:
            return None
        if entry.day != self._today:
            self._entries[key] = _Entry(self._today, entry.facts)
            self._changed = True
        return facts

    def put(self, key: bytes, facts: bytes) -> None:
        """Keep encoded facts."""
        self._entries[key] = _Entry(self._today, facts)
        self._changed = True

    def save(self) -> None:
        """Write the store under a temporary name and rename it; a disk that refuses is no error."""
        fresh = {key: entry for key, entry in self._entries.items() if entry.day > self._today - _EXPIRY_DAYS}
        if not self._changed and len(fresh) == len(self._entries):
            return
        payload = _encode(fresh)
        try:
            self._make_folder()
            self._write(_MAGIC + _digest(payload) + payload)
        except OSError as error:
            _log.debug("the cache was not written: %s", error)

    def _load(self) -> dict[bytes, _Entry]:
        try:
            data = (self.folder / _STORE).read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            message = "the cache in %s cannot be read (%s); every file is read anew"
            _log.warning(message, self.folder, error.strerror)
            return {}
        start = len(_MAGIC)
        digest, payload = data[start : start + 16], memoryview(data)[start + 16 :]
        if data[:start] == _MAGIC and digest == _digest(payload):
            with contextlib.suppress(msgspec.MsgspecError):
                return _decode_entries(payload)
        _log.warning("the cache in %s is damaged; every file is read anew", self.folder)
        return {}

    def _make_folder(self) -> None:
        self.folder.mkdir(exist_ok=True)
        for name, text in ((".gitignore", "*\n"), ("CACHEDIR.TAG", _CACHEDIR_TAG)):
            if not (self.folder / name).exists():
                (self.folder / name).write_text(text, encoding="utf-8")

    def _write(self, data: bytes) -> None:
        handle, temporary = tempfile.mkstemp(prefix=_STORE, suffix=".tmp", dir=self.folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(temporary).replace(self.folder / _STORE)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            raise


def _digest(payload: bytes | memoryview) -> bytes:
    return hashlib.blake2b(payload, digest_size=16).digest()
