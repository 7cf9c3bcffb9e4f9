"""Generated schemas: tables of typed columns, with constraints, defaults, an enum type and views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st

LABELS = ("low", "mid", "high")
WORDS = ("new", "open", "done")
TYPES = ("integer", "text", "boolean", "jsonb", "timestamptz", "integer[]", "level")
_TABLES = ("jobs", "bots", "results", "users", "orders", "items")
_COLUMNS = (
    "name",
    "status",
    "kind",
    "amount",
    "note",
    "seen_at",
    "data",
    "tags",
    "parent_id",
    "owner_id",
    "flag",
    "rank",
)


@dataclass(frozen=True)
class Column:
    """A column of a generated table; `words`: those that its CHECK allows."""

    name: str
    type: str
    not_null: bool = False
    default: str = ""
    words: tuple[str, ...] = ()

    @property
    def required(self) -> bool:
        return self.not_null and not self.default

    def definition(self) -> str:
        parts = [self.name, self.type]
        if self.name == "id":
            return "id integer PRIMARY KEY"
        if self.not_null:
            parts.append("NOT NULL")
        if self.default:
            parts.append(f"DEFAULT {self.default}")
        if self.words:
            parts.append(f"CHECK ({self.name} IN ({', '.join(map(repr, self.words))}))")
        return " ".join(parts)


@dataclass(frozen=True)
class Table:
    """A generated table or view."""

    name: str
    columns: tuple[Column, ...]
    view_of: str = ""

    def definition(self) -> str:
        if self.view_of:
            return f"CREATE VIEW {self.name} AS SELECT {', '.join(c.name for c in self.columns)} FROM {self.view_of};"
        return f"CREATE TABLE {self.name} (\n  " + ",\n  ".join(c.definition() for c in self.columns) + "\n);"


@dataclass(frozen=True)
class Schema:
    """Tables, and the enum type `level`."""

    tables: tuple[Table, ...]

    @property
    def base_tables(self) -> tuple[Table, ...]:
        return tuple(table for table in self.tables if not table.view_of)

    def ddl(self, *, enums: bool = True) -> str:
        labels = ", ".join(map(repr, LABELS))
        head = [f"CREATE TYPE level AS ENUM ({labels});"] if enums else []
        return "\n".join([*head, *(table.definition() for table in self.tables)])

    def rows(self) -> list[str]:
        """One row for each table, so that an UPDATE has something to change."""
        return [
            f"INSERT INTO {table.name} ({', '.join(c.name for c in table.columns)}) VALUES"
            f" ({', '.join(literal(c) for c in table.columns)})"
            for table in self.base_tables
        ]


def literal(column: Column) -> str:
    """A value that the column takes."""
    if column.words:
        return repr(column.words[0])
    return {
        "integer": "7", "text": "'x'", "boolean": "true", "jsonb": "'{\"a\": 1}'", "timestamptz": "now()",
        "integer[]": "'{1,2}'", "level": repr(LABELS[0]),
    }[column.type]  # fmt: skip


@st.composite
def schemas(draw: st.DrawFn, types: Sequence[str] = TYPES, views: bool = True) -> Schema:
    """Two to four tables, perhaps a view."""
    tables = []
    for name in draw(st.lists(st.sampled_from(_TABLES), min_size=2, max_size=4, unique=True)):
        names = draw(st.lists(st.sampled_from(_COLUMNS), min_size=2, max_size=6, unique=True))
        tables.append(Table(name, (Column("id", "integer", True), *(draw(_columns(n, types)) for n in names))))
    if views and draw(st.booleans()):
        of = draw(st.sampled_from(tables))
        tables.append(Table(f"{of.name}_view", of.columns[:3], of.name))
    return Schema(tuple(tables))


@st.composite
def _columns(draw: st.DrawFn, name: str, types: Sequence[str]) -> Column:
    kind = draw(st.sampled_from(types))
    not_null = draw(st.booleans())
    words = WORDS if kind == "text" and draw(st.booleans()) else ()
    column = Column(name, kind, not_null, "", words)
    return replace(column, default=literal(column)) if draw(st.integers(0, 3)) == 0 else column
