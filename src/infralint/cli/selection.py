"""Rules named on the command line: by id, family or `ALL`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    _RuleNameType = click.ParamType[str]
    _SelectorsType = click.ParamType[tuple[str, ...]]
else:
    # Older versions of click have no parameters for the type.
    _RuleNameType = _SelectorsType = click.ParamType


class RuleName(_RuleNameType):
    """The id of one rule."""

    name = "rule"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Fails with the nearest rule, or with the family's rules where a family is named."""
        from infralint.rules import all_rules, rules_by_id
        from infralint.settings_nearest import suggestion

        if value in rules_by_id():
            return str(value)
        members = [rule.id for rule in all_rules() if rule.family == value]
        if members:
            self.fail(f"`{value}` is a family; its rules: {', '.join(members)}", param, ctx)
        return self.fail(f"unknown rule `{value}`{suggestion(value, rules_by_id())}", param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The rules that begin as typed so far, with their titles."""
        from infralint.rules import all_rules

        return [CompletionItem(rule.id, help=rule.page.title) for rule in all_rules() if rule.id.startswith(incomplete)]


class Selectors(_SelectorsType):
    """Rule ids, families and `ALL`, separated by commas."""

    name = "rules"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Fails with the nearest selector for one that does not exist."""
        from infralint.settings_schema import selector_hint
        from infralint.settings_table import selectors

        if isinstance(value, tuple):
            return value
        names = tuple(name.strip() for name in str(value).split(",") if name.strip())
        if not names:
            self.fail("names no rule", param, ctx)
        known = selectors()
        for name in names:
            if name not in known:
                self.fail(f"unknown rule or family `{name}`{selector_hint(name, known)}", param, ctx)
        return names

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The selectors that begin as typed after the last comma."""
        from infralint.settings_table import selectors

        before, comma, last = incomplete.rpartition(",")
        return [CompletionItem(f"{before}{comma}{name}") for name in sorted(selectors()) if name.startswith(last)]
