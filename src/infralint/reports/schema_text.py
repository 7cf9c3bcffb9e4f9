"""The schema for people: table by table, with where each fact comes from, and what is open and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from infralint.reports.harmless import harmless
from infralint.reports.rows import open_lines, place, rows
from infralint.schema_document import (
    CatalogObject,
    ColumnObject,
    ConstraintObject,
    DomainObject,
    EnumObject,
    ForeignKeyObject,
    IndexObject,
    RelationshipObject,
    SchemaDocument,
    TableObject,
    qualified,
)

_SOURCES = {"models": "models", "migrations": "migrations", "sql": "SQL"}


def render_schema_text(document: SchemaDocument) -> str:
    """All catalogs, tables separated by empty lines; every line ends with a newline."""
    blocks = [block for catalog in document["catalogs"] for block in _blocks(catalog)]
    return "\n".join("".join(f"{harmless(line)}\n" for line in block) for block in blocks)


def source_line(catalog: CatalogObject) -> str:
    """What a catalog is the schema of: "models of app.db:Base.metadata"."""
    source = _SOURCES.get(catalog["source"], catalog["source"])
    return f"{source} of {catalog['name']}" if catalog["name"] else source


def _blocks(catalog: CatalogObject) -> Iterator[list[str]]:
    number = len(catalog["tables"])
    yield [f"# {source_line(catalog)}: {number} table{'' if number == 1 else 's'}", *open_lines(catalog["open"], "")]
    for table in catalog["tables"]:
        relationships = [each for each in catalog["relationships"] if each["class"] in table["classes"]]
        yield list(_table(table, relationships))
    if catalog["enums"] or catalog["domains"]:
        yield [*map(_enum, catalog["enums"]), *map(_domain, catalog["domains"])]


def _enum(enum: EnumObject) -> str:
    return f"enum {_in_schema(enum['schema'], enum['name'])}: {_listed(enum['labels'])}  {place(enum['span'])}"


def _domain(domain: DomainObject) -> str:
    return _joined(
        f"domain {_in_schema(domain['schema'], domain['name'])}: {domain['type'] or '?'}",
        "not null" if domain["not_null"] else None,
        domain["server_default"] and f"server default {domain['server_default']}",
        *(f"check ({condition})" for condition in domain["conditions"]),
        f" {place(domain['span'])}",
    )


def _table(table: TableObject, relationships: Sequence[RelationshipObject]) -> Iterator[str]:
    kind = "" if table["kind"] == "table" else f" ({table['kind']})"
    yield f"{qualified(table)}{kind}  {place(table['span'])}"
    if table["classes"]:
        base = f", base {table['base']}" if table["base"] else ""
        yield f"  mapped by {_listed(table['classes'])}{base}"
    yield from rows([_column(column) for column in table["columns"]])
    yield from rows(list(_keys(table)))
    yield from rows([_relationship(each, table) for each in relationships])
    if table["parents"]:
        yield f"  inherits {_listed(table['parents'])}"
    yield from open_lines([*table["open"], *table["constraints_open"]], "  ")


def _column(column: ColumnObject) -> tuple[str, str, str, str]:
    details = ", ".join(_details(column))
    return (column["name"], column["type"] or "?", details, place(column["span"]))


def _details(column: ColumnObject) -> Iterator[str]:
    if column["primary_key"]:
        yield "primary key"
    elif column["nullable"] is None:
        yield "nullable?"
    else:
        yield "null" if column["nullable"] else "not null"
    if column["unique"]:
        yield "unique"
    if column["index"]:
        yield "index"
    if column["generated"]:
        yield f"generated {column['generated']}"
    if column["server_default"]:
        yield f"server default {column['server_default']}"
    if column["default"]:
        yield f"default {column['default']}"
    if column["attribute"] and column["attribute"] != column["name"]:
        yield f"attribute {column['attribute']}"
    if column["open"]:
        yield f"open: {column['open']}"


def _keys(table: TableObject) -> Iterator[tuple[str, ...]]:
    if len(table["primary_key"]) > 1:
        yield (f"primary key ({_listed(table['primary_key'])})",)
    for key in table["foreign_keys"]:
        yield (_foreign_key(key), place(key["span"]))
    for kind, constraints in (
        ("unique", table["unique_constraints"]),
        ("check", table["check_constraints"]),
        ("exclude", table["exclude_constraints"]),
    ):
        for constraint in constraints:
            yield (_constraint(kind, constraint), place(constraint["span"]))
    for index in table["indexes"]:
        yield (_index(index), place(index["span"]))


def _foreign_key(key: ForeignKeyObject) -> str:
    target = _in_schema(key["target_schema"], key["target_table"])
    columns = f" ({_listed(key['target_columns'])})" if key["target_columns"] else ""
    return _joined(
        f"foreign key ({_listed(key['columns'])}) -> {target or '?'}{columns}",
        key["on_delete"] and f"on delete {key['on_delete']}",
        key["on_update"] and f"on update {key['on_update']}",
        key["open"] and f"open: {key['open']}",
    )


def _constraint(kind: str, constraint: ConstraintObject) -> str:
    what = constraint["condition"] or _listed(constraint["columns"])
    return _joined(kind, constraint["name"], f"({what})")


def _index(index: IndexObject) -> str:
    return _joined(
        "unique index" if index["unique"] else "index",
        index["name"],
        index["method"] and f"using {index['method']}",
        f"({_listed(index['columns'])})",
        index["condition"] and f"where {index['condition']}",
    )


def _relationship(relationship: RelationshipObject, table: TableObject) -> tuple[str, ...]:
    owner = f"{relationship['class']}." if len(table["classes"]) > 1 else ""
    details = [
        relationship["back_populates"] and f"back populates {relationship['back_populates']}",
        relationship["backref"] and f"backref {relationship['backref']}",
        relationship["secondary"] and f"secondary {relationship['secondary']}",
        "from a backref" if relationship["from_backref"] else None,
        relationship["open"] and f"open: {relationship['open']}",
    ]
    target = f"relationship {owner}{relationship['attribute']} -> {relationship['target_class'] or '?'}"
    return (target, ", ".join(filter(None, details)), place(relationship["span"]))


def _in_schema(schema: str | None, name: str) -> str:
    return f"{schema}.{name}" if schema else name


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _joined(*parts: str | None) -> str:
    return " ".join(filter(None, parts))
