"""PowerShell scripts: calls of gcloud, as far as their words are certain.

PowerShell has no grammar here. Only a call that stands at the beginning of a statement is taken, and every
expression in it is a hole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from infralint.facts.commands import Command, Word
from infralint.facts.files import FileFacts
from infralint.facts.text import HOLE, Piece, Text
from infralint.source import Span

# about_Comments, about_Quoting_Rules (PowerShell 7.4): what is no code.
_NO_CODE = re.compile(
    r"<#.*?(?:#>|\Z)|(?<![^\s;(){}|])#[^\r\n]*|@\"[ \t]*\r?\n.*?(?:\n\"@|\Z)|@'[ \t]*\r?\n.*?(?:\n'@|\Z)"
    r"|\"(?:`.|\"\"|[^\"`])*(?:\"|\Z)|'(?:''|[^'])*(?:'|\Z)",
    re.DOTALL,
)
_START = re.compile(
    r"(?:^|[;|({=]|&&|\|\||\breturn\b)[ \t]*(?:&[ \t]*)?(gcloud(?:\.cmd|\.ps1)?)(?=[ \t`\r\n]|$)", re.M | re.I
)
_BLANK = re.compile(r"(?:[ \t]|`\r?\n)+")
_END = re.compile(r"[\r\n;|)}]|&&|\d?>|#|\Z")
_VARIABLE = re.compile(r"\$(?:\{[^}]*\}|[\w:]+(?:\.\w+|\[[^\]]*\])*|\$|\?|\^)")
_SPLAT = re.compile(r"@\w+")
_PLAIN = re.compile(r"[^\s`\"'$@(){};|<>&]+")


def read(text: str, dialect: str) -> FileFacts:
    """The calls of gcloud in a PowerShell script."""
    code = _NO_CODE.sub(lambda match: _blanked(match[0]), text)
    return FileFacts(commands=tuple(_Call(text, match.start(1)).command() for match in _START.finditer(code)))


def _blanked(text: str) -> str:
    """White space of the same length; quotes stay, so that a word after a string begins no statement."""
    if text[0] in "\"'" or text[:2] in ('@"', "@'"):
        return '"' * len(text)
    return re.sub(r"[^\r\n]", " ", text)


class _Call:
    """One call, read word by word from its first character."""

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.start = start
        self.at = start

    def command(self) -> Command:
        """The call up to the end of its statement."""
        words = list(self._words())
        return Command(tuple(words), Span(self.start, words[-1].span.end))

    def _words(self) -> Iterator[Word]:
        while self.at < len(self.text) and not _END.match(self.text, self.at):
            if blank := _BLANK.match(self.text, self.at):
                self.at = blank.end()
                continue
            yield self._word()

    def _word(self) -> Word:
        start = self.at
        pieces: list[Piece] = []
        splits = False
        while self.at < len(self.text) and not self._is_word_end():
            before = self.at
            char = self.text[self.at]
            if char == '"':
                pieces += self._double_quoted()
            elif char == "'":
                pieces += self._single_quoted()
            elif plain := _PLAIN.match(self.text, self.at):
                self.at = plain.end()
                pieces.append(Piece(plain[0], Span(before, self.at)))
            elif char == "`" and self.at + 1 < len(self.text):
                self.at += 2
                pieces.append(Piece(self.text[before + 1], Span(before, self.at)))
            else:
                splits = True
                pieces.append(self._expression())
        return Word(Text(tuple(pieces), Span(start, self.at)), splits)

    def _is_word_end(self) -> bool:
        return bool(_BLANK.match(self.text, self.at) or (_END.match(self.text, self.at) and self.text[self.at] != "#"))

    def _expression(self) -> Piece:
        """A variable, a splat, a call in parentheses or a block: a hole."""
        start = self.at
        if variable := _VARIABLE.match(self.text, self.at) or _SPLAT.match(self.text, self.at):
            self.at = variable.end()
        else:
            self.at += 1 + (self.text[self.at : self.at + 2] in ("$(", "@(", "@{"))
            if self.text[self.at - 1] in "({":
                self._skip_group(self.text[self.at - 1])
        return Piece(HOLE, Span(start, self.at))

    def _skip_group(self, opening: str) -> None:
        closing = ")" if opening == "(" else "}"
        depth = 1
        while self.at < len(self.text) and depth:
            depth += (self.text[self.at] == opening) - (self.text[self.at] == closing)
            self.at += 1

    def _single_quoted(self) -> Iterator[Piece]:
        end = re.compile(r"'(?:''|[^'])*'?").match(self.text, self.at)
        start, self.at = self.at, end.end() if end else len(self.text)
        inner = self.text[start + 1 : self.at - 1]
        if inner:
            yield Piece(inner.replace("''", "'"), Span(start + 1, self.at - 1))

    def _double_quoted(self) -> Iterator[Piece]:
        self.at += 1
        start = self.at
        while self.at < len(self.text) and self.text[self.at] != '"':
            char = self.text[self.at]
            if char not in "`$" or (char == "$" and not self._begins_expression()):
                self.at += 1
                continue
            if start < self.at:
                yield Piece(self.text[start : self.at], Span(start, self.at))
            if char == "`":
                yield Piece(self.text[self.at + 1 : self.at + 2], Span(self.at, self.at + 2))
                self.at += 2
            else:
                yield self._expression()
            start = self.at
        if start < self.at:
            yield Piece(self.text[start : self.at], Span(start, self.at))
        self.at += 1

    def _begins_expression(self) -> bool:
        return bool(_VARIABLE.match(self.text, self.at)) or self.text.startswith("$(", self.at)
