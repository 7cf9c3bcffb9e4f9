"""What a database holds, as one of its declarations says: models, replayed migrations, or SQL.

The same values serve all three, so that they can be laid beside each other. `None` and `open` mean "cannot be told";
nothing is ever said to be missing from what is open.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from infralint.source import Span


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """Where a fact stands: the token that declares it."""

    path: str
    span: Span


@dataclass(frozen=True, slots=True)
class DataType:
    """A column's type by the name of SQLAlchemy's class for it, or of the project's own class.

    `name`: "String", "UUID", "JSONB", for SQL the name in capitals as SQLAlchemy has it ("VARCHAR", "INTEGER",
    "TIMESTAMP"). `arguments`: what it is made with, as Python would print it: `("100",)`, `("as_uuid=True",)`.
    `module`: where the class comes from ("sqlalchemy", "sqlalchemy.dialects.postgresql", "app.types"), "" for SQL.
    `item`: the type of an array's items, or what a custom type stores (its `impl`). `variants`: it differs by dialect.
    `labels`: of an enum, as the database has them.
    """

    name: str
    arguments: tuple[str, ...] = ()
    module: str = ""
    item: DataType | None = None
    variants: bool = False
    labels: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}({', '.join(self.arguments)})" if self.arguments else self.name


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `type` None: not known, or taken from the column that a foreign key points at.

    `default`: the value that Python gives, as written, "" for none; `server_default`: what the server gives, as
    written, "" for none (serial, identity and generated columns have `generated` instead). `fills`: why an INSERT may
    leave a NOT NULL column out although it has no default (a trigger).
    """

    name: str
    origin: Origin
    type: DataType | None = None
    nullable: bool | None = None
    primary_key: bool = False
    default: str = ""
    server_default: str = ""
    generated: str = ""
    unique: bool = False
    index: bool = False
    comment: str = ""
    # The class's attribute, where a model declares the column.
    attribute: str = ""
    fills: str = ""
    open: str = ""
    # What `ForeignKey("table.key")` and `table.c` know it by, where a model gives it a key that is not its name.
    key: str = ""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key. `target` is the table as named, with its schema if one is written; `target_columns` may be empty
    in SQL, which then means the primary key. `written`: one origin for each target, as `ForeignKey("t.c")` gives it."""

    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    origin: Origin
    target_schema: str = ""
    name: str = ""
    on_delete: str = ""
    on_update: str = ""
    written: tuple[Origin, ...] = ()
    # use_alter, deferrable and the like; and why the target cannot be told.
    open: str = ""
    # The target is given as a column and not by its name: it may be one of another MetaData.
    by_object: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A value that a type or CHECK allows, and where it stands. `kind`: "string" or "number"."""

    text: str
    origin: Origin
    kind: str = "string"


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint. `kind`: "unique", "check" (then `condition`, SQL as written) or "exclude".

    `allowed`: for a CHECK that does nothing but list the values of its one column, these values.
    """

    kind: str
    columns: tuple[str, ...]
    origin: Origin
    name: str = ""
    condition: str = ""
    allowed: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class Index:
    """An index; `columns` holds expressions as written where it is made on them. `method`: "gin", "" for the usual."""

    name: str
    columns: tuple[str, ...]
    origin: Origin
    unique: bool = False
    condition: str = ""
    method: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why a thing is open, and where the cause stands."""

    reason: str
    origin: Origin


@dataclass(slots=True)
class Table:
    """A table or view as one source declares it. Columns by name, in order.

    `kind`: "table", "view", "materialized view", "foreign table". `base`: the dotted module name and name of the
    declarative base, or of the MetaData; "" outside of models. `classes`: qualified names of the classes mapped to it.
    `open`: why columns may be missing, or may not be as they stand here; none = read whole. `constraints_open`: the
    same for keys, constraints and indexes. `parents`: keys of the tables that it inherits from or is a partition of.
    `again`: where the same MetaData is given a table of this name once more, by mistake or by another program.
    """

    name: str
    origin: Origin
    schema: str = ""
    kind: str = "table"
    base: str = ""
    classes: list[str] = field(default_factory=list)
    columns: dict[str, Column] = field(default_factory=dict)
    primary_key: tuple[str, ...] = ()
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    constraints: list[Constraint] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)
    comment: str = ""
    open: list[Unknown] = field(default_factory=list)
    primary_key_name: str = ""
    constraints_open: list[Unknown] = field(default_factory=list)
    parents: list[tuple[str, str]] = field(default_factory=list)
    again: list[Origin] = field(default_factory=list)

    @property
    def qualified(self) -> str:
        """`schema.name`, or the name alone."""
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True, slots=True)
class EnumType:
    """An enum type of the database, with its labels in order; `places` of those whose place is known."""

    name: str
    labels: tuple[str, ...]
    origin: Origin
    schema: str = ""
    places: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class DomainType:
    """A domain of the database. `type` None: not known. `conditions`: those of its CHECKs, as written."""

    name: str
    origin: Origin
    schema: str = ""
    type: DataType | None = None
    not_null: bool = False
    server_default: str = ""
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Relationship:
    """A relationship of a mapped class. Classes are `module.Qualname`; "" where the target cannot be told.

    `kind`: "relationship", "backref" (made by the other side's `backref=`). `secondary` is the table's name.
    """

    owner: str
    attribute: str
    target: str
    origin: Origin
    kind: str = "relationship"
    back_populates: str = ""
    backref: str = ""
    secondary: str = ""
    open: str = ""


@dataclass(slots=True)
class Catalog:
    """All that one source declares. `source`: "models", "migrations" or "sql".

    `name` tells catalogs of one source apart: the MetaData as `module:name`, the folder of the migration environment,
    the database. Tables by (schema, name). `open`: why tables may be missing, none = read whole.
    """

    source: str
    tables: dict[tuple[str, str], Table] = field(default_factory=dict)
    enums: dict[tuple[str, str], EnumType] = field(default_factory=dict)
    domains: dict[tuple[str, str], DomainType] = field(default_factory=dict)
    relationships: list[Relationship] = field(default_factory=list)
    open: list[Unknown] = field(default_factory=list)
    name: str = ""
