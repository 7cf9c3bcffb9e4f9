"""Fixes applied to a project on disk: found, tried in memory, looked at once more, and written only then."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infralint.findings import Finding
from infralint.fixes import apply_fixes
from infralint.kinds import DECLARE_ENCODING, SHEBANG_BYTES, Kind, kind_of, kind_of_shebang
from infralint.readers.dispatch import read_file
from infralint.report import Report
from infralint.source import Decoded, UndecodableError, decode, digest_of

# Each round repairs at least one finding or is the last; a chain of fixes longer than this is a loop.
MAX_ROUNDS = 20

# Lints the project with these texts over the disk's.
Lint = Callable[[Mapping[str, bytes]], Report]


class ChangedMeanwhileError(RuntimeError):
    """A file is not any more what it was when it was linted; nothing was written."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} was changed while it was linted; nothing was written")
        self.path = path


@dataclass(frozen=True, slots=True)
class Change:
    """A file before and after its fixes, as bytes and as text."""

    path: str
    before: bytes
    after: bytes
    before_text: str
    after_text: str


@dataclass(frozen=True, slots=True)
class Repair:
    """What fixes make of a project. Nothing of it is on disk before `write`.

    `report`: what is found afterwards. `fixed`: the findings that were repaired. `spoiled`: files that a fix would
    have left broken, which stay as they were. `converged` is False where fixes undo each other for ever.
    """

    report: Report
    changes: tuple[Change, ...] = ()
    fixed: tuple[Finding, ...] = ()
    spoiled: tuple[str, ...] = ()
    converged: bool = True


def repair(
    root: Path,
    lint: Lint,
    *,
    wants: Callable[[Finding], bool],
    unsafe: bool = False,
    overlay: Mapping[str, bytes] | None = None,
    only: frozenset[str] | None = None,
) -> Repair:
    """Fix those findings that `wants` says, in memory, until none is left that a fix can repair.

    `overlay`: unsaved texts by path, which take the place of the disk's. `only`: files that may be changed.
    Raises ChangedMeanwhileError where a file is not any more what its findings were found in.
    """
    texts = _Texts(root, dict(overlay or {}), only)
    report = lint(texts.overlay)
    fixed: list[Finding] = []
    for _ in range(MAX_ROUNDS):
        texts.digests = report.digests
        changed, repaired = apply_fixes(texts, filter(wants, report.findings), unsafe=unsafe)
        if not changed:
            return _result(report, texts, fixed, True)
        if texts.take(changed):
            fixed += repaired
            report = lint(texts.overlay)
    return _result(report, texts, fixed, False)


def write(root: Path, changes: Iterable[Change]) -> None:
    """Put changed files on disk. Whoever reads one meanwhile sees the old content or the new one.

    All new contents are on disk, beside their files, before the first takes its place. A link stays one. Raises
    ChangedMeanwhileError before anything is changed, and OSError.
    """
    changes = tuple(changes)
    files = [Path(os.path.realpath(root / change.path)) for change in changes]
    with contextlib.ExitStack() as stack:
        prepared = [stack.enter_context(_beside(file, change)) for file, change in zip(files, changes, strict=True)]
        for file, change in zip(files, changes, strict=True):
            if _content(file) != change.before:
                raise ChangedMeanwhileError(change.path)
        for file, new in zip(files, prepared, strict=True):
            new.replace(file)


@contextlib.contextmanager
def _beside(file: Path, change: Change) -> Iterator[Path]:
    """The new content under a temporary name, with the file's mode and owner; it is gone when nobody moved it."""
    if _content(file) is None:
        raise ChangedMeanwhileError(change.path)
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as new:
            new.write(change.after)
        shutil.copymode(file, name)
        _copy_owner(file, Path(name))
        yield Path(name)
    finally:
        with contextlib.suppress(OSError):
            Path(name).unlink()


def _content(file: Path) -> bytes | None:
    """A file's bytes; None where it is gone."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def _copy_owner(file: Path, new: Path) -> None:
    """Leave a file to whom it belongs, as far as the system lets us."""
    owner = _owner(file)
    if owner != _owner(new):
        with contextlib.suppress(OSError, AttributeError):
            os.chown(new, *owner)


def _owner(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_uid, found.st_gid


def _result(report: Report, texts: _Texts, fixed: list[Finding], converged: bool) -> Repair:
    return Repair(report, tuple(texts.changes()), tuple(fixed), tuple(sorted(texts.spoiled)), converged)


@dataclass
class _Texts(Mapping[str, str]):
    """The texts of a project's files, read when asked for. `overlay` holds what is not as on disk."""

    root: Path
    overlay: dict[str, bytes]
    only: frozenset[str] | None
    spoiled: set[str] = field(default_factory=set)
    # Of the files that the present findings edit, what was read when they were found.
    digests: Mapping[str, bytes] = field(default_factory=dict)
    _originals: dict[str, tuple[bytes, Decoded] | None] = field(default_factory=dict)
    _current: dict[str, str] = field(default_factory=dict)

    def take(self, changed: Mapping[str, str]) -> bool:
        """Take all fixed texts, or none where one of them is spoiled: a fix goes in whole or not at all."""
        encoded = {path: self._encoded(path, text) for path, text in changed.items()}
        spoiled = {path for path, data in encoded.items() if data is None}
        if spoiled:
            self.spoiled |= spoiled
            return False
        self._current.update(changed)
        self.overlay.update((path, data) for path, data in encoded.items() if data is not None)
        return True

    def _encoded(self, path: str, text: str) -> bytes | None:
        """The bytes of a fixed text; None where there are none, or where it does not parse although the old one did."""
        original = self._original(path)
        try:
            data = original[1].encode(text) if original else None
        except UnicodeEncodeError:
            return None
        if original is None or data is None or (_is_broken(path, data) and not _is_broken(path, original[0])):
            return None
        return data

    def changes(self) -> Iterator[Change]:
        """The files that are not what they were, by path."""
        for path in sorted(self._current):
            original = self._original(path)
            if original is not None and self.overlay[path] != original[0]:
                yield Change(path, original[0], self.overlay[path], original[1].text, self._current[path])

    def _original(self, path: str) -> tuple[bytes, Decoded] | None:
        """The file's bytes and text before the first fix; None for what is no readable text."""
        if path not in self._originals:
            self._originals[path] = None
            with contextlib.suppress(OSError, UndecodableError):
                data = self.overlay[path] if path in self.overlay else (self.root / path).read_bytes()
                if self.digests.get(path, digest_of(data)) != digest_of(data):
                    raise ChangedMeanwhileError(path)
                self._originals[path] = (data, decode(data, python=_kind(path, data) in DECLARE_ENCODING))
        return self._originals[path]

    def __getitem__(self, path: str) -> str:
        barred = path in self.spoiled or (self.only is not None and path not in self.only)
        original = None if barred else self._original(path)
        if original is None:
            raise KeyError(path)
        return self._current.get(path, original[1].text)

    def __iter__(self) -> Iterator[str]:
        return iter(self._originals)

    def __len__(self) -> int:
        return len(self._originals)


def _kind(path: str, data: bytes) -> Kind | None:
    return kind_of(path) or kind_of_shebang(data[:SHEBANG_BYTES])


def _is_broken(path: str, data: bytes) -> bool:
    """Whether the reader of such files refuses the content."""
    kind = _kind(path, data)
    return kind is not None and read_file(data, kind, "postgres").problem is not None
