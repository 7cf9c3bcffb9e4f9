"""What an annotation says of a column: its Python type, whether None is among it, what Annotated brings.

Sources: SQLAlchemy 2.0 and 2.1, `orm/util.py` (_extract_mapped_subtype), `util/typing.py`, `orm/properties.py`
(MappedColumn._init_column_for_annotation), `orm/decl_api.py` (registry._resolve_type).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from infralint.project.catalog import DataType
from infralint.project.interpret import (
    AnnotationValue,
    AttributeOf,
    ClassValue,
    External,
    ForwardValue,
    Interpreter,
    ItemOf,
    Made,
    Operation,
    TupleValue,
    Value,
    same,
)
from infralint.project.models.render import rendered
from infralint.project.models.types import Types
from infralint.project.models.vocabulary import called_name, library_name

_CONTAINERS = frozenset({"Mapped", "DynamicMapped", "WriteOnlyMapped", "Unmapped", "_MappedBase", "SQLCoreOperations"})
_NONE = frozenset({"types.NoneType", "builtins.None"})

# Python types and the types that SQLAlchemy gives them (sql/sqltypes.py, _type_map; 2.1 gives float a Double).
PYTHON_TYPES = {
    "builtins.int": "Integer",
    "builtins.float": "Float",
    "builtins.bool": "Boolean",
    "builtins.str": "String",
    "builtins.bytes": "LargeBinary",
    "uuid.UUID": "Uuid",
    "decimal.Decimal": "Numeric",
    "datetime.date": "Date",
    "datetime.datetime": "DateTime",
    "datetime.time": "Time",
    "datetime.timedelta": "Interval",
}


@dataclass(frozen=True, slots=True)
class PythonType:
    """An annotation without its container, Optional and Annotated.

    `value`: the type, None where it cannot be told. `raw`: with Annotated still around it. `metadata`: what Annotated
    holds beside the type.
    """

    value: Value
    raw: Value
    nullable: bool
    metadata: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class MappedAnnotation:
    """An annotation of a mapped class's attribute.

    `container`: "Mapped", "DynamicMapped", ... or "" where there is none of SQLAlchemy's around the type (a plain
    `int`, legal with `__allow_unmapped__` and SQLModel). `inner`: what is inside.
    """

    container: str
    inner: Value


class Annotations:
    """Reads annotations."""

    def __init__(self, interpreter: Interpreter, types: Types) -> None:
        self.interpreter = interpreter
        self.types = types

    def mapped(self, annotation: AnnotationValue) -> MappedAnnotation:
        """An annotation's container and what is inside."""
        value = self.unquoted(self.interpreter.annotation(annotation))
        if isinstance(value, ItemOf):
            name = library_name(value.value).rpartition(".")[2]
            if name == "ClassVar":
                return MappedAnnotation("ClassVar", value.index)
            if name in _CONTAINERS and library_name(value.value).startswith("sqlalchemy."):
                return MappedAnnotation(name, self.unquoted(value.index))
        name = library_name(value)
        if name == "typing.ClassVar":
            return MappedAnnotation("ClassVar", None)
        if name.startswith("sqlalchemy.") and name.rpartition(".")[2] in _CONTAINERS:
            return MappedAnnotation(name.rpartition(".")[2], None)
        return MappedAnnotation("", value)

    def unquoted(self, value: Value) -> Value:
        """The value of a string inside of an annotation, where it stands; every other value as it is."""
        for _ in range(4):
            if not isinstance(value, ForwardValue):
                break
            value = self.interpreter.forward(value)
        return value

    def python_type(self, value: Value) -> PythonType:
        """The Python type behind Optional, unions with None and Annotated."""
        value = self.unquoted(value)
        nullable = self.includes_none(value)
        raw = self._without_none(value)
        found, metadata = raw, ()
        if _is_item_of(raw, "Annotated"):
            parts = [argument.value for argument in raw.indexes]  # type: ignore[attr-defined]
            found, metadata = self.unquoted(parts[0]), tuple(parts[1:])
            if nullable:
                found = self._without_none(found)
        return PythonType(found, raw, nullable, metadata)

    def includes_none(self, value: Value, depth: int = 0) -> bool:
        """Whether None is among the values of a type."""
        value = self.unquoted(value)
        if value is None or library_name(value) in _NONE:
            return True
        if depth > 8:
            return False
        if _is_item_of(value, "Optional"):
            return True
        if _is_item_of(value, "Annotated"):
            return self.includes_none(value.indexes[0].value, depth + 1)  # type: ignore[attr-defined]
        if called_name(value) == "typing.NewType":
            inner = value.argument(1, "tp")  # type: ignore[attr-defined]
            return inner is not None and self.includes_none(inner.value, depth + 1)
        return any(self.includes_none(member, depth + 1) for member in self._members(value))

    def _members(self, value: Value) -> Iterator[Value]:
        """The types of a union; none for what is no union."""
        if isinstance(value, Operation) and value.operator == "|":
            for operand in value.operands:
                inner = self.unquoted(operand.value)
                if isinstance(inner, Operation) and inner.operator == "|":
                    yield from self._members(inner)
                else:
                    yield inner
        elif _is_item_of(value, "Union"):
            for argument in value.indexes:  # type: ignore[attr-defined]
                yield self.unquoted(argument.value)

    def _without_none(self, value: Value) -> Value:
        value = self.unquoted(value)
        if _is_item_of(value, "Optional"):
            return self._without_none(value.indexes[0].value)  # type: ignore[attr-defined]
        members = [member for member in self._members(value) if not self._is_none(member)]
        return self._without_none(members[0]) if len(members) == 1 else value

    @staticmethod
    def _is_none(value: Value) -> bool:
        return value is None or library_name(value) in _NONE

    # The SQL type of a Python type.

    def sql_type(self, python_type: PythonType, custom: list[tuple[Value, Value]]) -> DataType | None:
        """The type that a registry gives a Python type; `custom` is its type_annotation_map."""
        for candidate in (python_type.raw, python_type.value):
            found = self._resolved(candidate, custom)
            if found is not None:
                return found
        return None

    def _resolved(self, value: Value, custom: list[tuple[Value, Value]]) -> DataType | None:
        if _is_item_of(value, "Literal"):
            return self._literal(value, custom)
        for python, sql in reversed(custom):
            if alike(python, value):
                return self.types.read(sql)
        name = library_name(value)
        if name in PYTHON_TYPES:
            return DataType(PYTHON_TYPES[name], (), "sqlalchemy")
        if isinstance(value, ClassValue):
            return self._of_class(value, custom)
        return None

    def _of_class(self, cls: ClassValue, custom: list[tuple[Value, Value]]) -> DataType | None:
        """An enum class gets the Enum of its nearest base that has a type; no other class is its base's type."""
        if not _is_enum(cls):
            return None
        return self.types.enum_of(cls)

    def _literal(self, value: Value, custom: list[tuple[Value, Value]]) -> DataType | None:
        for python, sql in reversed(custom):
            if alike(python, value):
                return self.types.read(sql)
        labels = [argument.value for argument in value.indexes if argument.value is not None]  # type: ignore[attr-defined]
        if not all(isinstance(label, str) for label in labels):
            return None
        names = tuple(map(str, labels))
        return DataType("Enum", (*map(repr, names), "native_enum=False"), "sqlalchemy", labels=names)


def _is_item_of(value: Value, name: str) -> bool:
    if not isinstance(value, ItemOf):
        return False
    owner = library_name(value.value)
    return owner in (f"typing.{name}", f"typing_extensions.{name}")


def _is_enum(cls: ClassValue) -> bool:
    return any(isinstance(base, External) and base.name.startswith("enum.") for base in cls.mro)


def alike(left: Value, right: Value) -> bool:
    """Whether two annotations denote the same type: `dict[str, Any]` written twice does."""
    if left is right or same(left, right):
        return True
    if isinstance(left, ItemOf) and isinstance(right, ItemOf):
        return alike(left.value, right.value) and alike(left.index, right.index)
    if isinstance(left, TupleValue) and isinstance(right, TupleValue):
        pairs = zip(left.values, right.values, strict=False)
        return len(left.items) == len(right.items) and all(alike(one, other) for one, other in pairs)
    if isinstance(left, (External, AttributeOf)) and isinstance(right, (External, AttributeOf)):
        name = library_name(left)
        return bool(name) and name == library_name(right)
    if isinstance(left, Made) and isinstance(right, Made):
        return alike(left.callee, right.callee) and rendered(left) == rendered(right)
    return False
