"""`infralint check`: lint the project around the current folder, or around the paths given."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from infralint.cli.chosen import Selection
from infralint.cli.keeping import Asked, Draft
from infralint.cli.options import run_options, selection_options
from infralint.cli.output_files import Output
from infralint.cli.outputs import FORMATS, deliver
from infralint.cli.pins import PinType
from infralint.cli.running import Options, exit_code, run
from infralint.cli.scope import wanted_paths

if TYPE_CHECKING:
    from infralint.answers import Question

_STDIN = Path("-")
# Formats whose text depends on the findings and on lines of the project's files alone.
_REPEATED = ("text", "concise", "json")


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, readable=False, allow_dash=True, path_type=Path))
@selection_options
@click.option(
    "--format",
    "--output-format",
    "output_format",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How findings are printed.",
)
@click.option(
    "--output-file",
    "outputs",
    type=Output(),
    multiple=True,
    metavar="[FORMAT=]FILE",
    help="Write the report to FILE instead of stdout; with FORMAT= besides, in that format. May be repeated.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    default="warning",
    show_default=True,
    help="The mildest severity for which the exit code is 1.",
)
@click.option(
    "--baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Leave out the findings that FILE holds; `infralint baseline` writes it.",
)
@click.option(
    "--diff-base",
    metavar="REVISION",
    help="Report only what is not found where the work since REVISION (a branch, a commit) began.",
)
@click.option("--staged", is_flag=True, help="Lint what the next commit would hold: git's index, not the work tree.")
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
@click.option("--watch", "watching", is_flag=True, help="Lint again whenever a file changes, until Ctrl-C.")
@click.option(
    "--stdin-filename",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Take the content of FILE from stdin, and print its findings.",
)
@run_options
@click.pass_obj
def check(
    question: Question | None,
    paths: tuple[Path, ...],
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    jobs: int | None,
    no_cache: bool,
    output_format: str,
    outputs: tuple[tuple[str, Path], ...],
    fail_on: str,
    baseline: Path | None,
    diff_base: str | None,
    staged: bool,
    fix: bool,
    unsafe_fixes: bool,
    as_diff: bool,
    pins: tuple[str, ...],
    exit_zero: bool,
    statistics: bool,
    watching: bool,
    stdin_filename: Path | None,
    config: Path | None,
) -> int:
    """Lint the whole project that PATHS (or the current folder) belong to.

    PATHS limit which findings are printed and repaired, not what is read. Exit code: 0 nothing found, 1 findings
    (with --diff: something to repair), 2 infralint could not do its job.
    """
    _check_combination(
        fixing=fix or as_diff,
        both=fix and as_diff,
        unsafe=unsafe_fixes,
        statistics=statistics and output_format not in ("text", "concise", "json"),
        staged=staged,
        stdin=stdin_filename is not None,
    )
    options = Options(
        Selection(select, extend_select, ignore), config, jobs, not no_cache, fix or as_diff, unsafe_fixes, pins, staged
    )
    if watching:
        from infralint.cli.watch import Shown, refuse, watch

        refuse(
            {
                "--fix": fix,
                "--diff": as_diff,
                "--staged": staged,
                "--diff-base": diff_base is not None,
                "--output-file": bool(outputs),
                "--stdin-filename": stdin_filename is not None,
            },
            output_format,
        )
        return watch(_wanted_paths(paths, None), options, Shown(output_format, statistics, baseline))
    is_repeated = not (
        fix or as_diff or staged or no_cache or outputs or diff_base or baseline or stdin_filename or config
    )
    draft = None
    if question is not None and is_repeated and output_format in _REPEATED:
        draft = Draft(question, paths)
    result = run(_wanted_paths(paths, stdin_filename), stdin_filename, options)
    if diff_base is not None:
        from infralint.cli.history import only_caused

        result = only_caused(result, diff_base, options)
    if baseline is not None:
        from infralint.cli.baselines import only_new

        result = only_new(result, baseline)
    if fix or as_diff:
        from infralint.cli.fix import deliver as deliver_fixes

        wanted = deliver_fixes(result, as_diff=as_diff, stdin=stdin_filename is not None)
    else:
        wanted = True
    printed = deliver(result, output_format, outputs, statistics=statistics) if wanted else ""
    if result.failed:
        # The log has named the rules already; what they would have found is missing.
        return 2
    code = exit_code(result.repaired if as_diff else result.findings, fail_on, exit_zero=exit_zero)
    if draft is not None:
        named = tuple(map(str, paths))
        asked = Asked(named, select, extend_select, ignore, pins, output_format, statistics, fail_on, exit_zero)
        draft.keep(result, asked, printed, code)
    return code


def _check_combination(*, fixing: bool, both: bool, unsafe: bool, statistics: bool, staged: bool, stdin: bool) -> None:
    """Raises click.UsageError for options that contradict each other."""
    if statistics:
        raise click.UsageError("--statistics has the formats text, concise and json")
    if both:
        raise click.UsageError("--diff changes nothing, and --fix does: give one of them")
    if unsafe and not fixing:
        raise click.UsageError("--unsafe-fixes says what --fix and --diff may do; give it beside one of them")
    if staged and (fixing or stdin):
        raise click.UsageError("--staged reads git's index alone: it goes with neither fixes nor --stdin-filename")


def _wanted_paths(paths: tuple[Path, ...], stdin_filename: Path | None) -> tuple[Path, ...]:
    """The files and folders whose findings are wanted; without any named, the whole project around here."""
    named = tuple(path for path in paths if path != _STDIN)
    if stdin_filename is None:
        if _STDIN in paths:
            raise click.UsageError("`-` needs --stdin-filename, which says what file stdin is")
        return wanted_paths(named)
    if named:
        raise click.UsageError("--stdin-filename prints the findings of one file; give no PATHS beside it")
    return (stdin_filename,)
