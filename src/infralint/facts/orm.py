"""SQLAlchemy's declarative mapping as one file shows it.

Dotted names are given as the file writes them; the Project knows what they are imported from.
"""

from __future__ import annotations

import msgspec

from infralint.facts.text import Text
from infralint.source import Span


class OrmBase(msgspec.Struct, frozen=True):
    """A place where a declarative base is made.

    `name` is what the module binds it to. `form`: "declarative_base", "generate_base", "DeclarativeBase",
    "as_declarative", "automap_base", "SQLAlchemy" (Flask-SQLAlchemy's `db`), "registry".
    `span` is the call, or the class's name. `metadata`, `registry`: the dotted name of what it is given, with
    "()" behind it where that is a new object. `arguments`: names of the keywords (or class attributes) given.
    """

    name: str
    form: str
    span: Span
    metadata: str = ""
    registry: str = ""
    arguments: tuple[str, ...] = ()
    # What is called to make Flask-SQLAlchemy's `db`: its own class or one derived from it.
    maker: str = ""


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

    `target`: the class as named. `form`: "string" (looked up in the registry), "name" (a Python name), "annotation"
    (a name in quotes inside of an annotation: looked up in the registry under the `__name__` of what Python's name
    means), "annotation-name" (a name that Python evaluates with an annotation; looked up only where Python has no
    such name) or "open" (cannot be read). `span` is the target's literal or name.
    """

    attribute: str
    target: str
    form: str
    span: Span
    call: Span
    back_populates: Text | None = None
    backref: str = ""
    secondary: str = ""
    # What is called, as written; it may be somebody else's function of that name.
    called: str = ""


class OrmClass(msgspec.Struct, frozen=True):
    """What a class's body says of a mapping; its bases and keywords are in the outline under the same qualname.

    `table`: its `__tablename__` or Table name; None where the body gives none. `table_open` says why
    the table's name cannot be read; "lower" = the class's name in lower case, computed by `declared_attr`.
    `annotated`: attributes that have an annotation and no call, columns where the class is an SQLModel.
    `open` says why its columns cannot all be known ("" = they can).
    """

    name: str
    qualname: str
    span: Span
    table: Text | None = None
    table_open: str = ""
    schema: str = ""
    abstract: bool = False
    columns: tuple[OrmColumn, ...] = ()
    annotated: tuple[OrmColumn, ...] = ()
    relationships: tuple[OrmRelationship, ...] = ()
    table_columns: bool = False
    # Attributes made by a call of something that may be a column: (attribute, dotted name of the called).
    unknown: tuple[tuple[str, str], ...] = ()
    open: str = ""


class OrmAddition(msgspec.Struct, frozen=True):
    """`User.posts = relationship(...)` or `User.name = Column(...)` after the class; `owner` is its dotted name."""

    owner: str
    column: OrmColumn | None = None
    relationship: OrmRelationship | None = None


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
    """`registry.map_imperatively(Class, table)` or `mapper(Class, table)`, in dotted names."""

    mapped: str
    table: str
    registry: str
    span: Span


class OrmFacts(msgspec.Struct, frozen=True):
    """All that one module tells of SQLAlchemy's mapping."""

    bases: tuple[OrmBase, ...] = ()
    classes: tuple[OrmClass, ...] = ()
    additions: tuple[OrmAddition, ...] = ()
    tables: tuple[OrmTable, ...] = ()
    imperative: tuple[ImperativeMapping, ...] = ()
    # Foreign keys outside of columns: ForeignKeyConstraint in __table_args__ or Table.
    foreign_keys: tuple[OrmForeignKey, ...] = ()
    creates_engine: bool = False
    # Dotted names, as written, whose `.metadata` is used for more than to declare a Table.
    metadata_uses: tuple[str, ...] = ()
    # Dotted names, as written, to whose `.metadata` something is assigned.
    metadata_given: tuple[str, ...] = ()
