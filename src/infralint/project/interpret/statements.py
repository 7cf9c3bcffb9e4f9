"""Simple statements: assignments, returns, imports, deletions."""

from __future__ import annotations

from infralint.facts import program as ir
from infralint.project.interpret.assigning import assign, delete
from infralint.project.interpret.builtin import update
from infralint.project.interpret.items import items_of
from infralint.project.interpret.loader import import_module, import_names
from infralint.project.interpret.machine import BREAK, CONTINUE, FALL, RAISE, RETURN, STATEMENTS, Machine
from infralint.project.interpret.naming import bind_name
from infralint.project.interpret.operators import combine
from infralint.project.interpret.pure import truth
from infralint.project.interpret.scopes import Env
from infralint.project.interpret.terms import AnnotationValue, Argument, Bound, Made, Value
from infralint.project.interpret.values import NOTHING, DictValue, ListValue, SetValue

_EXITS = frozenset({"sys.exit", "os._exit", "os.abort", "builtins.exit", "builtins.quit", "pytest.skip"})


def evaluate(machine: Machine, node: ir.Evaluate, env: Env) -> int:
    """An expression for its effects."""
    value = machine.eval(node.value, env)
    if isinstance(value, Made) and value.name in _EXITS and value.node is node.value:
        return RAISE
    return FALL


def assign_(machine: Machine, node: ir.Assign, env: Env) -> int:
    """`a = b = value`."""
    given = Argument(machine.eval(node.value, env), node.value, env.frame)
    for target in node.targets:
        assign(machine, target, given, env)
    return FALL


def annotate(machine: Machine, node: ir.Annotate, env: Env) -> int:
    """`target: annotation = value`; without a value the name is only annotated, which leaves an earlier value."""
    annotation = AnnotationValue(node.annotation, env.scope, env.frame)
    if node.value is not None:
        given = Argument(machine.eval(node.value, env), node.value, env.frame)
        assign(machine, node.target, given, env, annotation)
    elif isinstance(node.target, ir.Name) and env.scope.kind != "function":
        before = env.scope.names.get(node.target.id)
        value, place = (before.value, before.node) if before is not None else (NOTHING, node.target)
        bind_name(machine, node.target.id, Bound(value, place, env.frame, node.target, annotation), env)
    return FALL


def augment(machine: Machine, node: ir.Augment, env: Env) -> int:
    """`target operator= value`: a list, dict or set is changed where it is, all else is computed and bound."""
    before = machine.eval(node.target, env)
    value = machine.eval(node.value, env)
    if _in_place(machine, before, node, value, env):
        return FALL
    left = Argument(before, node.target, env.frame)
    right = Argument(value, node.value, env.frame)
    found = combine(machine, node.operator, left, right, node, env)
    assign(machine, node.target, Argument(found, node.value, env.frame), env)
    return FALL


def _in_place(machine: Machine, before: Value, node: ir.Augment, value: Value, env: Env) -> bool:
    if isinstance(before, ListValue) and node.operator == "+":
        machine.touch(before, node, env)
        items, open = items_of(machine, value, node.value, env)
        if items is None:
            before.items.append(Argument(value, node.value, env.frame, "*"))
            open = open or machine.unknown("items that cannot be told", node, env)
        else:
            before.items += items
        before.open = before.open or open
        return True
    if isinstance(before, DictValue) and node.operator == "|":
        from infralint.project.interpret.builtin import Site

        machine.touch(before, node, env)
        update(Site(machine, [], {}, node, env, None), before, value)
        return True
    if isinstance(before, SetValue) and node.operator == "|" and isinstance(value, SetValue):
        machine.touch(before, node, env)
        before.items = machine.new_set([*before.items, *value.items]).items
        before.open = before.open or value.open
        return True
    return False


def delete_(machine: Machine, node: ir.Delete, env: Env) -> int:
    """`del a, b`."""
    for target in node.targets:
        delete(machine, target, env)
    return FALL


def return_(machine: Machine, node: ir.Return, env: Env) -> int:
    """`return value`."""
    env.returned.append(machine.eval(node.value, env) if node.value is not None else None)
    return RETURN


def raise_(machine: Machine, node: ir.Raise, env: Env) -> int:
    """`raise`: the path ends here."""
    if node.value is not None:
        events, machine.events = machine.events, None
        machine.eval(node.value, env)
        machine.events = events
    machine.report("raise", None, node, env)
    return RAISE


def assert_(machine: Machine, node: ir.Assert, env: Env) -> int:
    """`assert test`."""
    return RAISE if truth(machine.eval(node.test, env)) is False else FALL


def jump(machine: Machine, node: ir.Jump, env: Env) -> int:
    """`break` and `continue`."""
    return BREAK if node.kind == "break" else CONTINUE


def declare(machine: Machine, node: ir.Declare, env: Env) -> int:
    """`global` and `nonlocal`."""
    if node.kind == "global":
        env.scope.globals_ |= set(node.names)
    else:
        env.scope.nonlocals |= set(node.names)
    return FALL


def type_alias(machine: Machine, node: ir.TypeAlias, env: Env) -> int:
    """`type name = value`: evaluated at once, though Python waits."""
    bind_name(machine, node.name, Bound(machine.eval(node.value, env), node.value, env.frame, node), env)
    return FALL


def unreadable(machine: Machine, node: ir.Unreadable, env: Env) -> int:
    """What was not lowered: the names that it binds cannot be told."""
    machine.report("unread", None, node, env, node.reason)
    for name in node.names:
        bind_name(machine, name, Bound(machine.unknown(node.reason, node, env), node, env.frame), env)
    if env.scope.kind == "module":
        env.module.problem = env.module.problem or node.reason
    elif env.scope.kind == "class" and env.owner is not None:
        machine.runs.alter(env.owner.born)
        env.owner.open = env.owner.open or machine.unknown(node.reason, node, env)
    return FALL


STATEMENTS[ir.Evaluate] = evaluate
STATEMENTS[ir.Assign] = assign_
STATEMENTS[ir.Annotate] = annotate
STATEMENTS[ir.Augment] = augment
STATEMENTS[ir.Delete] = delete_
STATEMENTS[ir.Return] = return_
STATEMENTS[ir.Raise] = raise_
STATEMENTS[ir.Assert] = assert_
STATEMENTS[ir.Jump] = jump
STATEMENTS[ir.Declare] = declare
STATEMENTS[ir.TypeAlias] = type_alias
STATEMENTS[ir.Unreadable] = unreadable
STATEMENTS[ir.ImportFrom] = import_names
STATEMENTS[ir.ImportModule] = import_module
