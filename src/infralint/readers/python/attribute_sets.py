"""The names of attributes that a module sets on other things than `self`, by a search of its text: at most too many."""

from __future__ import annotations

import re

_ASSIGNED = re.compile(
    r"(?<!\bself)(?<!\bcls)\.(\w+)[ \t]*(?::(?!=)[^=\n]*)?(?:,[^=\n()]*)?(?:[-+*/|&^%@]|//|\*\*|<<|>>)?=(?!=)"
)
_SETATTR = re.compile(r"\bsetattr\(\s*(\w+)[^,()]*(?:\([^()]*\)[^,()]*)*,\s*(?:[\"'](\w+)[\"']\s*,)?")
_UPDATED = re.compile(r"\b(\w+)(?:\.\w+)*\.__dict__(?:\[(?:[\"'](\w+)[\"']\])?|\.update\()")
_VARIABLES = re.compile(r"\bvars\((\w+)[\w.]*\)(?:\[(?:[\"'](\w+)[\"']\])?|\.update\()")


def attributes_set(text: str) -> tuple[str, ...]:
    """The names, sorted; `?name` where those that are set on the thing of that name cannot be told."""
    found = {match[1] for match in _ASSIGNED.finditer(text)}
    for pattern in (_SETATTR, _UPDATED, _VARIABLES):
        found |= {match[2] or f"?{match[1]}" for match in pattern.finditer(text)}
    return tuple(sorted(found - {"?self", "?cls"}))
