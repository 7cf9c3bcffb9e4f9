"""Markdown as HTML: the pages of rules, and the backquotes in messages."""

from __future__ import annotations

import re
from functools import cache

from markdown_it import MarkdownIt

from infralint.reports.html.markup import Markup, element, join, text

_QUOTED = re.compile(r"`([^`\n]+)`")


def said(message: str) -> Markup:
    """A message, with what stands in backquotes as code."""
    parts = _QUOTED.split(message)
    return join([element("code", part) if at % 2 else text(part) for at, part in enumerate(parts)])


def markdown(written: str, *, below: int) -> Markup:
    """A page as HTML. Its first heading becomes one of level `below` + 1; markup in it is shown, not obeyed."""
    parser = _parser()
    tokens = parser.parse(written)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1:]) + below)}"
    rendered: str = parser.renderer.render(tokens, parser.options, {})
    return Markup(rendered)


@cache
def _parser() -> MarkdownIt:
    # Not "html": what looks like markup in a page is an example's.
    return MarkdownIt("commonmark", {"html": False}).enable("table")
