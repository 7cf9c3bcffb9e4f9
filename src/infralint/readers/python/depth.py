"""How deep a text nests: libcst's parser is native code, and one level too many ends the process."""

from __future__ import annotations

import re

# Measured with libcst 1.9 on a stack of 8 MB: brackets end the process between 800 and 1,600 levels. CPython
# itself refuses more than 200 (Parser/lexer, MAXLEVEL).
MAX_BRACKETS = 200
# Operators, attributes and calls in a row are a tree as deep as the row is long, and libcst takes quadratic
# time: 5 to 15 seconds for 1,600 of them.
MAX_CHAIN = 800
# Each `elif` is a level of the tree; between 6,400 and 12,800 of them end the process.
MAX_ELIFS = 3000

_OPENING = re.compile(r"[(\[{]")
_TOKEN = re.compile(
    r"""
    (?P<skip>\#[^\r\n]* | \\(?:\r\n|\n|\r)
        | \"{3}(?:\\.|[^\\])*?\"{3} | '{3}(?:\\.|[^\\])*?'{3}
        | "(?:\\.|[^"\\\r\n])*" | '(?:\\.|[^'\\\r\n])*')
    | (?P<open>[(\[{]) | (?P<close>[)\]}])
    | (?P<end>[\r\n;]) | (?P<comma>,)
    | (?P<operator>[-+*/%@&|^~<>!=.] | \b(?:and|await|else|if|in|is|lambda|not|or)\b)
    """,
    re.DOTALL | re.VERBOSE,
)


def is_too_deep(text: str) -> bool:
    """Whether a parser that recurses would go deeper into Python code than is safe.

    Asked before every parse, so the first question is a cheap one: shorter rows than these hold no chain.
    """
    if len(text) <= MAX_BRACKETS:
        return False
    if len(_OPENING.findall(text)) <= MAX_BRACKETS and len(text) < 2 * MAX_CHAIN:
        return False
    return text.count("elif") > MAX_ELIFS or _deepest(text)


def _deepest(text: str) -> bool:
    """Whether brackets, or a row of operators between two commas, pass their limits."""
    chains = [0]
    for match in _TOKEN.finditer(text):
        token = match.lastgroup
        if token == "open":
            chains[-1] += 1
            chains.append(0)
            if len(chains) > MAX_BRACKETS:
                return True
        elif token == "close":
            if len(chains) > 1:
                chains.pop()
        elif token == "comma" or (token == "end" and len(chains) == 1):
            chains[-1] = 0
        elif token == "operator":
            chains[-1] += 1
        if chains[-1] > MAX_CHAIN:
            return True
    return False
