"""Workflow commands, which GitHub shows as annotations at the lines of a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from infralint.findings import Finding, Severity
from infralint.reports.concise import concise_lines

# GitHub takes so many annotations of each level from a step, and drops the others without a word (its documentation,
# "Workflow commands", has no number; actions/toolkit#734 has).
MAX_ANNOTATIONS = 10


def render_github(findings: Sequence[Finding]) -> str:
    """One command for each finding, the most severe first, as many as GitHub shows; the others as lines of the log.

    The message of a command repeats the place, so that the log is of use too.
    """
    lines: list[str] = []
    left: list[str] = []
    for severity in sorted(Severity, key=lambda severity: severity.rank):
        found = [finding for finding in findings if finding.severity is severity]
        lines += map(_command, found[:MAX_ANNOTATIONS])
        left += map(_line, found[MAX_ANNOTATIONS:])
    if left:
        lines += [f"::notice title=infralint::{len(left)} more findings are in the log of this step", *left]
    return "".join(f"{line}\n" for line in lines)


def _line(finding: Finding) -> str:
    """A finding as a line of the log, which no path can turn into a command."""
    return "\n".join(f"- {line}" for line in concise_lines(finding))


def _command(finding: Finding) -> str:
    properties = [
        f"title={_property(f'infralint ({finding.rule})')}",
        f"file={_property(finding.path)}",
        f"line={finding.line}",
        f"endLine={finding.end_line}",
    ]
    # GitHub takes columns only where the start and the end share a line.
    if finding.line == finding.end_line:
        properties += [f"col={finding.column}", f"endColumn={finding.end_column}"]
    message = _message("\n".join(concise_lines(finding)))
    return f"::{finding.severity.value} {','.join(properties)}::{message}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
