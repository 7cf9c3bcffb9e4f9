"""Values of deployment files: texts that may be empty, words of a command line, names of variables in a text."""

from __future__ import annotations

import re

from infralint.facts.slices import sliced
from infralint.facts.text import Text
from infralint.readers.pieces import TEMPLATE, Variables, filled, inner, with_holes
from infralint.readers.yaml_nodes import Node, Scalar, YamlFile
from infralint.readers.yaml_scalars import scalar_text

_HOST = re.compile(r"\$\$|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?!\w|:?\+))")
_BLANK = " \t\r\n"
# What a deploy step replaces: `${TAG}` by envsubst, `$(VAR)` by Kubernetes itself.
_PLACEHOLDER = re.compile(r"\$\([^)]*\)|@@?\w+@@?|%\w+%")
_ENVSUBST = Variables("$$", {})


def value_of(file: YamlFile, node: Node | None) -> Text | None:
    """The text of a scalar, an empty one too, without its quotes; None for null and what is no scalar."""
    if not isinstance(node, Scalar) or node.is_null:
        return None
    return inner(scalar_text(file.text, node.span, node.style, node.value))


def templated(text: Text) -> Text:
    """The text of a manifest with a hole for whatever a deploy step replaces."""
    return filled(replaced(text), _ENVSUBST).text


def replaced(text: Text) -> Text:
    """The same, with variables of a shell left as they are."""
    return with_holes(with_holes(text, TEMPLATE), _PLACEHOLDER)


def is_null(node: Node | None) -> bool:
    """Whether a key is there with nothing behind it."""
    return isinstance(node, Scalar) and node.is_null


def host_names(text: Text) -> tuple[str, ...]:
    """The variables whose values `$A` and `${A...}` of a text take: not `$$`, and not the A of `${A:+other}`."""
    if "$" not in text.value:
        return ()
    return tuple(dict.fromkeys(match[1] or match[2] for match in _HOST.finditer(text.value) if match[0] != "$$"))


def split_words(text: Text) -> tuple[Text, ...] | None:
    """The words of a command line that no shell runs: blanks part them, quotes and backslashes keep them together.

    None where a quote is not closed.
    """
    value, words = text.value, []
    at = 0
    while at < len(value):
        if value[at] in _BLANK:
            at += 1
            continue
        end, parts = _word(value, at)
        if end < 0:
            return None
        pieces = tuple(piece for start, stop in parts for piece in sliced(text, start, stop).pieces)
        words.append(Text(pieces, text.locate(at, end)))
        at = end
    return tuple(words)


def _word(value: str, at: int) -> tuple[int, list[tuple[int, int]]]:
    """Where a word ends, and the ranges of its own characters; -1 where a quote is not closed."""
    parts: list[tuple[int, int]] = []
    quote = ""
    while at < len(value) and (quote or value[at] not in _BLANK):
        character = value[at]
        if character == quote:
            quote = ""
        elif not quote and character in "'\"":
            quote = character
        elif character == "\\" and quote != "'" and at + 1 < len(value):
            at += 1
            parts.append((at, at + 1))
        elif parts and parts[-1][1] == at:
            parts[-1] = (parts[-1][0], at + 1)
        else:
            parts.append((at, at + 1))
        at += 1
    return (-1, []) if quote else (at, parts)
