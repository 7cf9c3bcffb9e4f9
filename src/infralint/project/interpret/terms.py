"""Terms: what stands for things that the interpreter does not run, and what ties values to their places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infralint.facts import program as ir
from infralint.project.catalog import Origin
from infralint.source import Span

if TYPE_CHECKING:
    from infralint.project.interpret.scopes import Scope
    from infralint.project.interpret.values import FunctionValue

# A Python constant or any class of terms.py and values.py. `object` says as much to a type checker as a union would.
Value = object


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
        return Origin(self.frame.path, own_span(self.node))

    @property
    def name_origin(self) -> Origin:
        """Where the name stands that is bound."""
        return Origin(self.frame.path, own_span(self.name_node))

    def __repr__(self) -> str:
        return f"Bound({self.value!r})"


def own_span(node: ir.Node) -> Span:
    """The range of what names a node: the name of a class, function or attribute, else the node itself."""
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
        return f"{short(self.callee)}({', '.join(given)})"


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
        return f"{short(self.value)}.{self.name}"


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


def short(value: Value) -> str:
    """A value in a few words, for other values' `repr`."""
    return value.name if isinstance(value, External) else repr(value)
