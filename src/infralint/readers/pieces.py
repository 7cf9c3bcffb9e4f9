"""Cutting and filling of Text: slices, holes for templates, variables with their defaults."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from infralint.facts.slices import sliced
from infralint.facts.text import HOLE, Piece, Text, hole

# Where a template engine will write something: Jinja and Helm, GitHub expressions, `<placeholder>`.
TEMPLATE = re.compile(r"\$?\{\{.*?\}\}|\{%.*?%\}|<[A-Za-z][\w .-]*>", re.DOTALL)
# Every variable costs a walk over all pieces; defaults in defaults a level of recursion.
_MAX_WORK = 5_000_000
_MAX_DEFAULTS = 20
_WORD = re.compile(r"\S+")
_VARIABLE = re.compile(r"\$(?:(?P<plain>[A-Za-z_]\w*)|(?P<open>\{)(?P<name>[A-Za-z_]\w*))")
_DEFAULT = re.compile(r":?-")


def inner(text: Text) -> Text:
    """The text with a span that covers its characters alone, without the quotes around them."""
    return sliced(text, 0, len(text.value))


def stripped(text: Text) -> Text:
    """The text without white space at its ends."""
    value = text.value
    start = len(value) - len(value.lstrip())
    return sliced(text, start, max(start, len(value.rstrip())))


def words(text: Text, pattern: re.Pattern[str] = _WORD) -> list[Text]:
    """The parts of a text that match `pattern`; those between white space by default."""
    return [sliced(text, match.start(), match.end()) for match in pattern.finditer(text.value)]


def with_holes(text: Text, pattern: re.Pattern[str]) -> Text:
    """The text with a hole in place of every match."""
    value = text.value
    pieces: list[Piece] = []
    at = 0
    for match in pattern.finditer(value):
        pieces += sliced(text, at, match.start()).pieces
        pieces.append(Piece(HOLE, text.locate(match.start(), match.end())))
        at = match.end()
    if not at:
        return text
    return Text((*pieces, *sliced(text, at, len(value)).pieces), text.span)


@dataclass(frozen=True, slots=True)
class Variables:
    """How `$NAME` and `${NAME}` are written in a file.

    `escape` stands for one `$`. `known`: values by name. `only`: what names of variables look like (others
    are left as they are). `defaults`: whether `${NAME:-default}` gives its default.
    """

    escape: str
    known: Mapping[str, Text]
    only: re.Pattern[str] | None = None
    defaults: bool = False


@dataclass(frozen=True, slots=True)
class Filled:
    """A text after substitution, and the names of the variables whose defaults are in it."""

    text: Text
    defaults: tuple[str, ...] = ()


def filled(text: Text, variables: Variables) -> Filled:
    """Substitute variables: by a known value or a default, else by a hole."""
    if "$" not in text.value:
        return Filled(text)
    if len(text.pieces) * text.value.count("$") > _MAX_WORK:
        return Filled(hole(text.span))
    names: list[str] = []
    pieces = tuple(_filled_pieces(text, variables, names, 0))
    return Filled(Text(pieces, text.span), tuple(dict.fromkeys(names)))


def _filled_pieces(text: Text, variables: Variables, names: list[str], depth: int) -> Iterator[Piece]:
    value = text.value
    at = 0
    while (start := _next_special(value, at, variables.escape)) >= 0:
        yield from sliced(text, at, start).pieces
        if value.startswith(variables.escape, start):
            at = start + len(variables.escape)
            yield Piece("$", text.locate(start, at))
            continue
        match = _VARIABLE.match(value, start)
        if match is None or not _is_variable(match, variables):
            at = start + 1
            yield from sliced(text, start, at).pieces
            continue
        at = _closing(value, match.end()) if match["open"] else match.end()
        yield from _substitute(text, match, at, variables, names, depth)
    yield from sliced(text, at, len(value)).pieces


def _next_special(value: str, at: int, escape: str) -> int:
    places = [place for place in (value.find("$", at), value.find(escape, at)) if place >= 0]
    return min(places, default=-1)


def _is_variable(match: re.Match[str], variables: Variables) -> bool:
    name = match["plain"] or match["name"]
    return variables.only is None or bool(variables.only.fullmatch(name))


def _closing(value: str, at: int) -> int:
    """The offset after the brace that closes an expansion whose name ends at `at`."""
    depth = 1
    while at < len(value):
        if value.startswith("${", at):
            depth += 1
        elif value[at] == "}":
            depth -= 1
            if not depth:
                return at + 1
        at += 1
    return at


def _substitute(
    text: Text, match: re.Match[str], end: int, variables: Variables, names: list[str], depth: int
) -> Iterator[Piece]:
    name = match["plain"] or match["name"]
    span = text.locate(match.start(), end)
    operator = text.value[match.end() : end - 1] if match["open"] else ""
    default = _DEFAULT.match(operator) if variables.defaults else None
    if name in variables.known and (not operator or default):
        names.append(name)
        yield from (Piece(piece.text, span) for piece in variables.known[name].pieces)
    elif default and depth < _MAX_DEFAULTS:
        names.append(name)
        rest = sliced(text, match.end() + default.end(), end - 1)
        yield from _filled_pieces(rest, variables, names, depth + 1)
    else:
        yield Piece(HOLE, span)
