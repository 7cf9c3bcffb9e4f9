"""infralint's own files: where its pages are, and what tells one state of its code from another."""

from __future__ import annotations

import os
import sys
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
    folders = [Path(folder) for folder in sys.path if folder.endswith(("site-packages", "dist-packages"))]
    seen = [f"{sys.implementation.name} {sys.version_info}"]
    seen += [f"{folder} {folder.stat().st_mtime_ns}" for folder in folders if folder.is_dir()]
    for place in (str(_PACKAGE), str(pages_folder())):
        seen += sorted(_stamps(place))
    return digest_of("\n".join(seen).encode("utf-8", "surrogatepass"))


def _stamps(folder: str) -> list[str]:
    """The files below a folder, each with its size and time."""
    found, pending = [], [folder]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.name == "__pycache__":
                    continue
                if entry.is_dir():
                    pending.append(entry.path)
                else:
                    status = entry.stat()
                    found.append(f"{entry.path} {status.st_size} {status.st_mtime_ns}")
    return found
