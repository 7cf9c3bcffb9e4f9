"""A Dockerfile's instructions: continuations, comments, heredocs and the escape directive.

Docker's Dockerfile reference ("Format", "Parser directives", "Here-Documents"; Docker 28) tells the grammar.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from infralint.facts.slices import sliced
from infralint.facts.text import Piece, Text
from infralint.source import LINE_END, Span

_DIRECTIVE = re.compile(r"#[ \t]*(\w+)[ \t]*=[ \t]*(.+?)[ \t]*")
_INSTRUCTION = re.compile(r"[ \t]*([A-Za-z]+)(?=\s|$)[ \t]*")
_HEREDOC = re.compile(r"""(?<![<\w$(])\d*<<(-?)(["']?)([A-Za-z_][\w.-]*)\2(?=[\s;|&)>]|$)""")
_WITH_HEREDOCS = frozenset({"RUN", "COPY", "ADD"})


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its keyword in capitals, the text after it, and the bodies of its heredocs.

    `script` is the text after the keyword together with its heredocs, as the shell sees it. `span`: from the keyword
    to the end of its last line, without heredocs. `deferred`: it stands behind ONBUILD.
    """

    keyword: str
    rest: Text
    heredocs: tuple[Text, ...]
    script: Text
    span: Span
    deferred: bool = False


@dataclass(frozen=True, slots=True)
class DockerLines:
    """All instructions of a Dockerfile in order, and what its directives set: "" for no `frontend`."""

    instructions: tuple[Instruction, ...]
    escape: str
    frontend: str


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    body: str
    end: int


def docker_lines(text: str) -> DockerLines:
    """The instructions of a Dockerfile. Lines that begin with no word are left out."""
    scanner = _Scanner(text)
    return DockerLines(tuple(scanner.run()), scanner.escape, scanner.frontend)


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = _lines(text)
        self.at = 0
        # Delimiters that no further line ends: looked for once, not once for each heredoc.
        self.endless: set[tuple[str, bool]] = set()
        self.escape, self.frontend = "\\", ""
        self._directives()
        escape = re.escape(self.escape)
        # An escaped escape character at the end of a line continues nothing.
        self.continues = re.compile(rf"(?:^|(?<!{escape})){escape}[ \t]*$")

    def _directives(self) -> None:
        """Directives are the comments before anything else."""
        while self.at < len(self.lines):
            match = _DIRECTIVE.fullmatch(self.lines[self.at].body)
            if match is None:
                break
            if match[1].lower() == "escape" and match[2] in ("\\", "`"):
                self.escape = match[2]
            elif match[1].lower() == "syntax":
                self.frontend = match[2]
            self.at += 1

    def run(self) -> list[Instruction]:
        found = []
        while self.at < len(self.lines):
            if _is_comment(self.lines[self.at].body):
                self.at += 1
                continue
            logical = self._logical_line()
            match = _INSTRUCTION.match(logical.value)
            if match is not None:
                found.append(self._instruction(logical, match))
        return found

    def _instruction(self, logical: Text, match: re.Match[str]) -> Instruction:
        keyword = match[1].upper()
        rest = sliced(logical, match.end(), len(logical.value))
        span = logical.locate(match.start(1), max(match.end(1), len(logical.value.rstrip())))
        deferred = False
        if keyword == "ONBUILD" and (inner := _INSTRUCTION.match(rest.value)):
            keyword, deferred = inner[1].upper(), True
            rest = sliced(rest, inner.end(), len(rest.value))
        heredocs, script = self._heredocs(rest) if keyword in _WITH_HEREDOCS else ((), rest)
        return Instruction(keyword, rest, heredocs, script, span, deferred)

    def _logical_line(self) -> Text:
        """The lines up to the first that is not continued, joined; comments between them left out."""
        pieces: list[Piece] = []
        start = end = self.lines[self.at].start
        first = True
        while self.at < len(self.lines):
            line = self.lines[self.at]
            self.at += 1
            if not first and _is_comment(line.body):
                continue
            first = False
            continued = self.continues.search(line.body)
            body = line.body[: continued.start()] if continued else line.body
            end = line.start + len(body)
            if body:
                pieces.append(Piece(body, Span(line.start, end)))
            if not continued:
                break
        return Text(tuple(pieces), Span(start, end))

    def _heredocs(self, rest: Text) -> tuple[tuple[Text, ...], Text]:
        """The bodies that follow, and the script with them; nothing is taken where one has no end."""
        before = self.at
        bodies = []
        for match in _HEREDOC.finditer(rest.value):
            body = self._body(match[3], strips=bool(match[1]))
            if body is None:
                self.at = before
                return (), rest
            bodies.append(body)
        if not bodies:
            return (), rest
        end = self.lines[self.at - 1].end
        start = self.lines[before].start
        tail = Piece(self.text[start:end], Span(start, end))
        feed = Piece("\n", Span(rest.span.end, start))
        return tuple(bodies), Text((*rest.pieces, feed, tail), Span(rest.span.start, end))

    def _body(self, delimiter: str, *, strips: bool) -> Text | None:
        if (delimiter, strips) in self.endless:
            return None
        start = self.at
        for index in range(start, len(self.lines)):
            line = self.lines[index].body
            if (line.lstrip("\t") if strips else line) == delimiter:
                self.at = index + 1
                return self._between(self.lines[start].start, self.lines[index].start)
        self.endless.add((delimiter, strips))
        return None

    def _between(self, start: int, end: int) -> Text:
        span = Span(start, end)
        return Text((Piece(self.text[start:end], span),) if end > start else (), span)


def _is_comment(line: str) -> bool:
    """Whether a line is a comment or blank: both fall away, also inside of a continued instruction."""
    stripped = line.strip()
    return not stripped or stripped.startswith("#")


def _lines(text: str) -> list[_Line]:
    lines = []
    at = 0
    for match in LINE_END.finditer(text):
        lines.append(_Line(at, text[at : match.start()], match.end()))
        at = match.end()
    if at < len(text):
        lines.append(_Line(at, text[at:], len(text)))
    return lines
