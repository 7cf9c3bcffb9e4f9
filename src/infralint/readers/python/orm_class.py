"""The body of a mapped class, mixin or abstract base."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import libcst as cst
import msgspec

from infralint.facts.orm import OrmClass, OrmColumn, OrmRelationship
from infralint.facts.text import Text
from infralint.readers.python.names import dotted_name
from infralint.readers.python.orm_parts import PartReader, call_name
from infralint.readers.python.tree import walk

_BUILTINS = frozenset(dir(builtins))
# Attributes of a declarative base that configure it.
_SETTINGS = frozenset({"metadata", "registry", "type_annotation_map", "query"})
# Attributes of a mapped class that are no columns of its own table.
_NO_COLUMNS = frozenset(
    {
        "AssociationProxy", "CheckConstraint", "ForeignKeyConstraint", "Index", "PrimaryKeyConstraint",
        "UniqueConstraint", "aliased", "and_", "association_proxy", "backref", "bindparam", "column_keyed_dict",
        "composite", "func", "hybrid_property", "literal", "or_", "orm_insert_sentinel", "query_expression",
        "relationship", "relation", "select", "synonym", "synonym_for", "text", "with_polymorphic",
        "column_property", "ConfigDict", "SettingsConfigDict", "object_session", "PrivateAttr", "ClassVar",
    }
)  # fmt: skip


@dataclass
class _Body:
    table: Text | None = None
    table_open: str = ""
    schema: str = ""
    abstract: bool = False
    table_columns: bool = False
    open: str = ""
    columns: list[OrmColumn] = field(default_factory=list)
    annotated: list[OrmColumn] = field(default_factory=list)
    relationships: list[OrmRelationship] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)


def read_class(node: cst.ClassDef, qualname: str, parts: PartReader) -> OrmClass:
    """What a class's body says of a mapping."""
    body = _Body()
    reader = _BodyReader(body, parts)
    reader.block(node.body.body)
    return OrmClass(
        node.name.value,
        qualname,
        parts.file.span(node.name),
        table=body.table,
        table_open=body.table_open,
        schema=body.schema,
        abstract=body.abstract,
        columns=tuple(body.columns),
        annotated=tuple(body.annotated),
        relationships=tuple(body.relationships),
        table_columns=body.table_columns,
        unknown=tuple(body.unknown),
        open=body.open,
    )


class _BodyReader:
    def __init__(self, body: _Body, parts: PartReader) -> None:
        self.body = body
        self.parts = parts
        self.file = parts.file
        # How many conditions stand around the statement that is read.
        self.conditions = 0

    def block(self, statements: Iterable[cst.CSTNode]) -> None:
        for statement in statements:
            if isinstance(statement, cst.SimpleStatementLine):
                for small in statement.body:
                    self._small(small)
            elif isinstance(statement, cst.FunctionDef):
                self._rebind(statement.name.value)
                self._function(statement)
            elif isinstance(statement, (cst.If, cst.Else, cst.With, cst.Try)):
                self._conditional(statement)
            elif isinstance(statement, (cst.For, cst.While)):
                self.body.open = self.body.open or "its body has a loop"

    def _rebind(self, name: str) -> None:
        """The last statement that binds a name wins."""
        self.body.relationships = [each for each in self.body.relationships if each.attribute != name]

    def _conditional(self, node: cst.CSTNode) -> None:
        self.conditions += 1
        block = getattr(node, "body", None)
        if isinstance(block, cst.IndentedBlock):
            self.block(block.body)
        other = getattr(node, "orelse", None)
        if other is not None:
            self._conditional(other)
        self.conditions -= 1

    def _small(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.Assign):
            for target in node.targets:
                if isinstance(target.target, cst.Name):
                    self._attribute(target.target, node.value, None)
        elif isinstance(node, cst.AnnAssign) and isinstance(node.target, cst.Name):
            self._attribute(node.target, node.value, node.annotation)
        elif isinstance(node, cst.Expr) and self._touches_namespace(node):
            self.body.open = self.body.open or "its body writes to its own namespace"

    def _touches_namespace(self, node: cst.Expr) -> bool:
        names = (n.value for n in walk(node) if isinstance(n, cst.Name))
        return any(name in ("locals", "vars") for name in names)

    def _attribute(self, target: cst.Name, value: cst.BaseExpression | None, annotation: cst.Annotation | None) -> None:
        name = target.value
        if value is not None:
            self._rebind(name)
        if name.startswith("__") and name.endswith("__"):
            self._special(name, value)
        elif column := self.parts.column(name, target, value, annotation):
            self._add_column(column)
        elif relationship := self.parts.relationship(name, value, annotation):
            self._add_relationship(relationship)
        elif annotation is not None and self._is_field(name, value, annotation):
            self._add_field(target, value, annotation)
        elif isinstance(value, cst.Call):
            self._unknown_call(name, value)

    def _add_relationship(self, relationship: OrmRelationship, is_certain: bool = True) -> None:
        """A relationship; its target is open where another one may stand in its place."""
        if self.conditions or not is_certain:
            relationship = msgspec.structs.replace(relationship, form="open")
        self.body.relationships.append(relationship)

    def _add_column(self, column: OrmColumn) -> None:
        self.body.columns.append(column)
        if not column.name:
            self.body.open = self.body.open or f"the name of the column `{column.attribute}` cannot be read"

    def _is_field(self, name: str, value: cst.BaseExpression | None, annotation: cst.Annotation) -> bool:
        outer = annotation.annotation
        head = dotted_name(outer.value if isinstance(outer, cst.Subscript) else outer).rpartition(".")[2]
        if name.startswith("_") or head in ("ClassVar", "Mapped", "InitVar"):
            return False
        return not isinstance(value, cst.Call) or call_name(self.file, value).rpartition(".")[2] == "Field"

    def _add_field(self, target: cst.Name, value: cst.BaseExpression | None, annotation: cst.Annotation) -> None:
        """An SQLModel field; `sa_column=Column("other", ...)` may give the column another name."""
        span = self.file.span(target)
        keys = tuple(self.parts.foreign_keys(value)) if isinstance(value, cst.Call) else ()
        column = OrmColumn(target.value, target.value, span, foreign_keys=keys)
        if isinstance(value, cst.Call):
            given = next((a.value for a in value.args if a.keyword and a.keyword.value == "sa_column"), None)
            column = self.parts.column(target.value, target, given, None) or column
        self.body.annotated.append(column)

    def _unknown_call(self, name: str, value: cst.Call) -> None:
        if name not in _SETTINGS and not self._is_no_column(value):
            self.body.unknown.append((name, dotted_name(value.func)))

    def _is_no_column(self, value: cst.BaseExpression) -> bool:
        """Whether an expression certainly makes no column: a call of something known that is none."""
        if not isinstance(value, cst.Call):
            return False
        resolved = call_name(self.file, value)
        head, last = resolved.partition(".")[0], resolved.rpartition(".")[2]
        if last == "column_property":
            return self.parts.column("", value, value, None) is None
        return last in _NO_COLUMNS or resolved in _BUILTINS or head in sys.stdlib_module_names

    def _special(self, name: str, value: cst.BaseExpression | None) -> None:
        if name == "__tablename__" and value is not None:
            self._table_name(value)
        elif name == "__abstract__":
            self.body.abstract = isinstance(value, cst.Name) and value.value == "True"
        elif name == "__table__":
            self._table_object(value)
        elif name == "__table_args__" and value is not None:
            self._table_args(value)

    def _table_name(self, value: cst.BaseExpression) -> None:
        text = self.file.text_of(value)
        if text is not None and text.is_static:
            self.body.table = text
        elif not (isinstance(value, cst.Name) and value.value == "None"):
            self.body.table_open = "its table's name cannot be read"

    def _table_object(self, value: cst.BaseExpression | None) -> None:
        self.body.table_columns = True
        if isinstance(value, cst.Call) and call_name(self.file, value).rpartition(".")[2] == "Table":
            table = self.parts.table("", value)
            self.body.table = table.name
            self.body.schema = table.schema
            self.body.columns += table.columns
            self.body.open = self.body.open or table.open
            if table.name is not None:
                return
        self.body.table_open = "its table is made elsewhere"

    def _table_args(self, value: cst.BaseExpression) -> None:
        for node in walk(value):
            if not isinstance(node, cst.DictElement) or not isinstance(node.key, cst.SimpleString):
                continue
            if node.key.raw_value == "schema":
                text = self.file.text_of(node.value)
                self.body.schema = (text.static if text else None) or "<open>"

    def _function(self, node: cst.FunctionDef) -> None:
        names = {dotted_name(_called(d.decorator)).rpartition(".")[2] for d in node.decorators}
        full = {dotted_name(_called(d.decorator)) for d in node.decorators}
        if "declared_attr" not in names and not any("declared_attr." in name for name in full):
            return
        name = node.name.value
        returned = tuple(_returned(node))
        if name == "__tablename__":
            self._computed_name(returned)
        elif not name.startswith("__"):
            self._declared(name, node, returned)

    def _computed_name(self, returned: tuple[cst.BaseExpression, ...]) -> None:
        codes = [self.file.region.code(value) for value in returned]
        self.body.table_open = "lower" if codes == ["cls.__name__.lower()"] else "its table's name is computed"

    def _declared(self, name: str, node: cst.FunctionDef, returned: tuple[cst.BaseExpression, ...]) -> None:
        for value in returned:
            if column := self.parts.column(name, node.name, value, node.returns):
                self._add_column(column)
                return
            if relationship := self.parts.relationship(name, value, node.returns):
                self._add_relationship(relationship, is_certain=len(returned) == 1)
                return
        if returned and all(self._is_no_column(value) for value in returned):
            return
        if any(isinstance(n, cst.Name) and n.value in ("Column", "mapped_column") for n in walk(node.body)):
            self._add_column(OrmColumn(name, name, self.file.span(node.name)))
        elif returned:
            self.body.unknown.append((name, "declared_attr"))


def _called(node: cst.BaseExpression) -> cst.BaseExpression:
    return node.func if isinstance(node, cst.Call) else node


def _returned(node: cst.FunctionDef) -> Iterator[cst.BaseExpression]:
    for inner in walk(node.body):
        if isinstance(inner, cst.Return) and inner.value is not None:
            yield inner.value
