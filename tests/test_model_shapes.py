"""SQLAlchemy 1.4 and 2.x judge what infralint says of model shapes: the schema equals theirs, and what they refuse is found."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from interpreting import project_of
from model_shapes import Shape, all_shapes

import infralint
from infralint.schema_document import CatalogObject, ColumnObject, TableObject, TypeObject
from infralint.settings import Settings

SHAPES = {shape.name: shape for shape in all_shapes()}
VERSIONS = ("1.4", "2.0")
# Where `make test` puts the second SQLAlchemy.
SECOND = Path(os.environ.get("INFRALINT_SQLALCHEMY_14") or Path(sys.prefix, "sqlalchemy-1.4"))
ORM = Settings(select=("orm",))
CASES = [(name, version) for version in VERSIONS for name, shape in SHAPES.items() if shape.runs_on(version)]
SOUND = [(name, version) for name, version in CASES if not SHAPES[name].refused]
REFUSED = [(name, version) for name, version in CASES if SHAPES[name].refused]

Facts = dict[str, Any]


@cache
def catalogs(name: str) -> list[CatalogObject]:
    """What `infralint schema --source models --format json` prints of a shape."""
    document = infralint.schema(SHAPES[name].files, source="models")
    printed: list[CatalogObject] = json.loads(json.dumps(document))["catalogs"]
    return printed


@cache
def verdicts(version: str) -> dict[str, Facts]:
    """What SQLAlchemy says of every shape that it knows, asked in one process."""
    assert version != "1.4" or SECOND.is_dir(), f"no SQLAlchemy 1.4 in {SECOND}: run `make test` once"
    with TemporaryDirectory() as folder:
        shapes = [
            _request(shape, Path(folder, str(n))) for n, shape in enumerate(SHAPES.values()) if shape.runs_on(version)
        ]
        packages = ["sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.sqlite"]
        if version != "1.4":
            packages += ["sqlalchemy.dialects.postgresql.pg_catalog"]
            packages += sorted({shape.package for shape in SHAPES.values() if shape.package})
        environment = {**os.environ, **({"PYTHONPATH": str(SECOND)} if version == "1.4" else {})}
        answer = subprocess.run(
            [sys.executable, "-B", "-W", "ignore", str(Path(__file__).with_name("shape_judge.py"))],
            input=json.dumps({"preload": packages, "shapes": shapes}),
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        )
    found: dict[str, Facts] = json.loads(answer.stdout)
    return found


def _request(shape: Shape, folder: Path) -> Facts:
    for path, text in shape.files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    modules = [path for path in shape.files if path.endswith(".py")]
    types = {_expression(each): _home(each) for each in _types(shape)} if not shape.refused else {}
    return {
        "name": shape.name,
        "folder": str(folder),
        "modules": [path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in modules],
        "types": types,
    }


def _types(shape: Shape) -> list[TypeObject]:
    columns = [c for catalog in catalogs(shape.name) for table in catalog["tables"] for c in table["columns"]]
    return [details for column in columns if (details := column["type_details"]) is not None]


def _home(details: TypeObject) -> str:
    """The module that the type's class comes from."""
    return details["module"] or ""


def _expression(details: TypeObject) -> str:
    """A type as Python writes it."""
    return f"{details['name']}({', '.join(details['arguments'])})"


@pytest.mark.parametrize(("name", "version"), CASES)
def test_the_suite_says_what_sqlalchemy_refuses(name: str, version: str) -> None:
    failure = verdicts(version)[name]["failure"]
    assert bool(failure) == bool(SHAPES[name].refused), failure


def test_the_suite_is_large_enough() -> None:
    assert len(SHAPES) >= 150
    assert len([shape for shape in SHAPES.values() if shape.refused]) >= 45


@pytest.mark.parametrize("name", [name for name, shape in SHAPES.items() if not shape.refused])
def test_nothing_is_said_of_sound_models(name: str) -> None:
    assert _findings(SHAPES[name]) == []


@pytest.mark.parametrize("name", [name for name, shape in SHAPES.items() if shape.refused])
def test_what_is_refused_is_said_before(name: str) -> None:
    assert sorted(_findings(SHAPES[name])) == sorted(SHAPES[name].refused)


def _findings(shape: Shape) -> list[tuple[str, str]]:
    """The rule and the source text of every finding of the family."""
    report = infralint.lint(shape.files, ORM)
    assert report.failed == ()
    lines = {path: text.splitlines() for path, text in shape.files.items()}
    return [(f.rule, lines[f.path][f.line - 1][f.column - 1 : f.end_column - 1]) for f in report.findings]


# The schema.


@pytest.mark.parametrize(("name", "version"), SOUND)
def test_tables_equal_those_of_sqlalchemy(name: str, version: str) -> None:
    verdict = verdicts(version)[name]
    theirs = [_their_table(table, version) for table in verdict["tables"]]
    found = [(catalog, table) for catalog in catalogs(name) for table in catalog["tables"]]
    ours = [_our_table(table, verdict["types"], version) for _, table in found if not table["open"]]
    assert _by_name(ours) == _by_name(theirs)


@pytest.mark.parametrize(("name", "version"), SOUND)
def test_types_equal_those_of_sqlalchemy(name: str, version: str) -> None:
    verdict = verdicts(version)[name]
    ours = [
        ((table["schema"] or "", table["name"], column["name"]), _our_type(column, verdict["types"]))
        for catalog in catalogs(name)
        for table in catalog["tables"]
        for column in table["columns"]
        if column["type_details"] is not None
    ]
    told = {place for place, _ in ours}
    theirs = [
        (place, _their_type(column))
        for table in verdict["tables"]
        for column in table["columns"]
        if (place := (table["schema"] or "", table["name"], column["name"])) in told or column["written"]
    ]
    assert sorted(ours) == sorted(theirs)


@pytest.mark.parametrize(("name", "version"), SOUND)
def test_relationships_equal_those_of_sqlalchemy(name: str, version: str) -> None:
    theirs = verdicts(version)[name]["relationships"]
    ours = [
        {
            "class": each["class"],
            "attribute": each["attribute"],
            "target_class": each["target_class"],
            "back_populates": each["back_populates"] or each["backref"],
            "secondary": each["secondary"],
            "from_backref": each["from_backref"],
        }
        for catalog in catalogs(name)
        for each in catalog["relationships"]
    ]
    assert sorted(ours, key=_place) == sorted(theirs, key=_place)


# What SQLAlchemy, Flask-SQLAlchemy and pydantic give every class.
_EVERYWHERE = {"metadata", "registry", "query", "query_class", "awaitable_attrs"}


@pytest.mark.parametrize("name", [name for name, version in SOUND if version == "2.0"])
def test_no_attribute_is_missed(name: str) -> None:
    view = project_of({path: text for path, text in SHAPES[name].files.items() if path.endswith(".py")}).models
    theirs = verdicts("2.0")[name]["attributes"]
    for mapped in view.classes:
        found = view.attributes.of(mapped)
        dotted = f"{view.interpreter.module(mapped.path).dotted}.{mapped.value.qualname}"
        if dotted in theirs and not found.open:
            assert set(theirs[dotted]) - _EVERYWHERE <= found.names


def _place(relationship: Facts) -> tuple[str, str]:
    return relationship["class"], relationship["attribute"]


def _by_name(tables: list[Facts]) -> list[Facts]:
    return sorted(tables, key=lambda table: (table["schema"] or "", table["name"], repr(table["columns"])))


def _their_table(table: Facts, version: str) -> Facts:
    columns = [{key: column[key] for key in _COLUMN} for column in table["columns"]]
    return {
        **{key: table[key] for key in ("name", "schema", "comment", "primary_key")},
        "columns": _in_order(columns, version),
        "foreign_keys": sorted(table["foreign_keys"], key=repr),
        "unique": sorted(table["unique"], key=repr),
        "checks": sorted(table["checks"], key=repr),
        "indexes": sorted((_plain_index(index, table["name"]) for index in table["indexes"]), key=repr),
    }


_COLUMN = ("name", "nullable", "primary_key", "default", "server_default", "generated", "unique", "index", "comment")


def _in_order(columns: list[Facts], version: str) -> list[Facts]:
    """Columns in their order, which 1.4 takes from when they were made: mixins come in another place there."""
    return columns if version != "1.4" else sorted(columns, key=lambda column: column["name"])


def _plain_index(index: Facts, table: str) -> Facts:
    columns = [re.sub(rf'(?:\w+\.)?"?{table}"?\.', "", column).lower() for column in index["columns"]]
    return {**index, "columns": columns}


def _our_table(table: TableObject, types: Facts, version: str) -> Facts:
    columns = [_our_column(column) for column in table["columns"]]
    return {
        "name": table["name"],
        "schema": table["schema"],
        "comment": table["comment"],
        "primary_key": table["primary_key"],
        "columns": _in_order(columns, version),
        "foreign_keys": sorted(
            (
                {key: value for key, value in each.items() if key not in ("open", "span")}
                for each in table["foreign_keys"]
            ),
            key=repr,
        ),
        "unique": sorted(({"name": u["name"], "columns": u["columns"]} for u in table["unique_constraints"]), key=repr),
        "checks": sorted(
            ({"name": c["name"], "condition": c["condition"]} for c in table["check_constraints"]), key=repr
        ),
        "indexes": sorted(
            (
                {"name": i["name"], "columns": [c.lower() for c in i["columns"]], "unique": i["unique"]}
                for i in table["indexes"]
            ),
            key=repr,
        ),
    }


def _our_column(column: ColumnObject) -> Facts:
    return {
        "name": column["name"],
        "nullable": column["nullable"],
        "primary_key": column["primary_key"],
        "default": column["default"] is not None,
        "server_default": column["server_default"] is not None,
        "generated": column["generated"] is not None,
        "unique": column["unique"],
        "index": column["index"],
        "comment": column["comment"],
    }


def _their_type(column: Facts) -> tuple[str, bool]:
    return _same_in_all_versions(column["type"]["text"]), column["type"]["variants"]


def _our_type(column: ColumnObject, types: Facts) -> tuple[str, bool]:
    details = column["type_details"]
    assert details is not None
    return _same_in_all_versions(types[_expression(details)]), details["variants"]


def _same_in_all_versions(text: str) -> str:
    """Types that newer versions choose by themselves.

    `Mapped[float]` is a Float in SQLAlchemy 2.0 and a Double in 2.1; a field of SQLModel that holds a datetime is a
    DateTime, in 0.0.50 a UTCDateTime.
    """
    if text.startswith("UTCDateTime("):
        return "DateTime([('timezone', 'False')])"
    return text.replace("Double(", "Float(")
