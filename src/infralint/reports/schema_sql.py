"""The schema as statements that a PostgreSQL server accepts: what is open, or would be refused, stands in comments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from infralint.document_parts import OpenObject, SpanObject
from infralint.reports.harmless import harmless
from infralint.reports.postgres_expressions import fits, is_portable, sequence_of, sql_default
from infralint.reports.postgres_names import identifier, in_schema, literal
from infralint.reports.postgres_types import TypeKey, enum_key, joins, postgres_type
from infralint.reports.schema_text import source_line
from infralint.schema_document import (
    CatalogObject,
    ColumnObject,
    ConstraintObject,
    DomainObject,
    EnumObject,
    ForeignKeyObject,
    IndexObject,
    SchemaDocument,
    TableObject,
    qualified,
)

_ACTIONS = frozenset({"CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT", "NO ACTION"})
_INTEGERS = frozenset({"smallint", "integer", "bigint"})
# Types without an order: an index of the usual kind, a key or a UNIQUE is refused (PostgreSQL 18, 11.2).
_WITHOUT_ORDER = frozenset({"json", "xml", "jsonpath"})


@dataclass(frozen=True, slots=True)
class _Said:
    """A line inside of CREATE TABLE: SQL, or a comment that says why there is none."""

    sql: str = ""
    comment: str = ""


def render_schema_sql(document: SchemaDocument) -> str:
    """One script for all catalogs. A table that several of them declare is made as the first one has it."""
    script = _Script()
    lines = [line for catalog in document["catalogs"] for line in script.catalog(catalog)]
    return "".join(f"{line}\n" for line in lines)


class _Script:
    """Statements in the order in which the server takes them; foreign keys last, so that circles do no harm."""

    def __init__(self) -> None:
        self.tables: dict[str, TableObject] = {}
        self.types: dict[str, dict[str, str]] = {}
        self.own_types: set[TypeKey] = set()
        self.relations: set[tuple[str | None, str]] = set()

    def catalog(self, catalog: CatalogObject) -> Iterator[str]:
        yield _comment(source_line(catalog))
        yield from _open(catalog["open"])
        tables = [table for table in catalog["tables"] if qualified(table) not in self.tables]
        known = [qualified(table) for table in catalog["tables"] if qualified(table) in self.tables]
        yield from (_comment(f"{name} is made above") for name in known)
        self.tables |= {qualified(table): table for table in tables}
        self.relations |= {(table["schema"], table["name"]) for table in tables}
        enums = enums_of(catalog, tables)
        names = {each["schema"] for each in (*tables, *enums, *catalog["domains"])}
        yield from (f"CREATE SCHEMA IF NOT EXISTS {identifier(name)};" for name in sorted(filter(None, names)))
        yield from self._enums(enums)
        yield from self._domains(catalog["domains"])
        self._settle_types(tables)
        for table in tables:
            yield from self._table(table)
        for table in tables:
            yield from self._indexes(table)
        for table in tables:
            yield from self._foreign_keys(table)
        yield ""

    def _enums(self, enums: Iterable[EnumObject]) -> Iterator[str]:
        for enum in enums:
            key = (enum["schema"], enum["name"])
            if key not in self.own_types:
                self.own_types.add(key)
                labels = ", ".join(map(literal, dict.fromkeys(enum["labels"])))
                yield f"CREATE TYPE {in_schema(*key)} AS ENUM ({labels});"

    def _domains(self, domains: Iterable[DomainObject]) -> Iterator[str]:
        for domain in domains:
            key = (domain["schema"], domain["name"])
            written = postgres_type(domain["type_details"], self.own_types) if domain["type_details"] else None
            portable = all(is_portable(condition, ("value",)) for condition in domain["conditions"])
            if written is None or not portable or key in self.own_types:
                yield _comment(f"domain {in_schema(*key)} {domain['type'] or '?'} {' '.join(domain['conditions'])}")
                continue
            self.own_types.add(key)
            null = " NOT NULL" if domain["not_null"] else ""
            checks = "".join(f" CHECK ({condition})" for condition in domain["conditions"])
            yield f"CREATE DOMAIN {in_schema(*key)} AS {written}{null}{checks};"

    # Types.

    def _settle_types(self, tables: Iterable[TableObject]) -> None:
        """Give every column its type; a foreign key without one takes its target's."""
        for table in tables:
            found = self.types.setdefault(qualified(table), {})
            for column in table["columns"]:
                details = column["type_details"]
                written = postgres_type(details, self.own_types) if details else None
                if written is not None:
                    found[column["name"]] = written
        for table in tables:
            for column in table["columns"]:
                self._type_of(table, column["name"], frozenset())

    def _type_of(self, table: TableObject, column: str, seen: frozenset[tuple[str, str]]) -> str | None:
        found = self.types.get(qualified(table), {})
        here = (qualified(table), column)
        if column in found or here in seen:
            return found.get(column)
        for key in table["foreign_keys"]:
            target = self._target(table, key)
            if column in key["columns"] and target is not None and _has_no_type(table, column):
                columns = key["target_columns"] or target["primary_key"]
                place = key["columns"].index(column)
                written = self._type_of(target, columns[place], seen | {here}) if place < len(columns) else None
                if written is not None:
                    found[column] = written
                    return written
        return None

    def _target(self, table: TableObject, key: ForeignKeyObject) -> TableObject | None:
        name = key["target_table"]
        return self.tables.get(f"{key['target_schema']}.{name}" if key["target_schema"] else name)

    # Tables.

    def _table(self, table: TableObject) -> Iterator[str]:
        yield ""
        yield _comment(_place(table["span"]))
        yield from _open(table["open"])
        name = in_schema(table["schema"], table["name"])
        if table["kind"] not in ("table", "foreign table"):
            yield _comment(f"{table['kind']} {name} ({', '.join(column['name'] for column in table['columns'])})")
            self.types[qualified(table)] = {}
            return
        yield from self._sequences(table)
        said = [*self._columns(table), *self._constraints(table)]
        yield f"CREATE TABLE {name} ("
        last = max((at for at, each in enumerate(said) if each.sql), default=-1)
        for at, each in enumerate(said):
            if each.comment:
                yield f"    {_comment(each.comment)}"
            if each.sql:
                yield f"    {each.sql}{',' if at < last else ''}"
        yield ");"

    def _sequences(self, table: TableObject) -> Iterator[str]:
        defaults = (sql_default(column["server_default"] or "") for column in table["columns"])
        for sequence in dict.fromkeys(filter(None, map(sequence_of, defaults))):
            schema, _, name = sequence.rpartition(".")
            written = in_schema(schema.strip('"') or None, name.strip('"'))
            self.relations.add((schema.strip('"') or None, name.strip('"')))
            yield f"CREATE SEQUENCE IF NOT EXISTS {written};"

    def _columns(self, table: TableObject) -> Iterator[_Said]:
        types = self.types.get(qualified(table), {})
        for column in table["columns"]:
            written = types.get(column["name"])
            if written is None:
                reason = column["open"] or "its type is not known"
                yield _Said(comment=f"open: {column['name']} {column['type'] or ''}: {reason}")
            else:
                yield from self._column(column, written)

    def _column(self, column: ColumnObject, written: str) -> Iterator[_Said]:
        parts = [identifier(column["name"]), written]
        comments = []
        if column["open"]:
            comments.append(f"open: {column['open']}")
        if column["type_details"] and column["type_details"]["variants"]:
            comments.append("its type differs by dialect")
        if column["generated"]:
            if written in _INTEGERS and not column["generated"].lower().startswith(("stored", "virtual", "computed")):
                parts.append("GENERATED BY DEFAULT AS IDENTITY")
            else:
                comments.append(f"generated: {column['generated']}")
        elif column["server_default"]:
            default = sql_default(column["server_default"])
            if is_portable(default) and fits(default, written):
                parts.append(f"DEFAULT {default}")
            else:
                comments.append(f"default: {default}")
        if column["nullable"] is None and not column["primary_key"]:
            comments.append(f"open: whether {column['name']} is nullable")
        if column["nullable"] is False:
            parts.append("NOT NULL")
        yield _Said(" ".join(parts), "; ".join(comments))

    def _constraints(self, table: TableObject) -> Iterator[_Said]:
        types = self.types[qualified(table)]
        if key := primary_key(table):
            yield self._key("PRIMARY KEY", key, types)
        for constraint in unique_constraints(table):
            said = self._key("UNIQUE", constraint["columns"], types)
            yield _Said(f"{self._named(table, constraint)}{said.sql}" if said.sql else "", said.comment)
        for constraint in table["check_constraints"]:
            yield self._check(table, constraint, types)
        for constraint in table["exclude_constraints"]:
            yield _Said(comment=f"exclude {constraint['name'] or ''} ({constraint['condition'] or ''})")

    def _key(self, kind: str, columns: Sequence[str], types: dict[str, str]) -> _Said:
        written = f"{kind} ({', '.join(map(identifier, columns))})"
        if columns and _are_ordered(columns, types):
            return _Said(written)
        return _Said(comment=f"open: {written}")

    def _check(self, table: TableObject, constraint: ConstraintObject, types: dict[str, str]) -> _Said:
        condition = constraint["condition"] or ""
        if is_portable(condition, types, _missing(table, types)):
            return _Said(f"{self._named(table, constraint)}CHECK ({condition})")
        return _Said(comment=f"check {constraint['name'] or ''} ({condition})")

    def _named(self, table: TableObject, constraint: ConstraintObject) -> str:
        name = constraint["name"]
        return f"CONSTRAINT {identifier(name)} " if name and self._is_new(table, name) else ""

    def _is_new(self, table: TableObject, name: str) -> bool:
        """Note a name of an index or constraint; False where the schema has it already."""
        # The server cuts names after 63 bytes.
        key = (table["schema"], name.encode()[:63].decode(errors="ignore"))
        is_new = key not in self.relations
        self.relations.add(key)
        return is_new

    # What comes after the tables.

    def _indexes(self, table: TableObject) -> Iterator[str]:
        types = self.types[qualified(table)]
        for index in indexes(table):
            missing = _missing(table, types)
            columns = [_element(element, types, missing) for element in index["columns"]]
            usual = index["method"] in (None, "btree")
            refused = usual and not _are_ordered([name for name in index["columns"] if name in types], types)
            partial = index["condition"] is None or is_portable(index["condition"], types, missing)
            unusual = index["method"] not in (None, "btree", "hash", "brin")
            written = ", ".join(column or element for column, element in zip(columns, index["columns"], strict=True))
            where = f" WHERE {index['condition']}" if index["condition"] else ""
            if not columns or None in columns or refused or unusual or not partial:
                method = f"using {index['method']} " if index["method"] else ""
                yield _comment(f"index {index['name'] or ''} on {qualified(table)} {method}({written}){where}")
                continue
            name = f"{identifier(index['name'])} " if index["name"] and self._is_new(table, index["name"]) else ""
            unique = "UNIQUE " if index["unique"] else ""
            method = f" USING {index['method']}" if index["method"] else ""
            on = in_schema(table["schema"], table["name"])
            yield f"CREATE {unique}INDEX {name}ON {on}{method} ({written}){where};"

    def _foreign_keys(self, table: TableObject) -> Iterator[str]:
        for key in table["foreign_keys"]:
            target = self._target(table, key)
            columns = (key["target_columns"] or primary_key(target)) if target else key["target_columns"]
            refused = self._refusal(table, key, target, columns)
            written = (
                f"ALTER TABLE {in_schema(table['schema'], table['name'])} ADD "
                f"FOREIGN KEY ({', '.join(map(identifier, key['columns']))}) "
                f"REFERENCES {in_schema(key['target_schema'], key['target_table'])} "
                f"({', '.join(map(identifier, columns))}){_actions(key)};"
            )
            yield _comment(f"open: {written} {refused}") if refused else written

    def _refusal(
        self, table: TableObject, key: ForeignKeyObject, target: TableObject | None, columns: Sequence[str]
    ) -> str:
        """Why the server would refuse a foreign key, or may; "" where it takes it."""
        if key["open"]:
            return key["open"]
        if target is None:
            return "there is no such table here"
        own, others = self.types[qualified(table)], self.types[qualified(target)]
        if len(columns) != len(key["columns"]) or not columns:
            return "the numbers of columns differ"
        if not set(key["columns"]) <= set(own) or not set(columns) <= set(others):
            return "a column is not there, or its type is not known"
        if not any(set(columns) == set(each) for each in _unique_sets(target, others)):
            return "its target is not unique"
        if not all(joins(own[left], others[right]) for left, right in zip(key["columns"], columns, strict=True)):
            return "the types do not fit each other"
        return ""


def enums_of(catalog: CatalogObject, tables: Iterable[TableObject]) -> list[EnumObject]:
    """The enum types of a catalog, those that columns bring along too."""
    found = {(enum["schema"], enum["name"]): enum for enum in catalog["enums"]}
    for table in tables:
        for column in table["columns"]:
            details = column["type_details"]
            while details:
                if key := enum_key(details):
                    brought: EnumObject = {
                        "name": key[1],
                        "schema": key[0],
                        "labels": details["labels"],
                        "span": column["span"],
                    }
                    found.setdefault(key, brought)
                details = details["item"]
    return list(found.values())


def primary_key(table: TableObject) -> list[str]:
    """The columns of the primary key."""
    return table["primary_key"] or [column["name"] for column in table["columns"] if column["primary_key"]]


def unique_constraints(table: TableObject) -> list[ConstraintObject]:
    """The UNIQUE constraints, those of single columns too."""
    said = [set(each["columns"]) for each in table["unique_constraints"]]
    said += [set(index["columns"]) for index in table["indexes"] if index["unique"]]
    own: list[ConstraintObject] = [
        {"name": None, "columns": [column["name"]], "condition": None, "span": column["span"]}
        for column in table["columns"]
        if column["unique"] and not column["index"] and {column["name"]} not in said
    ]
    return [*table["unique_constraints"], *own]


def indexes(table: TableObject) -> list[IndexObject]:
    """The indexes, those of single columns too."""
    said = [index["columns"] for index in table["indexes"]]
    own: list[IndexObject] = [
        {
            "name": None,
            "columns": [column["name"]],
            "unique": column["unique"],
            "method": None,
            "condition": None,
            "span": column["span"],
        }
        for column in table["columns"]
        if column["index"] and [column["name"]] not in said
    ]
    return [*table["indexes"], *own]


def _unique_sets(table: TableObject, types: dict[str, str]) -> Iterator[Sequence[str]]:
    """Sets of columns of which the server knows that they are unique."""
    keys = [primary_key(table), *(each["columns"] for each in unique_constraints(table))]
    keys += [index["columns"] for index in indexes(table) if index["unique"] and not index["condition"]]
    return (each for each in keys if _are_ordered(each, types))


def _are_ordered(columns: Sequence[str], types: dict[str, str]) -> bool:
    """Whether the columns are there and may be a key."""
    return all(name in types and types[name].rstrip("[]") not in _WITHOUT_ORDER for name in columns)


def _has_no_type(table: TableObject, column: str) -> bool:
    return any(each["name"] == column and each["type"] is None for each in table["columns"])


def _missing(table: TableObject, types: dict[str, str]) -> set[str]:
    """Columns that are not made, since their type is not known."""
    return {column["name"] for column in table["columns"]} - set(types)


def _element(element: str, types: dict[str, str], missing: set[str]) -> str | None:
    """A column or expression of an index; None where the server may not take it."""
    if element in types:
        return identifier(element)
    return f"({element})" if is_portable(element, types, missing) else None


def _actions(key: ForeignKeyObject) -> str:
    written = ""
    for event, action in (("DELETE", key["on_delete"]), ("UPDATE", key["on_update"])):
        if action and action.upper() in _ACTIONS:
            written += f" ON {event} {action.upper()}"
    return written


def _open(causes: Iterable[OpenObject]) -> Iterator[str]:
    return (_comment(f"open: {cause['reason']} ({_place(cause['span'])})") for cause in causes)


def _place(span: SpanObject) -> str:
    return f"{span['path']}:{span['line']}"


def _comment(text: str) -> str:
    return f"-- {harmless(' '.join(text.split()))}"
