"""PostgreSQL's types: what a column's type is called there, its coarse family, and what it can be changed to.

Source of the rules: PostgreSQL 18 manual, ALTER TABLE ("SET DATA TYPE") and CREATE CAST ("Notes"), and
find_coercion_pathway in src/backend/parser/parse_coerce.c; the casts themselves are data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from infralint.data.postgres import postgres_catalog
from infralint.project.catalog import Catalog, DataType

Castable = Literal["implicit", "assignment", "explicit", "impossible", "unknown"]
_CONTEXTS: dict[str, Castable] = {"i": "implicit", "a": "assignment", "e": "explicit"}

# SQLAlchemy's classes (2.1, PGTypeCompiler and the generic types) and SQL's names in capitals -> names in pg_type.
_NAMES = {
    "BigInteger": "int8", "BIGINT": "int8", "Boolean": "bool", "BOOLEAN": "bool", "BYTEA": "bytea", "BLOB": "bytea",
    "LargeBinary": "bytea", "BINARY": "bytea", "VARBINARY": "bytea", "PickleType": "bytea", "CHAR": "bpchar",
    "NCHAR": "bpchar",
    "Date": "date", "DATE": "date", "Double": "float8", "DOUBLE": "float8", "DOUBLE_PRECISION": "float8",
    "Integer": "int4", "INTEGER": "int4", "INT": "int4", "Interval": "interval", "INTERVAL": "interval", "JSON": "json",
    "JSONB": "jsonb", "Numeric": "numeric", "NUMERIC": "numeric", "DECIMAL": "numeric", "REAL": "float4",
    "SmallInteger": "int2", "SMALLINT": "int2", "String": "varchar", "VARCHAR": "varchar", "Unicode": "varchar",
    "NVARCHAR": "varchar", "AutoString": "varchar", "Text": "text", "TEXT": "text", "UnicodeText": "text",
    "CLOB": "text",
    "UUID": "uuid", "Uuid": "uuid", "Float": "float8", "FLOAT": "float8", "MatchType": "bool",
}  # fmt: skip
_ZONED = {
    "DateTime": "timestamp", "DATETIME": "timestamp", "TIMESTAMP": "timestamp", "Time": "time", "TIME": "time",
}  # fmt: skip
_ENUMS = frozenset({"Enum", "ENUM"})
_FAMILIES = {
    "int2": "integer", "int4": "integer", "int8": "integer", "numeric": "numeric", "float4": "float", "float8": "float",
    "varchar": "text", "text": "text", "bpchar": "text", "name": "text", "bool": "boolean", "date": "date",
    "timestamp": "timestamp", "timestamptz": "timestamp", "time": "time", "timetz": "time", "interval": "interval",
    "bytea": "binary", "json": "json", "jsonb": "json", "uuid": "uuid", "bit": "bits", "varbit": "bits",
}  # fmt: skip
_TRUE = re.compile(r"(?:timezone\s*=\s*)?True")


@dataclass(frozen=True, slots=True)
class PostgresType:
    """A type of the server. `kind`: "base" (`name` as in pg_type), "enum" or "domain" (`name` its own), "array".

    `item`: what an array holds, or what a domain is made of; None where that is not known.
    """

    kind: str
    name: str
    item: PostgresType | None = None


def postgres_type(data_type: DataType | None, catalog: Catalog | None = None) -> PostgresType | None:
    """A column's type as the server has it; None where that cannot be told.

    `catalog` tells which other names are enums and domains.
    """
    if data_type is None:
        return None
    found = _known(data_type)
    return found if found is not None or catalog is None else _typed(data_type, catalog)


@lru_cache(maxsize=4096)
def _known(data_type: DataType) -> PostgresType | None:
    """A type that needs no catalog, which is asked only for names that are no type's: the same few stand on thousands
    of columns."""
    return _typed(data_type, None)


def _typed(data_type: DataType, catalog: Catalog | None) -> PostgresType | None:
    if data_type.variants:
        return None
    if data_type.name == "ARRAY":
        item = postgres_type(data_type.item, catalog)
        return PostgresType("array", "", item) if item is not None else None
    if data_type.name in _ENUMS and (not data_type.module or data_type.module.startswith("sqlalchemy")):
        return _enum(data_type)
    if data_type.module and not data_type.module.startswith(("sqlalchemy", "sqlmodel")):
        return postgres_type(data_type.item, catalog)
    name = _base_name(data_type)
    if name is not None:
        return PostgresType("base", name)
    return _own(data_type, catalog)


def _base_name(data_type: DataType) -> str | None:
    """The name in pg_type of a built-in type."""
    name, arguments = data_type.name, data_type.arguments
    if name in _ZONED:
        return _ZONED[name] + ("tz" if any(_TRUE.fullmatch(each) for each in arguments) else "")
    if name in ("Uuid", "UUID") and "native_uuid=False" in arguments:
        return "bpchar"
    if name == "BIT":
        return "varbit" if "varying=True" in arguments else "bit"
    if name in ("Float", "FLOAT") and arguments and arguments[0].isdigit() and int(arguments[0]) <= 24:
        return "float4"
    # SQL's own names come folded where they are no standard type; SQLAlchemy's are in capitals.
    return _NAMES.get(name) or postgres_catalog().type_named(name.lower())


def _enum(data_type: DataType) -> PostgresType | None:
    arguments = dict(part.partition("=")[::2] for part in data_type.arguments if re.match(r"\w+=", part))
    if "native_enum" in arguments and arguments["native_enum"] != "True":
        return PostgresType("base", "varchar")
    name = arguments.get("name", "")
    return PostgresType("enum", name.strip("'\"")) if name[:1] in "'\"" and name else PostgresType("enum", "")


def _own(data_type: DataType, catalog: Catalog | None) -> PostgresType | None:
    """An enum or domain of the project; None for types that nothing declares (extensions)."""
    if catalog is None:
        return None
    if any(name == data_type.name for _, name in catalog.enums):
        return PostgresType("enum", data_type.name)
    domains = [domain for (_, name), domain in catalog.domains.items() if name == data_type.name]
    if len(domains) != 1:
        return None
    base = postgres_type(domains[0].type, catalog)
    return PostgresType("domain", data_type.name, base) if base is not None else None


def family(data_type: DataType | None, catalog: Catalog | None = None) -> str | None:
    """The coarse family of a type: "integer", "text", "timestamp", "enum", "text[]", ...; None where it is not known.

    Types of one family differ in size, precision or time zone alone.
    """
    found = postgres_type(data_type, catalog)
    return _family(found) if found is not None else None


def _family(found: PostgresType) -> str | None:
    if found.kind == "array":
        item = _family(found.item) if found.item is not None else None
        return f"{item}[]" if item is not None else None
    if found.kind == "domain":
        return _family(found.item) if found.item is not None else None
    return "enum" if found.kind == "enum" else _FAMILIES.get(found.name, found.name)


def can_alter(old: DataType | None, new: DataType | None, catalog: Catalog | None = None) -> Castable:
    """How PostgreSQL gets from one type of a column to another.

    "implicit" and "assignment": ALTER COLUMN ... TYPE does it alone; "explicit": with `USING column::type`;
    "impossible": not even so; "unknown": one of the types is not known.
    """
    source, target = postgres_type(old, catalog), postgres_type(new, catalog)
    if source is None or target is None:
        return "unknown"
    return _path(source, target)


def _path(source: PostgresType, target: PostgresType) -> Castable:
    source, target = _without_domain(source), _without_domain(target)
    if source == target:
        return "unknown" if source.kind == "enum" and not source.name else "implicit"
    if "enum" in (source.kind, target.kind) and not (source.name and target.name) and source.kind == target.kind:
        # Two enums of which one has no known name may be one.
        return "unknown"
    if source.kind == target.kind == "base":
        listed = _CONTEXTS.get(postgres_catalog().cast(source.name, target.name))
        if listed is not None:
            return listed
    if source.kind == target.kind == "array" and source.item is not None and target.item is not None:
        items = _path(source.item, target.item)
        if items != "impossible":
            return items
    return _through_text(source, target)


def _without_domain(kind: PostgresType) -> PostgresType:
    while kind.kind == "domain" and kind.item is not None:
        kind = kind.item
    return kind


def _through_text(source: PostgresType, target: PostgresType) -> Castable:
    """The automatic casts by a type's output and input functions: to strings on assignment, from strings if asked."""
    if _is_string(target):
        return "assignment"
    return "explicit" if _is_string(source) else "impossible"


def _is_string(kind: PostgresType) -> bool:
    return kind.kind == "base" and postgres_catalog().category(kind.name) == "S"
