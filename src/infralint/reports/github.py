"""Workflow commands, which GitHub shows as annotations at the lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterable

from infralint.findings import Finding
from infralint.reports.concise import concise_lines


def render_github(findings: Iterable[Finding]) -> str:
    """One command per finding, the most severe first, since GitHub drops what is over its limits.

    The message repeats the place, so that the log is of use too.
    """
    ordered = sorted(findings, key=lambda finding: finding.severity.rank)
    return "".join(f"{_command(finding)}\n" for finding in ordered)


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
