"""The schema as an entity relationship diagram that GitHub renders.

Mermaid's grammar of `erDiagram` (versions 10.0 to 11.17): an entity in double quotes may hold anything but `"`, `%`,
`\\` and line ends; an attribute's type and name are one word each, of which `pk`, `fk` and `uk` are none; a text in
double quotes may hold anything but those.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from infralint.reports.harmless import harmless
from infralint.reports.schema_text import source_line
from infralint.schema_document import (
    ColumnObject,
    ForeignKeyObject,
    SchemaDocument,
    TableObject,
    qualified,
)

# Mermaid draws no text that is longer, and GitHub has not raised the limit (`maxTextSize`, Mermaid 11.17).
_LONGEST = 50_000
_NOT_IN_WORD = re.compile(r"[^A-Za-z0-9_]")
_NOT_IN_TYPE = re.compile(r"[^A-Za-z0-9_()\[\]]")
_NOT_IN_TEXT = re.compile(r'["%\\]')
_BEGINS_A_WORD = re.compile(r"[A-Za-z_]")
_KEYS = frozenset({"pk", "fk", "uk"})


@dataclass(frozen=True, slots=True)
class _Detail:
    """How much is shown of a table's columns, and how that is said."""

    columns: str
    comments: bool
    notice: str = ""


# The first of these that is short enough to be drawn.
_DETAILS = (
    _Detail("all", True),
    _Detail("all", False),
    _Detail("keys", False, "too large to draw with all columns: keys alone are shown"),
    _Detail("none", False, "too large to draw with columns"),
)


def render_schema_mermaid(document: SchemaDocument) -> str:
    """One diagram of all catalogs. A table that several of them declare is drawn as the first one has it."""
    drawn = ""
    for detail in _DETAILS:
        drawn = "".join(f"{line}\n" for line in _lines(document, detail))
        if len(drawn) <= _LONGEST:
            break
    return drawn


def _lines(document: SchemaDocument, detail: _Detail) -> Iterator[str]:
    yield "erDiagram"
    if detail.notice:
        yield f"    %% {detail.notice}"
    seen: set[str] = set()
    for catalog in document["catalogs"]:
        yield f"    %% {_comment(source_line(catalog))}"
        tables = [table for table in catalog["tables"] if qualified(table) not in seen]
        for table in tables:
            yield from _entity(table, detail)
        for table in tables:
            yield from _links(table)
        seen |= {qualified(table) for table in tables}


def _entity(table: TableObject, detail: _Detail) -> Iterator[str]:
    linked = {name for key in table["foreign_keys"] for name in key["columns"]}
    columns = [column for column in table["columns"] if _is_shown(column, linked, detail)]
    if not columns:
        yield f"    {_name(qualified(table))}"
        return
    yield f"    {_name(qualified(table))} {{"
    for column in columns:
        yield f"        {_attribute(column, linked, detail)}"
    yield "    }"


def _is_shown(column: ColumnObject, linked: set[str], detail: _Detail) -> bool:
    if detail.columns == "keys":
        return column["primary_key"] or column["name"] in linked
    return detail.columns == "all"


def _attribute(column: ColumnObject, linked: set[str], detail: _Detail) -> str:
    kind, name = _type_word(column), _column_word(column["name"])
    marks = [
        *(["PK"] if column["primary_key"] else []),
        *(["FK"] if column["name"] in linked else []),
        *(["UK"] if column["unique"] and not column["primary_key"] else []),
    ]
    said = [
        *([column["name"]] if name != column["name"] else []),
        *([column["type"]] if column["type"] and kind != column["type"] else []),
        *(["not null"] if column["nullable"] is False and not column["primary_key"] else []),
    ]
    text = f'"{_text(", ".join(said))}"' if said and detail.comments else ""
    return " ".join(filter(None, (kind, name, ", ".join(marks), text)))


def _links(table: TableObject) -> Iterator[str]:
    nullable = {column["name"] for column in table["columns"] if column["nullable"] is not False}
    for key in table["foreign_keys"]:
        if not key["target_table"]:
            continue
        schema = key["target_schema"]
        target = f"{schema}.{key['target_table']}" if schema else key["target_table"]
        one = "|o" if nullable & set(key["columns"]) else "||"
        many = "o|" if _is_unique(table, key) else "o{"
        yield f'    {_name(target)} {one}--{many} {_name(qualified(table))} : "{_text(", ".join(key["columns"]))}"'


def _is_unique(table: TableObject, key: ForeignKeyObject) -> bool:
    """Whether at most one row can have the same foreign key."""
    columns = set(key["columns"])
    sets = [table["primary_key"], *(each["columns"] for each in table["unique_constraints"])]
    sets += [index["columns"] for index in table["indexes"] if index["unique"] and not index["condition"]]
    sets += [[column["name"]] for column in table["columns"] if column["unique"]]
    return any(each and set(each) <= columns for each in sets)


def _type_word(column: ColumnObject) -> str:
    """The type as one word; its arguments are left out where they are no part of a word."""
    written = column["type"] or ""
    if column["type_details"] and _NOT_IN_TYPE.search(written):
        written = column["type_details"]["name"]
    return _word(written or "unknown", _NOT_IN_TYPE)


def _column_word(name: str) -> str:
    return _word(name, _NOT_IN_WORD)


def _word(written: str, refused: re.Pattern[str]) -> str:
    word = refused.sub("_", written)
    return f"_{word}" if word.lower() in _KEYS or not _BEGINS_A_WORD.match(word) else word


def _name(name: str) -> str:
    return f'"{_text(name)}"'


def _text(text: str) -> str:
    return _NOT_IN_TEXT.sub("_", harmless(text))


def _comment(text: str) -> str:
    # Braces in a comment begin a directive.
    return re.sub(r"[{}]", "_", harmless(text))
