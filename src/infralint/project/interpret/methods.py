"""Methods of strings, lists, dicts and sets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from infralint.project.interpret.builtin import Site, sort, update
from infralint.project.interpret.builtin_regex import of_expression
from infralint.project.interpret.internal import Expression, ScopeView
from infralint.project.interpret.loader import forced
from infralint.project.interpret.machine import MAX_CHARACTERS, MAX_ITEMS
from infralint.project.interpret.operators import equal, has_wide_field
from infralint.project.interpret.pure import OPAQUE, is_constant, to_python
from infralint.project.interpret.terms import Argument, Bound, Unknown, Value
from infralint.project.interpret.values import NOTHING, DictValue, ListValue, SetValue, TupleValue, key_of

_PURE_OF_TEXT = frozenset(
    {
        "capitalize", "casefold", "count", "encode", "decode", "endswith", "find", "hex", "index", "isalnum",
        "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric", "isprintable",
        "isspace", "istitle", "isupper", "lower", "lstrip", "partition", "removeprefix", "removesuffix", "rfind",
        "rindex", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase",
        "title", "upper", "bit_length", "is_integer",
    }
)  # fmt: skip
_SPLITS = frozenset({"split", "rsplit", "splitlines"})


def call_method(site: Site, receiver: Value, name: str) -> Value:
    """The value of `receiver.name(...)`."""
    if is_constant(receiver):
        return _of_constant(site, receiver, name)
    if isinstance(receiver, Expression):
        return of_expression(site, receiver, name)
    if isinstance(receiver, ListValue):
        return _called(site, receiver, name, LIST)
    if isinstance(receiver, DictValue):
        return _called(site, receiver, name, DICT)
    if isinstance(receiver, SetValue):
        return _called(site, receiver, name, SET)
    if isinstance(receiver, TupleValue):
        return _called(site, receiver, name, TUPLE)
    if isinstance(receiver, ScopeView):
        return _of_scope(site, receiver, name)
    return site.unknown("a method that cannot be told")


def _called(site: Site, receiver: Any, name: str, methods: dict[str, Callable[[Site, Any], Value]]) -> Value:
    method = methods.get(name)
    if method is None:
        site.machine.touch(receiver, site.node, site.env)
        if not isinstance(receiver, TupleValue):
            receiver.open = receiver.open or site.unknown(f"a method `{name}` that is not known")
        return site.unknown(f"a method `{name}` that is not known")
    return method(site, receiver)


# Text.


def _of_constant(site: Site, receiver: Any, name: str) -> Value:
    if isinstance(receiver, str):
        special = _TEXT.get(name)
        if special is not None:
            return special(site, receiver)
    if name not in _PURE_OF_TEXT or not hasattr(receiver, name):
        return site.unknown(f"a method `{name}` that is not known")
    values = site.values
    if site.kwargs and name in _SPLITS:
        values = [*values, *([None] if not values and name != "splitlines" else [])]
        extra = {key: to_python(argument.value) for key, argument in site.kwargs.items()}
        if OPAQUE in extra.values():
            return site.unknown()
        return site.pure(lambda *given: getattr(receiver, name)(*given, **extra), values if "sep" not in extra else [])
    return site.pure(getattr(receiver, name))


def _format(site: Site, receiver: str) -> Value:
    named = {name: to_python(argument.value) for name, argument in site.kwargs.items()}
    if any(value is OPAQUE for value in named.values()) or site.is_open or has_wide_field(receiver):
        return site.unknown("text made of what cannot be told")
    # What a field looks up in a value is another thing for a collection of ours than for Python's.
    if re.search(r"\{[^{}]*[.\[][^{}]*\}", receiver):
        return site.unknown("a format with attributes or items")
    return site.pure(lambda *given: receiver.format(*given, **named), site.values)


def _format_map(site: Site, receiver: str) -> Value:
    if has_wide_field(receiver) or "." in receiver:
        return site.unknown("a format that cannot be told")
    return site.pure(receiver.format_map)


def _join(site: Site, receiver: str) -> Value:
    items, open = site.items()
    if items is None or open is not None:
        return site.unknown("items that cannot be told")
    parts = [item.value for item in items if not item.star and isinstance(item.value, str)]
    if len(parts) != len(items) or sum(map(len, parts)) + len(receiver) * len(parts) > MAX_CHARACTERS:
        return site.unknown("text made of what cannot be told")
    return receiver.join(parts)


def _replace(site: Site, receiver: str) -> Value:
    new = site.value(1)
    if isinstance(new, str) and len(new) * (len(receiver) + 1) > MAX_CHARACTERS:
        return site.unknown("too long a string")
    return site.pure(receiver.replace)


def _padded(name: str) -> Callable[[Site, str], Value]:
    def method(site: Site, receiver: str) -> Value:
        width = site.value(0)
        if not isinstance(width, int) or width > MAX_CHARACTERS:
            return site.unknown("too long a string")
        return site.pure(getattr(receiver, name))

    return method


def _translate(site: Site, receiver: str) -> Value:
    return site.unknown("a translation")


_TEXT: dict[str, Callable[[Site, str], Value]] = {
    "format": _format, "format_map": _format_map, "join": _join, "replace": _replace, "translate": _translate,
    **{name: _padded(name) for name in ("center", "ljust", "rjust", "zfill", "expandtabs")},
}  # fmt: skip


# Lists and tuples.


def _append(site: Site, receiver: ListValue) -> Value:
    site.machine.touch(receiver, site.node, site.env)
    if len(site.args) == 1 and len(receiver.items) < MAX_ITEMS:
        receiver.items.append(site.args[0])
    else:
        receiver.open = receiver.open or site.unknown("an item that cannot be told")
    return None


def _extend(site: Site, receiver: ListValue) -> Value:
    site.machine.touch(receiver, site.node, site.env)
    items, open = site.items()
    if items is None or len(receiver.items) + len(items) > MAX_ITEMS:
        receiver.items.append(Argument(site.value(0), site.node, site.env.frame, "*"))
        receiver.open = receiver.open or open or site.unknown("items that cannot be told")
    else:
        receiver.items += items
        receiver.open = receiver.open or open
    return None


def _insert(site: Site, receiver: ListValue) -> Value:
    site.machine.touch(receiver, site.node, site.env)
    at = site.value(0)
    if isinstance(at, int) and len(site.args) == 2 and not any(item.star for item in receiver.items):
        receiver.items.insert(at, site.args[1])
    else:
        receiver.open = receiver.open or site.unknown("a place that cannot be told")
    return None


def _pop(site: Site, receiver: ListValue) -> Value:
    site.machine.touch(receiver, site.node, site.env)
    at = site.value(0, default=-1)
    known = isinstance(at, int) and receiver.open is None and not any(item.star for item in receiver.items)
    if known and isinstance(at, int) and -len(receiver.items) <= at < len(receiver.items):
        return receiver.items.pop(at).value
    receiver.open = receiver.open or site.unknown("an item that cannot be told")
    return site.unknown("an item that cannot be told")


def _remove(site: Site, receiver: ListValue) -> Value:
    site.machine.touch(receiver, site.node, site.env)
    at = _position(receiver, site.value(0))
    if at is None:
        receiver.open = receiver.open or site.unknown("an item that cannot be told")
    else:
        del receiver.items[at]
    return None


def _position(receiver: ListValue | TupleValue, value: Value) -> int | None:
    """The place of the first item that equals a value; None where it cannot be told."""
    for index, item in enumerate(receiver.items):
        answer = None if item.star or isinstance(item.value, Unknown) else equal(item.value, value)
        if item.value is value and not is_constant(value):
            answer = True
        if answer is not False:
            return index if answer and receiver.open is None else None
    return None


def _index(site: Site, receiver: ListValue | TupleValue) -> Value:
    at = _position(receiver, site.value(0))
    return at if at is not None and len(site.args) == 1 else site.unknown("a place that cannot be told")


def _count(site: Site, receiver: ListValue | TupleValue) -> Value:
    answers = [None if item.star else equal(item.value, site.value(0)) for item in receiver.items]
    if None in answers or receiver.open is not None:
        return site.unknown("a number that cannot be told")
    return answers.count(True)


def _sort(site: Site, receiver: ListValue) -> Value:
    site.machine.touch(receiver, site.node, site.env)
    if not sort(site, receiver.items):
        receiver.open = receiver.open or site.unknown("an order that cannot be told")
    return None


def _reverse(site: Site, receiver: ListValue) -> Value:
    site.machine.touch(receiver, site.node, site.env)
    receiver.items.reverse()
    return None


def _clear(site: Site, receiver: ListValue | SetValue) -> Value:
    site.machine.touch(receiver, site.node, site.env)
    receiver.items.clear()
    return None


def _copy(site: Site, receiver: ListValue) -> Value:
    return site.machine.new_list(list(receiver.items), receiver.open)


LIST: dict[str, Callable[[Site, Any], Value]] = {
    "append": _append, "extend": _extend, "insert": _insert, "pop": _pop, "remove": _remove, "index": _index,
    "count": _count, "sort": _sort, "reverse": _reverse, "clear": _clear, "copy": _copy,
}  # fmt: skip
TUPLE: dict[str, Callable[[Site, Any], Value]] = {"index": _index, "count": _count}


# Dicts.


def _get(site: Site, receiver: DictValue) -> Value:
    key, default = site.value(0), site.value(1, "default")
    found = receiver.entries.get(key_of(key)) if not isinstance(key, Unknown) else None
    if receiver.open is None and not isinstance(key, Unknown):
        if found is not None:
            return found[1].value
        if not any(isinstance(each.value, Unknown) for each, _ in receiver.pairs()):
            return default
    candidates = (found[1].value,) if found is not None else ()
    return site.unknown("a key that cannot be told", (*candidates, default))


def _items(site: Site, receiver: DictValue) -> Value:
    pairs = [site.argument(site.machine.new_tuple([key, value])) for key, value in receiver.pairs()]
    return site.machine.new_list(pairs, receiver.open)


def _keys(site: Site, receiver: DictValue) -> Value:
    return site.machine.new_list([key for key, _ in receiver.pairs()], receiver.open)


def _values(site: Site, receiver: DictValue) -> Value:
    return site.machine.new_list([value for _, value in receiver.pairs()], receiver.open)


def _update(site: Site, receiver: DictValue) -> Value:
    site.machine.touch(receiver, site.node, site.env)
    if site.args:
        update(site, receiver, site.args[0].value)
    for name, argument in site.kwargs.items():
        receiver.entries[name] = (site.argument(name), argument)
    if site.is_open:
        receiver.open = receiver.open or site.unknown("entries that cannot be told")
    return None


def _setdefault(site: Site, receiver: DictValue) -> Value:
    key = site.value(0)
    found = receiver.entries.get(key_of(key)) if not isinstance(key, Unknown) else None
    if found is not None and receiver.open is None:
        return found[1].value
    site.machine.touch(receiver, site.node, site.env)
    if isinstance(key, Unknown) or receiver.open is not None:
        receiver.open = receiver.open or site.unknown("a key that cannot be told")
        return site.unknown("a key that cannot be told")
    given = site.args[1] if len(site.args) > 1 else site.argument(None)
    receiver.entries[key_of(key)] = (site.args[0], given)
    return given.value


def _pop_key(site: Site, receiver: DictValue) -> Value:
    key = site.value(0)
    site.machine.touch(receiver, site.node, site.env)
    if isinstance(key, Unknown) or receiver.open is not None:
        receiver.open = receiver.open or site.unknown("a key that cannot be told")
        return site.unknown("a key that cannot be told")
    found = receiver.entries.pop(key_of(key), None)
    if found is not None:
        return found[1].value
    return site.args[1].value if len(site.args) > 1 else site.unknown("a key that is not there")


def _copy_dict(site: Site, receiver: DictValue) -> Value:
    found = site.machine.new_dict(list(receiver.pairs()), receiver.open)
    found.default = receiver.default
    return found


def _clear_dict(site: Site, receiver: DictValue) -> Value:
    site.machine.touch(receiver, site.node, site.env)
    receiver.entries.clear()
    return None


DICT: dict[str, Callable[[Site, Any], Value]] = {
    "get": _get, "items": _items, "keys": _keys, "values": _values, "update": _update, "setdefault": _setdefault,
    "pop": _pop_key, "copy": _copy_dict, "clear": _clear_dict,
}  # fmt: skip


# Sets.


def _add(site: Site, receiver: SetValue) -> Value:
    site.machine.touch(receiver, site.node, site.env)
    if site.args and key_of(site.args[0].value) not in {key_of(value) for value in receiver.values}:
        receiver.items.append(site.args[0])
    return None


def _discard(site: Site, receiver: SetValue) -> Value:
    site.machine.touch(receiver, site.node, site.env)
    wanted = site.value(0)
    if isinstance(wanted, Unknown):
        receiver.open = receiver.open or wanted
    receiver.items = [item for item in receiver.items if key_of(item.value) != key_of(wanted)]
    return None


def _update_set(site: Site, receiver: SetValue) -> Value:
    site.machine.touch(receiver, site.node, site.env)
    for position in range(len(site.args)):
        items, open = site.items(position)
        if items is None or open is not None:
            receiver.open = receiver.open or open or site.unknown("items that cannot be told")
        receiver.items = site.machine.new_set([*receiver.items, *(items or [])]).items
    return None


def _union(site: Site, receiver: SetValue) -> Value:
    found = site.machine.new_set(list(receiver.items), receiver.open)
    _update_set(site, found)
    return found


def _copy_set(site: Site, receiver: SetValue) -> Value:
    return site.machine.new_set(list(receiver.items), receiver.open)


SET: dict[str, Callable[[Site, Any], Value]] = {
    "add": _add, "discard": _discard, "remove": _discard, "update": _update_set, "union": _union, "copy": _copy_set,
    "clear": _clear,
}  # fmt: skip


# The names of a scope.


def _of_scope(site: Site, receiver: ScopeView, name: str) -> Value:
    names = receiver.scope.names
    if name == "get" and isinstance(site.value(0), str) and site.value(0) in names:
        return forced(site.machine, names[str(site.value(0))])
    if name == "update":
        site.machine.runs.alter(receiver.path)
        found = site.machine.new_dict()
        if site.args:
            update(site, found, site.args[0].value)
        for key, item in found.pairs():
            if isinstance(key.value, str):
                site.machine.bind(names, key.value, Bound(item.value, item.node, item.frame))
        for keyword, argument in site.kwargs.items():
            site.machine.bind(names, keyword, Bound(argument.value, argument.node, argument.frame))
        if found.open is not None:
            site.env.module.problem = site.env.module.problem or "it binds names that are made at run time"
        return None
    if name == "items":
        bounds = [(key, bound) for key, bound in names.items() if bound.value is not NOTHING]
        return site.machine.new_list([_pair(site, key, bound) for key, bound in bounds])
    return site.unknown("the names of a scope")


def _pair(site: Site, name: str, bound: Bound) -> Argument:
    value = Argument(forced(site.machine, bound), bound.node, bound.frame)
    return site.argument(site.machine.new_tuple([site.argument(name), value]))
