"""Changes of a database's schema: what an Alembic operation or a statement of DDL does, as values.

Lists of them run in order through the state machine of this package. A name is as written; quoting and folding are
done by who makes the value. A change that may not run is marked as `certain=False`: what it touches becomes open.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from infralint.facts.sql import SqlStatement
from infralint.project.catalog import (
    Column,
    Constraint,
    DataType,
    DomainType,
    EnumType,
    ForeignKey,
    Index,
    Origin,
    Table,
)


@dataclass(frozen=True, slots=True)
class TableRef:
    """A table as an operation names it."""

    name: str
    origin: Origin
    schema: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A change of the schema. `origin`: the call or statement. `certain`: whether it runs for sure."""

    origin: Origin
    certain: bool = True


@dataclass(frozen=True, slots=True)
class LikeTable:
    """`LIKE table INCLUDING ...` in a column list. `including`: "DEFAULTS", "CONSTRAINTS", ..., or "ALL"; `at`: how
    many of the table's own columns stand before it."""

    table: TableRef
    including: frozenset[str] = frozenset()
    at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTable(Operation):
    """CREATE TABLE or VIEW, with all that stands in it. Its indexes and constraints may have no name: the server's
    is then given when it is applied.

    `parents`: INHERITS, or the one table that it is a `partition` of. `replace`: CREATE OR REPLACE.
    """

    table: Table
    if_not_exists: bool = False
    temporary: bool = False
    replace: bool = False
    parents: tuple[TableRef, ...] = ()
    partition: bool = False
    likes: tuple[LikeTable, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateFromQuery(Operation):
    """CREATE VIEW, or CREATE TABLE ... AS. The columns are those of the statement's scope `scope`, under the names
    `names` as far as they go."""

    table: Table
    statement: SqlStatement
    scope: int
    names: tuple[str, ...] = ()
    if_not_exists: bool = False
    temporary: bool = False
    replace: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetParents(Operation):
    """ALTER TABLE ... INHERIT, NO INHERIT, ATTACH and DETACH PARTITION (then `partition`)."""

    table: TableRef
    parent: TableRef
    attach: bool
    partition: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FillColumns(Operation):
    """A trigger before INSERT: what a statement leaves out may be filled by it. `table` None: any table."""

    table: TableRef | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DropTable(Operation):
    """DROP TABLE, VIEW, ..."""

    table: TableRef
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameTable(Operation):
    """ALTER TABLE ... RENAME TO."""

    table: TableRef
    name: str
    if_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveTable(Operation):
    """ALTER TABLE ... SET SCHEMA."""

    table: TableRef
    schema: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddColumn(Operation):
    """ALTER TABLE ... ADD COLUMN, with the constraints that the column brings."""

    table: TableRef
    column: Column
    foreign_keys: tuple[ForeignKey, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DropColumn(Operation):
    """ALTER TABLE ... DROP COLUMN."""

    table: TableRef
    column: str
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameColumn(Operation):
    """ALTER TABLE ... RENAME COLUMN."""

    table: TableRef
    column: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlterColumn(Operation):
    """ALTER TABLE ... ALTER COLUMN. None: stays as it is.

    `type_origin`: the new type's place. `using`: the expression, as written, "" for none. `server_default`: "" drops
    it. `generated`: "" drops identity or expression. `existing_type`: what the migration says the old type is.
    """

    table: TableRef
    column: str
    type: DataType | None = None
    type_origin: Origin | None = None
    # The type changes to something that cannot be told.
    type_open: str = ""
    using: str = ""
    using_origin: Origin | None = None
    nullable: bool | None = None
    server_default: str | None = None
    generated: str | None = None
    comment: str | None = None
    existing_type: DataType | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPrimaryKey(Operation):
    """ALTER TABLE ... ADD PRIMARY KEY."""

    table: TableRef
    columns: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddForeignKey(Operation):
    """ALTER TABLE ... ADD FOREIGN KEY."""

    table: TableRef
    foreign_key: ForeignKey


@dataclass(frozen=True, slots=True, kw_only=True)
class AddConstraint(Operation):
    """ALTER TABLE ... ADD UNIQUE, CHECK or EXCLUDE."""

    table: TableRef
    constraint: Constraint


@dataclass(frozen=True, slots=True, kw_only=True)
class DropConstraint(Operation):
    """ALTER TABLE ... DROP CONSTRAINT. `kind`: "foreignkey", "unique", "check", "primary", "" where not told."""

    table: TableRef
    name: str
    kind: str = ""
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameConstraint(Operation):
    """ALTER TABLE ... RENAME CONSTRAINT."""

    table: TableRef
    old: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateIndex(Operation):
    """CREATE INDEX."""

    table: TableRef
    index: Index
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DropIndex(Operation):
    """DROP INDEX. `table`: None where the statement does not name it."""

    name: str
    schema: str = ""
    table: TableRef | None = None
    if_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameIndex(Operation):
    """ALTER INDEX ... RENAME TO."""

    old: str
    name: str
    schema: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateEnum(Operation):
    """CREATE TYPE ... AS ENUM. `if_not_exists`: SQLAlchemy's `checkfirst`."""

    enum: EnumType
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDomain(Operation):
    """CREATE DOMAIN."""

    domain: DomainType


@dataclass(frozen=True, slots=True, kw_only=True)
class AlterDomain(Operation):
    """ALTER DOMAIN: what is given takes the place of what was; `open`: its conditions cannot be told any more."""

    name: str
    schema: str = ""
    not_null: bool | None = None
    server_default: str | None = None
    condition: str = ""
    open: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DropType(Operation):
    """DROP TYPE or DOMAIN."""

    name: str
    schema: str = ""
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameType(Operation):
    """ALTER TYPE ... RENAME TO."""

    old: str
    name: str
    schema: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddEnumLabel(Operation):
    """ALTER TYPE ... ADD VALUE. `before`, `after`: the label beside which it is put; both "": at the end."""

    name: str
    label: str
    schema: str = ""
    before: str = ""
    after: str = ""
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameEnumLabel(Operation):
    """ALTER TYPE ... RENAME VALUE."""

    name: str
    old: str
    label: str
    schema: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSchema(Operation):
    """CREATE SCHEMA."""

    name: str
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DropSchema(Operation):
    """DROP SCHEMA."""

    name: str
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentTable(Operation):
    """COMMENT ON TABLE, and COMMENT ON COLUMN with `column`."""

    table: TableRef
    comment: str
    column: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSearchPath(Operation):
    """SET search_path: where names without a schema are made and looked for from here on."""

    schemas: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTables(Operation):
    """Something touches tables in a way that was not understood. No tables: any table, and tables may be made."""

    reason: str
    tables: tuple[TableRef, ...] = field(default=())
