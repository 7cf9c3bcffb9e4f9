"""What becomes of repaired files: written, printed as a diff, or given back where stdin came from."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from infralint.cli.console import complain, emit
from infralint.cli.scope import prefix_below

if TYPE_CHECKING:
    from infralint.cli.running import Result
    from infralint.repair import Change

# A diff's lines end with a line feed alone; a form feed ends none.
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_NO_NEWLINE = "\\ No newline at end of file\n"


def deliver(result: Result, *, as_diff: bool, stdin: bool) -> bool:
    """Bring the repairs to where they are wanted; tells whether the findings that are left are to be printed.

    Raises click.ClickException where a file cannot be written, or was changed meanwhile.
    """
    _warn(result)
    if as_diff:
        emit("".join(_diffs(result)))
        complain(_promise(result))
        return False
    if stdin:
        sys.stdout.buffer.write(_fixed_stdin(result))
        return False
    for root, repair in result.repairs:
        _write(root, repair.changes)
    return True


def _fixed_stdin(result: Result) -> bytes:
    """The content that came on stdin, repaired."""
    changed = {change.path: change.after for _, repair in result.repairs for change in repair.changes}
    return next(iter((result.overlay | changed).values()))


def _warn(result: Result) -> None:
    for root, repair in result.repairs:
        prefix = prefix_below(root, result.base)
        for path in repair.spoiled:
            complain(
                f"warning: {prefix}{path} was left as it is, since its fix would have broken it (please report it)"
            )
        if not repair.converged:
            complain("warning: fixes undo each other; not all of them were made (please report it)")


def _write(root: Path, changes: tuple[Change, ...]) -> None:
    from infralint.repair import ChangedMeanwhileError, write

    try:
        write(root, changes)
    except ChangedMeanwhileError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"cannot write {error.filename}: {error.strerror}") from error


def _promise(result: Result) -> str:
    number = len(result.repaired)
    return f"{number or 'No'} finding{'' if number == 1 else 's'} would be repaired."


def _diffs(result: Result) -> Iterator[str]:
    """Unified diffs as `patch` and `git apply` take them."""
    for root, repair in result.repairs:
        prefix = prefix_below(root, result.base)
        for change in repair.changes:
            before, after = _LINE.findall(change.before_text), _LINE.findall(change.after_text)
            path = f"{prefix}{change.path}"
            for line in difflib.unified_diff(before, after, path, path):
                yield line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}"
