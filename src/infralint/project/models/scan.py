"""What a mapped class is made of: its own attributes and those of mixins, in SQLAlchemy's order.

Source: SQLAlchemy 2.0 and 2.1, `orm/decl_base.py`, _DeclarativeMapperConfig._scan_attributes and
_produce_column_copies; 1.3 and 1.4 differ in the order of columns alone (by creation).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from infralint.project.interpret import (
    NOTHING,
    UNANSWERED,
    AttributeOf,
    Bound,
    ClassValue,
    DictValue,
    FunctionValue,
    Hooks,
    Interpreter,
    Made,
    Value,
)
from infralint.project.models.annotations import Annotations
from infralint.project.models.harmless import brings_columns, unknown_in
from infralint.project.models.mapping import Attribute
from infralint.project.models.vocabulary import library_name

_DUNDERS = frozenset({"__tablename__", "__table__", "__table_args__", "__mapper_args__"})
# `declared_attr.directive` and `declared_attr.cascading` are known by their last names.
_DECLARED = frozenset({"declared_attr", "directive", "cascading"})


@dataclass(slots=True)
class Scan:
    """What the scan of one class collected.

    `table_name`: the value of `__tablename__`, None where there is none; `table`: that of `__table__`, NOTHING where
    there is none. `open`: reasons, each with the value that they come from.
    """

    attributes: dict[str, Attribute] = field(default_factory=dict)
    table_name: Value = None
    table_name_bound: Bound | None = None
    table: Value = NOTHING
    table_args: Value = None
    mapper_args: Value = None
    mixed_in: set[str] = field(default_factory=set)
    open: list[str] = field(default_factory=list)


class _ClassHooks(Hooks):
    """Answers for attributes of classes while a declared_attr runs."""

    def __init__(
        self, answer: Callable[[Value, str], Value], declared: Callable[[FunctionValue, ClassValue], Value]
    ) -> None:
        self.answer = answer
        self.declared = declared

    def attribute(self, value: Value, name: str) -> Value:
        return self.answer(value, name)

    def inherited(self, function: FunctionValue, receiver: Value) -> Value:
        return self.declared(function, receiver) if isinstance(receiver, ClassValue) else UNANSWERED


class Scanner:
    """Scans classes.

    `mapped` gives the names that a base has, None where it has no mapper; `expand` gives the class behind a base that
    is no class statement (`declarative_base(cls=Model)`). `default_name` is the table's name that a base makes.
    """

    def __init__(
        self,
        interpreter: Interpreter,
        annotations: Annotations,
        mapped: Callable[[ClassValue], Collection[str] | None],
        expand: Callable[[Value], ClassValue | None],
        is_base: Callable[[Value], bool],
        default_name: Callable[[ClassValue], str],
    ) -> None:
        self.interpreter = interpreter
        self.annotations = annotations
        self.mapped = mapped
        self.expand = expand
        self.is_base = is_base
        self.default_name = default_name
        self.hooks = _ClassHooks(self.class_attribute, self.declared)
        self._asked: set[tuple[int, str]] = set()

    def class_attribute(self, value: Value, name: str) -> Value:
        """What a class answers for an attribute that a declared_attr makes, or that its base makes for it."""
        if not isinstance(value, ClassValue) or (id(value), name) in self._asked:
            return UNANSWERED
        self._asked.add((id(value), name))
        try:
            for owner in self.lineage(value):
                if name in owner.namespace:
                    bound = owner.namespace[name]
                    found = self.declared(bound.value, value)
                    # The interpreter sees the class's own order, without what `declarative_base(cls=Model)` brings.
                    return UNANSWERED if found is bound.value and owner in value.mro else found
            return self.default_name(value) or UNANSWERED if name == "__tablename__" else UNANSWERED
        finally:
            self._asked.discard((id(value), name))

    def lineage(self, cls: ClassValue) -> list[ClassValue]:
        """The class and its bases of the tree, in Python's order, with those that stand behind made bases."""
        found: list[ClassValue] = []
        for value in cls.mro:
            inner = value if isinstance(value, ClassValue) else self.expand(value)
            for each in (inner,) if inner is value else inner.mro if inner else ():
                if isinstance(each, ClassValue) and each not in found:
                    found.append(each)
        return found

    def scan(self, cls: ClassValue) -> Scan:
        """Collect what a mapped class is made of."""
        scan = Scan()
        lineage = self.lineage(cls)
        first = self._first_owners(lineage)
        for owner in lineage:
            is_mapped = owner is not cls and self.mapped(owner) is not None
            for name, bound in _in_order(owner, cls):
                if name in _DUNDERS:
                    if not is_mapped or is_declared(bound.value):
                        self._dunder(scan, cls, name, lineage)
                elif not is_mapped and (first[name] is owner or _is_cascading(bound.value)):
                    self._collect(scan, cls, owner, name, bound)
        self._note_open(scan, cls, lineage)
        return scan

    def _first_owners(self, lineage: list[ClassValue]) -> dict[str, ClassValue]:
        """Who binds a name first: what comes later is overridden. A mapped base has what its mixins gave it; a name
        without a value overrides none that has one."""
        found: dict[str, ClassValue] = {}
        valued: dict[str, ClassValue] = {}
        for owner in lineage:
            inherited = self.mapped(owner) if owner is not lineage[0] else None
            for name in inherited or ():
                valued.setdefault(name, owner)
            for name, bound in owner.namespace.items():
                found.setdefault(name, owner)
                if bound.value is not NOTHING:
                    valued.setdefault(name, owner)
        return found | valued

    def _dunder(self, scan: Scan, cls: ClassValue, name: str, lineage: list[ClassValue]) -> None:
        """One of the special names: what the class says when it is asked for it, whichever base speaks."""
        owner = next(each for each in lineage if name in each.namespace)
        bound = owner.namespace[name]
        value = self.declared(bound.value, cls)
        if name == "__tablename__" and scan.table_name is None:
            scan.table_name, scan.table_name_bound = value, bound
        elif name == "__table__" and scan.table is NOTHING and (owner is cls or is_declared(bound.value)):
            scan.table = value
        elif name == "__table_args__" and scan.table_args is None:
            scan.table_args = value
            if owner is not cls:
                scan.mixed_in.add(name)
        elif name == "__mapper_args__" and scan.mapper_args is None:
            scan.mapper_args = value

    def _collect(self, scan: Scan, cls: ClassValue, owner: ClassValue, name: str, bound: Bound) -> None:
        if name.startswith("__") and name.endswith("__"):
            return
        if name in scan.attributes:
            return
        value = self.declared(self._field(bound.value, owner), cls)
        scan.attributes[name] = Attribute(name, value, bound, owner)
        if owner is not cls:
            scan.mixed_in.add(name)

    def _field(self, value: Value, owner: ClassValue) -> Value:
        """What a dataclass's field holds for SQLAlchemy under the class's `__sa_dataclass_metadata_key__`."""
        key = owner.lookup("__sa_dataclass_metadata_key__")
        if key is None or not isinstance(value, Made) or value.name != "dataclasses.field":
            return value
        metadata = value.kwargs.get("metadata")
        given = metadata.value.get(key.value) if metadata and isinstance(metadata.value, DictValue) else None
        if given is None:
            return value
        return self.interpreter.call(given.value, []) if isinstance(given.value, FunctionValue) else given.value

    def declared(self, value: Value, cls: ClassValue) -> Value:
        """What a declared_attr gives a class; every other value as it is."""
        if not isinstance(value, FunctionValue):
            return value
        if is_declared(value) or any(_is_class_property(each.value) for each in value.decorators):
            return self.interpreter.call(value, [cls], hooks=self.hooks)
        return value

    def _note_open(self, scan: Scan, cls: ClassValue, lineage: list[ClassValue]) -> None:
        """Reasons why there may be attributes that nobody sees."""
        for value in cls.mro:
            unknown = unknown_in(value)
            if unknown is not None:
                scan.open.append(f"a base of it cannot be told: {unknown.reason}")
            elif not isinstance(value, ClassValue) and not self.is_base(value) and brings_columns(value):
                scan.open.append(
                    f"the base `{library_name(value) or 'made at run time'}` comes from outside of the tree"
                )
        for owner in lineage:
            if owner.open is not None and self.mapped(owner) is None:
                scan.open.append(owner.open.reason)


def _in_order(owner: ClassValue, cls: ClassValue) -> list[tuple[str, Bound]]:
    """The names of a class: of a mixin those that are copied come before those that functions make."""
    names = list(owner.namespace.items())
    return names if owner is cls else sorted(names, key=lambda item: is_declared(item[1].value))


def is_declared(value: Value) -> bool:
    """Whether a binding is a function under `declared_attr`."""
    if not isinstance(value, FunctionValue):
        return False
    return any(_declares(decorator.value) for decorator in value.decorators)


def _declares(decorator: Value) -> bool:
    name = library_name(decorator)
    return name.startswith("sqlalchemy.") and name.removeprefix("sqlalchemy.") in _DECLARED


def _is_cascading(value: Value) -> bool:
    return isinstance(value, FunctionValue) and any(
        library_name(decorator.value).endswith(".cascading") for decorator in value.decorators
    )


def _is_class_property(decorator: Value) -> bool:
    """A property of classes: `classproperty` of any library."""
    name = library_name(decorator) or (decorator.name if isinstance(decorator, (AttributeOf, ClassValue)) else "")
    return name.rpartition(".")[2].replace("_", "").lower() in ("classproperty", "hybridclassproperty")
