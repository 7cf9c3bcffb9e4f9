"""Comments of YAML, and of the scripts in its block scalars."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from infralint.readers.comments import SHELL, continued_lines, scanner
from infralint.source import SourceText, Span

# An apostrophe opens a scalar only where one may begin: not in `don't`.
_YAML = scanner(r""" (?<![^\s\[{,:])'[^'\r\n]*' | (?<![^\s\[{,:])"(?:\\.|[^"\\\r\n])*" """, r"(?<!\S)\#[^\r\n]*")
# The header of a block scalar (YAML 1.2.2, 8.1.1): `key: |`, `- >-`, `? !!str |2 # comment`.
_BLOCK = re.compile(
    r"""
    ^(?P<indent>[ ]*)(?:-[ ]+)*
    (?:-|(?:[^\#'"\s\[{][^\#]*?|"[^"]*"|'[^']*'):)
    [ \t]+(?:[&!]\S*[ \t]+)*[|>][-+\d]*[ \t]*(?:\#.*)?$
    """,
    re.VERBOSE,
)
# Keys whose block is a script with comments of its own; and an item of a list of arguments (`sh -c |`).
_SCRIPT = re.compile(
    r"""
    (?:^|[\s"'-])(?:run|script|inlineScript|before_script|after_script|command|args|entrypoint)["']?:
    | ^[ ]*(?:-[ ]+)+[|>]
    """,
    re.VERBOSE,
)
_CONTINUED = re.compile(r"\\[ \t]*$")


@dataclass(frozen=True, slots=True)
class _Block:
    """A block scalar: the line of its header, its last line, and whether it is a script."""

    first: int
    last: int
    is_script: bool


def yaml_comments(source: SourceText) -> tuple[list[Span], list[tuple[int, int]]]:
    """Spans of all comments, in order, and the lines of block scalars and of continued commands in them."""
    blocks = list(_blocks(source))
    inside = {line for block in blocks for line in range(block.first + 1, block.last + 1)}
    scripts = [
        Span(*match.span("comment"))
        for block in blocks
        if block.is_script
        for match in SHELL.finditer(source.text, *_range(source, block))
        if match["comment"] is not None
    ]
    spans = [span for span in _outside_scalars(source.text) if source.position(span.start).line not in inside]
    groups = [(block.first, block.last) for block in blocks]
    groups += [group for group in continued_lines(source, _CONTINUED) if group[0] in inside]
    return sorted([*spans, *scripts]), groups


def _range(source: SourceText, block: _Block) -> tuple[int, int]:
    """The offsets of a block's text, below its header."""
    starts = [*source.line_starts, len(source.text)]
    return starts[block.first], starts[block.last]


def _outside_scalars(text: str) -> Iterator[Span]:
    scalars = _quoted_scalars(text)
    starts = [scalar.start for scalar in scalars]
    for match in _YAML.finditer(text):
        at = bisect_right(starts, match.start()) - 1
        if match["comment"] is not None and not (at >= 0 and match.start() < scalars[at].end):
            yield Span(*match.span("comment"))


def _quoted_scalars(text: str) -> list[Span]:
    """Quoted scalars, as far as the YAML scanner comes."""
    loader = yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader
    found: list[Span] = []
    try:
        for token in yaml.scan(text, Loader=loader):
            if isinstance(token, yaml.ScalarToken) and token.style in ("'", '"'):
                found.append(Span(token.start_mark.index, token.end_mark.index))
    except (yaml.YAMLError, ValueError):
        return found
    return found


def _blocks(source: SourceText) -> Iterator[_Block]:
    number = 1
    while number <= source.line_count:
        first, line = number, source.line(number)
        number += 1
        header = _BLOCK.match(line)
        if header is None:
            continue
        while number <= source.line_count and _is_inside(source.line(number), len(header["indent"])):
            number += 1
        yield _Block(first, number - 1, bool(_SCRIPT.search(line)))


def _is_inside(line: str, indent: int) -> bool:
    return not line.strip() or len(line) - len(line.lstrip(" ")) > indent
