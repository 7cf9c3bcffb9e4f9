"""What is known of an expression's value: texts, lists and dictionaries of them, and what holes stand for."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from infralint.facts.text import HOLE, Piece, Text, hole
from infralint.source import Span

# More texts than this that one expression may be are not told apart: what they begin with is kept.
MAX_COMPOSED = 6
MAX_LISTED = 200


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts that an expression may be. Not `complete`: it may be something else as well."""

    texts: tuple[Text, ...]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Items:
    """A list or tuple whose items are known. `mutable`: it is a list, which others may change."""

    nodes: tuple[ast.expr, ...]
    values: tuple[Value, ...]
    mutable: bool


@dataclass(frozen=True, slots=True)
class Entries:
    """A dictionary whose keys are known texts: (key, the node of the key, its value)."""

    entries: tuple[tuple[str, ast.expr, Value], ...]


Value = Texts | Items | Entries


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the value of a hole comes from.

    `kind`: "parameter" (of the function `scope`) or "import" (`name` is then dotted).
    """

    kind: str
    name: str
    scope: str = ""


def last_name(node: ast.expr) -> str:
    """The last part of a dotted name; "" where an expression is none."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def is_hole(text: Text) -> bool:
    """Whether nothing is known of a text."""
    return bool(text.pieces) and all(piece.is_hole for piece in text.pieces)


def static_of(value: Value | None) -> str | None:
    """The only text that a value is, if it is known as a whole."""
    pieces = one_text(value)
    text = None if pieces is None else "".join(piece.text for piece in pieces)
    return None if text is None or HOLE in text else text


def one_text(value: Value | None) -> Sequence[Piece] | None:
    """The pieces of the only text that a value is."""
    if not isinstance(value, Texts) or len(value.texts) != 1 or not value.complete:
        return None
    return None if is_hole(value.texts[0]) else value.texts[0].pieces


def joined_items(values: list[Items]) -> Items:
    """Lists one after the other."""
    return Items(
        tuple(node for value in values for node in value.nodes),
        tuple(each for value in values for each in value.values),
        mutable=values[0].mutable,
    )


def either(values: Sequence[Value], span: Span) -> Value | None:
    """One of several values, by what cannot be told. None where they are of different kinds."""
    first = values[0]
    if all(value == first for value in values):
        return first
    if not all(isinstance(value, Texts) for value in values):
        return None
    choices = [value for value in values if isinstance(value, Texts)]
    texts = tuple(dict.fromkeys(text for choice in choices for text in choice.texts))
    complete = all(choice.complete for choice in choices)
    if len(texts) > MAX_LISTED:
        return None
    grown = [text for text in texts if any(other is not text and _begins(text, other) for other in texts)]
    if len(grown) >= MAX_COMPOSED:
        return collapsed(Texts(texts, complete), span)
    return Texts(texts, complete)


def _begins(text: Text, other: Text) -> bool:
    return text.pieces[:1] == other.pieces[:1]


def collapsed(texts: Texts, span: Span) -> Texts:
    """What all texts begin with, and a hole behind it."""
    if len(texts.texts) < 2:
        return texts
    shared: list[Piece] = []
    for pieces in zip(*(text.pieces for text in texts.texts), strict=False):
        if any(piece != pieces[0] for piece in pieces):
            break
        shared.append(pieces[0])
    if not shared or not shared[-1].is_hole:
        shared.append(Piece(HOLE, Span(span.end, span.end)))
    return Texts((Text(tuple(shared), span),), texts.complete)


def begun(value: Value, span: Span) -> Value:
    """A text to which something unknown may be added: what is known, and a hole."""
    if not isinstance(value, Texts):
        return Texts((hole(span),))
    return Texts(tuple(_with_hole(text, span) for text in value.texts), value.complete)


def _with_hole(text: Text, span: Span) -> Text:
    if text.pieces and text.pieces[-1].is_hole:
        return text
    return Text((*text.pieces, Piece(HOLE, Span(span.end, span.end))), text.span)
