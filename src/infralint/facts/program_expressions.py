"""Expressions of Python as plain values: see program.py, which has the statements.

Every node has the half-open range of characters in which it is written, as two numbers: a tree of a large
module holds hundreds of thousands of them.
"""

from __future__ import annotations

from typing import Any, Union

import msgspec

from infralint.source import Span


class Node(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What all nodes share: where they are written."""

    start: int
    end: int

    @property
    def span(self) -> Span:
        """The range of characters in the file."""
        return Span(self.start, self.end)


# Expressions.


class Constant(Node, frozen=True, array_like=True, gc=False, tag=1):
    """A literal: a string (adjacent ones joined), bytes, a number, True, False or None."""

    value: Any


class Name(Node, frozen=True, array_like=True, gc=False, tag=2):
    """A name that is looked up."""

    id: str


class Attribute(Node, frozen=True, array_like=True, gc=False, tag=3):
    """`value.name`; `name_span` is the range of the name alone."""

    value: Expression
    name: str

    @property
    def name_span(self) -> Span:
        """The range of the attribute's name."""
        return Span(self.end - len(self.name), self.end)


class Subscript(Node, frozen=True, array_like=True, gc=False, tag=4):
    """`value[index]`."""

    value: Expression
    index: Expression


class Slice(Node, frozen=True, array_like=True, gc=False, tag=5):
    """`lower:upper:step` inside of a subscript."""

    lower: Expression | None
    upper: Expression | None
    step: Expression | None


class Keyword(Node, frozen=True, array_like=True, gc=False, tag=6):
    """`name=value` of a call or a class statement; "" for `**value`. The range is that of the name and the value."""

    name: str
    value: Expression


class Call(Node, frozen=True, array_like=True, gc=False, tag=7):
    """`function(arguments, keywords)`; an argument may be Starred."""

    function: Expression
    arguments: tuple[Expression, ...]
    keywords: tuple[Keyword, ...]


class Binary(Node, frozen=True, array_like=True, gc=False, tag=8):
    """`left operator right`, the operator as written: `+`, `//`, `**`, `<<`, `@`."""

    operator: str
    left: Expression
    right: Expression


class Unary(Node, frozen=True, array_like=True, gc=False, tag=9):
    """`-x`, `+x`, `~x`, `not x`."""

    operator: str
    operand: Expression


class Boolean(Node, frozen=True, array_like=True, gc=False, tag=10):
    """`a and b and c`, or the same with `or`."""

    operator: str
    values: tuple[Expression, ...]


class Compare(Node, frozen=True, array_like=True, gc=False, tag=11):
    """`left < a <= b`: as many operators as further operands."""

    left: Expression
    operators: tuple[str, ...]
    operands: tuple[Expression, ...]


class Conditional(Node, frozen=True, array_like=True, gc=False, tag=12):
    """`body if test else otherwise`."""

    test: Expression
    body: Expression
    otherwise: Expression


class Starred(Node, frozen=True, array_like=True, gc=False, tag=13):
    """`*value` in a display, a call or a target."""

    value: Expression


class Display(Node, frozen=True, array_like=True, gc=False, tag=14):
    """A display of items. `kind`: "list", "tuple" or "set"; items may be Starred."""

    kind: str
    items: tuple[Expression, ...]


class DictDisplay(Node, frozen=True, array_like=True, gc=False, tag=15):
    """`{key: value, **mapping}`: a key None stands for `**`."""

    keys: tuple[Expression | None, ...]
    values: tuple[Expression, ...]


class Clause(Node, frozen=True, array_like=True, gc=False, tag=16):
    """`for target in iterable if condition ...` of a comprehension."""

    target: Expression
    iterable: Expression
    conditions: tuple[Expression, ...]


class Comprehension(Node, frozen=True, array_like=True, gc=False, tag=17):
    """A comprehension. `kind`: "list", "set", "dict" or "generator"; `value` only for a dict, keys: `element`."""

    kind: str
    element: Expression
    value: Expression | None
    clauses: tuple[Clause, ...]


class Interpolation(Node, frozen=True, array_like=True, gc=False, tag=18):
    """`{value!conversion:format}` of an f-string; `conversion` is "", "r", "s" or "a"."""

    value: Expression
    conversion: str
    format: JoinedString | None


class JoinedString(Node, frozen=True, array_like=True, gc=False, tag=19):
    """An f-string: Constant pieces and Interpolations. On Python 3.10 and 3.11 the pieces' ranges are those of the
    whole string, since these versions do not tell them."""

    parts: tuple[Expression, ...]


class Walrus(Node, frozen=True, array_like=True, gc=False, tag=20):
    """`name := value`."""

    name: str
    value: Expression


class Parameter(Node, frozen=True, array_like=True, gc=False, tag=21):
    """A parameter. `kind`: "positional" (only), "any", "*", "keyword" (only) or "**"."""

    name: str
    kind: str
    default: Expression | None
    annotation: Annotation | None


class Lambda(Node, frozen=True, array_like=True, gc=False, tag=22):
    """`lambda parameters: body`."""

    parameters: tuple[Parameter, ...]
    body: Expression


class Await(Node, frozen=True, array_like=True, gc=False, tag=23):
    """`await value`."""

    value: Expression


class Yield(Node, frozen=True, array_like=True, gc=False, tag=24):
    """`yield value`, or `yield from value` where `many`."""

    value: Expression | None
    many: bool


class Ellipsis_(Node, frozen=True, array_like=True, gc=False, tag=25):
    """`...`."""


class Opaque(Node, frozen=True, array_like=True, gc=False, tag=26):
    """An expression that is not evaluated; `reason` says why: too deep, a complex number, unreadable syntax."""

    reason: str


class Forward(Node, frozen=True, array_like=True, gc=False, tag=27):
    """A string inside of an annotation (`Mapped["User"]`): its text, and the expression that the text is.

    `expression` is None where the text is no expression. Ranges inside of it are those of the string.
    """

    text: str
    expression: Expression | None


class Annotation(Node, frozen=True, array_like=True, gc=False, tag=28):
    """An annotation: the expression (a whole annotation in quotes is parsed), and the text as written."""

    expression: Expression
    text: str


Expression = Union[  # noqa: UP007 - resolved by msgspec, which wants the classes and not their names
    Constant, Name, Attribute, Subscript, Slice, Call, Binary, Unary, Boolean, Compare, Conditional, Starred, Display,
    DictDisplay, Comprehension, Interpolation, JoinedString, Walrus, Lambda, Await, Yield, Ellipsis_, Opaque, Forward,
]  # fmt: skip
