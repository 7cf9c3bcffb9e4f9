"""Types and casts: the table against the server that it was made from, and ALTER COLUMN TYPE asked of that server."""

from __future__ import annotations

import itertools

import psycopg
import pytest
import refresh_postgres_casts
from postgres import Postgres

from infralint.data.postgres import postgres_catalog
from infralint.project.catalog import Catalog, DataType, DomainType, EnumType, Origin
from infralint.project.postgres_types import can_alter, family
from infralint.project.replay.types import data_type
from infralint.source import Span

HERE = Origin("a.sql", Span(0, 1))
MOOD = EnumType("mood", ("sad", "ok"), HERE)
CATALOG = Catalog(
    "sql",
    enums={("", "mood"): MOOD, ("", "colour"): EnumType("colour", ("red",), HERE)},
    domains={
        ("", "positive"): DomainType("positive", HERE, type=DataType("INTEGER")),
        ("", "email"): DomainType("email", HERE, type=DataType("TEXT")),
    },
)
OWN = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TYPE colour AS ENUM ('red');
CREATE DOMAIN positive AS integer CHECK (value > 0);
CREATE DOMAIN email AS text;
"""
# Every family, arrays, enums and domains, in the spellings of SQL.
TYPES = (
    "smallint", "integer", "bigint", "numeric(10,2)", "real", "double precision", "text", "varchar(20)", "char(3)",
    "boolean", "date", "timestamp", "timestamptz", "time", "interval", "bytea", "json", "jsonb", "uuid", "inet", "cidr",
    "bit(3)", "bit varying(5)", "xml", "tsvector", "oid", "money", "int4range", "text[]", "integer[]", "varchar(9)[]",
    "json[]", "mood", "colour", "mood[]", "positive", "email", "name",
)  # fmt: skip


def test_the_table_is_that_of_the_server(postgres: Postgres) -> None:
    with postgres.connection() as connection:
        made = refresh_postgres_casts.table(connection)
    table = postgres_catalog()
    assert table.casts == made["casts"]
    assert table.types == made["types"]
    assert table.spellings == made["spellings"]
    assert {name: set(names) for name, names in table.relations.items()} == {
        name: set(names) for name, names in made["relations"].items()
    }
    assert table.is_reserved("Select")
    assert not table.is_reserved("name")


def test_every_change_of_type_is_judged_as_the_server_does(postgres: Postgres) -> None:
    wrong = []
    with postgres.connection() as connection:
        connection.execute(OWN)
        for old, new in itertools.product(TYPES, TYPES):
            said = can_alter(data_type(old), data_type(new), CATALOG)
            real = asked(connection, old, new)
            known = ("implicit", "assignment") if real == "plain" else (real,)
            if said not in known:
                wrong.append((old, new, said, real))
    assert not wrong


def asked(connection: psycopg.Connection[tuple[object, ...]], old: str, new: str) -> str:
    """ "plain" where ALTER TABLE changes the type, "explicit" where it does with USING, "impossible" where not even so."""
    for answer, using in (("plain", ""), ("explicit", f" USING c::{new}")):
        try:
            with connection.transaction(force_rollback=True):
                connection.execute(f"CREATE TABLE t (c {old})".encode())
                connection.execute(f"ALTER TABLE t ALTER COLUMN c TYPE {new}{using}".encode())
            return answer
        except (psycopg.errors.DatatypeMismatch, psycopg.errors.CannotCoerce):
            continue
    return "impossible"


@pytest.mark.parametrize(
    ("old", "new", "castable"),
    [
        (DataType("Integer", module="sqlalchemy"), DataType("BIGINT"), "implicit"),
        (DataType("String", ("20",), "sqlalchemy"), DataType("Integer", module="sqlalchemy"), "explicit"),
        (DataType("ARRAY", item=DataType("TEXT")), DataType("JSON", module="sqlalchemy"), "impossible"),
        (DataType("Enum", ("'a'", "name='mood'"), "sqlalchemy"), DataType("mood"), "implicit"),
        (DataType("Enum", ("'a'", "name='mood'"), "sqlalchemy"), DataType("String", module="sqlalchemy"), "assignment"),
        (DataType("Enum", ("A",), "sqlalchemy"), DataType("mood"), "unknown"),
        (DataType("Money", module="app.types"), DataType("TEXT"), "unknown"),
        (
            DataType("Money", module="app.types", item=DataType("Numeric", module="sqlalchemy")),
            DataType("TEXT"),
            "assignment",
        ),
        (DataType("vector"), DataType("TEXT"), "unknown"),
        (DataType("Text", module="sqlalchemy", variants=True), DataType("INTEGER"), "unknown"),
        (None, DataType("INTEGER"), "unknown"),
        (DataType("DateTime", ("True",), "sqlalchemy"), DataType("TIMESTAMP", ("timezone=True",)), "implicit"),
        (
            DataType("JSON", module="sqlalchemy"),
            DataType("JSONB", module="sqlalchemy.dialects.postgresql"),
            "assignment",
        ),
    ],
)
def test_types_of_sqlalchemy(old: DataType | None, new: DataType, castable: str) -> None:
    assert can_alter(old, new, CATALOG) == castable


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("varchar(20)", "text"),
        ("bigserial", "integer"),
        ("timestamp(3) with time zone", "timestamp"),
        ("integer[][]", "integer[]"),
        ("mood", "enum"),
        ("email", "text"),
        ("geometry(Point, 4326)", None),
        ("pg_catalog.int4", "integer"),
        ('"mood"', "enum"),
    ],
)
def test_families(written: str, expected: str | None) -> None:
    assert family(data_type(written), CATALOG) == expected
