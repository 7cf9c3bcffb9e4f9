"""Functions of Python and its standard library that are computed: those without effects, over what is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from infralint.facts import program as ir
from infralint.project.interpret.functions import Arguments, Keywords
from infralint.project.interpret.items import items_of
from infralint.project.interpret.machine import MAX_ITEMS, Machine
from infralint.project.interpret.pure import OPAQUE, purely, to_python, truth
from infralint.project.interpret.scopes import Env
from infralint.project.interpret.terms import Argument, Unknown, Value
from infralint.project.interpret.values import DictValue, ListValue, TupleValue


class Site:
    """A call as the functions here see it: its arguments and its place. `callee` is what is called."""

    __slots__ = ("args", "callee", "env", "kwargs", "machine", "node")

    def __init__(
        self, machine: Machine, args: Arguments, kwargs: Keywords, node: ir.Node, env: Env, callee: Value
    ) -> None:
        self.machine = machine
        self.args = args
        self.kwargs = kwargs
        self.node = node
        self.env = env
        self.callee = callee

    @property
    def values(self) -> list[Value]:
        """The arguments by position."""
        return [argument.value for argument in self.args]

    @property
    def is_open(self) -> bool:
        """Whether an argument could not be spread."""
        return any(argument.star for argument in self.args)

    def value(self, position: int, name: str = "", default: Value = None) -> Value:
        """The argument at a position or of a name."""
        if name and name in self.kwargs:
            return self.kwargs[name].value
        return self.args[position].value if 0 <= position < len(self.args) else default

    def unknown(self, reason: str = "a call that cannot be told", candidates: tuple[Value, ...] = ()) -> Unknown:
        """An Unknown at the call."""
        return self.machine.unknown(reason, self.node, self.env, candidates)

    def items(self, position: int = 0) -> tuple[Arguments | None, Unknown | None]:
        """The items of the iterable argument at a position; without it there are none."""
        if position >= len(self.args):
            return [], None
        return items_of(self.machine, self.args[position].value, self.node, self.env)

    def argument(self, value: Value) -> Argument:
        """A value with the call's place."""
        return Argument(value, self.node, self.env.frame)

    def call(self, function: Value, *values: Argument) -> Value:
        """Call a function that was given as an argument."""
        from infralint.project.interpret.calls import call_value

        return call_value(self.machine, function, list(values), {}, self.node, self.env)

    def pure(self, function: Callable[..., Any], values: list[Value] | None = None) -> Value:
        """What a function without effects gives; Unknown with keywords, which differ."""
        if self.is_open or (self.kwargs and values is None):
            return self.unknown()
        return purely(self.machine, function, self.values if values is None else values, self.node, self.env)


Builtin = Callable[[Site], Value]
BUILTINS: dict[str, Builtin] = {}


def builtin(*names: str) -> Callable[[Builtin], Builtin]:
    """Register a function under its dotted names."""

    def register(function: Builtin) -> Builtin:
        BUILTINS.update(dict.fromkeys(names, function))
        return function

    return register


_PURE: dict[str, Callable[..., Any]] = {
    "abs": abs, "ascii": ascii, "bin": bin, "chr": chr, "divmod": divmod, "hex": hex, "oct": oct, "ord": ord,
    "repr": repr, "round": round, "float": float, "bytes": bytes,
}  # fmt: skip


def _pure(site: Site) -> Value:
    size = site.value(0)
    if isinstance(size, int) and abs(size) > 10**9:
        return site.unknown("too large")
    return site.pure(_PURE[getattr(site.callee, "name", "").partition(".")[2]])


BUILTINS.update({f"builtins.{name}": _pure for name in _PURE})


@builtin("builtins.str")
def _str(site: Site) -> Value:
    given = site.value(0, "object", "")
    if isinstance(given, (str, int, float)) or given is None:
        return site.pure(str)
    return site.pure(str) if to_python(given) is not OPAQUE else site.unknown("text made of what cannot be told")


@builtin("builtins.int")
def _int(site: Site) -> Value:
    given = site.value(0, default=0)
    return site.pure(int) if not isinstance(given, str) or len(given) < 100 else site.unknown()


@builtin("builtins.bool")
def _bool(site: Site) -> Value:
    known = truth(site.value(0, default=False))
    return site.unknown() if known is None else known


@builtin("builtins.len")
def _len(site: Site) -> Value:
    given = site.value(0)
    if isinstance(given, (str, bytes)):
        return len(given)
    items, open = site.items()
    if items is None or open is not None or any(item.star for item in items):
        return site.unknown("a length that cannot be told")
    return len(items)


@builtin("builtins.range")
def _range(site: Site) -> Value:
    bounds = [bound for bound in site.values if isinstance(bound, int)]
    if len(bounds) != len(site.args) or not 1 <= len(bounds) <= 3 or site.is_open:
        return site.unknown("a range that cannot be told")
    try:
        found = range(*bounds)
    except ValueError:
        return site.unknown("a range with the step 0")
    if len(found) > MAX_ITEMS:
        return site.unknown("too long a range")
    return site.machine.new_tuple([site.argument(number) for number in found])


def _collected(site: Site, make: Callable[[Arguments, Unknown | None], Value]) -> Value:
    items, open = site.items()
    if items is None:
        star = Argument(site.value(0), site.node, site.env.frame, "*")
        return make([star], open or site.unknown("items that cannot be told"))
    return make(list(items), open)


@builtin("builtins.list", "collections.deque")
def _list(site: Site) -> Value:
    return _collected(site, site.machine.new_list)


@builtin("builtins.tuple")
def _tuple(site: Site) -> Value:
    return _collected(site, site.machine.new_tuple)


@builtin("builtins.iter")
def _iter(site: Site) -> Value:
    return _collected(site, site.machine.new_list) if len(site.args) == 1 else site.unknown()


@builtin("builtins.set", "builtins.frozenset")
def _set(site: Site) -> Value:
    return _collected(site, site.machine.new_set)


@builtin("builtins.dict", "collections.OrderedDict")
def _dict(site: Site) -> Value:
    found = site.machine.new_dict()
    if site.args:
        update(site, found, site.args[0].value)
    for name, argument in site.kwargs.items():
        found.entries[name] = (site.argument(name), argument)
    if len(site.args) > 1 or site.is_open:
        found.open = site.unknown("arguments that cannot be told")
    return found


def update(site: Site, found: DictValue, given: Value) -> None:
    """`found.update(given)`: a mapping, or pairs."""
    from infralint.project.interpret.displays import merge_into, put_item

    if isinstance(given, DictValue):
        merge_into(site.machine, found, given, site.node, site.env)
        return
    items, open = items_of(site.machine, given, site.node, site.env)
    if items is None:
        found.open = found.open or open or site.unknown("items that cannot be told")
        return
    found.open = found.open or open
    for item in items:
        pair, why = items_of(site.machine, item.value, site.node, site.env)
        if pair is None or why is not None or len(pair) != 2:
            found.open = found.open or why or site.unknown("items that are no pairs")
        else:
            put_item(found, pair[0], pair[1])


@builtin("collections.defaultdict")
def _defaultdict(site: Site) -> Value:
    found = site.machine.new_dict()
    found.default = site.value(0)
    if len(site.args) > 1:
        update(site, found, site.args[1].value)
    return found


@builtin("builtins.enumerate")
def _enumerate(site: Site) -> Value:
    items, open = site.items()
    start = site.value(1, "start", 0)
    if items is None or not isinstance(start, int):
        return site.unknown("items that cannot be told")
    tuple_ = site.machine.new_tuple
    pairs = [site.argument(tuple_([site.argument(start + index), item])) for index, item in enumerate(items)]
    return site.machine.new_list(pairs, open)


@builtin("builtins.zip")
def _zip(site: Site) -> Value:
    columns = []
    for position in range(len(site.args)):
        items, open = site.items(position)
        if items is None or open is not None or any(item.star for item in items):
            return site.unknown("items that cannot be told")
        columns.append(items)
    rows = [list(row) for row in zip(*columns, strict=False)]
    return site.machine.new_list([site.argument(site.machine.new_tuple(row)) for row in rows])


@builtin("builtins.reversed")
def _reversed(site: Site) -> Value:
    items, open = site.items()
    return site.unknown() if items is None else site.machine.new_list(items[::-1], open)


@builtin("builtins.sorted")
def _sorted(site: Site) -> Value:
    items, open = site.items()
    if items is None or open is not None:
        return site.unknown("items that cannot be told")
    return site.machine.new_list(items) if sort(site, items) else site.unknown("an order that cannot be told")


def sort(site: Site, items: Arguments) -> bool:
    """Sort items in place by the call's `key` and `reverse`; False where their order cannot be told."""
    key = site.kwargs.get("key")
    reverse = truth(site.value(-1, "reverse", False))
    if key is not None and key.value is not None:
        keys = [to_python(site.call(key.value, item)) for item in items]
    else:
        keys = [to_python(item.value) for item in items]
    if reverse is None or any(each is OPAQUE for each in keys) or any(item.star for item in items):
        return False
    try:
        order = sorted(range(len(items)), key=keys.__getitem__, reverse=reverse)
    except TypeError:
        return False
    items[:] = [items[index] for index in order]
    return True


@builtin("builtins.map")
def _map(site: Site) -> Value:
    items, open = site.items(1)
    if items is None or len(site.args) != 2:
        return site.unknown("items that cannot be told")
    found = [site.argument(site.call(site.args[0].value, item)) for item in items]
    return site.machine.new_list(found, open)


@builtin("builtins.filter")
def _filter(site: Site) -> Value:
    items, open = site.items(1)
    if items is None or len(site.args) != 2:
        return site.unknown("items that cannot be told")
    kept: Arguments = []
    for item in items:
        test = site.args[0].value
        known = truth(item.value if test is None else site.call(test, item))
        if known is None:
            open = open or site.unknown("a condition that cannot be told")
        if known is not False:
            kept.append(item)
    return site.machine.new_list(kept, open)


@builtin("builtins.sum")
def _sum(site: Site) -> Value:
    items, open = site.items()
    first = items[0].value if items else None
    if items and open is None and isinstance(first, (ListValue, TupleValue)):
        return _concatenated(site, items)
    return site.pure(sum)


def _concatenated(site: Site, items: Arguments) -> Value:
    start = site.value(1, "start")
    if not isinstance(start, (ListValue, TupleValue)) or len(items) > 1000:
        return site.unknown()
    found = list(start.items)
    open = start.open
    for item in items:
        if type(item.value) is not type(start):
            return site.unknown("items of several kinds")
        assert isinstance(item.value, (ListValue, TupleValue))
        found += item.value.items
        open = open or item.value.open
    make = site.machine.new_list if isinstance(start, ListValue) else site.machine.new_tuple
    return make(found, open) if len(found) <= MAX_ITEMS else site.unknown("too many items")


@builtin("builtins.min", "builtins.max")
def _extreme(site: Site) -> Value:
    name = getattr(site.callee, "name", "")
    return site.pure(min if name.endswith("min") else max)


@builtin("builtins.any", "builtins.all")
def _any_or_all(site: Site) -> Value:
    stop = getattr(site.callee, "name", "").endswith("any")
    items, open = site.items()
    answers = [None if item.star else truth(item.value) for item in items or ()]
    if stop in answers and open is None:
        return stop
    return site.unknown() if items is None or open is not None or None in answers else not stop


@builtin("builtins.print", "builtins.breakpoint")
def _nothing(site: Site) -> Value:
    return None


@builtin("builtins.next")
def _next(site: Site) -> Value:
    given = site.value(0)
    items, open = site.items()
    if isinstance(given, ListValue) and items and open is None and not items[0].star:
        site.machine.touch(given, site.node, site.env)
        given.items.pop(0)
        return items[0].value
    if items == [] and open is None and len(site.args) > 1:
        return site.args[1].value
    return site.unknown("items that cannot be told")


@builtin("builtins.format")
def _format(site: Site) -> Value:
    from infralint.project.interpret.operators import has_wide_field

    spec = site.value(1, default="")
    return site.unknown() if not isinstance(spec, str) or has_wide_field(spec) else site.pure(format)


@builtin("builtins.hash", "builtins.id")
def _by_run(site: Site) -> Value:
    return site.unknown("it differs from run to run")
