"""The folder in which a project's facts and findings are kept between runs."""

from __future__ import annotations

import contextlib
import os
import tempfile
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
    handle, temporary = tempfile.mkstemp(prefix=path.name, suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(parts)
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise
