"""Uses of mapped classes all over the tree, and the attributes among them that the class does not have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from infralint.facts.class_uses import ClassUse, ClassUses
from infralint.project.interpret import ClassValue, DictValue, FunctionValue, Made, Value
from infralint.project.lookup import Absent
from infralint.project.models import MappedClass, OrmView
from infralint.project.modules import Symbol

# What every class has by its metaclass (`type`), and every object.
_OF_TYPE = frozenset(name for name in dir(type) if not name.startswith("__"))
# Names in a class body that Python or SQLAlchemy asks for (SQLAlchemy 2.0, "Declarative Mapping"; Flask-SQLAlchemy
# 3.1, "Models and Tables"); whoever reads others may add attributes, as SQLAlchemy-Continuum does for `__versioned__`.
_SETTINGS = frozenset(
    {
        "__abstract__", "__allow_unmapped__", "__allow_unmapped_joined__", "__bind_key__", "__doc__", "__hash__",
        "__mapper_args__", "__mapper_cls__", "__match_args__", "__module__", "__qualname__", "__slots__",
        "__table__", "__table_args__", "__table_cls__", "__tablename__", "__config__", "__test__", "__fsa__",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class UnknownAttribute:
    """A use of an attribute that a mapped class does not have; `names` are those that it has."""

    path: str
    use: ClassUse
    mapped: MappedClass
    names: frozenset[str]


class ClassUsesView:
    """The uses that files note, resolved to mapped classes."""

    def __init__(
        self, paths: Iterable[str], uses: Callable[[str], Iterable[tuple[Symbol, ClassUses]]], models: OrmView
    ) -> None:
        """`paths`: the files that use classes; `uses`: those of a file, with what their class's name stands for."""
        self._paths = paths
        self._uses_in = uses
        self._models = models
        self._interpreter = models.interpreter
        # Where mapped classes are.
        self._mapping = {mapped.path for mapped in models.classes}
        self._resolved: dict[Symbol, MappedClass | None] = {}
        self._have_more: dict[int, bool] = {}

    def unknown(self) -> Iterator[UnknownAttribute]:
        """Uses of attributes that a class does not have, by place."""
        uses = list(self._uses())
        assigned = {(id(mapped), use.name) for _, use, mapped in uses if use.kind == "set"}
        for path, use, mapped in uses:
            if use.kind == "set" or self._is_assigned(mapped, use.name, assigned) or self._may_have_more(mapped, use):
                continue
            attributes = self._models.attributes.of(mapped)
            if isinstance(attributes.has(use.name), Absent) and use.name not in _OF_TYPE:
                yield UnknownAttribute(path, use, mapped, attributes.names)

    def _uses(self) -> Iterator[tuple[str, ClassUse, MappedClass]]:
        for path in self._paths:
            for symbol, group in self._uses_in(path):
                mapped = self._mapped(symbol)
                if mapped is not None:
                    yield from ((path, use, mapped) for use in group.uses)

    def _mapped(self, symbol: Symbol) -> MappedClass | None:
        if symbol not in self._resolved:
            value = self._value(symbol)
            mapped = self._models.mapped(value) if isinstance(value, ClassValue) else None
            self._resolved[symbol] = mapped if mapped is not None and not mapped.abstract else None
        return self._resolved[symbol]

    def _value(self, symbol: Symbol) -> Value:
        if symbol.path not in self._mapping:
            return None
        return self._interpreter.name(symbol.path, ".".join(filter(None, (symbol.name, symbol.rest))))

    # What a class may have besides what the models say.

    def _is_assigned(self, mapped: MappedClass, name: str, assigned: set[tuple[int, str]]) -> bool:
        if any((id(each), name) in assigned for each in mapped.lineage):
            return True
        bases = [base for base in mapped.value.mro if not isinstance(base, ClassValue)]
        return any(self._interpreter.assigned(base, name) is not None for base in bases)

    def _may_have_more(self, mapped: MappedClass, use: ClassUse) -> bool:
        if id(mapped) not in self._have_more:
            self._have_more[id(mapped)] = self._has_unseen(mapped)
        return self._have_more[id(mapped)] or (use.kind == "keyword" and self._has_own_constructor(mapped))

    def _has_unseen(self, mapped: MappedClass) -> bool:
        arguments = mapped.mapper_args
        if isinstance(arguments, DictValue) and arguments.get("column_prefix") is not None:
            return True
        if any(each.table is not None and each.table.open for each in mapped.lineage):
            # Columns that nobody sees are attributes, too.
            return True
        return any(_has_odd_settings(cls) for cls in mapped.value.mro if isinstance(cls, ClassValue))

    def _has_own_constructor(self, mapped: MappedClass) -> bool:
        """Whether keywords may mean anything: a constructor of the tree, of a registry, or pydantic's."""
        for cls in mapped.value.mro:
            if isinstance(cls, ClassValue):
                if "__init__" in cls.namespace or "__new__" in cls.namespace or "metaclass" in cls.keywords:
                    return True
            elif isinstance(cls, Made) and "constructor" in cls.kwargs:
                return True
        bases = [base for base in self._models.bases if base.registry is mapped.registry]
        return any(base.form == "SQLModel" or "constructor" in base.arguments for base in bases) or not bases


def _has_odd_settings(cls: ClassValue) -> bool:
    return any(
        name.startswith("__")
        and name.endswith("__")
        and name not in _SETTINGS
        and not isinstance(bound.value, FunctionValue)
        for name, bound in cls.namespace.items()
    )
