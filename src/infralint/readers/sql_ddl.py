"""CREATE, ALTER and DROP of tables, read from tokens.

sqlglot refuses or gives up on many definitions that servers accept (`NOT VALID`, `OWNER TO`, `ADD (a, b)`,
exclusion constraints), and gives no positions of types and constraints. A column list needs less: its items
stand between commas, and a column begins with its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from infralint.facts.sql import SqlChange, SqlColumn, SqlTable
from infralint.facts.text import HOLE
from infralint.readers.sql_columns import Locate, column_of
from infralint.readers.sql_tokens import Token, matching, split_commas

# Reserved in every dialect, so no column begins with them (PostgreSQL manual, appendix C;
# sqlite.org/lang_keywords).
_CONSTRAINTS = frozenset({"CONSTRAINT", "PRIMARY", "FOREIGN", "CHECK", "UNIQUE"})
_EXCLUDE = "EXCLUDE"
_BEFORE_TABLE = frozenset(
    {
        "GLOBAL",
        "LOCAL",
        "TEMP",
        "TEMPORARY",
        "UNLOGGED",
        "OR",
        "REPLACE",
        "MATERIALIZED",
        "RECURSIVE",
        "FORCE",
        "EXTERNAL",
    }
)
# ALTER TABLE actions that change no column's name and add none.
_HARMLESS = frozenset(
    {
        "ALGORITHM", "ALTER", "ATTACH", "AUTO_INCREMENT", "CHARACTER", "CHARSET", "CLUSTER", "COLLATE",
        "COMMENT", "CONVERT", "DEFAULT", "DETACH", "DISABLE", "ENABLE", "ENGINE", "FORCE", "INHERIT", "LOCK",
        "MODIFY", "NO", "NOT", "OF", "ORDER", "OWNER", "REPLICA", "RESET", "ROW_FORMAT", "SET", "VALIDATE",
    }
)  # fmt: skip
# Options of tables that only other servers have: ClickHouse, Spark, Hive, Redshift, Snowflake.
_FOREIGN_WORDS = frozenset(
    {
        "DISTKEY",
        "DISTRIBUTED",
        "DISTSTYLE",
        "ORC",
        "PARQUET",
        "DELTA",
        "ICEBERG",
        "SORTKEY",
        "STORED",
        "TBLPROPERTIES",
    }
)
_NOT_ADDED = _CONSTRAINTS | {"INDEX", "KEY", "FULLTEXT", "SPATIAL", "PARTITION", "GENERATED"}


class DdlReader:
    """The changes of one statement's tokens; `locate` gives the file's span of two offsets."""

    def __init__(self, tokens: Sequence[Token], locate: Locate) -> None:
        self.tokens = tokens
        self.locate = locate
        self.at = 0
        # Where the query of `CREATE ... AS query` begins: an index of the tokens.
        self.query_at = -1

    def changes(self) -> list[SqlChange]:
        """All changes; "open" ones for what was not understood."""
        if self._take("CREATE"):
            return list(self._create())
        if self._take("ALTER"):
            return list(self._alter())
        if self._take("DROP"):
            return list(self._drop())
        if self._take("RENAME") and self._take("TABLE"):
            return self._renames()
        return []

    def _peek(self, ahead: int = 0) -> Token | None:
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else None

    def _word(self, ahead: int = 0) -> str:
        token = self._peek(ahead)
        return token.upper if token else ""

    def _take(self, *words: str) -> bool:
        if all(self._word(index) == word for index, word in enumerate(words)):
            self.at += len(words)
            return True
        return False

    def _text(self, text: str) -> bool:
        token = self._peek()
        if token is not None and token.text == text:
            self.at += 1
            return True
        return False

    def _table(self) -> SqlTable | None:
        parts: list[Token] = []
        token = self._peek()
        if token is not None and token.kind == "placeholder":
            # `CREATE TABLE %s` that somebody formats later.
            self.at += 1
            return SqlTable(HOLE, self.locate(token.start, token.end))
        while token := self._bracketed_name() or self._peek():
            if not token.is_name:
                break
            parts.append(token)
            self.at += 1
            if not self._text("."):
                break
        if not parts:
            return None
        last = parts[-1]
        schema = parts[-2].name if len(parts) > 1 else ""
        return SqlTable(last.name, self.locate(last.start, last.end), schema)

    def _bracketed_name(self) -> Token | None:
        """SQLite's `[name]`; stops at its closing bracket."""
        token, closing = self._peek(1), self._peek(2)
        if token is None or closing is None or (self._peek(0) or token).text != "[" or closing.text != "]":
            return None
        self.at += 2
        return token

    def _open(self, table: SqlTable, reason: str) -> SqlChange:
        return SqlChange("open", table, reason=reason)

    def _unread(self, table: SqlTable, reason: str) -> SqlChange:
        """A table that is made here, of columns that cannot be read."""
        return SqlChange("create", table, reason=reason)

    def _create(self) -> Iterator[SqlChange]:
        while self._word() in _BEFORE_TABLE:
            self.at += 1
        if self._take("VIRTUAL", "TABLE") or self._take("FOREIGN", "TABLE"):
            self._take("IF", "NOT", "EXISTS")
            if table := self._table():
                yield self._unread(table, "a virtual or foreign table")
        elif self._take("TABLE"):
            self._take("IF", "NOT", "EXISTS")
            if table := self._table():
                yield self._create_table(table)
        elif self._take("VIEW"):
            self._take("IF", "NOT", "EXISTS")
            if table := self._table():
                yield self._create_view(table)

    def _create_table(self, table: SqlTable) -> SqlChange:
        if self._take("PARTITION", "OF"):
            parent = self._table()
            return SqlChange("create", table, parents=(parent,)) if parent else self._unread(table, "no parent")
        if self._take("OF"):
            return self._unread(table, "made of a type")
        if self._take("LIKE"):
            parent = self._table()
            return SqlChange("create", table, parents=(parent,)) if parent else self._unread(table, "no parent")
        columns: list[SqlColumn] = []
        parents: list[SqlTable] = []
        token = self._peek()
        if token is not None and token.text == "(":
            end = matching(self.tokens, self.at)
            inner = self.tokens[self.at + 1 : end]
            if inner and inner[0].upper in ("SELECT", "WITH"):
                return self._query(table, ())
            if end == len(self.tokens) or not self._items(inner, columns, parents):
                return self._unread(table, "its definition cannot be read")
            self.at = end + 1
        return self._after_columns(table, tuple(columns), parents)

    def _after_columns(self, table: SqlTable, columns: tuple[SqlColumn, ...], parents: list[SqlTable]) -> SqlChange:
        while self.at < len(self.tokens):
            if self._take("INHERITS"):
                self._text("(")
                while parent := self._table():
                    parents.append(parent)
                    self._text(",")
            elif self._word() in ("AS", "SELECT", "WITH") and self._begins_query():
                return self._query(table, columns)
            elif self._word() and HOLE in self._word():
                return self._unread(table, "its definition is made at run time")
            elif self._word() in _FOREIGN_WORDS or "MERGETREE" in self._word():
                return self._unread(table, "it belongs to another kind of server")
            else:
                self.at += 1
        if not columns and not parents:
            return self._unread(table, "it has no column list")
        return SqlChange("create", table, columns, tuple(parents))

    def _begins_query(self) -> bool:
        """`AS query`, `SELECT ...`, `WITH x AS ...`; not `WITH (fillfactor = 70)`."""
        if self._take("AS"):
            return True
        follows = self._peek(1)
        return self._word() == "SELECT" or (follows is not None and follows.is_name)

    def _query(self, table: SqlTable, columns: tuple[SqlColumn, ...]) -> SqlChange:
        self.query_at = self.at
        return SqlChange("create", table, columns, query=0)

    def _create_view(self, table: SqlTable) -> SqlChange:
        columns: tuple[SqlColumn, ...] = ()
        if self._text("("):
            end = matching(self.tokens, self.at - 1)
            parts = list(split_commas(self.tokens[self.at : end]))
            columns = tuple(column_of(part, self.locate) for part in parts if part and part[0].is_name)
            self.at = end + 1
            if len(columns) != len(parts) or any(HOLE in column.name for column in columns):
                return self._unread(table, "its column list cannot be read")
        while self.at < len(self.tokens) and not self._take("AS"):
            self.at += 1
        if self.at >= len(self.tokens):
            return self._unread(table, "its query cannot be read")
        return self._query(table, columns)

    def _items(self, inner: Sequence[Token], columns: list[SqlColumn], parents: list[SqlTable]) -> bool:
        """The items of a column list. Returns whether all of them are understood."""
        for item in split_commas(inner):
            if not item:
                continue
            first = item[0]
            if first.upper in _CONSTRAINTS or (
                first.upper == _EXCLUDE and len(item) > 1 and item[1].text in ("USING", "(")
            ):
                continue
            if first.upper == "LIKE" and len(item) > 1 and item[1].is_name:
                reader = DdlReader(item, self.locate)
                reader.at = 1
                parent = reader._table()
                if parent is not None:
                    parents.append(parent)
                continue
            name = self._bracketed(item)
            if name is None or HOLE in name.name:
                return False
            columns.append(name)
        return True

    def _bracketed(self, item: Sequence[Token]) -> SqlColumn | None:
        """A column's definition, its name perhaps in SQLite's brackets."""
        if item[0].text == "[" and len(item) > 2 and item[2].text == "]":
            return column_of([item[1], *item[3:]], self.locate)
        if not item[0].is_name and item[0].kind != "string":
            return None
        return column_of(item, self.locate)

    def _alter(self) -> Iterator[SqlChange]:
        while self._word() in ("FOREIGN", "MATERIALIZED", "ONLINE", "IGNORE"):
            self.at += 1
        if not (self._take("TABLE") or self._take("VIEW")):
            return
        self._take("IF", "EXISTS")
        self._take("ONLY")
        table = self._table()
        if table is None:
            return
        self._text("*")
        for action in split_commas(self.tokens[self.at :]):
            yield from _Action(action, self.locate).changes(table)

    def _drop(self) -> Iterator[SqlChange]:
        self._take("MATERIALIZED")
        if self._take("TABLE") or self._take("VIEW"):
            self._take("IF", "EXISTS")
            while table := self._table():
                yield SqlChange("drop", table)
                self._text(",")

    def _renames(self) -> list[SqlChange]:
        found = []
        while table := self._table():
            if self._take("TO") and (renamed := self._table()):
                found.append(SqlChange("rename", table, renamed=renamed))
            self._text(",")
        return found


class _Action(DdlReader):
    """One action of ALTER TABLE."""

    def changes(self, table: SqlTable | None = None) -> list[SqlChange]:
        assert table is not None
        if self._take("ADD"):
            return self._add(table)
        if self._take("RENAME"):
            return self._rename(table)
        if self._take("CHANGE"):
            self._take("COLUMN")
            old = self._peek()
            self.at += 1
            return self._renamed_column(table, old, self.at)
        if self._take("DROP"):
            return self._dropped(table)
        if self._word() in _HARMLESS:
            return []
        return [self._open(table, "an ALTER TABLE that cannot be read")]

    def _add(self, table: SqlTable) -> list[SqlChange]:
        explicit = self._take("COLUMN")
        self._take("IF", "NOT", "EXISTS")
        if not explicit and (self._word() in _NOT_ADDED or self._word() == _EXCLUDE):
            return []
        token = self._peek()
        columns: list[SqlColumn] = []
        if token is not None and token.text == "(":
            inner = self.tokens[self.at + 1 : matching(self.tokens, self.at)]
            understood = self._items(inner, columns, [])
        else:
            rest = self.tokens[self.at :]
            column = self._bracketed(rest) if rest else None
            understood = column is not None and HOLE not in column.name
            columns = [column] if column else []
        if not understood:
            return [self._open(table, "a column whose name cannot be read is added")]
        return [SqlChange("add", table, tuple(columns))]

    def _rename(self, table: SqlTable) -> list[SqlChange]:
        if self._take("CONSTRAINT") or self._take("INDEX") or self._take("KEY"):
            return []
        if self._take("TO") or self._take("AS"):
            renamed = self._table()
            return [SqlChange("rename", table, renamed=renamed)] if renamed else []
        self._take("COLUMN")
        old = self._peek()
        if self._word(1) != "TO":
            return [self._open(table, "a RENAME that cannot be read")]
        return self._renamed_column(table, old, self.at + 2)

    def _renamed_column(self, table: SqlTable, old: Token | None, at: int) -> list[SqlChange]:
        rest = self.tokens[at:]
        if old is None or not rest or not old.is_name or not rest[0].is_name or HOLE in rest[0].text:
            return [self._open(table, "a RENAME that cannot be read")]
        return [SqlChange("rename-column", table, (column_of(rest, self.locate),), old=old.name)]

    def _dropped(self, table: SqlTable) -> list[SqlChange]:
        if self._word() in ("CONSTRAINT", "PRIMARY", "FOREIGN", "INDEX", "KEY", "CHECK", "PARTITION"):
            return []
        self._take("COLUMN")
        self._take("IF", "EXISTS")
        token = self._peek()
        return [SqlChange("drop-column", table, old=token.name)] if token and token.is_name else []


def nested_changes(tokens: Sequence[Token], locate: Locate) -> Iterator[SqlChange]:
    """Changes that stand in the middle of a routine's body, each up to its semicolon."""
    end = 0
    for at, token in enumerate(tokens):
        follows = tokens[at + 1].upper if at + 1 < len(tokens) else ""
        begins = (token.upper == "ALTER" and follows == "TABLE") or (token.upper == "CREATE" and follows in _CREATED)
        if at >= end and begins:
            end = next((i for i in range(at, len(tokens)) if tokens[i].text == ";"), len(tokens))
            for change in DdlReader(tokens[at:end], locate).changes():
                yield (SqlChange("create", change.table, reason="made by a routine") if change.query >= 0 else change)


_CREATED = _BEFORE_TABLE | {"TABLE", "FOREIGN", "VIEW"}
