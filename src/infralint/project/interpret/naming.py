"""Names: what they stand for where they are used, and what an assignment binds."""

from __future__ import annotations

import builtins

from infralint.facts import program as ir
from infralint.project.interpret.internal import Lazy
from infralint.project.interpret.loader import exported, find, forced
from infralint.project.interpret.machine import EXPRESSIONS, Machine
from infralint.project.interpret.scopes import Env, Scope
from infralint.project.interpret.terms import Bound, Value
from infralint.project.interpret.values import NOTHING

_BUILTINS = {name: f"builtins.{name}" for name in dir(builtins) if not name.startswith("__")}


def name(machine: Machine, node: ir.Name, env: Env) -> Value:
    """The value of a name."""
    bound = env.scope.names.get(node.id)
    if bound is None or bound.value is NOTHING:
        return _outer(machine, node, env)
    return forced(machine, bound) if type(bound.value) is Lazy else bound.value


def _outer(machine: Machine, node: ir.Name, env: Env) -> Value:
    wanted = node.id
    scope: Scope | None = env.scope
    if scope is not None and wanted in scope.globals_:
        scope = scope.module
    while scope is not None and scope.kind != "module":
        bound = scope.names.get(wanted)
        if bound is None and env.typing:
            bound = scope.typing.get(wanted)
        if bound is not None and bound.value is not NOTHING:
            return forced(machine, bound)
        if wanted in scope.own and wanted not in scope.nonlocals and wanted not in scope.globals_:
            return machine.unknown(f"`{wanted}` is not bound", node, env)
        scope = scope.parent
    return _global(machine, node, env)


def _global(machine: Machine, node: ir.Name, env: Env) -> Value:
    module, wanted = env.module, node.id
    bound = find(machine, module, wanted, frozenset())
    if bound is None and env.typing:
        bound = module.scope.typing.get(wanted)
    if bound is not None:
        return forced(machine, bound)
    if wanted in _BUILTINS:
        return machine.external(_BUILTINS[wanted])
    return exported(machine, module, wanted, node, env)


def bind_name(machine: Machine, wanted: str, bound: Bound, env: Env) -> None:
    """Bind a name in the scope where an assignment in `env` binds it."""
    scope = env.scope.target(wanted)
    if scope is not env.scope:
        # `global` and `nonlocal`.
        machine.runs.alter(env.module.path)
    if env.typing:
        scope.typing[wanted] = bound
    elif machine.region is None:
        scope.names[wanted] = bound
    else:
        machine.bind(scope.names, wanted, bound)


EXPRESSIONS[ir.Name] = name
