"""A module's statements and expressions as plain values: what the symbolic interpreter evaluates.

The shapes follow Python's own abstract grammar (Python 3.13 reference, `ast`), without what evaluation does not
need. Every node has the half-open range of characters in which it is written, as two numbers: a tree of a large
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


# Statements.


class Evaluate(Node, frozen=True, array_like=True, gc=False, tag=40):
    """An expression as a statement."""

    value: Expression


class Assign(Node, frozen=True, array_like=True, gc=False, tag=41):
    """`a = b = value`."""

    targets: tuple[Expression, ...]
    value: Expression


class Annotate(Node, frozen=True, array_like=True, gc=False, tag=42):
    """`target: annotation = value`, or without a value."""

    target: Expression
    annotation: Annotation
    value: Expression | None


class Augment(Node, frozen=True, array_like=True, gc=False, tag=43):
    """`target operator= value`, the operator without its `=`."""

    target: Expression
    operator: str
    value: Expression


class Delete(Node, frozen=True, array_like=True, gc=False, tag=44):
    """`del targets`."""

    targets: tuple[Expression, ...]


class Return(Node, frozen=True, array_like=True, gc=False, tag=45):
    """`return value`."""

    value: Expression | None


class Raise(Node, frozen=True, array_like=True, gc=False, tag=46):
    """`raise value`."""

    value: Expression | None


class Assert(Node, frozen=True, array_like=True, gc=False, tag=47):
    """`assert test`."""

    test: Expression


class Jump(Node, frozen=True, array_like=True, gc=False, tag=48):
    """`kind`: "break" or "continue"."""

    kind: str


class Declare(Node, frozen=True, array_like=True, gc=False, tag=49):
    """`global` or `nonlocal` (the `kind`) with its names."""

    kind: str
    names: tuple[str, ...]


class ImportModule(Node, frozen=True, array_like=True, gc=False, tag=50):
    """One module of `import a.b as c`; `alias` is "" without `as`."""

    module: str
    alias: str


class ImportedName(Node, frozen=True, array_like=True, gc=False, tag=51):
    """`name as alias` of a from-import; the name `*` for all."""

    name: str
    alias: str


class ImportFrom(Node, frozen=True, array_like=True, gc=False, tag=52):
    """`from ..module import names`; `level` counts the dots."""

    module: str
    level: int
    names: tuple[ImportedName, ...]


class If(Node, frozen=True, array_like=True, gc=False, tag=53):
    """`if test: body else: otherwise`; an `elif` is an If in `otherwise`."""

    test: Expression
    body: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]


class For(Node, frozen=True, array_like=True, gc=False, tag=54):
    """`for target in iterable: body else: otherwise`, async or not."""

    target: Expression
    iterable: Expression
    body: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]


class While(Node, frozen=True, array_like=True, gc=False, tag=55):
    """`while test: body else: otherwise`."""

    test: Expression
    body: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]


class WithItem(Node, frozen=True, array_like=True, gc=False, tag=56):
    """`context as target`."""

    context: Expression
    target: Expression | None


class With(Node, frozen=True, array_like=True, gc=False, tag=57):
    """`with items: body`, async or not."""

    items: tuple[WithItem, ...]
    body: tuple[Statement, ...]


class Handler(Node, frozen=True, array_like=True, gc=False, tag=58):
    """`except exception as name: body`; `exception` None for a bare one."""

    exception: Expression | None
    name: str
    body: tuple[Statement, ...]


class Try(Node, frozen=True, array_like=True, gc=False, tag=59):
    """`try: body except ...: handlers else: otherwise finally: last`."""

    body: tuple[Statement, ...]
    handlers: tuple[Handler, ...]
    otherwise: tuple[Statement, ...]
    last: tuple[Statement, ...]


class Pattern(Node, frozen=True, array_like=True, gc=False, tag=60):
    """A pattern of a case.

    `kind`: "value" (`value`), "singleton" (`value`, a Constant), "capture" (`name`, "" for `_`; `patterns` holds the
    pattern before `as`, if any), "or" and "sequence" (`patterns`), "star" (`name`), "other" (mappings and classes;
    `names` are what they bind).
    """

    kind: str
    value: Expression | None = None
    name: str = ""
    patterns: tuple[Pattern, ...] = ()
    names: tuple[str, ...] = ()


class Case(Node, frozen=True, array_like=True, gc=False, tag=61):
    """`case pattern if guard: body`."""

    pattern: Pattern
    guard: Expression | None
    body: tuple[Statement, ...]


class Match(Node, frozen=True, array_like=True, gc=False, tag=62):
    """`match subject: cases`."""

    subject: Expression
    cases: tuple[Case, ...]


class Function(Node, frozen=True, array_like=True, gc=False, tag=63):
    """`def name(parameters) -> returns: body`. `start` is that of `def`, not of a decorator.

    `body` is None where it was not lowered: large and of no use to models or migrations. `assigned`: the names that
    are the function's own (parameters aside). `generator`: it holds a `yield`.
    """

    name: str
    name_start: int
    parameters: tuple[Parameter, ...]
    decorators: tuple[Expression, ...]
    returns: Annotation | None
    body: tuple[Statement, ...] | None
    assigned: tuple[str, ...]
    generator: bool
    is_async: bool
    documented: bool

    @property
    def name_span(self) -> Span:
        """The range of the function's name."""
        return Span(self.name_start, self.name_start + len(self.name))


class Class(Node, frozen=True, array_like=True, gc=False, tag=64):
    """`class name(bases, keywords): body`. `start` is that of `class`, not of a decorator."""

    name: str
    name_start: int
    bases: tuple[Expression, ...]
    keywords: tuple[Keyword, ...]
    decorators: tuple[Expression, ...]
    body: tuple[Statement, ...]
    doc: str

    @property
    def name_span(self) -> Span:
        """The range of the class's name."""
        return Span(self.name_start, self.name_start + len(self.name))


class TypeAlias(Node, frozen=True, array_like=True, gc=False, tag=65):
    """`type name = value` (PEP 695)."""

    name: str
    value: Expression


class Unreadable(Node, frozen=True, array_like=True, gc=False, tag=66):
    """Statements that could not be read. `names`: what they seem to bind, `*` where that cannot be told."""

    reason: str
    names: tuple[str, ...]


Expression = Union[  # noqa: UP007 - resolved by msgspec, which wants the classes and not their names
    Constant, Name, Attribute, Subscript, Slice, Call, Binary, Unary, Boolean, Compare, Conditional, Starred, Display,
    DictDisplay, Comprehension, Interpolation, JoinedString, Walrus, Lambda, Await, Yield, Ellipsis_, Opaque, Forward,
]  # fmt: skip

Statement = Union[  # noqa: UP007
    Evaluate, Assign, Annotate, Augment, Delete, Return, Raise, Assert, Jump, Declare, ImportModule, ImportFrom, If,
    For, While, With, Try, Match, Function, Class, TypeAlias, Unreadable,
]  # fmt: skip


class ParsedString(Node, frozen=True, array_like=True, gc=False):
    """A string literal that is an expression for SQLAlchemy (`primaryjoin="A.id == B.a_id"`), parsed."""

    expression: Expression


class Program(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A module. `strings`: literals that SQLAlchemy would evaluate, wherever they stand."""

    body: tuple[Statement, ...]
    strings: tuple[ParsedString, ...] = ()


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Program)


def encode_program(program: Program) -> bytes:
    """The bytes of a program, as they stand in the facts of a file: decoded only when somebody evaluates it."""
    return _ENCODER.encode(program)


def decode_program(data: bytes) -> Program:
    """The program of these bytes. Raises msgspec.DecodeError."""
    return _DECODER.decode(data)
