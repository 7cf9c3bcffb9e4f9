"""The schema document: what infralint believes the database holds, as plain values; docs/schema.md describes it.

All formats of `infralint schema` are made from it, so that it holds whatever one of them shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypedDict

from infralint.document_parts import Locate, OpenObject, SpanObject, span_object
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

# Raised when a field goes or changes its meaning; new fields do not raise it.
VERSION = 1

# What declares a schema, and the word for all of that.
SOURCES = ("models", "migrations", "sql")
ALL_SOURCES = "all"


class TypeObject(TypedDict):
    """The parts of a column's type."""

    name: str
    arguments: list[str]
    module: str | None
    item: TypeObject | None
    labels: list[str]
    variants: bool


class ColumnObject(TypedDict):
    """A column."""

    name: str
    type: str | None
    type_details: TypeObject | None
    nullable: bool | None
    primary_key: bool
    default: str | None
    server_default: str | None
    generated: str | None
    unique: bool
    index: bool
    comment: str | None
    attribute: str | None
    open: str | None
    span: SpanObject


class ForeignKeyObject(TypedDict):
    """A foreign key. No target columns: the target's primary key."""

    name: str | None
    columns: list[str]
    target_schema: str | None
    target_table: str
    target_columns: list[str]
    on_delete: str | None
    on_update: str | None
    open: str | None
    span: SpanObject


class ConstraintObject(TypedDict):
    """A constraint; `condition` is there for checks alone."""

    name: str | None
    columns: list[str]
    condition: str | None
    span: SpanObject


class IndexObject(TypedDict):
    """An index; `columns` may hold expressions."""

    name: str | None
    columns: list[str]
    unique: bool
    method: str | None
    condition: str | None
    span: SpanObject


class TableObject(TypedDict):
    """A table or view."""

    name: str
    schema: str | None
    kind: str
    base: str | None
    classes: list[str]
    comment: str | None
    columns: list[ColumnObject]
    primary_key: list[str]
    primary_key_name: str | None
    foreign_keys: list[ForeignKeyObject]
    unique_constraints: list[ConstraintObject]
    check_constraints: list[ConstraintObject]
    exclude_constraints: list[ConstraintObject]
    indexes: list[IndexObject]
    parents: list[str]
    open: list[OpenObject]
    constraints_open: list[OpenObject]
    span: SpanObject


class EnumObject(TypedDict):
    """An enum type of the database."""

    name: str
    schema: str | None
    labels: list[str]
    span: SpanObject


class DomainObject(TypedDict):
    """A domain of the database: a type with a condition."""

    name: str
    schema: str | None
    type: str | None
    type_details: TypeObject | None
    not_null: bool
    server_default: str | None
    conditions: list[str]
    span: SpanObject


# A relationship of a mapped class; classes are `module.Qualname`. `from_backref`: the other side's `backref=` makes it.
RelationshipObject = TypedDict(
    "RelationshipObject",
    {
        "class": str,
        "attribute": str,
        "target_class": str | None,
        "back_populates": str | None,
        "backref": str | None,
        "secondary": str | None,
        "from_backref": bool,
        "open": str | None,
        "span": SpanObject,
    },
)


class CatalogObject(TypedDict):
    """All that one MetaData, one migration environment or one database's SQL declares."""

    source: str
    name: str
    tables: list[TableObject]
    enums: list[EnumObject]
    domains: list[DomainObject]
    relationships: list[RelationshipObject]
    open: list[OpenObject]


class SchemaDocument(TypedDict):
    """The whole document."""

    version: int
    catalogs: list[CatalogObject]


def document_of(catalogs: Iterable[Catalog], locate: Locate) -> SchemaDocument:
    """The document of catalogs, in their order; tables, enums and relationships are sorted by name."""
    maker = _Maker(locate)
    return {"version": VERSION, "catalogs": [maker.catalog(catalog) for catalog in catalogs]}


def limited_to(document: SchemaDocument, names: Iterable[str]) -> SchemaDocument:
    """The document with these tables alone, named `table` or `schema.table`, and the relationships of their classes."""
    wanted = set(names)
    return {**document, "catalogs": [_limited(catalog, wanted) for catalog in document["catalogs"]]}


def table_names(document: SchemaDocument) -> set[str]:
    """The names by which tables may be asked for: `table`, and `schema.table` where there is a schema."""
    tables = (table for catalog in document["catalogs"] for table in catalog["tables"])
    return {name for table in tables for name in (table["name"], qualified(table))}


def qualified(table: TableObject) -> str:
    """`schema.name`, or the name alone."""
    return f"{table['schema']}.{table['name']}" if table["schema"] else table["name"]


def _limited(catalog: CatalogObject, wanted: set[str]) -> CatalogObject:
    tables = [table for table in catalog["tables"] if wanted & {table["name"], qualified(table)}]
    classes = {name for table in tables for name in table["classes"]}
    relationships = [each for each in catalog["relationships"] if each["class"] in classes]
    return {**catalog, "tables": tables, "relationships": relationships}


class _Maker:
    """Turns the catalog's values into the document's."""

    def __init__(self, locate: Locate) -> None:
        self.locate = locate

    def span(self, origin: Origin) -> SpanObject:
        return span_object(origin, self.locate)

    def catalog(self, catalog: Catalog) -> CatalogObject:
        relationships = sorted(catalog.relationships, key=lambda each: (each.owner, each.attribute, each.origin))
        return {
            "source": catalog.source,
            "name": catalog.name,
            "tables": [self.table(catalog.tables[key]) for key in sorted(catalog.tables)],
            "enums": [self.enum(catalog.enums[key]) for key in sorted(catalog.enums)],
            "domains": [self.domain(catalog.domains[key]) for key in sorted(catalog.domains)],
            "relationships": [self.relationship(each) for each in relationships],
            "open": self.open(catalog.open),
        }

    def open(self, causes: Iterable[Unknown]) -> list[OpenObject]:
        return [{"reason": cause.reason, "span": self.span(cause.origin)} for cause in causes]

    def table(self, table: Table) -> TableObject:
        return {
            "name": table.name,
            "schema": table.schema or None,
            "kind": table.kind,
            "base": table.base or None,
            "classes": list(table.classes),
            "comment": table.comment or None,
            "columns": [self.column(column) for column in table.columns.values()],
            "primary_key": list(table.primary_key),
            "primary_key_name": table.primary_key_name or None,
            "foreign_keys": [self.foreign_key(key) for key in table.foreign_keys],
            "unique_constraints": list(self.constraints(table, "unique")),
            "check_constraints": list(self.constraints(table, "check")),
            "exclude_constraints": list(self.constraints(table, "exclude")),
            "indexes": [self.index(index) for index in table.indexes],
            "parents": [f"{schema}.{name}" if schema else name for schema, name in table.parents],
            "open": self.open(table.open),
            "constraints_open": self.open(table.constraints_open),
            "span": self.span(table.origin),
        }

    def column(self, column: Column) -> ColumnObject:
        return {
            "name": column.name,
            "type": str(column.type) if column.type else None,
            "type_details": type_object(column.type) if column.type else None,
            "nullable": column.nullable,
            "primary_key": column.primary_key,
            "default": column.default or None,
            "server_default": column.server_default or None,
            "generated": column.generated or None,
            "unique": column.unique,
            "index": column.index,
            "comment": column.comment or None,
            "attribute": column.attribute or None,
            "open": column.open or None,
            "span": self.span(column.origin),
        }

    def foreign_key(self, key: ForeignKey) -> ForeignKeyObject:
        return {
            "name": key.name or None,
            "columns": list(key.columns),
            "target_schema": key.target_schema or None,
            "target_table": key.target,
            "target_columns": list(key.target_columns),
            "on_delete": key.on_delete or None,
            "on_update": key.on_update or None,
            "open": key.open or None,
            "span": self.span(key.origin),
        }

    def constraints(self, table: Table, kind: str) -> Iterator[ConstraintObject]:
        return (self.constraint(each) for each in table.constraints if each.kind == kind)

    def constraint(self, constraint: Constraint) -> ConstraintObject:
        return {
            "name": constraint.name or None,
            "columns": list(constraint.columns),
            "condition": constraint.condition or None,
            "span": self.span(constraint.origin),
        }

    def index(self, index: Index) -> IndexObject:
        return {
            "name": index.name or None,
            "columns": list(index.columns),
            "unique": index.unique,
            "method": index.method or None,
            "condition": index.condition or None,
            "span": self.span(index.origin),
        }

    def enum(self, enum: EnumType) -> EnumObject:
        return {
            "name": enum.name,
            "schema": enum.schema or None,
            "labels": list(enum.labels),
            "span": self.span(enum.origin),
        }

    def domain(self, domain: DomainType) -> DomainObject:
        return {
            "name": domain.name,
            "schema": domain.schema or None,
            "type": str(domain.type) if domain.type else None,
            "type_details": type_object(domain.type) if domain.type else None,
            "not_null": domain.not_null,
            "server_default": domain.server_default or None,
            "conditions": list(domain.conditions),
            "span": self.span(domain.origin),
        }

    def relationship(self, relationship: Relationship) -> RelationshipObject:
        return {
            "class": relationship.owner,
            "attribute": relationship.attribute,
            "target_class": relationship.target or None,
            "back_populates": relationship.back_populates or None,
            "backref": relationship.backref or None,
            "secondary": relationship.secondary or None,
            "from_backref": relationship.kind == "backref",
            "open": relationship.open or None,
            "span": self.span(relationship.origin),
        }


def type_object(data_type: DataType) -> TypeObject:
    """A type's parts."""
    return {
        "name": data_type.name,
        "arguments": list(data_type.arguments),
        "module": data_type.module or None,
        "item": type_object(data_type.item) if data_type.item else None,
        "labels": list(data_type.labels),
        "variants": data_type.variants,
    }
