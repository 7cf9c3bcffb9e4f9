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
from infralint.source import Span

if TYPE_CHECKING:
    from infralint.project.interpret.scopes import Scope

# Any of the classes below, or a Python constant. `object` says as much to a type checker as a union of all would.
Value = object


class _Nothing:
    """The value of a name that is only annotated."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING: Final = _Nothing()


class Frame:
    """A running module, class body or function: whose code it is, and who called it.

    `function` is None outside of functions. `caller` and `call`: the frame and the node of the call that runs it.
    """

    __slots__ = ("call", "caller", "function", "path")

    def __init__(
        self, path: str, function: FunctionValue | None = None, caller: Frame | None = None, call: ir.Node | None = None
    ) -> None:
        self.path = path
        self.function = function
        self.caller = caller
        self.call = call

    @property
    def via(self) -> tuple[Origin, ...]:
        """The calls that led into this frame, outermost first."""
        found: list[Origin] = []
        frame: Frame | None = self
        while frame is not None and frame.caller is not None:
            if frame.call is not None:
                found.append(Origin(frame.caller.path, frame.call.span))
            frame = frame.caller
        return tuple(reversed(found))


class Placed:
    """Something with a place: the node that was evaluated, in a frame."""

    __slots__ = ("frame", "node")

    node: ir.Node
    frame: Frame

    @property
    def origin(self) -> Origin:
        """Where the expression stands that made this."""
        return Origin(self.frame.path, self.node.span)

    @property
    def via(self) -> tuple[Origin, ...]:
        """The calls of the tree's own functions on the way here, outermost first: empty at the top of a module."""
        return self.frame.via


class Argument(Placed):
    """A value and the expression that gives it: an argument of a call, an item of a list, a base of a class.

    `star`: "" as a rule; "*" or "**" for an argument that could not be spread, since its items are not known.
    """

    __slots__ = ("star", "value")

    def __init__(self, value: Value, node: ir.Node, frame: Frame, star: str = "") -> None:
        self.value = value
        self.node = node
        self.frame = frame
        self.star = star

    def __repr__(self) -> str:
        return f"{self.star}{self.value!r}"


class AnnotationValue(Placed):
    """An annotation that was not evaluated: `Interpreter.annotation` does. `text` is the source's."""

    __slots__ = ("annotation", "scope")

    def __init__(self, annotation: ir.Annotation, scope: Scope, frame: Frame) -> None:
        self.annotation = annotation
        self.node = annotation.expression
        self.scope = scope
        self.frame = frame

    @property
    def text(self) -> str:
        """The annotation as written, quotes included."""
        return self.annotation.text

    def __repr__(self) -> str:
        return f"AnnotationValue({self.text!r})"


class Bound(Placed):
    """What a name is bound to. `origin` is the place of the value's expression, `name_origin` that of the name.

    For a class or function statement both are its name. `value` is NOTHING where the name is only annotated.
    """

    __slots__ = ("annotation", "name_node", "value")

    def __init__(
        self,
        value: Value,
        node: ir.Node,
        frame: Frame,
        name_node: ir.Node | None = None,
        annotation: AnnotationValue | None = None,
    ) -> None:
        self.value = value
        self.node = node
        self.frame = frame
        self.name_node = name_node or node
        self.annotation = annotation

    @property
    def origin(self) -> Origin:
        """Where the value's expression stands."""
        return Origin(self.frame.path, _own_span(self.node))

    @property
    def name_origin(self) -> Origin:
        """Where the name stands that is bound."""
        return Origin(self.frame.path, _own_span(self.name_node))

    def __repr__(self) -> str:
        return f"Bound({self.value!r})"


def _own_span(node: ir.Node) -> Span:
    if isinstance(node, (ir.Class, ir.Function, ir.Attribute)):
        return node.name_span
    return node.span


class Unknown(Placed):
    """What cannot be told. `reason` says why; `candidates` are values that it may have, if any are known."""

    __slots__ = ("candidates", "reason")

    def __init__(self, reason: str, node: ir.Node, frame: Frame, candidates: tuple[Value, ...] = ()) -> None:
        self.reason = reason
        self.node = node
        self.frame = frame
        self.candidates = candidates

    def __repr__(self) -> str:
        return f"Unknown({self.reason!r})"


class External:
    """Something from outside of the tree by its dotted name as imported: `sqlalchemy.Column`, `builtins.int`.

    Attributes of it are External too: `alembic.op.create_table`. Re-exports are not followed: whoever asks knows
    that `sqlalchemy.schema.Column` is `sqlalchemy.Column`.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, External) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"External({self.name!r})"


class Made(Placed):
    """The result of calling something external: a term.

    `callee`: External, AttributeOf (a method of a term), ClassValue (a class of the tree with bases from outside),
    or another term. `args` holds the arguments by position, spread where they are known; an Argument with a `star`
    stands for those that are not. `kwargs` by name, `**` spread alike.
    """

    __slots__ = ("args", "callee", "kwargs")

    def __init__(
        self, callee: Value, args: tuple[Argument, ...], kwargs: dict[str, Argument], node: ir.Node, frame: Frame
    ) -> None:
        self.callee = callee
        self.args = args
        self.kwargs = kwargs
        self.node = node
        self.frame = frame

    @property
    def is_open(self) -> bool:
        """Whether there may be arguments that cannot be seen."""
        return any(argument.star for argument in self.args)

    @property
    def name(self) -> str:
        """The dotted name of an external callee, "" for all others."""
        return self.callee.name if isinstance(self.callee, External) else ""

    def positional(self) -> tuple[Argument, ...]:
        """The arguments by position up to the first that could not be spread."""
        for index, argument in enumerate(self.args):
            if argument.star:
                return self.args[:index]
        return self.args

    def argument(self, position: int, name: str = "") -> Argument | None:
        """The argument at a position, or of a name; None where it is not given (or cannot be seen: `is_open`)."""
        found = self.kwargs.get(name) if name else None
        if found is None and position >= 0:
            given = self.positional()
            found = given[position] if position < len(given) else None
        return found

    def __repr__(self) -> str:
        given = [repr(argument) for argument in self.args]
        given += [f"{name}={argument!r}" for name, argument in self.kwargs.items()]
        return f"{_short(self.callee)}({', '.join(given)})"


class AttributeOf(Placed):
    """An attribute of a term, or of a class that code outside of the tree has a hand in (`User.id` of a model).

    `target`: what the class's own statements bind to it, if `value` is a ClassValue that has it.
    """

    __slots__ = ("name", "target", "value")

    def __init__(self, value: Value, name: str, node: ir.Node, frame: Frame, target: Bound | None = None) -> None:
        self.value = value
        self.name = name
        self.node = node
        self.frame = frame
        self.target = target

    def __repr__(self) -> str:
        return f"{_short(self.value)}.{self.name}"


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
        return f"{_short(self.value)}[{self.index!r}]"


class Operation(Placed):
    """An operator applied to terms: `User.id == Address.user_id`, `int | None`, `-column`.

    `operator` as written: "==", "|", "and", "or", "not", "in", "not in", "is", "if else" (operands: test, body, else).
    """

    __slots__ = ("operands", "operator")

    def __init__(self, operator: str, operands: tuple[Argument, ...], node: ir.Node, frame: Frame) -> None:
        self.operator = operator
        self.operands = operands
        self.node = node
        self.frame = frame

    def __repr__(self) -> str:
        return f"Operation({self.operator!r}, {', '.join(map(repr, self.operands))})"


class ForwardValue(Placed):
    """A string inside of an annotation: `text` as written in it; `Interpreter.forward` evaluates it where it stands."""

    __slots__ = ("expression", "scope", "text")

    def __init__(self, text: str, expression: ir.Expression | None, scope: Scope, node: ir.Node, frame: Frame) -> None:
        self.text = text
        self.expression = expression
        self.scope = scope
        self.node = node
        self.frame = frame

    def __repr__(self) -> str:
        return f"ForwardValue({self.text!r})"


class _Sequence:
    """What lists, tuples and sets share. `open` says why items may be missing or wrong; None = these are all."""

    __slots__ = ("items", "open", "region")

    def __init__(self, items: list[Argument], open: Unknown | None = None) -> None:
        self.items = items
        self.open = open
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

    __slots__ = ("default", "entries", "open", "region")

    def __init__(self, entries: dict[Hashable, tuple[Argument, Argument]], open: Unknown | None = None) -> None:
        self.entries = entries
        self.open = open
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

    __slots__ = ("attributes", "decorators", "defaults", "definition", "frame", "owner", "qualname", "scope")

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
        return Origin(self.frame.path, _own_span(self.definition))

    def __repr__(self) -> str:
        return f"FunctionValue({self.qualname!r})"


class BoundMethod:
    """A function with its first argument: a method of an instance, or a class method."""

    __slots__ = ("function", "receiver")

    def __init__(self, function: FunctionValue, receiver: Value) -> None:
        self.function = function
        self.receiver = receiver

    def __repr__(self) -> str:
        return f"BoundMethod({self.function!r}, {_short(self.receiver)})"


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
        return f"PartialValue({_short(self.function)})"


class ClassValue:
    """A class of the tree, by a statement or by `type(name, bases, namespace)`.

    `bases`, `decorators` (outermost first) and `keywords` (`metaclass`, `table=True`) have values and places.
    `namespace` holds what the body binds and what is assigned to the class later, in order. `certain` is False for a
    class that is made under a condition that cannot be told.
    """

    __slots__ = (
        "bases", "certain", "decorators", "doc", "frame", "keywords", "metaclass", "name", "namespace", "node", "open",
        "qualname", "region", "scope",
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

    @property
    def path(self) -> str:
        """The file of its statement."""
        return self.frame.path

    @property
    def origin(self) -> Origin:
        """The place of its name; for a class made by a call, of the call."""
        return Origin(self.frame.path, _own_span(self.node))

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
        return _linearised(self, frozenset())

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

    __slots__ = ("attributes", "cls", "made", "open", "region")

    def __init__(self, cls: ClassValue, made: Made) -> None:
        self.cls = cls
        self.made = made
        self.node = made.node
        self.frame = made.frame
        self.attributes: dict[str, Bound] = {}
        self.open: Unknown | None = None
        self.region: object = None

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

    __slots__ = ("dotted", "frame", "names", "path", "problem", "scope", "stars", "state")

    def __init__(self, path: str, dotted: str, scope: Scope) -> None:
        self.path = path
        self.dotted = dotted
        self.scope = scope
        self.frame = Frame(path)
        self.names: dict[str, Bound] = scope.names
        self.problem: str | None = None
        self.stars: list[ir.ImportFrom] = []
        self.state = "new"

    def __repr__(self) -> str:
        return f"ModuleValue({self.path!r})"


def _short(value: Value) -> str:
    return value.name if isinstance(value, (External, ClassValue)) else repr(value)


def _linearised(cls: ClassValue, above: frozenset[int]) -> tuple[Value, ...]:
    if id(cls) in above:
        return ()
    above |= {id(cls)}
    bases = [base.value for base in cls.bases]
    lists = [list(_linearised(base, above)) if isinstance(base, ClassValue) else [base] for base in bases]
    merged = _merged([*lists, list(bases)])
    if merged is None:
        flat = {identity(value): value for found in lists for value in found}
        merged = list(flat.values())
    return (cls, *merged)


def _merged(lists: list[list[Value]]) -> list[Value] | None:
    """The C3 merge (Python's "The Python 2.3 Method Resolution Order"); None where there is no consistent order."""
    found: list[Value] = []
    lists = [each for each in lists if each]
    while lists:
        tails = {identity(value) for each in lists for value in each[1:]}
        head = next((each[0] for each in lists if identity(each[0]) not in tails), None)
        if head is None and not isinstance(lists[0][0], (ClassValue, External)):
            head = lists[0][0]
        if head is None:
            return None
        found.append(head)
        chosen = identity(head)
        lists = [rest for each in lists if (rest := [v for v in each if identity(v) != chosen])]
    return found


def identity(value: Value) -> Hashable:
    """What tells two values apart: the name of something external, the object of everything else."""
    return value if isinstance(value, External) else id(value)


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


def walk_unknown(value: Value) -> Unknown | None:
    """The Unknown behind a value, if that is what it is or what a chain of attributes, items and calls hangs on."""
    while True:
        if isinstance(value, Unknown):
            return value
        if isinstance(value, (AttributeOf, ItemOf)):
            value = value.value
        elif isinstance(value, Made):
            value = value.callee
        else:
            return None
