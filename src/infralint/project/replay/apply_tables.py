"""Operations that make, drop, rename and move tables and views."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from infralint.project.catalog import Column, Constraint, ForeignKey, Table, Unknown
from infralint.project.replay import tables as edit
from infralint.project.replay.operations import (
    CommentTable,
    CreateFromQuery,
    CreateSchema,
    CreateTable,
    DropSchema,
    DropTable,
    FillColumns,
    LikeTable,
    MoveTable,
    OpenTables,
    Operation,
    RenameTable,
    SetParents,
    SetSearchPath,
    TableRef,
)
from infralint.project.replay.results import query_columns
from infralint.project.replay.state import Key, State, doubt, key_of


def _create(state: State, operation: CreateTable) -> None:
    table = _completed(state, operation)
    if operation.temporary:
        state.temporary[key_of("", table.name)] = table
        state.ever_temporary.append(table)
        return
    key = _home(state, table)
    if not _may_make(state, key, table, operation.if_not_exists, operation.replace):
        return
    if unknown := doubt(operation):
        edit.mark_open(table, unknown)
    state.put(key, table)
    _name_constraints(state, key, table)
    state.register(key)


def _home(state: State, table: Table) -> Key:
    """The key of a new table, which learns the schema that it is made in."""
    key = state.home(table.schema, table.name)
    table.schema = table.schema or key[0]
    return key


def _may_make(state: State, key: Key, table: Table, if_not_exists: bool, replaces: bool) -> bool:
    """Whether a table is to be made: not where one stands already, which is then told."""
    if key not in state.tables or replaces:
        return True
    if if_not_exists:
        state.ignored.append(table)
        return False
    reason = f"`{table.name}` is created twice"
    state.fault(reason, table.origin)
    existing = state.own(key)
    edit.mark_open(existing, Unknown(reason, table.origin))
    for name, column in table.columns.items():
        existing.columns.setdefault(name, replace(column, open=reason))
    return False


def _completed(state: State, operation: CreateTable) -> Table:
    """The table with the columns of its parents and of those that it is like; lists of its own."""
    table = edit.copied(operation.table)
    own = dict(table.columns)
    for like in reversed(operation.likes):
        _add_like(state, table, like)
    if operation.parents:
        inherited: dict[str, Column] = {}
        for ref in operation.parents:
            key = state.find(ref)
            if key is None:
                edit.mark_open(table, Unknown(f"`{ref.name}` is not known here", ref.origin))
                continue
            table.parents.append(key)
            _inherit(table, state.table(key), inherited, operation.partition)
        table.columns = {**inherited, **{name: _merged(inherited.get(name), c) for name, c in table.columns.items()}}
        state.own_columns[state.home(table.schema, table.name)] = frozenset(own)
    _settle_keys(table)
    return table


def _merged(inherited: Column | None, own: Column) -> Column:
    """A column that a child declares too: what it leaves out is its parent's."""
    if inherited is None:
        return own
    return replace(
        own,
        type=own.type or inherited.type,
        nullable=False if inherited.nullable is False else own.nullable,
        server_default=own.server_default or inherited.server_default,
        generated=own.generated or inherited.generated,
    )


def inherited_column(column: Column) -> Column:
    """A parent's column in a child that is no partition: keys and identity stay behind."""
    generated = "" if column.generated.startswith("identity") else column.generated
    return replace(column, primary_key=False, generated=generated)


def _inherit(table: Table, parent: Table, columns: dict[str, Column], partition: bool) -> None:
    """A parent's columns and checks; a partition has its keys, too (PostgreSQL 18 manual, 5.11 and 5.12.2)."""
    for name, column in parent.columns.items():
        columns.setdefault(name, column if partition else inherited_column(column))
    table.open += parent.open
    table.constraints_open += parent.constraints_open
    checks = [each for each in parent.constraints if partition or each.kind == "check"]
    table.constraints += [each if each.kind == "check" else replace(each, name="") for each in checks]
    if partition:
        table.primary_key = table.primary_key or parent.primary_key
        table.foreign_keys += [replace(each, name="") for each in parent.foreign_keys]
        table.indexes += [replace(each, name="") for each in parent.indexes]


def _add_like(state: State, table: Table, like: LikeTable) -> None:
    key = state.find(like.table)
    if key is None:
        edit.mark_open(table, Unknown(f"`{like.table.name}` is not known here", like.table.origin))
        return
    parent, including = state.table(key), like.including
    everything = "ALL" in including
    columns = list(table.columns.items())
    copied = {name: _like_column(column, everything, including) for name, column in parent.columns.items()}
    table.columns = {**dict(columns[: like.at]), **copied, **dict(columns[like.at :])}
    table.open += parent.open
    if everything or "CONSTRAINTS" in including:
        table.constraints += [each for each in parent.constraints if each.kind == "check"]
    if everything or "INDEXES" in including:
        table.constraints += [replace(each, name="") for each in parent.constraints if each.kind != "check"]
        table.indexes += [replace(each, name="") for each in parent.indexes]
        table.primary_key = table.primary_key or parent.primary_key


def _like_column(column: Column, everything: bool, including: frozenset[str]) -> Column:
    """A copied column. A serial's default is one of its own sequence, and copied as a default is."""
    kind = column.generated.partition(" ")[0]
    word = {"serial": "DEFAULTS", "identity": "IDENTITY", "computed": "GENERATED"}.get(kind, "DEFAULTS")
    return replace(
        column,
        primary_key=False,
        server_default=column.server_default if everything or "DEFAULTS" in including else "",
        generated=column.generated if everything or word in including else "",
        comment=column.comment if everything or "COMMENTS" in including else "",
    )


def _settle_keys(table: Table) -> None:
    """What a column says of keys, and what the table says, made one."""
    marked = tuple(name for name, column in table.columns.items() if column.primary_key)
    _drop_repeated(table, table.primary_key or marked)
    if table.primary_key or marked:
        edit.add_primary_key(table, table.primary_key or marked, table.primary_key_name)
    unique = {each.columns for each in table.constraints if each.kind == "unique"}
    for name, column in table.columns.items():
        if column.unique and (name,) not in unique and not column.index:
            table.constraints.append(Constraint("unique", (name,), column.origin))


def _drop_repeated(table: Table, primary: tuple[str, ...]) -> None:
    """Of keys on the same columns in one CREATE TABLE the first is made, the primary one before all; it takes the name
    of the next if it has none (transformIndexConstraints, src/backend/parser/parse_utilcmd.c)."""
    kept: list[Constraint] = []
    for constraint in table.constraints:
        same = [at for at, each in enumerate(kept) if each.kind == "unique" and each.columns == constraint.columns]
        if constraint.kind != "unique" or not constraint.columns:
            kept.append(constraint)
        elif constraint.columns == primary:
            table.primary_key_name = table.primary_key_name or constraint.name
        elif same:
            first = kept[same[0]]
            kept[same[0]] = first if first.name else replace(first, name=constraint.name)
        else:
            kept.append(constraint)
    table.constraints = kept


def _name_constraints(state: State, home: Key, table: Table) -> None:
    """The server's names for what has none: of a table's own first its checks, then its keys."""
    is_taken = state.taken(home[0])
    constraints, table.constraints = table.constraints, []
    for constraint in sorted(constraints, key=lambda each: each.kind != "check"):
        edit.add_constraint(table, constraint, is_taken)
    indexes, table.indexes = table.indexes, []
    for index in indexes:
        edit.add_index(table, index, is_taken)
    keys, table.foreign_keys = table.foreign_keys, []
    for key in keys:
        edit.add_foreign_key(table, pointed(state, table, key), is_taken)


def pointed(state: State, table: Table, key: ForeignKey) -> ForeignKey:
    """A foreign key with the columns that it means: those of the target's primary key where none are written."""
    if key.target_columns:
        return key
    own = key.target == table.name and key.target_schema in ("", table.schema)
    found = state.find(TableRef(key.target, key.origin, key.target_schema))
    primary = table.primary_key if own else state.table(found).primary_key if found is not None else ()
    return replace(key, target_columns=primary)


def _create_from_query(state: State, operation: CreateFromQuery) -> None:
    table = edit.copied(operation.table)
    columns, reads, unknown = query_columns(state, operation)
    table.columns = {column.name: column for column in columns}
    if unknown:
        edit.mark_open(table, Unknown(unknown, table.origin))
    if operation.temporary:
        state.temporary[key_of("", table.name)] = table
        state.ever_temporary.append(table)
        return
    key = _home(state, table)
    if _may_make(state, key, table, operation.if_not_exists, operation.replace):
        if uncertain := doubt(operation):
            edit.mark_open(table, uncertain)
        state.put(key, table)
        state.queries[key] = operation
        state.reads[key] = reads if table.kind != "table" else frozenset()


def _drop(state: State, operation: DropTable) -> None:
    key = state.find(operation.table)
    if key is None:
        if not operation.if_exists:
            state.fault(f"`{operation.table.name}` is dropped, and nothing before creates it", operation.origin)
        return
    if unknown := doubt(operation):
        edit.mark_open(state.own(key), unknown)
        return
    _remove(state, key, operation.cascade)


def _remove(state: State, key: Key, cascade: bool) -> None:
    """A table, and what cannot be without it: children always, since the server drops them or refuses."""
    for child in state.children(key):
        _remove(state, child, cascade)
    if cascade:
        for view in [view for view, reads in state.reads.items() if key in reads and view in state.tables]:
            _remove(state, view, cascade)
        points_at = state.points_at(key)
        for other, table in list(state.tables.items()):
            if other != key and any(points_at(each.target_schema, each.target) for each in table.foreign_keys):
                changed = state.own(other)
                kept = [each for each in changed.foreign_keys if not points_at(each.target_schema, each.target)]
                changed.foreign_keys = kept
    state.remove(key)
    state.queries.pop(key, None)
    state.reads.pop(key, None)
    state.filled.pop(key, None)


def _rename(state: State, operation: RenameTable) -> None:
    key = state.find(operation.table)
    if key is None and operation.if_exists:
        return
    table = state.changed(operation.table)
    _move(state, operation, state.find(operation.table), table, operation.name, table.schema)


def _move_schema(state: State, operation: MoveTable) -> None:
    table = state.changed(operation.table)
    _move(state, operation, state.find(operation.table), table, table.name, operation.schema)


def _move(state: State, operation: Operation, old: Key | None, table: Table, name: str, schema: str) -> None:
    assert old is not None
    new = key_of(schema, name)
    if old in state.temporary:
        state.temporary[new] = replace(state.temporary.pop(old), name=name)
        return
    if unknown := doubt(operation):
        edit.mark_open(table, unknown)
        other = replace(edit.copied(table), name=name, schema=schema)
        if new not in state.tables:
            state.put(new, other)
        return
    if new == old:
        return
    if new in state.tables:
        reason = f"`{table.name}` is renamed to `{name}`, which exists"
        state.fault(reason, operation.origin)
        taken = state.own(new)
        edit.mark_open(taken, Unknown(reason, operation.origin))
        for each, column in table.columns.items():
            taken.columns.setdefault(each, replace(column, open=reason))
        state.remove(old)
        return
    points_at = state.points_at(old)
    state.retarget(points_at, name, schema)
    table = state.own(old)
    state.remove(old)
    table.name, table.schema = name, schema
    state.tables[new] = table
    state.moved(old, new)


def _set_parents(state: State, operation: SetParents) -> None:
    table = state.changed(operation.table)
    child, parent = state.find(operation.table), state.find(operation.parent)
    assert child is not None
    if unknown := doubt(operation):
        edit.mark_open(table, unknown)
    elif parent is None:
        state.fault(f"`{operation.parent.name}` is not known here", operation.parent.origin)
    elif operation.attach:
        if parent not in table.parents:
            table.parents.append(parent)
        state.attach(parent, child)
        state.own_columns[child] = frozenset(table.columns)
        if operation.partition:
            _share_identity(table, state.table(parent), operation.attach)
    else:
        table.parents = [each for each in table.parents if each != parent]
        state.detach(parent, child)
        if operation.partition:
            _share_identity(table, state.table(parent), operation.attach)


def _share_identity(table: Table, parent: Table, attach: bool) -> None:
    """Partitions have the identity columns of their parent, as long as they are such (PostgreSQL 17 release notes)."""
    for name, column in parent.columns.items():
        if column.generated.startswith("identity") and name in table.columns:
            table.columns[name] = replace(table.columns[name], generated=column.generated if attach else "")


def _fill(state: State, operation: FillColumns) -> None:
    keys = list(state.tables) if operation.table is None else [state.find(operation.table)]
    for key in keys:
        if key is None or key in state.temporary:
            continue
        state.filled[key] = operation.reason
        table = state.own(key)
        table.columns = {name: replace(column, fills=operation.reason) for name, column in table.columns.items()}


def _open(state: State, operation: OpenTables) -> None:
    unknown = Unknown(operation.reason, operation.origin)
    for ref in operation.tables:
        edit.mark_open(state.changed(ref), unknown)
    if not operation.tables:
        state.open_all(unknown)


def _comment(state: State, operation: CommentTable) -> None:
    key = state.find(operation.table)
    if key is None or not operation.certain:
        return
    table = state.own(key)
    if not operation.column:
        table.comment = operation.comment
    elif name := edit.find_column(table, operation.column):
        table.columns[name] = replace(table.columns[name], comment=operation.comment)


def _search_path(state: State, operation: SetSearchPath) -> None:
    state.search_path = operation.schemas or ("",)


def _create_schema(state: State, operation: CreateSchema) -> None:
    """Nothing in a catalog stands for a schema without tables."""


def _drop_schema(state: State, operation: DropSchema) -> None:
    home = key_of(operation.name, "")[0]
    for key in [key for key in state.tables if key[0] == home]:
        if unknown := doubt(operation):
            edit.mark_open(state.own(key), unknown)
        elif key in state.tables:
            _remove(state, key, cascade=True)
    if operation.certain:
        state.enums = {key: value for key, value in state.enums.items() if key[0] != home}
        state.domains = {key: value for key, value in state.domains.items() if key[0] != home}


HANDLERS: dict[type[Operation], Callable[[State, Any], None]] = {
    CreateTable: _create,
    CreateFromQuery: _create_from_query,
    DropTable: _drop,
    RenameTable: _rename,
    MoveTable: _move_schema,
    SetParents: _set_parents,
    FillColumns: _fill,
    OpenTables: _open,
    CommentTable: _comment,
    SetSearchPath: _search_path,
    CreateSchema: _create_schema,
    DropSchema: _drop_schema,
}
