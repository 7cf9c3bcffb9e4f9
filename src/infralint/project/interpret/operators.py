"""Operators: on constants and collections as Python has them, on terms as an Operation."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from infralint.facts import program as ir
from infralint.project.interpret.internal import Expression
from infralint.project.interpret.machine import EXPRESSIONS, FALL, MAX_CHARACTERS, MAX_ITEMS, Machine
from infralint.project.interpret.pure import OPAQUE, is_constant, purely, to_python, truth
from infralint.project.interpret.scopes import Env
from infralint.project.interpret.terms import Argument, AttributeOf, External, Made, Operation, Unknown, Value
from infralint.project.interpret.values import (
    BoundMethod,
    ClassValue,
    DictValue,
    EnumMember,
    FunctionValue,
    InstanceValue,
    ItemOf,
    ListValue,
    ModuleValue,
    SetValue,
    TupleValue,
    key_of,
    same,
)

_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "**": operator.pow, "<<": operator.lshift, ">>": operator.rshift, "|": operator.or_,
    "^": operator.xor, "&": operator.and_,
}  # fmt: skip
_ORDER: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
TERMS = (Made, AttributeOf, ItemOf, Operation, External, ClassValue)
_COLLECTIONS = (ListValue, TupleValue, SetValue, DictValue)
# What is never equal to a constant or to one of another of these kinds.
_OBJECTS = (FunctionValue, BoundMethod, ModuleValue, ClassValue)


def binary(machine: Machine, node: ir.Binary, env: Env) -> Value:
    """`left operator right`, and a row of operators without going deeper for each of them."""
    row = [node]
    while isinstance(row[-1].left, ir.Binary):
        row.append(row[-1].left)
    first = row[-1].left
    left = Argument(machine.eval(first, env), first, env.frame)
    for each in reversed(row):
        right = Argument(machine.eval(each.right, env), each.right, env.frame)
        left = Argument(combine(machine, each.operator, left, right, each, env), each, env.frame)
    return left.value


def combine(machine: Machine, symbol: str, left: Argument, right: Argument, node: ir.Node, env: Env) -> Value:
    """The value of a binary operator."""
    first, second = left.value, right.value
    if is_constant(first) and is_constant(second):
        return _constants(machine, symbol, first, second, node, env)
    if isinstance(first, str) and symbol == "%":
        return purely(machine, _percent, [first, second], node, env)
    for value in (first, second):
        if isinstance(value, TERMS):
            return Operation(symbol, (left, right), node, env.frame)
    if isinstance(first, _COLLECTIONS) or isinstance(second, _COLLECTIONS):
        return _collections(machine, symbol, first, second, node, env)
    return _undecided(machine, (first, second), node, env)


def _undecided(machine: Machine, values: tuple[Value, ...], node: ir.Node, env: Env) -> Value:
    for value in values:
        if isinstance(value, Unknown):
            return machine.unknown(value.reason, node, env)
    return machine.unknown("an operator of values that are not plain", node, env)


def _constants(machine: Machine, symbol: str, left: Any, right: Any, node: ir.Node, env: Env) -> Value:
    function = _BINARY.get(symbol)
    if function is None or _is_too_large(symbol, left, right):
        return machine.unknown("too large to compute", node, env)
    if symbol == "%" and isinstance(left, (str, bytes)):
        function = _percent
    return purely(machine, function, [left, right], node, env)


def _is_too_large(symbol: str, left: Any, right: Any) -> bool:
    if symbol in ("**", "<<"):
        return not (isinstance(left, (int, float)) and isinstance(right, (int, float)) and -64 <= right <= 512)
    if symbol == "*":
        sizes = [len(value) for value in (left, right) if isinstance(value, (str, bytes))]
        counts = [abs(value) for value in (left, right) if isinstance(value, int)]
        return bool(sizes and counts) and sizes[0] * counts[0] > MAX_CHARACTERS
    return False


def _percent(template: Any, values: Any) -> Any:
    text = template if isinstance(template, str) else ""
    if has_wide_field(text) or "*" in text:
        raise ValueError("a field that is too wide")
    return template % values


def has_wide_field(text: str) -> bool:
    """Whether a template or a format may ask for a very wide field."""
    digits = 0
    for character in text:
        digits = digits + 1 if character.isdigit() else 0
        if digits > 3:
            return True
    return False


def _collections(machine: Machine, symbol: str, left: Value, right: Value, node: ir.Node, env: Env) -> Value:
    if symbol == "+" and type(left) is type(right) and isinstance(left, (ListValue, TupleValue)):
        assert isinstance(right, (ListValue, TupleValue))
        return _concatenated(machine, left, right, node, env)
    if symbol == "+" and isinstance(left, (ListValue, TupleValue)) and isinstance(right, Unknown):
        star = Argument(right, node, env.frame, "*")
        made = machine.new_list if isinstance(left, ListValue) else machine.new_tuple
        return made([*left.items, star], left.open or right)
    if symbol == "*":
        return _repeated(machine, left, right, node, env)
    if symbol == "|" and isinstance(left, DictValue) and isinstance(right, DictValue):
        return machine.new_dict([*left.pairs(), *right.pairs()], left.open or right.open)
    if isinstance(left, SetValue) and isinstance(right, SetValue):
        return _sets(machine, symbol, left, right, node, env)
    return _undecided(machine, (left, right), node, env)


def _concatenated(
    machine: Machine, left: ListValue | TupleValue, right: ListValue | TupleValue, node: ir.Node, env: Env
) -> Value:
    items, open = left.items + right.items, left.open or right.open
    if len(items) > MAX_ITEMS:
        return machine.unknown("too many items", node, env)
    return machine.new_list(items, open) if isinstance(left, ListValue) else machine.new_tuple(items, open)


def _repeated(machine: Machine, left: Value, right: Value, node: ir.Node, env: Env) -> Value:
    sequence, count = (left, right) if isinstance(left, (ListValue, TupleValue)) else (right, left)
    if not isinstance(sequence, (ListValue, TupleValue)) or not isinstance(count, int) or sequence.open:
        return _undecided(machine, (left, right), node, env)
    if len(sequence.items) * count > MAX_ITEMS:
        return machine.unknown("too many items", node, env)
    items = sequence.items * count
    return machine.new_list(items) if isinstance(sequence, ListValue) else machine.new_tuple(items)


def _sets(machine: Machine, symbol: str, left: SetValue, right: SetValue, node: ir.Node, env: Env) -> Value:
    open = left.open or right.open
    if symbol == "|":
        return machine.new_set([*left.items, *right.items], open)
    if any(not is_constant(value) for value in [*left.values, *right.values]) or open is not None:
        return machine.unknown("a set operation on what cannot be told", node, env)
    return purely(machine, _BINARY.get(symbol, operator.or_), [left, right], node, env)


def unary(machine: Machine, node: ir.Unary, env: Env) -> Value:
    """`-x`, `+x`, `~x`, `not x`."""
    value = machine.eval(node.operand, env)
    if node.operator == "not":
        known = truth(value)
        if known is not None:
            return not known
    elif isinstance(value, (int, float)):
        functions: dict[str, Callable[[Any], Any]] = {"-": operator.neg, "+": operator.pos, "~": operator.invert}
        return purely(machine, functions[node.operator], [int(value) if isinstance(value, bool) else value], node, env)
    if isinstance(value, TERMS):
        return Operation(node.operator, (Argument(value, node.operand, env.frame),), node, env.frame)
    return _undecided(machine, (value,), node, env)


def boolean(machine: Machine, node: ir.Boolean, env: Env) -> Value:
    """`a and b`, `a or b`: the value of the operand that decides."""
    stop = node.operator == "or"
    kept: list[Argument] = []
    for each in node.values:
        value = _perhaps(machine, each, node.values[0], env) if kept else machine.eval(each, env)
        known = truth(value)
        if known is (not stop) and each is not node.values[-1]:
            continue
        kept.append(Argument(value, each, env.frame))
        if known is stop:
            break
    if len(kept) == 1:
        return kept[0].value
    if all(isinstance(each.value, TERMS) for each in kept):
        return Operation(node.operator, tuple(kept), node, env.frame)
    return machine.either([each.value for each in kept], node, env)


def _perhaps(machine: Machine, node: ir.Expression, cause: ir.Expression, env: Env) -> Value:
    """The value of an operand that may not be reached."""
    found: list[Value] = []

    def way() -> int:
        found.append(machine.eval(node, env))
        return FALL

    machine.fork([way, lambda: FALL], cause, "a condition that cannot be told", env)
    return found[0]


def compare(machine: Machine, node: ir.Compare, env: Env) -> Value:
    """`a < b <= c`."""
    left = Argument(machine.eval(node.left, env), node.left, env.frame)
    answers: list[Value] = []
    for symbol, operand in zip(node.operators, node.operands, strict=True):
        right = Argument(machine.eval(operand, env), operand, env.frame)
        answer = _compared(machine, symbol, left, right, node, env)
        if truth(answer) is False:
            return answer if not answers else False
        answers.append(answer)
        left = right
    undecided = [answer for answer in answers if truth(answer) is None]
    if not undecided:
        return answers[-1]
    return undecided[0] if len(answers) == 1 else machine.unknown("a comparison", node, env)


def _compared(machine: Machine, symbol: str, left: Argument, right: Argument, node: ir.Node, env: Env) -> Value:
    first, second = left.value, right.value
    answer: bool | None = None
    if symbol in ("==", "!="):
        answer = equal(first, second)
    elif symbol in ("is", "is not"):
        answer = _identical(first, second)
    elif symbol in ("in", "not in"):
        answer = contains(second, first)
    else:
        return _ordered(machine, symbol, left, right, node, env)
    if answer is not None:
        return answer is (symbol in ("==", "is", "in"))
    if isinstance(first, TERMS) or isinstance(second, TERMS):
        return Operation(symbol, (left, right), node, env.frame)
    return _undecided(machine, (first, second), node, env)


def _ordered(machine: Machine, symbol: str, left: Argument, right: Argument, node: ir.Node, env: Env) -> Value:
    first, second = left.value, right.value
    if isinstance(first, External) and first.name == "sys.version_info":
        # The oldest Python that anybody runs a service on today is newer than 3.8.
        wanted = to_python(second)
        if isinstance(wanted, tuple) and all(isinstance(each, int) for each in wanted) and wanted < (3, 9):
            return symbol in (">", ">=")
    if isinstance(first, TERMS) or isinstance(second, TERMS):
        return Operation(symbol, (left, right), node, env.frame)
    return purely(machine, _ORDER[symbol], [first, second], node, env)


def equal(left: Value, right: Value) -> bool | None:
    """Whether two values are equal; None where it cannot be told."""
    if is_constant(left) and is_constant(right):
        return bool(left == right)
    if isinstance(left, EnumMember) and isinstance(right, EnumMember):
        return left.cls is right.cls and left.name == right.name if _is_plain(left) and _is_plain(right) else None
    if isinstance(left, _OBJECTS) and isinstance(right, _OBJECTS):
        return left is right if _is_closed(left) and _is_closed(right) else None
    first, second = to_python(left), to_python(right)
    if first is not OPAQUE and second is not OPAQUE:
        return bool(first == second)
    if isinstance(left, External) and isinstance(right, External):
        return _same_external(left, right)
    return None


def _is_plain(member: EnumMember) -> bool:
    return len(member.cls.bases) == 1


def _is_closed(value: Value) -> bool:
    return not isinstance(value, ClassValue) or "metaclass" not in value.keywords


def _same_external(left: External, right: External) -> bool | None:
    if left.name == right.name:
        return True
    return False if left.name.startswith("builtins.") and right.name.startswith("builtins.") else None


def _identical(left: Value, right: Value) -> bool | None:
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return None
    for value, other in ((left, right), (right, left)):
        if value is None or isinstance(value, bool):
            if is_constant(other):
                return value is other
            known = (*_COLLECTIONS, *_OBJECTS, InstanceValue, EnumMember, Expression)
            return False if isinstance(other, known) else None
    if isinstance(left, External) and isinstance(right, External):
        return _same_external(left, right)
    if is_constant(left) or is_constant(right):
        return None if is_constant(left) and is_constant(right) and left == right else False
    if isinstance(left, EnumMember) and isinstance(right, EnumMember):
        return left.cls is right.cls and left.name == right.name
    if isinstance(left, (AttributeOf, ItemOf, Operation)) or isinstance(right, (AttributeOf, ItemOf, Operation)):
        return None
    if isinstance(left, Made) and isinstance(right, Made):
        return True if left is right else None
    return left is right


def contains(container: Value, item: Value) -> bool | None:
    """Whether `item in container`; None where it cannot be told."""
    if isinstance(container, (str, bytes)):
        fits = isinstance(item, type(container))
        return item in container if fits else None  # type: ignore[operator]
    if isinstance(container, DictValue):
        if key_of(item) in container.entries and not isinstance(item, Unknown):
            return True if container.open is None else None
        keys: list[Argument] = [key for key, _ in container.pairs()]
        return _among(keys, item, container.open)
    if isinstance(container, (ListValue, TupleValue, SetValue)):
        return _among(container.items, item, container.open)
    return None


def _among(items: list[Argument], item: Value, open: Unknown | None) -> bool | None:
    if isinstance(item, Unknown):
        return None if items or open is not None else False
    answers = [None if each.star else (True if same(each.value, item) else equal(each.value, item)) for each in items]
    if any(answer is True for answer in answers):
        return True if open is None else None
    return None if open is not None or None in answers else False


def conditional(machine: Machine, node: ir.Conditional, env: Env) -> Value:
    """`body if test else otherwise`."""
    test = machine.eval(node.test, env)
    known = truth(test)
    if known is not None:
        return machine.eval(node.body if known else node.otherwise, env)
    found: list[Value] = []

    def way(each: ir.Expression) -> Callable[[], int]:
        def run() -> int:
            found.append(machine.eval(each, env))
            return FALL

        return run

    machine.fork([way(node.body), way(node.otherwise)], node.test, "a condition that cannot be told", env)
    return machine.either(found, node, env)


EXPRESSIONS[ir.Binary] = binary
EXPRESSIONS[ir.Unary] = unary
EXPRESSIONS[ir.Boolean] = boolean
EXPRESSIONS[ir.Compare] = compare
EXPRESSIONS[ir.Conditional] = conditional
