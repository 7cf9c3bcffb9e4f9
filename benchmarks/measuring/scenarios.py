"""The runs that are measured, tool by tool, in turns: what disturbs the machine disturbs all of them."""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from measuring.edits import COMMENT, MODEL, Edits
from measuring.processes import Run, measure
from measuring.tools import Tool

COLD, WARM = "cold", "warm, nothing changed"
CHANGED = {COMMENT: "warm, a comment changed", MODEL: "warm, a model's column changed"}
SCENARIOS = (COLD, WARM, *CHANGED.values())
# A tool whose first run takes longer is timed once, and not in every round.
_LONG_SECONDS = 40.0
_CACHES = (".infralint_cache", ".ruff_cache")


class ToolFailed(Exception):
    """A tool did not do its work."""


@dataclass
class Timing:
    """The runs of one tool in one scenario.

    `scale`: how many times the whole tree is what was measured; `start`: seconds of clock and of processors that the
    tool takes on one empty file, which do not grow with the tree.
    """

    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: int | None = None
    findings: int | None = None
    scale: float = 1.0
    start: tuple[float, float] = (0.0, 0.0)

    @property
    def least(self) -> float:
        """Seconds of the quickest run, for the whole tree."""
        return self._scaled(min(self.seconds), self.start[0])

    @property
    def median(self) -> float:
        """Seconds of the run in the middle, for the whole tree."""
        return self._scaled(statistics.median(self.seconds), self.start[0])

    @property
    def processors(self) -> float:
        """Seconds of all processors together, the least of all runs, for the whole tree."""
        return self._scaled(min(self.cpu), self.start[1])

    def _scaled(self, measured: float, start: float) -> float:
        return start + max(0.0, measured - start) * self.scale

    def add(self, run: Run, findings: int) -> None:
        """Count a run."""
        self.seconds.append(run.seconds)
        self.cpu.append(run.cpu)
        self.findings = findings
        self.remember(run)

    def remember(self, run: Run) -> None:
        """Keep the highest peak of memory."""
        if run.memory is not None:
            self.memory = max(self.memory or 0, run.memory)


Times = dict[tuple[str, str], Timing]
Places = list[tuple[str, int, str]]


@dataclass
class Measuring:
    """Measurements in one tree. `expected`: what infralint must find there, None where nobody knows."""

    tree: Path
    edits: Edits
    rounds: int
    expected: Places | None = None
    times: Times = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)
    # Tools that do not work on this tree, and what they said.
    failed: dict[str, str] = field(default_factory=dict)

    def cold(self, tools: Sequence[Tool]) -> None:
        """Runs without a cache. The first of each tool is there for the memory, and to have the files in the system's
        own cache. It is never timed: to look at the memory of a process takes the longer the more it holds, and would
        show as growth. Raises ToolFailed for infralint; any other tool that does not work is left out from here on."""
        long = []
        for tool in tools:
            try:
                run = self._run(tool, COLD, cached=False, memory=True, counted=False)
            except ToolFailed as failure:
                if tool.name == "infralint":
                    raise
                self.failed[tool.name] = str(failure)
                continue
            if run.seconds > _LONG_SECONDS:
                long.append(tool)
        for number in range(self.rounds):
            for tool in tools:
                if (number == 0 or tool not in long) and tool.name not in self.failed:
                    self._run(tool, COLD, cached=False)

    def warm(self, tools: Sequence[Tool]) -> None:
        """Runs with a filled cache, of the tools that have one."""
        cached = self._cached(tools)
        self.forget()
        # Infralint last: a tool that makes the folder of its cache changes the tree that infralint has just looked at.
        for tool in sorted(cached, key=lambda tool: tool.name == "infralint"):
            self._run(tool, WARM, cached=True, counted=False)
        for tool in cached:
            self._run(tool, WARM, cached=True, memory=True, counted=False)
        for _ in range(self.rounds):
            for tool in cached:
                self._run(tool, WARM, cached=True)

    def changed(self, tools: Sequence[Tool]) -> None:
        """Runs after one file was edited; every time another one. Everything is put back in the end."""
        cached = self._cached(tools)
        for _ in range(self.rounds):
            for kind, scenario in CHANGED.items():
                if self.edits.apply(kind) is None:
                    continue
                for tool in cached:
                    self._run(tool, scenario, cached=True)
        self.edits.restore()

    def _cached(self, tools: Sequence[Tool]) -> list[Tool]:
        return [tool for tool in tools if tool.warm is not None and tool.name not in self.failed]

    def forget(self) -> None:
        """Delete all caches."""
        for name in _CACHES:
            shutil.rmtree(self.tree / name, ignore_errors=True)

    def _run(self, tool: Tool, scenario: str, *, cached: bool, memory: bool = False, counted: bool = True) -> Run:
        command = tool.command(cached=cached)
        run = _worked(tool, measure(command, self.tree, memory=memory, environment=tool.environment))
        say(f"{tool.name}, {scenario}: {run.seconds:.2f} s" + ("" if counted else " (not counted)"))
        if tool.name == "infralint" and self.expected is not None and scenario in (COLD, WARM):
            self._check(scenario, run)
        if counted:
            self._count(tool, scenario, run)
        else:
            self.times.setdefault((tool.name, scenario), Timing()).remember(run)
        return run

    def _count(self, tool: Tool, scenario: str, run: Run) -> None:
        self.times.setdefault((tool.name, scenario), Timing()).add(run, tool.count(run.output))

    def _check(self, scenario: str, run: Run) -> None:
        found = places_in(run.output)
        if found != self.expected:
            wrong = f"infralint, {scenario}: not the findings that were planted"
            if wrong not in self.mistakes:
                self.mistakes.append(wrong)


def places_in(output: str) -> Places:
    """Path, line and rule of the findings that infralint has printed as JSON."""
    return sorted((one["path"], one["line"], one["rule"]) for one in json.loads(output)["findings"])


def on_a_share(tool: Tool, tree: Path, folder: Path, paths: Sequence[str], share: float) -> Timing:
    """One run of a slow tool on a share of the Python files, chosen evenly, copied to `folder`; scaled by lines.

    What the tool takes to start is measured on one empty file, and not scaled. Raises ToolFailed.
    """
    python = [path for path in paths if path.endswith(".py")]
    count = max(1, round(len(python) * share))
    chosen = [python[number * len(python) // count] for number in range(count)]
    folder.mkdir()
    (folder / "empty.py").touch()
    start = _worked(tool, measure(tool.command(cached=False), folder, environment=tool.environment))
    for path in chosen:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(tree / path, folder / path)
    run = _worked(tool, measure(tool.command(cached=False), folder, environment=tool.environment))
    say(f"{tool.name}, {share:.0%} of the files: {run.seconds:.2f} s")
    scale = lines_in(tree, python) / max(1, lines_in(tree, chosen))
    timing = Timing(scale=scale, start=(start.seconds, start.cpu))
    timing.add(run, tool.count(run.output))
    return timing


def _worked(tool: Tool, run: Run) -> Run:
    """A run that did its work. Raises ToolFailed for another one."""
    if run.code not in tool.codes:
        raise ToolFailed(f"{tool.name} ended with {run.code}: {run.errors[-600:]}")
    return run


def lines_in(tree: Path, paths: Sequence[str]) -> int:
    """The lines of files altogether."""
    return sum((tree / path).read_bytes().count(b"\n") for path in paths)


_began = time.perf_counter()


def say(line: str) -> None:
    """Tell whoever waits."""
    print(f"[{time.perf_counter() - _began:6.1f} s] {line}", file=sys.stderr, flush=True)


def timed(what: str, do: Callable[[], object]) -> None:
    """Do something that is not measured, and say how long it took."""
    began = time.perf_counter()
    do()
    say(f"{what}: {time.perf_counter() - began:.1f} s")
