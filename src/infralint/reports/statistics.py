"""How often each rule found something."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from infralint.findings import Finding


def render_statistics(findings: Iterable[Finding]) -> str:
    """One line per rule and severity, the most frequent first: the number, the severity, the rule."""
    counts = Counter((finding.rule, finding.severity) for finding in findings)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0][1].rank, item[0][0]))
    width = max((len(str(number)) for number in counts.values()), default=0)
    severities = max((len(severity.value) for _, severity in counts), default=0)
    return "".join(
        f"{number:>{width}}  {severity.value:<{severities}}  {rule}\n" for (rule, severity), number in ordered
    )
