"""Linting a folder: what the last run found, where nothing changed since; else the engine, imported only then."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from infralint.remembered import Memory
from infralint.report import Progress, Report
from infralint.settings import Settings

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from infralint.engine import Run


def lint_project(
    root: str | Path,
    settings: Settings | None = None,
    *,
    overlay: Mapping[str, str | bytes] | None = None,
    executor: Executor | None = None,
    jobs: int | None = None,
    cache: bool = True,
    progress: Progress | None = None,
) -> Report:
    """Lint the project in a folder, by the settings of its own file where none are given.

    `overlay`: unsaved texts by path, which beat the disk. `executor`: runs the read step, and stays open;
    without it `jobs` worker processes do (None: as many as the work is worth). `cache`: keep facts of files and
    what was found in `.infralint_cache` below the root. `progress` is called with the files read so far and all files.
    Raises NotADirectoryError, SettingsError for a settings file with a mistake, and ValueError for a path of
    the overlay that leads out of the project.
    """
    root = Path(root)
    if settings is None:
        from infralint.settings_load import load_settings

        settings = load_settings(root)
    memory = memory_of(root, settings, cache=cache, overlay=overlay)
    return run_project(
        root, settings, memory=memory, overlay=overlay, executor=executor, jobs=jobs, cache=cache, progress=progress
    )


def memory_of(
    root: Path, settings: Settings, *, cache: bool, overlay: Mapping[str, str | bytes] | None
) -> Memory | None:
    """The memory of a project's runs; None where they are not remembered."""
    return Memory(root, settings) if cache and not overlay else None


def run_project(
    root: Path,
    settings: Settings,
    *,
    memory: Memory | None,
    overlay: Mapping[str, str | bytes] | None = None,
    executor: Executor | None = None,
    jobs: int | None = None,
    cache: bool = True,
    progress: Progress | None = None,
) -> Report:
    """As `lint_project`, with the settings and the memory of the project."""
    known = memory.recall() if memory is not None else None
    if known is not None:
        return known
    from infralint import engine
    from infralint.manifest import Recorder

    recorder = Recorder(root) if memory is not None else None
    run = engine.lint_folder(
        root,
        settings,
        overlay=overlay,
        executor=executor,
        jobs=jobs,
        cache=cache,
        progress=progress,
        recorder=recorder,
    )
    if memory is not None and recorder is not None:
        memory.keep(recorder.manifest(), run.report, lambda: _packed(run))
    return run.report


def _packed(run: Run) -> bytes:
    from infralint.moved import packed

    return packed(run)
