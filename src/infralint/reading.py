"""The read step: a pure function over files, in this process or in others, with the cache before it."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field

from infralint import collector
from infralint.cache import Cache, decode_facts, encode_facts, key_of
from infralint.facts.files import FileFacts, Problem
from infralint.facts.sharing import SharedWords
from infralint.kinds import Kind, Way
from infralint.readers.dispatch import is_our_fault, is_worth_reading, read_file, too_large
from infralint.report import Progress
from infralint.source import Span, digest_of
from infralint.workspace import SourceFile, Workspace

# Less work than this is done before worker processes have started.
_WORTH_WORKERS = 2_000_000
# A chunk's cost of transport is small beside its work, and the last chunk keeps no worker waiting for long.
_CHUNK_BYTES = 400_000


def read_chunk(chunk: list[tuple[bytes, str]], dialect: str, program: bool) -> list[bytes]:
    """The encoded facts of files given as (bytes, kind): the step as other processes run it."""
    with collector.paused():
        return [encode_facts(read_file(data, Kind(kind), dialect, program=program)) for data, kind in chunk]


@dataclass(slots=True)
class _Miss:
    path: str
    kind: Kind
    data: bytes
    key: bytes


@dataclass
class Reading:
    """The read step over a workspace. A context: leaving it ends the workers and saves the cache.

    `executor` belongs to the caller and is not shut down. `jobs`: None = as many as the machine has
    processors and the work is worth. `re_read`: the paths whose facts did not come from the cache.
    """

    workspace: Workspace
    dialect: str
    cache: Cache | None = None
    executor: Executor | None = None
    jobs: int | None = None
    re_read: set[str] = field(default_factory=set)
    # What was read, by path: the digest of the bytes; b"" of a file that changed while it was read again.
    digests: dict[str, bytes] = field(default_factory=dict)
    # How each file was read: as a whole, for its statements.
    ways: dict[str, set[Way]] = field(default_factory=dict)
    _own: Executor | None = None

    def __enter__(self) -> Reading:
        return self

    def __exit__(self, *_: object) -> None:
        self._end_workers()
        if self.cache is not None:
            self.cache.save()

    def read(
        self,
        files: Iterable[SourceFile],
        *,
        program: bool = False,
        progress: Progress | None = None,
    ) -> dict[str, FileFacts]:
        """The facts of files by path, sorted by path: the same whatever the jobs and the cache are.

        `program` as in `read_file`.
        """
        with collector.paused():
            facts = dict(sorted(_Step(self, list(files), program, progress).run().items()))
        self._end_workers()
        return facts

    def start_workers(self, work: int) -> Executor | None:
        """Workers for `work` bytes and more; None where this process alone is the faster."""
        if self.executor is not None or self._own is not None:
            return self.executor or self._own
        jobs = self.jobs if self.jobs is not None else min(os.cpu_count() or 1, 61)
        least = _WORTH_WORKERS if self.jobs is None else 1
        if jobs >= 2 and work >= least:
            self._own = _worker_processes(jobs)
        return self._own

    def without_workers(self) -> None:
        """Go on in this process alone: a worker was killed."""
        self.executor, self.jobs = None, 1
        self._end_workers()

    def _end_workers(self) -> None:
        """Let the workers go: what comes after reading wants the memory that they hold."""
        if self._own is not None:
            self._own.shutdown(wait=False, cancel_futures=True)
            self._own = None


def _worker_processes(jobs: int) -> Executor | None:
    """Workers; None inside of a worker, and where the system has none to give."""
    # A run that needs no workers does without these modules.
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    if multiprocessing.parent_process() is not None:
        return None
    # A fork starts at once and does not run the caller's main module again; with threads about it may hang.
    method = "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"
    with contextlib.suppress(OSError, ImportError):
        context = multiprocessing.get_context(method)
        workers = ProcessPoolExecutor(jobs, mp_context=context, initializer=collector.collect_often)
        _never_wait_for_the_queue(workers)
        return workers
    return None


def _never_wait_for_the_queue(workers: Executor) -> None:
    """Let a pool end whose workers were killed while they were being sent work.

    Up to Python 3.11 such a pool waits for ever for the thread that writes to them (CPython issue 94777).
    """
    queue = getattr(workers, "_call_queue", None)
    if queue is not None:
        queue.cancel_join_thread()


class _Step:
    """One pass over files: cached facts at once, the others in chunks as soon as a chunk is full."""

    def __init__(self, reading: Reading, files: list[SourceFile], program: bool, progress: Progress | None) -> None:
        self.reading = reading
        self.files = files
        self.program = program
        self.progress = progress
        self.facts: dict[str, FileFacts] = {}
        self.words = SharedWords()
        self.chunk: list[_Miss] = []
        self.chunk_bytes = 0
        self.pending: deque[tuple[Future[list[bytes]], list[_Miss]]] = deque()

    def run(self) -> dict[str, FileFacts]:
        executor = self.reading.executor
        enough = _CHUNK_BYTES if executor or self.reading._own else _WORTH_WORKERS
        for file in self.files:
            self._look_up(file)
            if self.chunk_bytes >= enough:
                self._hand_out()
                enough = _CHUNK_BYTES
        self._hand_out()
        while self.pending:
            self._collect()
        return self.facts

    def _look_up(self, file: SourceFile) -> None:
        self.reading.ways.setdefault(file.path, set()).add(self.program)
        workspace, cache = self.reading.workspace, self.reading.cache
        try:
            size = workspace.size(file.path)
            data = workspace.read(file.path) if is_worth_reading(size, file.kind) else None
        except FileNotFoundError:
            # It went away since the walk: there is nothing to read, and nothing wrong.
            self._done(file.path, FileFacts())
            return
        except OSError as error:
            self._done(file.path, unreadable(error.strerror or str(error)))
            return
        if data is None:
            self._done(file.path, FileFacts(problem=too_large(size)))
            return
        content = digest_of(data)
        if self.reading.digests.setdefault(file.path, content) != content:
            self.reading.digests[file.path] = b""
        key = key_of(content, file.kind, self.reading.dialect, self.program) if cache else b""
        known = cache.get(key) if cache else None
        if known is not None:
            self._done(file.path, self.words.put_into(known))
            return
        self.reading.re_read.add(file.path)
        self.chunk.append(_Miss(file.path, file.kind, data, key))
        # What a file costs besides its length, as if it were text.
        self.chunk_bytes += len(data) + 200

    def _hand_out(self) -> None:
        """Give what has gathered to the workers, in chunks; without workers, read it here."""
        executor = self.reading.start_workers(self.chunk_bytes)
        misses, self.chunk, self.chunk_bytes = self.chunk, [], 0
        for chunk in _chunks(misses):
            if executor is None or not self._submit(executor, chunk):
                executor = None
                self._read_here(chunk)

    def _submit(self, executor: Executor, chunk: list[_Miss]) -> bool:
        work = [(miss.data, miss.kind.value) for miss in chunk]
        try:
            future = executor.submit(read_chunk, work, self.reading.dialect, self.program)
        except Exception:
            # Broken by a killed worker, or shut down by its owner: each executor says so by an error of its own.
            self.reading.without_workers()
            return False
        self.pending.append((future, chunk))
        # Chunks that wait hold their files' bytes: not more of them than keep the workers busy. How many those of an
        # executor of another engine are, `jobs` tells.
        while len(self.pending) > 4 * (self.reading.jobs or os.cpu_count() or 1):
            self._collect()
        return True

    def _collect(self) -> None:
        future, chunk = self.pending.popleft()
        try:
            results = future.result()
        except Exception:
            # A killed worker, in the words of whatever executor it was. A fault of ours shows again here.
            self.reading.without_workers()
            self._read_here(chunk)
            return
        for miss, facts in zip(chunk, results, strict=True):
            self._keep(miss, facts, self.words.put_into(decode_facts(facts)))

    def _read_here(self, chunk: list[_Miss]) -> None:
        for miss in chunk:
            facts = read_file(miss.data, miss.kind, self.reading.dialect, program=self.program)
            self._keep(miss, encode_facts(facts) if self.reading.cache else b"", facts)

    def _keep(self, miss: _Miss, encoded: bytes, facts: FileFacts) -> None:
        if self.reading.cache is not None and not is_our_fault(facts.problem):
            self.reading.cache.put(miss.key, encoded)
        self._done(miss.path, facts)

    def _done(self, path: str, facts: FileFacts) -> None:
        self.facts[path] = facts
        if self.progress is not None:
            self.progress(len(self.facts), len(self.files))


def _chunks(misses: list[_Miss]) -> Iterator[list[_Miss]]:
    chunk: list[_Miss] = []
    size = 0
    for miss in misses:
        chunk.append(miss)
        size += len(miss.data) + 200
        if size >= _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def unreadable(reason: str) -> FileFacts:
    """The facts of a file or folder that the system does not let us read."""
    return FileFacts(problem=Problem("unreadable", reason, Span(0, 0)))
