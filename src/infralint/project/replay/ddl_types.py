"""Changes of types, domains and schemas, as operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from infralint.project.catalog import DomainType, EnumType
from infralint.project.replay import operations as op
from infralint.project.replay.translation import Translation
from infralint.project.replay.types import data_type


def _create_enum(it: Translation) -> Iterator[op.Operation]:
    if it.change.reason:
        return
    ref = it.ref()
    values = tuple(it.label(label) for label in it.change.labels)
    enum = EnumType(ref.name, tuple(value.text for value in values), ref.origin, ref.schema, values)
    if_not_exists = it.has("if not exists")
    yield op.CreateEnum(origin=it.origin, certain=it.certain, enum=enum, if_not_exists=if_not_exists)


def _add_label(it: Translation) -> Iterator[op.Operation]:
    label, *beside = it.change.labels
    other = beside[0].value if beside else ""
    ref = it.ref()
    yield op.AddEnumLabel(
        origin=it.at(label.span),
        certain=it.certain,
        name=ref.name,
        label=label.value,
        schema=ref.schema,
        before=other if it.has("before") else "",
        after=other if it.has("after") else "",
        if_not_exists=it.has("if not exists"),
    )


def _rename_label(it: Translation) -> Iterator[op.Operation]:
    old, new = it.change.labels
    ref = it.ref()
    yield op.RenameEnumLabel(
        origin=it.at(new.span),
        certain=it.certain,
        name=ref.name,
        old=old.value,
        label=new.value,
        schema=ref.schema,
    )


def _create_domain(it: Translation) -> Iterator[op.Operation]:
    (written,) = it.change.columns
    ref = it.ref()
    checks = tuple(each.condition for each in written.constraints if each.kind == "check")
    kind = data_type(written.type, it.dialect)
    domain = DomainType(ref.name, ref.origin, ref.schema, kind, written.not_null, written.default, checks)
    yield op.CreateDomain(origin=it.origin, certain=it.certain, domain=domain)


def _alter_domain(it: Translation) -> Iterator[op.Operation]:
    change, ref = it.change, it.ref()
    default = change.columns[0].default if it.has("set default") else "" if it.has("drop default") else None
    checks = [each.condition for each in change.constraints if each.kind == "check"]
    yield op.AlterDomain(
        origin=it.origin,
        certain=it.certain,
        name=ref.name,
        schema=ref.schema,
        not_null=True if it.has("set not null") else False if it.has("drop not null") else None,
        server_default=default,
        condition=checks[0] if checks else "",
        open=change.reason,
    )


def _drop_type(it: Translation) -> Iterator[op.Operation]:
    ref = it.ref()
    yield op.DropType(
        origin=it.origin,
        certain=it.certain,
        name=ref.name,
        schema=ref.schema,
        if_exists=it.has("if exists"),
        cascade=it.has("cascade"),
    )


def _rename_type(it: Translation) -> Iterator[op.Operation]:
    ref, name = it.ref(), it.name(it.change.name)
    yield op.RenameType(origin=it.origin, certain=it.certain, old=ref.name, name=name, schema=ref.schema)


def _create_schema(it: Translation) -> Iterator[op.Operation]:
    name, if_not_exists = it.name(it.change.name), it.has("if not exists")
    yield op.CreateSchema(origin=it.origin, certain=it.certain, name=name, if_not_exists=if_not_exists)


def _drop_schema(it: Translation) -> Iterator[op.Operation]:
    yield op.DropSchema(
        origin=it.origin,
        certain=it.certain,
        name=it.name(it.change.name),
        if_exists=it.has("if exists"),
        cascade=it.has("cascade"),
    )


def _search_path(it: Translation) -> Iterator[op.Operation]:
    schemas = tuple(it.name(name) for name in it.change.names)
    yield op.SetSearchPath(origin=it.origin, certain=it.certain, schemas=schemas)


MAKERS: dict[str, Callable[[Translation], Iterator[op.Operation]]] = {
    "create-enum": _create_enum,
    "add-label": _add_label,
    "rename-label": _rename_label,
    "create-domain": _create_domain,
    "alter-domain": _alter_domain,
    "drop-type": _drop_type,
    "rename-type": _rename_type,
    "create-schema": _create_schema,
    "drop-schema": _drop_schema,
    "search-path": _search_path,
}
