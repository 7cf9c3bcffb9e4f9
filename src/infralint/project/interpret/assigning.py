"""Assignments: to names, attributes, items, and several of them at once."""

from __future__ import annotations

from infralint.facts import program as ir
from infralint.project.interpret.attributes import set_attribute
from infralint.project.interpret.internal import ScopeView
from infralint.project.interpret.items import items_of
from infralint.project.interpret.machine import Machine
from infralint.project.interpret.naming import bind_name
from infralint.project.interpret.scopes import Env
from infralint.project.interpret.terms import AnnotationValue, Argument, Bound, Unknown, Value
from infralint.project.interpret.values import DictValue, InstanceValue, ListValue, key_of


def assign(
    machine: Machine, target: ir.Expression, given: Argument, env: Env, annotation: AnnotationValue | None = None
) -> None:
    """Bind a target to a value that stands at `given`'s place."""
    if isinstance(target, ir.Name):
        same_file = given.frame.path == env.frame.path
        place = given if same_file else Argument(given.value, target, env.frame)
        bind_name(machine, target.id, Bound(given.value, place.node, place.frame, target, annotation), env)
    elif isinstance(target, ir.Attribute):
        owner = machine.eval(target.value, env)
        set_attribute(machine, owner, target.name, given, target, env, annotation)
    elif isinstance(target, ir.Subscript):
        owner = machine.eval(target.value, env)
        set_item(machine, owner, Argument(machine.eval(target.index, env), target.index, env.frame), given, target, env)
    elif isinstance(target, ir.Display):
        _unpack(machine, target, given, env)
    elif isinstance(target, ir.Starred):
        assign(machine, target.value, given, env)


def _unpack(machine: Machine, target: ir.Display, given: Argument, env: Env) -> None:
    wanted = target.items
    items, open = items_of(machine, given.value, target, env)
    stars = [index for index, each in enumerate(wanted) if isinstance(each, ir.Starred)]
    fits = items is not None and open is None and not any(item.star for item in items)
    if items is None or not fits or not _fits(len(items), len(wanted), bool(stars)):
        reason = open.reason if open is not None else "items that cannot be told"
        for each in wanted:
            assign(machine, each, Argument(machine.unknown(reason, given.node, env), given.node, given.frame), env)
        return
    if stars:
        first, behind = stars[0], len(wanted) - stars[0] - 1
        middle = machine.new_list(items[first : len(items) - behind])
        rest = items[len(items) - behind :] if behind else []
        items = [*items[:first], Argument(middle, given.node, given.frame), *rest]
    for each, item in zip(wanted, items, strict=True):
        assign(machine, each, item, env)


def _fits(given: int, wanted: int, starred: bool) -> bool:
    return given >= wanted - 1 if starred else given == wanted


def set_item(machine: Machine, owner: Value, index: Argument, given: Argument, node: ir.Node, env: Env) -> None:
    """`owner[index] = given`."""
    if isinstance(owner, DictValue):
        machine.touch(owner, node, env)
        if isinstance(index.value, Unknown):
            owner.open = owner.open or index.value
        else:
            owner.entries[key_of(index.value)] = (index, given)
    elif isinstance(owner, ListValue):
        machine.touch(owner, node, env)
        at = index.value
        if isinstance(at, int) and -len(owner.items) <= at < len(owner.items):
            owner.items[at] = given
        else:
            owner.open = owner.open or machine.unknown("an item that cannot be told", node, env)
    elif isinstance(owner, ScopeView):
        machine.runs.alter(owner.path)
        if isinstance(index.value, str):
            machine.bind(owner.scope.names, index.value, Bound(given.value, given.node, given.frame))
        else:
            env.module.problem = env.module.problem or "it binds names that are made at run time"
    elif isinstance(owner, InstanceValue):
        machine.touch(owner, node, env)
        owner.open = owner.open or machine.unknown("an item is set", node, env)


def delete(machine: Machine, target: ir.Expression, env: Env) -> None:
    """`del target`."""
    if isinstance(target, ir.Name):
        scope = env.scope.target(target.id)
        if scope is not env.scope:
            machine.runs.alter(env.module.path)
        machine.bind(scope.names, target.id, None)
    elif isinstance(target, ir.Display):
        for each in target.items:
            delete(machine, each, env)
    elif isinstance(target, ir.Subscript):
        _delete_item(machine, target, env)
    elif isinstance(target, ir.Attribute):
        _delete_attribute(machine, target, env)


def _delete_item(machine: Machine, target: ir.Subscript, env: Env) -> None:
    owner, index = machine.eval(target.value, env), machine.eval(target.index, env)
    machine.touch(owner, target, env)
    if isinstance(owner, DictValue) and not isinstance(index, Unknown):
        owner.entries.pop(key_of(index), None)
    elif isinstance(owner, ListValue) and isinstance(index, int) and -len(owner.items) <= index < len(owner.items):
        del owner.items[index]
    elif isinstance(owner, (ListValue, DictValue)):
        owner.open = owner.open or machine.unknown("an item that cannot be told is deleted", target, env)


def _delete_attribute(machine: Machine, target: ir.Attribute, env: Env) -> None:
    from infralint.project.interpret.values import ClassValue

    owner = machine.eval(target.value, env)
    if isinstance(owner, ClassValue):
        machine.runs.alter(owner.born)
        machine.bind(owner.namespace, target.name, None)
    elif isinstance(owner, InstanceValue):
        machine.runs.alter(owner.born)
        machine.bind(owner.attributes, target.name, None)
