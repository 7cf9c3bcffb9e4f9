"""Between values and Python's own objects: what is known whole may be handed to Python, and comes back as a value."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Final

from infralint.facts import program as ir
from infralint.project.interpret.machine import MAX_CHARACTERS, MAX_ITEMS, Machine
from infralint.project.interpret.scopes import Env
from infralint.project.interpret.terms import Argument, Value
from infralint.project.interpret.values import DictValue, EnumMember, ListValue, SetValue, TupleValue

_MAX_BITS = 4_000
_MAX_NESTING = 20
# What pure functions of Python raise for arguments that they do not like, or that are too large.
FAILURES = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, LookupError, MemoryError,
    RecursionError, UnicodeError,
)  # fmt: skip


class _Opaque:
    """What a value is for Python that is not known whole."""

    __slots__ = ()


OPAQUE: Final = _Opaque()


def is_constant(value: Value) -> bool:
    """Whether a value is a Python constant."""
    return value is None or isinstance(value, (str, bytes, int, float)) or value is Ellipsis


def to_python(value: Value, depth: int = 0) -> Any:
    """The Python object that a value is; OPAQUE where a part of it is not known."""
    if is_constant(value):
        return value
    if depth > _MAX_NESTING:
        return OPAQUE
    if isinstance(value, (ListValue, TupleValue, SetValue)):
        return _sequence(value, depth)
    if isinstance(value, DictValue):
        return _mapping(value, depth)
    return OPAQUE


def _sequence(value: ListValue | TupleValue | SetValue, depth: int) -> Any:
    if value.open is not None or any(item.star for item in value.items):
        return OPAQUE
    items = [to_python(item.value, depth + 1) for item in value.items]
    if any(item is OPAQUE for item in items):
        return OPAQUE
    if isinstance(value, ListValue):
        return items
    if isinstance(value, TupleValue):
        return tuple(items) if not value.fields else OPAQUE
    try:
        return frozenset(items)
    except TypeError:
        return OPAQUE


def _mapping(value: DictValue, depth: int) -> Any:
    if value.open is not None:
        return OPAQUE
    found: dict[Hashable, Any] = {}
    for key, item in value.pairs():
        name, content = to_python(key.value, depth + 1), to_python(item.value, depth + 1)
        if name is OPAQUE or content is OPAQUE:
            return OPAQUE
        try:
            found[name] = content
        except TypeError:
            return OPAQUE
    return found


def from_python(machine: Machine, found: Any, node: ir.Node, env: Env) -> Value:
    """The value of a Python object; Unknown for one that is too large or of another kind."""
    if isinstance(found, (str, bytes)) and type(found) in (str, bytes):
        return found if len(found) <= MAX_CHARACTERS else machine.unknown("too long a string", node, env)
    if found is None or isinstance(found, (bool, float)) or found is Ellipsis:
        return found
    if isinstance(found, int):
        return found if found.bit_length() <= _MAX_BITS else machine.unknown("too large a number", node, env)
    if isinstance(found, (list, tuple, set, frozenset)) and len(found) <= MAX_ITEMS:
        items = [Argument(from_python(machine, each, node, env), node, env.frame) for each in found]
        if isinstance(found, list):
            return machine.new_list(items)
        return machine.new_tuple(items) if isinstance(found, tuple) else machine.new_set(items)
    if isinstance(found, Mapping) and len(found) <= MAX_ITEMS:
        return machine.new_dict(
            [
                (
                    Argument(from_python(machine, key, node, env), node, env.frame),
                    Argument(from_python(machine, each, node, env), node, env.frame),
                )
                for key, each in found.items()
            ]
        )
    return machine.unknown("a value of no known kind", node, env)


def purely(machine: Machine, function: Callable[..., Any], values: list[Value], node: ir.Node, env: Env) -> Value:
    """What a function without effects gives for values that are known whole; Unknown for all others."""
    given = [to_python(value) for value in values]
    if any(each is OPAQUE for each in given):
        return machine.unknown("made of what cannot be told", node, env)
    try:
        return from_python(machine, function(*given), node, env)
    except FAILURES as error:
        return machine.unknown(f"{type(error).__name__} at run time", node, env)


def truth(value: Value) -> bool | None:
    """Whether a value counts as true; None where it cannot be told."""
    if is_constant(value):
        return bool(value)
    if isinstance(value, (ListValue, TupleValue, SetValue)):
        if any(not item.star for item in value.items):
            return True if value.open is None or isinstance(value, TupleValue) else None
        return None if value.open is not None or value.items else False
    if isinstance(value, DictValue):
        return None if value.open is not None else bool(value.entries)
    return _truth_of_object(value)


def _truth_of_object(value: Value) -> bool | None:
    from infralint.project.interpret.internal import Expression
    from infralint.project.interpret.terms import External
    from infralint.project.interpret.values import BoundMethod, ClassValue, FunctionValue, ModuleValue

    if isinstance(value, (ClassValue, FunctionValue, BoundMethod, ModuleValue, Expression)):
        return True
    if isinstance(value, EnumMember):
        return True if len(value.cls.bases) == 1 else None
    if isinstance(value, External):
        if value.name in ("typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING"):
            return False
        return True if value.name.startswith("builtins.") else None
    return None
