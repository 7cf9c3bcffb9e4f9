"""Findings as elements of the page, and their groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from infralint.findings import Finding, Fix, Related, Severity
from infralint.reports.html.frames import diffs, frame
from infralint.reports.html.marks import Marked
from infralint.reports.html.markup import Markup, count, element, join
from infralint.reports.html.owners import Owners
from infralint.reports.html.prose import said
from infralint.reports.rule_texts import RuleText
from infralint.reports.sources import ReadLine

# More places of one finding than this are counted, not shown.
_MOST_RELATED = 8


@dataclass(frozen=True, slots=True)
class Entries:
    """Makes the elements of findings."""

    read_line: ReadLine
    rules: Mapping[str, RuleText]
    owners: Owners

    def by_family(self, marked: Iterable[Marked]) -> Markup:
        """All findings, by family and rule; errors stand first among equals."""
        families: dict[str, dict[str, list[Marked]]] = {}
        for each in marked:
            rule = each.finding.rule
            families.setdefault(self.family(rule), {}).setdefault(rule, []).append(each)
        return join(self._family(family, families[family]) for family in sorted(families))

    def family(self, rule: str) -> str:
        """The family of a rule."""
        known = self.rules.get(rule)
        return known.family if known else rule.partition("-")[0]

    def _family(self, family: str, rules: Mapping[str, list[Marked]]) -> Markup:
        total = sum(map(len, rules.values()))
        heading = element("h3", family, " ", element("span", count(total, "finding"), class_="tally"))
        return element("section", heading, *(self._rule(rule, rules[rule]) for rule in sorted(rules)), class_="group")

    def _rule(self, rule: str, marked: list[Marked]) -> Markup:
        known = self.rules.get(rule)
        heading = element(
            "h4",
            element("a", rule, href=f"#rule-{rule}", class_="rule") if known else rule,
            element("span", str(len(marked)), class_="tally"),
            element("span", said(known.title), class_="title") if known else None,
            id=f"group-{rule}",
        )
        return element("section", heading, *(self.entry(each) for each in marked), class_="by-rule")

    def entry(self, marked: Marked) -> Markup:
        """One finding with its source, its other places, its help and its fixes."""
        finding = marked.finding
        owners = self.owners.of(marked)
        return element(
            "article",
            element("h5", _severity(finding.severity), " ", element("span", said(finding.message), class_="message")),
            element("p", *self._where(marked, owners), class_="where"),
            frame(finding, self.read_line, context=1),
            *self._related(finding.related),
            element("p", element("b", "help"), " ", said(finding.help), class_="help") if finding.help else None,
            *(self._fix(fix) for fix in finding.fixes),
            id=marked.anchor,
            class_=f"finding {finding.severity.value}",
            tabindex="-1",
            data_rule=finding.rule,
            data_family=self.family(finding.rule),
            data_severity=finding.severity.value,
            data_path=finding.path,
            data_services=" ".join(map(str, owners)) or None,
        )

    def _where(self, marked: Marked, owners: tuple[int, ...]) -> Iterator[Markup]:
        finding = marked.finding
        place = f"{finding.path}:{finding.line}:{finding.column}"
        yield element("a", place, href=f"#{marked.anchor}", class_="place", title="link to this finding")
        if finding.rule in self.rules:
            yield element("a", finding.rule, href=f"#rule-{finding.rule}", class_="rule")
        if owners:
            shown = [self.owners.names[owner] for owner in owners]
            yield element("span", _few(shown), class_="owners", title=", ".join(shown))
        if finding.suppressed is not None:
            yield element("span", "silenced: ", finding.suppressed or "no reason given", class_="owners")

    def _related(self, related: tuple[Related, ...]) -> Iterator[Markup]:
        for place in related[:_MOST_RELATED]:
            where = element("span", f"{place.path}:{place.line}:{place.column}", class_="place")
            line = element("p", where, " ", said(place.message))
            yield element("div", line, frame(place, self.read_line), class_="related")
        if len(related) > _MOST_RELATED:
            yield element("p", f"and {count(len(related) - _MOST_RELATED, 'more place')}", class_="related")

    def _fix(self, fix: Fix) -> Markup:
        summary = element(
            "summary", element("b", "fix"), " ", said(fix.title), element("span", fix.applicability.value, class_="tag")
        )
        changes = (
            part
            for place, diff in diffs(fix, self.read_line)
            for part in (element("p", element("span", place, class_="place")), diff)
        )
        return element("details", summary, *changes, class_="fix")


def _severity(severity: Severity) -> Markup:
    return element("span", severity.value, class_=f"severity {severity.value}")


def _few(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 2 else f"{names[0]} and {len(names) - 1} more services"


def silenced(entries: Entries, marked: Iterable[Marked]) -> Markup:
    """Findings that comments silence, folded."""
    return join(entries.entry(each) for each in marked)


def counts_of(findings: Iterable[Finding]) -> dict[Severity, int]:
    """How many findings there are of each severity."""
    found = dict.fromkeys(Severity, 0)
    for finding in findings:
        found[finding.severity] += 1
    return found
