"""Which class a relationship points at: strings, lambdas, classes, annotations.

Source: SQLAlchemy 1.3 to 2.1, `orm/relationships.py` (declarative_scan, _setup_entity) and `orm/util.py`: a name in a
quoted annotation that the module binds to a class stands for that class's own name, and is then looked up in the
registry like any string.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from infralint.facts import program as ir
from infralint.project.catalog import Origin
from infralint.project.interpret import (
    AnnotationValue,
    Argument,
    AttributeOf,
    BoundMethod,
    ClassValue,
    External,
    ForwardValue,
    Frame,
    FunctionValue,
    Interpreter,
    Made,
    PartialValue,
    Unknown,
    Value,
)
from infralint.project.interpret.scopes import Scope
from infralint.project.lookup import Known, Lookup, Open
from infralint.project.models.mapping import MappedClass
from infralint.project.models.possible import Possible
from infralint.project.models.registry_names import class_named, is_name
from infralint.project.models.relationship_calls import place_of
from infralint.project.models.vocabulary import library_name

_FUNCTIONS = (FunctionValue, BoundMethod, PartialValue)
_MAPPINGS = frozenset({"Dict", "dict", "Mapping", "MutableMapping", "KeyFuncDict", "MappedCollection", "OrderedDict"})
_MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Target:
    """What a relationship points at. `name`: what is looked up in the registry, "" for a class that is given."""

    lookup: Lookup[MappedClass]
    origin: Origin
    name: str = ""


class Targets:
    """Finds the targets of relationships. `mapped`: mapped classes by the id of their ClassValue."""

    def __init__(self, interpreter: Interpreter, mapped: dict[int, MappedClass], possible: Possible) -> None:
        self.interpreter = interpreter
        self.possible = possible
        self._mapped = mapped

    def named(self, owner: MappedClass, name: str) -> Lookup[MappedClass]:
        """The class that a string means on a class's registry."""
        return class_named(owner.registry, name, self.possible)

    def mapped_of(self, cls: ClassValue) -> MappedClass | None:
        """The mapped class of a class; None for what has no mapper."""
        found = self._mapped.get(id(cls))
        return found if found is not None and not found.abstract else None

    def given(self, owner: MappedClass, argument: Argument) -> Target:
        """The target that an argument names."""
        origin = place_of(argument)
        value = argument.value
        if isinstance(value, str):
            return Target(self.named(owner, value), origin, value)
        if isinstance(value, _FUNCTIONS):
            value = self.interpreter.call(value)
            if isinstance(value, str):
                return Target(Open("a function gives the name"), origin)
        return Target(self._class(value), origin)

    def _class(self, value: Value) -> Lookup[MappedClass]:
        if isinstance(value, AttributeOf) and value.name == "__mapper__":
            value = value.value
        if isinstance(value, Made) and library_name(value.callee) in ("sqlalchemy.class_mapper", "sqlalchemy.aliased"):
            return Open("the target is a mapper")
        if not isinstance(value, ClassValue):
            return Open(value.reason if isinstance(value, Unknown) else "the target cannot be read")
        mapped = self.mapped_of(value)
        return Known(mapped) if mapped else Open(f"`{value.name}` is not known to be mapped")

    # Annotations.

    def annotated(self, owner: MappedClass, annotation: AnnotationValue) -> Target:
        """The target that an annotation names: `Mapped[list["Post"]]`."""
        whole = annotation.annotation
        quoted = whole if annotation.text[:1] in "\"'" else None
        written = _Written(whole.expression, annotation.scope, annotation.frame, quoted)
        late = quoted is not None or self._keeps_annotations(annotation.frame.path)
        return self._named_in(owner, written, late, 0)

    def _keeps_annotations(self, path: str) -> bool:
        """Whether a module keeps its annotations as strings."""
        bound = self.interpreter.module(path).names.get("annotations")
        return bound is not None and bound.value == External("__future__.annotations")

    def _named_in(self, owner: MappedClass, written: _Written, late: bool, depth: int) -> Target:
        """The class that an annotation holds. `late`: SQLAlchemy sees its name, and looks that up."""
        node = written.node
        if depth > _MAX_DEPTH:
            return Target(Open("the annotation is nested too deeply"), written.origin)
        if isinstance(node, ir.Forward):
            if node.expression is None:
                return Target(Open("the annotation cannot be read"), written.origin)
            return self._named_in(owner, written.at(node.expression, node), True, depth + 1)
        if isinstance(node, (ir.Name, ir.Attribute)):
            return self._leaf(owner, written, node, late)
        for inner in _members(node):
            return self._named_in(owner, written.at(inner), late, depth + 1)
        return Target(Open("the annotation cannot be read"), written.origin)

    def _leaf(self, owner: MappedClass, written: _Written, node: ir.Name | ir.Attribute, late: bool) -> Target:
        name = dotted_name(node)
        if not name:
            return Target(Open("the annotation cannot be read"), written.origin)
        bound = _is_bound(written.scope, name.partition(".")[0])
        frame = written.frame
        forward = ForwardValue(name, node, written.scope, node, frame)
        value = self.interpreter.keep(
            ("target", written.scope), node, frame.path, lambda: self.interpreter.forward(forward)
        )
        if bound is False or (bound is None and isinstance(value, Unknown)):
            return Target(self.named(owner, name), written.origin, name)
        if not isinstance(value, ClassValue):
            return Target(Open(f"`{name}` cannot be told"), written.origin)
        mapped = self.mapped_of(value)
        if late:
            return Target(self._looked_up(owner, value), written.origin, value.name)
        return Target(Known(mapped) if mapped else Open(f"`{name}` is not known to be mapped"), written.origin)

    def _looked_up(self, owner: MappedClass, cls: ClassValue) -> Lookup[MappedClass]:
        """What the registry has under a class's name; of several namesakes the one that the module means."""
        found = self.named(owner, cls.name)
        mapped = self.mapped_of(cls)
        if isinstance(found, Open) and mapped is not None and mapped.registry is owner.registry:
            return Known(mapped)
        return found


@dataclass(frozen=True, slots=True)
class _Written:
    """A part of an annotation, where it stands. `quoted`: the string that it is in."""

    node: ir.Node
    scope: Scope
    frame: Frame
    quoted: ir.Node | None = None

    @property
    def origin(self) -> Origin:
        """The place of the name, or of the string around it."""
        return Origin(self.frame.path, (self.quoted or self.node).span)

    def at(self, node: ir.Node, quoted: ir.Node | None = None) -> _Written:
        """An inner part."""
        return _Written(node, self.scope, self.frame, quoted or self.quoted)


def _is_bound(scope: Scope, name: str) -> bool | None:
    """Whether the running module binds a name; False where only type checkers see it, None where nothing is seen."""
    each: Scope | None = scope
    while each is not None:
        if name in each.names:
            return True
        if name in each.typing:
            return False
        each = each.parent
    return None


def dotted_name(node: ir.Node) -> str:
    """The dotted name that an expression is; "" for all others."""
    if isinstance(node, ir.Name):
        return node.id
    if isinstance(node, ir.Attribute):
        head = dotted_name(node.value)
        return f"{head}.{node.name}" if head else ""
    if isinstance(node, ir.Constant) and isinstance(node.value, str) and is_name(node.value):
        return node.value
    return ""


def _members(node: ir.Node) -> Iterator[ir.Node]:
    """What an annotation is made of, the class that it holds first."""
    if isinstance(node, ir.Binary) and node.operator == "|":
        yield from (operand for operand in (node.left, node.right) if not _is_none(operand))
    elif isinstance(node, ir.Subscript):
        name = dotted_name(node.value).rpartition(".")[2]
        indexes = node.index.items if isinstance(node.index, ir.Display) else (node.index,)
        members = [each for each in indexes if not _is_none(each)]
        yield from reversed(members) if name in _MAPPINGS else members


def _is_none(node: ir.Node) -> bool:
    return (isinstance(node, ir.Constant) and node.value is None) or isinstance(node, ir.Ellipsis_)
