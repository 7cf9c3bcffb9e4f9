"""A place in the tokens of one statement, and the small steps that all readers of definitions take."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from infralint.ddl.tokens import Token, matching
from infralint.facts.sql import SqlTable
from infralint.facts.text import HOLE
from infralint.source import Span

# Gives the file's span of two offsets in the text.
Locate = Callable[[int, int], Span]


class Cursor:
    """Tokens, and how far they are read."""

    def __init__(self, tokens: Sequence[Token], locate: Locate, at: int = 0) -> None:
        self.tokens = tokens
        self.locate = locate
        self.at = at

    @property
    def done(self) -> bool:
        return self.at >= len(self.tokens)

    def peek(self, ahead: int = 0) -> Token | None:
        """The token `ahead` of here."""
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else None

    def word(self, ahead: int = 0) -> str:
        """The word there, in capitals; "" for all that is no word."""
        token = self.peek(ahead)
        return token.upper if token else ""

    def take(self, *words: str) -> bool:
        """Step over words, if they are all there."""
        if all(self.word(index) == word for index, word in enumerate(words)):
            self.at += len(words)
            return True
        return False

    def take_text(self, text: str) -> bool:
        """Step over a token of another kind."""
        token = self.peek()
        if token is not None and token.text == text:
            self.at += 1
            return True
        return False

    def rest(self) -> Sequence[Token]:
        """What is not read yet."""
        return self.tokens[self.at :]

    def bracket(self) -> Sequence[Token] | None:
        """Step over `( ... )` and give what stands in it; None where no bracket stands, or it does not close."""
        token = self.peek()
        if token is None or token.text != "(":
            return None
        end = matching(self.tokens, self.at)
        if end >= len(self.tokens):
            return None
        inner = self.tokens[self.at + 1 : end]
        self.at = end + 1
        return inner

    def name(self) -> Token | None:
        """Step over a name, SQLite's `[name]` too."""
        token = self.peek()
        if token is None:
            return None
        inner, closing = self.peek(1), self.peek(2)
        if token.text == "[" and inner is not None and closing is not None and closing.text == "]":
            self.at += 3
            return Token("quoted", f'"{inner.text}"', inner.start - 1)
        if not token.is_name:
            return None
        self.at += 1
        return token

    def written(self) -> str:
        """Step over a name and give it as written; "" where none stands."""
        token = self.name()
        return token.text if token is not None else ""

    def label(self) -> str:
        """Like `written`, of the last part of a dotted name."""
        parts = [self.written()]
        while parts[-1] and self.take_text("."):
            parts.append(self.written())
        return parts[-1]

    def table(self) -> SqlTable | None:
        """Step over a table's name, with its schema."""
        token = self.peek()
        if token is not None and token.kind == "placeholder":
            # `CREATE TABLE %s` that somebody formats later.
            self.at += 1
            return SqlTable(HOLE, self.locate(token.start, token.end))
        parts: list[Token] = []
        while (part := self.name()) is not None:
            parts.append(part)
            if not self.take_text("."):
                break
        if not parts:
            return None
        last = parts[-1]
        schema = _plain(parts[-2]) if len(parts) > 1 else ""
        return SqlTable(_plain(last), self.locate(last.start, last.end), schema, last.kind == "quoted")

    def tables(self) -> tuple[SqlTable, ...]:
        """Step over names between commas."""
        found: list[SqlTable] = []
        while (table := self.table()) is not None:
            found.append(table)
            if not self.take_text(","):
                break
        return tuple(found)

    def span(self, tokens: Sequence[Token]) -> Span:
        """The file's span of tokens that stand in a row."""
        return self.locate(tokens[0].start, tokens[-1].end)


def _plain(token: Token) -> str:
    return token.name


def joined(tokens: Sequence[Token]) -> str:
    """Tokens as text, with the white space between them reduced to what tells them apart."""
    text = ""
    previous: Token | None = None
    for token in tokens:
        text += " " if previous is not None and token.start > previous.end else ""
        text += token.text
        previous = token
    return text


def names_in(inner: Sequence[Token]) -> tuple[str, ...]:
    """The names, or expressions, of a list of columns in brackets, without directions and operator classes."""
    from infralint.ddl.tokens import split_commas

    return tuple(_listed(part) for part in split_commas(inner) if part)


_AFTER_COLUMN = frozenset({"ASC", "DESC", "NULLS", "COLLATE"})


def _listed(part: Sequence[Token]) -> str:
    """One item of a list of columns: the column's name, or an expression without the brackets around it."""
    if part[0].is_name and (len(part) == 1 or part[1].text not in ("(", ".", "::")):
        return part[0].text
    if part[0].is_name and part[1].text == "(" and len(part) == 4 and part[2].kind == "number":
        # MySQL's `name(10)`: an index on the first characters.
        return part[0].text
    end = next((at for at, token in enumerate(part) if token.upper in _AFTER_COLUMN), len(part))
    if part[0].text == "(" and matching(part, 0) < end:
        return joined(part[1 : matching(part, 0)])
    return joined(part[:end])
