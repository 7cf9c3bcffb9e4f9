"""The comment that silences a finding, put where the readers take it for one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

import tomli
import yaml

from infralint.findings import Finding
from infralint.kinds import Kind
from infralint.lsp.positions import BOM
from infralint.readers.comments import comments_in
from infralint.readers.suppressions import suppressions_in
from infralint.source import SourceText

_DASHES = frozenset({Kind.SQL})
_NO_COMMENTS = frozenset({Kind.PIPFILE_LOCK})
_YAML = frozenset({Kind.YAML, Kind.COMPOSE, Kind.WORKFLOW, Kind.CLOUDBUILD})
# Make hands an indented comment between commands on to the shell.
_NOT_INDENTED = frozenset({Kind.MAKEFILE, Kind.DOCKERIGNORE})
# Two texts are parsed to see that they mean the same, while somebody waits.
_LONGEST = 400_000


@dataclass(frozen=True, slots=True)
class Insertion:
    """A comment to put in front of a line (from 1): `before` and `after` stand around the reason."""

    offset: int
    before: str
    after: str

    def text(self, reason: str = "") -> str:
        """The comment with its reason."""
        return f"{self.before}{reason}{self.after}"


def insertion(text: str, kind: Kind, finding: Finding) -> Insertion | None:
    """Where a comment silences the finding and changes nothing else; None where there is no such place."""
    if kind in _NO_COMMENTS or len(text) > _LONGEST or finding.rule.startswith("suppression-"):
        return None
    # A byte order mark that the editor keeps stays in front of all else, and means nothing.
    mark = len(BOM) if text.startswith(BOM) else 0
    source = SourceText(text[mark:])
    if finding.line > source.line_count:
        return None
    served = (found for found in _candidates(source, kind, finding) if _serves(source, kind, finding, found))
    return next((replace(found, offset=found.offset + mark) for found in served), None)


def _candidates(source: SourceText, kind: Kind, finding: Finding) -> Iterator[Insertion]:
    mark = "--" if kind in _DASHES else "#"
    comment = f"{mark} infralint: ignore[{finding.rule}] "
    groups = [group for group in comments_in(source, kind).groups if group[0] <= finding.line <= group[1]]
    # A line that goes on takes no comment behind it, and the system reads a script's first line to its end.
    first_taken = 2 if source.text.startswith("#!") else 1
    for line in sorted({finding.line, *(first for first, _ in groups)}):
        if line >= first_taken:
            text = source.line(line)
            indent = "" if kind in _NOT_INDENTED else text[: len(text) - len(text.lstrip())]
            yield Insertion(source.line_starts[line - 1], f"{indent}{comment}", source.newline)
    for line in sorted({finding.line, *(last for _, last in groups)}):
        if line >= first_taken:
            yield Insertion(source.line_starts[line - 1] + len(source.line(line)), f"  {comment}", "")


def _serves(source: SourceText, kind: Kind, finding: Finding, found: Insertion) -> bool:
    """Whether the readers take the comment for one that covers the finding, and all else for what it was."""
    after = source.text[: found.offset] + found.text("reason") + source.text[found.offset :]
    moved = found.offset <= source.line_starts[finding.line - 1] and bool(found.after)
    covers = any(
        suppression.covers(finding.line + moved) and any(name.rule == finding.rule for name in suppression.rules)
        for suppression in suppressions_in(after, kind)
    )
    return covers and _is_whole(source, kind, found) and _means_the_same(kind, source.text, after)


def _is_whole(source: SourceText, kind: Kind, found: Insertion) -> bool:
    """Whether a comment on its own line stands in no line that goes on."""
    line = source.position(found.offset).line
    if not found.after or kind in (Kind.DOCKERFILE, Kind.PYTHON) or kind in _YAML:
        return True
    return not any(first < line <= last for first, last in comments_in(source, kind).groups)


def _means_the_same(kind: Kind, before: str, after: str) -> bool:
    try:
        if kind is Kind.PYTHON:
            return ast.dump(ast.parse(before)) == ast.dump(ast.parse(after))
        if kind is Kind.TOML:
            return bool(tomli.loads(before) == tomli.loads(after))
        if kind in _YAML:
            return _tokens(before) == _tokens(after)
    except (SyntaxError, ValueError, RecursionError, MemoryError, yaml.YAMLError):
        # What does not parse (a template, a text that somebody types) is not touched.
        return False
    return True


def _tokens(text: str) -> list[tuple[type, object]]:
    return [(type(token), getattr(token, "value", None)) for token in yaml.scan(text)]
