"""Which class a relationship points at: strings, lambdas, classes, annotations.

Source: SQLAlchemy 1.3 to 2.1, `orm/relationships.py` (declarative_scan, _setup_entity) and `orm/util.py`: a name in a
quoted annotation that the module binds to a class stands for that class's own name, and is then looked up in the
registry like any string.
"""

from __future__ import annotations

from dataclasses import dataclass

from infralint.project.catalog import Origin
from infralint.project.interpret import (
    AnnotationValue,
    Argument,
    AttributeOf,
    BoundMethod,
    ClassValue,
    FunctionValue,
    Interpreter,
    Made,
    PartialValue,
    Unknown,
    Value,
)
from infralint.project.lookup import Known, Lookup, Open
from infralint.project.models.mapping import MappedClass
from infralint.project.models.named_classes import NamedClass, named_in
from infralint.project.models.possible import Possible
from infralint.project.models.registry_names import class_named
from infralint.project.models.relationship_calls import place_of
from infralint.project.models.vocabulary import library_name

_FUNCTIONS = (FunctionValue, BoundMethod, PartialValue)


@dataclass(frozen=True, slots=True)
class Target:
    """What a relationship points at. `name`: what is looked up in the registry, "" for a class that is given. `of`:
    what the annotation names, if it is one that tells."""

    lookup: Lookup[MappedClass]
    origin: Origin
    name: str = ""
    of: NamedClass | None = None


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

    def named_class(self, annotation: AnnotationValue) -> NamedClass:
        """What an annotation names: the same object for as long as the modules that it looks at are."""
        scope, path = annotation.scope, annotation.frame.path
        return self.interpreter.keep(
            ("target", scope), annotation.annotation, path, lambda: named_in(self.interpreter, annotation)
        )

    def annotated(self, owner: MappedClass, annotation: AnnotationValue) -> Target:
        """The target that an annotation names: `Mapped[list["Post"]]`."""
        found = self.named_class(annotation)
        if found.problem:
            return Target(Open(found.problem), found.origin, of=found)
        if found.cls is None:
            return Target(self.named(owner, found.name), found.origin, found.name, found)
        if found.late:
            return Target(self._looked_up(owner, found.cls), found.origin, found.name, found)
        mapped = self.mapped_of(found.cls)
        known = Known(mapped) if mapped else Open(f"`{found.name}` is not known to be mapped")
        return Target(known, found.origin, of=found)

    def _looked_up(self, owner: MappedClass, cls: ClassValue) -> Lookup[MappedClass]:
        """What the registry has under a class's name; of several namesakes the one that the module means."""
        found = self.named(owner, cls.name)
        mapped = self.mapped_of(cls)
        if isinstance(found, Open) and mapped is not None and mapped.registry is owner.registry:
            return Known(mapped)
        return found
