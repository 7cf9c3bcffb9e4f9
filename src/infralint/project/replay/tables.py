"""What an operation does to one table, other tables left aside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from infralint.project.catalog import Column, Constraint, ForeignKey, Index, Origin, Table, Unknown
from infralint.project.replay.names import free_name, object_name

# Labels of the names that PostgreSQL gives (ChooseConstraintName's and ChooseIndexName's callers).
_LABELS = {"unique": "key", "check": "check", "exclude": "excl"}


def copied(table: Table) -> Table:
    """A table whose lists can be changed without changing those of `table`."""
    return replace(
        table,
        classes=list(table.classes),
        columns=dict(table.columns),
        foreign_keys=list(table.foreign_keys),
        constraints=list(table.constraints),
        indexes=list(table.indexes),
        open=list(table.open),
        constraints_open=list(table.constraints_open),
        parents=list(table.parents),
    )


def find_column(table: Table, name: str) -> str | None:
    """The key of a column: the name itself, or the one that differs from it by case alone."""
    if name in table.columns:
        return name
    folded = name.lower()
    close = [key for key in table.columns if key.lower() == folded]
    return close[0] if len(close) == 1 else None


def names_in(table: Table) -> set[str]:
    """Names of constraints and indexes of a table."""
    named: tuple[ForeignKey | Constraint | Index, ...] = (*table.foreign_keys, *table.constraints, *table.indexes)
    return {each.name for each in named} | {table.primary_key_name}


def add_primary_key(table: Table, columns: tuple[str, ...], name: str) -> None:
    """PRIMARY KEY: its columns are no longer nullable."""
    table.primary_key = tuple(find_column(table, column) or column for column in columns)
    table.primary_key_name = name or object_name(table.name, "", "pkey")
    for key in table.primary_key:
        if key in table.columns:
            table.columns[key] = replace(table.columns[key], nullable=False, primary_key=True)


def add_constraint(table: Table, constraint: Constraint, is_taken: Callable[[str], bool]) -> None:
    """UNIQUE, CHECK or EXCLUDE; without a name it gets the server's."""
    if not constraint.name:
        columns = constraint.columns if constraint.kind != "check" or len(constraint.columns) == 1 else ()
        name = free_name(table.name, "_".join(columns), _LABELS.get(constraint.kind, "key"), _either(table, is_taken))
        constraint = replace(constraint, name=name)
    table.constraints.append(constraint)


def add_foreign_key(table: Table, key: ForeignKey, is_taken: Callable[[str], bool]) -> None:
    """FOREIGN KEY; without a name it gets the server's."""
    if not key.name:
        key = replace(key, name=free_name(table.name, "_".join(key.columns), "fkey", _either(table, is_taken)))
    table.foreign_keys.append(key)


def add_index(table: Table, index: Index, is_taken: Callable[[str], bool]) -> None:
    """CREATE INDEX; without a name it gets the server's: expressions count as `expr` there."""
    if not index.name:
        index = replace(index, name=free_name(table.name, _parts(index), "idx", _either(table, is_taken)))
    table.indexes.append(index)


def _parts(index: Index) -> str:
    """The columns as they stand in an index's name: a repeated one with a number (ChooseIndexColumnNames)."""
    found: list[str] = []
    for column in index.columns:
        name = part = column if re.fullmatch(r"\w+", column) else "expr"
        number = 0
        while part in found:
            number += 1
            part = f"{name}{number}"
        found.append(part)
    return "_".join(found)


def _either(table: Table, is_taken: Callable[[str], bool]) -> Callable[[str], bool]:
    own = names_in(table)
    return lambda name: name in own or is_taken(name)


def drop_column(table: Table, name: str) -> bool:
    """DROP COLUMN, with the keys, constraints and indexes that it is part of. Returns whether it was there."""
    key = find_column(table, name)
    if key is None:
        return False
    del table.columns[key]
    if key in table.primary_key:
        table.primary_key, table.primary_key_name = (), ""
    table.foreign_keys = [each for each in table.foreign_keys if key not in each.columns]
    table.constraints = [each for each in table.constraints if key not in each.columns]
    table.indexes = [each for each in table.indexes if not _uses((*each.columns, each.condition), key)]
    return True


def _uses(texts: Iterable[str], name: str) -> bool:
    pattern = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
    return any(text == name or bool(pattern.search(text)) for text in texts)


def rename_column(table: Table, old: str, new: str, origin: Origin) -> bool:
    """RENAME COLUMN, in keys, constraints and indexes too. Returns whether it was there."""
    key = find_column(table, old)
    if key is None:
        return False
    columns = list(table.columns.items())
    table.columns = {
        (new if name == key else name): (replace(column, name=new, origin=origin) if name == key else column)
        for name, column in columns
    }
    table.primary_key = _renamed(table.primary_key, key, new)
    table.foreign_keys = [replace(each, columns=_renamed(each.columns, key, new)) for each in table.foreign_keys]
    table.constraints = [_renamed_constraint(each, key, new) for each in table.constraints]
    table.indexes = [replace(each, columns=_renamed(each.columns, key, new)) for each in table.indexes]
    return True


def _renamed_constraint(constraint: Constraint, old: str, new: str) -> Constraint:
    if old not in constraint.columns:
        return constraint
    condition = re.sub(rf"(?<![\w']){re.escape(old)}(?![\w'])", lambda _: new, constraint.condition)
    return replace(constraint, columns=_renamed(constraint.columns, old, new), condition=condition)


def _renamed(names: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    return tuple(new if name == old else name for name in names)


def drop_constraint(table: Table, name: str, kind: str) -> bool:
    """DROP CONSTRAINT. Returns whether it was there."""
    if table.primary_key and (name == table.primary_key_name or (not name and kind == "primary")):
        for key in table.primary_key:
            if key in table.columns:
                table.columns[key] = replace(table.columns[key], primary_key=False)
        table.primary_key, table.primary_key_name = (), ""
        return True
    if not name or name not in names_in(table):
        return False
    table.foreign_keys = [each for each in table.foreign_keys if each.name != name]
    table.constraints = [each for each in table.constraints if each.name != name]
    table.indexes = [each for each in table.indexes if each.name != name]
    return True


def rename_constraint(table: Table, old: str, new: str) -> bool:
    """RENAME CONSTRAINT. Returns whether it was there."""
    if table.primary_key and table.primary_key_name == old:
        table.primary_key_name = new
        return True
    before = names_in(table)
    table.foreign_keys = [replace(each, name=new) if each.name == old else each for each in table.foreign_keys]
    table.constraints = [replace(each, name=new) if each.name == old else each for each in table.constraints]
    return old in before


def mark_open(table: Table, unknown: Unknown) -> None:
    """From here on columns may be missing or differ."""
    if unknown not in table.open:
        table.open.append(unknown)


def mark_constraints_open(table: Table, unknown: Unknown) -> None:
    """From here on keys, constraints or indexes may be missing or differ."""
    if unknown not in table.constraints_open:
        table.constraints_open.append(unknown)


def mark_column_open(table: Table, name: str, reason: str) -> None:
    """From here on the column may be missing."""
    key = find_column(table, name)
    if key is not None:
        table.columns[key] = replace(table.columns[key], open=reason)


def put_column(table: Table, column: Column) -> None:
    """A column at the end, or in place of the one of its name."""
    table.columns[find_column(table, column.name) or column.name] = column
