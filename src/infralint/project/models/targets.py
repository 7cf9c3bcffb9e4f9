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
    ForwardValue,
    FunctionValue,
    Interpreter,
    ItemOf,
    Made,
    Operation,
    PartialValue,
    Unknown,
    Value,
)
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
        value = self.interpreter.annotation(annotation)
        late = isinstance(annotation.annotation.expression, ir.Forward) or annotation.text[:1] in "\"'"
        return self._inner(owner, value, annotation.origin, late, 0)

    def _inner(self, owner: MappedClass, value: Value, origin: Origin, late: bool, depth: int) -> Target:
        """`late`: the name stands in quotes, so that SQLAlchemy asks the registry for it."""
        if depth > _MAX_DEPTH:
            return Target(Open("the annotation is nested too deeply"), origin)
        if isinstance(value, ForwardValue):
            return self._forward(owner, value, depth)
        if isinstance(value, ClassValue):
            return self._annotated_class(owner, value, origin, late)
        if isinstance(value, Unknown):
            name = dotted_name(value.node)
            if name:
                return Target(self.named(owner, name), value.origin, name)
        for argument in _members(value):
            return self._inner(owner, argument.value, argument.origin, late, depth + 1)
        return Target(Open("the annotation cannot be read"), origin)

    def _forward(self, owner: MappedClass, value: ForwardValue, depth: int) -> Target:
        if value.expression is None:
            return Target(Open("the annotation cannot be read"), value.origin)
        if not is_name(value.text.strip()):
            return self._inner(owner, self.interpreter.forward(value), value.origin, True, depth + 1)
        found = self.interpreter.forward(value)
        name = found.name if isinstance(found, ClassValue) else value.text.strip()
        return Target(self._looked_up(owner, name, found), value.origin, name)

    def _annotated_class(self, owner: MappedClass, cls: ClassValue, origin: Origin, late: bool) -> Target:
        mapped = self.mapped_of(cls)
        if late or mapped is None:
            return Target(self._looked_up(owner, cls.name, cls), origin, cls.name if late else "")
        return Target(Known(mapped), origin)

    def _looked_up(self, owner: MappedClass, name: str, found: Value) -> Lookup[MappedClass]:
        """What the registry has under a name; of several namesakes the one that the module means."""
        looked_up = self.named(owner, name)
        mapped = self.mapped_of(found) if isinstance(found, ClassValue) else None
        if isinstance(looked_up, Open) and mapped is not None and mapped.registry is owner.registry:
            return Known(mapped)
        return looked_up


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


def _members(value: Value) -> Iterator[Argument]:
    """What an annotation is made of, the class that it holds first."""
    if isinstance(value, Operation) and value.operator == "|":
        yield from (operand for operand in value.operands if not _is_none(operand.value))
    elif isinstance(value, ItemOf):
        name = _container(value.value)
        members = [argument for argument in value.indexes if not _is_none(argument.value)]
        yield from reversed(members) if name in _MAPPINGS else members


def _container(value: Value) -> str:
    return value.name if isinstance(value, ClassValue) else library_name(value).rpartition(".")[2]


def _is_none(value: Value) -> bool:
    return value is None or library_name(value) in ("types.NoneType", "builtins.None")
