"""What an expression may be as text: literals, concatenation, formats, joins, and names where they can be followed."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from itertools import product
from typing import Protocol

from infralint.facts.text import HOLE, Piece, Text, hole
from infralint.readers.python.literals import FORMAT, PERCENT, Field, filled, format_text, parts_of, percent_text
from infralint.readers.python.syntax import Syntax
from infralint.readers.python.text_kinds import (
    MAX_COMPOSED,
    MAX_LISTED,
    Entries,
    Items,
    Origin,
    Texts,
    Value,
    collapsed,
    either,
    is_hole,
    joined_items,
    last_name,
    one_text,
    static_of,
)
from infralint.source import Span

# A text of more pieces is data.
_MAX_PIECES = 20_000
_MAX_DEPTH = 60
# Methods that keep a text's words: only white space changes, or what is bound to it.
_KEEPING_METHODS = frozenset(
    {"as_string", "bindparams", "columns", "execution_options", "lstrip", "rstrip", "strip", "encode"}
)
# Functions whose result has the words of their one argument; texts of SQLAlchemy and psycopg among them.
_KEEPING_FUNCTIONS = frozenset({"cleandoc", "dedent", "str", "text", "SQL", "RawSQL", "cast", "DDL", "Composed"})
MAKERS = {"text": "sqlalchemy", "DDL": "sqlalchemy", "SQL": "psycopg", "Composed": "psycopg"}


class Names(Protocol):
    """What names, attributes and calls of the project's own functions stand for at one place."""

    def name(self, node: ast.Name) -> Value | None:
        """The value of a name; None where it is not known."""

    def attribute(self, node: ast.Attribute) -> Value | None:
        """The value of an attribute; None where it is not known."""

    def call(self, node: ast.Call) -> Value | None:
        """What a call returns; None where it is not known."""

    def bind(self, name: str, value: Value) -> None:
        """`name := value` was passed."""


class Evaluator:
    """Evaluates the expressions of one module."""

    def __init__(self, syntax: Syntax) -> None:
        self.syntax = syntax
        # What a hole stands for where that has a name: a parameter, or something imported.
        self.origins: dict[Span, Origin] = {}
        # What made a text, by the place of its first piece: "sqlalchemy" for text(), "psycopg" for sql.SQL().
        self.makers: dict[Span, str] = {}

    def value(self, node: ast.expr, names: Names, depth: int = 0) -> Value:
        """What an expression is; a hole where nothing is known of it."""
        if depth > _MAX_DEPTH:
            return self.hole(node)
        read = _READERS.get(type(node))
        found = read(self, node, names, depth + 1) if read else None
        return self.hole(node) if found is None else found

    def texts(self, node: ast.expr, names: Names, depth: int = 0) -> Texts:
        """The texts that an expression may be."""
        value = self.value(node, names, depth)
        return value if isinstance(value, Texts) else self.hole(node)

    def hole(self, node: ast.expr) -> Texts:
        """The value of an expression of which nothing is known."""
        return Texts((hole(self.syntax.span(node)),))

    # Literals

    def _constant(self, node: ast.expr, names: Names, depth: int) -> Value | None:
        assert isinstance(node, ast.Constant)
        if not isinstance(node.value, str):
            return None
        span = self.syntax.span(node)
        parts = parts_of(self.syntax.text, span)
        if parts is None or any(isinstance(part, Field) for part in parts):
            return None
        return Texts((Text(tuple(part for part in parts if isinstance(part, Piece)), span),))

    def _joined(self, node: ast.expr, names: Names, depth: int) -> Value | None:
        assert isinstance(node, ast.JoinedStr)
        span = self.syntax.span(node)
        parts = parts_of(self.syntax.text, span)
        if parts is None:
            return None
        fields = [part for part in parts if isinstance(part, Field)]
        values = [each for each in node.values if isinstance(each, ast.FormattedValue)]
        inner = dict(zip(fields, values, strict=True)) if len(fields) == len(values) else {}
        return self.composed(span, (self._part(part, inner, names, depth) for part in parts))

    def _part(self, part: Piece | Field, inner: dict[Field, ast.FormattedValue], names: Names, depth: int) -> Texts:
        if isinstance(part, Piece):
            return Texts((Text((part,), part.span),))
        field = inner.get(part)
        if field is None or not part.plain:
            return Texts((hole(part.span),))
        return self.placed(self.texts(field.value, names, depth), part.span)

    def placed(self, texts: Texts, span: Span) -> Texts:
        """The same with holes that are nothing else put at `span`, where they are written."""
        return Texts(tuple(self._placed(text, span) if is_hole(text) else text for text in texts.texts), texts.complete)

    def _placed(self, text: Text, span: Span) -> Text:
        if origin := self.origins.get(text.span):
            self.origins[span] = origin
        return hole(span)

    def origin(self, text: Text) -> Origin | None:
        """What a text that is nothing but a hole stands for."""
        return self.origins.get(text.pieces[0].span) if len(text.pieces) == 1 else None

    # Composition

    def composed(self, span: Span, parts: Iterable[Texts]) -> Texts:
        """Texts one after the other, every choice of them."""
        every = list(parts)
        complete = all(part.complete for part in every)
        count = 1
        for at, part in enumerate(every):
            count *= len(part.texts)
            if count > MAX_COMPOSED:
                every[at] = collapsed(part, span)
                count //= len(part.texts)
        found = []
        for choice in product(*(part.texts for part in every)):
            pieces = tuple(piece for text in choice for piece in text.pieces)
            if len(pieces) > _MAX_PIECES:
                return Texts((hole(span),))
            found.append(Text(pieces, span))
        return Texts(tuple(found), complete)

    def _binary(self, node: ast.expr, names: Names, depth: int) -> Value | None:
        assert isinstance(node, ast.BinOp)
        if isinstance(node.op, ast.Mod):
            return self._percent(node, names, depth)
        operands: list[ast.expr] = []
        left: ast.expr = node
        # A long concatenation leans to the left.
        while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add):
            operands.append(left.right)
            left = left.left
        if not operands:
            return None
        operands.append(left)
        values = [self.value(operand, names, depth) for operand in reversed(operands)]
        if all(isinstance(value, Items) for value in values):
            return joined_items([value for value in values if isinstance(value, Items)])
        return self.composed(self.syntax.span(node), (v if isinstance(v, Texts) else self.hole(node) for v in values))

    def _percent(self, node: ast.BinOp, names: Names, depth: int) -> Value | None:
        left = self.texts(node.left, names, depth)
        if all(map(is_hole, left.texts)):
            return None
        right = self.value(node.right, names, depth)
        span = self.syntax.span(node)
        return Texts(tuple(self._filled_percent(text, right, span) for text in left.texts), left.complete)

    def _filled_percent(self, text: Text, right: Value, span: Span) -> Text:
        values = list(right.values) if isinstance(right, Items) else [right]
        keys = {key: value for key, _, value in right.entries} if isinstance(right, Entries) else {}
        order = iter(values)

        def fill(conversion: re.Match[str]) -> Iterable[Piece] | str | None:
            literal = percent_text(conversion)
            if literal is not None:
                return literal
            return one_text(keys.get(conversion["key"]) if conversion["key"] else next(order, None))

        return Text(tuple(filled(text.pieces, PERCENT, fill)), span)

    def _format(self, node: ast.Call, template: Texts, names: Names, depth: int) -> Texts:
        span = self.syntax.span(node)
        positions = [self.value(argument, names, depth) for argument in node.args]
        if any(isinstance(argument, ast.Starred) for argument in node.args):
            positions = []
        named = {keyword.arg: self.value(keyword.value, names, depth) for keyword in node.keywords if keyword.arg}
        return Texts(tuple(_filled_format(text, positions, named, span) for text in template.texts), template.complete)

    # Calls

    def _call(self, node: ast.expr, names: Names, depth: int) -> Value | None:
        assert isinstance(node, ast.Call)
        function = node.func
        if isinstance(function, ast.Attribute):
            found = self._method(node, function, names, depth)
            if found is not None:
                return found
        last = last_name(function)
        if last == "Identifier" and node.args:
            return self._identifier(node, names, depth)
        if last == "Placeholder":
            return self._placeholder(node)
        if last in _KEEPING_FUNCTIONS and node.args:
            value = self.value(node.args[-1 if last == "cast" else 0], names, depth)
            self._note_maker(last, value)
            if isinstance(value, Items):
                return self.composed(self.syntax.span(node), (v for v in value.values if isinstance(v, Texts)))
            return value
        if last in ("list", "tuple") and len(node.args) == 1:
            value = self.value(node.args[0], names, depth)
            return Items(value.nodes, value.values, last == "list") if isinstance(value, Items) else None
        if last == "dict" and not node.args and all(keyword.arg for keyword in node.keywords):
            return Entries(tuple((k.arg, k.value, self.value(k.value, names, depth)) for k in node.keywords if k.arg))
        return names.call(node)

    def _note_maker(self, function: str, value: Value) -> None:
        maker = MAKERS.get(function)
        if maker is not None and isinstance(value, Texts):
            self.makers.update((text.pieces[0].span, maker) for text in value.texts if text.pieces)

    def _method(self, node: ast.Call, function: ast.Attribute, names: Names, depth: int) -> Value | None:
        method = function.attr
        if method == "join" and len(node.args) == 1:
            return self._join(node, function.value, names, depth)
        if method == "format":
            template = self.texts(function.value, names, depth)
            return None if all(map(is_hole, template.texts)) else self._format(node, template, names, depth)
        if method in _KEEPING_METHODS:
            texts = self.texts(function.value, names, depth)
            return None if all(map(is_hole, texts.texts)) else texts
        if method == "get" and node.args:
            return self._item(self.value(function.value, names, depth), node.args[0], names, depth)
        if method in ("values", "copy") and not node.args:
            value = self.value(function.value, names, depth)
            if method == "values" and isinstance(value, Entries):
                return Items(tuple(e[1] for e in value.entries), tuple(e[2] for e in value.entries), mutable=False)
            return value if method == "copy" and not isinstance(value, Texts) else None
        if method == "items" and not node.args:
            value = self.value(function.value, names, depth)
            if isinstance(value, Entries):
                pairs = tuple(
                    Items((key, key), (self.hole(key), each), mutable=False) for _, key, each in value.entries
                )
                return Items(tuple(e[1] for e in value.entries), pairs, mutable=False)
        return None

    def _join(self, node: ast.Call, separator: ast.expr, names: Names, depth: int) -> Value | None:
        items = self.value(node.args[0], names, depth)
        glue = self.texts(separator, names, depth)
        if not isinstance(items, Items) or len(items.values) > MAX_LISTED:
            return None
        parts: list[Texts] = []
        for at, value in enumerate(items.values):
            if at:
                parts.append(glue)
            parts.append(value if isinstance(value, Texts) else self.hole(items.nodes[at]))
        return self.composed(self.syntax.span(node), parts)

    def _identifier(self, node: ast.Call, names: Names, depth: int) -> Value | None:
        """psycopg's `sql.Identifier("schema", "name")`: names in quotes."""
        pieces: list[Piece] = []
        for at, argument in enumerate(node.args):
            text = one_text(self.value(argument, names, depth))
            static = "".join(piece.text for piece in text) if text is not None else HOLE
            span = self.syntax.span(argument)
            if at:
                pieces.append(Piece(".", Span(span.start, span.start)))
            pieces.append(Piece(HOLE, span) if HOLE in static else Piece('"' + static.replace('"', '""') + '"', span))
        return Texts((Text(tuple(pieces), self.syntax.span(node)),))

    def _placeholder(self, node: ast.Call) -> Value | None:
        """psycopg's `sql.Placeholder()` and `sql.Placeholder("name")`."""
        span = self.syntax.span(node)
        if not node.args and not node.keywords:
            return Texts((Text((Piece("%s", span),), span),))
        name = node.args[0] if node.args else None
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            return Texts((Text((Piece(f"%({name.value})s", span),), span),))
        return None

    # Names, choices, containers

    def _name(self, node: ast.expr, names: Names, depth: int) -> Value | None:
        assert isinstance(node, ast.Name)
        return names.name(node)

    def _attribute(self, node: ast.expr, names: Names, depth: int) -> Value | None:
        assert isinstance(node, ast.Attribute)
        found = names.attribute(node)
        if found is None and node.attr == "value":
            # A member of an enumeration.
            inner = self.value(node.value, names, depth)
            found = inner if isinstance(inner, Texts) and not any(map(is_hole, inner.texts)) else None
        return found

    def _choice(self, node: ast.expr, names: Names, depth: int) -> Value | None:
        options = [node.body, node.orelse] if isinstance(node, ast.IfExp) else getattr(node, "values")  # noqa: B009
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
            options = options[-1:]
        return either([self.value(option, names, depth) for option in options], self.syntax.span(node))

    def _named(self, node: ast.expr, names: Names, depth: int) -> Value | None:
        assert isinstance(node, ast.NamedExpr)
        value = self.value(node.value, names, depth)
        names.bind(node.target.id, value)
        return value

    def _awaited(self, node: ast.expr, names: Names, depth: int) -> Value | None:
        assert isinstance(node, ast.Await)
        return self.value(node.value, names, depth)

    def _items(self, node: ast.expr, names: Names, depth: int) -> Value | None:
        assert isinstance(node, (ast.List, ast.Tuple))
        nodes: list[ast.expr] = []
        values: list[Value] = []
        for element in node.elts:
            if isinstance(element, ast.Starred):
                inner = self.value(element.value, names, depth)
                if not isinstance(inner, Items):
                    return None
                nodes += inner.nodes
                values += inner.values
            else:
                nodes.append(element)
                values.append(self.value(element, names, depth))
        return Items(tuple(nodes), tuple(values), isinstance(node, ast.List))

    def _entries(self, node: ast.expr, names: Names, depth: int) -> Value | None:
        assert isinstance(node, ast.Dict)
        entries: list[tuple[str, ast.expr, Value]] = []
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                inner = self.value(value, names, depth)
                if not isinstance(inner, Entries):
                    return None
                entries += inner.entries
            elif isinstance(key, ast.Constant) and isinstance(key.value, (str, int)):
                entries.append((str(key.value), key, self.value(value, names, depth)))
            else:
                return None
        return Entries(tuple(entries))

    def _subscript(self, node: ast.expr, names: Names, depth: int) -> Value | None:
        assert isinstance(node, ast.Subscript)
        return self._item(self.value(node.value, names, depth), node.slice, names, depth)

    def _item(self, container: Value, index: ast.expr, names: Names, depth: int) -> Value | None:
        constant = index.value if isinstance(index, ast.Constant) else None
        if isinstance(container, Items) and isinstance(constant, int):
            return container.values[constant] if -len(container.values) <= constant < len(container.values) else None
        if isinstance(container, Entries):
            if constant is None:
                constant = static_of(self.value(index, names, depth))
            return next((value for key, _, value in container.entries if key == str(constant)), None)
        return None


_Reader = Callable[[Evaluator, ast.expr, Names, int], "Value | None"]
_READERS: dict[type[ast.expr], _Reader] = {
    ast.Constant: Evaluator._constant,
    ast.JoinedStr: Evaluator._joined,
    ast.BinOp: Evaluator._binary,
    ast.Call: Evaluator._call,
    ast.Name: Evaluator._name,
    ast.Attribute: Evaluator._attribute,
    ast.IfExp: Evaluator._choice,
    ast.BoolOp: Evaluator._choice,
    ast.NamedExpr: Evaluator._named,
    ast.Await: Evaluator._awaited,
    ast.List: Evaluator._items,
    ast.Tuple: Evaluator._items,
    ast.Dict: Evaluator._entries,
    ast.Subscript: Evaluator._subscript,
}


def _filled_format(text: Text, positions: list[Value], named: dict[str, Value], span: Span) -> Text:
    order = iter(positions)

    def fill(match: re.Match[str]) -> Iterable[Piece] | str | None:
        literal = format_text(match)
        if literal is not None:
            return literal
        field: str = match["field"]
        if not field:
            return one_text(next(order, None))
        if field.isdecimal():
            return one_text(positions[int(field)]) if int(field) < len(positions) else None
        return one_text(named.get(field))

    return Text(tuple(filled(text.pieces, FORMAT, fill)), span)
