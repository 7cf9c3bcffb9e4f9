"""Operations on the columns, keys, constraints and indexes of one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from infralint.project.catalog import Column, Table, Unknown
from infralint.project.replay import tables as edit
from infralint.project.replay.apply_tables import inherited_column, pointed
from infralint.project.replay.operations import (
    AddColumn,
    AddConstraint,
    AddForeignKey,
    AddPrimaryKey,
    AlterColumn,
    CreateIndex,
    DropColumn,
    DropConstraint,
    DropIndex,
    Operation,
    RenameColumn,
    RenameConstraint,
    RenameIndex,
    TableRef,
)
from infralint.project.replay.state import UNCERTAIN, Key, State, doubt, key_of


def _with_children(state: State, ref: TableRef) -> Iterator[tuple[Key, Table]]:
    """The table that an operation names, and all that inherit from it."""
    table = state.changed(ref)
    key = state.find(ref)
    assert key is not None
    yield key, table
    pending = state.children(key)
    while pending:
        child = pending.pop()
        yield child, state.own(child)
        pending += state.children(child)


def _add(state: State, operation: AddColumn) -> None:
    for at, (key, table) in enumerate(_with_children(state, operation.table)):
        column = operation.column if at == 0 else inherited_column(operation.column)
        if key in state.filled:
            column = replace(column, fills=state.filled[key])
        existing = edit.find_column(table, column.name)
        if existing is not None:
            if at == 0 and not operation.if_not_exists and not table.columns[existing].open:
                state.fault(f"`{table.name}` has a column `{column.name}` already", operation.origin)
            continue
        edit.put_column(table, column if operation.certain else replace(column, open=UNCERTAIN))
        if at == 0:
            _add_keys_of_column(state, key, table, operation)


def _add_keys_of_column(state: State, key: Key, table: Table, operation: AddColumn) -> None:
    column = operation.column
    if unknown := doubt(operation):
        if operation.constraints or operation.foreign_keys or column.primary_key or column.unique:
            edit.mark_constraints_open(table, unknown)
        return
    if column.primary_key and not table.primary_key:
        edit.add_primary_key(table, (column.name,), "")
    for constraint in operation.constraints:
        edit.add_constraint(table, constraint, state.taken(key[0]))
    for foreign_key in operation.foreign_keys:
        edit.add_foreign_key(table, pointed(state, table, foreign_key), state.taken(key[0]))
    _register(state, key)


def _register(state: State, key: Key) -> None:
    if key in state.tables:
        state.register(key)


def _drop(state: State, operation: DropColumn) -> None:
    for at, (key, table) in enumerate(_with_children(state, operation.table)):
        if not operation.certain:
            edit.mark_column_open(table, operation.column, UNCERTAIN)
            continue
        if at and operation.column in state.own_columns.get(key, ()):
            continue
        was_key = edit.find_column(table, operation.column) in table.primary_key
        dropped = edit.drop_column(table, operation.column)
        if not dropped and not at and not operation.if_exists and not table.open:
            state.fault(f"`{table.name}` has no column `{operation.column}` to drop", operation.origin)
        if dropped and (operation.cascade or was_key):
            _forget_references(state, key, operation)


def _forget_references(state: State, key: Key, operation: DropColumn) -> None:
    """Foreign keys of other tables at a column that is gone, and views that may have shown it."""
    points_at = state.points_at(key)
    for other, table in list(state.tables.items()):
        if any(
            points_at(each.target_schema, each.target) and operation.column in each.target_columns
            for each in table.foreign_keys
        ):
            changed = state.own(other)
            changed.foreign_keys = [
                each
                for each in changed.foreign_keys
                if not (points_at(each.target_schema, each.target) and operation.column in each.target_columns)
            ]
    for view, reads in state.reads.items():
        if key in reads and view in state.tables and operation.cascade:
            edit.mark_open(state.own(view), Unknown("a column that it may show is dropped", operation.origin))


def _rename(state: State, operation: RenameColumn) -> None:
    for at, (key, table) in enumerate(_with_children(state, operation.table)):
        if not operation.certain:
            _maybe_renamed(table, operation)
            continue
        if edit.find_column(table, operation.name) not in (None, edit.find_column(table, operation.column)):
            reason = f"`{table.name}` has a column `{operation.name}` already"
            state.fault(reason, operation.origin)
            edit.mark_column_open(table, operation.column, reason)
            continue
        if edit.rename_column(table, operation.column, operation.name, operation.origin):
            state.former.setdefault(key, {})[operation.column] = operation.name
            _retarget(state, key, operation)
        elif not at:
            if not table.open:
                state.fault(f"`{table.name}` has no column `{operation.column}` to rename", operation.origin)
            edit.put_column(table, Column(operation.name, operation.origin, open="its old name is not known here"))


def _maybe_renamed(table: Table, operation: RenameColumn) -> None:
    old = edit.find_column(table, operation.column)
    column = table.columns[old] if old is not None else Column(operation.name, operation.origin)
    edit.mark_column_open(table, operation.column, UNCERTAIN)
    table.columns.setdefault(operation.name, replace(column, name=operation.name, open=UNCERTAIN))


def _retarget(state: State, key: Key, operation: RenameColumn) -> None:
    points_at = state.points_at(key)
    for other, table in list(state.tables.items()):
        if any(
            operation.column in each.target_columns and points_at(each.target_schema, each.target)
            for each in table.foreign_keys
        ):
            changed = state.own(other)
            changed.foreign_keys = [
                replace(
                    each,
                    target_columns=tuple(
                        operation.name if name == operation.column else name for name in each.target_columns
                    ),
                )
                if points_at(each.target_schema, each.target)
                else each
                for each in changed.foreign_keys
            ]


def _alter(state: State, operation: AlterColumn) -> None:
    for at, (_, table) in enumerate(_with_children(state, operation.table)):
        name = edit.find_column(table, operation.column)
        if name is None:
            if at:
                continue
            if not table.open:
                state.fault(f"`{table.name}` has no column `{operation.column}` to alter", operation.origin)
            name = operation.column
            table.columns[name] = Column(name, operation.origin, open="nothing before makes it")
        table.columns[name] = _altered(table.columns[name], replace(operation, generated=None) if at else operation)


def _altered(column: Column, operation: AlterColumn) -> Column:
    uncertain = not operation.certain
    if operation.type is not None or operation.type_open:
        column = replace(column, type=None if uncertain else operation.type)
    if operation.nullable is not None:
        column = replace(column, nullable=None if uncertain else operation.nullable)
    if operation.server_default is not None:
        column = replace(
            column, server_default=operation.server_default or (column.server_default if uncertain else "")
        )
        if not operation.server_default and not uncertain and column.generated == "serial":
            column = replace(column, generated="")
    if operation.generated or (operation.generated is not None and column.generated != "serial"):
        column = replace(column, generated=operation.generated or (column.generated if uncertain else ""))
        if operation.generated and not uncertain:
            column = replace(column, nullable=False if "identity" in operation.generated else column.nullable)
    if operation.comment is not None:
        column = replace(column, comment=operation.comment)
    return replace(column, open=column.open or UNCERTAIN) if uncertain else column


def _add_primary_key(state: State, operation: AddPrimaryKey) -> None:
    table = state.changed(operation.table)
    if unknown := doubt(operation):
        edit.mark_constraints_open(table, unknown)
        return
    # `ADD CONSTRAINT c PRIMARY KEY USING INDEX i`: the index's columns, and its end as an index.
    index = next((each for each in table.indexes if not operation.columns and each.name == operation.name), None)
    columns = index.columns if index is not None else operation.columns
    table.indexes = [each for each in table.indexes if each is not index]
    edit.add_primary_key(table, columns, operation.name)
    _register_ref(state, operation.table)


def _taken(state: State, ref: TableRef) -> Callable[[str], bool]:
    key = state.find(ref)
    return state.taken(key[0] if key is not None else "")


def _register_ref(state: State, ref: TableRef) -> None:
    key = state.find(ref)
    if key is not None:
        _register(state, key)


def _add_foreign_key(state: State, operation: AddForeignKey) -> None:
    table = state.changed(operation.table)
    if unknown := doubt(operation):
        edit.mark_constraints_open(table, unknown)
        return
    edit.add_foreign_key(table, pointed(state, table, operation.foreign_key), _taken(state, operation.table))
    _register_ref(state, operation.table)


def _add_constraint(state: State, operation: AddConstraint) -> None:
    if operation.constraint.kind == "check":
        targets = [table for _, table in _with_children(state, operation.table)]
    else:
        targets = [state.changed(operation.table)]
    for table in targets:
        if unknown := doubt(operation):
            edit.mark_constraints_open(table, unknown)
        else:
            edit.add_constraint(table, operation.constraint, _taken(state, operation.table))
    _register_ref(state, operation.table)


def _drop_constraint(state: State, operation: DropConstraint) -> None:
    for at, (key, table) in enumerate(_with_children(state, operation.table)):
        if unknown := doubt(operation):
            edit.mark_constraints_open(table, unknown)
            continue
        keys = table.primary_key if operation.kind == "primary" or operation.name == table.primary_key_name else ()
        if edit.drop_constraint(table, operation.name, operation.kind):
            if keys and operation.cascade:
                _forget_keys(state, key, keys)
        elif not at and not _drop_not_null(table, operation.name) and not operation.if_exists:
            # Under which name a constraint of before was made is not known everywhere.
            edit.mark_constraints_open(table, Unknown(f"`{operation.name}` is dropped", operation.origin))


def _forget_keys(state: State, key: Key, columns: tuple[str, ...]) -> None:
    points_at = state.points_at(key)
    for other, table in list(state.tables.items()):
        if any(points_at(each.target_schema, each.target) for each in table.foreign_keys):
            changed = state.own(other)
            changed.foreign_keys = [
                each
                for each in changed.foreign_keys
                if not (points_at(each.target_schema, each.target) and each.target_columns == columns)
            ]


def _drop_not_null(table: Table, name: str) -> bool:
    """NOT NULL is a constraint with a name since PostgreSQL 18."""
    for key, column in table.columns.items():
        if name == f"{table.name}_{key}_not_null":
            table.columns[key] = replace(column, nullable=True)
            return True
    return False


def _rename_constraint(state: State, operation: RenameConstraint) -> None:
    table = state.changed(operation.table)
    if not edit.rename_constraint(table, operation.old, operation.name) or not operation.certain:
        edit.mark_constraints_open(table, Unknown(f"`{operation.old}` is renamed", operation.origin))
    _register_ref(state, operation.table)


def _create_index(state: State, operation: CreateIndex) -> None:
    table = state.changed(operation.table)
    is_taken = _taken(state, operation.table)
    if operation.if_not_exists and operation.index.name and is_taken(operation.index.name):
        return
    if unknown := doubt(operation):
        edit.mark_constraints_open(table, unknown)
        return
    edit.add_index(table, operation.index, is_taken)
    _register_ref(state, operation.table)


def _drop_index(state: State, operation: DropIndex) -> None:
    schemas = [key_of(each, "")[0] for each in ((operation.schema,) if operation.schema else state.search_path)]
    for key, table in list(state.tables.items()):
        if key[0] in schemas and any(index.name == operation.name for index in table.indexes):
            changed = state.own(key)
            if unknown := doubt(operation):
                edit.mark_constraints_open(changed, unknown)
            else:
                changed.indexes = [index for index in changed.indexes if index.name != operation.name]
            return
    if operation.table is not None and not operation.if_exists:
        table = state.changed(operation.table)
        edit.mark_constraints_open(table, Unknown(f"`{operation.name}` is dropped", operation.origin))


def _rename_index(state: State, operation: RenameIndex) -> None:
    for key, table in list(state.tables.items()):
        keys = {table.primary_key_name, *(each.name for each in table.constraints if each.kind != "check")}
        if operation.old not in keys | {index.name for index in table.indexes}:
            continue
        changed = state.own(key)
        if any(index.name == operation.old for index in changed.indexes):
            changed.indexes = [
                replace(index, name=operation.name) if index.name == operation.old else index
                for index in changed.indexes
            ]
        else:
            edit.rename_constraint(changed, operation.old, operation.name)
        state.register(key)
        return


HANDLERS: dict[type[Operation], Callable[[State, Any], None]] = {
    AddColumn: _add,
    DropColumn: _drop,
    RenameColumn: _rename,
    AlterColumn: _alter,
    AddPrimaryKey: _add_primary_key,
    AddForeignKey: _add_foreign_key,
    AddConstraint: _add_constraint,
    DropConstraint: _drop_constraint,
    RenameConstraint: _rename_constraint,
    CreateIndex: _create_index,
    DropIndex: _drop_index,
    RenameIndex: _rename_index,
}
