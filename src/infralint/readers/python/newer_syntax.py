"""Syntax that the running interpreter is too old for, in a form that it reads, with everything on the same lines and
columns: the tree is the one that a newer interpreter would give."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from infralint.readers.python.nodes import walk
from infralint.readers.python.outline import parse
from infralint.source import SourceText

# `except A, B:` (PEP 758, Python 3.14), with nothing but a comment behind it: what stands there would move.
_EXCEPT = re.compile(
    r"^([ \t]*except(?:[ \t]*\*)?)[ \t]*[ \t]([\w.]+(?:[ \t]*,[ \t]*[\w.]+)+,?)"
    r"(?=[ \t]*:[ \t]*(?:#[^\r\n]*)?(?:[\r\n]|\Z))",
    re.MULTILINE,
)


@lru_cache(maxsize=1)
def older(text: str) -> str | None:
    """The text with the types of `except A, B:` in parentheses; None where that is not what it needs."""
    source = SourceText(text)
    lines = {source.position(match.start()).line for match in _EXCEPT.finditer(text)}
    if not lines:
        return None
    code = _EXCEPT.sub(_with_parentheses, text)
    try:
        tree = parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    # What stands in a string must not be changed.
    handlers = {node.lineno for node in walk(tree) if isinstance(node, ast.ExceptHandler)}
    return code if lines <= handlers else None


def _with_parentheses(match: re.Match[str]) -> str:
    """The first parenthesis stands where a blank was, the second one where nothing follows."""
    kept = match.start(2) - match.start() - len(match[1]) - 1
    return f"{match[1]}{' ' * kept}({match[2]})"
