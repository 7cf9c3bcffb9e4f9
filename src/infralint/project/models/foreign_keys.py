"""Where foreign keys lead: the tables and columns of a MetaData that they name.

Source: SQLAlchemy 1.3 to 2.1, `sql/schema.py` (ForeignKey._column_tokens, _resolve_column): a table without a schema is
looked up with the MetaData's schema, never with that of the table that points; columns are known by their keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from infralint.project.catalog import Column, ForeignKey, Origin, Table
from infralint.project.lookup import Absent, Known, Lookup, Open
from infralint.project.models.mapping import MetaData
from infralint.project.models.possible import Possible
from infralint.project.places import is_test


@dataclass(frozen=True, slots=True)
class Reference:
    """One column of a foreign key with what it names. `origin`: where the target is written."""

    metadata: MetaData
    table: Table
    key: ForeignKey
    index: int
    origin: Origin

    @property
    def table_name(self) -> str:
        """The table as SQLAlchemy looks it up: with the MetaData's schema where none is written."""
        return f"{self.key.target_schema}.{self.key.target}" if self.key.target_schema else self.key.target

    @property
    def target_column(self) -> str:
        """The key of the column that is named; without one it is the referring column's own name."""
        named = self.key.target_columns
        return named[self.index] if self.index < len(named) else ""


def references(metadata: MetaData) -> Iterator[Reference]:
    """Every column that a foreign key of the MetaData's tables names, those that cannot be read left out."""
    for _, table in sorted(metadata.catalog.tables.items()):
        for key in table.foreign_keys:
            if not (key.open or is_test(key.origin.path)):
                for index in range(max(len(key.columns), len(key.target_columns))):
                    origin = key.written[index] if index < len(key.written) else key.origin
                    yield Reference(metadata, table, key, index, origin)


def target_table(metadata: MetaData, key: ForeignKey, possible: Possible) -> Lookup[Table]:
    """The table that a foreign key names; `possible` says whether one may exist that nobody sees."""
    if key.open:
        return Open(key.open)
    found = metadata.catalog.tables.get((key.target_schema, key.target))
    if found is not None and found.again and found.origin.path != key.origin.path:
        return Open("more than one table of this name is declared")
    if found is not None:
        return Known(found)
    if key.by_object:
        return Open("the target is a column of another MetaData")
    reason = why_open(metadata, key.target) or possible.table_named(key.target)
    return Open(reason) if reason else Absent()


def why_open(metadata: MetaData, name: str) -> str:
    """Why a MetaData may have a table of that name in any schema: tables that cannot be told, or not their schema."""
    if metadata.open:
        return metadata.open[0].reason
    namesakes = (table for (_, each), table in metadata.catalog.tables.items() if each == name)
    return next((table.open[0].reason for table in namesakes if table.open), "")


def target_column(table: Table, key: str) -> Lookup[Column]:
    """The column of a table by its key."""
    for column in table.columns.values():
        if (column.key or column.name) == key:
            return Known(column)
    for column in table.columns.values():
        if column.open:
            return Open(column.open)
    return Open(table.open[0].reason) if table.open else Absent()
