"""Which rules run, and in which files: what selectors (rule ids, families, `ALL`) and patterns mean."""

from __future__ import annotations

from collections.abc import Iterable

from infralint.findings import Finding
from infralint.patterns import spec_of
from infralint.rules import Rule, rules_by_id
from infralint.settings import Settings


def is_selected(rule: Rule, settings: Settings) -> bool:
    """Whether a rule runs: the most exact selector decides (id, family, `ALL`); where two tie, `ignore`."""
    wanted = _exactness(rule, settings.extend_select)
    wanted = max(wanted, _exactness(rule, settings.select)) if settings.select is not None else wanted
    ignored = _exactness(rule, settings.ignore)
    if settings.select is None and rule.default and not wanted:
        return not ignored
    return wanted > ignored


def _exactness(rule: Rule, selectors: Iterable[str]) -> int:
    """3 for the rule's id, 2 for its family, 1 for `ALL`, 0 for none of them."""
    values = {rule.id: 3, rule.family: 2, "ALL": 1}
    return max((values.get(selector, 0) for selector in selectors), default=0)


class PerFileIgnores:
    """The setting per-file-ignores: gitignore-style patterns with the rules that are silent there."""

    def __init__(self, settings: Settings) -> None:
        self._table = [(spec_of([pattern]), frozenset(names)) for pattern, names in settings.per_file_ignores]

    def ignores(self, path: str, rule: Rule) -> bool:
        """Whether a rule is switched off for a file."""
        names = {rule.id, rule.family, "ALL"}
        return any(names & selectors and spec.match_file(path) for spec, selectors in self._table)

    def filter(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings of rules that are on in their files."""
        if not self._table:
            return list(findings)
        rules = rules_by_id()
        return [finding for finding in findings if not self.ignores(finding.path, rules[finding.rule])]
