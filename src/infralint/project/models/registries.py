"""Declarative bases, their registries and metadatas: who is the same, through any chain of imports.

Sources: SQLAlchemy 1.3 to 2.1, `orm/decl_api.py` and `ext/declarative/api.py`; Flask-SQLAlchemy 2 and 3,
`extension.py` and `model.py`; SQLModel, `main.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar

from infralint.project.catalog import Origin, Unknown
from infralint.project.interpret import (
    Argument,
    AttributeOf,
    ClassValue,
    DictValue,
    External,
    Interpreter,
    ItemOf,
    Made,
    Value,
    identity,
)
from infralint.project.models.mapping import Base, MetaData, Registry
from infralint.project.models.names import Names
from infralint.project.models.vocabulary import called_name, flask_object, kind_name, library_name
from infralint.source import Span

_BASE_CALLS = frozenset({"sqlalchemy.declarative_base", "sqlalchemy.automap_base"})
_BASE_CLASSES = frozenset({"sqlalchemy.DeclarativeBase", "sqlalchemy.DeclarativeBaseNoMeta"})
_SQLMODEL = External("sqlmodel.SQLModel")
_NOWHERE = Origin("", Span(0, 0))

T = TypeVar("T")


class Registries:
    """Finds the base, registry and metadata behind a value."""

    def __init__(self, interpreter: Interpreter, names: Names) -> None:
        self.interpreter = interpreter
        self.names = names
        self._bases: dict[Hashable, Base | None] = {}
        # What must not go, since its id is a key.
        self._kept: list[object] = []
        # Where bases and metadatas are made, in the order in which they were asked for.
        self.found: list[str] = []
        self._registries: dict[Hashable, Registry] = {}
        self._metadatas: dict[Hashable, MetaData] = {}

    @property
    def bases(self) -> list[Base]:
        """All bases that were asked for, in that order."""
        return [base for base in self._bases.values() if base is not None]

    @property
    def count(self) -> int:
        """How many bases, registries and metadatas were found."""
        return len(self.found) + len(self._registries)

    @property
    def registries(self) -> list[Registry]:
        """All registries that were asked for."""
        return list(self._registries.values())

    @property
    def metadatas(self) -> list[MetaData]:
        """All metadatas that were asked for."""
        return list(self._metadatas.values())

    # Bases

    def base(self, value: Value) -> Base | None:
        """The base that a value is: a class or call that makes its subclasses mapped; None for everything else."""
        if isinstance(value, AttributeOf) and value.name == "Model" and (db := flask_object(value.value)):
            value = db
        if not isinstance(value, (Made, ClassValue, External)):
            return None
        key = identity(value)
        if key not in self._bases:
            self._bases[key] = None
            self._kept.append(value)
            base = self._bases[key] = self._find_base(value)
            if base is not None:
                self.found.append(base.origin.path)
            if base is not None and not isinstance(value, External):
                base.made_in_function = bool(value.via)
        return self._bases[key]

    def _find_base(self, value: Made | ClassValue | External) -> Base | None:
        if isinstance(value, ClassValue):
            return self._class_base(value)
        if isinstance(value, External):
            return self._sqlmodel() if library_name(value) == "sqlmodel.SQLModel" else None
        if flask_object(value) is value:
            return self._flask(value)
        callee = value.callee
        name = called_name(value)
        if name in _BASE_CALLS:
            return self._made_base(value, name.rpartition(".")[2], None)
        if isinstance(callee, AttributeOf) and callee.name == "generate_base":
            return self._made_base(value, "generate_base", self.registry(callee.value))
        return None

    def base_of_class(self, cls: ClassValue) -> Base | None:
        """The base that a class is, or has among its bases; None for a class that is not mapped declaratively."""
        return next((base for value in cls.mro if (base := self.base(value)) is not None), None)

    def _made_base(self, made: Made, form: str, registry: Registry | None) -> Base:
        given = made.kwargs
        metadata = self._given_metadata(given)
        if registry is None and "registry" in given:
            registry = self.registry(given["registry"].value)
        metadata = metadata or self._assigned_metadata(made)
        if registry is None:
            shared = given.get("class_registry")
            key = identity(shared.value) if shared and shared.value is not None else identity(made)
            registry = self._new_registry(key, made, metadata, given)
        if made.is_open:
            registry.open.append(Unknown("its base was given arguments that cannot be read", made.origin))
        if "class_registry" in given:
            self.note_open(registry, "its base has a class registry of its own", made.origin)
        self._note_metaclass(registry, given)
        if form == "automap_base":
            registry.open.append(Unknown("automap makes its classes at run time", made.origin))
            registry.metadata.note("automap reflects tables from the database", made.origin)
        cls = given.get("cls")
        return Base(
            made,
            self.names.of(made),
            form,
            made.origin,
            registry,
            metadata or registry.metadata,
            (*given, *("*" for _ in range(made.is_open))),
            cls.value if cls and isinstance(cls.value, ClassValue) else None,
        )

    def _assigned_metadata(self, made: Made) -> MetaData | None:
        """The MetaData of `Base.metadata = ...`, after the base was made."""
        value = self.interpreter.attribute(made, "metadata")
        return None if isinstance(value, AttributeOf) and value.value is made else self.metadata(value)

    def _class_base(self, cls: ClassValue) -> Base | None:
        form = _form_of(cls)
        if form == "" or (form == "DeclarativeMeta" and any(self.base(value) for value in cls.mro[1:])):
            return self._decorated_base(cls)
        registry = self._named(cls, "registry", self.registry)
        metadata = self._named(cls, "metadata", self.metadata)
        if registry is None:
            types = cls.lookup("type_annotation_map")
            given = {"type_annotation_map": Argument(types.value, types.node, types.frame)} if types else {}
            registry = self._new_registry(identity(cls), cls, metadata, given)
        self._note_metaclass(registry, cls.keywords)
        arguments = list(cls.namespace)
        return Base(
            cls, self.names.of(cls), form, cls.origin, registry, metadata or registry.metadata, tuple(arguments), cls
        )

    def _note_metaclass(self, registry: Registry, given: Mapping[str, Argument]) -> None:
        """A metaclass of the tree may give classes other names."""
        metaclass = given.get("metaclass")
        if metaclass is not None and isinstance(metaclass.value, ClassValue):
            self.note_open(registry, "its base has a metaclass of its own", metaclass.origin)

    def _named(self, cls: ClassValue, name: str, find: Callable[[Value], T | None]) -> T | None:
        """What a base's attribute `registry` or `metadata` is, if the class gives it one."""
        bound = cls.lookup(name)
        return find(bound.value) if bound is not None else None

    def _decorated_base(self, cls: ClassValue) -> Base | None:
        """`@as_declarative()` and `@mapper_registry.as_declarative_base()`."""
        for decorator in cls.decorators:
            made = decorator.value
            if not isinstance(made, Made):
                continue
            if called_name(made) == "sqlalchemy.as_declarative":
                base = self._made_base(made, "as_declarative", None)
            elif isinstance(made.callee, AttributeOf) and made.callee.name == "as_declarative_base":
                base = self._made_base(made, "as_declarative", self.registry(made.callee.value))
            else:
                continue
            return Base(
                cls, self.names.of(cls), base.form, cls.origin, base.registry, base.metadata, base.arguments, cls
            )
        return None

    def _sqlmodel(self) -> Base:
        """SQLModel keeps one registry for all of its classes."""
        metadata = self._new_metadata("sqlmodel", "sqlmodel:SQLModel.metadata", None, {}, _NOWHERE)
        registry = Registry("sqlmodel", "sqlmodel:SQLModel", metadata)
        self._registries["sqlmodel"] = registry
        return Base(_SQLMODEL, "sqlmodel:SQLModel", "SQLModel", _NOWHERE, registry, metadata)

    def _flask(self, made: Made) -> Base:
        """Flask-SQLAlchemy's object: its `model_class` may be a plain class, a 2.x base, or a base made before."""
        given = made.kwargs
        metadata = self._given_metadata(given)
        model = given.get("model_class")
        base = self._model_base(model.value) if model else None
        if base is not None:
            registry, cls = base.registry, base.cls
            metadata = metadata or base.metadata
        else:
            registry = self._new_registry(identity(made), made, metadata, given)
            cls = model.value if model and isinstance(model.value, ClassValue) else None
        name = self.names.of(made)
        arguments = (*given, *("*" for _ in range(made.is_open)))
        return Base(made, name, "SQLAlchemy", made.origin, registry, metadata or registry.metadata, arguments, cls)

    def _model_base(self, value: Value) -> Base | None:
        """The declarative base that Flask-SQLAlchemy was given; None for a plain class."""
        return self.base_of_class(value) if isinstance(value, ClassValue) else self.base(value)

    def bind(self, base: Base, key: str) -> MetaData:
        """The MetaData of a bind key (Flask-SQLAlchemy 3, `SQLAlchemy._make_metadata`)."""
        identifier = (identity(base.value), key)
        if identifier not in self._metadatas:
            name = f"{base.name}.metadatas[{key!r}]"
            found = MetaData(identifier, name, base.origin, convention=dict(base.metadata.convention))
            self._metadatas[identifier] = found
        return self._metadatas[identifier]

    # Registries

    def registry(self, value: Value) -> Registry | None:
        """The registry that a value is: a `registry()`, or the attribute of a base."""
        if isinstance(value, AttributeOf) and value.name in ("registry", "_sa_registry"):
            base = self._base_behind(value.value)
            return base.registry if base else None
        if not isinstance(value, Made) or kind_name(value.callee) != "sqlalchemy.registry":
            return None
        if identity(value) not in self._registries:
            self._new_registry(identity(value), value, self._given_metadata(value.kwargs), value.kwargs)
        return self._registries[identity(value)]

    def _new_registry(
        self, key: Hashable, value: Made | ClassValue, metadata: MetaData | None, given: Mapping[str, Argument]
    ) -> Registry:
        if key in self._registries:
            return self._registries[key]
        name = self.names.of(value)
        if metadata is None:
            metadata = self._new_metadata(("of", key), f"{name}.metadata", None, {}, value.origin)
        registry = self._registries[key] = Registry(key, name, metadata)
        types = given.get("type_annotation_map")
        if types and isinstance(types.value, DictValue):
            registry.types = [(python.value, sql.value) for python, sql in types.value.pairs()]
        return registry

    def classical(self, made: Made) -> Registry:
        """The registry of SQLAlchemy 1.x's `mapper()`, which all of its classes share."""
        if "mapper" not in self._registries:
            metadata = self._new_metadata("mapper", "sqlalchemy:mapper", None, {}, made.origin)
            self._registries["mapper"] = Registry("mapper", "sqlalchemy:mapper", metadata)
        return self._registries["mapper"]

    @staticmethod
    def note_open(registry: Registry, reason: str, origin: Origin) -> None:
        """Say why a registry may hold classes that nobody sees."""
        registry.open.append(Unknown(reason, origin))

    def _base_behind(self, value: Value) -> Base | None:
        if isinstance(value, ClassValue):
            return self.base_of_class(value)
        return self.base(value)

    # Metadatas

    def metadata(self, value: Value) -> MetaData | None:
        """The MetaData that a value is; None where it is none that can be told."""
        if isinstance(value, Made) and kind_name(value.callee) in (
            "sqlalchemy.MetaData",
            "sqlalchemy.ThreadLocalMetaData",
        ):
            key = identity(value)
            if key not in self._metadatas:
                self._new_metadata(key, self.names.of(value), value, value.kwargs, value.origin)
            return self._metadatas[key]
        if library_name(value) in ("sqlalchemy.SQLModel.metadata", "sqlmodel.SQLModel.metadata"):
            base = self.base(_SQLMODEL)
            return base.metadata if base else None
        if isinstance(value, AttributeOf) and value.name == "metadata":
            return self._metadata_of(value.value)
        if isinstance(value, ItemOf) and isinstance(value.value, AttributeOf) and value.value.name == "metadatas":
            return self._keyed(self.base(value.value.value), value.index)
        return None

    def _keyed(self, base: Base | None, key: Value) -> MetaData | None:
        """An item of Flask-SQLAlchemy's `metadatas`."""
        if base is None or not isinstance(key, str):
            return base.metadata if base else None
        return self.bind(base, key)

    def _metadata_of(self, owner: Value) -> MetaData | None:
        """The attribute `metadata` of a base, a mapped class, a registry, a Table, or Flask-SQLAlchemy's object."""
        if isinstance(owner, ClassValue):
            return self.metadata_of_class(owner)
        if (base := self.base(owner)) is not None:
            return base.metadata
        if (registry := self.registry(owner)) is not None:
            return registry.metadata
        if isinstance(owner, Made) and kind_name(owner.callee) == "sqlalchemy.Table":
            given = owner.argument(1, "metadata")
            return self.metadata(given.value) if given else None
        return None

    def metadata_of_class(self, cls: ClassValue) -> MetaData | None:
        """The MetaData that a class's table goes into: the nearest `metadata` of its bases, else its registry's."""
        for value in cls.mro:
            if isinstance(value, ClassValue) and (bound := value.namespace.get("metadata")):
                found = self.metadata(bound.value)
                if found is not None:
                    return found
            base = self.base(value)
            if base is not None:
                return self._bound_metadata(cls, base)
        return None

    def _bound_metadata(self, cls: ClassValue, base: Base) -> MetaData:
        if not isinstance(base.value, ClassValue):
            given = self.interpreter.attribute(base.value, "metadata")
            found = None if isinstance(given, AttributeOf) and given.value is base.value else self.metadata(given)
            if found is not None:
                return found
        key = cls.lookup("__bind_key__") if base.form == "SQLAlchemy" else None
        return self.bind(base, key.value) if key and isinstance(key.value, str) else base.metadata

    def _given_metadata(self, given: Mapping[str, Argument]) -> MetaData | None:
        argument = given.get("metadata")
        return self.metadata(argument.value) if argument else None

    def _new_metadata(
        self, key: Hashable, name: str, made: Made | None, given: Mapping[str, Argument], origin: Origin
    ) -> MetaData:
        found = self._metadatas[key] = MetaData(key, name, origin, made)
        self.found.append(origin.path)
        schema = given.get("schema")
        if schema and isinstance(schema.value, str):
            found.schema = schema.value
        elif schema and schema.value is not None:
            found.open.append(Unknown("its schema cannot be told", schema.origin))
        convention = given.get("naming_convention")
        if convention and isinstance(convention.value, DictValue):
            found.convention = _convention(convention.value)
        return found


def _convention(value: DictValue) -> dict[str, str]:
    """Templates of names by prefix; what is no template gives names that nobody can tell."""
    return {
        key.value: template.value if isinstance(template.value, str) else "%(custom)s"
        for key, template in value.pairs()
        if isinstance(key.value, str)
    }


def _form_of(cls: ClassValue) -> str:
    """How a class statement makes a declarative base; "" where it does not."""
    for base in cls.bases:
        if library_name(base.value) in _BASE_CLASSES:
            return "DeclarativeBase"
    metaclass = cls.keywords.get("metaclass")
    if metaclass and kind_name(metaclass.value).rpartition(".")[2] in ("DeclarativeMeta", "DefaultMeta"):
        return "DeclarativeMeta"
    return ""
