"""PowerShell scripts: calls of gcloud, as far as their words are certain.

PowerShell has no grammar here. Only a call that stands at the beginning of a statement is taken. Variables that hold a
text or a list, set once and perhaps added to, are followed (readers/powershell_variables.py); every other expression is
a hole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from infralint.facts.commands import Command, Word
from infralint.facts.files import FileFacts
from infralint.facts.text import HOLE, Locator, Piece, Text
from infralint.readers.powershell_variables import PowerShellValue, PowerShellVariables
from infralint.source import Span

# about_Comments, about_Quoting_Rules (PowerShell 7.4): what is no code.
_NO_CODE = re.compile(
    r"<#.*?(?:#>|\Z)|(?<![^\s;(){}|])#[^\r\n]*|@\"[ \t]*\r?\n.*?(?:\n\"@|\Z)|@'[ \t]*\r?\n.*?(?:\n'@|\Z)"
    r"|\"(?:`.|\"\"|[^\"`])*(?:\"|\Z)|'(?:''|[^'])*(?:'|\Z)",
    re.DOTALL,
)
_START = re.compile(
    r"(?:^|[;|({=]|&&|\|\||\breturn\b)[ \t]*"
    r"(?:(?:&[ \t]*)?(?P<plain>gcloud(?:\.cmd|\.ps1|\.exe)?)(?=[ \t`\r\n]|$)|&[ \t]*(?P<computed>[$\"]))",
    re.M | re.I,
)
_BLANK = re.compile(r"(?:[ \t]|`\r?\n)+")
_END = re.compile(r"[\r\n;|)}]|&&|\d?>|#|\Z")
_WORD_END = re.compile(r"[ \t\r\n;|)}`]|\Z")
_VARIABLE = re.compile(r"\$(?:\{[^}]*\}|[\w:]+(?:\.\w+|\[[^\]]*\])*|\$|\?|\^)")
# Names of one word; `$env:A`, `$a.b` and `$a[0]` are other things. Behind a name in quotes `.` and `[` are text.
_NAME = re.compile(r"\$(?:\{(\w+)\}|(\w+)(?![\w:.\[]))")
_QUOTED_NAME = re.compile(r"\$(?:\{(\w+)\}|(\w+)(?![\w:]))")
_SPLAT = re.compile(r"@(\w+)")
_PLAIN = re.compile(r"[^\s`\"'$@(){};|<>&]+")
_PROGRAM = re.compile(r"(?:.*[/\\])?gcloud(?:\.cmd|\.ps1|\.exe)?", re.I)
_LIST_START = re.compile(r"@\((?:\s|#[^\r\n]*)*")
_HOLE_OR_TEXT = re.compile(f"{HOLE}|[^{HOLE}]+")
# What stands between the items of `@(...)`, and of a list without parentheses; what ends a value.
_BETWEEN = re.compile(r"(?:[\s,]|`\r?\n|#[^\r\n]*)+|(?=\))")
_COMMA = re.compile(r"[ \t]*,(?:\s|`\r?\n)*")
_REST = re.compile(r"[ \t]*(?:[\r\n;}#]|\Z)")


def read(text: str, dialect: str) -> FileFacts:
    """The calls of gcloud in a PowerShell script."""
    return FileFacts(commands=tuple(_Script(text).commands()))


def calls_in(script: Text) -> tuple[Command, ...]:
    """The calls of gcloud in a script that another file holds; a hole of it stays a hole."""
    return tuple(_placed(command, script) for command in _Script(script.value).commands())


def _placed(command: Command, script: Text) -> Command:
    """A command with the places that it has in the file around its script."""
    locate = script.locator()
    words = tuple(
        Word(
            Text(tuple(_placed_pieces(word, locate)), locate(word.span.start, word.span.end)),
            word.splits or HOLE in word.value,
            word.optional,
        )
        for word in command.words
    )
    return Command(words, locate(command.span.start, command.span.end))


def _placed_pieces(word: Word, locate: Locator) -> Iterator[Piece]:
    for piece in word.text.pieces:
        if piece.is_hole or len(piece.text) != len(piece.span):
            yield Piece(piece.text, locate(piece.span.start, piece.span.end))
            continue
        for match in _HOLE_OR_TEXT.finditer(piece.text):
            start = piece.span.start + match.start()
            yield Piece(match[0], locate(start, start + len(match[0])))


class _Script:
    """A script: its text, and the same with all that is no code blanked."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.code = _NO_CODE.sub(lambda match: _blanked(match[0]), text)
        self.variables = PowerShellVariables(self.code, self.value)

    def commands(self) -> Iterator[Command]:
        """The calls of gcloud."""
        for match in _START.finditer(self.code):
            start = match.start("plain") if match["plain"] else match.start("computed")
            words = tuple(_Reader(self, start).words())
            if words and (match["plain"] or _PROGRAM.fullmatch(words[0].value)):
                yield Command(words, Span(start, max(start, *(w.span.end for w in words if w.span.start >= start))))

    def value(self, at: int) -> PowerShellValue | None:
        """The value that stands at an offset: a text, or a list of texts and variables."""
        opening = _LIST_START.match(self.text, at)
        reader = _Reader(self, opening.end() if opening else at)
        words: list[Word] = []
        separator = _BETWEEN if opening else _COMMA
        number = 0
        while True:
            item = reader.item()
            if item is None:
                break
            words += item
            number += 1
            gap = separator.match(self.text, reader.at)
            if gap is None:
                break
            reader.at = gap.end()
        if opening is not None:
            if not self.text.startswith(")", reader.at):
                return None
            reader.at += 1
        elif not number:
            return None
        is_whole = _REST.match(self.text, reader.at) is not None
        return PowerShellValue(tuple(words), bool(opening) or number > 1) if is_whole else None


def _blanked(text: str) -> str:
    """White space of the same length; quotes stay, so that a word after a string begins no statement."""
    if text[0] in "\"'" or text[:2] in ('@"', "@'"):
        return '"' * len(text)
    return re.sub(r"[^\r\n]", " ", text)


class _Reader:
    """Reads words of a call, or items of a list, from an offset on."""

    def __init__(self, script: _Script, at: int) -> None:
        self.script = script
        self.text = script.text
        self.at = at

    def words(self) -> Iterator[Word]:
        """The words up to the end of the statement."""
        while self.at < len(self.text) and not _END.match(self.text, self.at):
            if blank := _BLANK.match(self.text, self.at):
                self.at = blank.end()
                continue
            yield from self._listed() or (self._word(),)

    def item(self) -> tuple[Word, ...] | None:
        """One item of a list, a quoted text or a variable; None where there is none."""
        if self.text[self.at : self.at + 1] in ('"', "'") and self.at < len(self.text):
            start = self.at
            pieces = tuple(self._double_quoted() if self.text[start] == '"' else self._single_quoted())
            return (Word(Text(pieces, Span(start, self.at))),)
        if name := _NAME.match(self.text, self.at):
            start, self.at = self.at, name.end()
            value = self.script.variables.value(name[1] or name[2], start)
            return value.words if value is not None else (_hole_word(Span(start, self.at)),)
        return None

    def _listed(self) -> tuple[Word, ...]:
        """The words of a variable that stands alone, or is splatted; empty where it is no such word."""
        name = _NAME.match(self.text, self.at) or _SPLAT.match(self.text, self.at)
        if name is None or not _WORD_END.match(self.text, name.end()):
            return ()
        value = self.script.variables.value(name[1] or name[name.lastindex or 1], self.at)
        if value is None:
            return ()
        self.at = name.end()
        return value.words or (_hole_word(Span(name.start(), name.end())),)

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
                found = self._expression()
                splits = splits or any(piece.is_hole for piece in found)
                pieces += found
        return Word(Text(tuple(pieces), Span(start, self.at)), splits)

    def _is_word_end(self) -> bool:
        return bool(_BLANK.match(self.text, self.at) or (_END.match(self.text, self.at) and self.text[self.at] != "#"))

    def _expression(self) -> tuple[Piece, ...]:
        """A variable with its text; a variable of another kind, a splat, a call in parentheses or a block: a hole."""
        start = self.at
        if name := _NAME.match(self.text, self.at):
            self.at = name.end()
            value = self.script.variables.value(name[1] or name[2], start)
            if value is not None and not value.is_list:
                return value.words[0].text.pieces
        elif variable := _VARIABLE.match(self.text, self.at) or _SPLAT.match(self.text, self.at):
            self.at = variable.end()
        else:
            self.at += 1 + (self.text[self.at : self.at + 2] in ("$(", "@(", "@{"))
            if self.text[self.at - 1] in "({":
                self._skip_group(self.text[self.at - 1])
        return (Piece(HOLE, Span(start, self.at)),)

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
                yield from self._quoted_expression()
            start = self.at
        if start < self.at:
            yield Piece(self.text[start : self.at], Span(start, self.at))
        self.at += 1

    def _quoted_expression(self) -> tuple[Piece, ...]:
        """A variable in quotes, where `.` and `[` behind it are no part of it."""
        start = self.at
        name = _QUOTED_NAME.match(self.text, self.at)
        value = self.script.variables.value(name[1] or name[2], start) if name else None
        if name is not None and value is not None and not value.is_list:
            self.at = name.end()
            return value.words[0].text.pieces
        found = self._expression()
        return found if all(piece.is_hole for piece in found) else (Piece(HOLE, Span(start, self.at)),)

    def _begins_expression(self) -> bool:
        return bool(_VARIABLE.match(self.text, self.at)) or self.text.startswith("$(", self.at)


def _hole_word(span: Span) -> Word:
    return Word(Text((Piece(HOLE, span),), span), splits=True)
