"""What the last runs on a project found: the answer again, while nothing that they saw is different.

A record holds the manifest of a run, the stamp of infralint's own code, and the report. Everything that a finding
can depend on is among these, so a record is never wrong, only of no use. Whatever goes wrong with one
costs time and nothing else.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import msgspec

from infralint.manifest import Changes, Manifest, Recorder, changes_among, changes_since, refreshed
from infralint.own_files import code_stamp
from infralint.report import Report
from infralint.settings import Settings
from infralint.source import digest_of
from infralint.stores import FOLDER, forget_old, make_folder, write_whole

_MAGIC = b"infralint run 1\n"
_FOLDER = "runs"
_ENDING = ".msgpack"
# One for each set of options that a project is linted with by turns: a hook, an editor, somebody who selects a rule.
_MOST = 8
# More files than this are another branch.
_FEW = 50

_log = logging.getLogger("infralint")


class _Record(msgspec.Struct, array_like=True):
    code: bytes
    manifest: Manifest
    report: Report
    # What the report came from, packed: it is asked for only when some files changed.
    judged: bytes


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Record).decode


class Memory:
    """The record of the runs on a project with some settings."""

    def __init__(self, root: Path, settings: Settings) -> None:
        self._root = root
        self._settings = settings
        self._folder = root / FOLDER / _FOLDER
        name = digest_of(repr(settings).encode("utf-8", "surrogatepass"))[:8].hex()
        self._path = self._folder / f"{name}{_ENDING}"
        self._code = b""
        # What the last report holds for, where that is remembered, and the digest of the record.
        self.seen: Manifest | None = None
        self.digest = b""

    def recall(self) -> Report | None:
        """The report of the last run, if nothing changed since, or nothing but places in files."""
        self._code = code_stamp()
        record = self._load()
        if record is None or record.code != self._code:
            return None
        return self._after(record, changes_since(str(self._root), record.manifest))

    def recall_after(self, digest: bytes, suspects: Iterable[str]) -> Report | None:
        """The same where all is known to be as the record of this digest has it, but for a few files and folders."""
        record = self._load()
        if record is None or self.digest != digest:
            return None
        changes = changes_among(str(self._root), record.manifest, suspects)
        return self._after(record, changes) if changes is not None else None

    def keep(self, manifest: Manifest | None, report: Report, judged: Callable[[], bytes]) -> None:
        """Remember a run. Nothing is kept of one that saw things change, or in which a rule broke down.

        `judged`: what `moved.packed` makes of its judgement.
        """
        # What was loaded while the code was replaced may be of both.
        if manifest is None or report.failed or code_stamp() != self._code:
            return
        # The next run reads nothing.
        self._write(_Record(self._code, manifest, replace(report, re_read=()), judged()))

    def _after(self, record: _Record, changes: Changes) -> Report | None:
        """The report of a record after changes; None where it has to be made anew."""
        if not changes:
            self._touch(record, changes)
            return record.report
        if changes.elsewhere or len(changes.files) > _FEW:
            return None
        return self._moved(record, changes)

    def _moved(self, record: _Record, changes: Changes) -> Report | None:
        """The report where some files changed, and by that only places in them."""
        # Readers and rules' pages are needed for it, which a run in which nothing changed does without.
        from infralint.moved import moved_run

        recorder = Recorder(self._root)
        manifest = refreshed(record.manifest, changes.stamps)
        moved = moved_run(self._root, self._settings, record.judged, manifest, changes.files, recorder)
        if moved is None:
            return None
        report, judged = moved
        manifest.files.update(recorder.seen(changes.files))
        self._write(_Record(record.code, manifest, replace(report, re_read=()), judged))
        return report

    def _load(self) -> _Record | None:
        try:
            data = self._path.read_bytes()
        except OSError:
            return None
        start = len(_MAGIC)
        payload = memoryview(data)[start + 20 :]
        if data[:start] == _MAGIC and data[start : start + 20] == digest_of(payload):
            self.digest = data[start : start + 20]
            with contextlib.suppress(msgspec.MsgspecError):
                return _decode(payload)
        return None

    def _touch(self, record: _Record, changes: Changes) -> None:
        """Write new stamps down, so that the next run need not look into those files again."""
        self.seen = record.manifest
        if changes.stamps:
            refreshed(record.manifest, changes.stamps)
            self._write(record)

    def _write(self, record: _Record) -> None:
        self.seen, self.digest = record.manifest, b""
        try:
            payload = _encode(record)
            digest = digest_of(payload)
            make_folder(self._root)
            self._folder.mkdir(exist_ok=True)
            write_whole(self._path, _MAGIC + digest + payload)
            self.digest = digest
            forget_old(self._folder, _ENDING, _MOST)
        except (OSError, UnicodeEncodeError) as error:
            # A full disk; a file whose name is no text.
            _log.debug("the run was not remembered: %s", error)
