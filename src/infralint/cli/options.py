"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from infralint.cli.selection import Selectors

_Command = TypeVar("_Command", bound=Callable[..., Any])


def run_options(command: _Command) -> _Command:
    """How the project is read: `--jobs`, `--no-cache`, `--config`."""
    for option in reversed(_RUN_OPTIONS):
        command = option(command)
    return command


def selection_options(command: _Command) -> _Command:
    """Which rules run: `--select`, `--extend-select`, `--ignore`."""
    for option in reversed(_SELECTION_OPTIONS):
        command = option(command)
    return command


def _flat(_: click.Context, __: click.Parameter, values: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    return tuple(name for names in values for name in names)


def _selector_option(name: str, help_text: str) -> Callable[[_Command], _Command]:
    return click.option(name, type=Selectors(), multiple=True, metavar="RULES", callback=_flat, help=help_text)


_RUN_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option("--jobs", "-j", type=click.IntRange(min=1), metavar="N", help="Read files in N processes."),
    click.option("--no-cache", is_flag=True, help="Neither use nor write the cache."),
    click.option(
        "--config",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Take the settings from FILE.",
    ),
)
_SELECTION_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    _selector_option("--select", "Run these rules (ids, families, ALL; separated by commas) and no others."),
    _selector_option("--extend-select", "Run these rules besides."),
    _selector_option("--ignore", "Do not run these rules."),
)
