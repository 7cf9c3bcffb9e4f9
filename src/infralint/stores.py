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


def write_whole(path: Path, *parts: bytes) -> None:
    """Write a file under a temporary name and rename it, so that nobody ever sees half of it. Raises OSError."""
    temporary = path.with_name(f"{path.name}{os.urandom(8).hex()}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(parts)
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def forget_old(folder: Path, ending: str, most: int) -> None:
    """Take away all but the `most` files with this ending that were written last. Raises OSError."""
    files = sorted(folder.glob(f"*{ending}"), key=lambda path: path.stat().st_mtime_ns)
    for path in files[:-most]:
        path.unlink(missing_ok=True)
