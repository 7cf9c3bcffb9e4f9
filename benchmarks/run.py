"""Measure infralint and other linters on the same tree in the same run.

python benchmarks/run.py [--files 6000 | --tree PATH] [--tools infralint,ruff,flake8,fixit,deptry] [--rounds 3]
                         [--output docs/benchmarks.md] [--quick]

Without `--tree` a tree is made (generate.py), linted, and deleted; a tree that is given is copied first and stays as it
is. Tables go to stdout, and with `--output` also into that document, between its marks. docs/benchmarks.md says what
is measured and how. Exit code 1: infralint did not report exactly the mistakes that were planted, or a run in which
nothing changed imported more than its budget allows.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from generate import initialise_git, write_tree
from measuring import machine, tables
from measuring.edits import Edits, files_of
from measuring.processes import can_sample, measure
from measuring.scenarios import COLD, Measuring, Places, ToolFailed, lines_in, on_a_share, say, timed
from measuring.startup import Imports, imports_of_a_warm_run
from measuring.tables import Results, markdown
from measuring.tools import TOOLS, Tool, commit, tool_named
from service.tree import make_tree

_SAVES = Path(__file__).parent / "measuring" / "saves.py"
# The tree that growth is measured on has so many times the files: 6,000 become 20,000.
_GROWTH = 20_000 / 6_000
# A cold run that takes longer than this is not made again on the larger tree.
_NO_GROWTH_ABOVE_SECONDS = 45.0
_QUICK_FILES = 600
# Saves are timed by the process that is looked at: seldom enough, in seconds, that it does not notice.
_MEMORY_OF_SAVES_EVERY = 0.5


@dataclasses.dataclass(frozen=True)
class Plan:
    """What to measure. `tree`: a tree to copy, None = make one of `files` files. `saves`: how many of each way,
    and the seconds after which no further one begins."""

    files: int
    tree: Path | None
    tools: tuple[Tool, ...]
    rounds: int
    seed: int
    slow_share: float
    saves: int
    saves_seconds: float
    growth: bool


def arguments_of(words: Sequence[str] | None = None) -> tuple[Plan, Path | None]:
    """The plan that the command line asks for, and the document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, help="Python files of the tree that is made (6000; with --quick 600)")
    parser.add_argument("--tree", type=Path, help="measure on a copy of this tree")
    parser.add_argument("--tools", default=",".join(tool.name for tool in TOOLS))
    parser.add_argument("--rounds", type=int, help="counted runs of everything that is quick (3)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slow-share", type=float, help="share of the tree for flake8 and Fixit, 1 = all (0.05)")
    parser.add_argument("--saves", type=int, help="saves in an editor, each way (60)")
    parser.add_argument("--no-growth", action="store_true", help="leave the larger tree out")
    parser.add_argument("--quick", action="store_true", help="a small tree, two rounds, no larger tree")
    parser.add_argument("--output", type=Path, help="a document to write the tables into")
    given = parser.parse_args(words)
    try:
        tools = tuple(tool_named(name) for name in given.tools.split(","))
    except ValueError as error:
        parser.error(str(error))
    if given.tree is not None and not given.tree.is_dir():
        parser.error(f"{given.tree} is no folder")
    plan = Plan(
        files=given.files or (_QUICK_FILES if given.quick else 6000),
        tree=given.tree,
        tools=tools,
        rounds=given.rounds or (2 if given.quick else 3),
        seed=given.seed,
        slow_share=min(1.0, given.slow_share or (0.1 if given.quick else 0.05)),
        saves=given.saves or (24 if given.quick else 60),
        saves_seconds=6.0 if given.quick else 60.0,
        growth=not (given.no_growth or given.quick) and given.tree is None,
    )
    return plan, given.output


def main(words: Sequence[str] | None = None) -> int:
    """The command."""
    plan, output = arguments_of(words)
    with tempfile.TemporaryDirectory(prefix="infralint-benchmark-") as folder:
        results, mistakes = measured(plan, Path(folder).resolve())
    text = markdown(results)
    print(text)
    if output is not None:
        output.write_text(tables.insert(output.read_text("utf-8"), text), "utf-8")
    for mistake in mistakes:
        print(mistake, file=sys.stderr)
    return 1 if mistakes else 0


def measured(plan: Plan, folder: Path) -> tuple[Results, list[str]]:
    """Everything that the plan asks for, and what was wrong."""
    load = machine.load()
    tools, notes = installed(plan.tools)
    tree, expected = provide(plan, folder / "tree", plan.files)
    paths = files_of(tree)
    measuring = Measuring(tree, Edits(tree, paths), plan.rounds, expected)
    quick = [tool for tool in tools if not tool.is_slow]
    measuring.cold(quick)
    measuring.warm(quick)
    measuring.changed(quick)
    results = Results(
        heading(plan, tree, paths, tools, load), [tool.name for tool in tools], measuring.times, plan.slow_share
    )
    results.notes += notes
    if any(tool.name == "infralint" for tool in tools):
        results.imports = imports_of_a_warm_run(tree)
        measuring.mistakes += too_heavy(results.imports)
        results.saves = saves(plan, tree, results.notes)
    measuring.forget()
    for tool in tools:
        if tool.is_slow:
            share = folder / tool.name
            try:
                measuring.times[tool.name, COLD] = on_a_share(tool, tree, share, paths, plan.slow_share)
                results.notes.append(_share_note(tool, plan.slow_share))
            except ToolFailed as failure:
                measuring.failed[tool.name] = str(failure)
            shutil.rmtree(share)
    shutil.rmtree(tree)
    if plan.growth:
        grow(plan, folder / "grown", quick, results, measuring)
    results.notes += [f"{tool.name}: {tool.does}." for tool in tools if tool.name not in measuring.failed]
    results.notes += [f"{name} was left out. {failure}" for name, failure in measuring.failed.items()]
    results.notes += _memory_note()
    return results, measuring.mistakes


def installed(tools: Sequence[Tool]) -> tuple[list[Tool], list[str]]:
    """The tools that are there, and notes about the others."""
    there, notes = [], []
    for tool in tools:
        try:
            tool.command(cached=False)
            there.append(tool)
        except FileNotFoundError as error:
            notes.append(str(error))
            say(notes[-1])
    return there, notes


def provide(plan: Plan, destination: Path, files: int) -> tuple[Path, Places | None]:
    """The tree to measure on, and what infralint must find in it, None where nobody knows."""
    given = plan.tree
    if given is not None:
        skipped = shutil.ignore_patterns(".infralint_cache", ".ruff_cache")
        timed("the copy", lambda: shutil.copytree(given, destination, symlinks=True, ignore=skipped))
        return destination, None
    manifest = destination.with_name(destination.name + ".json")

    def make() -> None:
        write_tree(make_tree(files, plan.seed), destination, manifest)
        initialise_git(destination)

    timed(f"a tree of {files} files", make)
    planted = json.loads(manifest.read_text("utf-8"))["planted"]
    return destination, sorted((one["path"], one["line"], one["rule"]) for one in planted)


def heading(plan: Plan, tree: Path, paths: Sequence[str], tools: Sequence[Tool], load: float | None) -> list[str]:
    """What was measured, where and when."""
    python = [path for path in paths if path.endswith(".py")]
    origin = f"made with seed {plan.seed}" if plan.tree is None else f"a copy of `{plan.tree.resolve().name}`"
    versions = ", ".join(f"{tool.name} {tool.version}" for tool in tools)
    today = datetime.date.today().isoformat()
    lines = [
        f"{today}, on {machine.description()}.",
        f"{versions}; infralint at commit {commit() or 'unknown'}.",
        f"The tree, {origin}: {len(python)} Python files with {lines_in(tree, python)} lines, "
        f"{len(paths) - len(python)} other files. Counted runs of what is quick: {plan.rounds}.",
    ]
    if load is not None and load > machine.cores() / 2:
        lines.append(f"**The machine was not quiet**: its load was {load:.1f} when this began.")
    return ["  \n".join(lines)]


def saves(plan: Plan, tree: Path, notes: list[str]) -> dict[str, dict[str, Any]]:
    """Saves in an editor, in this library and through the server. What does not work becomes a note."""
    found: dict[str, dict[str, Any]] = {}
    for way, name in (("live", "library"), ("server", "language server")):
        limits = ["--count", str(plan.saves), "--most", str(plan.saves_seconds)]
        command = [sys.executable, str(_SAVES), str(tree), *limits, "--way", way]
        run = measure(command, tree, memory=True, every=_MEMORY_OF_SAVES_EVERY)
        if run.code != 0:
            notes.append(f"saves through the {name} could not be measured: {run.errors.strip().splitlines()[-1:]}")
            continue
        found[name] = {**json.loads(run.output), "memory": run.memory}
        made = len(found[name]["saves"])
        say(f"{made} saves through the {name}")
        if sum(save["seconds"] for save in found[name]["saves"]) > plan.saves_seconds:
            notes.append(
                f"The {name} took more than {plan.saves_seconds:.0f} s for {made} saves; no further one began."
            )
        if not found[name].get("restored", True):
            notes.append(f"after all edits were taken back, the {name} did not report what it had reported before them")
    return found


def too_heavy(found: Imports) -> list[str]:
    """What is wrong with the imports of a warm run."""
    if found.is_within:
        return []
    return [f"a warm run imports {found.modules} modules, heavy among them: {', '.join(found.heavy) or 'none'}"]


def grow(plan: Plan, destination: Path, tools: Sequence[Tool], results: Results, measuring: Measuring) -> None:
    """The cold and the warm runs on the larger tree."""
    own = results.of("infralint")
    if own is not None and own.least > _NO_GROWTH_ABOVE_SECONDS:
        results.notes.append(f"A cold run takes {own.least:.0f} s, so the larger tree was left out.")
        return
    files = round(plan.files * _GROWTH)
    tree, expected = provide(plan, destination, files)
    larger = Measuring(tree, Edits(tree, ()), max(1, plan.rounds - 2), expected)
    pair = [tool for tool in tools if tool.warm is not None]
    larger.cold(pair)
    larger.warm(pair)
    shutil.rmtree(tree)
    results.grown, results.growth = larger.times, files / plan.files
    measuring.mistakes += larger.mistakes


def _share_note(tool: Tool, share: float) -> str:
    if share >= 1:
        return f"{tool.name} ran once, on all Python files."
    return (
        f"¹ {tool.name} ran once, on {share:.0%} of the Python files, evenly chosen, without the others beside them; "
        "times but that of the start are scaled to the lines of the tree, findings are those of the share."
    )


def _memory_note() -> list[str]:
    if can_sample():
        return [
            "Memory: the highest sum of the proportional set sizes of all processes of a run, looked at every 25 ms."
        ]
    return ["Memory: the peak of the largest process of a run, since this system does not tell that of all together."]


if __name__ == "__main__":
    sys.exit(main())
