"""A module's statements and expressions as plain values: what the symbolic interpreter evaluates.

The shapes follow Python's own abstract grammar (Python 3.13 reference, `ast`), without what evaluation does not
need. Expressions stand in program_expressions.py and are found here, too.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Union

import msgspec

from infralint.facts.program_expressions import (
    Annotation,
    Attribute,
    Await,
    Binary,
    Boolean,
    Call,
    Clause,
    Compare,
    Comprehension,
    Conditional,
    Constant,
    DictDisplay,
    Display,
    Ellipsis_,
    Expression,
    Forward,
    Interpolation,
    JoinedString,
    Keyword,
    Lambda,
    Name,
    Node,
    Opaque,
    Parameter,
    Slice,
    Starred,
    Subscript,
    Unary,
    Walrus,
    Yield,
)
from infralint.source import Span


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


def encode_program(program: Program) -> bytes:
    """The bytes of a program, as they stand in the facts of a file: decoded only when somebody evaluates it."""
    return _ENCODER.encode(program)


def decode_program(data: bytes) -> Program:
    """The program of these bytes. Raises msgspec.DecodeError."""
    return _decoder().decode(data)


@lru_cache(maxsize=1)
def _decoder() -> msgspec.msgpack.Decoder[Program]:
    # Made when first asked for: to make it takes longer than most files do.
    return msgspec.msgpack.Decoder(Program)


__all__ = [
    "Annotate",
    "Annotation",
    "Assert",
    "Assign",
    "Attribute",
    "Augment",
    "Await",
    "Binary",
    "Boolean",
    "Call",
    "Case",
    "Class",
    "Clause",
    "Compare",
    "Comprehension",
    "Conditional",
    "Constant",
    "Declare",
    "Delete",
    "DictDisplay",
    "Display",
    "Ellipsis_",
    "Evaluate",
    "Expression",
    "For",
    "Forward",
    "Function",
    "Handler",
    "If",
    "ImportFrom",
    "ImportModule",
    "ImportedName",
    "Interpolation",
    "JoinedString",
    "Jump",
    "Keyword",
    "Lambda",
    "Match",
    "Name",
    "Node",
    "Opaque",
    "Parameter",
    "ParsedString",
    "Pattern",
    "Program",
    "Raise",
    "Return",
    "Slice",
    "Starred",
    "Statement",
    "Subscript",
    "Try",
    "TypeAlias",
    "Unary",
    "Unreadable",
    "Walrus",
    "While",
    "With",
    "WithItem",
    "Yield",
    "decode_program",
    "encode_program",
]
