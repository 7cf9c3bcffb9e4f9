"""Changes of columns, constraints and indexes, as operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from infralint.project.replay import operations as op
from infralint.project.replay.folding import folded
from infralint.project.replay.translation import Translation, default_of


def _add(it: Translation) -> Iterator[op.Operation]:
    for written in it.change.columns:
        column = it.column(written)
        foreign = [each for each in written.constraints if each.kind == "foreign"]
        others = [each for each in written.constraints if each.kind in ("unique", "check")]
        yield op.AddColumn(
            origin=it.origin,
            certain=it.certain,
            table=it.ref(),
            column=column,
            foreign_keys=tuple(it.foreign_key(each) for each in foreign),
            constraints=tuple(it.constraint(each) for each in others),
            if_not_exists=it.has("if not exists"),
        )


def _drop_column(it: Translation) -> Iterator[op.Operation]:
    yield op.DropColumn(
        origin=it.origin,
        certain=it.certain,
        table=it.ref(),
        column=it.name(it.change.old),
        if_exists=it.has("if exists"),
        cascade=it.has("cascade"),
    )


def _rename_column(it: Translation) -> Iterator[op.Operation]:
    new = it.change.columns[0]
    yield op.RenameColumn(
        origin=it.at(new.span),
        certain=it.certain,
        table=it.ref(),
        column=it.name(it.change.old),
        name=folded(new.name, new.quoted, it.dialect),
    )


def _alter_column(it: Translation) -> Iterator[op.Operation]:
    written = it.change.columns[0]
    made = it.column(written)
    retyped = it.has("type")
    nullable = False if it.has("set not null") else True if it.has("drop not null") else None
    default = default_of(written.default) if it.has("set default") else "" if it.has("drop default") else None
    generated = written.generated if it.has("set generated") else "" if it.has("drop generated") else None
    yield op.AlterColumn(
        origin=it.at(written.span),
        certain=it.certain,
        table=it.ref(),
        column=made.name,
        type=made.type if retyped else None,
        type_origin=it.at(written.type_span) if written.type_span is not None else None,
        type_open="the type cannot be read" if retyped and made.type is None else "",
        using=written.using,
        using_origin=it.at(written.using_span) if written.using_span is not None else None,
        nullable=nullable,
        server_default=default,
        generated=generated,
    )


def _add_constraint(it: Translation) -> Iterator[op.Operation]:
    table, sure = it.ref(), it.certain
    for item in it.change.constraints:
        at = it.at(item.span)
        if item.kind == "primary":
            columns, name = it.names(item.columns), it.name(item.name or item.using)
            yield op.AddPrimaryKey(origin=at, certain=sure, table=table, columns=columns, name=name)
        elif item.kind == "foreign":
            yield op.AddForeignKey(origin=at, certain=sure, table=table, foreign_key=it.foreign_key(item))
        elif item.kind == "index":
            again = it.has("if not exists")
            yield op.CreateIndex(origin=at, certain=sure, table=table, index=it.index(item), if_not_exists=again)
        else:
            yield op.AddConstraint(origin=at, certain=sure, table=table, constraint=it.constraint(item))


def _drop_constraint(it: Translation) -> Iterator[op.Operation]:
    yield op.DropConstraint(
        origin=it.origin,
        certain=it.certain,
        table=it.ref(),
        name=it.name(it.change.old),
        kind="primary" if it.has("primary") else "",
        if_exists=it.has("if exists"),
        cascade=it.has("cascade"),
    )


def _rename_constraint(it: Translation) -> Iterator[op.Operation]:
    old, new = it.name(it.change.old), it.name(it.change.name)
    yield op.RenameConstraint(origin=it.origin, certain=it.certain, table=it.ref(), old=old, name=new)


def _drop_index(it: Translation) -> Iterator[op.Operation]:
    table = it.ref() if it.change.table.name else None
    yield op.DropIndex(
        origin=it.origin,
        certain=it.certain,
        name=it.name(it.change.old),
        schema=it.change.table.schema,
        table=table,
        if_exists=it.has("if exists"),
    )


def _rename_index(it: Translation) -> Iterator[op.Operation]:
    old, new = it.name(it.change.old), it.name(it.change.name)
    yield op.RenameIndex(origin=it.origin, certain=it.certain, old=old, name=new)


MAKERS: dict[str, Callable[[Translation], Iterator[op.Operation]]] = {
    "add": _add,
    "drop-column": _drop_column,
    "rename-column": _rename_column,
    "alter-column": _alter_column,
    "add-constraint": _add_constraint,
    "drop-constraint": _drop_constraint,
    "rename-constraint": _rename_constraint,
    "drop-index": _drop_index,
    "rename-index": _rename_index,
}
