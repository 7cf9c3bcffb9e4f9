"""Variables that texts other than Python take the values of: `$A`, `${A:-b}`, `$(A)`, and what they cannot do without.

POSIX.1-2017, Shell Command Language 2.6.2 (parameter expansion); Kubernetes, "Use environment variables to define
arguments" (`$(A)`); Compose, "Interpolation" (`$$A` is left to the container).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from infralint.facts.environment import EnvironmentFacts, EnvironmentRead, EnvironmentWrite
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
    Kind.DOTENV: _SHELL,
    Kind.YAML: _SHELL,
    Kind.COMPOSE: _IN_COMPOSE,
    Kind.INI: re.compile(rf"%\(ENV_{_NAME}\)s|\$\{{?{_NAME}"),
}
# A shell sets these for the programs that it starts, or for itself.
_ASSIGNED = re.compile(rf"(?:^|[\s;&|(]){_NAME}\+?=(?!=)", re.MULTILINE)
_STARTED = re.compile(r"^[ \t]*(?:CMD|ENTRYPOINT)[ \t]+(?!\[)((?:[^\n\\]|\\\r?\n|\\.)*)", re.MULTILINE | re.IGNORECASE)
# `: "${A:?message}"` and `A=${A:?}` at the beginning of a line, so that every run comes there.
_REQUIRED = re.compile(rf"^(?::|export|[A-Za-z_]\w*=)[^\n#']*?\$\{{{_NAME}:?\?", re.MULTILINE)


def with_mentions(facts: FileFacts, text: str, kind: Kind) -> FileFacts:
    """The facts of a file with the variables that it mentions."""
    pattern = _PATTERNS.get(kind)
    if pattern is None:
        return facts
    mentions = {next(filter(None, match.groups())) for match in pattern.finditer(text)} if _has_any(text) else set()
    reads = tuple(_required(text)) if kind is Kind.SHELL and mentions else ()
    found = EnvironmentFacts(reads, tuple(_assigned(text, kind)), mentions=tuple(sorted(mentions)))
    return facts if found == EnvironmentFacts() else msgspec.structs.replace(facts, environment=found)


def _has_any(text: str) -> bool:
    return "$" in text or "%(" in text


def _assigned(text: str, kind: Kind) -> Iterator[EnvironmentWrite]:
    """What a script, or the shell form of CMD and ENTRYPOINT, sets."""
    spans = [(0, len(text))] if kind is Kind.SHELL else []
    if kind is Kind.DOCKERFILE:
        spans = [match.span(1) for match in _STARTED.finditer(text)]
    names = {match[1]: match.start(1) for span in spans for match in _ASSIGNED.finditer(text, *span)}
    for name, start in names.items():
        yield EnvironmentWrite(plain(name, start), weak=True)


def _required(text: str) -> list[EnvironmentRead]:
    found = []
    for match in _REQUIRED.finditer(text):
        name = plain(match[1], match.start(1))
        assigned = re.search(rf"^\s*(?:export\s+)?{match[1]}=", text[: match.start()], re.MULTILINE)
        if assigned is None:
            found.append(EnvironmentRead(name, name.span, "shell", required=True))
    return found
