"""The schema document: its own JSON Schema, its order, and what is taken out of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_type_hints, is_typeddict

import pytest
from catalogs import at, catalog, column, document, kind, shop, table
from json_schema import errors_of

from infralint import schema_document
from infralint.reports.document_json import render_document
from infralint.schema_document import limited_to, table_names

SCHEMA = json.loads((Path(__file__).parent / "schema_document.json").read_text(encoding="utf-8"))
DOCS = (Path(__file__).parents[1] / "docs" / "schema.md").read_text(encoding="utf-8")
PARTS = {name: value for name, value in vars(schema_document).items() if is_typeddict(value)}


def errors(value: Any, schema: dict[str, Any]) -> list[str]:
    """What is wrong with a value by the schema of the document."""
    return errors_of(value, schema, SCHEMA)


def test_a_full_document_fits_its_json_schema() -> None:
    assert errors(json.loads(render_document(document(shop(), catalog(source="sql", name="")))), SCHEMA) == []


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"version": 2}, "$.version is not 1"),
        ({"catalogs": None}, "$.catalogs is no array"),
        ({"more": 1}, "$.more is unknown"),
    ],
)
def test_the_json_schema_refuses_what_is_not_the_document(change: dict[str, Any], error: str) -> None:
    assert errors({**document(shop()), **change}, SCHEMA) == [error]


def test_the_json_schema_names_every_part_and_field() -> None:
    assert set(SCHEMA["$defs"]) | {"SchemaDocument"} == set(PARTS)
    for name, part in PARTS.items():
        described = SCHEMA if name == "SchemaDocument" else SCHEMA["$defs"][name]
        assert list(described["properties"]) == described["required"] == list(get_type_hints(part)), name


def test_every_field_is_described() -> None:
    fields = {field for part in PARTS.values() for field in get_type_hints(part)}
    assert {field for field in fields if not re.search(rf"^\|[^|]*`{field}`", DOCS, re.MULTILINE)} == set()


def test_tables_and_relationships_are_sorted_and_columns_are_not() -> None:
    tables = document(shop())["catalogs"][0]["tables"]
    assert [each["name"] for each in tables] == ["users", "orders"], "without a schema first, then by schema"
    assert [each["name"] for each in tables[0]["columns"]] == ["id", "email", "state", "tags", "extra"]
    relationships = document(shop())["catalogs"][0]["relationships"]
    assert [each["attribute"] for each in relationships] == ["children", "parent", "user", "orders"]


def test_places_are_lines_and_columns() -> None:
    span = document(shop())["catalogs"][0]["tables"][0]["columns"][0]["span"]
    assert span == {"path": "app/models.py", "line": 3, "column": 1, "end_line": 3, "end_column": 5}


def test_what_is_not_said_is_null() -> None:
    bare = document(catalog(table("t", column("c", None, nullable=None))))["catalogs"][0]["tables"][0]
    assert {name for name, value in bare.items() if value is None} == {"schema", "base", "comment", "primary_key_name"}
    empty = {name for name, value in bare["columns"][0].items() if value is None}
    assert empty == {
        "type", "type_details", "nullable", "default", "server_default", "generated", "comment", "attribute", "open",
    }  # fmt: skip


def test_types_are_written_with_their_arguments() -> None:
    columns = [
        column("a", kind("Numeric", "10", "2")),
        column("b", kind("ARRAY", "Integer()", item=kind("Integer"))),
        column("c", kind("Text")),
    ]
    found = document(catalog(table("t", *columns)))["catalogs"][0]["tables"][0]["columns"]
    assert [each["type"] for each in found] == ["Numeric(10, 2)", "ARRAY(Integer())", "Text"]
    details = found[1]["type_details"]
    assert details is not None
    assert details["item"] is not None
    assert (details["name"], details["module"], details["item"]["name"]) == ("ARRAY", "sqlalchemy", "Integer")


def test_limited_to_tables_keeps_the_relationships_of_their_classes() -> None:
    whole = document(shop(), catalog(table("users", origin=at(5, "schema.sql")), source="sql", name=""))
    assert table_names(whole) == {"users", "orders", "shop.orders"}
    limited = limited_to(whole, ["shop.orders"])
    assert [[table["name"] for table in each["tables"]] for each in limited["catalogs"]] == [["orders"], []]
    assert {each["class"] for each in limited["catalogs"][0]["relationships"]} == {"app.models.Order"}
    assert [len(each["tables"]) for each in limited_to(whole, ["users"])["catalogs"]] == [1, 1]
