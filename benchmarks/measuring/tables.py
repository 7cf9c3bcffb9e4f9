"""The results as Markdown: the goals with what was reached, and every number behind that."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from measuring.scenarios import CHANGED, COLD, SCENARIOS, WARM, Times, Timing
from measuring.startup import MOST_MODULES, Imports

BEGIN, END = "<!-- results: written by benchmarks/run.py -->", "<!-- end of results -->"

# The goals of "Fast enough that nobody notices it".
COLD_TIMES_RUFF, COLD_FLAKE8, COLD_FIXIT = 3.0, 20.0, 50.0
WARM_TIMES_RUFF, CHANGED_TIMES_WARM, CHANGED_PLUS = 1.5, 1.5, 0.1
GROWTH, MEMORY, SAVE_SECONDS = 3.5, 400_000_000, 0.1
# The growth that the goal speaks of: from 6,000 files to 20,000.
_GROWTH_FACTOR = 20_000 / 6_000


@dataclass
class Results:
    """Everything that was measured. `grown`: the times in the larger tree, which has `growth` times the files."""

    heading: list[str]
    tools: Sequence[str]
    times: Times
    slow_share: float
    grown: Times = field(default_factory=dict)
    growth: float = 0.0
    saves: dict[str, dict[str, Any]] = field(default_factory=dict)
    imports: Imports | None = None
    notes: list[str] = field(default_factory=list)

    def of(self, tool: str, scenario: str = COLD) -> Timing | None:
        """The times of a tool, None where there are none."""
        return _counted(self.times, tool, scenario)


def _counted(times: Times, tool: str, scenario: str) -> Timing | None:
    timing = times.get((tool, scenario))
    return timing if timing is not None and timing.seconds else None


def markdown(results: Results) -> str:
    """All tables."""
    parts = ["\n".join(results.heading), goals(results), runs(results)]
    parts += [text for text in (growth(results), saves(results), imports(results)) if text]
    if results.notes:
        parts.append("\n".join(f"- {note}" for note in results.notes))
    return "\n\n".join(parts) + "\n"


def insert(document: str, text: str) -> str:
    """A document with the results between its two marks. Raises ValueError for one without them."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the document has no lines {BEGIN!r} and {END!r}")
    return f"{before}{begin}\n\n{text}\n{end}{after}"


def goals(results: Results) -> str:
    """The goals beside what was measured."""
    rows = [*_cold_goals(results), *_warm_goals(results), *_growth_goals(results), *_other_goals(results)]
    lines = ["### Goals", "", "| goal | at most or at least | measured | |", "|---|---|---|---|"]
    for name, goal, measured, factor in rows:
        verdict = "reached" if factor <= 1 else f"**missed** by {factor:.1f} times"
        lines.append(f"| {name} | {goal} | {measured} | {verdict} |")
    return "\n".join(lines)


# A row: name, goal, what was measured, and the factor by which the goal is missed (1 and less: reached).
_Row = tuple[str, str, str, float]


def _cold_goals(results: Results) -> list[_Row]:
    rows = []
    own, ruff = results.of("infralint"), results.of("ruff")
    if own and ruff:
        ratio = own.least / ruff.least
        rows.append(("cold, times ruff", f"{COLD_TIMES_RUFF:g}", f"{ratio:.1f}", ratio / COLD_TIMES_RUFF))
    for name, least in (("flake8", COLD_FLAKE8), ("fixit", COLD_FIXIT)):
        other = results.of(name)
        if own and other:
            ratio = other.least / own.least
            rows.append((f"cold, {name} takes times as long", f"{least:g}", f"{ratio:.1f}", least / ratio))
    return rows


def _warm_goals(results: Results) -> list[_Row]:
    rows = []
    own, ruff = results.of("infralint", WARM), results.of("ruff", WARM)
    if own and ruff:
        ratio = own.least / ruff.least
        rows.append(("warm, times ruff", f"{WARM_TIMES_RUFF:g}", f"{ratio:.1f}", ratio / WARM_TIMES_RUFF))
    for scenario in CHANGED.values():
        changed = results.of("infralint", scenario)
        if own and changed:
            limit = CHANGED_TIMES_WARM * own.least + CHANGED_PLUS
            goal = f"{seconds(limit)} ({CHANGED_TIMES_WARM:g} times {seconds(own.least)} and 100 ms)"
            rows.append((scenario, goal, seconds(changed.least), changed.least / limit))
    return rows


def _growth_goals(results: Results) -> list[_Row]:
    rows = []
    for scenario in (COLD, WARM):
        small, large = results.of("infralint", scenario), _counted(results.grown, "infralint", scenario)
        if small and large:
            # Between other sizes than 6,000 and 20,000 files the same exponent is asked for.
            limit = results.growth ** (math.log(GROWTH) / math.log(_GROWTH_FACTOR))
            ratio = large.least / small.least
            name = f"{scenario}: {results.growth:.2f} times the files"
            rows.append((name, f"{limit:.1f} times the time", f"{ratio:.2f}", ratio / limit))
    return rows


def _other_goals(results: Results) -> list[_Row]:
    rows = []
    peaks = [timing.memory for (tool, _), timing in results.times.items() if tool == "infralint" and timing.memory]
    if peaks:
        rows.append(("peak memory of all processes", megabytes(MEMORY), megabytes(max(peaks)), max(peaks) / MEMORY))
    for way, measured in results.saves.items():
        p95 = percentile([save["seconds"] for save in measured["saves"]], 0.95)
        rows.append((f"editor save, {way}, p95", milliseconds(SAVE_SECONDS), milliseconds(p95), p95 / SAVE_SECONDS))
        held = measured.get("memory")
        if held:
            rows.append(
                (f"peak memory with the project loaded, {way}", megabytes(MEMORY), megabytes(held), held / MEMORY)
            )
    return rows


def runs(results: Results) -> str:
    """Every tool in every scenario."""
    lines = [
        "### Runs",
        "",
        "| run | tool | quickest | median | processor time | peak memory | times ruff | findings |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for scenario in SCENARIOS:
        ruff = results.of("ruff", scenario)
        for tool in results.tools:
            timing = results.of(tool, scenario)
            if timing is not None:
                ratio = f"{timing.least / ruff.least:.1f}" if ruff else ""
                lines.append(f"| {scenario} | {tool} | {_cells(timing)} | {ratio} | {_findings(timing)} |")
    return "\n".join(lines)


def _cells(timing: Timing) -> str:
    memory = megabytes(timing.memory) if timing.memory and timing.scale == 1 else ""
    mark = " ¹" if timing.scale != 1 else ""
    times = [f"{seconds(value)}{mark}" for value in (timing.least, timing.median, timing.processors)]
    return " | ".join([*times, memory])


def _findings(timing: Timing) -> str:
    return f"{timing.findings}" + (" ¹" if timing.scale != 1 else "")


def growth(results: Results) -> str:
    """The larger tree beside the smaller one."""
    lines = [
        f"### A tree of {results.growth:.2f} times the files",
        "",
        "| run | tool | quickest | times the smaller tree | peak memory |",
        "|---|---|---:|---:|---:|",
    ]
    for scenario in (COLD, WARM):
        for tool in results.tools:
            small, large = results.of(tool, scenario), _counted(results.grown, tool, scenario)
            if small and large:
                memory = megabytes(large.memory) if large.memory else ""
                ratio = large.least / small.least
                lines.append(f"| {scenario} | {tool} | {seconds(large.least)} | {ratio:.2f} | {memory} |")
    return "\n".join(lines) if len(lines) > 4 else ""


def saves(results: Results) -> str:
    """Saves in an editor, kind by kind."""
    lines = [
        "### Saves in an editor",
        "",
        "| way | what was saved | saves | p50 | p95 | longest |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for way, measured in results.saves.items():
        taken = measured["saves"]
        for kind in ["all", *sorted({save["kind"] for save in taken})]:
            times = [save["seconds"] for save in taken if kind in ("all", save["kind"])]
            cells = [milliseconds(percentile(times, share)) for share in (0.5, 0.95, 1.0)]
            lines.append(f"| {way} | {kind} | {len(times)} | {' | '.join(cells)} |")
    loads = ", ".join(f"{seconds(measured['load'])} ({way})" for way, measured in results.saves.items())
    held = ", ".join(
        f"{megabytes(measured['memory'])} ({way})" for way, measured in results.saves.items() if measured.get("memory")
    )
    told = f"Loading the project, with the cache filled, took {loads}." + (f" Peak memory: {held}." if held else "")
    return "\n".join([*lines, "", told]) if loads else ""


def imports(results: Results) -> str:
    """The budget of imports."""
    found = results.imports
    if found is None:
        return ""
    heavy = ", ".join(f"`{name}`" for name in found.heavy) or "none"
    return (
        "### Imports of a run in which nothing changed\n\n"
        f"{found.modules} modules (at most {MOST_MODULES}), {found.own} of them infralint's own, in "
        f"{found.milliseconds:.0f} ms under `-X importtime`; of those that it must do without: {heavy}."
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all values do not exceed (nearest rank); nan where there is none."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def seconds(value: float) -> str:
    """`0.123 s`, `4.57 s`, `123 s`."""
    return f"{value:.3f} s" if value < 1 else f"{value:.2f} s" if value < 100 else f"{value:.0f} s"


def milliseconds(value: float) -> str:
    """`12 ms`."""
    return f"{value * 1000:.0f} ms"


def megabytes(value: int) -> str:
    """`123 MB`, of a million bytes."""
    return f"{value / 1e6:.0f} MB"
