"""Compares what infralint reads from a tree with what SQLAlchemy and Alembic reported of it at run time.

    python benchmarks/orm_oracle.py TREE ORACLE_FILE [--migrations FILE]

TREE is the source tree, ORACLE_FILE the report of its models, FILE that of its migrations (JSON, also gzipped). Prints
the differences, grouped, each with what the oracle says, what infralint says, and where; what infralint leaves open
is listed apart from what it has wrong. Exits with 1 when there are any, else with 0.

The models' report: `metadatas[]` (`own`: the project's) with `tables[]`, and `mappers[]` with `relationships[]`. The
migrations' report: `result.ok`, and `tables[]` as reflected from PostgreSQL. CONTRIBUTING.md says how to make such
files.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import infralint
from infralint.reports.postgres_types import TypeKey, enum_key, postgres_type
from infralint.reports.schema_sql import indexes, primary_key, unique_constraints
from infralint.schema_document import (
    CatalogObject,
    ColumnObject,
    RelationshipObject,
    SchemaDocument,
    SpanObject,
    TableObject,
    TypeObject,
)

# What a report of the oracle holds: plain JSON.
Fact = Mapping[str, Any]

# Tables that tools keep for themselves.
_BOOKKEEPING = frozenset({"alembic_version"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `group` names its kind; `is_open`: infralint says that it does not know."""

    group: str
    what: str
    theirs: object
    ours: object
    place: str = ""
    is_open: bool = False

    def __str__(self) -> str:
        place = f"  ({self.place})" if self.place else ""
        return f"{self.what}: oracle {self.theirs!r}, infralint {self.ours!r}{place}"


@dataclass(slots=True)
class Comparison:
    """The differences found so far, and how much was compared."""

    differences: list[Difference] = field(default_factory=list)
    compared: Counter[str] = field(default_factory=Counter)

    def value(self, group: str, what: str, theirs: object, ours: object, span: SpanObject | None = None) -> None:
        """Note one value of both sides."""
        self.compared[group] += 1
        if theirs != ours:
            self.differences.append(Difference(group, what, theirs, ours, _at(span), ours is None))

    def sets(self, group: str, what: str, theirs: Iterable[Any], ours: Iterable[Any], *, is_open: bool = False) -> None:
        """Note what only one side has."""
        left, right = Counter(list(theirs)), Counter(list(ours))
        self.compared[group] += left.total()
        for each in sorted((left - right).elements(), key=repr):
            self.differences.append(Difference(f"{group} missing", what, each, None, is_open=is_open))
        for each in sorted((right - left).elements(), key=repr):
            self.differences.append(Difference(f"{group} unexpected", what, None, each))


def _at(span: SpanObject | None) -> str:
    return f"{span['path']}:{span['line']}" if span else ""


# The models.


def compare_models(oracle: Fact, document: SchemaDocument) -> Comparison:
    """Every MetaData of the project's own against the catalog that has most of its tables, then the mappers."""
    found = Comparison()
    catalogs = [catalog for catalog in document["catalogs"] if catalog["source"] == "models"]
    for metadata in oracle["metadatas"]:
        if metadata["own"]:
            # SQLAlchemy 1.3 puts the columns of mixins in another place.
            ordered = not str(oracle.get("sqlalchemy", "")).startswith("1.3")
            best = _best(catalogs, metadata["tables"])
            _compare_tables(found, metadata["tables"], best, _compare_model_table, keeps_order=ordered)
    _compare_relationships(
        found, oracle["mappers"], [each for catalog in catalogs for each in catalog["relationships"]]
    )
    _compare_mappers(found, oracle["mappers"], catalogs)
    return found


def _best(catalogs: Iterable[CatalogObject], tables: Iterable[Fact]) -> CatalogObject | None:
    """The catalog that has most of these tables."""
    names = {table["name"] for table in tables}
    return max(catalogs, key=lambda each: len({table["name"] for table in each["tables"]} & names), default=None)


def _key(schema: str | None, name: str) -> str:
    return name if schema in (None, "", "public") else f"{schema}.{name}"


CompareTable = Callable[[Comparison, Fact, TableObject, "Types"], None]


def _compare_tables(
    found: Comparison,
    theirs: Iterable[Fact],
    catalog: CatalogObject | None,
    compare: CompareTable,
    *,
    keeps_order: bool = True,
) -> None:
    left = {_key(table["schema"], table["name"]): table for table in theirs}
    own = [table for table in (catalog["tables"] if catalog else []) if table["kind"] == "table"]
    right = {_key(table["schema"], table["name"]): table for table in own}
    names = (set(left) - _BOOKKEEPING, set(right) - _BOOKKEEPING)
    found.sets("table", "table", *names, is_open=bool(catalog and catalog["open"]))
    types = Types(catalog, keeps_order=keeps_order) if catalog else None
    for name in sorted(names[0] & names[1]):
        if types is not None:
            compare(found, left[name], right[name], types)


class Types:
    """The types of a catalog as PostgreSQL calls them. `keeps_order`: whether the order of columns can be compared."""

    def __init__(self, catalog: CatalogObject, *, keeps_order: bool) -> None:
        self.keeps_order = keeps_order
        named = (*catalog["enums"], *catalog["domains"])
        self.own: set[TypeKey] = {(each["schema"], each["name"]) for each in named}
        for table in catalog["tables"]:
            for column in table["columns"]:
                if column["type_details"] and (key := enum_key(column["type_details"])):
                    self.own.add(key)

    def written(self, column: ColumnObject) -> str | None:
        """A column's type in PostgreSQL's words; None where it is not known."""
        found = postgres_type(column["type_details"], self.own) if column["type_details"] else None
        return _normal(found) if found else None


def _compare_model_table(found: Comparison, theirs: Fact, ours: TableObject, types: Types) -> None:
    name = _key(theirs["schema"], theirs["name"])
    left = {column["name"]: column for column in theirs["columns"]}
    right = {column["name"]: column for column in ours["columns"]}
    found.sets("column", name, left, right, is_open=bool(ours["open"]))
    for column in sorted(set(left) & set(right)):
        _compare_model_column(found, f"{name}.{column}", left[column], right[column])
    if types.keeps_order:
        found.value(
            "column order", name, [c for c in left if c in right], [c for c in right if c in left], ours["span"]
        )
    _compare_model_constraints(found, name, theirs, ours)


def _compare_model_column(found: Comparison, name: str, theirs: Fact, ours: ColumnObject) -> None:
    span = ours["span"]
    details = ours["type_details"]
    # A column without a type takes that of the column that its foreign key points at.
    if details is not None or not theirs.get("foreign_keys"):
        found.value("type", name, theirs["type"], details["name"] if details else None, span)
    if details is not None and theirs["type"] == details["name"]:
        if theirs["type"] not in ("Enum", "ENUM"):
            found.value("length", name, theirs.get("length") or 0, _length(details), span)
        if "enums" in theirs:
            found.value("enum labels", name, theirs["enums"], details["labels"] or None, span)
        if theirs.get("item_type"):
            item = details["item"]
            found.value("item type", name, theirs["item_type"], item["name"] if item else None, span)
        if "timezone" in theirs and "decorator_impl" not in theirs:
            found.value("time zone", name, theirs["timezone"], _has_zone(details), span)
    for fact in ("nullable", "primary_key", "unique", "index"):
        found.value(fact, name, theirs[fact], ours[fact], span)
    found.value("has_default", name, theirs["has_default"], ours["default"] is not None, span)
    found.value("has_server_default", name, theirs["has_server_default"], _has_server_default(ours), span)


def _length(details: TypeObject) -> int:
    """The length that a type is made with, or that of what it stores; 0 for none."""
    for at, argument in enumerate(details["arguments"]):
        if (match := re.fullmatch(r"(?:length\s*=\s*)?(\d+)", argument)) and (at == 0 or "=" in argument):
            return int(match[1]) if details["name"] not in ("Numeric", "Float", "DECIMAL", "NUMERIC") else 0
    return _length(details["item"]) if details["item"] and details["name"] != "ARRAY" else 0


def _has_zone(details: TypeObject) -> bool:
    return bool({"True", "timezone=True"} & set(details["arguments"]))


def _has_server_default(column: ColumnObject) -> bool:
    generated = (column["generated"] or "").lower()
    return column["server_default"] is not None or generated.startswith(("identity", "computed", "stored", "virtual"))


def _compare_model_constraints(found: Comparison, name: str, theirs: Fact, ours: TableObject) -> None:
    kinds: dict[str, list[Fact]] = {}
    for constraint in theirs["constraints"]:
        kinds.setdefault(constraint["kind"], []).append(constraint)
    keys = kinds.get("PrimaryKeyConstraint", [])
    found.value("primary key", name, sorted(c for key in keys for c in key["columns"]), sorted(primary_key(ours)))
    is_open = bool(ours["open"] or ours["constraints_open"])
    found.sets(
        "foreign key",
        name,
        ((_sorted(key["columns"]), _sorted(key["targets"])) for key in kinds.get("ForeignKeyConstraint", [])),
        (
            (_sorted(key["columns"]), _sorted(f"{_target(key)}.{column}" for column in key["target_columns"]))
            for key in ours["foreign_keys"]
        ),
        is_open=is_open,
    )
    found.sets(
        "on delete",
        name,
        (
            (c["name"], k["target"], (k.get("ondelete") or "").upper())
            for c in theirs["columns"]
            for k in c.get("foreign_keys", ())
        ),
        (
            (column, f"{_target(key)}.{target}", (key["on_delete"] or "").upper())
            for key in ours["foreign_keys"]
            for column, target in zip(key["columns"], key["target_columns"], strict=False)
        ),
        is_open=is_open,
    )
    found.sets(
        "unique constraint",
        name,
        (tuple(sorted(each["columns"])) for each in kinds.get("UniqueConstraint", [])),
        (tuple(sorted(each["columns"])) for each in unique_constraints(ours)),
        is_open=is_open,
    )
    checks = [each for each in kinds.get("CheckConstraint", []) if not each["type_bound"]]
    found.value("number of checks", name, len(checks), len(ours["check_constraints"]))
    _compare_indexes(found, name, theirs["indexes"], ours, is_open=is_open)


def _compare_indexes(found: Comparison, name: str, theirs: Iterable[Fact], ours: TableObject, *, is_open: bool) -> None:
    plain = {column["name"] for column in ours["columns"]}
    found.sets(
        "index",
        name,
        ((_plain_only(each["columns"], plain), each["unique"]) for each in theirs),
        ((_plain_only(each["columns"], plain), each["unique"]) for each in indexes(ours)),
        is_open=is_open,
    )


def _plain_only(columns: Iterable[str | None], plain: set[str]) -> tuple[str, ...]:
    """The columns of an index, with one word for every expression."""
    return tuple(each if each in plain else "(expression)" for each in columns)


def _target(key: Mapping[str, Any]) -> str:
    return f"{key['target_schema']}.{key['target_table']}" if key["target_schema"] else str(key["target_table"])


# Mappers and relationships.


def _is_same_class(theirs: str, ours: str | None) -> bool:
    """Whether two dotted names are one class; infralint may see the module from a folder higher up or lower down."""
    return ours is not None and (theirs == ours or ours.endswith(f".{theirs}") or theirs.endswith(f".{ours}"))


def _compare_mappers(found: Comparison, mappers: Iterable[Fact], catalogs: Iterable[CatalogObject]) -> None:
    mapped = [(name, table) for catalog in catalogs for table in catalog["tables"] for name in table["classes"]]
    for mapper in mappers:
        name = f"{mapper['module']}.{mapper['class']}"
        tables = [table["name"] for each, table in mapped if _is_same_class(name, each)]
        table = (mapper["table"] or "").rpartition(".")[2]
        found.value("mapped class", name, table, table if table in tables else next(iter(tables), None))


def _compare_relationships(
    found: Comparison, mappers: Iterable[Fact], relationships: Iterable[RelationshipObject]
) -> None:
    by_attribute: dict[tuple[str, str], list[RelationshipObject]] = {}
    for each in relationships:
        last = each["class"].rpartition(".")[2]
        by_attribute.setdefault((last, each["attribute"]), []).append(each)
    for mapper in mappers:
        owner = f"{mapper['module']}.{mapper['class']}"
        for relationship in mapper["relationships"]:
            key = (mapper["class"], relationship["name"])
            own = [each for each in by_attribute.get(key, ()) if _is_same_class(owner, each["class"])]
            # The parent has one of that name; whether the class has its own besides, the oracle does not tell.
            if relationship["inherited"] and not own:
                continue
            found.compared["relationship"] += 1
            if own:
                by_attribute[key] = [each for each in by_attribute[key] if each is not own[0]]
                _compare_relationship(found, f"{owner}.{relationship['name']}", relationship, own[0])
            else:
                what = f"{owner}.{relationship['name']}"
                theirs = f"-> {relationship['target']}{' (backref)' if relationship['from_backref'] else ''}"
                found.differences.append(Difference("relationship missing", what, theirs, None))
    known = [f"{mapper['module']}.{mapper['class']}" for mapper in mappers]
    for each in (each for left in by_attribute.values() for each in left):
        # Classes that the oracle did not import are not its concern.
        if any(_is_same_class(name, each["class"]) for name in known):
            what = f"{each['class']}.{each['attribute']}"
            found.differences.append(
                Difference("relationship unexpected", what, None, f"-> {each['target_class']}", _at(each["span"]))
            )


def _compare_relationship(found: Comparison, name: str, theirs: Fact, ours: RelationshipObject) -> None:
    span = ours["span"]
    target = f"{theirs['target_module']}.{theirs['target']}"
    same = _is_same_class(target, ours["target_class"])
    found.value("relationship's target", name, target, target if same else ours["target_class"], span)
    other = ours["back_populates"] or ours["backref"] or ""
    found.value("other side", name, theirs["back_populates"] or theirs["backref"] or "", other, span)
    found.value("secondary", name, _last(theirs["secondary"]), _last(ours["secondary"]), span)
    found.value("from a backref", name, theirs["from_backref"], ours["from_backref"], span)


def _last(name: str | None) -> str:
    return (name or "").rpartition(".")[2]


# The migrations.


def compare_migrations(oracle: Fact, document: SchemaDocument) -> Comparison:
    """The end state of the migrations against the catalog that has most of its tables."""
    found = Comparison()
    catalogs = [catalog for catalog in document["catalogs"] if catalog["source"] == "migrations"]
    _compare_tables(found, oracle["tables"], _best(catalogs, oracle["tables"]), _compare_reflected_table)
    return found


def _compare_reflected_table(found: Comparison, theirs: Fact, ours: TableObject, types: Types) -> None:
    name = _key(theirs["schema"], theirs["name"])
    left = {column["name"]: column for column in theirs["columns"]}
    right = {column["name"]: column for column in ours["columns"]}
    found.sets("column", name, left, right, is_open=bool(ours["open"]))
    for column in sorted(set(left) & set(right)):
        _compare_reflected_column(found, f"{name}.{column}", left[column], right[column], types)
    is_open = bool(ours["open"] or ours["constraints_open"])
    found.value("primary key", name, sorted(theirs["primary_key"]), sorted(primary_key(ours)))
    found.sets(
        "foreign key",
        name,
        (
            (tuple(key["columns"]), _unqualified(key["target"]), (key.get("ondelete") or "").upper())
            for key in theirs["foreign_keys"]
        ),
        (
            (
                tuple(key["columns"]),
                _unqualified(_target(key)),
                (key["on_delete"] or "").upper().replace("NO ACTION", ""),
            )
            for key in ours["foreign_keys"]
        ),
        is_open=is_open,
    )
    _compare_reflected_uniqueness(found, name, theirs, ours, is_open=is_open)


def _compare_reflected_column(found: Comparison, name: str, theirs: Fact, ours: ColumnObject, types: Types) -> None:
    span = ours["span"]
    found.value("type", name, _normal(theirs["ddl"]), types.written(ours), span)
    found.value("nullable", name, theirs["nullable"], ours["nullable"], span)
    found.value("primary_key", name, theirs["primary_key"], ours["primary_key"], span)
    given = ours["server_default"] is not None or ours["generated"] is not None
    found.value("has_server_default", name, theirs["has_server_default"] or "computed" in theirs, given, span)


def _compare_reflected_uniqueness(
    found: Comparison, name: str, theirs: Fact, ours: TableObject, *, is_open: bool
) -> None:
    """Unique constraints and unique indexes of the same columns count as the same; then the other indexes."""
    uniques = [tuple(sorted(each["columns"])) for each in theirs["unique_constraints"]]
    plain = {column["name"] for column in ours["columns"]}
    left = {*uniques, *(_plain_only(each["columns"], plain) for each in theirs["indexes"] if each["unique"])}
    right = {tuple(sorted(each["columns"])) for each in unique_constraints(ours)}
    right |= {_plain_only(each["columns"], plain) for each in indexes(ours) if each["unique"]}
    found.sets("unique", name, map(_sorted, left), map(_sorted, right), is_open=is_open)
    found.sets(
        "index",
        name,
        (_plain_only(each["columns"], plain) for each in theirs["indexes"] if not each["unique"]),
        (_plain_only(each["columns"], plain) for each in indexes(ours) if not each["unique"]),
        is_open=is_open,
    )


def _sorted(columns: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(columns))


def _unqualified(name: str) -> str:
    return name.removeprefix("public.")


# One name for each of PostgreSQL's types that have several.
_SYNONYMS = (
    (re.compile(r"character varying"), "varchar"),
    (re.compile(r"\bcharacter\b|\bbpchar\b"), "char"),
    (re.compile(r" without time zone"), ""),
    (re.compile(r"double precision|float\((?:2[5-9]|[345]\d)\)|\bfloat\b(?!\()"), "double precision"),
    (re.compile(r"float\(\d+\)"), "real"),
    (re.compile(r"^char\(1\)$"), "char"),
    (re.compile(r'"'), ""),
    (re.compile(r",\s*"), ", "),
    (re.compile(r"^public\."), ""),
)


def _normal(written: str) -> str:
    found = written.lower()
    for pattern, name in _SYNONYMS:
        found = pattern.sub(name, found)
    return found


# The report.


def report(title: str, found: Comparison) -> Iterator[str]:
    """The differences by group, what is open last."""
    compared = ", ".join(f"{number} {group}" for group, number in sorted(found.compared.items()))
    is_open = sum(each.is_open for each in found.differences)
    yield f"== {title}: {len(found.differences) - is_open} different, {is_open} open"
    yield f"   compared: {compared}"
    groups: dict[tuple[bool, str], list[Difference]] = {}
    for each in found.differences:
        groups.setdefault((each.is_open, each.group), []).append(each)
    for (left_open, group), differences in sorted(groups.items()):
        yield f"-- {'open: ' if left_open else ''}{group} ({len(differences)})"
        yield from (f"   {each}" for each in sorted(differences, key=lambda each: (each.what, str(each))))


def load(path: Path) -> Any:
    """A JSON file, also a gzipped one."""
    data = path.read_bytes()
    return json.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 1 where something differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("tree", type=Path)
    parser.add_argument("oracle", type=Path)
    parser.add_argument("--migrations", type=Path)
    given = parser.parse_args(arguments)
    document = infralint.schema(given.tree, cache=False)
    comparisons = [("models", compare_models(load(given.oracle), document))]
    if given.migrations is not None:
        oracle = load(given.migrations)
        if oracle["result"]["ok"]:
            comparisons.append(("migrations", compare_migrations(oracle, document)))
        else:
            print("== migrations: the oracle has no end state")
    for title, found in comparisons:
        print("\n".join(report(title, found)))
    return 1 if any(found.differences for _, found in comparisons) else 0


if __name__ == "__main__":
    sys.exit(main())
