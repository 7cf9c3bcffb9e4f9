"""Quotes and variables in a Dockerfile's texts, as Docker's builder replaces them.

Docker's Dockerfile reference, "Environment replacement" (frontend 1.17); BuildKit 0.26, frontend/dockerfile/shell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import msgspec

from infralint.facts.commands import Command, Expansion, Word
from infralint.facts.slices import sliced
from infralint.facts.text import HOLE, Piece, Text, hole
from infralint.source import Span

_NAME = re.compile(r"[A-Za-z_]\w*|\d+|[@*#?$!-]")
_OPERATOR = re.compile(r":?[-+?]|##?|%%?|//?")
# Arguments made of arguments may double with every line; nobody writes a path this long.
_MAX_VALUE = 4000
_MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Scope:
    """The variables that an instruction sees. `may_be_set` tells of a name without a value whether it may have one."""

    values: Mapping[str, Text]
    may_be_set: Callable[[str], bool]

    def value(self, name: str) -> Text | None:
        """The value of a variable: a hole where it is not known, None where there is none."""
        if name in self.values:
            return self.values[name]
        return Text((Piece(HOLE, Span(0, 0)),), Span(0, 0)) if self.may_be_set(name) else None


def expanded(text: Text, scope: Scope, escape: str = "\\") -> Text:
    """A word with its quotes taken off and its variables replaced. What Docker refuses is a hole."""
    lexer = _Lexer(text, scope, escape)
    try:
        pieces = lexer.until("")
    except _BadWord:
        return hole(text.span)
    if sum(len(piece.text) for piece in pieces) > _MAX_VALUE:
        return hole(text.span)
    return Text(tuple(pieces), text.span)


class _BadWord(Exception):
    """A word that Docker's lexer refuses."""


class _Lexer:
    def __init__(self, text: Text, scope: Scope, escape: str, depth: int = 0) -> None:
        self.text = text
        self.value = text.value
        self.scope = scope
        self.escape = escape
        self.depth = depth
        self.at = 0

    def until(self, stop: str) -> list[Piece]:
        """The pieces up to an unquoted letter, which is passed; "" for the end."""
        found: list[Piece] = []
        while self.at < len(self.value):
            letter = self.value[self.at]
            if letter == stop:
                self.at += 1
                return found
            if letter == "'":
                found += self._single()
            elif letter == '"':
                found += self._double()
            elif letter == "$":
                found += self._dollar()
            elif letter == self.escape:
                self.at += 1
                found += self._letter() if self.at < len(self.value) else []
            else:
                found += self._plain(f"'\"${self.escape}{stop}")
        if stop:
            raise _BadWord
        return found

    def _plain(self, special: str) -> Iterable[Piece]:
        """A run of letters that mean themselves."""
        start = self.at
        while self.at < len(self.value) and self.value[self.at] not in special:
            self.at += 1
        return sliced(self.text, start, self.at).pieces

    def _letter(self) -> Iterable[Piece]:
        self.at += 1
        return sliced(self.text, self.at - 1, self.at).pieces

    def _single(self) -> Iterable[Piece]:
        end = self.value.find("'", self.at + 1)
        if end < 0:
            raise _BadWord
        start, self.at = self.at + 1, end + 1
        return sliced(self.text, start, end).pieces

    def _double(self) -> list[Piece]:
        self.at += 1
        found: list[Piece] = []
        while self.at < len(self.value):
            letter = self.value[self.at]
            if letter == '"':
                self.at += 1
                return found
            if letter == "$":
                found += self._dollar()
            elif letter == self.escape and self.value[self.at + 1 : self.at + 2] in ('"', "$", self.escape):
                self.at += 1
                found += self._letter()
            elif letter == self.escape:
                found += self._letter()
            else:
                found += self._plain(f'"${self.escape}')
        raise _BadWord

    def _dollar(self) -> list[Piece]:
        start = self.at
        self.at += 1
        braces = self.value.startswith("{", self.at)
        self.at += braces
        match = _NAME.match(self.value, self.at)
        if match is None:
            if braces:
                raise _BadWord
            return list(sliced(self.text, start, self.at).pieces)
        self.at = match.end()
        if not braces:
            return self._put(self.scope.value(match[0]), start)
        if self.value.startswith("}", self.at):
            self.at += 1
            return self._put(self.scope.value(match[0]), start)
        return self._operation(match[0], start)

    def _operation(self, name: str, start: int) -> list[Piece]:
        match = _OPERATOR.match(self.value, self.at)
        if match is None:
            raise _BadWord
        self.at = match.end()
        operand = self._operand()
        value = self.scope.value(name)
        operator = match[0]
        if operator[-1] in "-+?":
            taken = choose(value, operator, Text(tuple(operand), self.text.span))
        else:
            taken = trimmed(value, operator, "".join(piece.text for piece in operand))
        return self._put(taken, start)

    def _operand(self) -> list[Piece]:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise _BadWord
        found = self.until("}")
        self.depth -= 1
        return found

    def _put(self, value: Text | None, start: int) -> list[Piece]:
        """A value in place of the variable that ends here."""
        span = self.text.locate(start, self.at)
        return [Piece(piece.text, span) for piece in value.pieces] if value is not None else []


def choose(value: Text | None, operator: str, operand: Text) -> Text | None:
    """`${name<operator>operand}` of `-`, `+` and `?`, with a colon before it if an empty value counts as none."""
    empty = value is None or (operator.startswith(":") and not value.value)
    if value is not None and not value.value.strip(HOLE) and value.value:
        # Nothing is known of it, not even whether it is empty or there at all.
        return value
    match operator[-1]:
        case "-":
            return operand if empty else value
        case "+":
            return None if empty else operand
        case _:
            return hole(operand.span) if empty else value


def trimmed(value: Text | None, operator: str, pattern: str) -> Text | None:
    """`${name#pattern}`, `%`, and `/pattern/replacement`; a hole where it is not worth the work."""
    if value is None or not value.value:
        return value
    static = value.static
    if static is None or HOLE in pattern or operator[0] == "/" or "\\" in pattern:
        return hole(value.span)
    body = "".join(".*" if letter == "*" else "." if letter == "?" else re.escape(letter) for letter in pattern)
    lengths = range(len(static) + 1)
    order = lengths if len(operator) == 1 else reversed(lengths)
    for length in order:
        part = static[:length] if operator[0] == "#" else static[len(static) - length :]
        if re.fullmatch(body, part, re.DOTALL):
            rest = static[length:] if operator[0] == "#" else static[: len(static) - length]
            return Text((Piece(rest, value.span),), value.span)
    return value


def interpolated(text: Text, variables: Iterable[Expansion], scope: Scope) -> Text:
    """A text of a compose file with the variables behind its holes."""
    return _filled(text, {each.span: each for each in variables}, scope)


def with_variables(command: Command, variables: Iterable[Expansion], scope: Scope) -> Command:
    """A shell's command with the variables of the image in place of its holes."""
    by_span = {each.span: each for each in variables}
    if not by_span:
        return command
    words = tuple(_with_values(word, by_span, scope) for word in command.words)
    outputs = tuple(_filled(text, by_span, scope) for text in command.outputs)
    return msgspec.structs.replace(command, words=words, outputs=outputs)


def _with_values(word: Word, variables: Mapping[Span, Expansion], scope: Scope) -> Word:
    text = _filled(word.text, variables, scope)
    if text is word.text:
        return word
    splits = word.splits and (not text.is_static or not text.value or bool(re.search(r"[\s*?\[]", text.value)))
    return msgspec.structs.replace(word, text=text, splits=splits)


def _filled(text: Text, variables: Mapping[Span, Expansion], scope: Scope) -> Text:
    if text.is_static:
        return text
    pieces: list[Piece] = []
    for piece in text.pieces:
        variable = variables.get(piece.span) if piece.is_hole else None
        value = _value(variable, scope) if variable is not None else None
        if value is None:
            pieces.append(piece)
        else:
            pieces += [Piece(part.text, piece.span) for part in value.pieces]
    return Text(tuple(pieces), text.span)


def _value(variable: Expansion, scope: Scope) -> Text | None:
    """The value that a shell sees; None where it is not known."""
    value = scope.value(variable.name)
    if not variable.operator:
        return value if value is not None else None
    operand = Text((Piece(variable.operand, variable.span),) if variable.operand else (), variable.span)
    if "$" in variable.operand or "`" in variable.operand or "\\" in variable.operand:
        return value if value is not None and value.is_static and value.value else None
    operand = Text(tuple(Piece(part.text.strip("'\""), part.span) for part in operand.pieces), operand.span)
    return choose(value, variable.operator.replace("=", "-"), operand) or Text((), variable.span)
