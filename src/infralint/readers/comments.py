"""Where the comments of a file are, for every kind that has comments, and which lines belong together.

These scanners know strings, here-documents and comments of a kind and nothing else; they never fail,
so that a comment is found also in a file that no parser reads.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from infralint.kinds import Kind
from infralint.source import SourceText, Span

_TO_LINE_END = r"[^\r\n]*"
_HASH = rf"\#{_TO_LINE_END}"
# A hash inside of a word is none: `${#list}`, `package#egg=name`.
_HASH_AFTER_SPACE = rf"(?<![^\s;&|()])\#{_TO_LINE_END}"
_HASH_ALONE = rf"^[ \t]*[#]{_TO_LINE_END}"
_BLOCK = r"/\*.*?\*/"

_DOUBLE = r'"(?:\\.|[^"\\])*"'
_ONE_LINE = r""" '[^'\r\n]*' | "(?:\\.|[^"\\\r\n])*" """
_TRIPLE = r""" \"{3}(?:\\.|[^\\])*?\"{3} | '{3}(?:\\.|[^\\])*?'{3} """
_HEREDOC = r"""
    <<[-~]?[ \t]*(?P<quote>['"]?)(?P<mark>\w+)(?P=quote)[^\r\n]*(?:\r\n|\n|\r)
    (?:.*?(?:\r\n|\n|\r))??[ \t]*(?P=mark)(?=[\r\n]|$)
"""
_SQL_STRINGS = r"""
    [eE]'(?:\\.|''|[^'\\])*' | '(?:''|[^'])*' | "(?:""|[^"])*"
    | \$(?P<tag>\w*)\$[^\r\n]*?\$(?P=tag)\$
"""
_POWERSHELL_STRINGS = r"""
    @".*?^[ \t]*"@ | @'.*?^[ \t]*'@ | "(?:`.|""|[^"`])*" | '(?:''|[^'])*' | `.
"""
_NO_STRINGS = "(?!)"


def scanner(strings: str, comments: str) -> re.Pattern[str]:
    """A pattern that finds strings (and passes over what is in them) and comments, in the group `comment`."""
    flags = re.DOTALL | re.MULTILINE | re.VERBOSE
    return re.compile(rf"(?P<string>{strings})|(?P<comment>{comments})", flags)


SHELL = scanner(rf"{_HEREDOC} | '[^']*' | {_DOUBLE} | \\.", _HASH_AFTER_SPACE)
_SQL = scanner(_SQL_STRINGS, rf"--{_TO_LINE_END} | {_BLOCK}")
_SCANNERS = {
    Kind.PYTHON: scanner(rf"{_TRIPLE} | '(?:\\.|[^'\\\r\n])*' | \"(?:\\.|[^\"\\\r\n])*\"", _HASH),
    Kind.SQL: _SQL,
    Kind.DOCKERFILE: scanner(_NO_STRINGS, _HASH_ALONE),
    Kind.DOCKERIGNORE: scanner(_NO_STRINGS, rf"^\#{_TO_LINE_END}"),
    Kind.SHELL: SHELL,
    Kind.MAKEFILE: scanner(rf"{_ONE_LINE} | \\.", _HASH),
    Kind.POWERSHELL: scanner(_POWERSHELL_STRINGS, rf"<\#.*?\#> | {_HASH_AFTER_SPACE}"),
    Kind.TERRAFORM: scanner(rf"{_HEREDOC} | {_ONE_LINE}", rf"{_HASH} | //{_TO_LINE_END} | {_BLOCK}"),
    Kind.TOML: scanner(rf"{_TRIPLE} | {_ONE_LINE}", _HASH),
    Kind.REQUIREMENTS: scanner(_NO_STRINGS, rf"(?<!\S){_HASH}"),
    # JSON has no comments.
    Kind.PIPFILE_LOCK: scanner(_NO_STRINGS, "(?!)"),
    Kind.DOTENV: scanner(_ONE_LINE, rf"(?<!\S){_HASH}"),
    Kind.PROCFILE: scanner(_NO_STRINGS, rf"^[ \t]*\#{_TO_LINE_END}"),
    Kind.INI: scanner(_NO_STRINGS, rf"^[ \t]*[#;]{_TO_LINE_END}"),
}

# What at a line's end joins the next line to it.
_CONTINUED = {
    Kind.SHELL: re.compile(r"\\[ \t]*$"),
    Kind.DOCKERFILE: re.compile(r"[\\`][ \t]*$"),
    Kind.MAKEFILE: re.compile(r"\\[ \t]*$"),
    Kind.REQUIREMENTS: re.compile(r"\\$"),
    Kind.POWERSHELL: re.compile(r"`[ \t]*$"),
}
_YAML_KINDS = frozenset({Kind.YAML, Kind.COMPOSE, Kind.WORKFLOW, Kind.CLOUDBUILD})
_SQL_TEXT = re.compile(r"\b(?:select|insert|update|delete|create|alter|drop|with|merge|truncate|copy)\b", re.IGNORECASE)
# What may stand between two literals that Python joins: white space, a prefix, a continued line.
_BETWEEN_LITERALS = " \t\r\n\\rRbBuUfF"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with its marks. `alone`: nothing but white space stands before it on its line."""

    span: Span
    alone: bool


@dataclass(frozen=True, slots=True)
class Comments:
    """All comments of a file, in order, and groups of lines (from 1, both ends included) that are one
    thing to the reader: a string, a command, a script."""

    comments: tuple[Comment, ...]
    groups: tuple[tuple[int, int], ...]


def comments_in(source: SourceText, kind: Kind) -> Comments:
    """The comments of a file of this kind."""
    if kind in _YAML_KINDS:
        from infralint.readers.comments_yaml import yaml_comments

        spans, groups = yaml_comments(source)
    elif kind is Kind.PYTHON:
        spans, groups = _python_comments(source)
    else:
        matches = _SCANNERS[kind].finditer(source.text)
        spans = [Span(*match.span("comment")) for match in matches if match["comment"] is not None]
        groups = list(continued_lines(source, _CONTINUED[kind])) if kind in _CONTINUED else []
    return Comments(tuple(_comment(source, span) for span in spans), tuple(groups))


def _comment(source: SourceText, span: Span) -> Comment:
    start = source.line_starts[source.position(span.start).line - 1]
    return Comment(span, not source.text[start : span.start].strip())


def _python_comments(source: SourceText) -> tuple[list[Span], list[tuple[int, int]]]:
    comments: list[Span] = []
    strings: list[Span] = []
    for match in _SCANNERS[Kind.PYTHON].finditer(source.text):
        (strings if match["comment"] is None else comments).append(Span(*match.span()))
    groups = list(_string_groups(source, strings, comments))
    return sorted([*comments, *_sql_comments(source.text, strings)]), groups


def _string_groups(source: SourceText, strings: list[Span], comments: list[Span]) -> Iterator[tuple[int, int]]:
    """Lines of strings of several lines; literals with white space and comments between them are one."""
    first: Span | None = None
    last = Span(0, 0)
    for string in strings:
        if first is not None and _is_gap(source.text, last.end, string.start, comments):
            last = string
            continue
        if first is not None:
            yield from _lines(source, first.start, last.end)
        first = last = string
    if first is not None:
        yield from _lines(source, first.start, last.end)


def _lines(source: SourceText, start: int, end: int) -> Iterator[tuple[int, int]]:
    first, last = source.position(start).line, source.position(end).line
    if last > first:
        yield first, last


def _is_gap(text: str, start: int, end: int, comments: list[Span]) -> bool:
    between = slice(bisect_left(comments, Span(start, start)), bisect_right(comments, Span(end, end)))
    for comment in comments[between]:
        if text[start : comment.start].strip(_BETWEEN_LITERALS):
            return False
        start = comment.end
    return not text[start:end].strip(_BETWEEN_LITERALS)


def _sql_comments(text: str, strings: Iterable[Span]) -> Iterator[Span]:
    """Comments of the SQL inside of Python's triple-quoted strings."""
    for string in strings:
        body = text[string.start : string.end]
        if not body.startswith(('"""', "'''")) or "infralint:" not in body or not _SQL_TEXT.search(body):
            continue
        for match in _SQL.finditer(text, string.start + 3, string.end - 3):
            if match["comment"] is not None:
                yield Span(*match.span("comment"))


def continued_lines(source: SourceText, mark: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Lines that a continuation joins; a comment line between them ends nothing.

    (Dockerfile reference, "Format": comment lines are removed before the instructions are executed.)
    """
    first = 0
    for number in range(1, source.line_count + 1):
        line = source.line(number)
        comment = line.lstrip().startswith("#")
        goes_on = bool(mark.search(line)) and not comment
        if first and not goes_on and not comment:
            yield first, number
            first = 0
        elif not first and goes_on:
            first = number
