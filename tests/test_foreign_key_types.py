"""PostgreSQL judges which types a foreign key can join."""

from __future__ import annotations

import psycopg
import pytest
from postgres import Postgres
from sqlalchemy import types
from sqlalchemy.dialects import postgresql

from infralint.project.catalog import DataType
from infralint.project.models.type_families import are_apart, family

TYPES = (
    "Integer", "BigInteger", "SmallInteger", "Numeric", "Float", "Double", "String", "Text", "Unicode", "VARCHAR", "CHAR",
    "Uuid", "UUID", "Date", "DateTime", "TIMESTAMP", "Time", "Interval", "LargeBinary", "Boolean",
)  # fmt: skip


def _ddl(name: str) -> str:
    made = getattr(types, name)()
    return str(made.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]


@pytest.fixture(scope="module")
def refused(postgres: Postgres) -> set[tuple[str, str]]:
    """Pairs of types between which PostgreSQL makes no foreign key."""
    found = set()
    with postgres.connection() as connection:
        for target in TYPES:
            connection.execute(f'CREATE TABLE "{target}" (id {_ddl(target)} PRIMARY KEY)')
        for own in TYPES:
            for target in TYPES:
                try:
                    with connection.transaction(force_rollback=True):
                        connection.execute(f'CREATE TABLE own (id {_ddl(own)} REFERENCES "{target}")')
                except psycopg.errors.DatatypeMismatch:
                    found.add((own, target))
    return found


@pytest.mark.parametrize("own", TYPES)
def test_what_is_apart_is_refused(refused: set[tuple[str, str]], own: str) -> None:
    apart = {target for target in TYPES if are_apart(_type(own), _type(target))}
    assert apart
    assert {(own, target) for target in apart} <= refused


def test_most_of_what_is_refused_is_apart(refused: set[tuple[str, str]]) -> None:
    silent = {frozenset(map(_family, pair)) for pair in refused if not are_apart(*map(_type, pair))}
    near = {frozenset({"boolean", "number"}), frozenset({"text", "binary"}), frozenset({"time", "interval"})}
    assert {families for families in silent if len(families) > 1} <= near


def _family(name: str) -> str:
    return family(_type(name))


def _type(name: str) -> DataType:
    return DataType(name, (), "sqlalchemy")


def test_types_that_may_store_anything_are_near_everything() -> None:
    custom = DataType("GUID", (), "app.types", item=DataType("CHAR", ("32",), "sqlalchemy"))
    varying = DataType("Integer", (), "sqlalchemy", variants=True)
    plain_uuid = DataType("Uuid", ("native_uuid=False",), "sqlalchemy")
    assert not are_apart(custom, _type("Integer"))
    assert not are_apart(varying, _type("String"))
    assert not are_apart(plain_uuid, _type("String"))
    assert not are_apart(DataType("Geometry", (), "geoalchemy2"), _type("String"))
