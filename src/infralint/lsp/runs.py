"""One project of the server: when it is linted, and what was found last.

Everything here but `_Job.run` happens in the event loop's thread; a job sees nothing that changes meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from infralint.live import CancelledError, LiveProject
from infralint.lsp.client import Client
from infralint.lsp.documents import Document
from infralint.lsp.outcomes import Outcome, Texts, outcome_of
from infralint.report import Report
from infralint.settings_load import OWN_FILE, SHARED_FILE, SettingsError, SettingsProblem

# Typing goes on for longer than this between two runs only when nobody stops: then there is one in each of these.
_LONGEST_WAIT = 1.0
# Who has saved nothing for so long does not wait for anything now.
_IDLE = 2.0
_PROGRESS_INTERVAL = 0.1

_log = logging.getLogger("infralint")

# Called with the files read so far and all files; from another thread.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Host:
    """What a project needs of the server. `documents`: those that are open below a folder, by their paths there.

    `finished`: called after each run that was not cancelled. `progress`: called before the first run; gives what is
    told of its progress, and what is called when it is over.
    """

    pool: Executor
    client: Client
    documents: Callable[[Path], dict[str, Document]]
    finished: Callable[[ProjectRuns], None]
    progress: Callable[[Path], tuple[Progress, Callable[[], None]]]


@dataclass
class _Job:
    """A run, as the worker thread has it."""

    root: Path
    live: LiveProject | None
    problems: tuple[SettingsProblem, ...]
    texts: Texts
    changed: frozenset[str] | None
    before: Outcome
    client: Client
    cancelled: threading.Event
    progress: Progress | None

    def run(self) -> Outcome:
        """Lint. Nothing is found in a folder that is not there. Raises CancelledError."""
        try:
            self._load_settings()
            report = self._lint() if self.live is not None else None
        except NotADirectoryError:
            self.live, self.problems, report = None, (), None
        return outcome_of(report, self.problems, self.texts, self.before, self.client)

    def _lint(self) -> Report:
        assert self.live is not None
        return self.live.lint(
            {path: document.data for path, document in self.texts.documents.items()},
            changed=self.changed,
            progress=self.progress,
            cancelled=self.cancelled.is_set,
        )

    def _load_settings(self) -> None:
        """Read the settings where they may have changed. A mistake leaves those from before, or no live project."""
        if self.live is not None and self.changed is not None and not self.changed & {OWN_FILE, SHARED_FILE}:
            return
        try:
            if self.live is None:
                self.live = LiveProject(self.root, own_process=True)
            else:
                self.live.reload_settings()
            self.problems = ()
        except SettingsError as error:
            self.problems = error.problems


class ProjectRuns:
    """A project that is linted again whenever somebody asks for it, one run at a time."""

    def __init__(self, root: Path, host: Host) -> None:
        self.root = root
        self.outcome = Outcome({}, Texts(root, {}, host.client.units))
        self._host = host
        self._live: LiveProject | None = None
        self._problems: tuple[SettingsProblem, ...] = ()
        # Paths that may differ on disk from the last run; None: any.
        self._dirty: set[str] | None = None
        self._wake = asyncio.Event()
        self._settled = asyncio.Event()
        self._due = 0.0
        self._latest = 0.0
        self._wanted = False
        self._cancel = threading.Event()
        self._tidying: asyncio.TimerHandle | None = None
        self._is_indexed = False
        # Whether what earlier runs left behind was let go of before.
        self._is_tidy = False
        self._task = asyncio.ensure_future(self._run_for_ever())

    def request(self, changed: Iterable[str] | None = (), delay: float = 0.0) -> None:
        """Ask for a run, `delay` seconds from now unless it is asked for again. `changed`: as `LiveProject.lint`."""
        now = time.monotonic()
        if changed is None:
            self._dirty = None
        elif self._dirty is not None:
            self._dirty.update(changed)
        if not self._wanted:
            self._latest = now + _LONGEST_WAIT
        hurried = self._wanted and self._due <= now
        self._due = now if hurried else min(now + delay, self._latest)
        self._wanted = True
        if self._tidying is not None:
            self._tidying.cancel()
        self._settled.clear()
        self._wake.set()
        if self._is_indexed:
            # The first run goes on: what it has read is of use, and while somebody types it would never end.
            self._cancel.set()

    async def settled(self) -> None:
        """Wait until everything that was asked for is done."""
        await self._settled.wait()

    def hurry(self) -> None:
        """Do what is asked for without a delay."""
        if self._wanted:
            self._due = time.monotonic()
            self._wake.set()

    def close(self) -> None:
        """End: no run follows, and the one that is under way is given up."""
        self._cancel.set()
        self._settled.set()
        if self._tidying is not None:
            self._tidying.cancel()
        self._task.cancel()

    async def _run_for_ever(self) -> None:
        while True:
            await self._wake.wait()
            await self._until_due()
            try:
                await self._run_once()
            except Exception:
                _log.exception("the project in %s was not linted; please report this", self.root)
            if not self._wanted:
                self._settled.set()
                # After the first run, which took its time, nobody has saved anything yet.
                delay = _IDLE if self._is_tidy else 0.0
                self._tidying = asyncio.get_running_loop().call_later(delay, self._tidy)

    def _tidy(self) -> None:
        if self._live is not None:
            self._is_tidy = True
            self._host.pool.submit(self._live.tidy)

    async def _until_due(self) -> None:
        while (left := self._due - time.monotonic()) > 0:
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), left)
            except asyncio.TimeoutError:
                break
        self._wake.clear()

    async def _run_once(self) -> None:
        self._wanted = False
        self._cancel = threading.Event()
        dirty, self._dirty = self._dirty, set()
        texts = Texts(self.root, self._host.documents(self.root), self._host.client.units)
        report, finish = (None, None) if self._is_indexed else self._host.progress(self.root)
        changed = None if dirty is None or self._live is None else frozenset(dirty)
        throttled = _throttled(report) if report else None
        client, before = self._host.client, self.outcome
        job = _Job(self.root, self._live, self._problems, texts, changed, before, client, self._cancel, throttled)
        done = False
        try:
            self.outcome = await asyncio.get_running_loop().run_in_executor(self._host.pool, job.run)
            done = True
        except CancelledError:
            return
        finally:
            if finish:
                finish()
            self._live, self._problems = job.live, job.problems
            self._is_indexed = self._is_indexed or done
            if not done:
                self._dirty = None if dirty is None or self._dirty is None else self._dirty | dirty
        self._host.finished(self)


def _throttled(report: Progress) -> Progress:
    last = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _PROGRESS_INTERVAL:
            last = now
            report(done, total)

    return tell
