"""Projects in folders, and what is done to them between two runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import infralint
from infralint.report import Report
from infralint.settings import Settings


def write(root: Path, files: Mapping[str, str | bytes]) -> None:
    """Write a project."""
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content.encode() if isinstance(content, str) else content)


def edit(path: str, text: str) -> Callable[[Path], object]:
    """What gives a file of a project another text."""
    return lambda root: (root / path).write_text(text)


def quiet_edit(root: Path) -> None:
    """An edit of the Dockerfile that leaves size and time as they were, as nobody makes it; its number is another."""
    old = (root / "Dockerfile").read_text()
    past = (root / "Dockerfile").stat().st_mtime_ns
    (root / "new").write_text("FROM python:3.12.1\nCOPY app /app\n"[: len(old)])
    os.utime(root / "new", ns=(past, past))
    (root / "new").replace(root / "Dockerfile")


def is_of_a_run_from_nothing(
    report: Report, root: Path, settings: Settings, overlay: Mapping[str, str] | None = None
) -> bool:
    """Whether a report is what a run says that knows nothing of any other run."""
    cold = infralint.lint_project(root, settings, overlay=overlay, cache=False, jobs=1)
    return replace(report, re_read=()) == replace(cold, re_read=())
