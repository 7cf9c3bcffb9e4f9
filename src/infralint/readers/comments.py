"""Where the comments of a file are, for every kind that has comments, and which lines belong together.

These scanners know strings, here-documents and comments of a kind and nothing else; they never fail,
so that a comment is found also in a file that no parser reads.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import yaml

from infralint.kinds import Kind
from infralint.source import SourceText, Span

_LINE_COMMENT = r"[^\r\n]*"
_DOUBLE = r'"(?:\\.|[^"\\])*"'
_SINGLE = r"'(?:\\.|[^'\\])*'"
_HASH_AFTER_SPACE = rf"(?<![^\s;&|()])#{_LINE_COMMENT}"
_HEREDOC = r"<<[-~]?[ \t]*(?P<quote>['\"]?)(?P<mark>\w+)(?P=quote)(?P<rest>[^\r\n]*)(?:\r\n|\n|\r)(?:.*?(?:\r\n|\n|\r))??[ \t]*(?P=mark)(?=[\r\n]|$)"
_ONE_LINE_QUOTES = r"'[^'\r\n]*'|\"(?:\\.|[^\"\\\r\n])*\""


def _scanner(strings: str, comments: str) -> re.Pattern[str]:
    return re.compile(rf"(?P<string>{strings})|(?P<comment>{comments})", re.DOTALL | re.MULTILINE)


_SHELL = _scanner(rf"{_HEREDOC}|'[^']*'|{_DOUBLE}|\\.", _HASH_AFTER_SPACE)
_SQL = _scanner(
    r"""[eE]'(?:\\.|''|[^'\\])*'|'(?:''|[^'])*'|"(?:""|[^"])*"|\$(?P<tag>\w*)\$[^\r\n]*?\$(?P=tag)\$""",
    rf"--{_LINE_COMMENT}|/\*.*?\*/",
)
_SCANNERS = {
    Kind.PYTHON: _scanner(
        r'"""(?:\\.|[^\\])*?"""|' + r"'''(?:\\.|[^\\])*?'''|" + r'"(?:\\.|[^"\\\r\n])*"|' + r"'(?:\\.|[^'\\\r\n])*'",
        rf"#{_LINE_COMMENT}",
    ),
    Kind.SQL: _SQL,
    Kind.DOCKERFILE: _scanner(r"(?!)", rf"^[ \t]*(?=#)#{_LINE_COMMENT}"),
    Kind.SHELL: _SHELL,
    Kind.MAKEFILE: _scanner(rf"{_ONE_LINE_QUOTES}|\\.", rf"#{_LINE_COMMENT}"),
    Kind.POWERSHELL: _scanner(
        r"""@".*?^[ \t]*"@|@'.*?^[ \t]*'@|"(?:`.|""|[^"`])*"|'(?:''|[^'])*'|`.""", rf"<#.*?#>|{_HASH_AFTER_SPACE}"
    ),
    Kind.TERRAFORM: _scanner(rf"{_HEREDOC}|\"(?:\\.|[^\"\\\r\n])*\"", rf"#{_LINE_COMMENT}|//{_LINE_COMMENT}|/\*.*?\*/"),
    Kind.TOML: _scanner(rf'"""(?:\\.|[^\\])*?"""|' + r"'''.*?'''|" + r'"(?:\\.|[^"\\\r\n])*"|' + r"'[^'\r\n]*'", rf"#{_LINE_COMMENT}"),
    Kind.REQUIREMENTS: _scanner(r"(?!)", rf"(?<!\S)#{_LINE_COMMENT}"),
    Kind.DOTENV: _scanner(_ONE_LINE_QUOTES, rf"(?<!\S)#{_LINE_COMMENT}"),
    Kind.INI: _scanner(r"(?!)", rf"^[ \t]*[#;]{_LINE_COMMENT}"),
}  # fmt: skip
_YAML = _scanner(_ONE_LINE_QUOTES.replace("'[^'\\r\\n]*'", "(?<![^\\s\\[{,:-])'[^'\\r\\n]*'"), rf"(?<!\S)#{_LINE_COMMENT}")

# A trailing backslash (a backtick in PowerShell) joins the next line.
_CONTINUED = {
    Kind.SHELL: re.compile(r"\\[ \t]*$"),
    Kind.DOCKERFILE: re.compile(r"[\\`][ \t]*$"),
    Kind.MAKEFILE: re.compile(r"\\[ \t]*$"),
    Kind.POWERSHELL: re.compile(r"`[ \t]*$"),
}
_YAML_KINDS = frozenset({Kind.YAML, Kind.COMPOSE, Kind.WORKFLOW, Kind.CLOUDBUILD})
# The header of a block scalar, and the keys whose block is a script with comments of its own.
_BLOCK_SCALAR = re.compile(r"^([ \t]*)(?:- +)*(?:[^#'\"\s][^#]*?|[\"'][^\"']*[\"'])?(?::|-)[ \t]+(?:[&!]\S+[ \t]+)*[|>][-+\d]*[ \t]*(?:#.*)?$")
_SCRIPT = re.compile(r"(?:^|[\s\"'])(?:run|script|inlineScript|before_script|after_script|command|args|entrypoint)[\"']?:|^[ \t]*(?:- +)+[|>]")
_SQL_TEXT = re.compile(r"\b(?:select|insert|update|delete|create|alter|drop|with|merge|truncate|copy)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with its marks. `alone`: nothing but white space stands before it on its line."""

    span: Span
    alone: bool


@dataclass(frozen=True, slots=True)
class Comments:
    """All comments of a file, in order, and groups of lines (from 1, both ends included) that are one thing
    to the reader: a string, a command, a script."""

    comments: tuple[Comment, ...]
    groups: tuple[tuple[int, int], ...]


def comments_in(source: SourceText, kind: Kind) -> Comments:
    """The comments of a file of this kind."""
    if kind in _YAML_KINDS:
        return _in_yaml(source)
    matches = list(_SCANNERS[kind].finditer(source.text))
    spans = [Span(*match.span("comment")) for match in matches if match["comment"] is not None]
    groups: list[tuple[int, int]] = []
    if kind is Kind.PYTHON:
        strings = [Span(*match.span()) for match in matches if match["comment"] is None]
        groups = list(_string_groups(source, strings, spans))
        spans = sorted([*spans, *_sql_comments(source.text, strings)])
    elif kind in _CONTINUED:
        groups = list(_continued(source, _CONTINUED[kind]))
    return Comments(tuple(_comment(source, span) for span in spans), tuple(groups))


def _comment(source: SourceText, span: Span) -> Comment:
    start = source.line_starts[source.position(span.start).line - 1]
    return Comment(span, not source.text[start : span.start].strip())


def _string_groups(source: SourceText, strings: list[Span], comments: list[Span]) -> Iterator[tuple[int, int]]:
    """Lines of strings of several lines; literals with nothing but white space and comments between are one."""
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
    for comment in comments[bisect_left(comments, Span(start, start)) : bisect_right(comments, Span(end, end))]:
        if text[start : comment.start].strip(" \t\r\n\\rRbBuUfF"):
            return False
        start = comment.end
    return not text[start:end].strip(" \t\r\n\\rRbBuUfF")


def _sql_comments(text: str, strings: Iterable[Span]) -> Iterator[Span]:
    """Comments of the SQL inside of Python's triple-quoted strings."""
    for string in strings:
        body = text[string.start : string.end]
        if len(body) < 6 or body[:3] not in ('"""', "'''") or "infralint:" not in body or not _SQL_TEXT.search(body):
            continue
        for match in _SQL.finditer(text, string.start + 3, string.end - 3):
            if match["comment"] is not None:
                yield Span(*match.span("comment"))


def _continued(source: SourceText, mark: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Lines that a continuation joins; a comment line between them ends nothing (Dockerfile reference, Format)."""
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


def _in_yaml(source: SourceText) -> Comments:
    spans: list[Span] = []
    groups: list[tuple[int, int]] = []
    scalars = _scalars(source.text)
    blocks = list(_block_scalars(source))
    for match in _YAML.finditer(source.text):
        span = Span(*match.span("comment"))
        if match["comment"] is None or any(first < source.position(span.start).line <= last for first, last, _ in blocks):
            continue
        if not any(scalar.start < span.start < scalar.end for scalar in scalars):
            spans.append(span)
    for first, last, is_script in blocks:
        groups.append((first, last))
        if is_script:
            start = source.line_starts[first]
            end = source.line_starts[last] if last < source.line_count else len(source.text)
            spans += [Span(*m.span("comment")) for m in _SHELL.finditer(source.text, start, end) if m["comment"] is not None]
    return Comments(tuple(_comment(source, span) for span in sorted(spans)), tuple(groups))


def _scalars(text: str) -> list[Span]:
    """Flow scalars of several lines or with a quote, as the YAML scanner sees them as far as it comes."""
    found: list[Span] = []
    try:
        for token in yaml.scan(text, Loader=yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):
            if isinstance(token, yaml.ScalarToken) and token.style in ("'", '"'):
                found.append(Span(token.start_mark.index, token.end_mark.index))
    except (yaml.YAMLError, ValueError):
        return found
    return found


def _block_scalars(source: SourceText) -> Iterator[tuple[int, int, bool]]:
    """First and last line of every block scalar with its header, and whether it is a script."""
    number = 1
    while number <= source.line_count:
        line = source.line(number)
        header = _BLOCK_SCALAR.match(line)
        number += 1
        if header is None:
            continue
        first, indent = number - 1, len(header[1])
        while number <= source.line_count and _is_inside(source.line(number), indent):
            number += 1
        yield first, number - 1, bool(_SCRIPT.search(line))


def _is_inside(line: str, indent: int) -> bool:
    return not line.strip() or len(line) - len(line.lstrip(" ")) > indent
