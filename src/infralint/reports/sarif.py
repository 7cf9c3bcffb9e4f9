"""SARIF 2.1.0 (OASIS standard, errata 01), as GitHub's code scanning reads it.

GitHub's limits ("SARIF support for code scanning", Upload limits): 25,000 results a run, of which it shows the 5,000
most severe; 1,000 locations a result.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any

from infralint.findings import Applicability, Finding, Fix, Related
from infralint.fingerprints import fingerprints
from infralint.reports.rule_texts import RuleText

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# The name of our own fingerprint. `primaryLocationLineHash` is GitHub's, which it computes itself.
FINGERPRINT = "infralint/v1"
MAX_RESULTS = 25_000
_MAX_LOCATIONS = 999
_ROOT = {"uriBaseId": "%SRCROOT%"}


def render_sarif(
    findings: Sequence[Finding], suppressed: Iterable[Finding], rules: Sequence[RuleText], version: str
) -> str:
    """The report as one log with one run; the most severe results first, silenced ones marked as such."""
    every = [*findings, *suppressed]
    ordered = sorted(fingerprints(every), key=lambda item: (item[0].severity.rank, item[0].sort_key))
    indexes = {rule.id: at for at, rule in enumerate(rules)}
    run: dict[str, Any] = {
        "tool": {"driver": _driver(rules, version)},
        "automationDetails": {"id": "infralint/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the project."}}},
        "results": [_result(finding, mark, indexes) for finding, mark in ordered[:MAX_RESULTS]],
    }
    if len(ordered) > MAX_RESULTS:
        run["invocations"] = [{"executionSuccessful": True, "toolExecutionNotifications": [_left_out(len(ordered))]}]
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2) + "\n"


def _left_out(found: int) -> dict[str, Any]:
    text = f"{found - MAX_RESULTS} of {found} findings are left out: a run holds no more than {MAX_RESULTS}."
    return {"level": "warning", "message": {"text": text}}


def _driver(rules: Sequence[RuleText], version: str) -> dict[str, Any]:
    return {"name": "infralint", "semanticVersion": version, "rules": [_rule(rule) for rule in rules]}


def _rule(rule: RuleText) -> dict[str, Any]:
    precision = {"high": "very-high", "medium": "high", "low": "medium"}[rule.confidence]
    return {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.id.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.title},
        "help": {"text": rule.explanation, "markdown": rule.explanation},
        "defaultConfiguration": {"level": rule.severity.value},
        "properties": {"tags": [rule.family], "precision": precision, "problem.severity": rule.severity.value},
    }


def _result(finding: Finding, fingerprint: str, indexes: dict[str, int]) -> dict[str, Any]:
    related = finding.related[:_MAX_LOCATIONS]
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "level": finding.severity.value,
        "message": {"text": _message(finding, related)},
        "locations": [{"physicalLocation": _location(finding)}],
        "partialFingerprints": {FINGERPRINT: fingerprint},
    }
    if finding.rule in indexes:
        result["ruleIndex"] = indexes[finding.rule]
    if related:
        result["relatedLocations"] = [
            {"id": number, "physicalLocation": _location(place), "message": {"text": place.message}}
            for number, place in enumerate(related, 1)
        ]
    if finding.fixes:
        result["fixes"] = [_fix(fix) for fix in finding.fixes]
    if finding.suppressed is not None:
        result["suppressions"] = [{"kind": "inSource", "justification": finding.suppressed}]
    return result


def _message(finding: Finding, related: Sequence[Related]) -> str:
    """The message, a link to each other place (SARIF 3.11.6), and the help."""
    lines = [_plain(finding.message)]
    lines += [f"[{_plain(place.message)}]({number})" for number, place in enumerate(related, 1)]
    if finding.help:
        lines.append(_plain(f"help: {finding.help}"))
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Text in which no bracket begins a link (SARIF 3.11.6 escapes them by a backslash)."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _location(place: Finding | Related) -> dict[str, Any]:
    region = {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }
    return {"artifactLocation": _artifact(place.path), "region": region}


def _artifact(path: str) -> dict[str, str]:
    """A path relative to the root as a URI reference, percent-encoded as RFC 3986 says."""
    return {"uri": PurePosixPath("/", path).as_uri().removeprefix("file:///"), **_ROOT}


def _fix(fix: Fix) -> dict[str, Any]:
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        region = {
            "startLine": edit.line,
            "startColumn": edit.column,
            "endLine": edit.end_line,
            "endColumn": edit.end_column,
        }
        changes.setdefault(edit.path, []).append({"deletedRegion": region, "insertedContent": {"text": edit.text}})
    look = "" if fix.applicability is Applicability.SAFE else " (wants a look)"
    return {
        "description": {"text": fix.title + look},
        "artifactChanges": [
            {"artifactLocation": _artifact(path), "replacements": replacements}
            for path, replacements in sorted(changes.items())
        ],
    }
