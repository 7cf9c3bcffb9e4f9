"""All attributes of a mapped class: its own, those of its bases and mixins, and those that backrefs put on it.

Sources: SQLAlchemy 1.3 to 2.1, `orm/mapper.py` (Mapper.get_property), `orm/decl_api.py` (DeclarativeBase);
Flask-SQLAlchemy 3.1, `model.py` (Model); pydantic 2, `main.py` (BaseModel).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from infralint.project.catalog import Origin
from infralint.project.interpret import AttributeOf, ClassValue, Made, Unknown, Value
from infralint.project.lookup import Absent, Known, Lookup, Open
from infralint.project.models.harmless import may_map
from infralint.project.models.joins import may_say
from infralint.project.models.mapper_properties import is_property
from infralint.project.models.mapping import Attribute, MappedClass
from infralint.project.models.relationships import Relationships
from infralint.project.models.vocabulary import called_name, kind_name, library_name

# Calls whose results are attributes of the class alone.
_PLAIN = frozenset(
    {"sqlalchemy.association_proxy", "sqlalchemy.hybrid_property", "sqlalchemy.hybrid_method", "sqlalchemy.validates"}
)
_SQLALCHEMYS = frozenset({"metadata", "registry", "awaitable_attrs"})
_FLASKS = frozenset({"query", "query_class", "metadata"})
_PYDANTICS = frozenset(
    {
        "construct", "copy", "dict", "from_orm", "json", "metadata", "model_computed_fields", "model_config",
        "model_construct", "model_copy", "model_dump", "model_dump_json", "model_extra", "model_fields",
        "model_fields_set", "model_json_schema", "model_parametrized_name", "model_post_init", "model_rebuild",
        "model_validate", "model_validate_json", "model_validate_strings", "parse_file", "parse_obj", "parse_raw",
        "schema", "schema_json", "sqlmodel_update", "update_forward_refs", "validate",
    }
)  # fmt: skip
# Bases from outside of the tree, with the names that they bring.
_BASES: dict[str, frozenset[str]] = {
    "sqlalchemy.DeclarativeBase": _SQLALCHEMYS,
    "sqlalchemy.DeclarativeBaseNoMeta": _SQLALCHEMYS,
    "sqlalchemy.MappedAsDataclass": frozenset(),
    "sqlalchemy.AsyncAttrs": _SQLALCHEMYS,
    "sqlalchemy.DeferredReflection": frozenset({"prepare"}),
    "flask_sqlalchemy.Model": _FLASKS,
    "sqlmodel.SQLModel": _PYDANTICS | _SQLALCHEMYS,
    "builtins.object": frozenset(),
    "abc.ABC": frozenset({"register"}),
    "typing.Generic": frozenset(),
    "typing.Protocol": frozenset(),
}
# Decorators of classes that add no attribute which anybody asks for by name.
_DECORATORS = frozenset(
    {
        "functools.total_ordering", "dataclasses.dataclass", "typing.final", "typing_extensions.final",
        "typing.runtime_checkable", "sqlalchemy.as_declarative", "sqlalchemy.mapped_as_dataclass",
        "sqlalchemy.unmapped_dataclass", "typing_extensions.deprecated", "warnings.deprecated",
    }
)  # fmt: skip
_METACLASSES = frozenset({"DeclarativeMeta", "ABCMeta", "DefaultMeta", "SQLModelMetaclass", "DCTransformDeclarative"})
_REGISTRY_DECORATORS = frozenset({"mapped", "mapped_as_dataclass", "as_declarative_base"})


@dataclass(frozen=True, slots=True)
class AttributeSet:
    """The names of a class's attributes. `open`: why there may be more, "" where these are all."""

    names: frozenset[str]
    open: str = ""

    def has(self, name: str) -> Lookup[str]:
        """Whether the class has an attribute. Names with two underscores in front are Python's business."""
        if name in self.names:
            return Known(name)
        if name.startswith("__"):
            return Open(f"`{name}` is Python's")
        return Open(self.open) if self.open else Absent()


class Attributes:
    """Attributes of mapped classes. `lineage` gives a class and its bases of the tree; `is_base` knows bases."""

    def __init__(
        self,
        relationships: Relationships,
        lineage: Callable[[ClassValue], list[ClassValue]],
        is_base: Callable[[Value], bool],
    ) -> None:
        self.relationships = relationships
        self._lineage = lineage
        self._is_base = is_base
        self._sets: dict[int, AttributeSet] = {}

    # Properties of mappers

    def property_of(self, mapped: MappedClass, name: str) -> Lookup[Origin]:
        """Where a property of a mapper is declared that is no relationship; what Python alone knows is none."""
        for each in mapped.lineage:
            attribute = each.attributes.get(name)
            found = self._property(attribute) if attribute is not None else None
            if found is not None:
                return found
            if name in each.columns:
                return Known(attribute.bound.origin if attribute is not None else each.origin)
        reason = self._why_open(mapped, name)
        return Open(reason) if reason else Absent()

    def _property(self, attribute: Attribute) -> Lookup[Origin] | None:
        value = attribute.value
        if is_property(value):
            return Known(attribute.bound.name_origin)
        if isinstance(value, Unknown):
            return Open(value.reason)
        if isinstance(value, Made) and not self._is_plain(value):
            return Open("what it is made by comes from outside of the tree")
        return None

    @staticmethod
    def _is_plain(made: Made) -> bool:
        name = called_name(made)
        return name in _PLAIN or name.partition(".")[0] in ("builtins", "functools", "typing", "re", "logging", "enum")

    def _why_open(self, mapped: MappedClass, name: str) -> str:
        """Why a mapper may have properties that nobody sees."""
        for each in mapped.lineage:
            if each.open:
                return each.open[0].reason
            if each.value.open is not None:
                return each.value.open.reason
        for base in mapped.value.mro:
            if not isinstance(base, ClassValue) and not self._is_base(base) and may_map(base):
                return f"the base `{library_name(base) or 'made at run time'}` is not of the tree"
        if name in self.relationships.unplaced:
            return f"`{name}` is a backref on a class that cannot be told"
        for relation in self.relationships.unnamed:
            if relation.owner.registry is mapped.registry:
                return f"`{relation.owner.name}.{relation.attribute}` may have a backref"
        return mapped.registry.open[0].reason if mapped.registry.open else ""

    # All attributes

    def of(self, mapped: MappedClass) -> AttributeSet:
        """All attributes of a class, as `hasattr` would find them once the mappers are configured."""
        if id(mapped) not in self._sets:
            self._sets[id(mapped)] = self._collect(mapped)
        return self._sets[id(mapped)]

    def _collect(self, mapped: MappedClass) -> AttributeSet:
        names: set[str] = set(self.relationships.of(mapped)) | self.relationships.unplaced
        reason = self._why_open(mapped, "")
        for each in mapped.lineage:
            names |= each.attributes.keys() | each.columns.keys() | _unnamed(each)
            if may_say(each, "properties"):
                reason = reason or f"the mapper of `{each.name}` is given properties"
        for cls in self._lineage(mapped.value):
            names |= cls.namespace.keys()
            reason = reason or self._why_class_open(cls)
        for base in mapped.value.mro:
            if not isinstance(base, ClassValue):
                brought = self._brought(base)
                names |= brought or frozenset()
                if brought is None:
                    reason = reason or f"the base `{library_name(base) or 'made at run time'}` is not of the tree"
        return AttributeSet(frozenset(names), reason)

    def _brought(self, base: Value) -> frozenset[str] | None:
        """The names that a base from outside of the tree brings; None where they are not known."""
        if self._is_base(base):
            return _SQLALCHEMYS | _FLASKS | (_PYDANTICS if library_name(base) == "sqlmodel.SQLModel" else frozenset())
        value = base.value if hasattr(base, "index") and hasattr(base, "value") else base
        return _BASES.get(kind_name(value))

    def _why_class_open(self, cls: ClassValue) -> str:
        if cls.open is not None:
            return cls.open.reason
        if "__getattr__" in cls.namespace or "__getattribute__" in cls.namespace:
            return f"`{cls.name}` answers for any attribute"
        metaclass = cls.keywords.get("metaclass")
        if metaclass and kind_name(metaclass.value).rpartition(".")[2] not in _METACLASSES:
            return f"`{cls.name}` has a metaclass"
        for decorator in cls.decorators:
            if not _is_harmless(decorator.value):
                return f"`{cls.name}` has a decorator that cannot be read"
        return ""


def _unnamed(mapped: MappedClass) -> set[str]:
    """The attributes of columns that no attribute of the class names, those inside of a composite: their keys."""
    columns = mapped.table.columns.values() if mapped.table is not None else ()
    named = set(mapped.columns.values())
    return {column.key or column.name for column in columns if column.name not in named}


def _is_harmless(decorator: Value) -> bool:
    name = library_name(decorator) or called_name(decorator)
    if name in _DECORATORS:
        return True
    callee = decorator.callee if isinstance(decorator, Made) else decorator
    return isinstance(callee, AttributeOf) and callee.name in _REGISTRY_DECORATORS
