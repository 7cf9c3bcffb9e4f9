"""A rule's page as the small window has it that an editor shows beside the pointer: the reason and one example."""

from __future__ import annotations

import re
from collections.abc import Iterator

from infralint.lsp.documents import uri_of
from infralint.own_files import pages_folder
from infralint.pages import Page, Section
from infralint.rules import Rule

_FENCE = re.compile(r"(`{3,})([\w.+-]*)\s*")
_PATH = re.compile(r"`([^`]+)`")
# Lines that do not go on with the line before: items, rows of tables, quotes.
_BEGINS = re.compile(r"\s*(?:[-*+|>]|\d+[.)])(?:\s|$)|\s*\|")


def popup(rule: Rule, *, markdown: bool) -> str:
    """The title, the settings, the reason, and the first example with what repairs it."""
    page = rule.page
    example = _example(page)
    about = f"{page.severity.value}, {'on' if page.default else 'off'} by default, fix: {page.fix}, since {page.since}"
    parts = [
        f"**{page.title}**" if markdown else page.title,
        f"`{rule.id}`: {about}" if markdown else f"{rule.id}: {about}",
        "\n".join(_flowing(page.prose.split("\n"))),
        "\n".join(_shown(_lines_of(page, example), markdown=markdown)).strip("\n"),
    ]
    if markdown and len(example) < len(page.sections):
        parts.append(f"[All examples]({uri_of(pages_folder() / rule.family / f'{rule.name}.md')})")
    return "\n\n".join(part for part in parts if part)


def _example(page: Page) -> tuple[Section, ...]:
    """The sections up to the first that is good."""
    good = next((at for at, section in enumerate(page.sections) if section.kind == "Good"), 0)
    return page.sections[: good + 1]


def _lines_of(page: Page, sections: tuple[Section, ...]) -> Iterator[str]:
    if sections:
        lines = page.text.replace("\r\n", "\n").split("\n")
        after = page.sections[len(sections) :]
        yield from lines[sections[0].line - 1 : after[0].line - 1 if after else None]


def _flowing(lines: list[str]) -> Iterator[str]:
    """Prose with a line for each paragraph: the window has a width of its own, and breaks lines there."""
    held = ""
    fence = ""
    for line in lines:
        mark = _FENCE.fullmatch(line)
        goes_on = bool(held and line.strip()) and not (
            fence or mark or _BEGINS.match(line) or held.startswith(("|", "#", "    "))
        )
        if goes_on:
            held = f"{held} {line.strip()}"
            continue
        if held:
            yield held
        held = "" if fence or mark else line
        if fence or mark or not line:
            yield line
        if mark and (not fence or mark[1] == fence):
            fence = "" if fence else mark[1]
    if held:
        yield held


def _shown(lines: Iterator[str], *, markdown: bool) -> Iterator[str]:
    """An example: headings are words, fences have languages that editors know; indented where nothing is marked up."""
    blank = False
    for line in lines:
        if blank and not line:
            continue
        blank = line.startswith("## ") and markdown
        if mark := _FENCE.fullmatch(line):
            yield from _fenced(lines, mark[1], mark[2], markdown=markdown)
        elif line.startswith("## "):
            yield from (f"**{line[3:]}**", "") if markdown else (line[3:],)
        elif not markdown and (path := _PATH.fullmatch(line.strip())):
            yield f"{path[1]}:"
        else:
            yield line


def _fenced(lines: Iterator[str], marker: str, language: str, *, markdown: bool) -> Iterator[str]:
    body = []
    for line in lines:
        if line.rstrip() == marker:
            break
        body.append(line)
    if language == "output":
        yield from ("infralint prints:", "") if markdown else ("infralint prints:",)
        language = "text"
    if language == "deleted":
        yield "(deleted)"
    elif markdown:
        yield from (f"{marker}{language}", *body, marker)
    else:
        yield from (f"    {line}".rstrip() for line in body)
