"""Env files: names and values as python-dotenv and Docker Compose read them.

python-dotenv 1.1; Compose, "Set environment variables within your container's environment: env file syntax" (2.30).
Line by line, so that a line that is no assignment costs no other.
"""

from __future__ import annotations

import re

from infralint.facts.deployments import DeploymentFacts, Variable, VariableSet
from infralint.facts.files import FileFacts
from infralint.facts.slices import sliced
from infralint.facts.text import Text, plain
from infralint.readers.pieces import TEMPLATE, Variables, filled, with_holes
from infralint.readers.workload_values import host_names
from infralint.source import Span

# The rest of a line behind a value in quotes: blanks, and a comment.
_REST = r"[ \t]*(?:\#[^\r\n]*)?(?=[\r\n]|\Z)"
_BINDING = re.compile(
    rf"""
    ^[ \t]*(?:export[ \t]+)?
    (?P<quote>['"]?)(?P<name>[A-Za-z_][\w.-]*)(?P=quote)
    (?:
        [ \t]*[=:][ \t]*
        (?:'(?P<single>[^']*)'{_REST} | "(?P<double>(?:[^"\\]|\\.)*)"{_REST} | (?P<plain>[^\r\n]*))
        | {_REST}
    )
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_INTERPOLATION = Variables("\\$", {}, defaults=True)


def read(text: str, dialect: str) -> FileFacts:
    """The variables of an env file."""
    variables = tuple(_variable(text, match) for match in _BINDING.finditer(text))
    found = VariableSet("env-file", None, Span(0, 0), variables)
    return FileFacts(deployments=DeploymentFacts(sets=(found,)))


def _variable(text: str, match: re.Match[str]) -> Variable:
    name = plain(match["name"], match.start("name"))
    group = next((group for group in ("single", "double", "plain") if match[group] is not None), None)
    if group is None:
        # A name alone takes the value that the variable has outside.
        return Variable(name, None, "host", name.span, host=(name.value,))
    value = plain(match[group], match.start(group))
    if group == "single":
        return Variable(name, value, "literal", name.span)
    if group == "plain":
        value = _uncommented(value)
    filled_in = filled(with_holes(value, TEMPLATE), _INTERPOLATION).text
    return Variable(name, filled_in, "literal", name.span, host=host_names(value))


def _uncommented(value: Text) -> Text:
    """An unquoted value ends before a comment, which a blank parts from it."""
    found = re.search(r"(?:^|\s)#", value.value)
    end = found.start() if found else len(value.value)
    return sliced(value, 0, len(value.value[:end].rstrip()))
