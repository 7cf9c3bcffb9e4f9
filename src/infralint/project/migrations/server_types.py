"""What a type is on one server: variants by dialect, and decorators that choose what stores them."""

from __future__ import annotations

from infralint.project.catalog import DataType
from infralint.project.interpret import (
    UNANSWERED,
    AttributeOf,
    ClassValue,
    External,
    FunctionValue,
    Hooks,
    Interpreter,
    Made,
    PartialValue,
    Value,
)
from infralint.project.models.types import Types
from infralint.project.models.vocabulary import library_name

_MAX_DEPTH = 8
# Stands for the dialect that `load_dialect_impl` is given; a name of no library, so that nothing is looked up in it.
_DIALECT = "infralint.dialect"


class _Dialect(Hooks):
    """Answers for `dialect` inside of `load_dialect_impl(self, dialect)`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def attribute(self, value: Value, name: str) -> Value:
        return self.name if name == "name" and value == External(_DIALECT) else UNANSWERED

    def call(self, call: Made) -> Value:
        first = call.argument(0)
        if call.name == f"{_DIALECT}.type_descriptor" and first is not None:
            return first.value
        return UNANSWERED


class ServerTypes:
    """Types as the columns of a database have them."""

    def __init__(self, interpreter: Interpreter, dialect: str) -> None:
        self.interpreter = interpreter
        self.types = Types(interpreter)
        self.dialect = dialect

    def read(self, value: Value) -> DataType | None:
        """The type; None where it cannot be told."""
        stored = self.resolve(value)
        found = self.types.read(stored)
        if found is not None and isinstance(stored, Made) and _is_text(stored):
            # The longest label, unless a length is given (SQLAlchemy 2.1, sqltypes.Enum).
            length = stored.kwargs.get("length")
            longest = max(map(len, found.labels), default=0)
            size = length.value if length is not None and isinstance(length.value, int) else longest
            return DataType("VARCHAR", (str(size),) if size else ())
        return found

    def resolve(self, value: Value, depth: int = 0) -> Value:
        """The value that stands for what the server stores: the variant of its dialect, the `impl` of a decorator."""
        if depth > _MAX_DEPTH:
            return value
        if isinstance(value, Made) and isinstance(value.callee, AttributeOf):
            callee = value.callee
            if callee.name == "with_variant":
                return self.resolve(self._variant(value, callee.value), depth + 1)
            if callee.name in ("as_mutable", "evolve", "copy", "adapt"):
                inner = value.argument(0) if callee.name == "as_mutable" else None
                return self.resolve(inner.value if inner is not None else callee.value, depth + 1)
        if isinstance(value, PartialValue):
            return self.resolve(value.function, depth + 1)
        cls = value.callee if isinstance(value, Made) else value
        if isinstance(cls, ClassValue):
            return self._decorated(cls, value, depth)
        return value

    def _variant(self, made: Made, base: Value) -> Value:
        """`base.with_variant(type, "postgresql", ...)`; without the dialect among the names, the base."""
        names = [argument.value for argument in made.args[1:]]
        if "dialect_name" in made.kwargs:
            names.append(made.kwargs["dialect_name"].value)
        chosen = made.argument(0, "type_")
        return chosen.value if self.dialect in names and chosen is not None else base

    def _decorated(self, cls: ClassValue, value: Value, depth: int) -> Value:
        chooses = cls.lookup("load_dialect_impl")
        if chooses is not None and isinstance(chooses.value, FunctionValue):
            given = self.interpreter.call(chooses.value, [value, External(_DIALECT)], hooks=_Dialect(self.dialect))
            if isinstance(given, (Made, External, ClassValue)) and not _is_impl(given):
                return self.resolve(given, depth + 1)
            return value if not _is_impl(given) else self._impl(cls, value, depth)
        return self._impl(cls, value, depth)

    def _impl(self, cls: ClassValue, value: Value, depth: int) -> Value:
        """A decorator's `impl`, which a class passes its own arguments to."""
        impl = cls.lookup("impl")
        if impl is None:
            return value
        if isinstance(impl.value, Made) or not isinstance(value, Made) or cls.lookup("__init__") is not None:
            return self.resolve(impl.value, depth + 1)
        if not value.args and not value.kwargs:
            return self.resolve(impl.value, depth + 1)
        return self.resolve(Made(impl.value, value.args, value.kwargs, value.node, value.frame), depth + 1)


def _is_impl(value: Value) -> bool:
    """`self.impl`, `self.impl_instance`, `super().load_dialect_impl(dialect)`: what `impl` says."""
    if isinstance(value, Made) and isinstance(value.callee, AttributeOf):
        return value.callee.name == "load_dialect_impl"
    return isinstance(value, AttributeOf) and value.name in ("impl", "impl_instance")


def _is_text(made: Made) -> bool:
    """Whether an enum is stored as text."""
    option = made.kwargs.get("native_enum")
    return type_name(made) == "Enum" and option is not None and option.value is False


def type_name(value: Value) -> str:
    """The last name of a library's type or of the call that makes it: "Enum", "UUID"."""
    callee = value.callee if isinstance(value, Made) else value
    return library_name(callee).rpartition(".")[2]
