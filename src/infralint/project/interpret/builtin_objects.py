"""Functions of Python that look at objects or change them: `isinstance`, `getattr`, `type`, `super` and the like."""

from __future__ import annotations

import builtins

from infralint.project.interpret.attributes import attribute_of, is_plain, set_attribute
from infralint.project.interpret.builtin import Site, builtin
from infralint.project.interpret.internal import ScopeView, SuperValue
from infralint.project.interpret.operators import TERMS
from infralint.project.interpret.pure import is_constant
from infralint.project.interpret.terms import Argument, AttributeOf, Bound, External, Made, Value
from infralint.project.interpret.values import (
    NOTHING,
    BoundMethod,
    ClassValue,
    DictValue,
    EnumMember,
    FunctionValue,
    InstanceValue,
    ListValue,
    ModuleValue,
    PartialValue,
    SetValue,
    TupleValue,
    key_of,
)

_KINDS: dict[type, tuple[str, ...]] = {
    str: ("str",), bytes: ("bytes",), bool: ("bool", "int"), int: ("int",), float: ("float",),
    ListValue: ("list",), TupleValue: ("tuple",), DictValue: ("dict",), SetValue: ("set",),
    FunctionValue: ("function",), ClassValue: ("type",),
}  # fmt: skip
_ABSTRACT = {
    "list": ("Sequence", "Iterable", "Collection", "MutableSequence", "Sized"),
    "tuple": ("Sequence", "Iterable", "Collection", "Sized"),
    "str": ("Sequence", "Iterable", "Collection", "Sized", "Hashable"),
    "dict": ("Mapping", "MutableMapping", "Iterable", "Collection", "Sized"),
    "set": ("Set", "MutableSet", "Iterable", "Collection", "Sized"),
    "function": ("Callable",),
}


@builtin("builtins.isinstance")
def _isinstance(site: Site) -> Value:
    answer = is_instance(site.value(0), site.value(1))
    return site.unknown("a kind that cannot be told") if answer is None else answer


def is_instance(value: Value, kind: Value) -> bool | None:
    """Whether a value is an instance of a class or of one of a tuple of classes; None where it cannot be told."""
    if isinstance(kind, TupleValue):
        answers = [is_instance(value, each) for each in kind.values]
        if True in answers:
            return True
        return None if None in answers or kind.open is not None else False
    if isinstance(kind, External):
        return _is_external_instance(value, kind.name)
    if isinstance(kind, ClassValue):
        if isinstance(value, (InstanceValue, EnumMember)):
            return kind in value.cls.mro
        if isinstance(value, Made) and isinstance(value.callee, ClassValue):
            return True if kind in value.callee.mro else None
        plain = is_constant(value) or isinstance(value, (ListValue, TupleValue, DictValue, SetValue, FunctionValue))
        return False if plain and is_plain(kind) else None
    return None


def _is_external_instance(value: Value, name: str) -> bool | None:
    if name == "builtins.object":
        return True
    if value is None:
        return name in ("builtins.NoneType", "types.NoneType") if name.startswith(("builtins.", "types.")) else None
    own = _KINDS.get(type(value))
    module, _, last = name.rpartition(".")
    if own is None:
        is_object = isinstance(value, (InstanceValue, ModuleValue))
        return False if is_object and module == "builtins" else None
    if module == "builtins":
        return last in own
    if module in ("collections.abc", "typing"):
        return True if last in _ABSTRACT.get(own[0], ()) else None
    return None


@builtin("builtins.issubclass")
def _issubclass(site: Site) -> Value:
    cls, kind = site.value(0), site.value(1)
    if isinstance(cls, ClassValue):
        kinds = kind.values if isinstance(kind, TupleValue) else [kind]
        if any(key_of(each) in [key_of(base) for base in cls.mro] for each in kinds):
            return True
        if all(isinstance(base, ClassValue) for base in cls.mro) and all(isinstance(k, ClassValue) for k in kinds):
            return False
    return site.unknown("a kind that cannot be told")


@builtin("builtins.callable")
def _callable(site: Site) -> Value:
    value = site.value(0)
    if isinstance(value, (FunctionValue, BoundMethod, ClassValue, PartialValue)):
        return True
    if isinstance(value, InstanceValue):
        return value.cls.lookup("__call__") is not None
    if isinstance(value, External) and callable(getattr(builtins, value.name.removeprefix("builtins."), None)):
        return True
    plain = is_constant(value) or isinstance(value, (ListValue, TupleValue, DictValue, SetValue))
    return False if plain else site.unknown("a kind that cannot be told")


@builtin("builtins.getattr")
def _getattr(site: Site) -> Value:
    owner, name = site.value(0), site.value(1)
    if not isinstance(name, str):
        return site.unknown("an attribute that cannot be told")
    found = has_attribute(owner, name)
    if found is False and len(site.args) > 2:
        return site.args[2].value
    value = attribute_of(site.machine, owner, name, site.node, site.env)
    if found is None and len(site.args) > 2:
        return site.machine.either([value, site.args[2].value], site.node, site.env)
    return value


@builtin("builtins.hasattr")
def _hasattr(site: Site) -> Value:
    name = site.value(1)
    found = has_attribute(site.value(0), name) if isinstance(name, str) else None
    return site.unknown("an attribute that cannot be told") if found is None else found


def has_attribute(owner: Value, name: str) -> bool | None:
    """Whether a value has an attribute; None where it cannot be told."""
    if isinstance(owner, ClassValue):
        bound = owner.lookup(name)
        if bound is not None and bound.value is not NOTHING:
            return True
        # A dunder name may be there by `object`.
        return False if is_plain(owner) and not name.startswith("__") else None
    if isinstance(owner, InstanceValue):
        bound = owner.attributes.get(name) or owner.cls.lookup(name)
        if bound is not None and bound.value is not NOTHING:
            return True
        dynamic = owner.open is not None or owner.cls.lookup("__getattr__") is not None or name.startswith("__")
        return None if dynamic or not is_plain(owner.cls) else False
    if owner is None:
        return hasattr(None, name)
    for kind, python in _CONCRETE:
        if isinstance(owner, kind):
            return hasattr(python, name)
    return None


_CONCRETE: tuple[tuple[type, type], ...] = (
    (str, str), (bytes, bytes), (int, int), (float, float), (ListValue, list), (DictValue, dict), (SetValue, set),
)  # fmt: skip


@builtin("builtins.setattr")
def _setattr(site: Site) -> Value:
    if len(site.args) != 3:
        return site.unknown()
    owner, name, given = site.args
    if isinstance(name.value, str):
        set_attribute(site.machine, owner.value, name.value, given, site.node, site.env)
    elif isinstance(owner.value, (ClassValue, InstanceValue)):
        site.machine.runs.alter(owner.value.born)
        owner.value.open = owner.value.open or site.unknown("an attribute whose name cannot be told")
    return None


@builtin("builtins.delattr")
def _delattr(site: Site) -> Value:
    owner, name = site.value(0), site.value(1)
    if isinstance(owner, ClassValue) and isinstance(name, str):
        site.machine.runs.alter(owner.born)
        site.machine.bind(owner.namespace, name, None)
    return None


@builtin("builtins.type")
def _type(site: Site) -> Value:
    if len(site.args) == 1:
        return _kind_of(site, site.args[0].value)
    if len(site.args) != 3 or site.is_open:
        return site.unknown("a class that is made at run time")
    return make_class(site, *site.args)


def _kind_of(site: Site, value: Value) -> Value:
    if isinstance(value, (InstanceValue, EnumMember)):
        return value.cls
    if isinstance(value, Made) and isinstance(value.callee, ClassValue):
        return value.callee
    if value is None:
        return site.machine.external("types.NoneType")
    own = _KINDS.get(type(value))
    if own is not None and not isinstance(value, (FunctionValue, ClassValue)):
        return site.machine.external(f"builtins.{own[0]}")
    if isinstance(value, TERMS):
        return AttributeOf(value, "__class__", site.node, site.env.frame)
    return site.unknown("a kind that cannot be told")


@builtin("types.new_class")
def _new_class(site: Site) -> Value:
    return site.unknown("a class that is made at run time")


def make_class(site: Site, name: Argument, bases: Argument, names: Argument) -> Value:
    """`type(name, bases, namespace)`."""
    from infralint.project.interpret.classes import finish_class
    from infralint.project.interpret.scopes import Scope

    machine, env = site.machine, site.env
    if not isinstance(name.value, str) or not isinstance(bases.value, TupleValue) or bases.value.open is not None:
        return site.unknown("a class that is made at run time")
    scope = Scope("class", env.scope.closure)
    if isinstance(names.value, DictValue):
        for key, item in names.value.pairs():
            if isinstance(key.value, str):
                scope.names[key.value] = Bound(item.value, item.node, item.frame, key.node)
    cls = ClassValue(name.value, name.value, tuple(bases.value.items), {}, scope.names, site.node, env.frame)
    cls.born = machine.runs.running
    cls.open = names.value.open if isinstance(names.value, DictValue) else site.unknown("names that cannot be told")
    return finish_class(machine, cls, scope, {}, env)


@builtin("builtins.super")
def _super(site: Site) -> Value:
    if len(site.args) == 2 and isinstance(site.args[0].value, ClassValue):
        return SuperValue(site.args[0].value, site.args[1].value)
    env = site.env
    if site.args or env.owner is None:
        return site.unknown("`super()` outside of a method")
    return SuperValue(env.owner, env.receiver)


@builtin("builtins.globals")
def _globals(site: Site) -> Value:
    return ScopeView(site.env.module.scope, site.env.module.path)


@builtin("builtins.locals")
def _locals(site: Site) -> Value:
    return ScopeView(site.env.scope, site.env.module.path)


@builtin("builtins.vars")
def _vars(site: Site) -> Value:
    if not site.args:
        return ScopeView(site.env.scope, site.env.module.path)
    owner = site.args[0].value
    if isinstance(owner, ModuleValue):
        return ScopeView(owner.scope, owner.path)
    if isinstance(owner, InstanceValue):
        pairs = [(site.argument(name), Argument(b.value, b.node, b.frame)) for name, b in owner.attributes.items()]
        return site.machine.new_dict(pairs, owner.open)
    return site.unknown("the names of an object")


@builtin("functools.partial", "functools.partialmethod")
def _partial(site: Site) -> Value:
    if not site.args or site.args[0].star:
        return site.unknown("a function that cannot be told")
    return PartialValue(site.args[0].value, tuple(site.args[1:]), site.kwargs, site.node, site.env.frame)


@builtin("functools.wraps", "functools.lru_cache", "functools.cache")
def _decorator(site: Site) -> Value:
    """`wraps(f)`, `lru_cache(maxsize=1)`: decorators that leave a function as it is; `lru_cache(f)` is one, too."""
    name = getattr(site.callee, "name", "")
    if name != "functools.wraps" and site.args and isinstance(site.args[0].value, FunctionValue):
        return site.args[0].value
    return Made(site.callee, tuple(site.args), site.kwargs, site.node, site.env.frame)


@builtin("typing.cast", "typing_extensions.cast")
def _cast(site: Site) -> Value:
    return site.args[1].value if len(site.args) == 2 else site.unknown()


@builtin("typing.NewType")
def _new_type(site: Site) -> Value:
    return Made(site.callee, tuple(site.args), site.kwargs, site.node, site.env.frame)


@builtin("copy.copy", "copy.deepcopy")
def _copy(site: Site) -> Value:
    given = site.value(0)
    if is_constant(given) or isinstance(given, (TupleValue, FunctionValue, ClassValue)):
        return given
    deep = getattr(site.callee, "name", "").endswith("deepcopy")
    if isinstance(given, ListValue) and not (deep and _holds_objects(given.values)):
        return site.machine.new_list(list(given.items), given.open)
    if isinstance(given, DictValue) and not (deep and _holds_objects([item.value for _, item in given.pairs()])):
        return site.machine.new_dict(list(given.pairs()), given.open)
    return Made(site.callee, tuple(site.args), site.kwargs, site.node, site.env.frame)


def _holds_objects(values: list[Value]) -> bool:
    return any(not is_constant(value) for value in values)


@builtin("collections.namedtuple")
def _namedtuple(site: Site) -> Value:
    return site.unknown("a class that is made at run time")


@builtin("itertools.chain")
def _chain(site: Site) -> Value:
    return _chained(site, site.args)


@builtin("itertools.chain.from_iterable")
def _chain_from(site: Site) -> Value:
    items, open = site.items()
    if items is None or open is not None:
        return site.unknown("items that cannot be told")
    return _chained(site, items)


def _chained(site: Site, parts: list[Argument]) -> Value:
    from infralint.project.interpret.items import items_of

    found: list[Argument] = []
    why = None
    for part in parts:
        items, open = items_of(site.machine, part.value, site.node, site.env)
        if part.star or items is None or open is not None:
            why = why or open or site.unknown("items that cannot be told")
        found += items or []
    return site.machine.new_list(found, why)


@builtin("os.path.join", "posixpath.join")
def _join(site: Site) -> Value:
    import posixpath

    return site.pure(posixpath.join) if all(isinstance(each, str) for each in site.values) else site.unknown()


@builtin("os.path.basename", "os.path.dirname")
def _path(site: Site) -> Value:
    import posixpath

    name = getattr(site.callee, "name", "").rpartition(".")[2]
    return site.pure(getattr(posixpath, name)) if isinstance(site.value(0), str) else site.unknown()


@builtin("inspect.isclass")
def _isclass(site: Site) -> Value:
    value = site.value(0)
    if isinstance(value, ClassValue):
        return True
    known = is_constant(value) or isinstance(value, (FunctionValue, ListValue, DictValue, InstanceValue, Made))
    return False if known and not isinstance(value, Made) else site.unknown("a kind that cannot be told")
