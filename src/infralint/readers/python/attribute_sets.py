"""The names of attributes that a module sets on other things than `self`, by a search of its text: at most too many."""

from __future__ import annotations

import re

_ASSIGNED = re.compile(
    # The first lookahead says nothing new: it ends most attempts at once.
    r"\.(?<!\bself\.)(?<!\bcls\.)(\w+)\b(?=[ \t:,=+\-*/|&^%@<>])[ \t]*"
    r"(?::(?!=)[^=\n]*)?(?:,[^=\n()]*)?(?:[-+*/|&^%@]|//|\*\*|<<|>>)?=(?!=)"
)
# What else sets attributes, by a word without which there is none: to look for a word costs next to nothing.
_OTHERS = {
    "setattr(": re.compile(
        r"setattr\((?<![\w.]setattr\()\s*(\w+)[^,()]*(?:\([^()]*\)[^,()]*)*,\s*(?:[\"'](\w+)[\"']\s*,)?"
    ),
    "__dict__": re.compile(r"\b(\w+)(?:\.\w+)*\.__dict__(?:\[(?:[\"'](\w+)[\"']\])?|\.update\()"),
    "vars(": re.compile(r"vars\((?<!\wvars\()(\w+)[\w.]*\)(?:\[(?:[\"'](\w+)[\"']\])?|\.update\()"),
}
WORDS = frozenset(_OTHERS)


def attributes_set(text: str, words: frozenset[str] = WORDS) -> tuple[str, ...]:
    """The names, sorted; `?name` where those that are set on the thing of that name cannot be told. `words`: those of
    WORDS that stand in the text, at least."""
    found = set(_ASSIGNED.findall(text))
    for word, pattern in _OTHERS.items():
        if word in words:
            found |= {match[2] or f"?{match[1]}" for match in pattern.finditer(text)}
    return tuple(sorted(found - {"?self"}))
