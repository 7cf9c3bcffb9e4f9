"""Logging commands of Azure Pipelines, which shows them as issues of the run."""

from __future__ import annotations

from collections.abc import Iterable

from infralint.findings import Finding
from infralint.reports.concise import concise_lines


def render_azure(findings: Iterable[Finding]) -> str:
    """One command for each finding, the most severe first; the message holds the place, for who reads the log."""
    ordered = sorted(findings, key=lambda finding: finding.severity.rank)
    return "".join(f"{_command(finding)}\n" for finding in ordered)


def _command(finding: Finding) -> str:
    properties = {
        "type": finding.severity.value,
        "sourcepath": finding.path,
        "linenumber": str(finding.line),
        "columnnumber": str(finding.column),
        "code": finding.rule,
    }
    written = "".join(f"{name}={_escaped(value)};" for name, value in properties.items())
    return f"##vso[task.logissue {written}]{_escaped_message(' '.join(concise_lines(finding)))}"


def _escaped_message(text: str) -> str:
    # Azure Pipelines, "Logging commands", Formatting commands: `%` may be decoded as `%AZP25`.
    return text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped(text: str) -> str:
    return _escaped_message(text).replace(";", "%3B").replace("]", "%5D")
