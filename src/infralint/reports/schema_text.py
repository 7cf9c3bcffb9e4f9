"""The schema for people: table by table, with where each fact comes from, and what is open and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from infralint.reports.harmless import harmless
from infralint.schema_document import (
    CatalogObject,
    ColumnObject,
    ConstraintObject,
    DomainObject,
    EnumObject,
    ForeignKeyObject,
    IndexObject,
    OpenObject,
    RelationshipObject,
    SchemaDocument,
    SpanObject,
    TableObject,
    qualified,
)

# Columns of text line up with each other only as long as nothing is much longer than the rest.
_WIDEST = 48
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
    yield [f"# {source_line(catalog)}: {number} table{'' if number == 1 else 's'}", *_open(catalog["open"], "")]
    for table in catalog["tables"]:
        relationships = [each for each in catalog["relationships"] if each["class"] in table["classes"]]
        yield list(_table(table, relationships))
    if catalog["enums"] or catalog["domains"]:
        yield [*map(_enum, catalog["enums"]), *map(_domain, catalog["domains"])]


def _enum(enum: EnumObject) -> str:
    return f"enum {_in_schema(enum['schema'], enum['name'])}: {_listed(enum['labels'])}  {_at(enum['span'])}"


def _domain(domain: DomainObject) -> str:
    return _joined(
        f"domain {_in_schema(domain['schema'], domain['name'])}: {domain['type'] or '?'}",
        "not null" if domain["not_null"] else None,
        domain["server_default"] and f"server default {domain['server_default']}",
        *(f"check ({condition})" for condition in domain["conditions"]),
        f" {_at(domain['span'])}",
    )


def _table(table: TableObject, relationships: Sequence[RelationshipObject]) -> Iterator[str]:
    kind = "" if table["kind"] == "table" else f" ({table['kind']})"
    yield f"{qualified(table)}{kind}  {_at(table['span'])}"
    if table["classes"]:
        base = f", base {table['base']}" if table["base"] else ""
        yield f"  mapped by {_listed(table['classes'])}{base}"
    yield from _rows([_column(column) for column in table["columns"]])
    yield from _rows(list(_keys(table)))
    yield from _rows([_relationship(each, table) for each in relationships])
    if table["parents"]:
        yield f"  inherits {_listed(table['parents'])}"
    yield from _open([*table["open"], *table["constraints_open"]], "  ")


def _column(column: ColumnObject) -> tuple[str, str, str, str]:
    details = ", ".join(_details(column))
    return (column["name"], column["type"] or "?", details, _at(column["span"]))


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
        yield (_foreign_key(key), _at(key["span"]))
    for kind, constraints in (
        ("unique", table["unique_constraints"]),
        ("check", table["check_constraints"]),
        ("exclude", table["exclude_constraints"]),
    ):
        for constraint in constraints:
            yield (_constraint(kind, constraint), _at(constraint["span"]))
    for index in table["indexes"]:
        yield (_index(index), _at(index["span"]))


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
    return (target, ", ".join(filter(None, details)), _at(relationship["span"]))


def _open(causes: Iterable[OpenObject], indent: str) -> Iterator[str]:
    return (f"{indent}open: {cause['reason']}  {_at(cause['span'])}" for cause in causes)


def _rows(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Rows of cells, lined up; a cell that is much too wide pushes the others."""
    widths = [0] * max(map(len, rows), default=0)
    for row in rows:
        for at, cell in enumerate(row):
            if len(cell) <= _WIDEST:
                widths[at] = max(widths[at], len(cell))
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False) if width or cell]
        yield f"  {'  '.join(cells)}".rstrip()


def _at(span: SpanObject) -> str:
    return f"{span['path']}:{span['line']}:{span['column']}"


def _in_schema(schema: str | None, name: str) -> str:
    return f"{schema}.{name}" if schema else name


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _joined(*parts: str | None) -> str:
    return " ".join(filter(None, parts))
