"""What the models declare, as values: metadatas, registries, bases, mapped classes and their tables."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from infralint.project.catalog import Catalog, Column, Origin, Table, Unknown
from infralint.project.interpret import Bound, ClassValue, Made, Value
from infralint.project.models.naming import DEFAULT_CONVENTION
from infralint.project.models.relationship_calls import RelationDraft


@dataclass(eq=False, slots=True)
class MetaData:
    """A MetaData of SQLAlchemy with the tables that it holds.

    `name`: where it can be reached, "app.db:Base.metadata". `schema`: its default schema; `convention`: templates of
    constraint names by prefix. `made`: the term, None where a base makes it.
    """

    key: Hashable
    name: str
    origin: Origin
    made: Made | None = None
    schema: str = ""
    convention: dict[str, str] = field(default_factory=lambda: dict(DEFAULT_CONVENTION))
    catalog: Catalog = field(default_factory=lambda: Catalog("models"))

    def __post_init__(self) -> None:
        self.catalog.name = self.name

    @property
    def open(self) -> list[Unknown]:
        """Why it may hold tables that nobody sees."""
        return self.catalog.open

    def note(self, reason: str, origin: Origin) -> None:
        """Say why tables may be missing."""
        self.catalog.open.append(Unknown(reason, origin))


@dataclass(eq=False, slots=True)
class Registry:
    """A registry of classes: names mean classes in it. Bases may share one.

    `classes`: mapped classes by name (abstract ones and mixins are not among them), in the order in which they are
    found. `types`: (Python type, SQL type) of `type_annotation_map`. `open`: why it may hold other classes.
    """

    key: Hashable
    name: str
    metadata: MetaData
    classes: dict[str, list[MappedClass]] = field(default_factory=dict)
    types: list[tuple[Value, Value]] = field(default_factory=list)
    open: list[Unknown] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Base:
    """A declarative base, or what makes classes mapped.

    `value`: the class, the call, or Flask-SQLAlchemy's object. `form`: "declarative_base", "generate_base",
    "DeclarativeBase", "DeclarativeMeta", "as_declarative", "automap_base", "SQLAlchemy" (Flask), "SQLModel" or
    "registry" (`@registry.mapped`). `arguments`: the names of what it was given. `cls`: a class whose attributes all
    of its classes have (`declarative_base(cls=Model)`, the class statement itself). `made_in_function`: a call of a
    function makes it.
    """

    value: Value
    name: str
    form: str
    origin: Origin
    registry: Registry
    metadata: MetaData
    arguments: tuple[str, ...] = ()
    cls: ClassValue | None = None
    made_in_function: bool = False

    @property
    def short_name(self) -> str:
        """The name of the class, or of the variable."""
        return self.name.rpartition(":")[2]


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a mapped class, in the order in which SQLAlchemy collects them.

    `value`: what it stands for, declared_attr functions already called for this class; NOTHING where there is only an
    annotation. `bound`: the binding in `owner`, the class, mixin or base whose body it is in.
    """

    name: str
    value: Value
    bound: Bound
    owner: ClassValue


@dataclass(eq=False, slots=True)
class MappedClass:
    """A class of a registry.

    `abstract`: it has no mapper. `inherits`: the mapped class that it extends. `kind`: "table" (a table of its own),
    "joined", "concrete" (a table of its own beside the parent's), "single" (in the parent's table) or "none" (no
    table can be told). `attributes`: its own and those of mixins and abstract bases, by name, without those of the
    mapped parent. `columns`: attribute -> name of the column in `table`, the parent's included. `open`: why there may
    be attributes or columns that nobody sees.
    """

    value: ClassValue
    registry: Registry
    metadata: MetaData
    abstract: bool = False
    inherits: MappedClass | None = None
    kind: str = "none"
    table: Table | None = None
    attributes: dict[str, Attribute] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    mapper_args: Value = None
    open: list[Unknown] = field(default_factory=list)
    # Its attributes that are relationships, when these were asked for: most are none.
    relations: tuple[tuple[str, RelationDraft], ...] | None = None

    @property
    def name(self) -> str:
        return self.value.name

    @property
    def path(self) -> str:
        return self.value.path

    @property
    def origin(self) -> Origin:
        return self.value.origin

    @property
    def lineage(self) -> tuple[MappedClass, ...]:
        """The class and the mapped classes that it extends, nearest first."""
        found = [self]
        while (parent := found[-1].inherits) is not None and parent not in found:
            found.append(parent)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class ColumnPlace:
    """A column that an expression means: `Parent.id`, `parents.c.id`, a Column object."""

    table: Table
    column: Column
