"""Types of columns: SQLAlchemy's classes, dialects' own, a project's decorators, enums."""

from __future__ import annotations

import dataclasses

from infralint.project.catalog import DataType
from infralint.project.interpret import (
    AttributeOf,
    ClassValue,
    EnumMember,
    FunctionValue,
    Interpreter,
    Made,
    PartialValue,
    Unknown,
    Value,
)
from infralint.project.models.render import rendered, rendered_arguments
from infralint.project.models.vocabulary import kind_name, library_name, unsubscripted

_MAX_DEPTH = 8
# What well-known types of other packages store (SQLAlchemy-Utils 0.41, "Data types").
_STORED = {
    "sqlalchemy_utils.ArrowType": DataType("DateTime", (), "sqlalchemy"),
    "sqlalchemy_utils.ChoiceType": DataType("Unicode", ("255",), "sqlalchemy"),
    "sqlalchemy_utils.ColorType": DataType("Unicode", ("20",), "sqlalchemy"),
    "sqlalchemy_utils.CountryType": DataType("String", ("2",), "sqlalchemy"),
    "sqlalchemy_utils.CurrencyType": DataType("String", ("3",), "sqlalchemy"),
    "sqlalchemy_utils.EmailType": DataType("Unicode", ("255",), "sqlalchemy"),
    "sqlalchemy_utils.IPAddressType": DataType("Unicode", ("50",), "sqlalchemy"),
    "sqlalchemy_utils.JSONType": DataType("UnicodeText", (), "sqlalchemy", variants=True),
    "sqlalchemy_utils.LocaleType": DataType("Unicode", ("10",), "sqlalchemy"),
    "sqlalchemy_utils.LtreeType": DataType("LTREE"),
    "sqlalchemy_utils.PhoneNumberType": DataType("Unicode", ("20",), "sqlalchemy"),
    "sqlalchemy_utils.ScalarListType": DataType("UnicodeText", (), "sqlalchemy"),
    "sqlalchemy_utils.TSVectorType": DataType("TSVECTOR", (), "sqlalchemy.dialects.postgresql"),
    "sqlalchemy_utils.TimezoneType": DataType("Unicode", ("50",), "sqlalchemy"),
    "sqlalchemy_utils.URLType": DataType("UnicodeText", (), "sqlalchemy"),
    "sqlalchemy_utils.UUIDType": DataType("Uuid", (), "sqlalchemy", variants=True),
}
# Types that hold items of another one.
_ARRAYS = frozenset({"ARRAY"})
_ENUMS = frozenset({"Enum", "ENUM"})
# Functions that give their argument, watched for changes inside of the value.
_WATCHERS = frozenset({"as_mutable", "mutable_json_type"})
# Classes whose subclasses say what they store: `impl` of a decorator, `get_col_spec` of a type of its own.
_OWN_TYPES = frozenset({"TypeDecorator", "UserDefinedType", "TypeEngine", "ExternalType", "SchemaType", "Variant"})


class Types:
    """Reads types from values."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        # Each with the class, which must not go as its id is the key.
        self._enums: dict[int, tuple[ClassValue, tuple[str, ...] | None]] = {}

    def read(self, value: Value, depth: int = 0) -> DataType | None:
        """The type that a value is, a class or an instance; None where it cannot be told."""
        if depth > _MAX_DEPTH:
            return None
        if isinstance(value, Made):
            return self._made(value, depth)
        if isinstance(value, PartialValue):
            return self.read(value.function, depth + 1)
        if isinstance(value, ClassValue):
            return self._of_class(value, None, depth)
        if isinstance(value, Unknown):
            return self._common(value.candidates, depth)
        name = library_name(value)
        return _of_library(name, ()) if name and not name.startswith("builtins.") else None

    def _common(self, candidates: tuple[Value, ...], depth: int) -> DataType | None:
        """One type by several roads (`try: from sqlalchemy import JSON`, `except ImportError: ...`)."""
        found = [self.read(each, depth + 1) for each in candidates]
        names = {each.name if each else "" for each in found}
        if len(names) != 1:
            return None
        return next((each for each in found if each and each.module.startswith("sqlalchemy")), found[0])

    def _made(self, made: Made, depth: int) -> DataType | None:
        callee = made.callee
        if isinstance(callee, AttributeOf) and callee.name in ("with_variant", "evolve", "copy", "adapt"):
            base = self.read(callee.value, depth + 1)
            changed = base is not None and callee.name == "with_variant"
            return dataclasses.replace(base, variants=True) if base and changed else base
        if _method(callee) in _WATCHERS:
            stored = made.argument(0, "dbtype") or made.argument(-1, "sqltype")
            return self.read(stored.value, depth + 1) if stored else DataType("JSON", (), "sqlalchemy")
        if isinstance(callee, ClassValue):
            return self._of_class(callee, made, depth)
        name = kind_name(callee)
        if not name or name.startswith("builtins."):
            return None
        found = _of_library(name, rendered_arguments(made))
        if found.name in _ARRAYS:
            item = made.argument(0, "item_type")
            return dataclasses.replace(found, item=self.read(item.value, depth + 1) if item else None)
        return self._enum(found, made) if found.name in _ENUMS else found

    def _enum(self, found: DataType, made: Made) -> DataType:
        """An enum as SQLAlchemy prints it: its labels, its name, what else it was made with."""
        labels, name = self.labels(made), self.enum_name(made)
        if labels is None:
            return found
        others = [
            f"{key}={rendered(argument.value)}"
            for key, argument in made.kwargs.items()
            if key not in ("name", "values_callable", "sort_key_function")
        ]
        named = [f"name={name!r}"] if name else []
        return dataclasses.replace(found, arguments=(*map(repr, labels), *named, *others), labels=labels)

    def _of_class(self, cls: ClassValue, made: Made | None, depth: int) -> DataType | None:
        """A class of the tree: what stores it is its `impl`, or the type that it extends."""
        name = kind_name(cls)
        if not name or not _may_be_type(name):
            return None
        module = self.interpreter.module(cls.path).dotted
        arguments = rendered_arguments(made) if made else ()
        stored = self._stored(cls, name, made, depth)
        differs = any(cls.lookup(method) for method in ("load_dialect_impl",))
        return DataType(cls.name, arguments, module, stored, differs or bool(stored and stored.variants))

    def _stored(self, cls: ClassValue, name: str, made: Made | None, depth: int) -> DataType | None:
        if impl := cls.lookup("impl"):
            found = self.read(impl.value, depth + 1)
            # Arguments of a decorator go to its `impl`, where that is a class (TypeDecorator.__init__).
            if (
                found
                and made
                and not found.arguments
                and not isinstance(impl.value, Made)
                and not cls.lookup("__init__")
            ):
                return dataclasses.replace(found, arguments=rendered_arguments(made))
            return found
        written = cls.lookup("get_col_spec")
        if written and isinstance(written.value, FunctionValue):
            spec = self.interpreter.call(written.value, [cls])
            return DataType(spec) if isinstance(spec, str) else None
        base = next((base for base in cls.mro[1:] if library_name(unsubscripted(base)) == name), None)
        last = name.rpartition(".")[2]
        if base is None or last in _OWN_TYPES:
            return None
        found = _of_library(name, rendered_arguments(made) if made and not cls.lookup("__init__") else ())
        return self._enum(found, made) if made and last in _ENUMS else found

    # Enums

    def labels(self, made: Made) -> tuple[str, ...] | None:
        """The labels of an Enum as the database has them; None where they cannot be told."""
        given = made.positional()
        if made.is_open or not given:
            return None
        first = given[0].value
        if len(given) > 1 or not isinstance(first, ClassValue):
            labels = [argument.value for argument in given]
            return tuple(map(str, labels)) if all(isinstance(label, str) for label in labels) else None
        chosen = made.kwargs.get("values_callable")
        if chosen is None or chosen.value is None:
            return self.member_names(first)
        return self._strings(self.interpreter.call(chosen.value, [first]))

    def member_names(self, cls: ClassValue) -> tuple[str, ...] | None:
        """The names of an enum class's members, aliases left out; None where they cannot be told."""
        if id(cls) not in self._enums:
            members = self.interpreter.items(cls)
            names = [each.value.name for each in members or () if isinstance(each.value, EnumMember)]
            whole = members is not None and len(names) == len(members)
            self._enums[id(cls)] = cls, tuple(names) if whole else None
        return self._enums[id(cls)][1]

    def _strings(self, value: Value) -> tuple[str, ...] | None:
        items = self.interpreter.items(value)
        labels = [_plain(item.value) for item in items or ()]
        whole = items is not None and all(isinstance(label, str) for label in labels)
        return tuple(map(str, labels)) if whole else None

    def enum_of(self, cls: ClassValue) -> DataType:
        """The Enum that an enum class gets as a Python type in an annotation."""
        labels = self.member_names(cls)
        if labels is None:
            return DataType("Enum", (cls.name,), "sqlalchemy")
        return DataType("Enum", (*map(repr, labels), f"name={cls.name.lower()!r}"), "sqlalchemy", labels=labels)

    def enum_name(self, made: Made) -> str:
        """The name of the database's type: given, or the enum class's in lower case; "" for none."""
        named = made.kwargs.get("name")
        if named is not None:
            return named.value if isinstance(named.value, str) else ""
        first = made.positional()[:1]
        if first and isinstance(first[0].value, ClassValue):
            return first[0].value.name.lower()
        return ""


def enum_name(kind: DataType) -> str:
    """The name of the database's type for an enum; "" for none."""
    named = next((each for each in kind.arguments if each.startswith("name=")), "")
    return named.removeprefix("name=").strip("'\"")


def _plain(value: Value) -> Value:
    """A member of an enum that is a string too counts as its value."""
    return value.value if isinstance(value, EnumMember) else value


def _method(callee: Value) -> str:
    if isinstance(callee, AttributeOf):
        return callee.name
    return library_name(callee).rpartition(".")[2]


def _may_be_type(name: str) -> bool:
    """Whether a class of a library may be a type of columns: not those of Python itself."""
    return name.partition(".")[0] not in ("builtins", "enum", "abc", "typing", "dataclasses", "collections")


def _of_library(name: str, arguments: tuple[str, ...]) -> DataType:
    module, _, last = name.rpartition(".")
    if not module.startswith("sqlalchemy."):
        module = module.partition(".")[0]
    return DataType(last, arguments, module, _STORED.get(f"{module}.{last}"))
