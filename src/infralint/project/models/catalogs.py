"""Catalogs of models, when all tables are known: what extends what, types behind foreign keys, what is printed."""

from __future__ import annotations

import dataclasses

from infralint.project.catalog import Catalog, Column, DataType, Table
from infralint.project.models.mapping import MetaData
from infralint.project.places import is_test

_MAX_CHAIN = 20


def without_tests(catalog: Catalog) -> Catalog:
    """The catalog without what tests declare, foreign keys' targets by names."""
    tables = {key: table for key, table in catalog.tables.items() if not is_test(table.origin.path)}
    named = {key: _with_named_targets(table, catalog) for key, table in tables.items()}
    return dataclasses.replace(catalog, tables=named)


def _with_named_targets(table: Table, catalog: Catalog) -> Table:
    """The table with its foreign keys' targets by the columns' names, which models give by their keys."""
    found = []
    for key in table.foreign_keys:
        target = catalog.tables.get((key.target_schema, key.target))
        names = tuple(_by_key(target, column) for column in key.target_columns) if target else key.target_columns
        found.append(dataclasses.replace(key, target_columns=names) if names != key.target_columns else key)
    return dataclasses.replace(table, foreign_keys=found)


def extend(known: Table, more: Table) -> None:
    """`extend_existing`: what a second declaration adds."""
    known.columns.update(more.columns)
    known.classes += [name for name in more.classes if name not in known.classes]
    known.foreign_keys += more.foreign_keys
    known.constraints += more.constraints
    known.indexes += more.indexes
    known.open += more.open
    known.primary_key = tuple(name for name, column in known.columns.items() if column.primary_key)


def take_types(metadata: MetaData) -> list[tuple[Table, Column]]:
    """A foreign key's column without a type has that of the column that it points at (ForeignKey._set_type).

    Gives the columns as they were, each with its table.
    """
    before = []
    for table in metadata.catalog.tables.values():
        for key in table.foreign_keys:
            for name in key.columns:
                column = table.columns.get(name)
                if column is not None and column.type is None and not column.open:
                    found = _target_type(metadata, table, name, _MAX_CHAIN)
                    if found is not None:
                        before.append((table, column))
                        table.columns[name] = dataclasses.replace(column, type=found)
    return before


def _target_type(metadata: MetaData, table: Table, name: str, left: int) -> DataType | None:
    column = table.columns.get(name)
    if column is None or column.type is not None or left == 0:
        return column.type if column else None
    for key in table.foreign_keys:
        if name not in key.columns or key.open:
            continue
        target = metadata.catalog.tables.get((key.target_schema, key.target))
        index = key.columns.index(name)
        named = key.target_columns[index] if index < len(key.target_columns) else ""
        if target is not None and (other := _by_key(target, named)):
            return _target_type(metadata, target, other, left - 1)
    return None


def _by_key(table: Table, key: str) -> str:
    if key in table.columns and not table.columns[key].key:
        return key
    return next((name for name, column in table.columns.items() if column.key == key), key)
