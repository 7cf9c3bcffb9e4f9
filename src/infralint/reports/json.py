"""The report for programs: one JSON object; docs/output.md describes every field."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from infralint.findings import Finding, Severity

# Raised when a field goes or changes its meaning; new fields do not raise it.
VERSION = 1


def render_json(findings: Sequence[Finding], suppressed: Iterable[Finding], files: int) -> str:
    """The whole report as one object, in ASCII, so that no encoding on its way can spoil it."""
    silenced = list(suppressed)
    document = {
        "version": VERSION,
        "findings": [finding_object(finding) for finding in findings],
        "suppressed": [finding_object(finding) for finding in silenced],
        "summary": _summary(findings, len(silenced), files),
    }
    return json.dumps(document, indent=2) + "\n"


def finding_object(finding: Finding) -> dict[str, Any]:
    """A finding as plain values. `suppressed`, the reason, is there only for a silenced one."""
    fields = asdict(finding)
    fields["severity"] = finding.severity.value
    for fix in fields["fixes"]:
        fix["applicability"] = fix["applicability"].value
    if finding.suppressed is None:
        del fields["suppressed"]
    return fields


def _summary(findings: Sequence[Finding], suppressed: int, files: int) -> dict[str, Any]:
    severities = Counter(finding.severity for finding in findings)
    rules = Counter(finding.rule for finding in findings)
    return {
        "errors": severities[Severity.ERROR],
        "warnings": severities[Severity.WARNING],
        "suppressed": suppressed,
        "files": len({finding.path for finding in findings}),
        "files_read": files,
        "rules": dict(sorted(rules.items())),
    }
