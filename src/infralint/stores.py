"""The folder in which a project's facts and findings are kept between runs."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

FOLDER = ".infralint_cache"
_CACHEDIR_TAG = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# A cache directory tag of infralint; see https://bford.info/cachedir/\n"
)


def make_folder(root: Path) -> Path:
    """The folder below a project's root, made if it is not there. git and backups leave it alone. Raises OSError."""
    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    for name, text in ((".gitignore", "*\n"), ("CACHEDIR.TAG", _CACHEDIR_TAG)):
        if not (folder / name).exists():
            (folder / name).write_text(text, encoding="utf-8")
    return folder


class NewFile:
    """A file that is written under a temporary name and has its own when it is finished: nobody ever sees half of it.

    Everything here raises OSError.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._temporary = path.with_name(f"{path.name}{os.urandom(8).hex()}.tmp")
        handle = os.open(self._temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        self.file = os.fdopen(handle, "w+b")

    def finish(self) -> None:
        """Close the file and give it its name; where that fails nothing is left."""
        try:
            self.file.close()
            self._temporary.replace(self._path)
        except BaseException:
            self.discard()
            raise

    def discard(self) -> None:
        """Take away what was written."""
        with contextlib.suppress(OSError):
            self.file.close()
        with contextlib.suppress(OSError):
            self._temporary.unlink()


def write_whole(path: Path, *parts: bytes) -> None:
    """Write a file so that nobody ever sees half of it. Raises OSError."""
    new = NewFile(path)
    try:
        new.file.writelines(parts)
    except BaseException:
        new.discard()
        raise
    new.finish()


def forget_old(folder: Path, ending: str, most: int) -> None:
    """Take away all but the `most` files with this ending that were written last. Raises OSError."""
    files = sorted(folder.glob(f"*{ending}"), key=lambda path: path.stat().st_mtime_ns)
    for path in files[:-most]:
        path.unlink(missing_ok=True)
