"""The names of attributes that a module sets on other things than `self`, by a search of its text: at most too many."""

from __future__ import annotations

import re

_ASSIGNED = re.compile(
    r"\.(?<!\bself\.)(?<!\bcls\.)(\w+)[ \t]*(?::(?!=)[^=\n]*)?(?:,[^=\n()]*)?(?:[-+*/|&^%@]|//|\*\*|<<|>>)?=(?!=)"
)
# What else sets attributes, by a word without which there is none: to look for a word costs next to nothing.
_OTHERS = {
    "setattr(": re.compile(r"(?<![\w.])setattr\(\s*(\w+)[^,()]*(?:\([^()]*\)[^,()]*)*,\s*(?:[\"'](\w+)[\"']\s*,)?"),
    "__dict__": re.compile(r"\b(\w+)(?:\.\w+)*\.__dict__(?:\[(?:[\"'](\w+)[\"']\])?|\.update\()"),
    "vars(": re.compile(r"\bvars\((\w+)[\w.]*\)(?:\[(?:[\"'](\w+)[\"']\])?|\.update\()"),
}


def attributes_set(text: str) -> tuple[str, ...]:
    """The names, sorted; `?name` where those that are set on the thing of that name cannot be told."""
    found = {match[1] for match in _ASSIGNED.finditer(text)}
    for word, pattern in _OTHERS.items():
        if word in text:
            found |= {match[2] or f"?{match[1]}" for match in pattern.finditer(text)}
    return tuple(sorted(found - {"?self"}))
