"""Iteration and subscripts: the items of a value, where they can be told."""

from __future__ import annotations

import operator
from typing import Any

from infralint.facts import program as ir
from infralint.project.interpret.internal import ScopeView
from infralint.project.interpret.loader import forced
from infralint.project.interpret.machine import EXPRESSIONS, Machine
from infralint.project.interpret.operators import TERMS
from infralint.project.interpret.pure import FAILURES, OPAQUE, is_constant, purely, to_python
from infralint.project.interpret.scopes import Env
from infralint.project.interpret.terms import Argument, Bound, Made, Unknown, Value
from infralint.project.interpret.values import (
    NOTHING,
    ClassValue,
    DictValue,
    EnumMember,
    InstanceValue,
    ItemOf,
    ListValue,
    SetValue,
    TupleValue,
    key_of,
    same,
)

Items = tuple[list[Argument] | None, Unknown | None]
_LONGEST_TEXT = 2_000


def items_of(machine: Machine, value: Value, node: ir.Node, env: Env) -> Items:
    """The items of an iterable, and why some may be missing or too many; None where nothing can be told of them."""
    if isinstance(value, (ListValue, TupleValue, SetValue)):
        if isinstance(value, SetValue) and value.open is None and len(value.items) > 1:
            # Python's own order of a set of strings differs from run to run.
            return list(value.items), None
        return list(value.items), value.open
    if isinstance(value, DictValue):
        return [key for key, _ in value.pairs()], value.open
    if isinstance(value, str) and len(value) <= _LONGEST_TEXT:
        return [Argument(character, node, env.frame) for character in value], None
    if isinstance(value, ClassValue) and is_enum(value):
        return members_of(machine, value), value.open
    return None, value if isinstance(value, Unknown) else None


def is_enum(cls: ClassValue) -> bool:
    """Whether a class is an enumeration, by a base of the standard library."""
    return any(
        getattr(base, "name", "").startswith("enum.") or getattr(base, "name", "") in _ENUMS
        for base in cls.mro
        if not isinstance(base, ClassValue)
    )


# Enumerations of others that work as the standard library's do.
_ENUMS = frozenset({"strenum.StrEnum", "aenum.Enum", "django.db.models.TextChoices"})


def members_of(machine: Machine, cls: ClassValue) -> list[Argument]:
    """The members of an enum class in order, without aliases of others."""
    found: list[Argument] = []
    seen: set[Any] = set()
    for name, bound in cls.namespace.items():
        member = member_of(machine, cls, name)
        if member is None:
            continue
        key = key_of(member.value)
        if not isinstance(member.value, Unknown) and key in seen:
            continue
        seen.add(key)
        found.append(Argument(member, bound.name_node, bound.frame))
    return found


def member_of(machine: Machine, cls: ClassValue, name: str) -> EnumMember | None:
    """The member of an enum class that the name stands for; None where it is none."""
    bound = cls.namespace.get(name)
    if bound is None or name.startswith("_") or bound.value is NOTHING or name in ("name", "value"):
        return None
    value = forced(machine, bound)
    if isinstance(value, EnumMember):
        return value
    if isinstance(value, ClassValue) or not (value is None or isinstance(value, _MEMBERS)):
        return None
    if isinstance(value, Made) and value.name == "enum.auto":
        value = _automatic(machine, cls, name, bound)
    # Of two names with one value the second is an alias of the first (library reference, enum).
    same_value = (each for each in members_before(machine, cls, name) if same(each.value, value))
    member = next(same_value, None) or EnumMember(cls, name, value, bound.name_node, bound.frame)
    bound.value = member
    return member


def _automatic(machine: Machine, cls: ClassValue, name: str, bound: Bound) -> Value:
    """The value of `auto()`: the next number, or the name in small letters for a StrEnum (library reference, enum)."""
    names = [getattr(base, "name", "") for base in cls.mro if not isinstance(base, ClassValue)]
    if cls.lookup("_generate_next_value_") is None and "enum.StrEnum" in names:
        return name.lower()
    if cls.lookup("_generate_next_value_") is None and _NUMBERED & set(names) and "builtins.str" not in names:
        before = [each.value for each in members_before(machine, cls, name)]
        if all(isinstance(value, int) and not isinstance(value, bool) for value in before):
            return max((value for value in before if isinstance(value, int)), default=0) + 1
    return Unknown("a value that is made at run time", bound.node, bound.frame)


_NUMBERED = {"enum.Enum", "enum.IntEnum"}


def members_before(machine: Machine, cls: ClassValue, name: str) -> list[EnumMember]:
    """The members of an enum class that stand before a name."""
    found: list[EnumMember] = []
    for each in cls.namespace:
        if each == name:
            break
        bound = cls.namespace[each]
        member = bound.value if isinstance(bound.value, EnumMember) else member_of(machine, cls, each)
        found += [member] if member is not None else []
    return found


_MEMBERS = (str, bytes, int, float, Unknown, TupleValue, ListValue, DictValue, *TERMS)


# Subscripts.


def subscript(machine: Machine, node: ir.Subscript, env: Env) -> Value:
    """`value[index]`."""
    value = machine.eval(node.value, env)
    if isinstance(node.index, ir.Slice) and isinstance(value, (str, bytes, ListValue, TupleValue)):
        return _sliced(machine, value, node.index, node, env)
    index = machine.eval(node.index, env)
    return item_at(machine, value, Argument(index, node.index, env.frame), node, env)


def item_at(machine: Machine, value: Value, index: Argument, node: ir.Node, env: Env) -> Value:
    """The item of a value under an index or key."""
    key = index.value
    if isinstance(value, DictValue):
        return _entry(machine, value, key, node, env)
    if isinstance(value, (ListValue, TupleValue)) and isinstance(key, int):
        return _at(machine, value, key, node, env)
    if isinstance(value, (str, bytes)) and is_constant(key):
        return purely(machine, operator.getitem, [value, key], node, env)
    if isinstance(value, ScopeView) and isinstance(key, str) and key in value.scope.names:
        return forced(machine, value.scope.names[key])
    if isinstance(value, ClassValue):
        return _class_item(machine, value, key, node, env)
    if isinstance(value, TERMS):
        return ItemOf(value, key, node, env.frame)
    if isinstance(value, InstanceValue):
        return _instance_item(machine, value, index, node, env)
    return value if isinstance(value, Unknown) else machine.unknown("an item that cannot be told", node, env)


def _instance_item(machine: Machine, value: InstanceValue, index: Argument, node: ir.Node, env: Env) -> Value:
    from infralint.project.interpret.attributes import attribute_of
    from infralint.project.interpret.calls import call_value

    if value.cls.lookup("__getitem__") is None:
        return machine.unknown("an item that cannot be told", node, env)
    method = attribute_of(machine, value, "__getitem__", node, env)
    return call_value(machine, method, [index], {}, node, env)


def _class_item(machine: Machine, cls: ClassValue, key: Value, node: ir.Node, env: Env) -> Value:
    if is_enum(cls):
        found = member_of(machine, cls, key) if isinstance(key, str) else None
        return found if found is not None else machine.unknown("a member that cannot be told", node, env)
    return ItemOf(cls, key, node, env.frame)


def _entry(machine: Machine, value: DictValue, key: Value, node: ir.Node, env: Env) -> Value:
    found = value.entries.get(key_of(key)) if not isinstance(key, Unknown) else None
    if found is not None:
        content = found[1].value
        if value.open is None:
            return content
        return machine.unknown("an item of a dict that may have changed", node, env, (content,))
    if value.default is not NOTHING and value.open is None and not isinstance(key, Unknown):
        from infralint.project.interpret.calls import call_value

        made = call_value(machine, value.default, [], {}, node, env)
        machine.touch(value, node, env)
        value.entries[key_of(key)] = (Argument(key, node, env.frame), Argument(made, node, env.frame))
        return made
    candidates = tuple(item.value for _, item in list(value.pairs())[:8]) if isinstance(key, Unknown) else ()
    return machine.unknown("a key that cannot be told", node, env, candidates)


def _at(machine: Machine, value: ListValue | TupleValue, key: int, node: ir.Node, env: Env) -> Value:
    stars = [index for index, item in enumerate(value.items) if item.star]
    from_start = key >= 0 and not any(star <= key for star in stars)
    from_end = key < 0 and not any(star >= len(value.items) + key for star in stars)
    if (from_start or from_end) and -len(value.items) <= key < len(value.items):
        found = value.items[key].value
        return found if value.open is None or stars else machine.unknown("an item that may differ", node, env, (found,))
    return machine.unknown("an item that cannot be told", node, env)


def _sliced(
    machine: Machine, value: str | bytes | ListValue | TupleValue, index: ir.Slice, node: ir.Node, env: Env
) -> Value:
    bounds = [to_python(machine.eval(each, env)) if each else None for each in (index.lower, index.upper, index.step)]
    if any(bound is OPAQUE or not (bound is None or isinstance(bound, int)) for bound in bounds):
        return machine.unknown("a slice that cannot be told", node, env)
    try:
        if isinstance(value, (str, bytes)):
            return value[slice(*bounds)]
        if value.open is not None:
            return machine.unknown("a slice of what may differ", node, env)
        items = value.items[slice(*bounds)]
    except FAILURES as error:
        return machine.unknown(f"{type(error).__name__} at run time", node, env)
    return machine.new_list(items) if isinstance(value, ListValue) else machine.new_tuple(items)


EXPRESSIONS[ir.Subscript] = subscript
