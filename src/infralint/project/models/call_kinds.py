"""The calls and classes of a module that say something of models, by what reads them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from infralint.project.interpret import AttributeOf, ClassValue, Interpreter, Made
from infralint.project.models.possible import may_be_mapped
from infralint.project.models.tables import is_constraint
from infralint.project.models.vocabulary import kind_name

_TABLES = frozenset({"sqlalchemy.Table", "sqlalchemy.inspect"})
_LISTENERS = frozenset({"sqlalchemy.listens_for", "sqlalchemy.listen"})
# Events of a class whose listeners see its mapper before it is used.
_BUILDING = frozenset({"after_mapper_constructed", "instrument_class"})
_ADDITIONS = frozenset({"append_column", "append_constraint", "add_property", "reflect"})


@dataclass(slots=True)
class CallKinds:
    """Each in the order of the calls. `doubtful`: classes that may be mapped by what cannot be told. `places`: where
    all calls and classes stand: paths, and offsets."""

    imperative: list[Made] = field(default_factory=list)
    tables: list[Made] = field(default_factory=list)
    listeners: list[Made] = field(default_factory=list)
    additions: list[Made] = field(default_factory=list)
    constraints: list[Made] = field(default_factory=list)
    searchable: list[Made] = field(default_factory=list)
    doubtful: list[ClassValue] = field(default_factory=list)
    places: set[tuple[str, int]] = field(default_factory=set)

    @property
    def concern_all(self) -> bool:
        """Whether some of them may add to any class or table."""
        return bool(self.listeners or self.searchable)

    @property
    def concern_others(self) -> bool:
        """Whether some of them may have to do with classes and tables that other modules declare."""
        return self.concern_all or bool(self.imperative or self.tables or self.additions)

    def add(self, call: Made) -> None:
        """Put a call where it belongs."""
        method = call.callee.name if isinstance(call.callee, AttributeOf) else ""
        name = kind_name(call.callee)
        self.places.add((call.frame.path, call.node.start))
        if method == "map_imperatively" or name == "sqlalchemy.mapper":
            self.imperative.append(call)
        if name in _TABLES:
            self.tables.append(call)
        if name in _LISTENERS and _is_of_building(call):
            self.listeners.append(call)
        if method in _ADDITIONS:
            self.additions.append(call)
        if is_constraint(call):
            self.constraints.append(call)
        if call.name.startswith("sqlalchemy_searchable.") and call.name.endswith(".make_searchable"):
            self.searchable.append(call)


def _is_of_building(call: Made) -> bool:
    event = call.argument(1, "identifier")
    return event is not None and event.value in _BUILDING


def kinds_in(interpreter: Interpreter, path: str) -> CallKinds:
    """The calls and classes of a module's own run."""
    calls, classes = interpreter.calls(path), interpreter.classes(path)
    if not calls and not classes:
        return CallKinds()
    return interpreter.keep("calls", calls, path, lambda: _sorted_out(calls, classes))


def _sorted_out(calls: Iterable[Made], classes: Iterable[ClassValue]) -> CallKinds:
    found = CallKinds()
    for call in calls:
        found.add(call)
    for cls in classes:
        found.places.add((cls.path, cls.node.start))
        if may_be_mapped(cls):
            found.doubtful.append(cls)
    return found
