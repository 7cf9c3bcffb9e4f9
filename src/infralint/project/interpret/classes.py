"""Class statements: bases, keywords, the body's names, and what the tree's own hooks and decorators do to the class."""

from __future__ import annotations

from infralint.facts import program as ir
from infralint.project.interpret.displays import spread
from infralint.project.interpret.functions import Keywords
from infralint.project.interpret.machine import FALL, STATEMENTS, Machine
from infralint.project.interpret.naming import bind_name
from infralint.project.interpret.scopes import Env, Scope
from infralint.project.interpret.terms import Argument, Bound, Unknown, Value
from infralint.project.interpret.values import BoundMethod, ClassValue, DictValue, FunctionValue


def class_(machine: Machine, node: ir.Class, env: Env) -> int:
    """A `class` statement."""
    decorators = [Argument(machine.eval(each, env), each, env.frame) for each in node.decorators]
    bases, open = spread(machine, node.bases, env)
    keywords = _keywords(machine, node, env)
    scope = Scope("class", env.scope.closure)
    qualname = _qualname(env, node.name)
    cls = ClassValue(node.name, qualname, tuple(bases), keywords, scope.names, node, env.frame)
    cls.open = open
    cls.born = machine.runs.running
    inner = env.inner(scope)
    inner.owner = cls
    scope.parent = env.scope.closure
    machine.run(node.body, inner)
    given = {name: argument for name, argument in keywords.items() if name != "metaclass"}
    value: Value = finish_class(machine, cls, scope, given, env)
    for decorator in reversed(decorators):
        value = _decorated(machine, cls, value, decorator, env)
    bind_name(machine, node.name, Bound(value, node, env.frame), env)
    return FALL


def _qualname(env: Env, name: str) -> str:
    if env.scope.kind == "class" and env.owner is not None:
        return f"{env.owner.qualname}.{name}"
    running = env.frame.function
    return f"{running.qualname}.<locals>.{name}" if running is not None else name


def _keywords(machine: Machine, node: ir.Class, env: Env) -> Keywords:
    found: Keywords = {}
    for keyword in node.keywords:
        value = machine.eval(keyword.value, env)
        if keyword.name:
            found[keyword.name] = Argument(value, keyword.value, env.frame)
        elif isinstance(value, DictValue):
            found.update({key.value: item for key, item in value.pairs() if isinstance(key.value, str)})
    return found


def finish_class(machine: Machine, cls: ClassValue, scope: Scope, given: Keywords, env: Env) -> ClassValue:
    """A class whose names are known: noted, and shown to the hooks of its bases."""
    cls.scope = scope
    cls.region = machine.region
    cls.certain = machine.region is None
    machine.record.classes.append(cls)
    for bound in cls.namespace.values():
        if isinstance(bound.value, FunctionValue) and bound.value.owner is None:
            machine.runs.alter(bound.value.born)
            bound.value.owner = cls
    _open_by_metaclass(machine, cls, env)
    _init_subclass(machine, cls, given, env)
    return cls


def _open_by_metaclass(machine: Machine, cls: ClassValue, env: Env) -> None:
    """A metaclass of the tree that makes classes in its own way may give them any names."""
    for base in cls.mro:
        given = base.keywords.get("metaclass") if isinstance(base, ClassValue) else None
        metaclass = given.value if given is not None else None
        if isinstance(metaclass, ClassValue):
            for name in ("__new__", "__init__", "__prepare__", "__getattr__", "__call__"):
                if metaclass.lookup(name) is not None and cls.open is None:
                    cls.open = machine.unknown(f"its metaclass `{metaclass.name}` has `{name}`", cls.node, env)


def _init_subclass(machine: Machine, cls: ClassValue, given: Keywords, env: Env) -> None:
    from infralint.project.interpret.functions import run_function

    for base in cls.mro[1:]:
        if not isinstance(base, ClassValue):
            continue
        bound = base.namespace.get("__init_subclass__")
        if bound is not None:
            if isinstance(bound.value, FunctionValue):
                receiver = Argument(cls, cls.node, env.frame)
                run_function(machine, bound.value, [receiver], dict(given), cls.node, env)
            return


def _decorated(machine: Machine, cls: ClassValue, value: Value, decorator: Argument, env: Env) -> Value:
    """What a decorator makes of a class. One from outside is kept beside it; one of the tree is called."""
    from infralint.project.interpret.calls import call_value

    given = decorator.value
    if not isinstance(given, (FunctionValue, BoundMethod)):
        cls.decorators = (decorator, *cls.decorators)
        if isinstance(given, Unknown):
            cls.open = cls.open or given
        return value
    result = call_value(machine, given, [Argument(value, decorator.node, env.frame)], {}, decorator.node, env)
    if isinstance(result, Unknown):
        cls.open = cls.open or result
        cls.decorators = (decorator, *cls.decorators)
        return value
    return result


STATEMENTS[ir.Class] = class_
