"""SQLAlchemy as the judge of model shapes: a process of its own imports them all and says what they are.

Run as a script it reads one JSON request, a list of shapes as {"name", "folder", "modules"}, and prints one JSON answer:
for every shape its `failure` ("" = it is sound), or what its MetaData and mappers hold. Each shape is imported in a
fork, so that what one refuses does not touch the others.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
from collections.abc import Iterable
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, MetaData, UniqueConstraint
from sqlalchemy.orm import RelationshipProperty, configure_mappers
from sqlalchemy.orm.mapper import _all_registries
from sqlalchemy.types import NullType, TypeDecorator


def main() -> None:
    """Judge the shapes of the request on standard input."""
    sys.dont_write_bytecode = True
    request = json.load(sys.stdin)
    for package in request["preload"]:
        importlib.import_module(package)
    # What is loaded so far is not looked at again in every fork.
    shared = [metadata for metadata in _metadatas() if not metadata.tables]
    gc.freeze()
    print(json.dumps({shape["name"]: _in_a_fork(shape, shared) for shape in request["shapes"]}))


def _in_a_fork(shape: dict[str, Any], shared: list[MetaData]) -> dict[str, Any]:
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        with os.fdopen(write, "w") as answer:
            json.dump(_judged(shape, shared), answer)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        found: dict[str, Any] = json.load(answer)
    os.waitpid(child, 0)
    return found


def _judged(shape: dict[str, Any], shared: list[MetaData]) -> dict[str, Any]:
    step = "import"
    sys.path.insert(0, shape["folder"])
    try:
        modules = [importlib.import_module(module) for module in shape["modules"]]
        step = "configure"
        declared = _declared_relationships()
        configure_mappers()
        step = "tables"
        metadatas = [each for each in (*shared, *_metadatas()) if each.tables]
        for metadata in metadatas:
            assert metadata.sorted_tables is not None
            for table in metadata.tables.values():
                for key in table.foreign_keys:
                    assert key.column is not None
    except Exception as error:
        return {"failure": f"{step}: {type(error).__name__}: {error}"}
    return {
        "failure": "",
        "tables": [_table(table) for metadata in metadatas for table in metadata.tables.values()],
        "relationships": sorted(_relationships(declared), key=lambda each: (each["class"], each["attribute"])),
        "attributes": {_name(mapper.class_): _attributes(mapper.class_) for mapper in _mappers()},
        "types": {text: _written_type(modules, text, home) for text, home in shape.get("types", {}).items()},
    }


def _metadatas() -> list[MetaData]:
    found = [each for each in gc.get_objects() if isinstance(each, MetaData)]
    return sorted(found, key=lambda metadata: sorted(metadata.tables))


def _mappers() -> list[Any]:
    managers = [manager for registry in _all_registries() for manager in list(registry._managers)]
    found = [manager.mapper for manager in managers if manager.is_mapped]
    return sorted(found, key=lambda mapper: _name(mapper.class_))


def _name(class_: type) -> str:
    return f"{class_.__module__}.{class_.__qualname__}"


# Tables.

_ATTACHED = frozenset({"dispatch", "impl_instance"})


def _table(table: Any) -> dict[str, Any]:
    constraints = sorted(
        table.constraints, key=lambda each: (type(each).__name__, str(each.name), repr(_columns(each)))
    )
    return {
        "name": table.name,
        "schema": table.schema,
        "comment": table.comment,
        "columns": [_column(column) for column in table.columns],
        "primary_key": [column.name for column in table.primary_key.columns],
        "foreign_keys": [_foreign_key(each) for each in constraints if isinstance(each, ForeignKeyConstraint)],
        "unique": [_constraint(each) for each in constraints if isinstance(each, UniqueConstraint)],
        "checks": [
            {"name": _text(each.name), "condition": str(each.sqltext)}
            for each in constraints
            if isinstance(each, CheckConstraint) and not getattr(each, "_type_bound", False)
        ],
        "indexes": sorted(map(_index, table.indexes), key=lambda each: (each["name"] or "", repr(each["columns"]))),
    }


def _column(column: Any) -> dict[str, Any]:
    return {
        "name": column.name,
        "key": column.key,
        "type": _type(column.type),
        "written": not any(key.column.type is column.type for key in column.foreign_keys),
        "nullable": bool(column.nullable),
        "primary_key": bool(column.primary_key),
        "default": column.default is not None,
        "server_default": column.server_default is not None and column.computed is None and column.identity is None,
        "generated": column.computed is not None or column.identity is not None,
        "unique": bool(column.unique),
        "index": bool(column.index),
        "comment": column.comment,
    }


def _type(type_: Any) -> dict[str, Any]:
    variants = getattr(type_, "_variant_mapping", None) or getattr(type_, "mapping", None)
    if type(type_).__name__ == "Variant":
        type_ = type_.impl
    return {
        "name": type(type_).__name__,
        "text": _type_text(type_),
        "variants": bool(variants),
        "null": isinstance(type_, NullType),
    }


def _type_text(type_: Any) -> str:
    """A type with all that it was made with: its representation does not say everything of every type."""
    enums = getattr(type_, "enums", None)
    if enums is not None and not isinstance(type_, TypeDecorator):
        return f"{type(type_).__name__}({list(enums)}, {type_.name}, {type_.native_enum}, {type_.length})"
    item = getattr(type_, "item_type", None)
    return f"{type(type_).__name__}({_arguments(type_)}{', ' + _type_text(item) if item is not None else ''})"


def _arguments(type_: Any) -> list[tuple[str, str]]:
    """What a type keeps of its arguments; what SQLAlchemy adds when it is attached to a column is left out."""
    kept = {key: value for key, value in vars(type_).items() if not (key.startswith("_") or key in _ATTACHED)}
    return sorted((key, repr(value)) for key, value in kept.items() if not callable(value))


def _foreign_key(key: Any) -> dict[str, Any]:
    return {
        "name": _text(key.name),
        "columns": [element.parent.name for element in key.elements],
        "target_schema": key.referred_table.schema,
        "target_table": key.referred_table.name,
        "target_columns": [element.column.name for element in key.elements],
        "on_delete": key.ondelete,
        "on_update": key.onupdate,
    }


def _constraint(constraint: Any) -> dict[str, Any]:
    return {"name": _text(constraint.name), "columns": _columns(constraint)}


def _columns(constraint: Any) -> list[str]:
    return [column.name for column in getattr(constraint, "columns", ())]


def _index(index: Any) -> dict[str, Any]:
    columns = [each.name if isinstance(each, Column) else str(each) for each in index.expressions]
    return {"name": _text(index.name), "columns": columns, "unique": bool(index.unique)}


def _text(name: Any) -> str | None:
    return str(name) if isinstance(name, str) and name not in ("_unnamed_", "_NONE_NAME") else None


# Relationships and attributes.


def _own(mapper: Any) -> Iterable[Any]:
    """The relationships of a mapper that it does not inherit."""
    found = [prop for prop in mapper._props.values() if isinstance(prop, RelationshipProperty)]
    return [prop for prop in found if prop.parent is mapper]


def _declared_relationships() -> set[tuple[str, str]]:
    return {(_name(mapper.class_), prop.key) for mapper in _mappers() for prop in _own(mapper)}


def _relationships(declared: set[tuple[str, str]]) -> Iterable[dict[str, Any]]:
    for mapper in _mappers():
        for prop in _own(mapper):
            name = (_name(mapper.class_), prop.key)
            yield {
                "class": name[0],
                "attribute": name[1],
                "target_class": _name(prop.mapper.class_),
                "back_populates": prop.back_populates,
                "secondary": prop.secondary.fullname if prop.secondary is not None else None,
                "from_backref": name not in declared,
            }


def _attributes(class_: type) -> list[str]:
    """What the class has beside Python's own names and those of SQLAlchemy."""
    return sorted(name for name in dir(class_) if not name.startswith("_"))


def _written_type(modules: list[Any], text: str, home: str) -> str:
    """The type that an expression gives, its class taken from `home`; the error where no module can evaluate it."""
    failure = ""
    name = text.partition("(")[0]
    for module in modules:
        try:
            names = {**vars(module), name: getattr(importlib.import_module(home), name)}
            return _type_text(eval(text, names))
        except Exception as error:
            failure = failure or f"{type(error).__name__}: {error}"
    return failure


if __name__ == "__main__":
    main()
