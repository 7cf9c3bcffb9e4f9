"""The SQL format, judged by PostgreSQL; types judged by SQLAlchemy's own compiler too."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest
import sqlalchemy
from catalogs import HERE, at, catalog, column, document, key, kind, shop, table
from postgres import Postgres
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from infralint.project.catalog import Catalog, Constraint, DataType, DomainType, Index
from infralint.reports.postgres_expressions import is_portable, sql_default
from infralint.reports.postgres_names import RESERVED, identifier
from infralint.reports.postgres_types import joins, postgres_type
from infralint.reports.schema_sql import render_schema_sql
from infralint.schema_document import type_object

Connection = psycopg.Connection[tuple[Any, ...]]


def made(postgres: Postgres, *catalogs: Catalog) -> tuple[str, dict[str, list[str]]]:
    """The script, and what the server made of it: column names and types by table."""
    script = render_schema_sql(document(*catalogs))
    with postgres.connect() as connection, connection.transaction(force_rollback=True):
        connection.execute(script.encode())
        return script, tables_of(connection)


def tables_of(connection: Connection) -> dict[str, list[str]]:
    rows = connection.execute(
        "SELECT c.oid::regclass::text, a.attname || ' ' || format_type(a.atttypid, a.atttypmod)"
        " || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END"
        " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind = 'r' AND a.attnum > 0 AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
        " ORDER BY 1, a.attnum"
    )
    found: dict[str, list[str]] = {}
    for name, written in rows:
        found.setdefault(name, []).append(written)
    return found


def test_the_server_takes_the_shop(postgres: Postgres) -> None:
    script, tables = made(postgres, shop())
    assert tables == {
        "users": [
            "id integer not null",
            "email character varying(100) not null",
            "state shop.status not null",
            "tags character varying[]",
        ],
        "shop.orders": ["id integer not null", "user_id integer", "parent_id integer"],
    }
    assert "-- open: extra : its type is computed" in script
    assert "-- open: columns are added in a loop (app/models.py:10)" in script


def test_what_the_server_holds_is_what_was_said(postgres: Postgres) -> None:
    script = render_schema_sql(document(shop()))
    with postgres.connect() as connection, connection.transaction(force_rollback=True):
        connection.execute(script.encode())
        keys = connection.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype IN ('f', 'u', 'c')"
            " AND conrelid IN ('users'::regclass, 'shop.orders'::regclass)"
        )
        assert sorted(row[0] for row in keys) == [
            "CHECK ((length((email)::text) > 3))",
            "FOREIGN KEY (parent_id) REFERENCES shop.orders(id)",
            "FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE",
            "UNIQUE (email)",
            "UNIQUE (email, state)",
        ]
        found = connection.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_users_lower'").fetchone()
        assert found is not None
        assert "WHERE (email IS NOT NULL)" in found[0]


def test_tables_that_point_at_each_other(postgres: Postgres) -> None:
    left = table("a", column("id", kind("Integer"), primary_key=True), column("b", None), foreign_keys=[key("b", "z")])
    right = table(
        "z", column("id", kind("BigInteger"), primary_key=True), column("a", None), foreign_keys=[key("a", "a")]
    )
    script, tables = made(postgres, catalog(left, right))
    assert script.count("ADD FOREIGN KEY") == 2
    assert tables["a"][1] == "b bigint not null"


def test_a_foreign_key_of_a_foreign_key_takes_its_type(postgres: Postgres) -> None:
    first = table("first", column("id", kind("UUID", "as_uuid=True"), primary_key=True))
    second = table("second", column("id", None, primary_key=True), foreign_keys=[key("id", "first")])
    third = table("third", column("second_id", None), foreign_keys=[key("second_id", "second", "")])
    _, tables = made(postgres, catalog(third, second, first))
    assert tables["third"] == ["second_id uuid not null"]


def test_circles_without_a_type_end(postgres: Postgres) -> None:
    one = table("one", column("id", None, primary_key=True), foreign_keys=[key("id", "two")])
    two = table("two", column("id", None, primary_key=True), foreign_keys=[key("id", "one")])
    script, tables = made(postgres, catalog(one, two))
    assert tables == {}
    assert script.count("-- open: id : its type is not known") == 2


@pytest.mark.parametrize(
    ("foreign_key", "reason"),
    [
        (key("x", "nowhere"), "there is no such table here"),
        (key("x", "t", "y"), "its target is not unique"),
        (key("x", "t", "id y"), "the numbers of columns differ"),
        (key("x", "t", "name"), "a column is not there, or its type is not known"),
        (key("gone", "t"), "a column is not there, or its type is not known"),
        (key("u", "t"), "the types do not fit each other"),
        (key("x", "t", open="its target is computed"), "its target is computed"),
    ],
)
def test_a_foreign_key_that_the_server_refuses_is_a_comment(postgres: Postgres, foreign_key: Any, reason: str) -> None:
    own = table(
        "t",
        column("id", kind("Integer"), primary_key=True),
        column("x", kind("Integer")),
        column("y", kind("Integer")),
        column("u", kind("Uuid")),
        foreign_keys=[foreign_key],
    )
    script, _ = made(postgres, catalog(own))
    comment = next(line for line in script.splitlines() if "FOREIGN KEY" in line)
    assert comment.startswith("-- open: ALTER TABLE t ADD FOREIGN KEY")
    assert comment.endswith(reason)


def test_names_that_need_quotes(postgres: Postgres) -> None:
    names = ["user", "Order", "a b", 'say "x"', "größe", "2fa", "select", "a.b", "between", "x" * 80]
    columns = [column(name, kind("Integer"), unique=True) for name in names]
    tables = [table(name, *columns, schema=schema) for name in names for schema in ("", "my schema")]
    _, found = made(postgres, catalog(*tables))
    assert len(found) == 2 * len(names)
    assert [written.rpartition(" integer")[0] for written in found['"user"']] == [*names[:-1], "x" * 63]


def test_words_that_need_quotes_are_the_servers(postgres: Postgres) -> None:
    with postgres.connect() as connection:
        rows = connection.execute("SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')")
        assert {row[0] for row in rows} == RESERVED
    assert identifier("users") == "users"


TYPES: list[TypeEngine[Any]] = [
    sqlalchemy.String(), sqlalchemy.String(20), sqlalchemy.Unicode(5), sqlalchemy.Text(), sqlalchemy.UnicodeText(),
    sqlalchemy.Integer(), sqlalchemy.SmallInteger(), sqlalchemy.BigInteger(), sqlalchemy.Boolean(),
    sqlalchemy.Float(), sqlalchemy.Float(24), sqlalchemy.Double(), sqlalchemy.Numeric(), sqlalchemy.Numeric(10),
    sqlalchemy.Numeric(10, 2), sqlalchemy.DateTime(), sqlalchemy.DateTime(timezone=True), sqlalchemy.Date(),
    sqlalchemy.Time(), sqlalchemy.Interval(), sqlalchemy.LargeBinary(), sqlalchemy.JSON(), sqlalchemy.PickleType(),
    sqlalchemy.Uuid(), sqlalchemy.ARRAY(sqlalchemy.Integer()), sqlalchemy.CHAR(3), sqlalchemy.VARCHAR(7),
    sqlalchemy.TIMESTAMP(timezone=True), sqlalchemy.DECIMAL(5, 1), sqlalchemy.REAL(), sqlalchemy.BIGINT(),
    sqlalchemy.DOUBLE_PRECISION(), postgresql.UUID(), postgresql.JSONB(), postgresql.INET(), postgresql.CIDR(),
    postgresql.MACADDR(), postgresql.TSVECTOR(), postgresql.BYTEA(), postgresql.OID(), postgresql.MONEY(),
    postgresql.INT4RANGE(), postgresql.TSTZRANGE(), postgresql.BIT(3), postgresql.BIT(3, varying=True),
    postgresql.TIMESTAMP(precision=3, timezone=True), postgresql.INTERVAL(), postgresql.TIME(timezone=True),
    postgresql.ARRAY(sqlalchemy.String(3), dimensions=2), postgresql.REGCLASS(), postgresql.JSONPATH(),
]  # fmt: skip


def as_catalog_has_it(value: TypeEngine[Any]) -> DataType:
    """A type as the catalog holds it, its arguments by name."""
    names = ("length", "precision", "scale", "timezone", "varying", "dimensions")
    arguments = [
        f"{name}={getattr(value, name)!r}" for name in names if getattr(value, name, None) not in (None, False)
    ]
    item = as_catalog_has_it(value.item_type) if isinstance(value, sqlalchemy.ARRAY) else None
    return DataType(type(value).__name__, tuple(arguments), "sqlalchemy", item)


@pytest.mark.parametrize("value", TYPES, ids=repr)
def test_types_are_those_that_sqlalchemy_makes(postgres: Postgres, value: TypeEngine[Any]) -> None:
    theirs = value.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
    ours = postgres_type(type_object(as_catalog_has_it(value)), ())
    assert ours is not None
    with postgres.connect() as connection, connection.transaction(force_rollback=True):
        connection.execute(f"CREATE TABLE ours (c {ours}); CREATE TABLE theirs (c {theirs})".encode())
        tables = tables_of(connection)
    assert tables["ours"] == tables["theirs"]


@pytest.mark.parametrize(
    ("data_type", "expected"),
    [
        (kind("String", "10"), "varchar(10)"),
        (kind("String", "LENGTH"), "varchar"),
        (kind("DateTime", "True"), "timestamp with time zone"),
        (kind("AutoString", "length=5", module="sqlmodel.sql.sqltypes"), "varchar(5)"),
        (DataType("GUID", (), "app.types", kind("CHAR", "36")), "char(36)"),
        (DataType("GUID", (), "app.types"), None),
        # A class of the project's own that is called like one of SQLAlchemy's.
        (DataType("JSON", (), "app.types", kind("Text")), "text"),
        (kind("Uuid", "native_uuid=False"), "char(32)"),
        (kind("UUIDType", "binary=False", module="sqlalchemy_utils.types.uuid"), "uuid"),
        (kind("UUIDType", module="app.types"), None),
        (DataType("GEOMETRY"), None),
        (DataType("STATUS"), None),
        (DataType("status"), "status"),
        (DataType("other.level"), "other.level"),
        (kind("Enum", "Status"), "status"),
        (kind("Enum", "'a'", "'b'", "name='status'"), "status"),
        (kind("Enum", "app.models.Status", "native_enum=False", "length=9"), "varchar(9)"),
        (kind("Enum", "'a'", "name='unknown'"), None),
        (kind("ARRAY", "Mystery()"), None),
        (kind("NullType"), None),
    ],
)
def test_types(data_type: DataType, expected: str | None) -> None:
    assert postgres_type(type_object(data_type), [(None, "status"), ("other", "level")]) == expected


@pytest.mark.parametrize(
    "left", ["smallint", "integer", "numeric(5)", "float", "varchar(9)", "text", "char(3)", "uuid", "date"]
)
@pytest.mark.parametrize(
    "right", ["bigint", "numeric", "real", "varchar(9)", "text", "uuid", "timestamp with time zone"]
)
def test_joins_are_taken_by_the_server(postgres: Postgres, left: str, right: str) -> None:
    with postgres.connect() as connection, connection.transaction(force_rollback=True):
        connection.execute(f"CREATE TABLE t (id {right} PRIMARY KEY); CREATE TABLE s (t_id {left})".encode())
        try:
            connection.execute("ALTER TABLE s ADD FOREIGN KEY (t_id) REFERENCES t (id)")
        except psycopg.errors.DatatypeMismatch:
            assert not joins(left, right)
        else:
            assert joins(left, right)


@pytest.mark.parametrize(
    ("data_type", "default", "made_of_it"),
    [
        ("Text", "'it''s'", "'it''s'::text"),
        ("Integer", "0", "0"),
        ("Integer", "'0'", "0"),
        ("Integer", "''", None),
        ("Boolean", "true", "true"),
        ("Boolean", "'1'", "true"),
        ("Boolean", "1", None),
        ("Boolean", "sa.false()", "false"),
        ("Boolean", "sqlalchemy.sql.expression.true()", "true"),
        ("DateTime", "now()", "now()"),
        ("DateTime", "func.now()", "now()"),
        ("DateTime", "sa.func.current_timestamp()", "CURRENT_TIMESTAMP"),
        ("DateTime", "text('CURRENT_TIMESTAMP')", "CURRENT_TIMESTAMP"),
        ("DateTime", "sa.text(\"timezone('utc', now())\")", "timezone('utc'::text, now())"),
        ("Uuid", "gen_random_uuid()", "gen_random_uuid()"),
        ("Uuid", "uuid_generate_v4()", None),
        ("JSONB", "'{}'::jsonb", "'{}'::jsonb"),
        ("String", '"open"', "'open'::character varying"),
        ("Integer", "(SELECT 1)", None),
        ("Integer", "1)", None),
        ("Integer", "1; DROP TABLE t", None),
        ("BigInteger", "nextval('s.numbers'::regclass)", "nextval('s.numbers'::regclass)"),
        ("Float", "'x'", None),
        ("Date", "0", None),
    ],
)
def test_server_defaults(postgres: Postgres, data_type: str, default: str, made_of_it: str | None) -> None:
    own = table("t", column("c", kind(data_type), server_default=default))
    script = render_schema_sql(document(catalog(own, table("other", schema="s"))))
    with postgres.connect() as connection, connection.transaction(force_rollback=True):
        connection.execute(script.encode())
        rows = connection.execute("SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 't'::regclass")
        found = rows.fetchone()
    assert (found[0] if found else None) == made_of_it
    assert made_of_it is not None or f"-- default: {sql_default(default)}" in script


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("price > 0 AND price < 10", True),
        ("status IN ('a', 'b)')", True),
        ("length(status) > 3", True),
        ("st_isvalid(status)", False),
        ("other > 0", False),
        ('"price" > 0', True),
        ('"Price" > 0', False),
        ("price > $1", False),
        ("(price > 0", False),
        ("", False),
        ("price > (", False),
    ],
)
def test_expressions(expression: str, *, expected: bool) -> None:
    assert is_portable(expression, {"price", "status"}) is expected


def test_what_the_server_refuses_is_a_comment(postgres: Postgres) -> None:
    own = table(
        "t",
        column("id", kind("JSON"), primary_key=True),
        column("doc", kind("JSON"), index=True),
        column("name", kind("Text"), unique=True),
        column("shape", DataType("GEOMETRY"), unique=True, index=True),
        constraints=[
            Constraint("unique", ("doc",), HERE, "uq_doc"),
            Constraint("unique", (), HERE, "uq_nothing"),
            Constraint("check", (), HERE, "ck_shape", "st_isvalid(shape)"),
            Constraint("exclude", (), HERE, "ex", "using gist (shape with &&)"),
        ],
        indexes=[
            Index("ix_shape", ("shape",), HERE, method="gist"),
            Index("ix_words", ("to_tsvector('english', name)",), HERE, method="gin"),
            Index("ix_lower", ("func.lower(T.name)",), HERE),
        ],
    )
    script, tables = made(postgres, catalog(own))
    assert tables == {"t": ["id json not null", "doc json not null", "name text not null"]}
    comments = [line.strip() for line in script.splitlines() if line.strip().startswith("--")]
    for said in ("PRIMARY KEY (id)", "UNIQUE (doc)", "ck_shape", "exclude ex", "ix_shape", "ix_words", "ix_lower"):
        assert any(said in comment for comment in comments), said


def test_what_speaks_of_a_column_that_is_not_made_is_a_comment(postgres: Postgres) -> None:
    # Its name is also a word of SQL.
    own = table(
        "t",
        column("timestamp", DataType("MYSTERY")),
        column("id", kind("Integer")),
        constraints=[Constraint("check", (), HERE, "c", "timestamp IS NULL")],
        indexes=[
            Index("i", ("timestamp",), HERE),
            Index("j", ("id",), HERE, condition="timestamp IS NULL"),
            Index("k", ("id + 1", "timestamp"), HERE),
        ],
    )
    script, tables = made(postgres, catalog(own))
    assert tables == {"t": ["id integer not null"]}
    assert script.count("-- index") == 3
    assert "-- check c (timestamp IS NULL)" in script


def test_names_that_two_things_have(postgres: Postgres) -> None:
    one = table("one", column("id", kind("Integer"), unique=True), indexes=[Index("ix", ("id",), HERE)])
    two = table(
        "two",
        column("id", kind("Integer")),
        indexes=[Index("ix", ("id",), HERE), Index("one", ("id",), HERE)],
        constraints=[Constraint("unique", ("id",), HERE, "ix")],
    )
    script, _ = made(postgres, catalog(one, two))
    assert script.count("CREATE INDEX ON two (id);") == 2


def test_a_table_of_two_catalogs_is_made_once(postgres: Postgres) -> None:
    models = catalog(table("users", column("id", kind("Integer"), primary_key=True)))
    sql = catalog(table("users", column("id", DataType("BIGINT"))), table("logs"), source="sql", name="")
    script, tables = made(postgres, models, sql)
    assert tables == {"users": ["id integer not null"]}
    assert "-- SQL\n-- users is made above\n" in script
    assert "CREATE TABLE logs (\n);" in script


def test_views_are_named(postgres: Postgres) -> None:
    view = table("totals", column("sum", DataType("BIGINT")), kind="view")
    script, tables = made(postgres, catalog(view, source="sql"))
    assert tables == {}
    assert "-- view totals (sum)" in script


def test_domains(postgres: Postgres) -> None:
    domains = {
        ("", "amount"): DomainType("amount", HERE, "", DataType("NUMERIC"), True, "0", ("VALUE >= 0", "VALUE < 9")),
        ("", "strange"): DomainType("strange", HERE, "", DataType("TEXT"), conditions=("my_check(VALUE)",)),
    }
    columns = [column("a", DataType("amount")), column("b", DataType("strange"))]
    script, tables = made(postgres, catalog(table("t", *columns), domains=domains, source="sql"))
    assert tables == {"t": ["a amount not null"]}
    assert "CREATE DOMAIN amount AS numeric NOT NULL CHECK (VALUE >= 0) CHECK (VALUE < 9);" in script
    assert "-- domain strange TEXT my_check(VALUE)" in script


def test_enums_that_columns_bring_along(postgres: Postgres) -> None:
    labels = ("a", "b")
    columns = [
        column("named", DataType("Enum", ("'a'", "'b'", "name='first'"), "sqlalchemy", labels=labels)),
        column("again", DataType("Enum", ("'a'", "'b'", "name='first'"), "sqlalchemy", labels=labels)),
        column("of_class", DataType("Enum", ("Level",), "sqlalchemy", labels=labels)),
        column("nameless", DataType("Enum", ("'a'", "'b'"), "sqlalchemy", labels=labels)),
        column("text", DataType("Enum", ("Level", "native_enum=False"), "sqlalchemy", labels=labels)),
        column("many", kind("ARRAY", "...", item=DataType("Enum", ("Third",), "sqlalchemy", labels=labels))),
    ]
    script, tables = made(postgres, catalog(table("t", *columns)))
    types = [written.removesuffix(" not null") for written in tables["t"]]
    assert types == ["named first", "again first", "of_class level", "text character varying", "many third[]"]
    assert "-- open: nameless Enum('a', 'b'): its type is not known" in script


def test_a_comment_cannot_end_its_line() -> None:
    own = table("t", column("c", None, open="what\n); DROP TABLE users; --"), origin=at(0, "a\nb.py"))
    lines = render_schema_sql(document(catalog(own, name="x\ny"))).splitlines()
    assert not any(re.match(r"\s*(?:\); DROP|b\.py|y)", line) for line in lines)


def test_identity_and_generated_columns(postgres: Postgres) -> None:
    own = table(
        "t",
        column("id", kind("Integer"), primary_key=True, generated="identity"),
        column("double", kind("Integer"), generated="stored id * 2"),
        column("name", kind("Text"), nullable=None),
    )
    own.columns["doc"] = column("doc", DataType("JSON", (), "sqlalchemy", variants=True))
    script, _ = made(postgres, catalog(own))
    assert "-- its type differs by dialect\n    doc json NOT NULL," in script
    assert "id integer GENERATED BY DEFAULT AS IDENTITY NOT NULL" in script
    assert "-- generated: stored id * 2" in script
    assert "-- open: whether name is nullable" in script
