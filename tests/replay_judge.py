"""What a replayed catalog says and what a server says, in one shape, so that they can be compared."""

from __future__ import annotations

from typing import Any

import psycopg

from infralint.project.catalog import Catalog, DataType, Table
from infralint.project.replay.apply import apply
from infralint.project.replay.ddl import operations_of
from infralint.project.replay.state import State
from infralint.project.replay.types import data_type
from infralint.readers.sql_file import read

# One object of plain values for each table: what the comparison is about.
Shape = dict[str, Any]

COLUMNS = """
    SELECT n.nspname, c.relname, c.relkind, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        coalesce(pg_get_expr(d.adbin, d.adrelid) NOT LIKE 'NULL%', false) AND a.attgenerated = '', a.attidentity, a.attgenerated <> ''
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg_%' AND n.nspname <> 'information_schema'
        AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = c.oid AND e.deptype = 'e')
    ORDER BY c.oid, a.attnum
"""
CONSTRAINTS = """
    SELECT n.nspname, c.relname, k.contype, k.conname,
        (SELECT array_agg(a.attname ORDER BY o.place) FROM unnest(k.conkey) WITH ORDINALITY AS o(num, place)
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = o.num),
        f.relname,
        (SELECT array_agg(a.attname ORDER BY o.place) FROM unnest(k.confkey) WITH ORDINALITY AS o(num, place)
            JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = o.num),
        k.confdeltype
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_class f ON f.oid = k.confrelid
    WHERE k.contype IN ('p', 'u', 'c', 'f') AND n.nspname NOT LIKE 'pg_%' AND n.nspname <> 'information_schema'
"""
INDEXES = """
    SELECT n.nspname, c.relname, i.relname, x.indisunique,
        (SELECT array_agg(coalesce(a.attname, '') ORDER BY o.place)
            FROM unnest(x.indkey[0:x.indnkeyatts - 1]) WITH ORDINALITY AS o(num, place)
            LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = o.num AND o.num > 0)
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x'))
        AND n.nspname NOT LIKE 'pg_%' AND n.nspname <> 'information_schema'
"""
ENUMS = """
    SELECT t.typname, array_agg(e.enumlabel ORDER BY e.enumsortorder)
    FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid GROUP BY t.typname
"""
_KINDS = {"r": "table", "p": "table", "v": "view", "m": "materialized view", "f": "foreign table"}
_DELETE = {"a": "", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT", "r": "RESTRICT"}


def replayed(text: str, dialect: str = "postgres") -> State:
    """The state after the statements of a .sql file."""
    state = State("sql")
    facts = read(text, dialect).sql
    assert facts is not None
    for statement in facts.statements:
        for operation in operations_of("a.sql", statement, dialect):
            apply(state, operation)
    return state


def shape_of_catalog(catalog: Catalog) -> Shape:
    """The catalog's tables, keys, indexes and enums as plain values."""
    tables = {f"{schema or 'public'}.{name}": _table(table) for (schema, name), table in catalog.tables.items()}
    return {"tables": tables, "enums": {name: list(enum.labels) for (_, name), enum in catalog.enums.items()}}


def _table(table: Table) -> Shape:
    return {
        "kind": table.kind,
        "open": sorted(unknown.reason for unknown in table.open),
        "columns": {
            column.name: (
                _type(column.type),
                column.nullable is False and table.kind == "table",
                bool(column.server_default) or column.generated == "serial",
                column.generated.startswith("identity"),
                column.generated == "computed",
            )
            for column in table.columns.values()
        },
        "primary key": (table.primary_key_name, table.primary_key) if table.primary_key else None,
        "foreign keys": sorted(
            (key.name, key.columns, key.target, key.target_columns, key.on_delete.replace("NO ACTION", ""))
            for key in table.foreign_keys
        ),
        "unique": sorted((each.name, each.columns) for each in table.constraints if each.kind == "unique"),
        "checks": sorted(each.name for each in table.constraints if each.kind == "check"),
        "indexes": sorted(
            (index.name, index.unique, tuple(name if name in table.columns else "" for name in index.columns))
            for index in table.indexes
        ),
    }


def _type(kind: DataType | None) -> str:
    if kind is None:
        return "?"
    return f"{_type(kind.item)}[]" if kind.item is not None else str(kind)


def shape_of_server(connection: psycopg.Connection[tuple[Any, ...]]) -> Shape:
    """The same of a database."""
    tables: dict[str, Shape] = {}
    for schema, name, kind, column, written, required, default, identity, computed in connection.execute(
        COLUMNS.encode()
    ):
        table = tables.setdefault(f"{schema}.{name}", _empty(_KINDS[kind]))
        if column is not None:
            said = (_type(data_type(written)), required and kind in "rp", default, identity != "", computed)
            table["columns"][column] = said
    for row in connection.execute(CONSTRAINTS.encode()):
        _add_constraint(tables, row)
    for schema, name, index, unique, columns in connection.execute(INDEXES.encode()):
        tables[f"{schema}.{name}"]["indexes"].append((index, unique, tuple(columns)))
    for table in tables.values():
        for key in ("foreign keys", "unique", "checks", "indexes"):
            table[key].sort()
    enums = {name: list(labels) for name, labels in connection.execute(ENUMS.encode())}
    return {"tables": tables, "enums": enums}


def _empty(kind: str) -> Shape:
    return {
        "kind": kind,
        "open": [],
        "columns": {},
        "primary key": None,
        "foreign keys": [],
        "unique": [],
        "checks": [],
        "indexes": [],
    }


def _add_constraint(tables: dict[str, Shape], row: tuple[Any, ...]) -> None:
    schema, name, kind, constraint, columns, target, target_columns, deletes = row
    table = tables.get(f"{schema}.{name}")
    if table is None:
        return
    if kind == "p":
        table["primary key"] = (constraint, tuple(columns))
    elif kind == "u":
        table["unique"].append((constraint, tuple(columns)))
    elif kind == "c":
        table["checks"].append(constraint)
    else:
        table["foreign keys"].append((constraint, tuple(columns), target, tuple(target_columns), _DELETE[deletes]))


def differences(said: Shape, real: Shape) -> list[str]:
    """Where the two differ, one line for each; what is open is left aside."""
    found = [
        f"enum {name}: {said['enums'].get(name)} != {labels}"
        for name, labels in real["enums"].items()
        if said["enums"].get(name) != labels
    ]
    for name in sorted(said["tables"].keys() | real["tables"].keys()):
        one, other = said["tables"].get(name), real["tables"].get(name)
        if one is not None and one["open"]:
            continue
        if one is None or other is None:
            found.append(f"{name}: {'not said' if one is None else 'not real'}")
            continue
        for part in one:
            if one[part] != other[part] and not (part == "columns" and _same_columns(one, other)):
                found.append(f"{name}: {part}: {one[part]} != {other[part]}")
    return found


def _same_columns(one: Shape, other: Shape) -> bool:
    """Whether columns differ by types that are not known alone."""
    if list(one["columns"]) != list(other["columns"]):
        return False
    return all(
        (said[0] == "?" and said[1:] == real[1:]) or said == real
        for said, real in zip(one["columns"].values(), other["columns"].values(), strict=True)
    )
