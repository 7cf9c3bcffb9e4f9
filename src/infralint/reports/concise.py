"""One line per finding, then its related places and help, indented."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from infralint.findings import Finding
from infralint.reports.harmless import harmless


def render_concise(findings: Iterable[Finding]) -> str:
    """The findings in the order given; every line ends with a newline, no findings are the empty text."""
    return "".join(f"{line}\n" for finding in findings for line in concise_lines(finding))


def concise_lines(finding: Finding) -> Iterator[str]:
    """The lines of one finding, without line ends."""
    place = f"{finding.path}:{finding.line}:{finding.column}"
    yield harmless(f"{place}: {finding.severity.value} {finding.rule}: {finding.message}")
    for related in finding.related:
        yield harmless(f"  {related.path}:{related.line}:{related.column}: {related.message}")
    if finding.help:
        yield harmless(f"  help: {finding.help}")
