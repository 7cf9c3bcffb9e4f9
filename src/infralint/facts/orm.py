"""SQLAlchemy's declarative mapping as one file shows it.

Dotted names are given with the file's own import table applied: `sqlalchemy.orm.relationship`,
`.models.user.User` (relative imports keep their dots), or plain `Base` for a name of the module itself.
"""

from __future__ import annotations

import msgspec

from infralint.facts.text import Text
from infralint.source import Span


class OrmBase(msgspec.Struct, frozen=True):
    """A place where a declarative base is made.

    `name` is what the module binds it to. `form`: "declarative_base", "generate_base", "DeclarativeBase",
    "as_declarative", "automap_base", "SQLAlchemy" (Flask-SQLAlchemy's `db`), "registry".
    `span` is the call, or the class's name. `metadata`: the expression given as its own metadata,
    as written. `registry`: the dotted name of the registry that it uses. `arguments`: keywords given.
    """

    name: str
    form: str
    span: Span
    metadata: str = ""
    registry: str = ""
    arguments: tuple[str, ...] = ()


class OrmForeignKey(msgspec.Struct, frozen=True):
    """`ForeignKey(target)`; `target` is None where it is no text (a column object), `span` is the argument's."""

    target: Text | None
    span: Span


class OrmColumn(msgspec.Struct, frozen=True):
    """A column of a mapped class or Table. `name` is the database's, "" where it cannot be read."""

    attribute: str
    name: str
    span: Span
    type: str = ""
    nullable: bool | None = None
    primary_key: bool = False
    has_default: bool = False
    has_server_default: bool = False
    foreign_keys: tuple[OrmForeignKey, ...] = ()


class OrmRelationship(msgspec.Struct, frozen=True):
    """`relationship(...)` or `Relationship()`.

    `target`: the class as named; `form`: "string" (looked up in the registry), "name" (a Python name, dotted,
    imports applied) or "open" (cannot be read). `span` is the target's literal or name.
    """

    attribute: str
    target: str
    form: str
    span: Span
    call: Span
    back_populates: Text | None = None
    backref: str = ""
    secondary: str = ""


class OrmClass(msgspec.Struct, frozen=True):
    """A class whose body, bases or decorators speak of a mapping.

    `table`: its `__tablename__` or Table name; None where the class gives none. `open` says why
    its attributes cannot all be known ("" = they can); `table_open` the same of its table name.
    """

    name: str
    qualname: str
    span: Span
    bases: tuple[str, ...]
    keywords: tuple[tuple[str, str], ...] = ()
    decorators: tuple[str, ...] = ()
    table: Text | None = None
    table_open: str = ""
    schema: str = ""
    abstract: bool = False
    columns: tuple[OrmColumn, ...] = ()
    relationships: tuple[OrmRelationship, ...] = ()
    mixes_in: bool = False
    open: str = ""


class OrmTable(msgspec.Struct, frozen=True):
    """A `Table("name", metadata, Column(...), ...)`; `variable` is what it is bound to."""

    name: Text | None
    variable: str
    metadata: str
    span: Span
    schema: str = ""
    columns: tuple[OrmColumn, ...] = ()
    open: str = ""


class ImperativeMapping(msgspec.Struct, frozen=True):
    """`registry.map_imperatively(Class, table)` or `mapper(Class, table)`; names, imports applied."""

    mapped: str
    table: str
    registry: str
    span: Span


class OrmFacts(msgspec.Struct, frozen=True):
    """All that one module tells of SQLAlchemy's mapping."""

    bases: tuple[OrmBase, ...] = ()
    classes: tuple[OrmClass, ...] = ()
    tables: tuple[OrmTable, ...] = ()
    imperative: tuple[ImperativeMapping, ...] = ()
    # Foreign keys outside of columns: ForeignKeyConstraint in __table_args__ or Table.
    foreign_keys: tuple[OrmForeignKey, ...] = ()
    # Dotted names (imports applied) whose `.metadata` or `.registry` the module uses.
    handled: tuple[str, ...] = ()
    creates_engine: bool = False
