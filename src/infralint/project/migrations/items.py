"""Columns, constraints and indexes as operations are given them: `sa.Column(...)`, `sa.ForeignKeyConstraint(...)`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from infralint.project.catalog import Column, Constraint, DataType, EnumType, ForeignKey, Index, Origin, Table, Unknown
from infralint.project.interpret import Argument, Interpreter, ListValue, Made, TupleValue, Value
from infralint.project.migrations.calls import text_of
from infralint.project.migrations.server_types import ServerTypes, type_name
from infralint.project.models.columns import ColumnDraft, condition_text, draft_of, is_column, sql_text
from infralint.project.models.vocabulary import called_name
from infralint.project.replay.operations import CreateEnum, Operation, TableRef

# Types that give a lone primary key a sequence (SQLAlchemy, Table._autoincrement_column; PostgreSQL's SERIAL).
_INTEGERS = frozenset({"Integer", "INTEGER", "BigInteger", "BIGINT", "SmallInteger", "SMALLINT", "INT"})
# What is drawn on a table and is no column.
_CONSTRAINTS = frozenset(
    {
        "ForeignKeyConstraint",
        "PrimaryKeyConstraint",
        "UniqueConstraint",
        "CheckConstraint",
        "ExcludeConstraint",
        "Index",
    }
)


@dataclass(slots=True)
class ColumnParts:
    """A column with what `sa.Column` brings: keys, constraints of `unique=True`, the index of `index=True`."""

    column: Column
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    constraints: list[Constraint] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)
    enum: EnumType | None = None
    autoincrement: Value = "auto"
    # Keys with `use_alter`, which CREATE TABLE leaves out on servers that can alter tables, and nothing adds later.
    deferred: list[ForeignKey] = field(default_factory=list)


@dataclass(slots=True)
class TableParts:
    """A table and the enum types that are made with it."""

    table: Table
    enums: list[EnumType] = field(default_factory=list)


class Items:
    """Reads the items of operations for one dialect. `convention`: the naming convention of `target_metadata`."""

    def __init__(self, interpreter: Interpreter, dialect: str) -> None:
        self.types = ServerTypes(interpreter, dialect)
        self.dialect = dialect

    def type(self, value: Value) -> DataType | None:
        """The type that an argument is, as the server has it; None where it cannot be told."""
        return self.types.read(value)

    def server_default(self, value: Value) -> tuple[str | None, str | None]:
        """(default, generated) of `alter_column(server_default=)`: "" for None, which drops it."""
        kind = type_name(value)
        if kind in ("Identity", "Computed"):
            return None, kind.lower()
        return ("" if value is None else sql_text(value)), None

    def column(self, ref: TableRef, argument: Argument) -> ColumnParts | None:
        """A column; None where the argument is none, or has no name that can be told."""
        made = argument.value
        if not isinstance(made, Made) or not is_column(made):
            return None
        draft = draft_of(made)
        if not draft.name:
            return None
        type_ = self.type(draft.type_value) if draft.has_type else None
        column = Column(
            draft.name,
            draft.origin,
            type_,
            draft.is_nullable,
            draft.primary_key,
            draft.default,
            draft.server_default,
            draft.generated,
            draft.unique,
            draft.index,
            draft.comment,
            open=draft.open,
        )
        parts = ColumnParts(column, enum=self._enum(draft))
        autoincrement = made.kwargs.get("autoincrement")
        parts.autoincrement = autoincrement.value if autoincrement is not None else "auto"
        self._add_keys(parts, draft, ref)
        return parts

    def added(self, ref: TableRef, argument: Argument) -> ColumnParts | None:
        """A column of `add_column`: Alembic draws it on a table of its own, so that a lone primary key of integers
        has a sequence there as well. SQLite numbers no rows that are there already."""
        found = self.column(ref, argument)
        if found is not None and self.dialect != "sqlite":
            alone = Table(ref.name, ref.origin, ref.schema, foreign_keys=found.foreign_keys)
            alone.primary_key = (found.column.name,) if found.column.primary_key else ()
            if _is_serial(alone, found):
                found.column = replace(found.column, generated="serial")
        return found

    def _add_keys(self, parts: ColumnParts, draft: ColumnDraft, ref: TableRef) -> None:
        name, origin = parts.column.name, draft.origin
        for made in draft.foreign_keys:
            parts.foreign_keys.append(_inline_key(made, name))
            if self.dialect != "sqlite" and _uses_alter(made):
                parts.deferred.append(parts.foreign_keys[-1])
        for made in draft.constraints:
            if type_name(made) == "CheckConstraint":
                parts.constraints.append(_check(made))
        if draft.index:
            index = Index(f"ix_{_label(ref)}_{name}", (name,), origin, draft.unique)
            parts.indexes.append(index)
        elif draft.unique:
            parts.constraints.append(Constraint("unique", (name,), origin))

    def _enum(self, draft: ColumnDraft) -> EnumType | None:
        """The enum type that a table with this column makes on PostgreSQL; None where it makes none."""
        return self.enum(draft.type_value) if self.dialect == "postgresql" and draft.has_type else None

    def enum(self, value: Value) -> EnumType | None:
        """The native enum type that a type is or holds, where tables make it; None for all others."""
        stored = self.types.resolve(value)
        if isinstance(stored, Made) and type_name(stored) == "ARRAY" and (item := stored.argument(0, "item_type")):
            stored = self.types.resolve(item.value)
        if not isinstance(stored, Made) or type_name(stored) not in ("Enum", "ENUM"):
            return None
        given = {name: argument.value for name, argument in stored.kwargs.items()}
        if given.get("create_type") is False or given.get("native_enum") is False:
            return None
        labels, name = self.types.types.labels(stored), self.types.types.enum_name(stored)
        schema = given.get("schema")
        if not name or labels is None:
            return None
        return EnumType(name, labels, stored.origin, schema if isinstance(schema, str) else "")

    def create_enum(self, enum: EnumType, origin: Origin, certain: bool) -> Operation:
        """CREATE TYPE; one that is there already is a mistake of its own."""
        return CreateEnum(origin=origin, certain=certain, enum=enum, if_not_exists=True)

    # Tables

    def table(self, ref: TableRef, arguments: Iterable[Argument], options: Mapping[str, Argument]) -> TableParts:
        """A table of `create_table`."""
        table = Table(ref.name, ref.origin, ref.schema)
        comment = options.get("comment")
        table.comment = comment.value if comment is not None and isinstance(comment.value, str) else ""
        made = TableParts(table)
        columns: list[ColumnParts] = []
        for argument in arguments:
            found = self.column(ref, argument)
            if found is not None:
                columns.append(found)
                _add_column(made, found)
            elif self.dialect != "sqlite" and _uses_alter(argument.value):
                continue
            elif not _add_item(table, argument.value):
                table.open.append(Unknown("an item of the table cannot be read", argument.origin))
        _settle(table, columns)
        return made

    def foreign_key(
        self,
        origin: Origin,
        name: str,
        columns: tuple[str, ...],
        target: TableRef,
        target_columns: tuple[str, ...],
        options: Mapping[str, Argument],
    ) -> ForeignKey:
        """A key of `create_foreign_key`."""
        return ForeignKey(
            columns,
            target.name,
            target_columns,
            origin,
            target.schema,
            name,
            _option(options, "ondelete"),
            _option(options, "onupdate"),
        )


def _add_column(made: TableParts, parts: ColumnParts) -> None:
    table = made.table
    table.columns[parts.column.name] = parts.column
    table.foreign_keys += [key for key in parts.foreign_keys if key not in parts.deferred]
    table.constraints += parts.constraints
    table.indexes += parts.indexes
    if parts.enum is not None and parts.enum.name not in {enum.name for enum in made.enums}:
        made.enums.append(parts.enum)


def _add_item(table: Table, value: Value) -> bool:
    """A constraint or index of a table. Returns whether the value is something that can stand there."""
    kind = type_name(value)
    if not isinstance(value, Made) or kind not in _CONSTRAINTS or value.is_open:
        return value is None
    name = value.kwargs.get("name")
    written = text_of(name.value) or "" if name is not None else ""
    names = tuple(found for each in value.args if (found := text_of(each.value)) is not None)
    if kind == "ForeignKeyConstraint":
        return _add_foreign_key(table, value, written)
    if kind == "PrimaryKeyConstraint":
        table.primary_key, table.primary_key_name = names, written
    elif kind == "UniqueConstraint":
        table.constraints.append(Constraint("unique", names, value.origin, written))
    elif kind == "CheckConstraint":
        table.constraints.append(_check(value))
    elif kind == "ExcludeConstraint":
        table.constraints.append(Constraint("exclude", (), value.origin, written))
    elif names:
        unique = value.kwargs.get("unique")
        columns = tuple(text_of(each.value) or sql_of(each.value) for each in value.args[1:])
        table.indexes.append(Index(names[0], columns, value.origin, unique is not None and unique.value is True))
    return True


def _uses_alter(value: Value) -> bool:
    option = value.kwargs.get("use_alter") if isinstance(value, Made) else None
    return option is not None and option.value is True


def _add_foreign_key(table: Table, made: Made, name: str) -> bool:
    local, remote = made.argument(0, "columns"), made.argument(1, "refcolumns")
    columns, targets = _texts(local), _texts(remote)
    if columns is None or targets is None:
        return False
    split = [_target(target) for target in targets]
    written = remote.value.items if remote is not None and isinstance(remote.value, (ListValue, TupleValue)) else ()
    table.foreign_keys.append(
        ForeignKey(
            columns,
            split[0][1] if split else "",
            tuple(column for _, _, column in split),
            made.origin,
            split[0][0] if split else "",
            name,
            _option(made.kwargs, "ondelete"),
            _option(made.kwargs, "onupdate"),
            tuple(item.origin for item in written),
        )
    )
    return True


def _inline_key(made: Made, column: str) -> ForeignKey:
    """`ForeignKey("schema.table.column")`; a target that is no string is open."""
    argument = made.argument(0, "column")
    target = text_of(argument.value) if argument is not None else None
    schema, table, name = _target(target) if target is not None else ("", "", "")
    named = made.kwargs.get("name")
    return ForeignKey(
        (column,),
        table,
        (name,) if name else (),
        made.origin,
        schema,
        text_of(named.value) or "" if named is not None else "",
        _option(made.kwargs, "ondelete"),
        _option(made.kwargs, "onupdate"),
        (argument.origin,) if argument is not None else (),
        "" if target is not None else "its target cannot be told",
    )


def _target(written: str) -> tuple[str, str, str]:
    """(schema, table, column) of `schema.table.column`."""
    parts = written.split(".")
    if len(parts) == 1:
        return "", parts[0], ""
    return ".".join(parts[:-2]), parts[-2], parts[-1]


def _check(made: Made) -> Constraint:
    condition, name = made.argument(0, "sqltext"), made.kwargs.get("name")
    written = condition_text(condition.value) if condition is not None else ""
    return Constraint("check", (), made.origin, text_of(name.value) or "" if name is not None else "", written)


def _settle(table: Table, columns: list[ColumnParts]) -> None:
    """The primary key from the columns' own marks, NOT NULL of its columns, and the sequence of a lone integer."""
    marked = tuple(name for name, column in table.columns.items() if column.primary_key)
    table.primary_key = table.primary_key or marked
    for name in table.primary_key:
        if name in table.columns:
            table.columns[name] = replace(table.columns[name], primary_key=True, nullable=False)
    table.constraints = list(_distinct(table))
    for parts in columns:
        if _is_serial(table, parts):
            column = table.columns[parts.column.name]
            table.columns[column.name] = replace(column, generated="serial")


def _distinct(table: Table) -> Iterator[Constraint]:
    """Constraints without those that PostgreSQL makes one with the primary key or with another: UNIQUE of the same
    columns in the same order (transformIndexConstraints in src/backend/parser/parse_utilcmd.c)."""
    seen = {table.primary_key}
    for constraint in table.constraints:
        if constraint.kind == "unique":
            if constraint.columns in seen:
                continue
            seen.add(constraint.columns)
        yield constraint


def _is_serial(table: Table, parts: ColumnParts) -> bool:
    """Whether PostgreSQL's compiler writes SERIAL for a column (Table._autoincrement_column)."""
    column = parts.column
    if column.name not in table.primary_key or column.type is None or column.type.name not in _INTEGERS:
        return False
    if column.server_default or column.generated:
        return False
    if parts.autoincrement is True:
        return True
    keyed = any(column.name in key.columns for key in table.foreign_keys)
    alone = len(table.primary_key) == 1 and not column.default
    return alone and (parts.autoincrement == "ignore_fk" or (parts.autoincrement == "auto" and not keyed))


def _texts(argument: Argument | None) -> tuple[str, ...] | None:
    value = argument.value if argument is not None else None
    if not isinstance(value, (ListValue, TupleValue)) or value.open is not None:
        return None
    found = tuple(text for each in value.values if (text := text_of(each)) is not None)
    return found if len(found) == len(value.items) else None


def _option(options: Mapping[str, Argument], name: str) -> str:
    found = options.get(name)
    return found.value.upper() if found is not None and isinstance(found.value, str) else ""


def _label(ref: TableRef) -> str:
    """The table in a default index name: `ix_<schema>_<table>_<column>`."""
    return f"{ref.schema.replace('.', '_')}_{ref.name}" if ref.schema else ref.name


def is_true(value: Value) -> bool:
    """Whether an option is set; one that cannot be told is."""
    return value is not None and value is not False


def sql_of(value: Value) -> str:
    """The SQL of an argument: a string as it stands, `text("...")`, an expression."""
    return "" if value is None else condition_text(value)


def is_table_of_columns(value: Value) -> bool:
    """`Table("name", metadata, ...)` of SQLAlchemy's core."""
    return isinstance(value, Made) and called_name(value) == "sqlalchemy.Table"
