"""SQL cut into tokens and statements, in any dialect: enough for masks, definitions and a fair split."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import cache

import msgspec

from infralint.facts.text import HOLE

# Each match ends behind the white space that follows a token. The commonest kinds come first.
_PATTERN = r"""
(?:
  (?P<word>(?!(?:[eExXbBnNrR]|[uU]&)')(?:[^\W\d]|HOLE)[\w$HOLE]*)
| (?P<other>[(),;*]|=(?!>)|\.(?!\d))
| (?P<comment>--[^\n]*{hash_comment}|/\*.*?(?:\*/|\Z))
| (?P<string>[eE]'[^'\\]*(?:(?:\\.|'')[^'\\]*)*(?:'|\Z)|(?:[xXbBnNrR]|[uU]&)?{string})
| (?P<dollar>\$(?P<tag>[^\W\d]\w*|)\$.*?(?:\$(?P=tag)\$|\Z))
| (?P<quoted>"[^"]*(?:""[^"]*)*(?:"|\Z)|`[^`]*(?:`|\Z))
| (?P<template>\{\{.{0,400}?\}\}|\{%.{0,400}?%\}|\{[^{}\n]{0,400}\})
| (?P<operator>::|:=|->>|->|\#>>|\#>|\?\||\?&|@>|<@|<=|>=|<>|!=|=>|\|\||&&)
| (?P<placeholder>%\(\w+\)s|%s|\$\w+|\?\d*|:[^\W\d]\w*|:'\w+'|:"\w+")
| (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)
| (?P<sign>.)
)\s*
""".replace("HOLE", HOLE)
_SPACE = re.compile(r"\s*")
_SIGNS = frozenset({"other", "operator"})


class Token(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """`kind`: string, dollar, quoted, operator, placeholder, number, word or other; `text` as written.

    `upper`: a word in capitals, for keywords; "" for all that is no word.
    """

    kind: str
    text: str
    start: int
    upper: str = ""

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def is_name(self) -> bool:
        return self.kind in ("word", "quoted")

    @property
    def name(self) -> str:
        """An identifier without its quotes."""
        if self.kind != "quoted":
            return self.text
        quote = self.text[0]
        return self.text[1:-1].replace(quote * 2, quote)


@cache
def _scanner(dialect: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """The pattern of a dialect's tokens, and the kind of token that each of its groups is: "" for none."""
    mysql = dialect == "mysql"
    string = r"'[^'\\]*(?:(?:\\.|'')[^'\\]*)*(?:'|\Z)" if mysql else r"'[^']*(?:''[^']*)*(?:'|\Z)"
    text = _PATTERN.replace("{hash_comment}", r"|\#[^\n]*" if mysql else "").replace("{string}", string)
    pattern = re.compile(text, re.VERBOSE | re.DOTALL)
    kinds = [""] * (pattern.groups + 1)
    for name, index in pattern.groupindex.items():
        kinds[index] = {"comment": "", "tag": "dollar", "sign": "other"}.get(name, name)
    return pattern, tuple(kinds)


def tokens_of(text: str, dialect: str, start: int = 0) -> Iterator[Token]:
    """The tokens from offset `start`, without white space and comments."""
    pattern, kinds = _scanner(dialect)
    space = _SPACE.match(text, start)
    for match in pattern.finditer(text, space.end() if space else start):
        group = match.lastindex or 0
        kind = kinds[group]
        if kind == "word":
            word = match[group]
            yield Token(kind, word, match.start(), word.upper())
        elif kind == "template":
            # `{name}` that somebody formats later, or a template's tag: a hole of equal length.
            hole = HOLE * len(match[group])
            yield Token("word", hole, match.start(), hole)
        elif kind:
            yield Token(kind, match[group], match.start())


class Tokens(list[Token]):
    """The tokens of one statement, which know where each word, sign and kind of literal stands.

    They are asked for words in capitals, signs as written, and for the kinds string, dollar, quoted, placeholder and
    number. The statement is not changed any more.
    """

    __slots__ = ("_places",)

    def __init__(self, tokens: Iterable[Token]) -> None:
        super().__init__(tokens)
        places: dict[str, list[int]] = {}
        for at, token in enumerate(self):
            kind = token.kind
            key = token.upper if kind == "word" else token.text if kind in _SIGNS else kind
            if key in places:
                places[key].append(at)
            else:
                places[key] = [at]
        self._places = places

    def have(self, *words: str) -> bool:
        """Whether one of these is among them."""
        return any(word in self._places for word in words)

    def of(self, words: Set[str]) -> list[int]:
        """The indexes of those that are one of these, in order."""
        found = [at for word in self._places.keys() & words for at in self._places[word]]
        found.sort()
        return found


_BODIED = frozenset({"FUNCTION", "PROCEDURE", "TRIGGER", "EVENT", "PACKAGE"})
_ENDS = frozenset({"IF", "LOOP", "WHILE", "REPEAT", "CASE", "FOR"})


def split(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The tokens of each statement, without the semicolon between them.

    A routine's or trigger's BEGIN ... END belongs to its CREATE statement.
    """
    if not any(token.text == ";" for token in tokens):
        if tokens:
            yield tokens
        return
    first = depth = 0
    for at, token in enumerate(tokens):
        if token.kind == "word" and _is_routine(tokens, first, at):
            depth += _depth_step(tokens, at)
        elif token.text == ";" and depth <= 0:
            if at > first:
                yield tokens[first:at]
            first, depth = at + 1, 0
    if first < len(tokens):
        yield tokens[first:]


def _is_routine(tokens: Sequence[Token], first: int, at: int) -> bool:
    if tokens[at].upper not in ("BEGIN", "CASE", "END") or tokens[first].upper != "CREATE":
        return False
    return any(token.upper in _BODIED for token in tokens[first + 1 : first + 8])


def _depth_step(tokens: Sequence[Token], at: int) -> int:
    word = tokens[at].upper
    previous = tokens[at - 1].upper if at else ""
    if word == "END":
        follows = tokens[at + 1].upper if at + 1 < len(tokens) else ""
        return 0 if follows in _ENDS and follows != "CASE" else -1
    return 0 if previous == "END" else 1


def matching(tokens: Sequence[Token], at: int) -> int:
    """The index of the bracket that closes the one at `at`; the number of tokens where none does."""
    depth = 0
    for index in range(at, len(tokens)):
        text = tokens[index].text
        if text in ("(", "["):
            depth += 1
        elif text in (")", "]"):
            depth -= 1
            if depth == 0:
                return index
    return len(tokens)


def split_commas(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The parts between commas that stand in no bracket."""
    first = depth = 0
    for at, token in enumerate(tokens):
        if token.text in ("(", "["):
            depth += 1
        elif token.text in (")", "]"):
            depth -= 1
        elif token.text == "," and depth == 0:
            yield tokens[first:at]
            first = at + 1
    if first < len(tokens):
        yield tokens[first:]
