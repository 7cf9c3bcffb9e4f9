"""Operations on enum types and domains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from infralint.project.catalog import Column, DataType, Label, Origin
from infralint.project.replay import tables as edit
from infralint.project.replay.operations import (
    AddEnumLabel,
    AlterDomain,
    CreateDomain,
    CreateEnum,
    DropType,
    Operation,
    RenameEnumLabel,
    RenameType,
)
from infralint.project.replay.state import Key, State, key_of


def _find(state: State, name: str, schema: str) -> Key | None:
    candidates = [key_of(schema, name)] if schema else [key_of(each, name) for each in state.search_path]
    return next((key for key in candidates if key in state.enums or key in state.domains), None)


def _create_enum(state: State, operation: CreateEnum) -> None:
    key = state.home(operation.enum.schema, operation.enum.name)
    existing = state.enums.get(key)
    if existing is None:
        state.enums[key] = operation.enum
    elif operation.certain and not operation.if_not_exists:
        state.fault(f"the type `{operation.enum.name}` is created twice", operation.origin)
        more = tuple(label for label in operation.enum.labels if label not in existing.labels)
        state.enums[key] = replace(existing, labels=existing.labels + more)


def _add_label(state: State, operation: AddEnumLabel) -> None:
    key = _find(state, operation.name, operation.schema)
    enum = state.enums.get(key) if key is not None else None
    if key is None or enum is None:
        state.fault(f"the type `{operation.name}` is not known here", operation.origin)
        return
    labels = list(enum.labels)
    if operation.label in labels:
        if not operation.if_not_exists:
            state.fault(f"`{operation.name}` has the label `{operation.label}` already", operation.origin)
        return
    beside = operation.before or operation.after
    at = labels.index(beside) + (0 if operation.before else 1) if beside in labels else len(labels)
    labels.insert(at, operation.label)
    places = (*enum.places, Label(operation.label, operation.origin))
    state.enums[key] = replace(enum, labels=tuple(labels), places=places)


def _rename_label(state: State, operation: RenameEnumLabel) -> None:
    key = _find(state, operation.name, operation.schema)
    enum = state.enums.get(key) if key is not None else None
    if key is None or enum is None or operation.old not in enum.labels:
        state.fault(f"`{operation.name}` has no label `{operation.old}`", operation.origin)
        return
    if operation.certain:
        labels = tuple(operation.label if label == operation.old else label for label in enum.labels)
    else:
        labels = (*enum.labels, operation.label)
    places = (*enum.places, Label(operation.label, operation.origin))
    state.enums[key] = replace(enum, labels=labels, places=places)


def _create_domain(state: State, operation: CreateDomain) -> None:
    state.domains[state.home(operation.domain.schema, operation.domain.name)] = operation.domain


def _alter_domain(state: State, operation: AlterDomain) -> None:
    key = _find(state, operation.name, operation.schema)
    domain = state.domains.get(key) if key is not None else None
    if key is None or domain is None:
        return
    if operation.not_null is not None:
        domain = replace(domain, not_null=operation.not_null and operation.certain)
    if operation.server_default is not None:
        domain = replace(domain, server_default=operation.server_default)
    if operation.condition and operation.certain:
        domain = replace(domain, conditions=(*domain.conditions, operation.condition))
    if operation.open:
        domain = replace(domain, conditions=(), not_null=False)
    state.domains[key] = domain


def _drop(state: State, operation: DropType) -> None:
    key = _find(state, operation.name, operation.schema)
    if key is None:
        if not operation.if_exists:
            state.fault(f"the type `{operation.name}` is not known here", operation.origin)
        return
    if not operation.certain:
        return
    if operation.cascade:
        _each_column(state, operation.name, lambda column: None)
    state.enums.pop(key, None)
    state.domains.pop(key, None)


def _rename(state: State, operation: RenameType) -> None:
    key = _find(state, operation.old, operation.schema)
    if key is None or not operation.certain:
        return
    new = (key[0], operation.name)
    if key in state.enums:
        state.enums[new] = replace(state.enums.pop(key), name=operation.name)
    else:
        state.domains[new] = replace(state.domains.pop(key), name=operation.name)
    _each_column(state, operation.old, lambda column: replace(column, type=_renamed(column.type, operation)))


def _renamed(kind: DataType | None, operation: RenameType) -> DataType | None:
    if kind is None:
        return None
    if kind.item is not None:
        return replace(kind, item=_renamed(kind.item, operation))
    return replace(kind, name=operation.name) if kind.name == operation.old else kind


def _each_column(state: State, name: str, change: Callable[[Column], Column | None]) -> None:
    """Change every column of a type, or drop it where `change` gives None."""
    for key, table in list(state.tables.items()):
        meant = [each for each, column in table.columns.items() if _has_type(column.type, name)]
        if not meant:
            continue
        changed = state.own(key)
        for each in meant:
            column = change(changed.columns[each])
            if column is None:
                edit.drop_column(changed, each)
            else:
                changed.columns[each] = column


def _has_type(kind: DataType | None, name: str) -> bool:
    return kind is not None and (kind.name == name or _has_type(kind.item, name))


def enum_of(state: State, kind: DataType | None) -> tuple[tuple[str, ...], Origin] | None:
    """The labels of a column's enum type, and where it is made; None if it has none that is known."""
    if kind is None or kind.item is not None:
        return None
    found = [enum for key, enum in state.enums.items() if key[1] == kind.name]
    return (found[0].labels, found[0].origin) if len(found) == 1 else None


HANDLERS: dict[type[Operation], Callable[[State, Any], None]] = {
    CreateEnum: _create_enum,
    AddEnumLabel: _add_label,
    RenameEnumLabel: _rename_label,
    CreateDomain: _create_domain,
    AlterDomain: _alter_domain,
    DropType: _drop,
    RenameType: _rename,
}
