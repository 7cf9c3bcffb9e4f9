"""Variables that texts other than Python take the values of: `$A`, `${A:-b}`, `$(A)`, and what they cannot do without.

POSIX.1-2017, Shell Command Language 2.6.2 (parameter expansion); Kubernetes, "Use environment variables to define
arguments" (`$(A)`); Compose, "Interpolation" (`$$A` is left to the container).
"""

from __future__ import annotations

import re

import msgspec

from infralint.facts.environment import EnvironmentFacts, EnvironmentRead
from infralint.facts.files import FileFacts
from infralint.facts.text import plain
from infralint.kinds import Kind

_NAME = r"([A-Za-z_]\w*)"
_SHELL = re.compile(rf"\$(?:\{{[#!]?|\()?{_NAME}")
# Compose puts its own variables in place of `$A` and `${A}`.
_IN_COMPOSE = re.compile(rf"\$\$\{{?{_NAME}")
_PATTERNS = {
    Kind.SHELL: _SHELL,
    Kind.DOCKERFILE: _SHELL,
    Kind.MAKEFILE: _SHELL,
    Kind.PROCFILE: _SHELL,
    Kind.YAML: _SHELL,
    Kind.COMPOSE: _IN_COMPOSE,
    Kind.INI: re.compile(rf"%\(ENV_{_NAME}\)s|\$\{{?{_NAME}"),
}
# `: "${A:?message}"` and `A=${A:?}` at the beginning of a line, so that every run comes there.
_REQUIRED = re.compile(rf"^(?::|export|[A-Za-z_]\w*=)[^\n#']*?\$\{{{_NAME}:?\?", re.MULTILINE)


def with_mentions(facts: FileFacts, text: str, kind: Kind) -> FileFacts:
    """The facts of a file with the variables that it mentions."""
    pattern = _PATTERNS.get(kind)
    if pattern is None or not ("$" in text or "%(" in text):
        return facts
    mentions = {next(filter(None, match.groups())) for match in pattern.finditer(text)}
    if not mentions:
        return facts
    known = facts.environment or EnvironmentFacts()
    reads = tuple(_required(text)) if kind is Kind.SHELL else ()
    found = msgspec.structs.replace(known, mentions=tuple(sorted(mentions)), reads=(*known.reads, *reads))
    return msgspec.structs.replace(facts, environment=found)


def _required(text: str) -> list[EnvironmentRead]:
    found = []
    for match in _REQUIRED.finditer(text):
        name = plain(match[1], match.start(1))
        assigned = re.search(rf"^\s*(?:export\s+)?{match[1]}=", text[: match.start()], re.MULTILINE)
        if assigned is None:
            found.append(EnvironmentRead(name, name.span, "shell", required=True))
    return found
