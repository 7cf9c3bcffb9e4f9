"""Attributes: of modules, classes, instances, constants and terms; read and assigned."""

from __future__ import annotations

from infralint.facts import program as ir
from infralint.project.interpret.hooks import UNANSWERED
from infralint.project.interpret.internal import BuiltinMethod, Expression, Lazy, PackageValue, ScopeView, SuperValue
from infralint.project.interpret.items import is_enum, member_of
from infralint.project.interpret.loader import exported, forced, in_package
from infralint.project.interpret.machine import EXPRESSIONS, Machine
from infralint.project.interpret.pure import is_constant
from infralint.project.interpret.scopes import Env
from infralint.project.interpret.terms import (
    AnnotationValue,
    Argument,
    AttributeOf,
    Bound,
    External,
    ForwardValue,
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
    EnumMember,
    FunctionValue,
    InstanceValue,
    ItemOf,
    ListValue,
    ModuleValue,
    PartialValue,
    SetValue,
    TupleValue,
    key_of,
)

# Bases that add nothing to what the class's own statements say.
_TRANSPARENT_BASES = frozenset(
    {
        "builtins.object", "typing.Generic", "typing.Protocol", "typing_extensions.Protocol", "abc.ABC",
        "typing_extensions.Generic",
    }
)  # fmt: skip
_METHOD_OWNERS = (ListValue, TupleValue, SetValue, DictValue, Expression, ScopeView)


def attribute(machine: Machine, node: ir.Attribute, env: Env) -> Value:
    """`value.name`."""
    return attribute_of(machine, machine.eval(node.value, env), node.name, node, env)


def attribute_of(machine: Machine, value: Value, name: str, node: ir.Node, env: Env) -> Value:
    """The value of `value.name`."""
    if type(value) is External:
        return _of_external(machine, value, name)
    if isinstance(value, Unknown):
        return value
    if isinstance(value, (Made, AttributeOf, ItemOf, Operation)):
        return _of_term(machine, value, name, node, env)
    if isinstance(value, ModuleValue):
        return exported(machine, value, name, node, env)
    if isinstance(value, ClassValue):
        return of_class(machine, value, name, node, env)
    if is_constant(value) or isinstance(value, _METHOD_OWNERS):
        return _of_plain(value, name)
    return _of_object(machine, value, name, node, env)


def _of_object(machine: Machine, value: Value, name: str, node: ir.Node, env: Env) -> Value:
    if isinstance(value, InstanceValue):
        return _of_instance(machine, value, name, node, env)
    if isinstance(value, FunctionValue):
        return _of_function(machine, value, name, node, env)
    if isinstance(value, BoundMethod):
        return _of_function(machine, value.function, name, node, env)
    if isinstance(value, EnumMember):
        return _of_member(machine, value, name, node, env)
    if isinstance(value, PackageValue):
        return in_package(machine, value, name)
    if isinstance(value, SuperValue):
        return _of_super(machine, value, name, node, env)
    if isinstance(value, (PartialValue, ForwardValue)):
        return AttributeOf(value, name, node, env.frame)
    return machine.unknown(f"an attribute `{name}` that cannot be told", node, env)


def _of_external(machine: Machine, value: External, name: str) -> Value:
    if machine.asks_attributes:
        answer = machine.hooks.attribute(value, name)
        if answer is not UNANSWERED:
            return answer
    return machine.external(f"{value.name}.{name}")


def _of_plain(value: Value, name: str) -> Value:
    if isinstance(value, TupleValue) and name in value.fields:
        return value.items[value.fields.index(name)].value
    return BuiltinMethod(value, name)


def _of_term(machine: Machine, value: Value, name: str, node: ir.Node, env: Env) -> Value:
    if machine.assigned:
        names = machine.assigned.get(key_of(value))
        if names is not None and name in names:
            return forced(machine, names[name])
    if machine.asks_attributes:
        answer = machine.hooks.attribute(value, name)
        if answer is not UNANSWERED:
            return answer
    if isinstance(value, Made) and isinstance(value.callee, ClassValue):
        return _of_made_instance(machine, value, value.callee, name, node, env)
    return AttributeOf(value, name, node, env.frame)


def _of_made_instance(machine: Machine, value: Made, cls: ClassValue, name: str, node: ir.Node, env: Env) -> Value:
    """An attribute of an instance of a class with bases from outside."""
    bound = cls.lookup(name)
    found = forced(machine, bound) if bound is not None else None
    if isinstance(found, FunctionValue):
        kinds = [decorator.value for decorator in found.decorators]
        if not kinds or External("builtins.classmethod") in kinds:
            return BoundMethod(found, cls if kinds else value)
        if kinds == [External("builtins.staticmethod")]:
            return found
    return AttributeOf(value, name, node, env.frame, bound)


# Classes.


def is_plain(cls: ClassValue) -> bool:
    """Whether code outside of the tree has no hand in a class: no base, metaclass or decorator of it."""
    if cls.open is not None:
        return False
    for base in cls.mro:
        if isinstance(base, ClassValue):
            if "metaclass" in base.keywords or any(not _is_harmless(each.value) for each in base.decorators):
                return False
        elif not _is_transparent(base):
            return False
    return True


def _is_transparent(base: Value) -> bool:
    if isinstance(base, ItemOf):
        base = base.value
    return isinstance(base, External) and base.name in _TRANSPARENT_BASES


def _is_harmless(decorator: Value) -> bool:
    name = decorator.name if isinstance(decorator, (External, Made)) else ""
    return name.startswith(("dataclasses.", "functools.", "typing.", "sqlalchemy.orm.declarative_mixin"))


def of_class(machine: Machine, cls: ClassValue, name: str, node: ir.Node, env: Env) -> Value:
    """`Class.name`: a constant or function that the tree binds, else a term unless the tree alone makes the class."""
    bound = cls.lookup(name)
    if bound is None:
        return _missing_in_class(machine, cls, name, node, env)
    if is_enum(cls):
        owner = cls.owner_of(name) or cls
        member = member_of(machine, owner, name)
        if member is not None:
            return member
    value = forced(machine, bound) if type(bound.value) is Lazy else bound.value
    if isinstance(value, FunctionValue):
        return _method_of_class(machine, cls, value, bound, name, node, env)
    plain = is_plain(cls)
    if value is NOTHING:
        found = machine.unknown(f"`{name}` is only annotated", node, env)
        return found if plain else _term(machine, cls, name, bound, node, env)
    if isinstance(value, InstanceValue) and value.cls.lookup("__get__") is not None:
        return _described(machine, cls, value, node, env)
    if plain:
        return value
    computed = isinstance(value, (Made, AttributeOf, ItemOf, Operation, Unknown))
    if computed or (bound.annotation is not None and "ClassVar" not in bound.annotation.text):
        return _term(machine, cls, name, bound, node, env)
    return value


def _term(machine: Machine, cls: ClassValue, name: str, bound: Bound | None, node: ir.Node, env: Env) -> Value:
    if machine.asks_attributes:
        answer = machine.hooks.attribute(cls, name)
        if answer is not UNANSWERED:
            return answer
    return AttributeOf(cls, name, node, env.frame, bound)


def _described(machine: Machine, cls: ClassValue, value: InstanceValue, node: ir.Node, env: Env) -> Value:
    """What a descriptor of the tree gives for a class."""
    from infralint.project.interpret.calls import call_value

    getter = attribute_of(machine, value, "__get__", node, env)
    given = [Argument(None, node, env.frame), Argument(cls, node, env.frame)]
    return call_value(machine, getter, given, {}, node, env)


def _method_of_class(
    machine: Machine, cls: ClassValue, value: FunctionValue, bound: Bound, name: str, node: ir.Node, env: Env
) -> Value:
    kinds = [decorator.value for decorator in value.decorators]
    if not kinds or External("builtins.staticmethod") in kinds:
        return value
    if External("builtins.classmethod") in kinds and len(kinds) == 1:
        return BoundMethod(value, cls)
    return _term(machine, cls, name, bound, node, env)


def _missing_in_class(machine: Machine, cls: ClassValue, name: str, node: ir.Node, env: Env) -> Value:
    if name in ("__name__", "__qualname__"):
        return cls.name if name == "__name__" else cls.qualname
    if name == "__module__":
        return machine.modules[cls.path].dotted
    if name == "__doc__":
        return cls.doc or None
    if name == "__dict__":
        return machine.unknown("the names of a class", node, env)
    if name in ("__bases__", "__mro__"):
        found = cls.bases if name == "__bases__" else [Argument(each, node, env.frame) for each in cls.mro]
        return machine.new_tuple(list(found))
    if is_plain(cls):
        return machine.unknown(f"`{cls.name}` has no attribute `{name}`", node, env)
    return _term(machine, cls, name, None, node, env)


# Instances and functions.


def _of_instance(machine: Machine, value: InstanceValue, name: str, node: ir.Node, env: Env) -> Value:
    bound = value.attributes.get(name)
    if bound is not None:
        found = forced(machine, bound)
        return found if value.open is None else machine.unknown("it may have changed", node, env, (found,))
    if name == "__class__":
        return value.cls
    if name == "__dict__":
        return machine.unknown("the attributes of an object", node, env)
    inherited = value.cls.lookup(name)
    if inherited is None or inherited.value is NOTHING:
        return value.open or machine.unknown(f"`{value.cls.name}` has no attribute `{name}`", node, env)
    found = forced(machine, inherited)
    if isinstance(found, FunctionValue):
        return _method_of_instance(machine, value, found, node, env)
    if isinstance(found, InstanceValue) and found.cls.lookup("__get__") is not None:
        return machine.unknown("a descriptor", node, env)
    return found if value.open is None else machine.unknown("it may have changed", node, env, (found,))


def _method_of_instance(machine: Machine, value: InstanceValue, found: FunctionValue, node: ir.Node, env: Env) -> Value:
    kinds = [decorator.value for decorator in found.decorators]
    if not kinds:
        return BoundMethod(found, value)
    if kinds == [External("builtins.staticmethod")]:
        return found
    if kinds == [External("builtins.classmethod")]:
        return BoundMethod(found, value.cls)
    if kinds in ([External("builtins.property")], [External("functools.cached_property")]):
        from infralint.project.interpret.functions import run_function

        return run_function(machine, found, [Argument(value, node, env.frame)], {}, node, env)
    return machine.unknown("a method with a decorator that is not followed", node, env)


def _of_function(machine: Machine, value: FunctionValue, name: str, node: ir.Node, env: Env) -> Value:
    if name in value.attributes:
        return forced(machine, value.attributes[name])
    if name in ("__name__", "__qualname__"):
        return value.name if name == "__name__" else value.qualname
    if name == "__module__":
        return machine.modules[value.path].dotted
    return AttributeOf(value, name, node, env.frame)


def _of_member(machine: Machine, value: EnumMember, name: str, node: ir.Node, env: Env) -> Value:
    if name in ("name", "_name_"):
        return value.name
    if name in ("value", "_value_"):
        custom = value.cls.lookup("__new__") or value.cls.lookup("__init__") or value.cls.lookup("value")
        return machine.unknown("a member's value is made at run time", node, env) if custom else value.value
    bound = value.cls.lookup(name)
    found = forced(machine, bound) if bound is not None else None
    if isinstance(found, FunctionValue):
        kinds = [decorator.value for decorator in found.decorators]
        if kinds == [External("builtins.property")]:
            from infralint.project.interpret.functions import run_function

            return run_function(machine, found, [Argument(value, node, env.frame)], {}, node, env)
        if not kinds:
            return BoundMethod(found, value)
    if isinstance(value.value, str) and bound is None:
        return BuiltinMethod(value.value, name)
    return machine.unknown("an attribute of an enum's member", node, env)


def _class_of(receiver: Value) -> ClassValue | None:
    if isinstance(receiver, Made):
        receiver = receiver.callee
    if isinstance(receiver, InstanceValue):
        return receiver.cls
    return receiver if isinstance(receiver, ClassValue) else None


def _of_super(machine: Machine, value: SuperValue, name: str, node: ir.Node, env: Env) -> Value:
    receiver = value.receiver
    cls = _class_of(receiver)
    order = cls.mro if cls is not None else value.owner.mro
    behind = order[order.index(value.owner) + 1 :] if value.owner in order else value.owner.mro[1:]
    for base in behind:
        if not isinstance(base, ClassValue):
            if _is_transparent(base):
                continue
            break
        bound = base.namespace.get(name)
        if bound is not None and bound.value is not NOTHING:
            found = forced(machine, bound)
            if isinstance(found, FunctionValue):
                kinds = [decorator.value for decorator in found.decorators]
                if kinds and kinds != [External("builtins.classmethod")]:
                    answer = machine.hooks.inherited(found, receiver)
                    if answer is not UNANSWERED:
                        return answer
                    return machine.unknown("a method with a decorator that is not followed", node, env)
                is_class = kinds or name in ("__init_subclass__", "__class_getitem__")
                return BoundMethod(found, cls if is_class and cls is not None else receiver)
            return found
    return BuiltinMethod(value, name)


# Assignments.


def set_attribute(
    machine: Machine,
    owner: Value,
    name: str,
    given: Argument,
    target: ir.Node,
    env: Env,
    annotation: AnnotationValue | None = None,
) -> None:
    """`owner.name = given`."""
    bound = Bound(given.value, given.node, given.frame, target, annotation)
    _note_alteration(machine, owner)
    if isinstance(owner, ClassValue):
        if machine.region is not None and owner.region is machine.region:
            owner.namespace[name] = bound
        else:
            machine.bind(owner.namespace, name, bound)
    elif isinstance(owner, InstanceValue):
        setter = owner.cls.lookup("__setattr__")
        if setter is not None:
            owner.open = owner.open or machine.unknown("a class with `__setattr__`", target, env)
        machine.bind(owner.attributes, name, bound)
    elif isinstance(owner, ModuleValue):
        machine.bind(owner.scope.names, name, bound)
    elif isinstance(owner, FunctionValue):
        machine.bind(owner.attributes, name, bound)
    elif isinstance(owner, (Made, AttributeOf, External)):
        machine.runs.assigned.setdefault(machine.runs.running, []).append(key_of(owner))
        machine.bind(machine.assigned.setdefault(key_of(owner), {}), name, bound)


def _note_alteration(machine: Machine, owner: Value) -> None:
    """Tell whose value is changed by a new attribute."""
    while isinstance(owner, AttributeOf):
        owner = owner.value
    if isinstance(owner, (ClassValue, InstanceValue, FunctionValue)):
        machine.runs.alter(owner.born)
    elif isinstance(owner, ModuleValue):
        machine.runs.alter(owner.path)
    elif isinstance(owner, Made):
        machine.runs.alter(owner.frame.path if owner.frame.caller is None else None)
    elif isinstance(owner, External):
        machine.runs.alter(None)


EXPRESSIONS[ir.Attribute] = attribute
