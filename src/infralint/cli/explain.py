"""`infralint explain RULE`: the rule's page, for a terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from infralint.cli.console import emit, wants_colour
from infralint.cli.selection import RuleName

if TYPE_CHECKING:
    from infralint.rules import Rule

_FENCE = re.compile(r"^(`{3,})([\w.+-]*)\s*$")
_PATH_LINE = re.compile(r"^`([^`]+)`$")
_BOLD = "\x1b[1m{}\x1b[0m"


@click.command()
@click.argument("rule", type=RuleName())
def explain(rule: str) -> None:
    """Tell what a rule reports, why, and what mends it."""
    from infralint.rules import rules_by_id

    emit("".join(f"{line}\n" for line in _lines(rules_by_id()[rule], wants_colour(sys.stdout))))


def _lines(rule: Rule, colour: bool) -> Iterator[str]:
    """The page with its settings block as one line, headings without marks, and examples indented."""
    page = rule.page
    yield _heading(f"{rule.id}: {page.title}", colour)
    default = "on" if page.default else "off"
    yield f"{page.severity.value}, {default} by default, fix: {page.fix}, since {page.since}"
    yield ""
    yield from _body(page.text, colour)


def _body(text: str, colour: bool) -> Iterator[str]:
    lines = iter(text.strip().splitlines())
    settings_seen = title_seen = False
    blank = True
    for line in lines:
        fence = _FENCE.match(line)
        if fence and fence[2] == "toml" and not settings_seen:
            settings_seen = True
            list(_until(lines, fence[1]))
        elif line.startswith("# ") and not title_seen:
            title_seen = True
        elif line.strip() or not blank:
            shown = list(_fenced(lines, fence)) if fence else [_plain(line, colour)]
            yield from shown
            blank = not shown[-1].strip() if shown else blank


def _plain(line: str, colour: bool) -> str:
    if line.startswith("## "):
        return _heading(line[3:], colour)
    path = _PATH_LINE.match(line.strip())
    return f"{path[1]}:" if path else line


def _fenced(lines: Iterator[str], fence: re.Match[str]) -> Iterator[str]:
    """A fence's content, indented; what kind of fence it is where that says more than the content."""
    if fence[2] == "output":
        yield "infralint prints:"
    elif fence[2] == "deleted":
        yield "    (deleted)"
    yield from (f"    {line}".rstrip() for line in _until(lines, fence[1]))


def _until(lines: Iterator[str], marker: str) -> Iterator[str]:
    for line in lines:
        if line.rstrip() == marker:
            return
        yield line


def _heading(text: str, colour: bool) -> str:
    return _BOLD.format(text) if colour else text
