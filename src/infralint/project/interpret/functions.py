"""Functions of the tree: their definition, their arguments, their run."""

from __future__ import annotations

from collections.abc import Callable

from infralint.facts import program as ir
from infralint.project.interpret.machine import (
    EXPRESSIONS,
    FALL,
    MAX_DEPTH,
    RETURN,
    STATEMENTS,
    Machine,
)
from infralint.project.interpret.naming import bind_name
from infralint.project.interpret.scopes import Env, Scope
from infralint.project.interpret.terms import Argument, Bound, External, Frame, Made, Unknown, Value
from infralint.project.interpret.values import ClassValue, DictValue, FunctionValue, ListValue, SetValue

Arguments = list[Argument]
Keywords = dict[str, Argument]
OnYield = Callable[[Argument], Value]

# Decorators that give the function itself, for our purposes.
_TRANSPARENT = frozenset(
    {
        "functools.lru_cache", "functools.cache", "functools.wraps", "typing.overload", "typing.no_type_check",
        "typing.final", "typing_extensions.final", "abc.abstractmethod", "typing.override",
        "typing_extensions.override",
    }
)  # fmt: skip


def lambda_(machine: Machine, node: ir.Lambda, env: Env) -> Value:
    """A lambda."""
    qualname = _qualname(env, "<lambda>")
    return _made(
        machine, FunctionValue(node, env.scope.closure, env.frame, qualname, _defaults(machine, node.parameters, env))
    )


def function(machine: Machine, node: ir.Function, env: Env) -> int:
    """A `def` statement."""
    decorators = [Argument(machine.eval(each, env), each, env.frame) for each in node.decorators]
    defaults = _defaults(machine, node.parameters, env)
    value: Value = _made(
        machine, FunctionValue(node, env.scope.closure, env.frame, _qualname(env, node.name), defaults)
    )
    for decorator in reversed(decorators):
        value = _decorated(machine, value, decorator, env)
    bind_name(machine, node.name, Bound(value, node, env.frame), env)
    return FALL


def _made(machine: Machine, value: FunctionValue) -> FunctionValue:
    value.born = machine.runs.running
    return value


def _defaults(machine: Machine, parameters: tuple[ir.Parameter, ...], env: Env) -> Keywords:
    return {
        each.name: Argument(machine.eval(each.default, env), each.default, env.frame)
        for each in parameters
        if each.default is not None
    }


def _qualname(env: Env, name: str) -> str:
    if env.scope.kind == "class" and env.owner is not None:
        return f"{env.owner.qualname}.{name}"
    running = env.frame.function
    return f"{running.qualname}.<locals>.{name}" if running is not None else name


def _decorated(machine: Machine, value: Value, decorator: Argument, env: Env) -> Value:
    """What a decorator makes of a function: one of the tree is called, one from outside is kept beside it."""
    from infralint.project.interpret.calls import call_value

    given = decorator.value
    if isinstance(given, (FunctionValue,)) or not isinstance(value, FunctionValue):
        result = call_value(machine, given, [Argument(value, decorator.node, env.frame)], {}, decorator.node, env)
        if isinstance(result, Unknown):
            return Unknown("a decorator that is not followed", decorator.node, env.frame, (value,))
        return result
    name = given.name if isinstance(given, (External, Made)) else ""
    if name not in _TRANSPARENT:
        machine.runs.alter(value.born)
        value.decorators = (decorator, *value.decorators)
    return value


# Calls.


def run_function(
    machine: Machine,
    function: FunctionValue,
    args: Arguments,
    kwargs: Keywords,
    node: ir.Node,
    env: Env,
    on_yield: OnYield | None = None,
) -> Value:
    """The value of a call, decorators notwithstanding; Unknown where the function cannot be followed."""
    definition = function.definition
    body = definition.body
    if body is None:
        return unfollowed(machine, "the body of a large function is not read", args, kwargs, node, env)
    reason = _too_much(machine, function, env)
    if reason:
        return unfollowed(machine, reason, args, kwargs, node, env)
    frame = Frame(function.path, function, env.frame, node)
    module = machine.modules[function.path]
    machine.runs.look(module.path, module.state == "running")
    inner = Env(frame, _scope_of(function), module)
    inner.owner = function.owner
    inner.receiver = args[0].value if args else None
    inner.on_yield = on_yield
    if not _bind_parameters(machine, function, args, kwargs, inner):
        return unfollowed(machine, f"the arguments do not fit `{function.name}`", args, kwargs, node, env)
    machine.depth += 1
    try:
        if isinstance(definition, ir.Lambda):
            return machine.eval(definition.body, inner)
        return _run_body(machine, definition, inner, on_yield is not None)
    except RecursionError:
        return unfollowed(machine, "nested too deeply", args, kwargs, node, env)
    finally:
        machine.depth -= 1


def _too_much(machine: Machine, function: FunctionValue, env: Env) -> str:
    """Why a call is not followed any more; "" = it is."""
    definition = function.definition
    if not machine.step(definition.body if isinstance(definition, ir.Function) and definition.body else ()):
        return "too many steps"
    if machine.depth >= MAX_DEPTH:
        return "calls nested too deeply"
    if machine.region is not None:
        # Nothing ends a recursion whose condition cannot be told.
        frame: Frame | None = env.frame
        while frame is not None:
            if frame.function is not None and frame.function.definition is definition:
                return "a recursion whose end cannot be told"
            frame = frame.caller
    return ""


def _scope_of(function: FunctionValue) -> Scope:
    definition = function.definition
    names = [each.name for each in definition.parameters]
    if isinstance(definition, ir.Function):
        names += definition.assigned
    return Scope("function", function.scope, frozenset(names))


def _run_body(machine: Machine, definition: ir.Function, env: Env, in_place: bool) -> Value:
    if definition.generator and not in_place:
        env.yielded = machine.new_list([])
    outcome = machine.run(definition.body or (), env)
    if env.yielded is not None:
        return env.yielded
    found = list(env.returned)
    if outcome & FALL or not found:
        if not outcome & (FALL | RETURN):
            return machine.unknown("it raises", definition, env)
        found.append(None)
    return found[0] if len(found) == 1 else machine.either(found, definition, env)


def unfollowed(machine: Machine, reason: str, args: Arguments, kwargs: Keywords, node: ir.Node, env: Env) -> Unknown:
    """The value of a call that is not followed: whatever it was given may have changed."""
    unknown = machine.unknown(reason, node, env)
    machine.report("unread", Made(unknown, tuple(args), kwargs, node, env.frame), node, env, reason)
    for argument in [*args, *kwargs.values()]:
        value = argument.value
        if isinstance(value, (ListValue, DictValue, SetValue, ClassValue)) and value.open is None:
            machine.runs.alter(value.born)
            value.open = unknown
    return unknown


def _bind_parameters(machine: Machine, function: FunctionValue, args: Arguments, kwargs: Keywords, env: Env) -> bool:
    """Bind the parameters to the arguments; False where they do not fit."""
    given = list(args)
    rest = dict(kwargs)
    names = env.scope.names
    unseen = next((argument for argument in given if argument.star), None)
    if unseen is not None:
        given = given[: given.index(unseen)]
    for parameter in function.definition.parameters:
        if parameter.kind == "*":
            rest_items = [*given, unseen] if unseen is not None else given
            many = machine.new_tuple(rest_items, _cause(unseen))
            names[parameter.name] = Bound(many, parameter, env.frame)
            given = []
        elif parameter.kind == "**":
            named = {name: (Argument(name, each.node, each.frame), each) for name, each in rest.items()}
            names[parameter.name] = Bound(machine.new_dict(list(named.values()), _cause(unseen)), parameter, env.frame)
            rest = {}
        else:
            argument = _argument(machine, parameter, function, given, rest, unseen, env)
            if argument is None:
                return False
            names[parameter.name] = Bound(argument.value, argument.node, argument.frame, parameter)
    return not given and not rest


def _argument(
    machine: Machine,
    parameter: ir.Parameter,
    function: FunctionValue,
    given: Arguments,
    rest: Keywords,
    unseen: Argument | None,
    env: Env,
) -> Argument | None:
    if given and parameter.kind in ("any", "positional"):
        return given.pop(0)
    if parameter.name in rest and parameter.kind != "positional":
        return rest.pop(parameter.name)
    if unseen is not None:
        return Argument(_cause(unseen), unseen.node, unseen.frame)
    return function.defaults.get(parameter.name)


def _cause(unseen: Argument | None) -> Unknown | None:
    if unseen is None:
        return None
    return Unknown("an argument that cannot be told", unseen.node, unseen.frame)


EXPRESSIONS[ir.Lambda] = lambda_
STATEMENTS[ir.Function] = function
