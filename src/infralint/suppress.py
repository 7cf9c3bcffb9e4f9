"""What suppression comments silence, and what is wrong with the comments themselves.

Silenced findings are marked with the comment's reason, not dropped: that is how an unused comment is known.
The rules about comments are judged here, after all others, and no comment silences them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from infralint.facts.files import FileFacts
from infralint.facts.suppressions import SuppressedRule, Suppression
from infralint.findings import Diagnostic, Finding
from infralint.rules import Rule, families, rules_by_id
from infralint.settings_nearest import nearest

_FAMILY = "suppression"

# A rule's name in the comment at an offset of a file: one that silenced something.
Used = frozenset[tuple[str, int]]


class SwitchedOff(Protocol):
    """The setting per-file-ignores."""

    def ignores(self, path: str, rule: Rule) -> bool: ...


def silence(
    findings: Iterable[Finding], files: Mapping[str, FileFacts]
) -> tuple[list[Finding], tuple[Finding, ...], Used]:
    """Findings that no comment covers, those that one does (marked), and the names that did it.

    `files`: the facts of all files that hold comments, by path.
    """
    kept: list[Finding] = []
    silenced: list[Finding] = []
    used: set[tuple[str, int]] = set()
    for finding in findings:
        covering = list(_covering(finding, files))
        used.update((finding.path, name.span.start) for _, name in covering)
        if covering:
            silenced.append(replace(finding, suppressed=covering[0][0].reason))
        else:
            kept.append(finding)
    return kept, tuple(silenced), frozenset(used)


def _covering(finding: Finding, files: Mapping[str, FileFacts]) -> Iterator[tuple[Suppression, SuppressedRule]]:
    facts = files.get(finding.path)
    for suppression in facts.suppressions if facts else ():
        for name in suppression.rules:
            if name.rule == finding.rule and suppression.covers(finding.line):
                yield suppression, name


@dataclass(frozen=True, slots=True)
class _Run:
    """What the judgement of comments needs to know of the run."""

    files: Mapping[str, FileFacts]
    used: Used
    ran: frozenset[str]
    switched_off: SwitchedOff


def judge_suppressions(
    files: Mapping[str, FileFacts], used: Used, rules: Iterable[Rule], failed: Iterable[str], switched_off: SwitchedOff
) -> list[tuple[Rule, Diagnostic]]:
    """The findings about comments, of those rules about comments that are among `rules`."""
    selected = {rule.id: rule for rule in rules}
    run = _Run(files, used, frozenset(selected) - frozenset(failed), switched_off)
    return [
        (selected[rule_id], diagnostic)
        for rule_id, judge in _JUDGES.items()
        if rule_id in selected
        for path, facts in files.items()
        for suppression in facts.suppressions
        for diagnostic in judge(run, path, suppression)
    ]


def _bare(run: _Run, path: str, suppression: Suppression) -> Iterator[Diagnostic]:
    if not suppression.rules:
        message = "this comment names no rule, so it silences nothing"
        help = "name the rules: `infralint: ignore[rule-id] reason`"
        yield Diagnostic(path, suppression.span, message, help=help)


def _missing_reason(run: _Run, path: str, suppression: Suppression) -> Iterator[Diagnostic]:
    if suppression.rules and not suppression.reason:
        message = "this comment does not say why the finding is silenced"
        yield Diagnostic(path, suppression.span, message, help="write the reason after the brackets")


def _unknown_rule(run: _Run, path: str, suppression: Suppression) -> Iterator[Diagnostic]:
    for name in suppression.rules:
        if name.rule == "ALL" or name.rule in families():
            message = f"`{name.rule}` is no single rule, so this silences nothing"
            yield Diagnostic(path, name.span, message, help="name the rules one by one")
        elif name.rule not in rules_by_id():
            near = nearest(name.rule, rules_by_id())
            message = f"there is no rule `{name.rule}`, so this silences nothing"
            yield Diagnostic(path, name.span, message, help=f"did you mean `{near}`?" if near else None)


def _unused(run: _Run, path: str, suppression: Suppression) -> Iterator[Diagnostic]:
    facts = run.files[path]
    for name in suppression.rules:
        rule = rules_by_id().get(name.rule)
        if rule is None or (path, name.span.start) in run.used:
            continue
        if rule.family == _FAMILY:
            message = f"no comment can silence `{name.rule}`"
            yield Diagnostic(path, name.span, message, help="the settings can: `ignore`, `per-file-ignores`")
        elif suppression.misplaced:
            message = "`ignore-file` stands below the top of the file, so it silences nothing"
            yield Diagnostic(path, name.span, message, help="move the comment above the first line of code")
        elif rule.id in run.ran and facts.problem is None and not run.switched_off.ignores(path, rule):
            message = f"`{name.rule}` finds nothing here that this comment could silence"
            yield Diagnostic(path, name.span, message, help="remove the rule from the comment")


_JUDGES: dict[str, Callable[[_Run, str, Suppression], Iterator[Diagnostic]]] = {
    "suppression-bare": _bare,
    "suppression-missing-reason": _missing_reason,
    "suppression-unknown-rule": _unknown_rule,
    "suppression-unused": _unused,
}
