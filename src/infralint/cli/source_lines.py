"""The source lines that the reports of a run show."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infralint.cli.running import Result
    from infralint.reports.sources import ReadLine


def lines_of(result: Result) -> ReadLine:
    """Lines as the run saw them: from disk with stdin over it, or from git's index. Raises click.ClickException."""
    from infralint.reports.sources import Sources

    overlay = result.overlay
    if result.options is not None and result.options.staged:
        from infralint.cli.history import staged_texts

        overlay = staged_texts(result)
    return Sources(result.base, overlay).line
