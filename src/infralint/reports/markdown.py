"""Markdown: the summary of a job, or a comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from infralint.findings import Finding, Related
from infralint.reports.harmless import harmless
from infralint.reports.text import summary_line

# A step's summary on GitHub holds 1 MiB ("Workflow commands", Adding a job summary); a comment 65,536 characters.
MAX_BYTES = 1_000_000
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~@&])")


def render_markdown(findings: Sequence[Finding], files: int, limit: int = MAX_BYTES) -> str:
    """A heading with the numbers, then a table, the most severe findings first; what is over the limit is counted."""
    lines = ["## infralint", "", _text(summary_line(findings, files)), ""]
    if findings:
        lines += ["| | where | rule | what |", "|---|---|---|---|"]
    size = sum(len(line.encode("utf-8", "replace")) + 1 for line in lines)
    ordered = sorted(findings, key=lambda finding: (finding.severity.rank, finding.sort_key))
    for number, finding in enumerate(ordered):
        row = _row(finding)
        size += len(row.encode("utf-8", "replace")) + 1
        if size > limit:
            lines += ["", f"{len(ordered) - number} more findings are left out here."]
            break
        lines.append(row)
    return "\n".join(lines).rstrip("\n") + "\n"


def _row(finding: Finding) -> str:
    return f"| {finding.severity.value} | {_code(_place(finding))} | {finding.rule} | {'<br>'.join(_said(finding))} |"


def _said(finding: Finding) -> Iterator[str]:
    yield _text(finding.message)
    for related in finding.related:
        yield f"{_code(_place(related))}: {_text(related.message)}"
    if finding.help:
        yield f"help: {_text(finding.help)}"


def _place(place: Finding | Related) -> str:
    return f"{place.path}:{place.line}:{place.column}"


def _text(text: str) -> str:
    """Plain text in a cell; names in backquotes stay code."""
    parts = harmless(text).split("`")
    if len(parts) % 2 == 0:
        return _SPECIAL.sub(r"\\\1", harmless(text))
    return "".join(_code(part) if at % 2 else _SPECIAL.sub(r"\\\1", part) for at, part in enumerate(parts))


def _code(text: str) -> str:
    """A code span; a bar would end the cell even there (GitHub Flavored Markdown, 4.10)."""
    inner = harmless(text).replace("|", "\\|")
    if "`" in inner:
        return f"`` {inner} ``"
    return f"`{inner}`" if inner.strip() else inner
