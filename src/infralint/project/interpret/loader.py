"""Modules: found, run once when something of them is used, and the names that imports bind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from infralint.facts import program as ir
from infralint.project.interpret.internal import PENDING, Lazy, PackageValue, ScopeView
from infralint.project.interpret.machine import MAX_DEPTH, MAX_STEPS, Machine, Record
from infralint.project.interpret.scopes import Env, Scope
from infralint.project.interpret.terms import Bound, External, Unknown, Value
from infralint.project.interpret.values import NOTHING, ListValue, ModuleValue, TupleValue

_NOWHERE = ir.Ellipsis_(0, 0)
_DUNDER = frozenset({"__file__", "__builtins__", "__spec__", "__loader__", "__path__", "__annotations__", "__dict__"})


def module_at(machine: Machine, path: str) -> ModuleValue:
    """The module in a file, run or not."""
    found = machine.modules.get(path)
    if found is None:
        found = ModuleValue(path, machine.graph.dotted_name(path), Scope("module"))
        machine.modules[path] = found
    return found


def ran(machine: Machine, module: ModuleValue) -> ModuleValue:
    """The same module, its top level run, unless that is under way already."""
    if module.state == "new":
        if machine.depth >= MAX_DEPTH:
            module.problem = "the imports that lead here are too long a chain"
            machine.runs.unsteady |= {module.path, machine.runs.running}
            return module
        module.state = "running"
        module.problem = None
        _run(machine, module)
        module.state = "done"
    return module


def _run(machine: Machine, module: ModuleValue) -> None:
    program = _program(machine, module)
    if program is None:
        return
    machine.strings[module.path] = {(each.start, each.end): each.expression for each in program.strings}
    before = machine.region, machine.events, machine.hooks, machine.steps, machine.record
    machine.region = machine.events = None
    machine.use(machine.base_hooks)
    machine.steps = MAX_STEPS
    machine.record = machine.records[module.path] = Record()
    machine.depth += 2
    try:
        with _noted(machine, module):
            machine.run(program.body, Env(module.frame, module.scope, module))
    except RecursionError:
        module.problem = "nested too deeply"
        machine.runs.unsteady.add(module.path)
    finally:
        machine.depth -= 2
        machine.region, machine.events, hooks, machine.steps, machine.record = before
        machine.use(hooks)
    if machine.all_steps <= 0:
        module.problem = "too many steps"


@contextmanager
def _noted(machine: Machine, module: ModuleValue) -> Iterator[None]:
    """Note what a module's run looks at and costs."""
    runs, steps = machine.runs, machine.all_steps
    before = runs.running, runs.seen, runs.inner
    runs.begin(module.path)
    runs.running, runs.seen, runs.inner = module.path, set(), 0
    try:
        yield
    finally:
        spent = steps - machine.all_steps
        runs.of[module.path], runs.spent[module.path] = frozenset(runs.seen), spent - runs.inner
        runs.running, runs.seen, runs.inner = before
        runs.inner += spent
    runs.end(module.path)


def _program(machine: Machine, module: ModuleValue) -> ir.Program | None:
    facts = machine.files.get(module.path)
    if facts is not None and not facts.program and facts.problem is None and machine.demand is not None:
        facts = machine.demand(module.path)
    if facts is None or not facts.program:
        module.problem = facts.problem.reason if facts and facts.problem else "it was not read"
        return None
    machine.programs[module.path] = facts.program
    known = machine.decoded.get(module.path)
    if known is not None and known[0] == facts.program:
        return known[1]
    try:
        program = ir.decode_program(facts.program)
    except (msgspec.DecodeError, RecursionError):
        module.problem = "it was not read"
        return None
    machine.decoded[module.path] = (facts.program, program)
    return program


# Names of modules.


def exported(machine: Machine, module: ModuleValue, name: str, node: ir.Node, env: Env) -> Value:
    """`module.name`: what the module binds, star imports and submodules included."""
    ran(machine, module)
    machine.runs.look(module.path, module.state == "running")
    bound = module.scope.names.get(name)
    if bound is None or bound.value is NOTHING:
        # A submodule is an attribute of its package from its import on, before what a later star import brings.
        submodule = _submodule(machine, module.path, name)
        if submodule is not None:
            return submodule
        bound = find(machine, module, name, frozenset())
    if bound is not None:
        return forced(machine, bound)
    special = _special(machine, module, name, node, env)
    if special is not NOTHING:
        return special
    return _missing(machine, module, name, node, env)


def _missing(machine: Machine, module: ModuleValue, name: str, node: ir.Node, env: Env) -> Value:
    if module.problem is not None:
        return machine.unknown(f"{module.path}: {module.problem}", node, env)
    outside = outside_stars(machine, module, name)
    if len(outside) == 1:
        return outside[0]
    if outside:
        return machine.unknown(f"`{name}` comes by one of several star imports", node, env, tuple(outside))
    if module.state == "running":
        return machine.unknown(f"`{name}` of {module.path} is not bound yet", node, env)
    return machine.unknown(f"{module.path} does not bind `{name}`", node, env)


def _special(machine: Machine, module: ModuleValue, name: str, node: ir.Node, env: Env) -> Value:
    if name == "__name__":
        return module.dotted
    if name == "__package__":
        is_package = module.path.endswith("/__init__.py")
        return module.dotted if is_package else module.dotted.rpartition(".")[0]
    if name == "__doc__":
        return machine.unknown("a docstring", node, env)
    if name in _DUNDER:
        return (
            ScopeView(module.scope, module.path)
            if name == "__dict__"
            else machine.unknown("known at run time", node, env)
        )
    return NOTHING


def _submodule(machine: Machine, path: str, name: str) -> ModuleValue | None:
    folder, _, file = path.rpartition("/")
    if not file.startswith("__init__."):
        return None
    found = machine.graph.module_in(folder, name)
    return module_at(machine, found) if found and found != path else None


def find(machine: Machine, module: ModuleValue, name: str, seen: frozenset[str]) -> Bound | None:
    """What a module's own statements bind to a name, or one of its star imports does."""
    bound = module.scope.names.get(name)
    if bound is not None and bound.value is not NOTHING:
        return bound
    if module.path in seen:
        return None
    for star in reversed(module.scope.stars):
        if isinstance(star, ModuleValue):
            ran(machine, star)
            machine.runs.look(star.path, star.state == "running")
            if is_public(machine, star, name):
                found = find(machine, star, name, seen | {module.path})
                if found is not None:
                    return found
    return None


def is_public(machine: Machine, module: ModuleValue, name: str) -> bool:
    """Whether `from module import *` binds a name, if the module has it."""
    bound = module.scope.names.get("__all__")
    value = forced(machine, bound) if bound is not None else None
    if isinstance(value, (ListValue, TupleValue)) and value.open is None:
        return name in value.values
    return not name.startswith("_")


def outside_stars(machine: Machine, module: ModuleValue, name: str) -> list[Value]:
    """What a name may be that comes by star imports from outside of the tree."""
    return [machine.external(f"{star.name}.{name}") for star in _stars(module, set()) if not name.startswith("_")]


def _stars(module: ModuleValue, seen: set[str]) -> list[External]:
    if module.path in seen:
        return []
    seen.add(module.path)
    found: list[External] = []
    for star in module.scope.stars:
        found += [star] if isinstance(star, External) else _stars(star, seen)
    return list(dict.fromkeys(found))


# Imports.


def forced(machine: Machine, bound: Bound) -> Value:
    """The value of a binding; what an import binds is looked up now."""
    value = bound.value
    if type(value) is not Lazy:
        return value
    if value.found is not PENDING:
        machine.runs.seen |= value.through
        return value.found
    if value.busy:
        machine.runs.unsteady |= {value.path, machine.runs.running}
        return Unknown(f"`{value.name}` is imported in a circle", bound.node, bound.frame)
    value.busy = True
    try:
        with machine.runs.watched() as seen:
            found = _imported(machine, value, bound)
    finally:
        value.busy = False
    if not isinstance(found, Unknown):
        value.found, value.through = found, frozenset(seen)
        if seen:
            machine.looked_up.add(value, value.through | {value.path})
    return found


def _imported(machine: Machine, lazy: Lazy, bound: Bound) -> Value:
    statement, name, graph = lazy.statement, lazy.name, machine.graph
    env = Env(bound.frame, Scope("module"), module_at(machine, lazy.path))
    if statement.level:
        target = graph.find_relative(statement.level, statement.module, lazy.path)
    else:
        target = graph.find_module(statement.module, lazy.path)
    if target is not None:
        if target == lazy.path:
            own = _submodule(machine, target, name)
            return own if own is not None else machine.unknown(f"`{name}` is imported from itself", bound.node, env)
        return exported(machine, module_at(machine, target), name, bound.node, env)
    if statement.level:
        return _relative(machine, lazy, bound, env)
    dotted = f"{statement.module}.{name}"
    found = graph.find_module(dotted, lazy.path)
    if found is not None:
        return module_at(machine, found)
    if graph.find_module(statement.module.partition(".")[0], lazy.path) is not None:
        return machine.unknown(f"{statement.module} is not in the tree", bound.node, env)
    return machine.external(dotted)


def _relative(machine: Machine, lazy: Lazy, bound: Bound, env: Env) -> Value:
    statement = lazy.statement
    folder = machine.graph.relative_folder(statement.level, lazy.path)
    inner = f"{statement.module}.{lazy.name}".lstrip(".")
    found = machine.graph.module_in(folder, inner) if folder is not None else None
    if found is not None:
        return module_at(machine, found)
    return machine.unknown("a relative import whose target is not in the tree", bound.node, env)


def import_names(machine: Machine, statement: ir.ImportFrom, env: Env) -> int:
    """`from module import a, b as c`, or `*`."""
    from infralint.project.interpret.naming import bind_name

    if statement.module == "__future__" and not statement.level:
        return 1
    for imported in statement.names:
        if imported.name == "*":
            _import_all(machine, statement, env)
        else:
            lazy = Lazy(env.frame.path, statement, imported.name)
            bind_name(machine, imported.alias or imported.name, Bound(lazy, imported, env.frame), env)
    return 1


def _import_all(machine: Machine, statement: ir.ImportFrom, env: Env) -> None:
    path = env.frame.path
    if statement.level:
        target = machine.graph.find_relative(statement.level, statement.module, path)
    else:
        target = machine.graph.find_module(statement.module, path)
    if target is not None:
        env.scope.module.stars.append(module_at(machine, target))
    elif not statement.level:
        env.scope.module.stars.append(machine.external(statement.module))


def import_module(machine: Machine, statement: ir.ImportModule, env: Env) -> int:
    """`import a.b.c`, with or without `as`."""
    from infralint.project.interpret.naming import bind_name

    path, dotted = env.frame.path, statement.module
    head = dotted.partition(".")[0]
    found = machine.graph.find_module(dotted, path)
    value: Value
    if statement.alias:
        value = module_at(machine, found) if found else _outside(machine, dotted, path, statement, env)
        name = statement.alias
    else:
        top = machine.graph.find_module(head, path)
        if top is not None:
            value = module_at(machine, top)
        else:
            value = PackageValue(head, path) if found else machine.external(head)
        name = head
    bind_name(machine, name, Bound(value, statement, env.frame), env)
    return 1


def _outside(machine: Machine, dotted: str, path: str, node: ir.Node, env: Env) -> Value:
    if machine.graph.find_module(dotted.partition(".")[0], path) is not None:
        return machine.unknown(f"{dotted} is not in the tree", node, env)
    return machine.external(dotted)


def in_package(machine: Machine, package: PackageValue, name: str) -> Value:
    """An attribute of a package without a file: a module or a package in it."""
    dotted = f"{package.dotted}.{name}"
    found = machine.graph.find_module(dotted, package.path)
    return module_at(machine, found) if found else PackageValue(dotted, package.path)
