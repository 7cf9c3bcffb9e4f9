"""A project that stays loaded: an editor's server and `--watch` lint it again and again.

What changed is read again. Where nothing but places moved by that, the findings move along; else the views and rules
that saw something of the change are asked again. Where files come and go, all is linked anew. The answer is always that
of a run from nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from infralint import collector, engine
from infralint.cache import Cache
from infralint.discover_tree import overlay_bytes
from infralint.kinds import Kind, kind_of
from infralint.last_good import Buffers, with_problems
from infralint.live_reading import LiveReading
from infralint.live_relink import relinked_state
from infralint.live_state import State, get_ready, look_again, moved_state, still_good, suspects_of
from infralint.manifest import Recorder
from infralint.rendering import Sources
from infralint.report import Progress, Report
from infralint.reporting import report_of
from infralint.settings import Settings
from infralint.settings_load import load_settings
from infralint.workspace import on_disk


class CancelledError(BaseException):
    """The caller no longer wants the answer: no fault of a rule that was at work, which is why it is no Exception."""


Pulse = Callable[[], None]

# As many files as change while somebody works; more of them are another branch.
_FEW = 20
# What so many runs leave behind is some dozens of megabytes in a large project.
_MUCH = 5


class LiveProject:
    """A project on disk, kept in memory between runs. Not for several threads at a time.

    `settings`: None = the project's own file, read now and by `reload_settings`. `jobs` and `cache` as
    `lint_project` takes them. `own_process`: nothing else of importance lives in this process, so that the collector
    may be told to leave alone what the project holds, and `tidy` is of use. Raises NotADirectoryError,
    and SettingsError for a settings file with a mistake.
    """

    def __init__(
        self,
        root: Path,
        settings: Settings | None = None,
        *,
        jobs: int | None = None,
        cache: bool = True,
        own_process: bool = False,
    ) -> None:
        self.root = root
        self.settings = settings if settings is not None else load_settings(root)
        self._own_settings = settings is None
        self._jobs = jobs
        self._cache = cache
        self._own_process = own_process
        if own_process:
            collector.collect_seldom()
        # Whether the readers have imported what they need.
        self._is_ready = False
        # How many runs have left something behind.
        self._left_behind = 0
        self._state: State | None = None
        self._buffers = Buffers()

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
        from the last time; None: any. Raises CancelledError soon after `cancelled` says so, OSError,
        and ValueError for a path of the overlay that leads out of the project.
        """

        def pulse() -> None:
            if cancelled is not None and cancelled():
                raise CancelledError

        def advance(done: int, total: int) -> None:
            pulse()
            if progress is not None:
                progress(done, total)

        buffers = overlay_bytes(overlay or {})
        unreadable = self._buffers.take(buffers, self.root, self._kind, self.settings)
        readable = {path: self._buffers.good.get(path, data) for path, data in buffers.items()}
        before, self._state = self._state, self._next(readable, changed, pulse, advance)
        if self._own_process:
            self._note_what_is_left(before, self._state)
        return with_problems(self._state.report, unreadable, self._buffers.good, self.settings)

    def tidy(self) -> None:
        """Let go of what earlier runs have left behind, and get ready for the next. For when nobody waits: in a large
        project it may take a second.

        Does nothing unless the project has its own process, and little until there is something to let go of.
        """
        if not self._own_process:
            return
        if self._state is not None and not self._is_ready:
            self._is_ready = True
            get_ready(self._state)
        if self._left_behind >= _MUCH:
            gc.collect()
            if not collector.is_frozen():
                collector.freeze()
            self._left_behind = 0

    def _note_what_is_left(self, before: State | None, now: State) -> None:
        if before is None:
            collector.freeze()
        elif before.project is not now.project:
            self._left_behind = _MUCH
        elif before.judged is not now.judged:
            self._left_behind += 1

    def _kind(self, path: str) -> Kind | None:
        known = self._state.workspace.kind(path) if self._state is not None else None
        return known or kind_of(path)

    def _next(
        self, overlay: dict[str, bytes], changed: Collection[str] | None, pulse: Pulse, progress: Progress
    ) -> State:
        """The state after what changed since the last one."""
        state = self._state
        if state is None or state.settings != self.settings:
            return self._anew(overlay, pulse, progress)
        suspects = suspects_of(state, self.root, overlay, changed)
        if suspects is None:
            return self._anew(overlay, pulse, progress)
        changes = look_again(state, self.root, overlay, suspects, self._buffers.read)
        if changes is None:
            return self._anew(overlay, pulse, progress)
        return (
            moved_state(state, overlay, changes)
            or relinked_state(state, overlay, changes, pulse)
            or self._anew(overlay, pulse, progress)
        )

    def _anew(self, overlay: dict[str, bytes], pulse: Pulse, progress: Progress) -> State:
        """The state of a run that links and judges all facts. Files that are as they were are not read again."""
        state = self._state
        if self._own_process:
            collector.unfreeze()
        recorder = Recorder(self.root)
        workspace = on_disk(self.root, self.settings, overlay, recorder)
        fixed = recorder.files
        kept = still_good(state, self.root, overlay) if state is not None else {}
        if state is not None:
            recorder.adopt(state.recorder, kept)
        # What is typed is not kept on disk; what a run from nothing reads is.
        few = state is not None and len(workspace.files) - len(kept) < _FEW
        reading = LiveReading(
            workspace,
            engine.dialect_of(self.settings),
            cache=Cache(self.root) if self._cache and not few else None,
            jobs=self._jobs,
            kept=kept,
            pulse=pulse,
        )
        # What rules ask for is read as well, and kept on disk.
        with reading:
            project = engine.link(workspace, self.settings, reading, progress)
            project.remember()
            judged = engine.judge(project, engine.selected_rules(self.settings), pulse)
        sources = Sources(workspace)
        report = report_of(judged, self.settings, sources, engine.what_was_read(workspace, reading))
        return State(self.settings, overlay, workspace, recorder, fixed, reading, project, judged, sources, report)
