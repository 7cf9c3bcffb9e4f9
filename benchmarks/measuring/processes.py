"""A command, measured: time, processor time and memory of itself and of all processes that it starts."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_SAMPLE_SECONDS = 0.025
# Where it is set no tool finds its modules compiled. pip compiles those that are installed, but not a checkout.
_UNCOMPILED = "PYTHONDONTWRITEBYTECODE"


@dataclass(frozen=True)
class Run:
    """One run. `seconds`: of the clock; `cpu`: of all processors together, user and system; `memory`: bytes at the
    peak, None where it was not asked for; `code`: how it ended; `output`: stdout, `errors`: stderr."""

    seconds: float
    cpu: float
    memory: int | None
    code: int
    output: str
    errors: str


def can_sample() -> bool:
    """Whether the memory of all processes together can be told: where there is a /proc."""
    return (_PROC / "self" / "smaps_rollup").exists() or (_PROC / "self" / "statm").exists()


def measure(
    command: Sequence[str],
    folder: Path,
    *,
    memory: bool = False,
    every: float = _SAMPLE_SECONDS,
    environment: Mapping[str, str] | None = None,
) -> Run:
    """Run a command in a folder. `memory`: look at it while it runs, which costs it a little time, `every` so many
    seconds.

    The memory is the peak of the sum over all processes of the proportional set size (shared pages are divided among
    those who share them) where /proc tells it; elsewhere that of the largest process. `environment`: variables
    besides ours.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=output,
            stderr=errors,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if name != _UNCOMPILED} | dict(environment or {}),
        )
        sampler = _Sampler(process.pid, every) if memory and can_sample() else None
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        peak = (sampler.stop() or None) if sampler else _largest(usage) if memory else None
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
    return Run(seconds, usage.ru_utime + usage.ru_stime, peak, process.returncode, *texts)


def _largest(usage: resource.struct_rusage) -> int:
    """The peak of the largest process: in bytes on macOS, in kilobytes elsewhere (getrusage(2))."""
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


class _Sampler:
    """Looks at the memory of a session of processes again and again."""

    def __init__(self, session: int, every: float) -> None:
        self._session = session
        self._every = every
        self._peak = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """End; the peak so far, in bytes."""
        self._ended.set()
        self._thread.join()
        return self._peak

    def _run(self) -> None:
        looked = 0
        # A run may be over in a few hundredths of a second.
        while not self._ended.wait(self._every if looked > 20 else self._every / 10):
            self._peak = max(self._peak, memory_of_session(self._session))
            looked += 1


def memory_of_session(session: int) -> int:
    """Bytes that all processes of a session hold now, shared pages divided among them."""
    total = 0
    for entry in os.scandir(_PROC):
        if entry.name.isdigit() and _session_of(entry.name) == session:
            total += _held_by(entry.name)
    return total


def _session_of(process: str) -> int:
    try:
        text = (_PROC / process / "stat").read_text("utf-8", "replace")
        # After the name, which may hold anything: state, parent, group, session (proc(5)).
        return int(text.rpartition(")")[2].split()[3])
    except (OSError, ValueError, IndexError):
        return -1


def _held_by(process: str) -> int:
    try:
        for line in (_PROC / process / "smaps_rollup").read_text("utf-8").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        return int((_PROC / process / "statm").read_text("utf-8").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
