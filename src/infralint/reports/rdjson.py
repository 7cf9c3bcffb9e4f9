"""Reviewdog's diagnostic format (`rdjson`): columns count bytes of UTF-8."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from infralint.findings import Applicability, Edit, Finding, Related
from infralint.reports.sources import ReadLine


def render_rdjson(findings: Sequence[Finding], read_line: ReadLine) -> str:
    """One object with all findings. A fix is a suggestion where it is safe and edits the finding's own file alone."""
    diagnostics = [_diagnostic(finding, read_line) for finding in findings]
    document = {"source": {"name": "infralint"}, "diagnostics": diagnostics}
    return json.dumps(document, indent=2) + "\n"


def _diagnostic(finding: Finding, read_line: ReadLine) -> dict[str, Any]:
    found: dict[str, Any] = {
        "message": finding.message + (f"\nhelp: {finding.help}" if finding.help else ""),
        "location": _location(finding, read_line),
        "severity": finding.severity.name,
        "code": {"value": finding.rule},
    }
    if suggestions := _suggestions(finding, read_line):
        found["suggestions"] = suggestions
    if finding.related:
        found["related_locations"] = [
            {"message": place.message, "location": _location(place, read_line)} for place in finding.related
        ]
    return found


def _suggestions(finding: Finding, read_line: ReadLine) -> list[dict[str, Any]]:
    for fix in finding.fixes:
        here = all(edit.path == finding.path for edit in fix.edits)
        if fix.applicability is Applicability.SAFE and here:
            return [{"range": _range(edit, read_line), "text": edit.text} for edit in fix.edits]
    return []


def _location(place: Finding | Related, read_line: ReadLine) -> dict[str, Any]:
    return {"path": place.path, "range": _range(place, read_line)}


def _range(place: Finding | Related | Edit, read_line: ReadLine) -> dict[str, Any]:
    return {
        "start": {"line": place.line, "column": _bytes(place.path, place.line, place.column, read_line)},
        "end": {"line": place.end_line, "column": _bytes(place.path, place.end_line, place.end_column, read_line)},
    }


def _bytes(path: str, line: int, column: int, read_line: ReadLine) -> int:
    """A column in bytes, from 1."""
    before = read_line(path, line)[: column - 1]
    return column + len(before.encode("utf-8", "surrogatepass")) - len(before)
