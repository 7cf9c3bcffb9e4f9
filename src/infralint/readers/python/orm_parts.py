"""Columns, relationships, foreign keys and tables: the calls that a mapping is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from infralint.facts.orm import OrmColumn, OrmForeignKey, OrmRelationship, OrmTable
from infralint.readers.python.context import PythonFile
from infralint.readers.python.names import dotted_name
from infralint.readers.python.tree import walk
from infralint.source import Span

COLUMN_CALLS = frozenset({"Column", "mapped_column"})
RELATIONSHIP_CALLS = frozenset({"relationship", "relation", "dynamic_loader", "Relationship"})
_COLUMN_WRAPPERS = frozenset({"deferred", "column_property", "column_keyed_dict"})
# Names around a class in an annotation: SQLAlchemy's own, and collections. The class is the last argument.
_CONTAINERS = frozenset(
    {
        "Annotated", "AppenderQuery", "Collection", "Dict", "DynamicMapped", "FrozenSet", "InstrumentedList",
        "Iterable", "List", "Mapped", "Mapping", "MutableMapping", "MutableSequence", "MutableSet", "Optional",
        "Relationship", "RelationshipProperty", "Sequence", "Set", "Tuple", "Union", "WriteOnlyMapped", "dict",
        "frozenset", "list", "set", "tuple",
    }
)  # fmt: skip
_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


def call_name(file: PythonFile, call: cst.Call) -> str:
    """The dotted name of what a call calls, imports applied; a subscript (`Mapped[int]()`) is looked through."""
    func = call.func
    return file.resolve(func.value if isinstance(func, cst.Subscript) else func)


def argument(call: cst.Call, keyword: str, position: int | None = None) -> cst.BaseExpression | None:
    """The value of an argument, by keyword or by position."""
    for arg in call.args:
        if arg.keyword is not None and arg.keyword.value == keyword:
            return arg.value
    if position is None:
        return None
    plain = []
    for arg in call.args:
        if arg.star:
            return None
        if arg.keyword is None:
            plain.append(arg.value)
    return plain[position] if position < len(plain) else None


class PartReader:
    """Reads the parts of a mapping in one file."""

    def __init__(self, file: PythonFile) -> None:
        self.file = file

    # Columns.

    def column(
        self, attribute: str, target: cst.CSTNode, value: cst.BaseExpression | None, annotation: cst.Annotation | None
    ) -> OrmColumn | None:
        """The column that an assignment in a class body makes; None when it makes none that can be seen."""
        call = self._column_call(value)
        if call is not None:
            return self._column(attribute, self.file.span(target), call, annotation)
        if value is None and annotation is not None and self._wraps(annotation.annotation, "Mapped"):
            return OrmColumn(attribute, attribute, self.file.span(target), nullable=_allows_none(annotation.annotation))
        return None

    def _column_call(self, value: cst.BaseExpression | None) -> cst.Call | None:
        if not isinstance(value, cst.Call):
            return None
        last = call_name(self.file, value).rpartition(".")[2]
        if last in COLUMN_CALLS:
            return value
        if last in _COLUMN_WRAPPERS:
            return self._column_call(argument(value, "column", 0))
        return None

    def _column(self, attribute: str, span: Span, call: cst.Call, annotation: cst.Annotation | None) -> OrmColumn:
        name, kind = attribute, ""
        positional = [arg.value for arg in call.args if arg.keyword is None and not arg.star]
        explicit = argument(call, "name")
        if explicit is None and positional and self._is_text(positional[0]):
            explicit = positional.pop(0)
        if explicit is not None:
            text = self.file.text_of(explicit)
            name = (text.static or "") if text else ""
        typed = argument(call, "type_") or next((v for v in positional if not self._is_schema_item(v)), None)
        if typed is not None:
            kind = dotted_name(typed.func if isinstance(typed, cst.Call) else typed).rpartition(".")[2]
        return OrmColumn(
            attribute,
            name,
            span,
            type=kind,
            nullable=_truth(argument(call, "nullable"), annotation),
            primary_key=_is_true(argument(call, "primary_key")),
            has_default=any(
                argument(call, key) is not None for key in ("default", "default_factory", "insert_default")
            ),
            has_server_default=argument(call, "server_default") is not None or self._has_item(positional, "Identity"),
            foreign_keys=tuple(self.foreign_keys(call)),
        )

    def _is_text(self, node: cst.BaseExpression) -> bool:
        return isinstance(node, (cst.SimpleString, cst.ConcatenatedString, cst.FormattedString)) or (
            isinstance(node, cst.Name) and self.file.constant(node) is not None
        )

    def _is_schema_item(self, node: cst.BaseExpression) -> bool:
        if not isinstance(node, cst.Call):
            return False
        last = call_name(self.file, node).rpartition(".")[2]
        return last in {
            "ForeignKey",
            "CheckConstraint",
            "Sequence",
            "Computed",
            "Identity",
            "DefaultClause",
            "FetchedValue",
        }

    def _has_item(self, values: list[cst.BaseExpression], name: str) -> bool:
        calls = (value for value in values if isinstance(value, cst.Call))
        return any(call_name(self.file, call).rpartition(".")[2] in {name, "Computed"} for call in calls)

    # Foreign keys.

    def foreign_keys(self, call: cst.Call) -> Iterator[OrmForeignKey]:
        """The `ForeignKey(...)` among a column's arguments, and SQLModel's `foreign_key=`."""
        for arg in call.args:
            value = arg.value
            if arg.keyword is not None and arg.keyword.value == "foreign_key":
                yield OrmForeignKey(self.file.text_of(value), self.file.span(value))
            elif isinstance(value, cst.Call) and call_name(self.file, value).rpartition(".")[2] == "ForeignKey":
                target = argument(value, "column", 0)
                if target is not None:
                    yield OrmForeignKey(self.file.text_of(target), self.file.span(target))

    def constraint_targets(self, call: cst.Call) -> list[OrmForeignKey]:
        """The target columns of a ForeignKeyConstraint."""
        targets = argument(call, "refcolumns", 1)
        if not isinstance(targets, (cst.List, cst.Tuple)):
            return []
        values = [element.value for element in targets.elements]
        return [OrmForeignKey(self.file.text_of(value), self.file.span(value)) for value in values]

    # Relationships.

    def relationship(
        self, attribute: str, value: cst.BaseExpression | None, annotation: cst.Annotation | None
    ) -> OrmRelationship | None:
        """The relationship that an assignment makes; None when it makes none."""
        if not isinstance(value, cst.Call):
            return None
        if call_name(self.file, value).rpartition(".")[2] not in RELATIONSHIP_CALLS:
            return None
        target, form, span = self._target(value, annotation)
        populates = argument(value, "back_populates")
        backref = argument(value, "backref")
        backref_name = self.file.text_of(_first(backref)) if backref is not None else None
        secondary = argument(value, "secondary")
        return OrmRelationship(
            attribute,
            target,
            form,
            span,
            self.file.span(value),
            back_populates=self.file.text_of(populates) if populates is not None else None,
            backref=(backref_name.static or "") if backref_name else "",
            secondary=dotted_name(secondary),
            called=dotted_name(value.func.value if isinstance(value.func, cst.Subscript) else value.func),
        )

    def _target(self, call: cst.Call, annotation: cst.Annotation | None) -> tuple[str, str, Span]:
        given = argument(call, "argument", 0)
        if given is not None:
            return self._given_target(given)
        if annotation is None:
            return "", "open", self.file.span(call.func)
        target, form, span = self.annotated_class(annotation.annotation)
        if form == "annotation-name" and self._is_late(annotation.annotation):
            # SQLAlchemy puts the innermost name of an annotation that is a string as a whole in quotes.
            form = "annotation"
        return target, form, span

    def _is_late(self, node: cst.BaseExpression) -> bool:
        """Whether Python keeps an annotation as a string."""
        return isinstance(node, cst.SimpleString) or any(
            statement.module == "__future__" and any(each.name == "annotations" for each in statement.names or ())
            for statement in self.file.outline.imports
        )

    def _given_target(self, given: cst.BaseExpression) -> tuple[str, str, Span]:
        if isinstance(given, cst.Lambda):
            given = given.body
        if isinstance(given, (cst.Name, cst.Attribute)) and self._constant(given) is None:
            return dotted_name(given), "name" if dotted_name(given) else "open", self.file.span(given)
        text = self.file.text_of(given)
        if text is None or text.static is None or not _DOTTED.fullmatch(text.static):
            return "", "open", self.file.span(given)
        return text.static, "string", self.file.span(given)

    def _constant(self, node: cst.BaseExpression) -> object:
        return self.file.constant(node) if isinstance(node, cst.Name) else None

    def annotated_class(self, node: cst.BaseExpression) -> tuple[str, str, Span]:
        """The class in `Mapped[...]`, containers and `| None` looked through."""
        if isinstance(node, cst.Subscript):
            return self._subscripted(node)
        if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitOr):
            return self.annotated_class(node.left if _is_none(node.right) else node.right)
        if isinstance(node, cst.SimpleString):
            return self._quoted(node)
        name = dotted_name(node)
        return name, "annotation-name" if name else "open", self.file.span(node)

    def _subscripted(self, node: cst.Subscript) -> tuple[str, str, Span]:
        last = dotted_name(node.value).rpartition(".")[2]
        values = [element.slice.value for element in node.slice if isinstance(element.slice, cst.Index)]
        inner = [value for value in values if not _is_none(value) and not isinstance(value, cst.Ellipsis)]
        if last not in _CONTAINERS or not inner:
            return "", "open", self.file.span(node)
        return self.annotated_class(inner[0] if last == "Annotated" else inner[-1])

    def _quoted(self, node: cst.SimpleString) -> tuple[str, str, Span]:
        """A string annotation: `"User"`, which SQLAlchemy asks the registry for, or `"List[User]"`, `"User | None"`."""
        span = self.file.span(node)
        text = self.file.text_of(node)
        written = (text.static if text else "") or ""
        names = [name.rpartition(".")[2] for name in _DOTTED.findall(written)]
        found = [name for name in _DOTTED.findall(written) if name.rpartition(".")[2] not in _CONTAINERS | {"None"}]
        if len(found) != 1:
            return "", "open", span
        collected = _CONTAINERS - {"Mapped", "Optional", "Union"}
        return found[0], "annotation-name" if collected & set(names) else "annotation", span

    def _wraps(self, node: cst.BaseExpression, name: str) -> bool:
        if isinstance(node, cst.SimpleString):
            return (node.raw_value or "").startswith(f"{name}[")
        return isinstance(node, cst.Subscript) and dotted_name(node.value).rpartition(".")[2] == name

    # Tables.

    def table(self, variable: str, call: cst.Call) -> OrmTable:
        """A `Table(...)` call."""
        name = argument(call, "name", 0)
        schema = argument(call, "schema")
        schema_text = self.file.text_of(schema) if schema is not None else None
        columns, reason = self._table_columns(call)
        if schema is not None and (schema_text is None or schema_text.static is None):
            reason = reason or "its schema cannot be read"
        return OrmTable(
            self.file.text_of(name) if name is not None else None,
            variable,
            dotted_name(argument(call, "metadata", 1)),
            self.file.span(name or call),
            schema=(schema_text.static or "") if schema_text else "",
            columns=tuple(columns),
            open=reason,
        )

    def _table_columns(self, call: cst.Call) -> tuple[list[OrmColumn], str]:
        columns: list[OrmColumn] = []
        reason = ""
        for index, arg in enumerate(call.args):
            if arg.star or (
                arg.keyword is not None and arg.keyword.value in {"autoload", "autoload_with", "autoload_replace"}
            ):
                reason = "its columns are made at run time"
            elif arg.keyword is not None:
                continue
            elif column := self._table_column(arg.value):
                columns.append(column)
            elif index < 2:
                # The table's name and its MetaData; Flask-SQLAlchemy's db.Table takes no MetaData.
                continue
            elif not isinstance(arg.value, cst.Call) or not _is_constraint(call_name(self.file, arg.value)):
                reason = "not all of its columns can be read"
        return columns, reason

    def _table_column(self, value: cst.BaseExpression) -> OrmColumn | None:
        if not isinstance(value, cst.Call) or call_name(self.file, value).rpartition(".")[2] not in COLUMN_CALLS:
            return None
        first = argument(value, "name", 0)
        return self._column("", self.file.span(first if first is not None else value), value, None)


def _first(node: cst.BaseExpression) -> cst.BaseExpression:
    """The first argument of `backref("name", ...)`, or the text itself."""
    return node.args[0].value if isinstance(node, cst.Call) and node.args else node


def _is_none(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"


def _is_true(node: cst.BaseExpression | None) -> bool:
    return isinstance(node, cst.Name) and node.value == "True"


def _truth(node: cst.BaseExpression | None, annotation: cst.Annotation | None) -> bool | None:
    if isinstance(node, cst.Name) and node.value in ("True", "False"):
        return node.value == "True"
    return None if node is not None or annotation is None else _allows_none(annotation.annotation)


def _allows_none(node: cst.BaseExpression) -> bool:
    return any(isinstance(n, cst.Name) and n.value in ("None", "Optional") for n in walk(node))


def _is_constraint(name: str) -> bool:
    last = name.rpartition(".")[2]
    return last.endswith("Constraint") or last in {"Index", "ForeignKey", "Sequence", "DDL"}
