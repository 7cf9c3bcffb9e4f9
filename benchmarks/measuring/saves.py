"""Saves in an editor, measured: `python saves.py ROOT --count 60 --way live|server` prints the seconds of each as JSON.

A process of its own, so that what it holds in memory is measured for itself. `live` keeps the project in this process;
`server` starts `infralint server` and speaks the Language Server Protocol with it. The tree is put back in the end.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from measuring.edits import KINDS, Edits, files_of
from measuring.language_client import LanguageClient
from measuring.tools import program

Save = Callable[[str, str], object]


def rounds(edits: Edits, count: int, most: float, save: Save, prepare: Callable[[str], object]) -> list[dict[str, Any]]:
    """The seconds of `count` saves, the kinds in turn; fewer when they take more than `most` seconds altogether.

    `prepare` is called with the path before each and not measured; `save` with the path and the new text.
    """
    taken: list[dict[str, Any]] = []
    began = time.perf_counter()
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        edit = edits.next(kind)
        if edit is None:
            continue
        prepare(edit[0])
        started = time.perf_counter()
        save(*edit)
        taken.append({"kind": kind, "path": edit[0], "seconds": time.perf_counter() - started})
        if time.perf_counter() - began > most:
            break
    return taken


def live(root: Path, count: int, most: float) -> dict[str, Any]:
    """Saves with `infralint.live.LiveProject` in this process, which tidies up between them as the server does."""
    from infralint.live import LiveProject

    edits = Edits(root, files_of(root))
    started = time.perf_counter()
    project = LiveProject(root, own_process=True)
    first = project.lint()
    loaded = time.perf_counter() - started

    def save(path: str, text: str) -> None:
        (root / path).write_bytes(text.encode())
        project.lint(changed={path})

    taken = rounds(edits, count, most, save, lambda path: project.tidy())
    last = project.lint(changed=edits.restore())
    return {
        "load": loaded,
        "saves": taken,
        "findings": len(first.findings),
        "restored": last.findings == first.findings,
    }


def server(root: Path, count: int, most: float) -> dict[str, Any]:
    """Saves through `infralint server`: from the save to the answer to the question for the document's diagnostics.

    A server answers that when it has looked at the whole project.
    """
    edits = Edits(root, files_of(root))
    started = time.perf_counter()
    with LanguageClient([program("infralint"), "server"], root) as client:
        any_path = next(path for path in edits.paths if path.endswith(".py"))
        client.open(any_path)
        client.diagnostics(any_path)
        client.close(any_path)
        loaded = time.perf_counter() - started

        def prepare(path: str) -> None:
            if not client.has_open(path):
                client.open(path)
            client.diagnostics(path)

        def save(path: str, text: str) -> None:
            client.save(path, text)
            client.diagnostics(path)

        taken = rounds(edits, count, most, save, prepare)
    edits.restore()
    return {"load": loaded, "saves": taken}


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--most", type=float, default=60.0, help="seconds after which no further save begins")
    parser.add_argument("--way", choices=("live", "server"), default="live")
    arguments = parser.parse_args()
    measured = (live if arguments.way == "live" else server)(arguments.root, arguments.count, arguments.most)
    json.dump(measured, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
