"""benchmarks/orm_oracle.py: equal things are equal, and every kind of difference is named."""

from __future__ import annotations

import gzip
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from catalogs import HERE, catalog, column, document, key, kind, table

from infralint.project.catalog import Catalog, Constraint, DataType, Index, Relationship, Table, Unknown

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "orm_oracle.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("orm_oracle", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["orm_oracle"] = module
    spec.loader.exec_module(module)
    return module


orm_oracle = load()


def their_column(name: str, kind_: str = "Integer", **facts: Any) -> dict[str, Any]:
    plain = {"nullable": False, "primary_key": False, "unique": False, "index": False}
    return {"name": name, "type": kind_, "has_default": False, "has_server_default": False, **plain, **facts}


def oracle() -> dict[str, Any]:
    """What SQLAlchemy says of the catalog below."""
    foreign = {"target": "users.id", "declared_as": "users.id", "ondelete": "CASCADE"}
    users = {
        "name": "users",
        "schema": None,
        "columns": [
            their_column("id", primary_key=True),
            their_column("email", "String", length=100, unique=True),
            their_column("kind", "Enum", length=5, enums=["small", "large"], has_default=True),
            their_column("seen", "DateTime", timezone=True, nullable=True, has_server_default=True, index=True),
        ],
        "constraints": [
            {"kind": "PrimaryKeyConstraint", "columns": ["id"]},
            {"kind": "UniqueConstraint", "columns": ["email"]},
            {"kind": "CheckConstraint", "columns": [], "type_bound": True},
        ],
        "indexes": [{"name": "ix_users_seen", "columns": ["seen"], "unique": False}],
    }
    posts = {
        "name": "posts",
        "schema": None,
        "columns": [
            their_column("id", primary_key=True),
            their_column("user_id", foreign_keys=[foreign]),
            their_column("tags", "ARRAY", item_type="String"),
        ],
        "constraints": [
            {"kind": "PrimaryKeyConstraint", "columns": ["id"]},
            {"kind": "ForeignKeyConstraint", "columns": ["user_id"], "targets": ["users.id"]},
        ],
        "indexes": [],
    }
    relationship = {
        "name": "posts", "target": "Post", "target_module": "app.models", "back_populates": "user", "backref": "user",
        "secondary": None, "from_backref": False, "inherited": False,
    }  # fmt: skip
    other = {
        **relationship,
        "name": "user",
        "target": "User",
        "back_populates": "posts",
        "backref": None,
        "from_backref": True,
    }
    return {
        "sqlalchemy": "2.0.0",
        "metadatas": [{"own": True, "tables": [users, posts]}, {"own": False, "tables": [users]}],
        "mappers": [
            {"class": "User", "module": "app.models", "table": "users", "relationships": [relationship]},
            {"class": "Post", "module": "app.models", "table": "posts", "relationships": [other]},
        ],
    }


def ours(*changes: Table, relationships: list[Relationship] | None = None, **facts: Any) -> Catalog:
    enum = DataType("Enum", ("Kind",), "sqlalchemy", labels=("small", "large"))
    users = table(
        "users",
        column("id", kind("Integer"), primary_key=True),
        column("email", kind("String", "100"), unique=True),
        column("kind", enum, default="Kind.small"),
        column("seen", kind("DateTime", "timezone=True"), nullable=True, server_default="now()", index=True),
        classes=["src.app.models.User"],
    )
    posts = table(
        "posts",
        column("id", kind("Integer"), primary_key=True),
        column("user_id", None),
        column("tags", kind("ARRAY", "String()", item=kind("String"))),
        classes=["src.app.models.Post"],
        foreign_keys=[key("user_id", "users", on_delete="cascade")],
    )
    both = [
        Relationship("src.app.models.User", "posts", "src.app.models.Post", HERE, backref="user"),
        Relationship("src.app.models.Post", "user", "src.app.models.User", HERE, "backref", back_populates="posts"),
    ]
    tables = {each.name: each for each in (users, posts, *changes)}
    return catalog(*tables.values(), relationships=both if relationships is None else relationships, **facts)


def groups(found: Any) -> list[str]:
    return sorted({f"{'open ' if each.is_open else ''}{each.group}" for each in found.differences})


def test_the_same_is_the_same() -> None:
    found = orm_oracle.compare_models(oracle(), document(ours()))
    assert [str(each) for each in found.differences] == []
    assert found.compared["column"] == 7
    assert found.compared["relationship"] == 2


def changed(**facts: Any) -> Table:
    """The table of posts with something else in it."""
    posts = ours().tables[("", "posts")]
    for name, value in facts.items():
        setattr(posts, name, value)
    return posts


def with_column(name: str, *arguments: Any, **facts: Any) -> dict[str, Any]:
    columns = {**ours().tables[("", "posts")].columns, name: column(name, *arguments, **facts)}
    return {"columns": columns}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"columns": {}}, ["column missing", "foreign key missing", "on delete missing", "primary key"]),
        (with_column("more", None), ["column unexpected"]),
        (with_column("tags", kind("Text")), ["type"]),
        (with_column("tags", None), ["open type"]),
        (with_column("tags", kind("ARRAY", item=kind("Text"))), ["item type"]),
        (with_column("id", kind("Integer"), primary_key=True, nullable=True), ["nullable"]),
        (with_column("id", kind("Integer"), primary_key=True, nullable=None), ["open nullable"]),
        (with_column("id", kind("Integer")), ["primary_key"]),
        (with_column("id", kind("Integer"), primary_key=True, unique=True), ["unique", "unique constraint unexpected"]),
        (with_column("id", kind("Integer"), primary_key=True, index=True), ["index", "index unexpected"]),
        (with_column("id", kind("Integer"), primary_key=True, default="1"), ["has_default"]),
        (with_column("id", kind("Integer"), primary_key=True, server_default="1"), ["has_server_default"]),
        (with_column("id", kind("Integer"), primary_key=True, generated="identity"), ["has_server_default"]),
        ({"foreign_keys": []}, ["foreign key missing", "on delete missing"]),
        ({"foreign_keys": [key("user_id", "users")]}, ["on delete missing", "on delete unexpected"]),
        ({"constraints": [Constraint("check", (), HERE, "c", "1 = 1")]}, ["number of checks"]),
        ({"indexes": [Index("i", ("lower(x)",), HERE)]}, ["index unexpected"]),
        (
            {"foreign_keys": [], "constraints_open": [Unknown("?", HERE)]},
            ["open foreign key missing", "open on delete missing"],
        ),
        ({"classes": []}, ["open mapped class"]),
    ],
)
def test_a_different_table(change: dict[str, Any], expected: list[str]) -> None:
    if change.get("columns") == {}:
        change = {**change, "foreign_keys": [], "primary_key": ()}
    if "columns" in change and "id" in change["columns"]:
        change = {**change, "primary_key": ("id",)}
    found = orm_oracle.compare_models(oracle(), document(ours(changed(**change))))
    assert groups(found) == expected


def test_different_lengths_labels_and_zones() -> None:
    columns = ours().tables[("", "users")].columns
    small = DataType("Enum", ("Kind",), "sqlalchemy", labels=("small",))
    users = table(
        "users",
        columns["id"],
        column("email", kind("String", "length=50"), unique=True),
        column("kind", small, default="Kind.small"),
        column("seen", kind("DateTime"), nullable=True, server_default="now()", index=True),
        classes=["app.models.User"],
    )
    assert groups(orm_oracle.compare_models(oracle(), document(ours(users)))) == ["enum labels", "length", "time zone"]


def test_different_tables() -> None:
    assert groups(orm_oracle.compare_models(oracle(), document(ours(table("more"))))) == ["table unexpected"]
    users = ours().tables[("", "users")]
    left_out = catalog(users, relationships=ours().relationships)
    assert groups(orm_oracle.compare_models(oracle(), document(left_out))) == ["open mapped class", "table missing"]
    left_out.open.append(Unknown("?", HERE))
    assert groups(orm_oracle.compare_models(oracle(), document(left_out))) == [
        "open mapped class",
        "open table missing",
    ]
    assert "table missing" in groups(orm_oracle.compare_models(oracle(), document()))


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (None, ["relationship missing"]),
        (Relationship("app.models.User", "posts", "app.models.User", HERE, backref="user"), ["relationship's target"]),
        (Relationship("app.models.User", "posts", "", HERE, backref="user"), ["open relationship's target"]),
        (Relationship("app.models.User", "posts", "app.models.Post", HERE), ["other side"]),
        (
            Relationship("app.models.User", "posts", "app.models.Post", HERE, backref="user", secondary="x"),
            ["secondary"],
        ),
        (
            Relationship("app.models.User", "posts", "app.models.Post", HERE, "backref", back_populates="user"),
            ["from a backref"],
        ),
        (
            Relationship("other.models.User", "posts", "app.models.Post", HERE, backref="user"),
            ["relationship missing"],
        ),
    ],
)
def test_different_relationships(first: Relationship | None, expected: list[str]) -> None:
    rest = ours().relationships[1:]
    found = orm_oracle.compare_models(oracle(), document(ours(relationships=[*rest, *([first] if first else [])])))
    assert groups(found) == expected


def test_more_relationships() -> None:
    more = Relationship("app.models.User", "others", "app.models.Post", HERE)
    found = orm_oracle.compare_models(oracle(), document(ours(relationships=[*ours().relationships, more])))
    assert groups(found) == ["relationship unexpected"]


def reflected() -> dict[str, Any]:
    """What PostgreSQL says of the migrations below."""

    def reflected_column(name: str, ddl: str, **facts: Any) -> dict[str, Any]:
        return {"name": name, "ddl": ddl, "nullable": False, "primary_key": False, "has_server_default": False, **facts}

    posts = {
        "name": "posts",
        "schema": "public",
        "primary_key": ["id"],
        "columns": [
            reflected_column("id", "INTEGER", primary_key=True, has_server_default=True),
            reflected_column("title", "VARCHAR(20)"),
            reflected_column("at", "TIMESTAMP WITH TIME ZONE", has_server_default=True),
            reflected_column("price", "NUMERIC(10, 2)", nullable=True),
            reflected_column("author", "INTEGER"),
            reflected_column("level", "level"),
            reflected_column("ratio", "DOUBLE PRECISION"),
        ],
        "foreign_keys": [
            {"columns": ["author"], "target": "public.users", "target_columns": ["id"], "ondelete": "CASCADE"}
        ],
        "unique_constraints": [{"columns": ["title"], "name": "u"}],
        "indexes": [
            {"columns": ["title"], "unique": True, "name": "u"},
            {"columns": ["at"], "unique": False, "name": "i"},
        ],
    }
    version = {**posts, "name": "alembic_version"}
    return {"result": {"ok": True}, "tables": [posts, version]}


def replayed(**facts: Any) -> Catalog:
    level = DataType("ENUM", ("'a'", "name='level'"), "", labels=("a",))
    columns = [
        column("id", DataType("INTEGER"), primary_key=True, generated="serial"),
        column("title", kind("String", "20")),
        column("at", DataType("TIMESTAMP", ("timezone=True",)), server_default="now()"),
        column("price", DataType("NUMERIC", ("10", "2")), nullable=True),
        column("author", DataType("INTEGER")),
        column("level", level),
        column("ratio", kind("Float", "53")),
    ]
    more: dict[str, Any] = {
        "foreign_keys": [key("author", "users", on_delete="CASCADE")],
        "indexes": [Index("u", ("title",), HERE, unique=True), Index("i", ("at",), HERE)],
        **facts,
    }
    return catalog(table("posts", *columns, **more), source="migrations", name="alembic")


def test_the_same_end_state() -> None:
    found = orm_oracle.compare_migrations(reflected(), document(replayed()))
    assert [str(each) for each in found.differences] == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"foreign_keys": []}, ["foreign key missing"]),
        (
            {"foreign_keys": [key("author", "users", on_delete="SET NULL")]},
            ["foreign key missing", "foreign key unexpected"],
        ),
        ({"indexes": []}, ["index missing", "unique missing"]),
        ({"primary_key": ("title",)}, ["primary key"]),
        ({"indexes": [], "open": [Unknown("?", HERE)]}, ["open index missing", "open unique missing"]),
    ],
)
def test_a_different_end_state(change: dict[str, Any], expected: list[str]) -> None:
    assert groups(orm_oracle.compare_migrations(reflected(), document(replayed(**change)))) == expected


def test_different_types_in_the_database() -> None:
    state = replayed()
    columns = state.tables[("", "posts")].columns
    columns["title"] = column("title", kind("Text"))
    columns["level"] = column("level", DataType("MYSTERY"))
    columns["at"] = column("at", DataType("TIMESTAMP"), server_default="now()")
    found = orm_oracle.compare_migrations(reflected(), document(state))
    assert sorted(str(each).partition("  ")[0] for each in found.differences) == [
        "posts.at: oracle 'timestamp with time zone', infralint 'timestamp'",
        "posts.level: oracle 'level', infralint None",
        "posts.title: oracle 'varchar(20)', infralint 'text'",
    ]


def test_the_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "infralint.toml").write_text("", encoding="utf-8")
    (tree / "models.py").write_text(
        "from sqlalchemy import Column, Integer\nfrom sqlalchemy.orm import declarative_base\n"
        "Base = declarative_base()\nclass A(Base):\n    __tablename__ = 'a'\n    id = Column(Integer, primary_key=True)\n",
        encoding="utf-8",
    )
    facts: dict[str, Any] = {
        "name": "a",
        "schema": None,
        "columns": [their_column("id", primary_key=True)],
        "constraints": [{"kind": "PrimaryKeyConstraint", "columns": ["id"]}],
        "indexes": [],
    }
    mapper = {"class": "A", "module": "models", "table": "a", "relationships": []}
    file = tmp_path / "oracle.json.gz"
    file.write_bytes(
        gzip.compress(json.dumps({"metadatas": [{"own": True, "tables": [facts]}], "mappers": [mapper]}).encode())
    )
    migrations = tmp_path / "migrations.json"
    migrations.write_text(json.dumps({"result": {"ok": False}, "tables": []}), encoding="utf-8")
    assert orm_oracle.main([str(tree), str(file), "--migrations", str(migrations)]) == 0
    printed = capsys.readouterr().out
    assert "== migrations: the oracle has no end state\n== models: 0 different, 0 open\n" in printed
    facts["columns"].append(their_column("b"))
    file.write_text(
        json.dumps({"metadatas": [{"own": True, "tables": [facts]}], "mappers": [mapper]}), encoding="utf-8"
    )
    assert orm_oracle.main([str(tree), str(file)]) == 1
    assert "== models: 1 different, 0 open" in (printed := capsys.readouterr().out)
    assert "-- column missing (1)\n   a: oracle 'b', infralint None" in printed
