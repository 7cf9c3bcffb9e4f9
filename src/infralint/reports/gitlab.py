"""GitLab's Code Quality report (GitLab manual, "Code Quality report format")."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from infralint.findings import Finding, Severity
from infralint.fingerprints import fingerprints

# GitLab's words, from the most severe down: blocker, critical, major, minor, info.
_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor"}


def render_gitlab(findings: Iterable[Finding]) -> str:
    """An array with one object for each finding, in ASCII; no two have the same fingerprint."""
    return json.dumps([_issue(finding, mark) for finding, mark in fingerprints(findings)], indent=2) + "\n"


def _issue(finding: Finding, fingerprint: str) -> dict[str, Any]:
    places = "; ".join(f"{place.message} ({place.path}:{place.line})" for place in finding.related)
    parts = (finding.message, places, f"help: {finding.help}" if finding.help else "")
    return {
        "description": "; ".join(part for part in parts if part),
        "check_name": finding.rule,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": finding.path, "lines": {"begin": finding.line, "end": finding.end_line}},
    }
