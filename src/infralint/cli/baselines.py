"""`infralint baseline`, and `--baseline` of `infralint check`: what is known already, and what of it is gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from infralint.cli.chosen import Selection
from infralint.cli.console import complain, write_document
from infralint.cli.options import run_options, selection_options

if TYPE_CHECKING:
    from infralint.cli.running import Result
    from infralint.fingerprints import Identity

DEFAULT_FILE = "infralint-baseline.json"
# So many entries are named; more of them say no more.
_NAMED = 5


@click.command()
@click.argument("path", required=False, type=click.Path(exists=True, readable=False, path_type=Path))
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    metavar="FILE",
    help=f"Write to FILE, `-` for stdout; {DEFAULT_FILE} in the project's root where none is given.",
)
@selection_options
@run_options
def baseline(
    path: Path | None,
    output: Path | None,
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    jobs: int | None,
    no_cache: bool,
    config: Path | None,
) -> int:
    """Write down the findings that the project around PATH (or the current folder) has now.

    `infralint check --baseline FILE` reports what is not among them. Exit code: 0 written, 2 infralint could not do
    its job.
    """
    from infralint.baseline import render_baseline
    from infralint.cli.running import Options, run
    from infralint.settings_load import find_root

    root = find_root(path or Path())
    options = Options(Selection(select, extend_select, ignore), config, jobs, not no_cache)
    result = run((root,), None, options)
    target = None if output == Path("-") else output or root / DEFAULT_FILE
    write_document(render_baseline(result.findings), target)
    number = len(result.findings)
    complain(f"{number} finding{'' if number == 1 else 's'} written down.")
    return 2 if result.failed else 0


def only_new(result: Result, file: Path) -> Result:
    """The result without what a baseline holds; entries that occur no more are said on stderr.

    Raises click.ClickException for a file that is no baseline.
    """
    from infralint.baseline import BaselineError, compared, read_baseline

    try:
        known = read_baseline(file)
    except BaselineError as error:
        raise click.ClickException(str(error)) from error
    found = compared(result.findings, known, could_occur=lambda entry: _is_looked_for(result, entry))
    _complain_of_gone(file, found.gone)
    return replace(result, findings=found.findings)


def _is_looked_for(result: Result, entry: Identity) -> bool:
    """Whether the run would have found what an entry says: its rule ran, and its file was asked for."""
    from infralint.cli.scope import prefix_below

    if entry.rule not in result.rules or result.failed:
        return False
    prefixes = ((target, prefix_below(target.root, result.base)) for target in result.targets)
    return any(
        entry.path.startswith(prefix) and target.wants_path(entry.path[len(prefix) :]) for target, prefix in prefixes
    )


def _complain_of_gone(file: Path, gone: tuple[Identity, ...]) -> None:
    if not gone:
        return
    number = len(gone)
    complain(f"warning: {number} {'entry' if number == 1 else 'entries'} of {file} {'does' if number == 1 else 'do'}"
             " not occur any more; `infralint baseline` writes it anew")  # fmt: skip
    for entry in gone[:_NAMED]:
        complain(f"  {entry.path}: {entry.rule}: {entry.message}")
    if number > _NAMED:
        complain(f"  and {number - _NAMED} more")
