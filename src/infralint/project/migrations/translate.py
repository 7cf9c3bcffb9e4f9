"""Alembic's operations as changes of a schema, as `alembic/operations/{base,toimpl}.py` (1.20) makes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from infralint.project.catalog import Constraint, Index
from infralint.project.interpret import ListValue, TupleValue, Unknown, Value
from infralint.project.migrations.calls import OpCall, text_of
from infralint.project.migrations.items import Items, is_true, sql_of
from infralint.project.replay.operations import (
    AddColumn,
    AddConstraint,
    AddForeignKey,
    AddPrimaryKey,
    AlterColumn,
    CommentTable,
    CreateIndex,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropTable,
    OpenTables,
    Operation,
    RenameColumn,
    RenameTable,
    TableRef,
)

# Calls of `op` that leave the schema as it is.
HARMLESS = frozenset(
    {
        "batch_alter_table", "bulk_insert", "f", "get_bind", "get_context", "get_impl", "inline_literal",
        "__enter__", "__exit__",
    }
)  # fmt: skip


_ORDERED = re.compile(
    r'(?:(?P<plain>\w+)|"(?P<quoted>[^"]+)")(?:\s+(?:ASC|DESC))?(?:\s+NULLS\s+(?:FIRST|LAST))?', re.IGNORECASE
)


class Unreadable(Exception):
    """An operation that was not understood; the argument says why."""


@dataclass(frozen=True, slots=True)
class Translator:
    """Translates calls. `items` reads columns and types."""

    items: Items

    def translate(self, call: OpCall, certain: bool) -> list[Operation]:
        """What a call changes; an operation that is not understood makes its table open."""
        if call.name in HARMLESS:
            return []
        handler = _HANDLERS.get(call.name)
        try:
            if handler is None:
                raise Unreadable(f"`op.{call.name}` is not known")
            return list(handler(self, call, certain))
        except Unreadable as error:
            return [self._open(call, str(error), certain)]

    def _open(self, call: OpCall, reason: str, certain: bool) -> Operation:
        tables: tuple[TableRef, ...]
        try:
            tables = (self.table(call),)
        except Unreadable:
            tables = ()
        return OpenTables(origin=call.origin, certain=certain, reason=reason, tables=tables)

    # Arguments

    def table(self, call: OpCall, name: str = "table_name", schema: str = "schema") -> TableRef:
        """The table that an operation works on: its own argument, or that of the batch."""
        if call.batch is not None and name in ("table_name", "source_table"):
            return self.table(call.batch)
        written = call.text(name)
        if written is None:
            raise Unreadable("the name of its table cannot be told")
        return TableRef(written, call.place(name), _schema(call, schema))

    def name(self, call: OpCall, parameter: str) -> str:
        """A name that must be there."""
        written = call.text(parameter)
        if written is None:
            raise Unreadable(f"`{parameter}` of `op.{call.name}` cannot be told")
        return written

    def optional_name(self, call: OpCall, parameter: str) -> str:
        """The name of a constraint or index, "" for None and for one that cannot be told."""
        return call.text(parameter) or ""

    def columns(self, call: OpCall, parameter: str) -> tuple[str, ...]:
        """A list of columns, expressions as written."""
        value = call.value(parameter)
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, (ListValue, TupleValue)) or value.open is not None:
            raise Unreadable(f"`{parameter}` of `op.{call.name}` cannot be told")
        return tuple(_column_name(item) for item in value.values)

    # Operations

    def create_table(self, call: OpCall, certain: bool) -> Iterator[Operation]:
        """Types of enums, the table, its indexes."""
        ref = self.table(call)
        made = self.items.table(ref, call.rest(), call.made.kwargs)
        if any(name == "" for name in call.made.kwargs):
            raise Unreadable("arguments of `op.create_table` cannot be told")
        for enum in made.enums:
            yield self.items.create_enum(enum, call.origin, certain)
        if_not_exists = is_true(call.value("if_not_exists"))
        temporary = "TEMPORARY" in _words(call.value("prefixes"))
        yield CreateTable(
            origin=call.origin, certain=certain, table=made.table, if_not_exists=if_not_exists, temporary=temporary
        )

    def drop_table(self, call: OpCall, certain: bool) -> Iterator[Operation]:
        yield DropTable(
            origin=call.origin, certain=certain, table=self.table(call), if_exists=is_true(call.value("if_exists"))
        )

    def rename_table(self, call: OpCall, certain: bool) -> Iterator[Operation]:
        ref = self.table(call, "old_table_name")
        yield RenameTable(origin=call.origin, certain=certain, table=ref, name=self.name(call, "new_table_name"))

    def add_column(self, call: OpCall, certain: bool) -> Iterator[Operation]:
        """The column with its keys, then the indexes of `index=True`."""
        ref = self.table(call)
        argument = call.argument("column")
        if argument is None:
            raise Unreadable("the column of `op.add_column` cannot be told")
        found = self.items.added(ref, argument)
        if found is None:
            raise Unreadable("the column of `op.add_column` cannot be told")
        yield AddColumn(
            origin=call.origin,
            certain=certain,
            table=ref,
            column=found.column,
            foreign_keys=tuple(found.foreign_keys),
            constraints=tuple(found.constraints),
            if_not_exists=is_true(call.value("if_not_exists")),
        )
        for index in found.indexes:
            yield CreateIndex(origin=call.origin, certain=certain, table=ref, index=index)

    def drop_column(self, call: OpCall, certain: bool) -> Iterator[Operation]:
        yield DropColumn(
            origin=call.origin,
            certain=certain,
            table=self.table(call),
            column=self.name(call, "column_name"),
            if_exists=is_true(call.value("if_exists")),
        )

    def alter_column(self, call: OpCall, certain: bool) -> Iterator[Operation]:
        """The changes in the order of Alembic: type, null, default, comment, and the name last."""
        ref, name = self.table(call), self.name(call, "column_name")
        server_default = call.argument("server_default")
        generated: str | None = None
        default: str | None = None
        if server_default is not None and server_default.value is not False:
            default, generated = self.items.server_default(server_default.value)
        changed = call.argument("type_")
        type_ = self.items.type(changed.value) if changed is not None and changed.value is not None else None
        existing = call.value("existing_type")
        using = call.argument("postgresql_using")
        nullable, comment = call.value("nullable"), call.value("comment")
        is_set = comment is not False and call.argument("comment") is not None
        yield AlterColumn(
            origin=call.origin,
            certain=certain,
            table=ref,
            column=name,
            type=type_,
            type_origin=changed.origin if changed is not None else None,
            type_open="its new type cannot be told"
            if changed is not None and changed.value is not None and type_ is None
            else "",
            using=sql_of(using.value) if using is not None else "",
            using_origin=using.origin if using is not None else None,
            nullable=nullable if isinstance(nullable, bool) else None,
            server_default=default,
            generated=generated,
            comment=(comment if isinstance(comment, str) else "") if is_set else None,
            existing_type=self.items.type(existing) if existing is not None else None,
        )
        if isinstance(nullable, Unknown):
            yield OpenTables(origin=call.origin, certain=certain, reason="`nullable` cannot be told", tables=(ref,))
        if call.value("new_column_name") is not None:
            new = self.name(call, "new_column_name")
            yield RenameColumn(origin=call.origin, certain=certain, table=ref, column=name, name=new)

    def create_primary_key(self, call: OpCall, certain: bool) -> Iterator[Operation]:
        yield AddPrimaryKey(
            origin=call.origin,
            certain=certain,
            table=self.table(call),
            columns=self.columns(call, "columns"),
            name=self.optional_name(call, "constraint_name"),
        )

    def create_foreign_key(self, call: OpCall, certain: bool) -> Iterator[Operation]:
        ref = self.table(call, "source_table", "source_schema")
        target = self.table(call, "referent_table", "referent_schema")
        key = self.items.foreign_key(
            call.origin,
            self.optional_name(call, "constraint_name"),
            self.columns(call, "local_cols"),
            target,
            self.columns(call, "remote_cols"),
            call.made.kwargs,
        )
        yield AddForeignKey(origin=call.origin, certain=certain, table=ref, foreign_key=key)

    def create_unique_constraint(self, call: OpCall, certain: bool) -> Iterator[Operation]:
        name, columns = self.optional_name(call, "constraint_name"), self.columns(call, "columns")
        yield self._constraint(call, certain, Constraint("unique", columns, call.origin, name))

    def create_check_constraint(self, call: OpCall, certain: bool) -> Iterator[Operation]:
        name, condition = self.optional_name(call, "constraint_name"), sql_of(call.value("condition"))
        yield self._constraint(call, certain, Constraint("check", (), call.origin, name, condition))

    def create_exclude_constraint(self, call: OpCall, certain: bool) -> Iterator[Operation]:
        name = self.optional_name(call, "constraint_name")
        yield self._constraint(call, certain, Constraint("exclude", (), call.origin, name))

    def _constraint(self, call: OpCall, certain: bool, constraint: Constraint) -> Operation:
        return AddConstraint(origin=call.origin, certain=certain, table=self.table(call), constraint=constraint)

    def drop_constraint(self, call: OpCall, certain: bool) -> Iterator[Operation]:
        kind = call.value("type_")
        yield DropConstraint(
            origin=call.origin,
            certain=certain,
            table=self.table(call),
            name=self.optional_name(call, "constraint_name"),
            kind=kind if isinstance(kind, str) else "",
            if_exists=is_true(call.value("if_exists")),
        )

    def create_index(self, call: OpCall, certain: bool) -> Iterator[Operation]:
        index = Index(
            self.optional_name(call, "index_name"),
            self.columns(call, "columns"),
            call.origin,
            is_true(call.value("unique")),
            sql_of(call.value("postgresql_where")),
        )
        yield CreateIndex(
            origin=call.origin,
            certain=certain,
            table=self.table(call),
            index=index,
            if_not_exists=is_true(call.value("if_not_exists")),
        )

    def drop_index(self, call: OpCall, certain: bool) -> Iterator[Operation]:
        has_table = call.batch is not None or call.text("table_name") is not None
        yield DropIndex(
            origin=call.origin,
            certain=certain,
            name=self.optional_name(call, "index_name"),
            schema=_schema(call, "schema"),
            table=self.table(call) if has_table else None,
            if_exists=is_true(call.value("if_exists")),
        )

    def create_table_comment(self, call: OpCall, certain: bool) -> Iterator[Operation]:
        comment = call.value("comment")
        written = comment if isinstance(comment, str) else ""
        yield CommentTable(origin=call.origin, certain=certain, table=self.table(call), comment=written)


_Handler = Callable[[Translator, OpCall, bool], Iterator[Operation]]
_HANDLERS: dict[str, _Handler] = {
    "add_column": Translator.add_column,
    "alter_column": Translator.alter_column,
    "create_check_constraint": Translator.create_check_constraint,
    "create_exclude_constraint": Translator.create_exclude_constraint,
    "create_foreign_key": Translator.create_foreign_key,
    "create_index": Translator.create_index,
    "create_primary_key": Translator.create_primary_key,
    "create_table": Translator.create_table,
    "create_table_comment": Translator.create_table_comment,
    "create_unique_constraint": Translator.create_unique_constraint,
    "drop_column": Translator.drop_column,
    "drop_constraint": Translator.drop_constraint,
    "drop_index": Translator.drop_index,
    "drop_table": Translator.drop_table,
    "drop_table_comment": Translator.create_table_comment,
    "rename_table": Translator.rename_table,
}


def _schema(call: OpCall, parameter: str) -> str:
    value = call.value(parameter)
    written = text_of(value)
    if value is not None and written is None:
        raise Unreadable("the schema of its table cannot be told")
    return written or ""


def _column_name(value: Value) -> str:
    """A column's name, also with its order behind it; or the SQL of an expression."""
    written = text_of(value)
    if written is not None:
        return written
    ordered = _ORDERED.fullmatch(sql_of(value).strip())
    return (ordered["plain"] or ordered["quoted"]) if ordered is not None else sql_of(value)


def _words(value: Value) -> set[str]:
    items = value.values if isinstance(value, (ListValue, TupleValue)) else ()
    return {word.upper() for item in items if isinstance(item, str) for word in item.split()}
