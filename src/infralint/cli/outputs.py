"""How findings are printed: in which format, to where."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from infralint.cli.console import complain, emit, terminal_width, wants_colour, write_document

if TYPE_CHECKING:
    from infralint.cli.running import Result
    from infralint.findings import Finding

FORMATS = (
    "text", "concise", "json", "github", "sarif", "gitlab", "junit", "checkstyle", "rdjson", "azure", "markdown",
    "html",
)  # fmt: skip


def deliver(result: Result, output_format: str, outputs: tuple[tuple[str, Path], ...], *, statistics: bool) -> str:
    """Write the report to stdout and to files; stdout has none where a file without a format of its own takes it.

    Gives what stdout has. Raises click.FileError.
    """
    printed = ""
    for name, file in outputs:
        write_document(render(result, name or output_format, statistics=statistics), file)
    if all(name for name, _ in outputs):
        printed = render(result, output_format, statistics=statistics)
        emit(printed)
    if output_format == "github":
        _summarise(result)
    return printed


def render(result: Result, output_format: str, *, statistics: bool = False) -> str:
    """The report in a format. `statistics`: how often each rule found something, in the formats for people."""
    if output_format == "text":
        return (_statistics(result) if statistics else _text(result)) + _summary(result)
    if statistics and output_format == "concise":
        return _statistics(result)
    return _RENDERERS[output_format](result)


def _statistics(result: Result) -> str:
    from infralint.reports.statistics import render_statistics

    return render_statistics(result.findings)


def _text(result: Result) -> str:
    from infralint.cli.source_lines import lines_of
    from infralint.reports.text import DEFAULT_WIDTH, render_text

    return render_text(
        result.findings,
        lines_of(result),
        colour=wants_colour(sys.stdout),
        width=terminal_width(sys.stdout, DEFAULT_WIDTH),
    )


def _summary(result: Result) -> str:
    from infralint.reports.text import repair_lines, summary_line

    repaired = repair_lines(result.findings, result.repaired)
    return "".join(f"{line}\n" for line in (summary_line(result.findings, result.files), *repaired))


def _concise(result: Result) -> str:
    from infralint.reports.concise import render_concise

    return render_concise(result.findings)


def _json(result: Result) -> str:
    from infralint.reports.json import render_json

    return render_json(result.findings, result.suppressed, result.files)


def _github(result: Result) -> str:
    from infralint.reports.github import render_github

    return render_github(_in_repository(result, "GITHUB_WORKSPACE"))


def _sarif(result: Result) -> str:
    from infralint import __version__
    from infralint.cli.scope import relocated
    from infralint.reports.rule_texts import rule_texts
    from infralint.reports.sarif import render_sarif

    prefix = _prefix(result, "GITHUB_WORKSPACE")
    findings = [relocated(finding, prefix) for finding in result.findings]
    silenced = [relocated(finding, prefix) for finding in result.suppressed]
    return render_sarif(findings, silenced, rule_texts([*findings, *silenced]), __version__)


def _gitlab(result: Result) -> str:
    from infralint.reports.gitlab import render_gitlab

    return render_gitlab(_in_repository(result, "CI_PROJECT_DIR"))


def _junit(result: Result) -> str:
    from infralint.reports.junit import render_junit

    return render_junit(result.findings)


def _checkstyle(result: Result) -> str:
    from infralint.reports.checkstyle import render_checkstyle

    return render_checkstyle(result.findings)


def _rdjson(result: Result) -> str:
    from infralint.cli.source_lines import lines_of
    from infralint.reports.rdjson import render_rdjson

    return render_rdjson(result.findings, lines_of(result))


def _azure(result: Result) -> str:
    from infralint.reports.azure import render_azure

    return render_azure(_in_repository(result, "BUILD_SOURCESDIRECTORY"))


def _markdown(result: Result) -> str:
    from infralint.reports.markdown import render_markdown

    return render_markdown(result.findings, result.files)


def _html(result: Result) -> str:
    from infralint.cli.page import html_of

    return html_of(result)


_RENDERERS: dict[str, Callable[[Result], str]] = {
    "concise": _concise, "json": _json, "github": _github, "sarif": _sarif, "gitlab": _gitlab, "junit": _junit,
    "checkstyle": _checkstyle, "rdjson": _rdjson, "azure": _azure, "markdown": _markdown,
    "html": _html,
}  # fmt: skip


def _in_repository(result: Result, variable: str) -> list[Finding]:
    """The findings with paths from the root of the repository, which the host's variable tells."""
    from infralint.cli.scope import relocated

    prefix = _prefix(result, variable)
    return [relocated(finding, prefix) for finding in result.findings]


def _prefix(result: Result, variable: str) -> str:
    """What leads from the repository's root down to the project's: hosts read paths from there."""
    from infralint.cli.scope import prefix_below

    root = os.environ.get(variable)
    return prefix_below(result.base.resolve(), Path(root).resolve()) if root else ""


def _summarise(result: Result) -> None:
    """Add all findings to the summary of the job, where GitHub names a file for it."""
    file = os.environ.get("GITHUB_STEP_SUMMARY")
    if not file:
        return
    try:
        with Path(file).open("a", encoding="utf-8", errors="replace", newline="\n") as summary:
            summary.write(_markdown(result))
    except OSError as error:
        complain(f"warning: the summary of the job cannot be written: {error.strerror or error}")
