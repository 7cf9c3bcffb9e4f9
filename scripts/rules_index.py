"""Writes rules/README.md, the index of all rule pages. `make index` runs it; a test compares."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from infralint.rules import Rule, all_rules

INDEX = Path(__file__).parents[1] / "rules" / "README.md"
_HEAD = """\
# Rules

Each rule has a page: what goes wrong, an example that is reported, and one that is not.
`infralint explain RULE` prints it. A family's name selects all of its rules.

This index is made from the pages by `make index`.
"""


def render_index(rules: tuple[Rule, ...]) -> str:
    """The index as Markdown: one table for each family."""
    parts = [_HEAD]
    for family, members in groupby(rules, key=lambda rule: rule.family):
        rows = "".join(_row(rule) for rule in members)
        parts.append(f"\n## {family}\n\n| rule | reports | severity | fix |\n|---|---|---|---|\n{rows}")
    return "".join(parts)


def _row(rule: Rule) -> str:
    page = rule.page
    severity = page.severity.value if page.default else f"{page.severity.value}, off by default"
    fix = "" if page.fix == "none" else page.fix
    return f"| [{rule.id}]({rule.family}/{rule.name}.md) | {page.title} | {severity} | {fix} |\n"


if __name__ == "__main__":
    INDEX.write_text(render_index(all_rules()), encoding="utf-8")
