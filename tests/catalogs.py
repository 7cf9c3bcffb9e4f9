"""Hand-made catalogs for the tests of what is made from them."""

from __future__ import annotations

from typing import Any

from infralint.project.catalog import (
    Catalog,
    Column,
    Constraint,
    DataType,
    DomainType,
    EnumType,
    ForeignKey,
    Index,
    Origin,
    Relationship,
    Table,
    Unknown,
)
from infralint.schema_document import SchemaDocument, document_of
from infralint.source import Span

HERE = Origin("app/models.py", Span(0, 4))


def at(start: int, path: str = "app/models.py") -> Origin:
    """A place of four characters."""
    return Origin(path, Span(start, start + 4))


def kind(name: str, *arguments: str, module: str = "sqlalchemy", item: DataType | None = None) -> DataType:
    """A type of SQLAlchemy's."""
    return DataType(name, arguments, module, item)


def column(name: str, data_type: DataType | None, **facts: Any) -> Column:
    """A column that is NOT NULL unless something else is said."""
    return Column(name, facts.pop("origin", HERE), data_type, **{"nullable": False, **facts})


def key(columns: str, target: str, target_columns: str = "id", **facts: Any) -> ForeignKey:
    """A foreign key; names are separated by spaces."""
    return ForeignKey(tuple(columns.split()), target, tuple(target_columns.split()), facts.pop("origin", HERE), **facts)


def table(name: str, *columns: Column, **facts: Any) -> Table:
    """A table; its primary key is made of the columns that say so."""
    keys = tuple(each.name for each in columns if each.primary_key)
    facts = {"origin": HERE, "primary_key": keys, **facts}
    return Table(name, columns={each.name: each for each in columns}, **facts)


def catalog(*tables: Table, source: str = "models", **facts: Any) -> Catalog:
    """A catalog of tables."""
    return Catalog(
        source, {(each.schema, each.name): each for each in tables}, **{"name": "app.db:Base.metadata", **facts}
    )


def document(*catalogs: Catalog) -> SchemaDocument:
    """The document of catalogs whose files have lines of ten characters."""
    return document_of(catalogs, _locate)


def _locate(origin: Origin) -> tuple[int, int, int, int]:
    start, end = origin.span.start, origin.span.end
    return start // 10 + 1, start % 10 + 1, end // 10 + 1, end % 10 + 1


def shop() -> Catalog:
    """A catalog in which everything stands once."""
    status = EnumType("status", ("open", "it's closed"), at(2), "shop")
    users = table(
        "users",
        column("id", kind("Integer"), primary_key=True, generated="serial", origin=at(20), attribute="id"),
        column("email", kind("String", "100"), unique=True, attribute="mail", comment="to write to"),
        column("state", kind("Enum", "Status", "name='status'", "schema='shop'"), server_default="'open'", index=True),
        column("tags", kind("ARRAY", "String()", item=kind("String")), nullable=True, default="list"),
        column("extra", None, open="its type is computed", nullable=None),
        base="app.db:Base",
        classes=["app.models.User"],
        constraints=[
            Constraint("unique", ("email", "state"), at(50), "uq_users_email"),
            Constraint("check", (), at(60), "ck_users", "length(email) > 3"),
        ],
        indexes=[Index("ix_users_lower", ("lower(email)",), at(70), unique=True, condition="email IS NOT NULL")],
    )
    orders = table(
        "orders",
        column("id", kind("Integer"), primary_key=True),
        column("user_id", None, nullable=True),
        column("parent_id", kind("Integer"), nullable=True),
        schema="shop",
        classes=["app.models.Order"],
        foreign_keys=[key("user_id", "users", on_delete="CASCADE"), key("parent_id", "orders", target_schema="shop")],
        open=[Unknown("columns are added in a loop", at(90))],
        constraints_open=[Unknown("constraints are made by a function", at(91))],
        parents=[("", "users")],
    )
    relationships = [
        Relationship("app.models.User", "orders", "app.models.Order", at(30), back_populates="user"),
        Relationship("app.models.Order", "user", "app.models.User", at(31), back_populates="orders"),
        Relationship("app.models.Order", "children", "app.models.Order", at(32), backref="parent", secondary="links"),
        Relationship("app.models.Order", "parent", "", at(32), kind="backref", open="the target is computed"),
    ]
    amount = DomainType("amount", at(80), "shop", DataType("NUMERIC", ("10", "2")), True, "0", ("VALUE >= 0",))
    types: dict[str, Any] = {"enums": {("shop", "status"): status}, "domains": {("shop", "amount"): amount}}
    return catalog(users, orders, relationships=relationships, **types)
