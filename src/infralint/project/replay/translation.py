"""One change of the schema on its way from SQL to operations: names, places, columns and constraints."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from infralint.facts.sql import SqlChange, SqlColumn, SqlConstraint, SqlLiteral, SqlStatement, SqlTable
from infralint.project.catalog import Column, Constraint, ForeignKey, Index, Label, Origin
from infralint.project.replay import operations as op
from infralint.project.replay.folding import folded
from infralint.project.replay.types import data_type, is_serial
from infralint.source import Span


def unquoted(written: str, dialect: str) -> str:
    """An identifier as written, quotes included, as the server keeps it."""
    quote = written[:1]
    if quote in ('"', "`", "["):
        closing = "]" if quote == "[" else quote
        return folded(written[1:-1].replace(closing * 2, closing), True, dialect)
    return folded(written, False, dialect)


def default_of(written: str) -> str:
    """A default as written; DEFAULT NULL is none."""
    return "" if re.match(r"NULL\s*(?:::|$)", written, re.IGNORECASE) else written


def _is_name(written: str) -> bool:
    return written[:1] in ('"', "`", "[") or written.replace("$", "_").isidentifier()


@dataclass(slots=True)
class Translation:
    """One change on its way to operations: its names folded, its places those of a file."""

    path: str
    change: SqlChange
    dialect: str
    sure: bool
    statement: SqlStatement | None

    @property
    def origin(self) -> Origin:
        """The place of what the change names."""
        return Origin(self.path, self.change.table.span)

    @property
    def certain(self) -> bool:
        """Whether the change runs for sure."""
        return self.sure and "uncertain" not in self.change.options

    def has(self, option: str) -> bool:
        """Whether the change has an option."""
        return option in self.change.options

    def at(self, span: Span) -> Origin:
        """A place of the file."""
        return Origin(self.path, span)

    def name(self, written: str) -> str:
        """A name as written, as the server keeps it."""
        return unquoted(written, self.dialect)

    def names(self, written: Iterable[str]) -> tuple[str, ...]:
        """Names of columns; expressions stay what they are."""
        return tuple(self.name(each) if _is_name(each) else each for each in written)

    def ref(self, table: SqlTable | None = None) -> op.TableRef:
        """The table that the change, or a part of it, names."""
        table = table or self.change.table
        return op.TableRef(
            folded(table.name, table.quoted, self.dialect),
            self.at(table.span),
            folded(table.schema, False, self.dialect),
        )

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
            server_default=default_of(written.default),
            generated=generated,
            comment=written.comment,
        )

    def foreign_key(self, item: SqlConstraint) -> ForeignKey:
        """A foreign key of the catalog."""
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
        """A constraint of the catalog."""
        allowed = tuple(self.label(literal) for literal in item.allowed)
        columns = self.names(item.columns)
        return Constraint(item.kind, columns, self.at(item.span), self.name(item.name), item.condition, allowed)

    def label(self, literal: SqlLiteral) -> Label:
        """A value with its place."""
        return Label(literal.value, self.at(literal.span), literal.kind)

    def index(self, item: SqlConstraint) -> Index:
        """An index."""
        columns = self.names(item.columns)
        name = self.name(item.name)
        return Index(name, columns, self.at(item.span), item.unique, item.condition, item.using)
