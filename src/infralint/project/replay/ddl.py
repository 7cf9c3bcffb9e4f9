"""Changes as SQL states them (facts), to operations on a catalog: names folded, types read, places made whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from infralint.facts.sql import SqlChange, SqlColumn, SqlConstraint, SqlLiteral, SqlStatement, SqlTable
from infralint.facts.text import HOLE
from infralint.project.catalog import (
    Column,
    Constraint,
    DomainType,
    EnumType,
    ForeignKey,
    Index,
    Label,
    Origin,
    Table,
    Unknown,
)
from infralint.project.replay import operations as op
from infralint.project.replay.folding import folded
from infralint.project.replay.types import data_type, is_serial
from infralint.source import Span


def operations_of(
    path: str, statement: SqlStatement, dialect: str = "postgres", certain: bool = True
) -> Iterator[op.Operation]:
    """The operations of one statement of a file."""
    yield from operations(path, statement.changes, dialect, certain, statement)


def operations(
    path: str,
    changes: Iterable[SqlChange],
    dialect: str = "postgres",
    certain: bool = True,
    statement: SqlStatement | None = None,
) -> Iterator[op.Operation]:
    """The operations of changes, in order. `path`: the file that their spans are of; `statement`: the one that they
    are part of, for views. What is not certain to run gives operations that are not."""
    for change in changes:
        yield from _Translator(path, change, dialect, certain, statement).operations()


def unquoted(written: str, dialect: str) -> str:
    """An identifier as written, quotes included, as the server keeps it."""
    quote = written[:1]
    if quote in ('"', "`", "["):
        closing = "]" if quote == "[" else quote
        return folded(written[1:-1].replace(closing * 2, closing), True, dialect)
    return folded(written, False, dialect)


# Changes that, of any table, may give it columns or take some.
_OPENING = frozenset({"add", "open", "rename-column", "rename", "alter-column", "drop-column", "set-schema"})


@dataclass(slots=True)
class _Translator:
    path: str
    change: SqlChange
    dialect: str
    sure: bool
    statement: SqlStatement | None

    def operations(self) -> Iterator[op.Operation]:
        change = self.change
        if HOLE in change.table.name or (change.renamed is not None and HOLE in change.renamed.name):
            yield from self._unnamed()
            return
        made = _MAKERS[change.kind](self)
        yield from made

    # Small parts

    @property
    def origin(self) -> Origin:
        return Origin(self.path, self.change.table.span)

    @property
    def certain(self) -> bool:
        return self.sure and "uncertain" not in self.change.options

    def has(self, option: str) -> bool:
        return option in self.change.options

    def at(self, span: Span) -> Origin:
        return Origin(self.path, span)

    def name(self, written: str) -> str:
        return unquoted(written, self.dialect)

    def names(self, written: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.name(each) if _is_name(each) else each for each in written)

    def ref(self, table: SqlTable | None = None) -> op.TableRef:
        table = table or self.change.table
        return op.TableRef(
            folded(table.name, table.quoted, self.dialect),
            self.at(table.span),
            folded(table.schema, False, self.dialect),
        )

    def _unnamed(self) -> Iterator[op.Operation]:
        """A change of a table whose name is made at run time: any table may be meant by what adds or renames.

        Of statements in files the schema knows the pattern of the name, and what is added; it asks the facts.
        """
        change = self.change
        if self.statement is None and change.kind in _OPENING:
            reason = change.reason or "a change of a table whose name is made at run time"
            yield op.OpenTables(origin=self.origin, reason=reason)

    # Tables

    def create(self) -> Iterator[op.Operation]:
        change = self.change
        table = self._table()
        if change.query >= 0 and self.statement is not None:
            names = tuple(folded(column.name, column.quoted, self.dialect) for column in change.columns)
            table.columns = {}
            yield op.CreateFromQuery(
                origin=self.origin,
                certain=self.certain,
                table=table,
                statement=self.statement,
                scope=change.query,
                names=names,
                if_not_exists=self.has("if not exists"),
                temporary=self.has("temporary"),
                replace=self.has("or replace"),
            )
            return
        if change.query >= 0:
            table.open.append(Unknown("its query was not read", self.origin))
        likes = tuple(op.LikeTable(self.ref(like.table), frozenset(like.including), like.at) for like in change.likes)
        yield op.CreateTable(
            origin=self.origin,
            certain=self.certain,
            table=table,
            parents=tuple(self.ref(parent) for parent in change.parents),
            partition=self.has("partition"),
            likes=likes,
            if_not_exists=self.has("if not exists"),
            temporary=self.has("temporary"),
            replace=self.has("or replace"),
        )

    def _table(self) -> Table:
        change, ref = self.change, self.ref()
        table = Table(ref.name, ref.origin, ref.schema, change.object)
        if change.reason:
            table.open.append(Unknown(change.reason, ref.origin))
        for written in change.columns:
            column = self.column(written)
            table.columns[column.name] = column
        items = [each for column in change.columns for each in column.constraints] + list(change.constraints)
        for each in items:
            self._add_item(table, each)
        return table

    def _add_item(self, table: Table, item: SqlConstraint) -> None:
        if item.kind == "primary":
            table.primary_key, table.primary_key_name = self.names(item.columns), self.name(item.name)
        elif item.kind == "foreign":
            table.foreign_keys.append(self.foreign_key(item))
        elif item.kind == "index":
            table.indexes.append(self.index(item))
        else:
            table.constraints.append(self.constraint(item))

    def drop(self) -> Iterator[op.Operation]:
        yield op.DropTable(
            origin=self.origin,
            certain=self.certain,
            table=self.ref(),
            if_exists=self.has("if exists"),
            cascade=self.has("cascade"),
        )

    def rename(self) -> Iterator[op.Operation]:
        new = self.change.renamed
        assert new is not None
        yield op.RenameTable(
            origin=self.origin,
            certain=self.certain,
            table=self.ref(),
            name=folded(new.name, new.quoted, self.dialect),
            if_exists=self.has("table if exists"),
        )

    def set_schema(self) -> Iterator[op.Operation]:
        name = self.name(self.change.name)
        yield op.MoveTable(origin=self.origin, certain=self.certain, table=self.ref(), schema=name)

    def parents(self) -> Iterator[op.Operation]:
        attach = self.change.kind == "attach"
        for parent in self.change.parents:
            yield op.SetParents(
                origin=self.origin,
                certain=self.certain,
                table=self.ref(),
                parent=self.ref(parent),
                attach=attach,
                partition=self.has("partition"),
            )

    def fill(self) -> Iterator[op.Operation]:
        yield op.FillColumns(origin=self.origin, table=self.ref(), reason=self.change.reason)

    def comment(self) -> Iterator[op.Operation]:
        column = self.name(self.change.old) if self.change.old else ""
        yield op.CommentTable(
            origin=self.origin, certain=self.certain, table=self.ref(), comment=self.change.name, column=column
        )

    def open(self) -> Iterator[op.Operation]:
        yield op.OpenTables(origin=self.origin, reason=self.change.reason, tables=(self.ref(),))

    # Columns

    def column(self, written: SqlColumn) -> Column:
        """A column of the catalog; its keys and constraints are the table's."""
        name = folded(written.name, written.quoted, self.dialect)
        serial = is_serial(written.type) and self.dialect == "postgres"
        rowid = self.dialect == "sqlite" and written.primary_key and written.type.strip().upper() == "INTEGER"
        generated = written.generated or ("serial" if serial else "rowid" if rowid else "")
        return Column(
            name,
            self.at(written.span),
            data_type(written.type, self.dialect),
            nullable=not (written.not_null or serial),
            primary_key=written.primary_key,
            server_default=_default(written.default),
            generated=generated,
            comment=written.comment,
        )

    def add(self) -> Iterator[op.Operation]:
        for written in self.change.columns:
            column = self.column(written)
            foreign = [each for each in written.constraints if each.kind == "foreign"]
            others = [each for each in written.constraints if each.kind in ("unique", "check")]
            yield op.AddColumn(
                origin=self.origin,
                certain=self.certain,
                table=self.ref(),
                column=column,
                foreign_keys=tuple(self.foreign_key(each) for each in foreign),
                constraints=tuple(self.constraint(each) for each in others),
                if_not_exists=self.has("if not exists"),
            )

    def drop_column(self) -> Iterator[op.Operation]:
        yield op.DropColumn(
            origin=self.origin,
            certain=self.certain,
            table=self.ref(),
            column=self.name(self.change.old),
            if_exists=self.has("if exists"),
            cascade=self.has("cascade"),
        )

    def rename_column(self) -> Iterator[op.Operation]:
        new = self.change.columns[0]
        yield op.RenameColumn(
            origin=self.at(new.span),
            certain=self.certain,
            table=self.ref(),
            column=self.name(self.change.old),
            name=folded(new.name, new.quoted, self.dialect),
        )

    def alter_column(self) -> Iterator[op.Operation]:
        written = self.change.columns[0]
        made = self.column(written)
        retyped = self.has("type")
        nullable = False if self.has("set not null") else True if self.has("drop not null") else None
        default = _default(written.default) if self.has("set default") else "" if self.has("drop default") else None
        generated = written.generated if self.has("set generated") else "" if self.has("drop generated") else None
        yield op.AlterColumn(
            origin=self.at(written.span),
            certain=self.certain,
            table=self.ref(),
            column=made.name,
            type=made.type if retyped else None,
            type_origin=self.at(written.type_span) if written.type_span is not None else None,
            type_open="the type cannot be read" if retyped and made.type is None else "",
            using=written.using,
            using_origin=self.at(written.using_span) if written.using_span is not None else None,
            nullable=nullable,
            server_default=default,
            generated=generated,
        )

    # Constraints

    def foreign_key(self, item: SqlConstraint) -> ForeignKey:
        assert item.target is not None
        target = self.ref(item.target)
        return ForeignKey(
            self.names(item.columns),
            target.name,
            self.names(item.target_columns),
            self.at(item.span),
            target.schema,
            self.name(item.name),
            item.on_delete,
            item.on_update,
            written=(target.origin,),
        )

    def constraint(self, item: SqlConstraint) -> Constraint:
        allowed = tuple(self.label(literal) for literal in item.allowed)
        columns = self.names(item.columns)
        return Constraint(item.kind, columns, self.at(item.span), self.name(item.name), item.condition, allowed)

    def label(self, literal: SqlLiteral) -> Label:
        return Label(literal.value, self.at(literal.span), literal.kind)

    def index(self, item: SqlConstraint) -> Index:
        columns = self.names(item.columns)
        name = self.name(item.name)
        return Index(name, columns, self.at(item.span), item.unique, item.condition, item.using)

    def add_constraint(self) -> Iterator[op.Operation]:
        table, sure = self.ref(), self.certain
        for item in self.change.constraints:
            at = self.at(item.span)
            if item.kind == "primary":
                columns, name = self.names(item.columns), self.name(item.name or item.using)
                yield op.AddPrimaryKey(origin=at, certain=sure, table=table, columns=columns, name=name)
            elif item.kind == "foreign":
                yield op.AddForeignKey(origin=at, certain=sure, table=table, foreign_key=self.foreign_key(item))
            elif item.kind == "index":
                again = self.has("if not exists")
                yield op.CreateIndex(origin=at, certain=sure, table=table, index=self.index(item), if_not_exists=again)
            else:
                yield op.AddConstraint(origin=at, certain=sure, table=table, constraint=self.constraint(item))

    def drop_constraint(self) -> Iterator[op.Operation]:
        yield op.DropConstraint(
            origin=self.origin,
            certain=self.certain,
            table=self.ref(),
            name=self.name(self.change.old),
            kind="primary" if self.has("primary") else "",
            if_exists=self.has("if exists"),
            cascade=self.has("cascade"),
        )

    def rename_constraint(self) -> Iterator[op.Operation]:
        old, new = self.name(self.change.old), self.name(self.change.name)
        yield op.RenameConstraint(origin=self.origin, certain=self.certain, table=self.ref(), old=old, name=new)

    def drop_index(self) -> Iterator[op.Operation]:
        table = self.ref() if self.change.table.name else None
        yield op.DropIndex(
            origin=self.origin,
            certain=self.certain,
            name=self.name(self.change.old),
            schema=self.change.table.schema,
            table=table,
            if_exists=self.has("if exists"),
        )

    def rename_index(self) -> Iterator[op.Operation]:
        old, new = self.name(self.change.old), self.name(self.change.name)
        yield op.RenameIndex(origin=self.origin, certain=self.certain, old=old, name=new)

    # Types and schemas

    def create_enum(self) -> Iterator[op.Operation]:
        if self.change.reason:
            return
        ref = self.ref()
        values = tuple(self.label(label) for label in self.change.labels)
        enum = EnumType(ref.name, tuple(value.text for value in values), ref.origin, ref.schema, values)
        if_not_exists = self.has("if not exists")
        yield op.CreateEnum(origin=self.origin, certain=self.certain, enum=enum, if_not_exists=if_not_exists)

    def add_label(self) -> Iterator[op.Operation]:
        label, *beside = self.change.labels
        other = beside[0].value if beside else ""
        ref = self.ref()
        yield op.AddEnumLabel(
            origin=self.at(label.span),
            certain=self.certain,
            name=ref.name,
            label=label.value,
            schema=ref.schema,
            before=other if self.has("before") else "",
            after=other if self.has("after") else "",
            if_not_exists=self.has("if not exists"),
        )

    def rename_label(self) -> Iterator[op.Operation]:
        old, new = self.change.labels
        ref = self.ref()
        yield op.RenameEnumLabel(
            origin=self.at(new.span),
            certain=self.certain,
            name=ref.name,
            old=old.value,
            label=new.value,
            schema=ref.schema,
        )

    def create_domain(self) -> Iterator[op.Operation]:
        (written,) = self.change.columns
        ref = self.ref()
        checks = tuple(each.condition for each in written.constraints if each.kind == "check")
        kind = data_type(written.type, self.dialect)
        domain = DomainType(ref.name, ref.origin, ref.schema, kind, written.not_null, written.default, checks)
        yield op.CreateDomain(origin=self.origin, certain=self.certain, domain=domain)

    def alter_domain(self) -> Iterator[op.Operation]:
        change, ref = self.change, self.ref()
        default = change.columns[0].default if self.has("set default") else "" if self.has("drop default") else None
        checks = [each.condition for each in change.constraints if each.kind == "check"]
        yield op.AlterDomain(
            origin=self.origin,
            certain=self.certain,
            name=ref.name,
            schema=ref.schema,
            not_null=True if self.has("set not null") else False if self.has("drop not null") else None,
            server_default=default,
            condition=checks[0] if checks else "",
            open=change.reason,
        )

    def drop_type(self) -> Iterator[op.Operation]:
        ref = self.ref()
        yield op.DropType(
            origin=self.origin,
            certain=self.certain,
            name=ref.name,
            schema=ref.schema,
            if_exists=self.has("if exists"),
            cascade=self.has("cascade"),
        )

    def rename_type(self) -> Iterator[op.Operation]:
        ref, name = self.ref(), self.name(self.change.name)
        yield op.RenameType(origin=self.origin, certain=self.certain, old=ref.name, name=name, schema=ref.schema)

    def create_schema(self) -> Iterator[op.Operation]:
        name, if_not_exists = self.name(self.change.name), self.has("if not exists")
        yield op.CreateSchema(origin=self.origin, certain=self.certain, name=name, if_not_exists=if_not_exists)

    def drop_schema(self) -> Iterator[op.Operation]:
        yield op.DropSchema(
            origin=self.origin,
            certain=self.certain,
            name=self.name(self.change.name),
            if_exists=self.has("if exists"),
            cascade=self.has("cascade"),
        )

    def search_path(self) -> Iterator[op.Operation]:
        schemas = tuple(self.name(name) for name in self.change.names)
        yield op.SetSearchPath(origin=self.origin, certain=self.certain, schemas=schemas)


_MAKERS: dict[str, Callable[[_Translator], Iterator[op.Operation]]] = {
    "create": _Translator.create,
    "drop": _Translator.drop,
    "rename": _Translator.rename,
    "set-schema": _Translator.set_schema,
    "attach": _Translator.parents,
    "detach": _Translator.parents,
    "fill": _Translator.fill,
    "comment": _Translator.comment,
    "open": _Translator.open,
    "add": _Translator.add,
    "drop-column": _Translator.drop_column,
    "rename-column": _Translator.rename_column,
    "alter-column": _Translator.alter_column,
    "add-constraint": _Translator.add_constraint,
    "drop-constraint": _Translator.drop_constraint,
    "rename-constraint": _Translator.rename_constraint,
    "drop-index": _Translator.drop_index,
    "rename-index": _Translator.rename_index,
    "create-enum": _Translator.create_enum,
    "add-label": _Translator.add_label,
    "rename-label": _Translator.rename_label,
    "create-domain": _Translator.create_domain,
    "alter-domain": _Translator.alter_domain,
    "drop-type": _Translator.drop_type,
    "rename-type": _Translator.rename_type,
    "create-schema": _Translator.create_schema,
    "drop-schema": _Translator.drop_schema,
    "search-path": _Translator.search_path,
}


def _default(written: str) -> str:
    """A default as written; DEFAULT NULL is none."""
    return "" if re.match(r"NULL\s*(?:::|$)", written, re.IGNORECASE) else written


def _is_name(written: str) -> bool:
    return written[:1] in ('"', "`", "[") or written.replace("$", "_").isidentifier()
