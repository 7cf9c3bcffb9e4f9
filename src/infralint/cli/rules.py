"""`infralint rules`: all rules with what their pages say of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from infralint.cli.console import emit

if TYPE_CHECKING:
    from infralint.rules import Rule

# Raised when a field goes or changes its meaning.
VERSION = 1


@click.command()
@click.option("--format", "output_format", type=click.Choice(("text", "json")), default="text", show_default=True)
def rules(output_format: str) -> None:
    """List all rules."""
    from infralint.rules import all_rules

    if output_format == "json":
        document = {"version": VERSION, "rules": [_object(rule) for rule in all_rules()]}
        emit(json.dumps(document, indent=2) + "\n")
    else:
        emit(_table([_row(rule) for rule in all_rules()]))


def _object(rule: Rule) -> dict[str, Any]:
    page = rule.page
    return {
        "id": rule.id,
        "family": rule.family,
        "title": page.title,
        "severity": page.severity.value,
        "default": page.default,
        "fix": page.fix,
        "since": page.since,
    }


def _row(rule: Rule) -> tuple[str, ...]:
    page = rule.page
    return (rule.id, page.severity.value, "on" if page.default else "off", page.fix, page.title)


def _table(rows: list[tuple[str, ...]]) -> str:
    rows = [("rule", "severity", "default", "fix", "title"), *rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "".join(f"{line}\n" for line in lines)
