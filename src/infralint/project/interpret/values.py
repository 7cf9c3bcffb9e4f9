"""What the symbolic interpreter computes: values, and terms for what it does not run.

A Python constant (str, bytes, int, float, bool, None, Ellipsis) is its own value. Everything else is one of the
classes here. A *term* stands for something that code outside of the tree would make: `Column(Integer)` is
`Made(External("sqlalchemy.Column"), ...)`, and stays the same object through all assignments and imports. What cannot
be told is `Unknown`, with the reason and the place.

Values are compared by identity, except constants and `External`; `same` compares what two values denote.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING, Final

from infralint.facts import program as ir
from infralint.project.catalog import Origin
from infralint.project.interpret.order import identity, merged_order
from infralint.project.interpret.terms import (
    Argument,
    AttributeOf,
    Bound,
    External,
    Frame,
    Made,
    Placed,
    Unknown,
    Value,
    own_span,
    short,
)

if TYPE_CHECKING:
    from infralint.project.interpret.scopes import Scope


class _Nothing:
    """The value of a name that is only annotated."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING: Final = _Nothing()


class ItemOf(Placed):
    """`value[index]` of a term: `Mapped[int]`, `List["User"]`, `table.c["id"]`. Several indexes are a TupleValue."""

    __slots__ = ("index", "value")

    def __init__(self, value: Value, index: Value, node: ir.Node, frame: Frame) -> None:
        self.value = value
        self.index = index
        self.node = node
        self.frame = frame

    @property
    def indexes(self) -> tuple[Argument, ...]:
        """The indexes, one or many."""
        if isinstance(self.index, TupleValue):
            return tuple(self.index.items)
        return (Argument(self.index, getattr(self.node, "index", self.node), self.frame),)

    def __repr__(self) -> str:
        return f"{short(self.value)}[{self.index!r}]"


class _Sequence:
    """What lists, tuples and sets share. `open` says why items may be missing or wrong; None = these are all.

    `born` here and below: the module whose run made it, for `Runs.alter`.
    """

    __slots__ = ("born", "items", "open", "region")

    def __init__(self, items: list[Argument], open: Unknown | None = None) -> None:
        self.items = items
        self.open = open
        self.born: str | None = None
        # Under which uncertain condition it was made; the interpreter's own business.
        self.region: object = None

    @property
    def values(self) -> list[Value]:
        """The items' values."""
        return [item.value for item in self.items]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.items!r}{', open' if self.open else ''})"


class ListValue(_Sequence):
    """A list. `items` are Arguments: each has its value and its place."""

    __slots__ = ()


class TupleValue(_Sequence):
    """A tuple. `fields`: the names of its items, of a named tuple."""

    __slots__ = ("fields",)

    def __init__(self, items: list[Argument], open: Unknown | None = None, fields: tuple[str, ...] = ()) -> None:
        super().__init__(items, open)
        self.fields = fields


class SetValue(_Sequence):
    """A set or frozenset, in the order in which its items were added."""

    __slots__ = ()


class DictValue:
    """A dict. `entries`: (key, value) by `key_of(key)`, in order; `open` says why entries may be missing or wrong."""

    __slots__ = ("born", "default", "entries", "open", "region")

    def __init__(self, entries: dict[Hashable, tuple[Argument, Argument]], open: Unknown | None = None) -> None:
        self.entries = entries
        self.open = open
        self.born: str | None = None
        self.region: object = None
        # What makes the values of missing keys, of a defaultdict.
        self.default: Value = NOTHING

    def get(self, key: Value) -> Argument | None:
        """The value under a constant key, with its place."""
        found = self.entries.get(key_of(key))
        return found[1] if found else None

    def pairs(self) -> Iterator[tuple[Argument, Argument]]:
        """Keys and values in order."""
        return iter(self.entries.values())

    def __repr__(self) -> str:
        inner = ", ".join(f"{key!r}: {value!r}" for key, value in self.entries.values())
        return f"DictValue({{{inner}}}{', open' if self.open else ''})"


class FunctionValue:
    """A function, method or lambda of the tree.

    `definition`: its statement or lambda. `decorators` that the interpreter did not apply (`declared_attr`, `property`,
    `validates("x")`), outermost first. `owner`: the class whose body defines it.
    """

    __slots__ = ("attributes", "born", "decorators", "defaults", "definition", "frame", "owner", "qualname", "scope")

    def __init__(
        self,
        definition: ir.Function | ir.Lambda,
        scope: Scope,
        frame: Frame,
        qualname: str,
        defaults: dict[str, Argument],
        decorators: tuple[Argument, ...] = (),
    ) -> None:
        self.definition = definition
        self.scope = scope
        self.frame = frame
        self.qualname = qualname
        self.defaults = defaults
        self.decorators = decorators
        self.owner: ClassValue | None = None
        self.attributes: dict[str, Bound] = {}
        self.born: str | None = None

    @property
    def path(self) -> str:
        """The file of its statement."""
        return self.frame.path

    @property
    def name(self) -> str:
        """The function's name; "<lambda>" for a lambda."""
        return self.definition.name if isinstance(self.definition, ir.Function) else "<lambda>"

    @property
    def origin(self) -> Origin:
        """The place of its name, or of the lambda."""
        return Origin(self.frame.path, own_span(self.definition))

    def __repr__(self) -> str:
        return f"FunctionValue({self.qualname!r})"


class BoundMethod:
    """A function with its first argument: a method of an instance, or a class method."""

    __slots__ = ("function", "receiver")

    def __init__(self, function: FunctionValue, receiver: Value) -> None:
        self.function = function
        self.receiver = receiver

    def __repr__(self) -> str:
        return f"BoundMethod({self.function!r}, {short(self.receiver)})"


class PartialValue(Placed):
    """`functools.partial(function, ...)`: called, it gives what the function gives with these arguments too."""

    __slots__ = ("args", "function", "kwargs")

    def __init__(
        self, function: Value, args: tuple[Argument, ...], kwargs: dict[str, Argument], node: ir.Node, frame: Frame
    ) -> None:
        self.function = function
        self.args = args
        self.kwargs = kwargs
        self.node = node
        self.frame = frame

    def __repr__(self) -> str:
        return f"PartialValue({short(self.function)})"


class ClassValue:
    """A class of the tree, by a statement or by `type(name, bases, namespace)`.

    `bases`, `decorators` (outermost first) and `keywords` (`metaclass`, `table=True`) have values and places.
    `namespace` holds what the body binds and what is assigned to the class later, in order. `certain` is False for a
    class that is made under a condition that cannot be told.
    """

    __slots__ = (
        "_mro", "bases", "born", "certain", "decorators", "doc", "frame", "keywords", "name", "namespace", "node",
        "open", "qualname", "region", "scope",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        qualname: str,
        bases: tuple[Argument, ...],
        keywords: dict[str, Argument],
        namespace: dict[str, Bound],
        node: ir.Node,
        frame: Frame,
    ) -> None:
        self.name = name
        self.qualname = qualname
        self.bases = bases
        self.keywords = keywords
        self.decorators: tuple[Argument, ...] = ()
        self.namespace = namespace
        self.node = node
        self.frame = frame
        self.doc = node.doc if isinstance(node, ir.Class) else ""
        self.certain = True
        # Why names of its namespace may be missing or wrong: set by what cannot be told.
        self.open: Unknown | None = None
        self.scope: Scope | None = None
        self.region: object = None
        self.born: str | None = None
        self._mro: tuple[Value, ...] | None = None

    @property
    def path(self) -> str:
        """The file of its statement."""
        return self.frame.path

    @property
    def origin(self) -> Origin:
        """The place of its name; for a class made by a call, of the call."""
        return Origin(self.frame.path, own_span(self.node))

    @property
    def via(self) -> tuple[Origin, ...]:
        """The calls of functions in which the class is made, outermost first."""
        return self.frame.via

    @property
    def mro(self) -> tuple[Value, ...]:
        """The class, then its bases in Python's order: ClassValues, and whatever else a base is (External, Made,
        Unknown), which stands for a part of the order that cannot be seen.

        Without a consistent order (or one that can be told) it is depth first, each value once.
        """
        if self._mro is None:
            self._mro = _linearised(self, frozenset())
        return self._mro

    def lookup(self, name: str) -> Bound | None:
        """What the class or the nearest base of the tree binds to a name; None where none of them does."""
        for cls in self.mro:
            if isinstance(cls, ClassValue) and (found := cls.namespace.get(name)) is not None:
                return found
        return None

    def owner_of(self, name: str) -> ClassValue | None:
        """The class in whose namespace `lookup` finds the name."""
        for cls in self.mro:
            if isinstance(cls, ClassValue) and name in cls.namespace:
                return cls
        return None

    def __repr__(self) -> str:
        return f"ClassValue({self.qualname!r})"


class InstanceValue(Placed):
    """An instance of a class whose code is all of the tree: its `__init__` was run. `open` as in a list."""

    __slots__ = ("attributes", "born", "cls", "made", "open", "region")

    def __init__(self, cls: ClassValue, made: Made) -> None:
        self.cls = cls
        self.made = made
        self.node = made.node
        self.frame = made.frame
        self.attributes: dict[str, Bound] = {}
        self.open: Unknown | None = None
        self.region: object = None
        self.born: str | None = None

    def __repr__(self) -> str:
        return f"InstanceValue({self.cls.qualname!r})"


class EnumMember(Placed):
    """A member of an enum class of the tree. `value` is what stands behind `=`; Unknown for `auto()` of odd enums."""

    __slots__ = ("cls", "name", "value")

    def __init__(self, cls: ClassValue, name: str, value: Value, node: ir.Node, frame: Frame) -> None:
        self.cls = cls
        self.name = name
        self.value = value
        self.node = node
        self.frame = frame

    def __repr__(self) -> str:
        return f"EnumMember({self.cls.name}.{self.name})"


class ModuleValue:
    """A module of the tree. `problem` says why it, or a part of it, could not be evaluated; None = all of it was."""

    __slots__ = ("dotted", "frame", "names", "path", "problem", "scope", "state")

    def __init__(self, path: str, dotted: str, scope: Scope) -> None:
        self.path = path
        self.dotted = dotted
        self.scope = scope
        self.frame = Frame(path)
        self.names: dict[str, Bound] = scope.names
        self.problem: str | None = None
        self.state = "new"

    def __repr__(self) -> str:
        return f"ModuleValue({self.path!r})"


def _linearised(cls: ClassValue, above: frozenset[int]) -> tuple[Value, ...]:
    if id(cls) in above:
        return ()
    above |= {id(cls)}
    bases = [_unsubscripted(base.value) for base in cls.bases]
    lists = [list(_linearised(base, above)) if isinstance(base, ClassValue) else [base] for base in bases]
    merged = merged_order([*lists, list(bases)], lambda value: isinstance(value, (ClassValue, External)))
    if merged is None:
        flat = {identity(value): value for found in lists for value in found}
        merged = list(flat.values())
    return (cls, *merged)


def _unsubscripted(base: Value) -> Value:
    """`Tagged[int]` is the class Tagged among the bases of a class."""
    return base.value if isinstance(base, ItemOf) and isinstance(base.value, ClassValue) else base


def key_of(value: Value) -> Hashable:
    """A value as the key of a dict: equal for equal constants, tuples of them and the same terms."""
    if value is None or isinstance(value, (str, bytes, int, float, External)) or value is Ellipsis:
        return value
    if isinstance(value, TupleValue):
        return ("tuple", *map(key_of, value.values))
    if isinstance(value, AttributeOf):
        return ("attribute", key_of(value.value), value.name)
    return ("object", id(value))


def same(left: Value, right: Value) -> bool:
    """Whether two values denote the same thing for certain: equal constants, the same object, the same attribute."""
    return type(left) is type(right) and key_of(left) == key_of(right)
