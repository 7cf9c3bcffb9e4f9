"""What reports say of rules: the titles and reasons of their pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from infralint.findings import Finding, Severity
from infralint.rules import rules_by_id


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule as a report describes it. `explanation` is Markdown."""

    id: str
    family: str
    title: str
    explanation: str
    severity: Severity
    confidence: str


def rule_texts(findings: Iterable[Finding]) -> list[RuleText]:
    """The rules of these findings, sorted by id."""
    known = rules_by_id()
    return [
        RuleText(rule.id, rule.family, page.title, page.explanation, page.severity, page.confidence)
        for name in sorted({finding.rule for finding in findings})
        if (rule := known.get(name)) is not None
        for page in (rule.page,)
    ]
