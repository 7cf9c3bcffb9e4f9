"""CREATE TABLE and CREATE VIEW.

sqlglot refuses or gives up on many definitions that servers accept (`NOT VALID`, `OWNER TO`, `ADD (a, b)`,
exclusion constraints), and gives no positions of types and constraints. A column list needs less: its items
stand between commas, and a column begins with its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from infralint.ddl.columns import column_of, is_constraint, read_constraint
from infralint.ddl.cursor import Cursor
from infralint.ddl.tokens import Token, matching, split_commas
from infralint.facts.sql import SqlChange, SqlColumn, SqlConstraint, SqlLike, SqlTable
from infralint.facts.text import HOLE

# Options of tables that only other servers have: ClickHouse, Spark, Hive, Redshift, Snowflake.
_FOREIGN_WORDS = frozenset(
    {
        "DISTKEY", "DISTRIBUTED", "DISTSTYLE", "ORC", "PARQUET", "DELTA", "ICEBERG", "SORTKEY", "STORED",
        "TBLPROPERTIES",
    }
)  # fmt: skip
_FLAVOURS = {
    "AUTOINCREMENT": "sqlite", "STRICT": "sqlite", "ROWID": "sqlite", "AUTO_INCREMENT": "mysql", "ENGINE": "mysql",
    "UNSIGNED": "mysql", "CHARSET": "mysql", "SERIAL": "postgres", "BIGSERIAL": "postgres", "TIMESTAMPTZ": "postgres",
    "JSONB": "postgres", "BYTEA": "postgres", "INHERITS": "postgres", "UUID": "postgres",
}  # fmt: skip


@dataclass(slots=True)
class Items:
    """The items of a column list, `whole` if all of them are understood."""

    columns: list[SqlColumn] = field(default_factory=list)
    constraints: list[SqlConstraint] = field(default_factory=list)
    likes: list[SqlLike] = field(default_factory=list)
    whole: bool = True


def read_items(inner: Sequence[Token], cursor: Cursor) -> Items:
    """Columns and constraints between the brackets of a definition."""
    items = Items()
    for item in split_commas(inner):
        if item:
            _read_item(item, cursor, items)
    return items


def _read_item(item: Sequence[Token], cursor: Cursor, items: Items) -> None:
    if is_constraint(item):
        constraint = read_constraint(Cursor(item, cursor.locate))
        if constraint is not None:
            items.constraints.append(constraint)
        return
    if item[0].upper == "LIKE" and len(item) > 1 and item[1].is_name:
        like = _like(Cursor(item, cursor.locate, 1), len(items.columns))
        items.likes += [like] if like else []
        return
    column = column_of(item, cursor.locate)
    if column is None or HOLE in column.name:
        items.whole = False
        return
    items.columns.append(column)


def _like(cursor: Cursor, at: int) -> SqlLike | None:
    table = cursor.table()
    including: list[str] = []
    while cursor.word() in ("INCLUDING", "EXCLUDING"):
        if cursor.word() == "INCLUDING":
            including.append(cursor.word(1))
        elif cursor.word(1) in including:
            including.remove(cursor.word(1))
        cursor.at += 2
    return SqlLike(table, tuple(including), at) if table is not None else None


def flavour_of(tokens: Sequence[Token]) -> str:
    """The server whose words a definition uses, "" if several or none."""
    found = {_FLAVOURS[token.upper] for token in tokens if token.upper in _FLAVOURS}
    found |= {"mysql" for token in tokens if token.kind == "quoted" and token.text[0] == "`"} if not found else set()
    found |= {"postgres" for token in tokens if token.text == "::"}
    return found.pop() if len(found) == 1 else ""


class TableReader:
    """CREATE TABLE or VIEW behind that word. `query_at`: where its query begins, an index of the tokens, or -1."""

    def __init__(self, cursor: Cursor, options: tuple[str, ...]) -> None:
        self.cursor = cursor
        self.options = options
        self.query_at = -1

    def _unread(self, table: SqlTable, reason: str, kind: str = "table") -> SqlChange:
        """A table that is made here, of columns that cannot be read."""
        return SqlChange("create", table, reason=reason, options=self.options, object=kind)

    def unreadable(self, reason: str, kind: str) -> SqlChange | None:
        """A table of which the name alone is read."""
        table = self._named()
        return None if table is None else self._unread(table, reason, kind)

    def _named(self) -> SqlTable | None:
        if self.cursor.take("IF", "NOT", "EXISTS"):
            self.options = (*self.options, "if not exists")
        return self.cursor.table()

    def table(self, kind: str = "table") -> SqlChange | None:
        """CREATE TABLE."""
        table = self._named()
        if table is None:
            return None
        cursor = self.cursor
        if cursor.take("PARTITION", "OF"):
            return self._partition(table, kind)
        if cursor.take("OF"):
            return self._unread(table, "made of a type")
        if cursor.take("LIKE"):
            parent = cursor.table()
            likes = (SqlLike(parent, ("ALL",)),) if parent else ()
            return SqlChange("create", table, likes=likes, options=self.options) if parent else None
        items = Items()
        token = cursor.peek()
        if token is not None and token.text == "(":
            inner = cursor.tokens[cursor.at + 1 : matching(cursor.tokens, cursor.at)]
            if inner and inner[0].upper in ("SELECT", "WITH"):
                return self._query(table, ())
            if cursor.bracket() is None:
                return self._unread(table, "its definition cannot be read")
            items = read_items(inner, cursor)
            if not items.whole:
                return self._unread(table, "its definition cannot be read")
        return self._after_columns(table, items, kind)

    def _partition(self, table: SqlTable, kind: str) -> SqlChange:
        parent = self.cursor.table()
        if parent is None:
            return self._unread(table, "no parent")
        inner = self.cursor.bracket() or ()
        items = Items()
        for item in split_commas(inner):
            if item and is_constraint(item):
                _read_item(item, self.cursor, items)
        return SqlChange(
            "create",
            table,
            parents=(parent,),
            constraints=tuple(items.constraints),
            options=(*self.options, "partition"),
            object=kind,
            flavour="postgres",
        )

    def _after_columns(self, table: SqlTable, items: Items, kind: str) -> SqlChange:
        cursor = self.cursor
        parents: list[SqlTable] = []
        while not cursor.done:
            if cursor.take("INHERITS"):
                cursor.take_text("(")
                parents += cursor.tables()
            elif cursor.word() in ("AS", "SELECT", "WITH") and self._begins_query():
                return self._query(table, tuple(items.columns))
            elif HOLE in cursor.word():
                return self._unread(table, "its definition is made at run time")
            elif cursor.word() in _FOREIGN_WORDS or "MERGETREE" in cursor.word():
                return self._unread(table, "it belongs to another kind of server")
            else:
                cursor.at += 1
        if not items.columns and not parents and not items.likes:
            return self._unread(table, "it has no column list")
        return SqlChange(
            "create",
            table,
            tuple(items.columns),
            tuple(parents),
            constraints=tuple(items.constraints),
            likes=tuple(items.likes),
            options=self.options,
            object=kind,
            flavour=flavour_of(cursor.tokens),
        )

    def _begins_query(self) -> bool:
        """`AS query`, `SELECT ...`, `WITH x AS ...`; not `WITH (fillfactor = 70)`."""
        if self.cursor.take("AS"):
            return True
        follows = self.cursor.peek(1)
        return self.cursor.word() == "SELECT" or (follows is not None and follows.is_name)

    def _query(self, table: SqlTable, columns: tuple[SqlColumn, ...], kind: str = "table") -> SqlChange:
        self.query_at = self.cursor.at
        return SqlChange("create", table, columns, query=0, options=self.options, object=kind)

    def view(self, kind: str) -> SqlChange | None:
        """CREATE VIEW."""
        table = self._named()
        if table is None:
            return None
        cursor = self.cursor
        columns: tuple[SqlColumn, ...] = ()
        inner = cursor.bracket()
        if inner is not None:
            parts = list(split_commas(inner))
            read = [column_of(part, cursor.locate) for part in parts if part]
            columns = tuple(column for column in read if column is not None)
            if len(columns) != len(parts) or any(HOLE in column.name for column in columns):
                return self._unread(table, "its column list cannot be read", kind)
        while not cursor.done and not cursor.take("AS"):
            cursor.at += 1
        if cursor.done:
            return self._unread(table, "its query cannot be read", kind)
        return self._query(table, columns, kind)
