"""Linting the projects that a command line speaks of."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from infralint.cli.chosen import Selection
from infralint.cli.console import complain, route_log

if TYPE_CHECKING:
    from infralint.cli.scope import Target
    from infralint.findings import Finding
    from infralint.remembered import Memory
    from infralint.repair import Repair
    from infralint.report import Report
    from infralint.settings import Settings

# Lints a project with texts over those on disk.
Lint = Callable[[Mapping[str, bytes]], "Report"]


@dataclass(frozen=True, slots=True)
class Options:
    """The options that decide how a project is linted."""

    selection: Selection
    config: Path | None
    jobs: int | None
    cache: bool
    repairs: bool = False
    unsafe: bool = False
    pins: tuple[str, ...] = ()
    staged: bool = False

    def over(self, settings: Settings) -> Settings:
        """The settings with what the command line says over them: its pins are asked first."""
        settings = self.selection.over(settings)
        return replace(settings, pins=self.pins or settings.pins)


@dataclass(frozen=True, slots=True)
class Result:
    """The findings of all projects of a run, with paths relative to `base`; `overlay` as the run had it.

    `rules`: the ids of the rules that ran. `targets`: the projects. `repairs`: what fixes make of each project (by its
    root), where they were asked for. `options`: what the run was told. `memory`: of the only project, its settings
    and what remembers its runs.
    """

    base: Path
    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    files: int
    failed: bool
    overlay: dict[str, bytes]
    rules: frozenset[str] = frozenset()
    targets: tuple[Target, ...] = ()
    repairs: tuple[tuple[Path, Repair], ...] = ()
    options: Options | None = None
    memory: tuple[Settings, Memory] | None = None

    @property
    def repaired(self) -> tuple[Finding, ...]:
        """The findings that fixes repair."""
        return tuple(finding for _, repair in self.repairs for finding in repair.fixed)


def run(paths: tuple[Path, ...], stdin_filename: Path | None, options: Options) -> Result:
    """Lint the projects of `paths`, with stdin in the place of `stdin_filename`. Raises click.ClickException."""
    from infralint.cli.scope import targets

    found = targets(paths)
    overlay: dict[str, bytes] = {}
    if stdin_filename is not None:
        overlay = {next(iter(found[0].wanted)): sys.stdin.buffer.read()}
    repairs: list[tuple[Path, Repair]] = []
    memories: list[tuple[Settings, Memory]] = []

    def lint(target: Target) -> Report:
        if not options.repairs:
            return linter(target, options, memories)(overlay)
        repairs.append((target.root, _repair(target, overlay, options)))
        return repairs[-1][1].report

    result = replace(gathered(found, options, lint), overlay=overlay, repairs=tuple(repairs))
    return replace(result, memory=memories[0]) if len(memories) == len(found) == 1 else result


def gathered(found: Sequence[Target], options: Options, lint: Callable[[Target], Report]) -> Result:
    """What is found in several projects, each linted in its turn: those of the findings that are wanted."""
    from infralint.cli.scope import common_base, prefix_below, relocated

    base = common_base(found)
    findings: set[Finding] = set()
    suppressed: set[Finding] = set()
    files = 0
    failed = False
    rules: set[str] = set()
    for target in found:
        report = lint(target)
        prefix = prefix_below(target.root, base)
        findings |= {relocated(finding, prefix) for finding in report.findings if target.wants(finding)}
        suppressed |= {relocated(finding, prefix) for finding in report.suppressed if target.wants(finding)}
        files += report.files
        failed = failed or bool(report.failed)
        rules.update(report.rules)
        if not report.rules:
            complain("warning: no rule is selected")
    return Result(
        base,
        _in_order(findings),
        _in_order(suppressed),
        files,
        failed,
        {},
        frozenset(rules),
        tuple(found),
        options=options,
    )


def exit_code(findings: Sequence[Finding], fail_on: str, *, exit_zero: bool) -> int:
    """Whether findings that are left make a run fail. `fail_on`: the mildest severity that does."""
    fails = any(fail_on == "warning" or finding.severity.value == fail_on for finding in findings)
    return 1 if fails and not exit_zero else 0


def _in_order(findings: set[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: finding.sort_key))


def _repair(target: Target, overlay: dict[str, bytes], options: Options) -> Repair:
    """What fixes make of the findings that are wanted; of a file on stdin, what can be repaired in it alone."""
    from infralint.repair import ChangedMeanwhileError, repair

    try:
        return repair(
            target.root,
            linter(target, options),
            wants=target.wants,
            unsafe=options.unsafe,
            overlay=overlay,
            only=frozenset(overlay) if overlay else None,
        )
    except ChangedMeanwhileError as error:
        import click

        raise click.ClickException(str(error)) from error


def settings_of(target: Target, options: Options) -> Settings:
    """The settings of a project, with what the command line says over them."""
    from infralint.settings_load import load_settings

    return options.over(load_settings(target.root, options.config))


def linter(target: Target, options: Options, memories: list[tuple[Settings, Memory]] | None = None) -> Lint:
    """What lints a project: as it is on disk with texts over it, or as git's index has it.

    `memories` is added to by runs that are remembered: the settings, and what remembers.
    """
    from infralint import runs
    from infralint.cli.progress import ProgressBar

    route_log()
    settings = settings_of(target, options)

    def lint(overlay: Mapping[str, bytes]) -> Report:
        memory = runs.memory_of(target.root, settings, cache=options.cache, overlay=overlay)
        with ProgressBar(sys.stderr) as progress:
            report = runs.run_project(
                target.root,
                settings,
                memory=memory,
                overlay=overlay,
                jobs=options.jobs,
                cache=options.cache,
                progress=progress,
            )
        if memory is not None and memories is not None:
            memories.append((settings, memory))
        return report

    def lint_staged(_: Mapping[str, bytes]) -> Report:
        from infralint.cli.history import lint_index

        return lint_index(target.root, settings, options)

    return lint_staged if options.staged else lint
