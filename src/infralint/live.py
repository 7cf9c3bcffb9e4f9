"""A project that stays loaded: an editor's server and `--watch` lint it again and again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from infralint.report import Progress, Report
from infralint.runs import lint_project
from infralint.settings import Settings
from infralint.settings_load import load_settings


class CancelledError(Exception):
    """The caller no longer wants the answer."""


class LiveProject:
    """A project on disk, kept in memory between runs. Not for several threads at a time.

    `settings`: None = the project's own file, read now and by `reload_settings`. `jobs` and `cache` as
    `lint_project` takes them. Raises NotADirectoryError, and SettingsError for a settings file with a mistake.
    """

    def __init__(
        self, root: Path, settings: Settings | None = None, *, jobs: int | None = None, cache: bool = True
    ) -> None:
        self.root = root
        self.settings = settings if settings is not None else load_settings(root)
        self._own_settings = settings is None
        self._jobs = jobs
        self._cache = cache

    def reload_settings(self) -> None:
        """Read the project's settings file again. Raises SettingsError, and keeps the settings that it had."""
        if self._own_settings:
            self.settings = load_settings(self.root)

    def lint(
        self,
        overlay: Mapping[str, str | bytes] | None = None,
        *,
        changed: Collection[str] | None = None,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Report:
        """The report of the project as it is now, the same as `lint_project` gives.

        `overlay`: unsaved texts by path, which beat the disk; while one of them does not parse, what was read of
        it last stands. `changed`: the paths (relative to the root, with `/`) that may differ on disk
        from the last time; None: any. Raises CancelledError soon after `cancelled` says so.
        """

        def advance(done: int, total: int) -> None:
            if cancelled is not None and cancelled():
                raise CancelledError
            if progress is not None:
                progress(done, total)

        return lint_project(
            self.root, self.settings, overlay=overlay, jobs=self._jobs, cache=self._cache, progress=advance
        )
