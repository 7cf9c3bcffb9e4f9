"""`infralint check`: lint the project around the current folder, or around the paths given."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from infralint.cli.console import complain, emit, route_log, terminal_width, wants_colour
from infralint.cli.pins import PinType
from infralint.cli.selection import Selection, Selectors

if TYPE_CHECKING:
    from infralint.cli.scope import Target
    from infralint.engine import Report
    from infralint.findings import Finding
    from infralint.repair import Repair
    from infralint.settings import Settings

FORMATS = ("text", "concise", "json", "github")
_STDIN = Path("-")
_Command = TypeVar("_Command", bound=Callable[..., Any])


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

    def over(self, settings: Settings) -> Settings:
        """The settings with what the command line says over them: its pins are asked first."""
        settings = self.selection.over(settings)
        return replace(settings, pins=self.pins or settings.pins)


@dataclass(frozen=True, slots=True)
class Result:
    """The findings of all projects of a run, with paths relative to `base`; `overlay` as the run had it.

    `repairs`: what fixes make of each project (by its root), where they were asked for.
    """

    base: Path
    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    files: int
    failed: bool
    overlay: dict[str, bytes]
    repairs: tuple[tuple[Path, Repair], ...] = ()

    @property
    def repaired(self) -> tuple[Finding, ...]:
        """The findings that fixes repair."""
        return tuple(finding for _, repair in self.repairs for finding in repair.fixed)


def _flat(_: click.Context, __: click.Parameter, values: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    return tuple(name for names in values for name in names)


def _selector_option(name: str, help_text: str) -> Callable[[_Command], _Command]:
    return click.option(name, type=Selectors(), multiple=True, metavar="RULES", callback=_flat, help=help_text)


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, readable=False, allow_dash=True, path_type=Path))
@_selector_option("--select", "Run these rules (ids, families, ALL; separated by commas) and no others.")
@_selector_option("--extend-select", "Run these rules besides.")
@_selector_option("--ignore", "Do not run these rules.")
@click.option("--jobs", "-j", type=click.IntRange(min=1), metavar="N", help="Read files in N processes.")
@click.option("--no-cache", is_flag=True, help="Neither use nor write the cache.")
@click.option(
    "--format",
    "--output-format",
    "output_format",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How findings are printed.",
)
@click.option("--fix", is_flag=True, help="Repair what can be repaired safely, and print what is left.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: repair also what wants a look afterwards.")
@click.option("--diff", "as_diff", is_flag=True, help="Print what --fix would change, and change nothing.")
@click.option(
    "--pin",
    "pins",
    type=PinType(),
    multiple=True,
    metavar="IMAGE@DIGEST",
    help="The digest (sha256:...) that --fix and --diff give to IMAGE where it floats; may be repeated.",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option("--statistics", is_flag=True, help="Print how often each rule found something, instead.")
@click.option(
    "--stdin-filename",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Take the content of FILE from stdin, and print its findings.",
)
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Take the settings from FILE.",
)
def check(
    paths: tuple[Path, ...],
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    jobs: int | None,
    no_cache: bool,
    output_format: str,
    fix: bool,
    unsafe_fixes: bool,
    as_diff: bool,
    pins: tuple[str, ...],
    exit_zero: bool,
    statistics: bool,
    stdin_filename: Path | None,
    config: Path | None,
) -> int:
    """Lint the whole project that PATHS (or the current folder) belong to.

    PATHS limit which findings are printed and repaired, not what is read. Exit code: 0 nothing found, 1 findings
    (with --diff: something to repair), 2 infralint could not do its job.
    """
    if statistics and output_format == "github":
        raise click.UsageError("--statistics has no GitHub format")
    if fix and as_diff:
        raise click.UsageError("--diff changes nothing, and --fix does: give one of them")
    if unsafe_fixes and not (fix or as_diff):
        raise click.UsageError("--unsafe-fixes says what --fix and --diff may do; give it beside one of them")
    options = Options(
        Selection(select, extend_select, ignore), config, jobs, not no_cache, fix or as_diff, unsafe_fixes, pins
    )
    result = _run(_wanted_paths(paths, stdin_filename), stdin_filename, options)
    if fix or as_diff:
        from infralint.cli.fix import deliver

        wanted = deliver(result, as_diff=as_diff, stdin=stdin_filename is not None)
    else:
        wanted = True
    if wanted:
        emit(_rendered(result, output_format, statistics))
    if result.failed:
        # The log has named the rules already; what they would have found is missing.
        return 2
    left = result.repaired if as_diff else result.findings
    return 1 if left and not exit_zero else 0


def _wanted_paths(paths: tuple[Path, ...], stdin_filename: Path | None) -> tuple[Path, ...]:
    """The files and folders whose findings are wanted; without any named, the whole project around here."""
    from infralint.settings_load import find_root

    named = tuple(path for path in paths if path != _STDIN)
    if stdin_filename is None:
        if _STDIN in paths:
            raise click.UsageError("`-` needs --stdin-filename, which says what file stdin is")
        return named or (find_root(Path()),)
    if named:
        raise click.UsageError("--stdin-filename prints the findings of one file; give no PATHS beside it")
    return (stdin_filename,)


def _run(paths: tuple[Path, ...], stdin_filename: Path | None, options: Options) -> Result:
    from infralint.cli.scope import common_base, prefix_below, relocated, targets

    found = targets(paths)
    base = common_base(found)
    overlay: dict[str, bytes] = {}
    if stdin_filename is not None:
        overlay = {next(iter(found[0].wanted)): sys.stdin.buffer.read()}
    findings: set[Finding] = set()
    suppressed: set[Finding] = set()
    files = 0
    failed = False
    repairs = []
    for target in found:
        if options.repairs:
            repairs.append((target.root, _repair(target, overlay, options)))
            report = repairs[-1][1].report
        else:
            report = _linter(target, options)(overlay)
        prefix = prefix_below(target.root, base)
        findings |= {relocated(finding, prefix) for finding in report.findings if target.wants(finding)}
        suppressed |= {relocated(finding, prefix) for finding in report.suppressed if target.wants(finding)}
        files += report.files
        failed = failed or bool(report.failed)
    return Result(base, _in_order(findings), _in_order(suppressed), files, failed, overlay, tuple(repairs))


def _in_order(findings: set[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: finding.sort_key))


def _repair(target: Target, overlay: dict[str, bytes], options: Options) -> Repair:
    """What fixes make of the findings that are wanted; of a file on stdin, what can be repaired in it alone."""
    from infralint.repair import ChangedMeanwhileError, repair

    try:
        return repair(
            target.root,
            _linter(target, options),
            wants=target.wants,
            unsafe=options.unsafe,
            overlay=overlay,
            only=frozenset(overlay) if overlay else None,
        )
    except ChangedMeanwhileError as error:
        raise click.ClickException(str(error)) from error


def _linter(target: Target, options: Options) -> Callable[[Mapping[str, bytes]], Report]:
    """Lints a project with texts over those on disk."""
    from infralint import engine
    from infralint.cli.progress import ProgressBar
    from infralint.settings_load import load_settings

    route_log()
    settings = options.over(load_settings(target.root, options.config))
    if not engine.selected_rules(settings):
        complain("warning: no rule is selected")

    def lint(overlay: Mapping[str, bytes]) -> Report:
        with ProgressBar(sys.stderr) as progress:
            return engine.lint_project(
                target.root,
                settings,
                overlay=overlay,
                jobs=options.jobs,
                cache=options.cache,
                progress=progress,
            )

    return lint


def _rendered(result: Result, output_format: str, statistics: bool) -> str:
    if output_format == "json":
        from infralint.reports.json import render_json

        return render_json(result.findings, result.suppressed, result.files)
    if output_format == "github":
        return _github(result)
    if statistics:
        from infralint.reports.statistics import render_statistics

        listed = render_statistics(result.findings)
    elif output_format == "concise":
        from infralint.reports.concise import render_concise

        return render_concise(result.findings)
    else:
        listed = _text(result)
    return listed + _summary(result)


def _text(result: Result) -> str:
    from infralint.reports.sources import Sources
    from infralint.reports.text import DEFAULT_WIDTH, render_text

    return render_text(
        result.findings,
        Sources(result.base, result.overlay).line,
        colour=wants_colour(sys.stdout),
        width=terminal_width(sys.stdout, DEFAULT_WIDTH),
    )


def _summary(result: Result) -> str:
    from infralint.reports.text import repair_lines, summary_line

    repaired = repair_lines(result.findings, result.repaired)
    return "".join(f"{line}\n" for line in (summary_line(result.findings, result.files), *repaired))


def _github(result: Result) -> str:
    """GitHub reads paths from the root of the repository, which may lie above the project's."""
    from infralint.cli.scope import prefix_below, relocated
    from infralint.reports.github import render_github

    workspace = os.environ.get("GITHUB_WORKSPACE")
    prefix = prefix_below(result.base.resolve(), Path(workspace).resolve()) if workspace else ""
    return render_github(relocated(finding, prefix) for finding in result.findings)
