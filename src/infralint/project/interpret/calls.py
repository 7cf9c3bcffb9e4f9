"""Calls: who is called, and what it gives."""

from __future__ import annotations

from infralint.facts import program as ir
from infralint.project.interpret.attributes import attribute_of, is_plain
from infralint.project.interpret.builtin import BUILTINS, Site
from infralint.project.interpret.displays import spread
from infralint.project.interpret.functions import Arguments, Keywords, run_function, unfollowed
from infralint.project.interpret.hooks import UNANSWERED
from infralint.project.interpret.internal import BuiltinMethod, SuperValue
from infralint.project.interpret.items import is_enum, members_of
from infralint.project.interpret.machine import EXPRESSIONS, Machine
from infralint.project.interpret.methods import call_method
from infralint.project.interpret.operators import equal
from infralint.project.interpret.scopes import Env
from infralint.project.interpret.terms import (
    Argument,
    AttributeOf,
    Bound,
    External,
    Made,
    Operation,
    Unknown,
    Value,
)
from infralint.project.interpret.values import (
    NOTHING,
    BoundMethod,
    ClassValue,
    DictValue,
    FunctionValue,
    InstanceValue,
    ItemOf,
    PartialValue,
)

_TERMS = (AttributeOf, Made, ItemOf, Operation)
# Functions with these decorators are called as if they had none.
_PLAIN_DECORATORS = frozenset({"builtins.staticmethod", "builtins.classmethod", "asyncio.coroutine"})


def call(machine: Machine, node: ir.Call, env: Env) -> Value:
    """`function(arguments)`."""
    callee = machine.eval(node.function, env)
    frame = env.frame
    args: Arguments = []
    simple = True
    for each in node.arguments:
        if type(each) is ir.Starred:
            simple = False
            break
        args.append(Argument(machine.eval(each, env), each, frame))
    if not simple:
        args, _ = spread(machine, node.arguments, env)
    kwargs: Keywords = {}
    for keyword in node.keywords:
        value = machine.eval(keyword.value, env)
        if keyword.name:
            kwargs[keyword.name] = Argument(value, keyword.value, frame)
        else:
            _spread_mapping(value, keyword, env, args, kwargs)
    return call_value(machine, callee, args, kwargs, node, env)


def _spread_mapping(value: Value, keyword: ir.Keyword, env: Env, args: Arguments, kwargs: Keywords) -> None:
    if not isinstance(value, DictValue):
        args.append(Argument(value, keyword.value, env.frame, "**"))
        return
    for key, item in value.pairs():
        if isinstance(key.value, str):
            kwargs[key.value] = item
    if value.open is not None:
        args.append(Argument(value.open, keyword.value, env.frame, "**"))


def call_value(machine: Machine, callee: Value, args: Arguments, kwargs: Keywords, node: ir.Node, env: Env) -> Value:
    """The value of calling something with arguments."""
    if type(callee) is External:
        function = BUILTINS.get(callee.name)
        if function is not None:
            return function(Site(machine, args, kwargs, node, env, callee))
        return make(machine, callee, args, kwargs, node, env)
    if isinstance(callee, FunctionValue):
        return _function(machine, callee, args, kwargs, node, env)
    if isinstance(callee, BuiltinMethod):
        return _method(machine, callee, args, kwargs, node, env)
    if isinstance(callee, _TERMS):
        return make(machine, callee, args, kwargs, node, env)
    if isinstance(callee, ClassValue):
        return instantiate(machine, callee, args, kwargs, node, env)
    if isinstance(callee, BoundMethod):
        receiver = Argument(callee.receiver, node, env.frame)
        return run_function(machine, callee.function, [receiver, *args], kwargs, node, env)
    if isinstance(callee, PartialValue):
        merged = {**callee.kwargs, **kwargs}
        return call_value(machine, callee.function, [*callee.args, *args], merged, node, env)
    if isinstance(callee, InstanceValue) and callee.cls.lookup("__call__") is not None:
        method = attribute_of(machine, callee, "__call__", node, env)
        return call_value(machine, method, args, kwargs, node, env)
    reason = callee.reason if isinstance(callee, Unknown) else "what is called cannot be told"
    return unfollowed(machine, reason, args, kwargs, node, env)


def _function(
    machine: Machine, function: FunctionValue, args: Arguments, kwargs: Keywords, node: ir.Node, env: Env
) -> Value:
    for decorator in function.decorators:
        name = decorator.value.name if isinstance(decorator.value, (External, Made)) else ""
        if name not in _PLAIN_DECORATORS:
            return unfollowed(machine, "a function with a decorator that is not followed", args, kwargs, node, env)
    return run_function(machine, function, args, kwargs, node, env)


def _method(
    machine: Machine, method: BuiltinMethod, args: Arguments, kwargs: Keywords, node: ir.Node, env: Env
) -> Value:
    if isinstance(method.receiver, SuperValue):
        return _of_base(machine, method.receiver, method.name, args, kwargs, node, env)
    return call_method(Site(machine, args, kwargs, node, env, method), method.receiver, method.name)


def _of_base(
    machine: Machine, given: SuperValue, name: str, args: Arguments, kwargs: Keywords, node: ir.Node, env: Env
) -> Value:
    """`super().method(...)` of a base outside of the tree: a call of `Base.method`, whose answer is not known."""
    outside = next((base for base in given.owner.mro if not isinstance(base, ClassValue)), None)
    if outside is not None:
        answer = make(machine, AttributeOf(outside, name, node, env.frame), args, kwargs, node, env)
        if not isinstance(answer, Made):
            return answer
    return None if name in _SILENT else machine.unknown("a method of a base that is not seen", node, env)


_SILENT = frozenset({"__init__", "__init_subclass__", "__setattr__", "__set_name__", "__post_init__"})


def make(machine: Machine, callee: Value, args: Arguments, kwargs: Keywords, node: ir.Node, env: Env) -> Value:
    """The term of a call of something external, unless the consumer knows the answer."""
    made = Made(callee, tuple(args), kwargs, node, env.frame)
    machine.record.calls.append(made)
    if machine.events is not None:
        machine.report("call", made, node, env)
    if machine.asks_calls:
        answer = machine.hooks.call(made)
        if answer is not UNANSWERED:
            return answer
    return made


# Classes.


def instantiate(machine: Machine, cls: ClassValue, args: Arguments, kwargs: Keywords, node: ir.Node, env: Env) -> Value:
    """`Class(...)`: an instance where all of the class's code is of the tree, else a term."""
    if is_enum(cls):
        return _member(machine, cls, args, node, env)
    if _is_named_tuple(cls):
        return _named_tuple(machine, cls, args, kwargs, node, env)
    if not is_plain(cls) or cls.lookup("__new__") is not None:
        return make(machine, cls, args, kwargs, node, env)
    instance = InstanceValue(cls, Made(cls, tuple(args), kwargs, node, env.frame))
    instance.region, instance.born = machine.region, machine.runs.running
    initialiser = cls.lookup("__init__")
    if initialiser is not None and isinstance(initialiser.value, FunctionValue):
        receiver = Argument(instance, node, env.frame)
        result = run_function(machine, initialiser.value, [receiver, *args], kwargs, node, env)
        if isinstance(result, Unknown):
            instance.open = result
    elif any(_is_dataclass(each.value) for each in cls.decorators):
        _fill_fields(machine, instance, args, kwargs, node, env)
    elif args or kwargs:
        instance.open = machine.unknown("arguments that nothing takes", node, env)
    return instance


def _is_dataclass(decorator: Value) -> bool:
    return isinstance(decorator, (External, Made)) and decorator.name == "dataclasses.dataclass"


def _fill_fields(
    machine: Machine, instance: InstanceValue, args: Arguments, kwargs: Keywords, node: ir.Node, env: Env
) -> None:
    """Set the fields of a dataclass as its generated `__init__` does."""
    if instance.cls.lookup("__post_init__") is not None:
        instance.open = machine.unknown("a dataclass with `__post_init__`", node, env)
    given, rest = list(args), dict(kwargs)
    for name, bound in _fields(instance.cls).items():
        argument = rest.pop(name, None) or (given.pop(0) if given else None)
        if argument is not None:
            instance.attributes[name] = Bound(argument.value, argument.node, argument.frame)
        elif bound.value is NOTHING or isinstance(bound.value, Made):
            instance.open = machine.unknown("a field that cannot be told", node, env)
    if given or rest or any(argument.star for argument in args):
        instance.open = machine.unknown("arguments that cannot be told", node, env)


def _fields(cls: ClassValue) -> dict[str, Bound]:
    found: dict[str, Bound] = {}
    for base in reversed(cls.mro):
        for name, bound in base.namespace.items() if isinstance(base, ClassValue) else ():
            if bound.annotation is not None and "ClassVar" not in bound.annotation.text:
                found[name] = bound
    return found


def _is_named_tuple(cls: ClassValue) -> bool:
    return any(isinstance(base, External) and base.name == "typing.NamedTuple" for base in cls.mro)


def _named_tuple(
    machine: Machine, cls: ClassValue, args: Arguments, kwargs: Keywords, node: ir.Node, env: Env
) -> Value:
    given, rest = list(args), dict(kwargs)
    items: Arguments = []
    fields = _fields(cls)
    for name, bound in fields.items():
        argument = rest.pop(name, None) or (given.pop(0) if given else None)
        if argument is None and bound.value is not NOTHING:
            argument = Argument(bound.value, bound.node, bound.frame)
        if argument is None or argument.star:
            return machine.unknown("arguments that cannot be told", node, env)
        items.append(argument)
    found = machine.new_tuple(items)
    found.fields = tuple(fields)
    return found


def _member(machine: Machine, cls: ClassValue, args: Arguments, node: ir.Node, env: Env) -> Value:
    """`Color("red")`: the member of that value; with more arguments a new enum (functional API)."""
    if len(args) == 1 and not args[0].star:
        for member in members_of(machine, cls):
            if equal(getattr(member.value, "value", NOTHING), args[0].value):
                return member.value
    return machine.unknown("a member that cannot be told", node, env)


EXPRESSIONS[ir.Call] = call
