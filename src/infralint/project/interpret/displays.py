"""Literals, displays, comprehensions, f-strings, subscripts."""

from __future__ import annotations

from collections.abc import Callable

from infralint.facts import program as ir
from infralint.project.interpret.assigning import assign
from infralint.project.interpret.items import items_of
from infralint.project.interpret.machine import EXPRESSIONS, FALL, MAX_CHARACTERS, MAX_ITEMS, Machine
from infralint.project.interpret.naming import bind_name
from infralint.project.interpret.operators import has_wide_field
from infralint.project.interpret.pure import FAILURES, OPAQUE, to_python, truth
from infralint.project.interpret.scopes import Env, Scope
from infralint.project.interpret.terms import Argument, Bound, ForwardValue, Unknown, Value
from infralint.project.interpret.values import DictValue, key_of


def constant(machine: Machine, node: ir.Constant, env: Env) -> Value:
    """A literal."""
    return node.value


def ellipsis(machine: Machine, node: ir.Ellipsis_, env: Env) -> Value:
    """`...`."""
    return Ellipsis


def opaque(machine: Machine, node: ir.Opaque, env: Env) -> Value:
    """What was not lowered."""
    return machine.unknown(node.reason, node, env)


def forward(machine: Machine, node: ir.Forward, env: Env) -> Value:
    """A string inside of an annotation."""
    return ForwardValue(node.text, node.expression, env.scope, node, env.frame)


def spread(machine: Machine, nodes: tuple[ir.Expression, ...], env: Env) -> tuple[list[Argument], Unknown | None]:
    """The items of a display or a call, starred ones spread; and why some of them may be missing."""
    items: list[Argument] = []
    open: Unknown | None = None
    for node in nodes:
        if type(node) is not ir.Starred:
            items.append(Argument(machine.eval(node, env), node, env.frame))
            continue
        value = machine.eval(node.value, env)
        found, why = items_of(machine, value, node, env)
        if found is None or why is not None:
            open = open or why or machine.unknown("items that cannot be told", node, env)
            items.append(Argument(value, node, env.frame, "*"))
        else:
            items += found
    return items, open


def display(machine: Machine, node: ir.Display, env: Env) -> Value:
    """`[a, *b]`, `(a, b)`, `{a, b}`."""
    items, open = spread(machine, node.items, env)
    if node.kind == "list":
        return machine.new_list(items, open)
    return machine.new_tuple(items, open) if node.kind == "tuple" else machine.new_set(items, open)


def dict_display(machine: Machine, node: ir.DictDisplay, env: Env) -> Value:
    """`{key: value, **mapping}`."""
    found = machine.new_dict()
    for key, value in zip(node.keys, node.values, strict=True):
        content = machine.eval(value, env)
        if key is None:
            merge_into(machine, found, content, value, env)
        else:
            name = Argument(machine.eval(key, env), key, env.frame)
            put_item(found, name, Argument(content, value, env.frame))
    return found


def merge_into(machine: Machine, found: DictValue, content: Value, node: ir.Node, env: Env) -> None:
    """`found.update(content)`."""
    if isinstance(content, DictValue):
        found.entries.update(content.entries)
        found.open = found.open or content.open
    else:
        found.open = found.open or machine.unknown("a mapping that cannot be told", node, env)


def put_item(found: DictValue, key: Argument, value: Argument) -> None:
    """`found[key] = value`; under a key that cannot be told, the dict is open, and the entry is known by that key."""
    if isinstance(key.value, Unknown):
        found.open = found.open or key.value
    found.entries[key_of(key.value)] = (key, value)


# Comprehensions.


def comprehension(machine: Machine, node: ir.Comprehension, env: Env) -> Value:
    """A comprehension; a generator expression gives the list of its items."""
    # Names of a class body are seen by the first iterable alone (reference, 6.2.4).
    inner = env.inner(Scope("comprehension", env.scope.closure))
    first = machine.eval(node.clauses[0].iterable, env)
    found: list[tuple[Argument, Argument]] = []

    def element() -> None:
        key = Argument(machine.eval(node.element, inner), node.element, env.frame)
        value = key
        if node.value is not None:
            value = Argument(machine.eval(node.value, inner), node.value, env.frame)
        found.append((key, value))

    open = _clauses(machine, node.clauses, first, inner, element)
    if len(found) > MAX_ITEMS:
        return machine.unknown("too many items", node, env)
    if node.kind == "dict":
        result = machine.new_dict((), open)
        for key, value in found:
            put_item(result, key, value)
        return result
    items = [key for key, _ in found]
    return machine.new_set(items, open) if node.kind == "set" else machine.new_list(items, open)


def _clauses(
    machine: Machine, clauses: tuple[ir.Clause, ...], iterable: Value, env: Env, element: Callable[[], None]
) -> Unknown | None:
    """Run the clauses, the first outermost; says why items may be missing or too many."""
    clause, rest = clauses[0], clauses[1:]

    def inside() -> Unknown | None:
        if rest:
            return _clauses(machine, rest, machine.eval(rest[0].iterable, env), env, element)
        element()
        return None

    items, open = items_of(machine, iterable, clause.iterable, env)
    if items is None:
        return open or machine.unknown("items that cannot be told", clause.iterable, env)
    for item in items:
        if item.star or not machine.step():
            return open or machine.unknown("items that cannot be told", clause.iterable, env)
        assign(machine, clause.target, item, env)
        tests = [truth(machine.eval(test, env)) for test in clause.conditions]
        if False in tests:
            continue
        if None in tests:
            open = open or machine.unknown("a condition that cannot be told", clause.conditions[0], env)

            def way() -> int:
                inside()
                return FALL

            machine.fork([way, lambda: FALL], clause.conditions[0], "a condition that cannot be told", env)
        else:
            open = inside() or open
    return open


# Strings.

_CONVERSIONS: dict[str, Callable[[object], str]] = {"r": repr, "s": str, "a": ascii}


def joined(machine: Machine, node: ir.JoinedString, env: Env) -> Value:
    """An f-string; Unknown where a part of it is."""
    parts: list[str] = []
    unknown: Unknown | None = None
    for part in node.parts:
        value = machine.eval(part, env)
        if isinstance(value, str):
            parts.append(value)
        elif unknown is None:
            unknown = value if isinstance(value, Unknown) else machine.unknown("a part that is no text", part, env)
    if unknown is not None:
        return machine.unknown(unknown.reason, node, env)
    text = "".join(parts)
    return text if len(text) <= MAX_CHARACTERS else machine.unknown("too long a string", node, env)


def interpolation(machine: Machine, node: ir.Interpolation, env: Env) -> Value:
    """`{value!r:format}`."""
    value = to_python(machine.eval(node.value, env))
    format_ = machine.eval(node.format, env) if node.format is not None else ""
    if value is OPAQUE or not isinstance(format_, str) or has_wide_field(format_):
        return machine.unknown("text made of what cannot be told", node, env)
    try:
        if node.conversion:
            value = _CONVERSIONS[node.conversion](value)
        return format(value, format_)
    except FAILURES as error:
        return machine.unknown(f"{type(error).__name__} at run time", node, env)


# The rest.


def walrus(machine: Machine, node: ir.Walrus, env: Env) -> Value:
    """`name := value`: bound in the function, not in a comprehension (PEP 572)."""
    value = machine.eval(node.value, env)
    outer = env
    if env.scope.kind == "comprehension":
        scope = env.scope
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        outer = env.inner(scope)
    bind_name(machine, node.name, Bound(value, node.value, env.frame, node), outer)
    return value


def awaited(machine: Machine, node: ir.Await, env: Env) -> Value:
    """`await value`: a coroutine of the tree was run when it was called."""
    return machine.eval(node.value, env)


def yielded(machine: Machine, node: ir.Yield, env: Env) -> Value:
    """`yield`: the items of a generator are gathered, the body of a `with` is run in its place."""
    value = machine.eval(node.value, env) if node.value is not None else None
    given = Argument(value, node.value or node, env.frame)
    if env.on_yield is not None:
        return env.on_yield(given)
    if env.yielded is None:
        return machine.unknown("a yield outside of a function", node, env)
    machine.touch(env.yielded, node, env)
    if not node.many:
        env.yielded.items.append(given)
        return machine.unknown("what is sent to a generator", node, env)
    items, why = items_of(machine, value, node, env)
    env.yielded.items += items if items is not None else [Argument(value, node, env.frame, "*")]
    if items is None or why is not None:
        env.yielded.open = env.yielded.open or why or machine.unknown("items that cannot be told", node, env)
    return machine.unknown("what a generator returns", node, env)


def starred(machine: Machine, node: ir.Starred, env: Env) -> Value:
    """A star outside of a display or a call: in a subscript."""
    return machine.eval(node.value, env)


def slice_(machine: Machine, node: ir.Slice, env: Env) -> Value:
    """`a:b:c` of a term's subscript; those of sequences are read where they are taken."""
    bounds = [Argument(machine.eval(each, env) if each else None, each or node, env.frame) for each in _bounds(node)]
    return machine.new_tuple(bounds)


def _bounds(node: ir.Slice) -> tuple[ir.Expression | None, ...]:
    return node.lower, node.upper, node.step


EXPRESSIONS[ir.Constant] = constant
EXPRESSIONS[ir.Ellipsis_] = ellipsis
EXPRESSIONS[ir.Opaque] = opaque
EXPRESSIONS[ir.Forward] = forward
EXPRESSIONS[ir.Display] = display
EXPRESSIONS[ir.DictDisplay] = dict_display
EXPRESSIONS[ir.Comprehension] = comprehension
EXPRESSIONS[ir.JoinedString] = joined
EXPRESSIONS[ir.Interpolation] = interpolation
EXPRESSIONS[ir.Walrus] = walrus
EXPRESSIONS[ir.Await] = awaited
EXPRESSIONS[ir.Yield] = yielded
EXPRESSIONS[ir.Starred] = starred
EXPRESSIONS[ir.Slice] = slice_
