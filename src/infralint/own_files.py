"""infralint's own files: where its pages are, and what tells one state of its code from another."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from infralint.source import digest_of

_PACKAGE = Path(__file__).parent


def pages_folder() -> Path:
    """Where the pages of rules are: beside the code in an installed package, at the top of a checkout."""
    installed = _PACKAGE / "pages"
    return installed if installed.is_dir() else _PACKAGE.parents[1] / "rules"


def code_stamp() -> bytes:
    """What findings depend on besides the project: the interpreter, this package's files by size and time, and the
    folders of installed distributions, which change when one of them does."""
    seen = [f"{sys.implementation.name} {sys.version_info}"]
    seen += [f"{folder} {status.st_mtime_ns}" for folder, status in _distributions()]
    for place in _places():
        files = (entry for entry in _below(place) if not entry.is_dir())
        seen += sorted(
            f"{entry.path} {status.st_size} {status.st_mtime_ns}" for entry in files if (status := entry.stat())
        )
    return digest_of("\n".join(seen).encode("utf-8", "surrogatepass"))


def code_files() -> Iterator[tuple[str, os.stat_result]]:
    """The files and folders on which findings depend besides the project, each with its status."""
    yield from _distributions()
    for place in _places():
        yield place, os.stat(place)  # noqa: PTH116
        yield from ((entry.path, entry.stat()) for entry in _below(place))


def _places() -> tuple[str, str]:
    return str(_PACKAGE), str(pages_folder())


def _distributions() -> Iterator[tuple[str, os.stat_result]]:
    """The folders of installed distributions."""
    for folder in sys.path:
        if folder.endswith(("site-packages", "dist-packages")) and os.path.isdir(folder):  # noqa: PTH112
            yield folder, os.stat(folder)  # noqa: PTH116


def _below(folder: str) -> Iterator[os.DirEntry[str]]:
    """The files and folders below a folder, less what Python compiles."""
    pending = [folder]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.name != "__pycache__":
                    yield entry
                    if entry.is_dir():
                        pending.append(entry.path)
