"""Changes of tables and views, as operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from infralint.facts.sql import SqlConstraint
from infralint.project.catalog import Table, Unknown
from infralint.project.replay import operations as op
from infralint.project.replay.folding import folded
from infralint.project.replay.translation import Translation


def _create(it: Translation) -> Iterator[op.Operation]:
    change = it.change
    table = _table(it)
    if change.query >= 0 and it.statement is not None:
        names = tuple(folded(column.name, column.quoted, it.dialect) for column in change.columns)
        table.columns = {}
        yield op.CreateFromQuery(
            origin=it.origin,
            certain=it.certain,
            table=table,
            statement=it.statement,
            scope=change.query,
            names=names,
            if_not_exists=it.has("if not exists"),
            temporary=it.has("temporary"),
            replace=it.has("or replace"),
        )
        return
    if change.query >= 0:
        table.open.append(Unknown("its query was not read", it.origin))
    likes = tuple(op.LikeTable(it.ref(like.table), frozenset(like.including), like.at) for like in change.likes)
    yield op.CreateTable(
        origin=it.origin,
        certain=it.certain,
        table=table,
        parents=tuple(it.ref(parent) for parent in change.parents),
        partition=it.has("partition"),
        likes=likes,
        if_not_exists=it.has("if not exists"),
        temporary=it.has("temporary"),
        replace=it.has("or replace"),
    )


def _table(it: Translation) -> Table:
    change, ref = it.change, it.ref()
    table = Table(ref.name, ref.origin, ref.schema, change.object)
    if change.reason:
        table.open.append(Unknown(change.reason, ref.origin))
    for written in change.columns:
        column = it.column(written)
        table.columns[column.name] = column
    items = [each for column in change.columns for each in column.constraints] + list(change.constraints)
    for each in items:
        _add_item(it, table, each)
    return table


def _add_item(it: Translation, table: Table, item: SqlConstraint) -> None:
    if item.kind == "primary":
        table.primary_key, table.primary_key_name = it.names(item.columns), it.name(item.name)
    elif item.kind == "foreign":
        table.foreign_keys.append(it.foreign_key(item))
    elif item.kind == "index":
        table.indexes.append(it.index(item))
    else:
        table.constraints.append(it.constraint(item))


def _drop(it: Translation) -> Iterator[op.Operation]:
    yield op.DropTable(
        origin=it.origin,
        certain=it.certain,
        table=it.ref(),
        if_exists=it.has("if exists"),
        cascade=it.has("cascade"),
    )


def _rename(it: Translation) -> Iterator[op.Operation]:
    new = it.change.renamed
    assert new is not None
    yield op.RenameTable(
        origin=it.origin,
        certain=it.certain,
        table=it.ref(),
        name=folded(new.name, new.quoted, it.dialect),
        if_exists=it.has("table if exists"),
    )


def _set_schema(it: Translation) -> Iterator[op.Operation]:
    name = it.name(it.change.name)
    yield op.MoveTable(origin=it.origin, certain=it.certain, table=it.ref(), schema=name)


def _parents(it: Translation) -> Iterator[op.Operation]:
    attach = it.change.kind == "attach"
    for parent in it.change.parents:
        yield op.SetParents(
            origin=it.origin,
            certain=it.certain,
            table=it.ref(),
            parent=it.ref(parent),
            attach=attach,
            partition=it.has("partition"),
        )


def _fill(it: Translation) -> Iterator[op.Operation]:
    yield op.FillColumns(origin=it.origin, table=it.ref(), reason=it.change.reason)


def _comment(it: Translation) -> Iterator[op.Operation]:
    column = it.name(it.change.old) if it.change.old else ""
    yield op.CommentTable(origin=it.origin, certain=it.certain, table=it.ref(), comment=it.change.name, column=column)


def _open(it: Translation) -> Iterator[op.Operation]:
    yield op.OpenTables(origin=it.origin, reason=it.change.reason, tables=(it.ref(),))


MAKERS: dict[str, Callable[[Translation], Iterator[op.Operation]]] = {
    "create": _create,
    "drop": _drop,
    "rename": _rename,
    "set-schema": _set_schema,
    "attach": _parents,
    "detach": _parents,
    "fill": _fill,
    "comment": _comment,
    "open": _open,
}
