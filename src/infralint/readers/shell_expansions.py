"""The variables behind the holes of a shell text's commands."""

from __future__ import annotations

import re
from collections.abc import Iterable

from infralint.facts.commands import Command, Expansion
from infralint.facts.text import Text
from infralint.source import Span

_EXPANSION = re.compile(
    r"\$(?:(?P<plain>[A-Za-z_]\w*|[@*])|\{(?P<name>[A-Za-z_]\w*|[@*])(?:(?P<operator>:?[-+?=])(?P<operand>[^{}]*))?\})"
)
# What sets a variable in a shell text: an assignment, a loop, a builtin.
_SET = re.compile(
    r"(?<![\w$-])([A-Za-z_]\w*)\+?=|\bfor\s+([A-Za-z_]\w*)"
    r"|\b(?:read|unset|local|declare|getopts\s+\S+)\s+(?:-\w+\s+)*([\w \t]+)"
    r"|(?<![\w-])(set|shift)(?=\s+--|[ \t]*(?:\d+[ \t]*)?(?:$|[;&|]))",
    re.MULTILINE,
)


def expansions(text: str, script: Text, commands: Iterable[Command]) -> tuple[Expansion, ...]:
    """The variables behind the holes of a shell text's commands, without those that the text itself sets.

    `text` is that of the file.
    """
    found = variables_behind(
        text, (part for each in commands for part in (*(word.text for word in each.words), *each.outputs))
    )
    if not found:
        return ()
    own = {name for match in _SET.finditer(script.value) for group in match.groups() if group for name in group.split()}
    if own & {"set", "shift"}:
        # `set -- ...` and `shift` give the script other arguments.
        own |= {"@", "*"}
    return tuple(each for each in found if each.name not in own)


def variables_behind(text: str, parts: Iterable[Text]) -> tuple[Expansion, ...]:
    """The variables that stand in the file where parts of it have holes."""
    spans = dict.fromkeys(piece.span for part in parts for piece in part.pieces if piece.is_hole)
    return tuple(found for span in spans if (found := _expansion(text, span)) is not None)


def _expansion(text: str, span: Span) -> Expansion | None:
    match = _EXPANSION.fullmatch(text, span.start, span.end)
    if match is None:
        return None
    return Expansion(span, match["plain"] or match["name"], match["operator"] or "", match["operand"] or "")
