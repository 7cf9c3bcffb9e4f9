"""Suppression comments, in every kind of file that has comments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from infralint.facts.suppressions import SuppressedRule, Suppression
from infralint.kinds import Kind
from infralint.readers.comments import Comment, Comments, comments_in
from infralint.source import SourceText, Span

# At the start of a comment, or after another comment's mark in it (`# type: ...  # infralint: ...`).
_DIRECTIVE = re.compile(r"(?:#+|--|//|/\*+|;|<#)[ \t]*(infralint:[ \t]*(ignore-file|ignore)(?![-\w])[ \t]*)")
_BRACKETS = re.compile(r"\[([^\]\r\n]*)\][ \t]*")
_NAME = re.compile(r"[^\s,]+")
_REASON_END = re.compile(r"\s+(?:#|--|//)\s|\s*(?:\*/|#>)|[\r\n]")
_DOCSTRING = re.compile(
    r"""[rRuU]?(?:\"{3}(?:\\.|[^\\])*?\"{3}|'{3}(?:\\.|[^\\])*?'{3}|"[^"\r\n]*"|'[^'\r\n]*')""", re.DOTALL
)
_YAML_START = re.compile(r"(?:%[^\r\n]*|---)[ \t]*$", re.MULTILINE)


def suppressions_in(text: str, kind: Kind) -> tuple[Suppression, ...]:
    """The suppressions of a file, in order."""
    source = SourceText(text)
    comments = comments_in(source, kind)
    return tuple(_Reader(source, kind, comments).read())


class _Reader:
    def __init__(self, source: SourceText, kind: Kind, comments: Comments) -> None:
        self.source = source
        self.kind = kind
        self.comments = comments.comments
        self.groups = comments.groups
        self.alone = {
            number
            for comment in self.comments
            if comment.alone
            for number in range(self._line(comment.span.start), self._line(comment.span.end) + 1)
        }

    def read(self) -> Iterator[Suppression]:
        for comment in self.comments:
            for match in _DIRECTIVE.finditer(self.source.text, comment.span.start, comment.span.end):
                yield self._suppression(comment, match)

    def _line(self, offset: int) -> int:
        return self.source.position(offset).line

    def _suppression(self, comment: Comment, match: re.Match[str]) -> Suppression:
        brackets = _BRACKETS.match(self.source.text, match.end(), comment.span.end)
        rules = _names(brackets) if brackets else ()
        reason_at = brackets.end() if brackets else match.end()
        ending = _REASON_END.search(self.source.text, reason_at, comment.span.end)
        reason = self.source.text[reason_at : ending.start() if ending else comment.span.end]
        end = reason_at + len(reason.rstrip())
        if not reason.strip():
            end = len(self.source.text[:reason_at].rstrip())
        span = Span(match.start(1), end)
        whole = match[2] == "ignore-file"
        return Suppression(
            span,
            rules,
            reason.strip().lstrip(":-–— ").strip(),
            () if whole else self._covered(comment),
            whole,
            whole and not self._is_top(comment),
        )

    def _covered(self, comment: Comment) -> tuple[tuple[int, int], ...]:
        """The comment's own line, or the next line of code below one that stands alone; whole groups that
        begin there, that end there, or that a bracket left open there begins with."""
        first, last = self._line(comment.span.start), self._line(comment.span.end)
        if comment.alone:
            last += 1
            while last in self.alone:
                last += 1
        ranges = [(first, last)]
        for start, end in self.groups:
            begins = start == last or (start == last + 1 and self._opens(comment, last))
            if begins or (not comment.alone and end == first):
                ranges.append((start, end))
        return tuple(ranges)

    def _opens(self, comment: Comment, line: int) -> bool:
        """Whether the code of a line ends with an open bracket, so that the string below is its argument."""
        if self.kind is not Kind.PYTHON:
            return False
        start = self.source.line_starts[line - 1]
        code = self.source.line(line) if comment.alone else self.source.text[start : comment.span.start]
        return code.rstrip().endswith(("(", "[", "{"))

    def _is_top(self, comment: Comment) -> bool:
        """Whether nothing but comments (and a module's docstring, YAML's `---`) stands before."""
        text = self.source.text
        rest, at = [], 0
        for before in self.comments:
            if before.span.start >= comment.span.start:
                break
            rest.append(text[at : before.span.start])
            at = before.span.end
        code = "".join([*rest, text[at : comment.span.start]]).strip()
        if self.kind is Kind.PYTHON:
            return not code or bool(_DOCSTRING.fullmatch(code))
        return not _YAML_START.sub("", code).strip()


def _names(brackets: re.Match[str]) -> tuple[SuppressedRule, ...]:
    start = brackets.start(1)
    return tuple(SuppressedRule(name[0], Span(*name.span()).shifted(start)) for name in _NAME.finditer(brackets[1]))
