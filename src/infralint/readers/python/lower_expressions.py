"""Expressions of `ast` as values of facts/program.py, with ranges in characters."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from infralint.facts import program as ir
from infralint.readers.python.nodes import walk
from infralint.source import SourceText

# Deeper expressions are not evaluated: the evaluator and the encoder recurse.
MAX_DEPTH = 60
_MAX_STRING = 200_000
_MAX_INTEGER = 2**63
_SURROGATE = re.compile("[\ud800-\udfff]")
_PLAIN = re.compile(r"""[uU]?("{3}|'{3}|"|')(.*)\1""", re.DOTALL)

_BINARY = {
    "Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**", "LShift": "<<",
    "RShift": ">>", "BitOr": "|", "BitXor": "^", "BitAnd": "&", "MatMult": "@",
}  # fmt: skip
_UNARY = {"UAdd": "+", "USub": "-", "Invert": "~", "Not": "not"}
_COMPARE = {
    "Eq": "==", "NotEq": "!=", "Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">=", "Is": "is", "IsNot": "is not",
    "In": "in", "NotIn": "not in",
}  # fmt: skip
_CONVERSIONS = {-1: "", 115: "s", 114: "r", 97: "a"}
_KINDS = {
    ast.List: "list", ast.Tuple: "tuple", ast.Set: "set", ast.ListComp: "list", ast.SetComp: "set",
    ast.GeneratorExp: "generator",
}  # fmt: skip
# Keywords whose strings SQLAlchemy evaluates (sqlalchemy.orm.relationship, 2.0: "Evaluation of relationship
# arguments"), and the functions whose first argument it evaluates.
_EVALUATED = frozenset(
    {"primaryjoin", "secondaryjoin", "foreign_keys", "remote_side", "order_by", "secondary", "argument"}
)
_RELATIONSHIPS = frozenset({"relationship", "relation", "Relationship", "dynamic_loader"})


def operator_name(node: ast.AST) -> str:
    """An operator as written: `+` for ast.Add."""
    name = type(node).__name__
    return _BINARY.get(name) or _UNARY.get(name) or _COMPARE.get(name, name)


class ExpressionLowering:
    """Lowers expressions of one text that begins `offset` characters into the file.

    `strings` collects literals that SQLAlchemy would evaluate. `stored` is the set of names that the innermost
    function (or other scope) binds, `yields` whether it yields.
    """

    def __init__(self, source: SourceText, offset: int) -> None:
        self.source = source
        self.offset = offset
        self.strings: list[ir.ParsedString] = []
        self.stored: set[str] = set()
        self.yields = False
        self._starts = source.line_starts
        self._ascii = source.text.isascii()
        self._depth = 0
        # The range that all nodes get: those inside of a string, whose own is not told.
        self._pinned: tuple[int, int] | None = None
        # Line and column shift of a text that stands inside of a literal.
        self._inside: int | None = None
        self._annotating = False
        # Where `:=` binds inside of a comprehension.
        self._walrus_names: set[str] | None = None

    # Places.

    def place(self, node: Any) -> tuple[int, int]:
        """The range of a node in the file."""
        if self._pinned is not None:
            return self._pinned
        if self._inside is not None:
            return self._inside + node.col_offset, self._inside + node.end_col_offset
        if self._ascii:
            starts, offset = self._starts, self.offset
            return (
                offset + starts[node.lineno - 1] + node.col_offset,
                offset + starts[node.end_lineno - 1] + node.end_col_offset,
            )
        start = self.at(node.lineno, node.col_offset)
        return start, self.at(node.end_lineno, node.end_col_offset)

    def at(self, line: int, column: int) -> int:
        """The offset in the file of a place as `ast` gives it."""
        if self._ascii:
            return self.offset + self._starts[line - 1] + column
        return self.offset + self.source.byte_offset_to_char(line, column)

    # Expressions.

    def expression(self, node: ast.expr) -> ir.Expression:
        """The value of an expression."""
        if self._depth >= MAX_DEPTH:
            self._note_names(node)
            return ir.Opaque(*self.place(node), "nested too deeply")
        self._depth += 1
        try:
            lower = _LOWERED.get(type(node))
            return lower(self, node) if lower else ir.Opaque(*self.place(node), "unknown syntax")
        finally:
            self._depth -= 1

    def optional(self, node: ast.expr | None) -> ir.Expression | None:
        """The value of an expression that may be left out."""
        return None if node is None else self.expression(node)

    def all(self, nodes: Sequence[ast.expr]) -> tuple[ir.Expression, ...]:
        """The values of expressions."""
        return tuple([self.expression(node) for node in nodes])

    def annotation(self, node: ast.expr | None) -> ir.Annotation | None:
        """An annotation; one in quotes is parsed."""
        if node is None:
            return None
        start, end = self.place(node)
        text = self.source.text[start - self.offset : end - self.offset]
        expression: ir.Expression | None = None
        with self._as_annotation(True):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                expression = self._inside_string(node, node.value)
            if expression is None:
                expression = self.expression(node)
        return ir.Annotation(start, end, expression, text)

    def _note_names(self, node: ast.expr) -> None:
        for each in walk(node):
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                self.stored.add(each.id)
            self.yields = self.yields or isinstance(each, (ast.Yield, ast.YieldFrom))

    @contextmanager
    def _as_annotation(self, annotating: bool) -> Iterator[None]:
        before, self._annotating = self._annotating, annotating
        try:
            yield
        finally:
            self._annotating = before

    @contextmanager
    def scope(self) -> Iterator[set[str]]:
        """The lowering of an inner scope; gives the set that its names go to."""
        before = self.stored, self.yields
        self.stored, self.yields = set(), False
        try:
            yield self.stored
        finally:
            self.stored, self.yields = before

    def _constant(self, node: ast.Constant) -> ir.Expression:
        start, end = self.place(node)
        value = node.value
        if value is Ellipsis:
            return ir.Ellipsis_(start, end)
        if isinstance(value, str):
            if self._annotating:
                return ir.Forward(start, end, _whole(value), self._inside_string(node, value))
            value = _whole(value)
        if isinstance(value, complex) or (isinstance(value, int) and not -_MAX_INTEGER <= value < 2 * _MAX_INTEGER):
            return ir.Opaque(start, end, "a number that is not kept")
        if isinstance(value, (str, bytes)) and len(value) > _MAX_STRING:
            return ir.Opaque(start, end, "a string that is too long")
        return ir.Constant(start, end, value)

    def _inside_string(self, node: ast.Constant, text: str) -> ir.Expression | None:
        """The expression that a string's text is, with its places where each character stands for itself."""
        if len(text) > 2_000 or not text.strip() or self._depth > MAX_DEPTH - 10:
            return None
        try:
            tree = ast.parse(f"({text})", mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        before = self._pinned, self._inside
        start, end = self.place(node)
        plain = _PLAIN.fullmatch(self.source.text, start - self.offset, end - self.offset)
        if self._pinned is None and self._inside is None and plain and plain[2] == text and _is_flat(plain[2]):
            self._inside = self.offset + plain.start(2) - 1
        else:
            self._pinned = start, end
        try:
            return self.expression(tree)
        finally:
            self._pinned, self._inside = before

    def _evaluated(self, node: ast.expr) -> None:
        """Note a string that SQLAlchemy evaluates, or each of a list of them."""
        if isinstance(node, (ast.List, ast.Tuple)):
            for element in node.elts:
                self._evaluated(element)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            with self._as_annotation(False):
                expression = self._inside_string(node, node.value)
            if expression is not None:
                self.strings.append(ir.ParsedString(*self.place(node), expression))

    def _name(self, node: ast.Name) -> ir.Expression:
        if isinstance(node.ctx, ast.Store):
            self.stored.add(node.id)
        return ir.Name(*self.place(node), node.id)

    def _attribute(self, node: ast.Attribute) -> ir.Expression:
        return ir.Attribute(*self.place(node), self.expression(node.value), node.attr)

    def _subscript(self, node: ast.Subscript) -> ir.Expression:
        value = self.expression(node.value)
        return ir.Subscript(*self.place(node), value, self._index(node, value))

    def _index(self, node: ast.Subscript, value: ir.Expression) -> ir.Expression:
        name = value.name if isinstance(value, ir.Attribute) else value.id if isinstance(value, ir.Name) else ""
        if self._annotating and name == "Literal":
            with self._as_annotation(False):
                return self.expression(node.slice)
        if self._annotating and name == "Annotated" and isinstance(node.slice, ast.Tuple) and node.slice.elts:
            first = self.expression(node.slice.elts[0])
            with self._as_annotation(False):
                return ir.Display(*self.place(node.slice), "tuple", (first, *self.all(node.slice.elts[1:])))
        return self.expression(node.slice)

    def _slice(self, node: ast.Slice) -> ir.Expression:
        bounds = [self.optional(each) for each in (node.lower, node.upper, node.step)]
        return ir.Slice(*self.place(node), *bounds)

    def _call(self, node: ast.Call) -> ir.Expression:
        function = self.expression(node.func)
        annotating, self._annotating = self._annotating, False
        arguments, keywords = self.all(node.args), self.keywords(node.keywords)
        self._annotating = annotating
        name = function.name if isinstance(function, ir.Attribute) else getattr(function, "id", "")
        if name in _RELATIONSHIPS and node.args:
            self._evaluated(node.args[0])
        return ir.Call(*self.place(node), function, arguments, keywords)

    def keywords(self, nodes: Sequence[ast.keyword]) -> tuple[ir.Keyword, ...]:
        """Keyword arguments."""
        found = []
        for node in nodes:
            if node.arg in _EVALUATED:
                self._evaluated(node.value)
            found.append(ir.Keyword(*self.place(node), node.arg or "", self.expression(node.value)))
        return tuple(found)

    def _binary(self, node: ast.BinOp) -> ir.Expression:
        left, right = self.expression(node.left), self.expression(node.right)
        return ir.Binary(*self.place(node), operator_name(node.op), left, right)

    def _unary(self, node: ast.UnaryOp) -> ir.Expression:
        return ir.Unary(*self.place(node), operator_name(node.op), self.expression(node.operand))

    def _boolean(self, node: ast.BoolOp) -> ir.Expression:
        operator = "and" if isinstance(node.op, ast.And) else "or"
        return ir.Boolean(*self.place(node), operator, self.all(node.values))

    def _compare(self, node: ast.Compare) -> ir.Expression:
        operators = tuple(map(operator_name, node.ops))
        return ir.Compare(*self.place(node), self.expression(node.left), operators, self.all(node.comparators))

    def _conditional(self, node: ast.IfExp) -> ir.Expression:
        parts = self.expression(node.test), self.expression(node.body), self.expression(node.orelse)
        return ir.Conditional(*self.place(node), *parts)

    def _starred(self, node: ast.Starred) -> ir.Expression:
        return ir.Starred(*self.place(node), self.expression(node.value))

    def _display(self, node: ast.List | ast.Tuple | ast.Set) -> ir.Expression:
        return ir.Display(*self.place(node), _KINDS[type(node)], self.all(node.elts))

    def _dict(self, node: ast.Dict) -> ir.Expression:
        keys = tuple([self.optional(key) for key in node.keys])
        return ir.DictDisplay(*self.place(node), keys, self.all(node.values))

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> ir.Expression:
        with self._comprehension_scope():
            clauses = tuple(map(self._clause, node.generators))
            element = self.expression(node.elt)
        return ir.Comprehension(*self.place(node), _KINDS[type(node)], element, None, clauses)

    def _dict_comprehension(self, node: ast.DictComp) -> ir.Expression:
        with self._comprehension_scope():
            clauses = tuple(map(self._clause, node.generators))
            key, value = self.expression(node.key), self.expression(node.value)
        return ir.Comprehension(*self.place(node), "dict", key, value, clauses)

    @contextmanager
    def _comprehension_scope(self) -> Iterator[None]:
        """Targets are the comprehension's own, names bound by `:=` the function's (PEP 572)."""
        outer = self.stored
        walrus = self._walrus_names
        self._walrus_names = walrus if walrus is not None else outer
        self.stored = set()
        try:
            yield
        finally:
            self.stored, self._walrus_names = outer, walrus

    def _clause(self, node: ast.comprehension) -> ir.Clause:
        iterable = self.expression(node.iter)
        target = self.expression(node.target)
        return ir.Clause(*self.place(node.target), target, iterable, self.all(node.ifs))

    def _walrus(self, node: ast.NamedExpr) -> ir.Expression:
        names = self.stored if self._walrus_names is None else self._walrus_names
        names.add(node.target.id)
        return ir.Walrus(*self.place(node), node.target.id, self.expression(node.value))

    def _joined(self, node: ast.JoinedStr) -> ir.Expression:
        place = self.place(node)
        before, self._pinned = self._pinned, place
        try:
            with self._as_annotation(False):
                return ir.JoinedString(*place, self.all(node.values))
        finally:
            self._pinned = before

    def _interpolation(self, node: ast.FormattedValue) -> ir.Expression:
        written = self.optional(node.format_spec)
        format_ = written if isinstance(written, ir.JoinedString) else None
        return ir.Interpolation(*self.place(node), self.expression(node.value), _CONVERSIONS[node.conversion], format_)

    def _lambda(self, node: ast.Lambda) -> ir.Expression:
        parameters = self.parameters(node.args)
        walrus, self._walrus_names = self._walrus_names, None
        with self.scope():
            body = self.expression(node.body)
        self._walrus_names = walrus
        return ir.Lambda(*self.place(node), parameters, body)

    def parameters(self, node: ast.arguments) -> tuple[ir.Parameter, ...]:
        """The parameters of a function in order."""
        positional = [*node.posonlyargs, *node.args]
        defaults = [None] * (len(positional) - len(node.defaults)) + list(node.defaults)
        found = []
        for index, (each, default) in enumerate(zip(positional, defaults, strict=True)):
            kind = "positional" if index < len(node.posonlyargs) else "any"
            found.append(self._parameter(each, kind, default))
        if node.vararg:
            found.append(self._parameter(node.vararg, "*", None))
        for each, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
            found.append(self._parameter(each, "keyword", default))
        if node.kwarg:
            found.append(self._parameter(node.kwarg, "**", None))
        return tuple(found)

    def _parameter(self, node: ast.arg, kind: str, default: ast.expr | None) -> ir.Parameter:
        lowered = self.optional(default)
        return ir.Parameter(*self.place(node), node.arg, kind, lowered, self.annotation(node.annotation))

    def _await(self, node: ast.Await) -> ir.Expression:
        return ir.Await(*self.place(node), self.expression(node.value))

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> ir.Expression:
        self.yields = True
        return ir.Yield(*self.place(node), self.optional(node.value), isinstance(node, ast.YieldFrom))


def _whole(value: str) -> str:
    """A string without half characters, which no encoding of text holds."""
    return _SURROGATE.sub("\ufffd", value)


def _is_flat(text: str) -> bool:
    """Whether a column of a text in one line is an offset: all characters are ASCII, none ends the line."""
    return text.isascii() and "\n" not in text and "\r" not in text


_LOWERED: dict[type[ast.expr], Callable[[ExpressionLowering, Any], ir.Expression]] = {
    ast.Constant: ExpressionLowering._constant,
    ast.Name: ExpressionLowering._name,
    ast.Attribute: ExpressionLowering._attribute,
    ast.Subscript: ExpressionLowering._subscript,
    ast.Slice: ExpressionLowering._slice,
    ast.Call: ExpressionLowering._call,
    ast.BinOp: ExpressionLowering._binary,
    ast.UnaryOp: ExpressionLowering._unary,
    ast.BoolOp: ExpressionLowering._boolean,
    ast.Compare: ExpressionLowering._compare,
    ast.IfExp: ExpressionLowering._conditional,
    ast.Starred: ExpressionLowering._starred,
    ast.List: ExpressionLowering._display,
    ast.Tuple: ExpressionLowering._display,
    ast.Set: ExpressionLowering._display,
    ast.Dict: ExpressionLowering._dict,
    ast.ListComp: ExpressionLowering._comprehension,
    ast.SetComp: ExpressionLowering._comprehension,
    ast.GeneratorExp: ExpressionLowering._comprehension,
    ast.DictComp: ExpressionLowering._dict_comprehension,
    ast.NamedExpr: ExpressionLowering._walrus,
    ast.JoinedStr: ExpressionLowering._joined,
    ast.FormattedValue: ExpressionLowering._interpolation,
    ast.Lambda: ExpressionLowering._lambda,
    ast.Await: ExpressionLowering._await,
    ast.Yield: ExpressionLowering._yield,
    ast.YieldFrom: ExpressionLowering._yield,
}
