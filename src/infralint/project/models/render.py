"""Values as Python would print them, for reports: what a type is made with, what a default is."""

from __future__ import annotations

from infralint.project.interpret import (
    AttributeOf,
    BoundMethod,
    ClassValue,
    DictValue,
    EnumMember,
    External,
    FunctionValue,
    InstanceValue,
    ItemOf,
    ListValue,
    Made,
    Operation,
    PartialValue,
    SetValue,
    TupleValue,
    Value,
)
from infralint.project.models.vocabulary import library_name

_MAX_DEPTH = 6
_BRACKETS = {ListValue: ("[", "]"), TupleValue: ("(", ")"), SetValue: ("{", "}")}


def rendered(value: Value, depth: int = 0) -> str:
    """A value in Python's notation; `...` for what cannot be told or is nested too deeply."""
    if value is None or value is Ellipsis or isinstance(value, (str, bytes, int, float)):
        return "..." if value is Ellipsis else repr(value)
    if depth > _MAX_DEPTH:
        return "..."
    if isinstance(value, Made):
        return f"{rendered(value.callee, depth + 1)}({', '.join(rendered_arguments(value, depth + 1))})"
    if isinstance(value, (ListValue, TupleValue, SetValue)):
        opening, closing = _BRACKETS[type(value)]
        return opening + ", ".join(rendered(item, depth + 1) for item in value.values) + closing
    if isinstance(value, DictValue):
        pairs = (f"{rendered(key.value, depth + 1)}: {rendered(item.value, depth + 1)}" for key, item in value.pairs())
        return "{" + ", ".join(pairs) + "}"
    return _compound(value, depth) or _name(value)


def rendered_arguments(made: Made, depth: int = 0) -> tuple[str, ...]:
    """The arguments of a call in Python's notation."""
    given = [argument.star or rendered(argument.value, depth) for argument in made.args]
    given += [f"{name}={rendered(argument.value, depth)}" for name, argument in made.kwargs.items()]
    return tuple(given)


def _compound(value: Value, depth: int) -> str:
    if isinstance(value, AttributeOf):
        name = library_name(value)
        return _shortened(name) if name else f"{rendered(value.value, depth + 1)}.{value.name}"
    if isinstance(value, ItemOf):
        return f"{rendered(value.value, depth + 1)}[{rendered(value.index, depth + 1)}]"
    if isinstance(value, Operation):
        operands = [rendered(operand.value, depth + 1) for operand in value.operands]
        return f" {value.operator} ".join(operands) if len(operands) > 1 else f"{value.operator}{operands[0]}"
    if isinstance(value, BoundMethod):
        return f"{rendered(value.receiver, depth + 1)}.{value.function.name}"
    return ""


def _name(value: Value) -> str:
    if isinstance(value, External):
        return _shortened(library_name(value))
    if isinstance(value, (ClassValue, FunctionValue)):
        return value.name
    if isinstance(value, EnumMember):
        return f"{value.cls.name}.{value.name}"
    if isinstance(value, PartialValue):
        return rendered(value.function)
    if isinstance(value, InstanceValue):
        return f"{value.cls.name}(...)"
    return "..."


def _shortened(name: str) -> str:
    """A library's name without its module: `func.now`, `UUID`, `uuid4`, `datetime.utcnow`."""
    parts = name.split(".")
    if len(parts) > 1 and (parts[-2] == "func" or parts[-2][:1].isupper() or name.startswith("datetime.")):
        return ".".join(parts[-2:])
    return parts[-1]
