"""One statement's changes of the schema, from its tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from infralint.ddl import types
from infralint.ddl.alter import Action
from infralint.ddl.cursor import Cursor, Locate
from infralint.ddl.tables import TableReader
from infralint.ddl.tokens import Token, split_commas
from infralint.facts.sql import SqlChange

# First words of statements that change the schema.
DEFINITIONS = frozenset({"CREATE", "ALTER", "DROP", "RENAME", "COMMENT", "SET"})
BEFORE_TABLE = frozenset(
    {
        "EXTERNAL", "FORCE", "GLOBAL", "LOCAL", "MATERIALIZED", "OR", "RECURSIVE", "REPLACE", "TEMP", "TEMPORARY",
        "TRANSIENT", "UNLOGGED",
    }
)  # fmt: skip


class DdlReader:
    """The changes of one statement's tokens; `locate` gives the file's span of two offsets."""

    def __init__(self, tokens: Sequence[Token], locate: Locate) -> None:
        self.cursor = Cursor(tokens, locate)
        # Where the query of `CREATE ... AS query` begins: an index of the tokens.
        self.query_at = -1

    def changes(self) -> list[SqlChange]:
        """All changes; "open" ones for what was not understood."""
        cursor = self.cursor
        if cursor.take("CREATE"):
            return list(self._create())
        if cursor.take("ALTER"):
            return list(self._alter())
        if cursor.take("DROP"):
            return list(self._drop())
        if cursor.take("COMMENT"):
            return list(types.comment(cursor))
        if cursor.word() in ("SET", "SELECT"):
            return list(types.search_path(cursor))
        if cursor.take("RENAME", "TABLE"):
            return self._renames()
        return []

    def _create(self) -> Iterator[SqlChange]:
        cursor, words = self.cursor, set[str]()
        while cursor.word() in BEFORE_TABLE:
            words.add(cursor.word())
            cursor.at += 1
        options = ("temporary",) if words & {"TEMP", "TEMPORARY"} else ()
        options = (*options, "or replace") if "REPLACE" in words else options
        if cursor.word() in ("TABLE", "VIEW", "VIRTUAL", "FOREIGN"):
            yield from self._create_table(words, options)
        elif cursor.take("TYPE"):
            yield from types.create_type(cursor)
        elif cursor.take("DOMAIN"):
            yield from types.create_domain(cursor)
        elif cursor.take("SCHEMA"):
            yield from types.create_schema(cursor)
        elif cursor.take("RULE"):
            yield from types.create_rule(cursor)
        elif cursor.take("TRIGGER") or cursor.take("CONSTRAINT", "TRIGGER"):
            yield from types.create_trigger(cursor)
        else:
            yield from self._create_index()

    def _create_index(self) -> Iterator[SqlChange]:
        cursor = self.cursor
        unique = cursor.take("UNIQUE")
        while cursor.word() in ("FULLTEXT", "SPATIAL", "CLUSTERED", "NONCLUSTERED"):
            cursor.at += 1
        if cursor.take("INDEX"):
            yield from types.create_index(cursor, unique)

    def _create_table(self, words: set[str], options: tuple[str, ...]) -> Iterator[SqlChange]:
        cursor = self.cursor
        reader = TableReader(cursor, options)
        change: SqlChange | None
        if cursor.take("VIRTUAL", "TABLE"):
            change = reader.unreadable("a virtual table", "table")
        elif cursor.take("FOREIGN", "TABLE"):
            change = reader.table("foreign table")
        elif cursor.take("TABLE"):
            change = reader.table()
        elif cursor.take("VIEW"):
            change = reader.view("materialized view" if "MATERIALIZED" in words else "view")
        else:
            return
        self.query_at = reader.query_at
        if change is not None:
            yield change

    def _alter(self) -> Iterator[SqlChange]:
        cursor = self.cursor
        if cursor.take("TYPE"):
            yield from types.alter_type(cursor)
        elif cursor.take("DOMAIN"):
            yield from types.alter_domain(cursor)
        elif cursor.take("INDEX"):
            yield from types.alter_index(cursor)
        else:
            yield from self._alter_table()

    def _alter_table(self) -> Iterator[SqlChange]:
        cursor = self.cursor
        while cursor.word() in ("FOREIGN", "MATERIALIZED", "ONLINE", "IGNORE"):
            cursor.at += 1
        if not (cursor.take("TABLE") or cursor.take("VIEW")):
            return
        if_exists = cursor.take("IF", "EXISTS")
        cursor.take("ONLY")
        table = cursor.table()
        if table is None:
            return
        cursor.take_text("*")
        actions = [action for action in split_commas(cursor.rest()) if action]
        changes = [change for action in actions for change in Action(action, cursor.locate, table).changes()]
        for change in sorted(changes, key=_pass_of) if all(map(_is_sorted, changes)) else changes:
            yield _with_option(change, "table if exists") if if_exists else change

    def _drop(self) -> Iterator[SqlChange]:
        cursor = self.cursor
        materialized = cursor.take("MATERIALIZED")
        cursor.take("FOREIGN")
        cursor.take("TEMPORARY")
        if cursor.take("TABLE"):
            yield from types.drop_tables(cursor, "table")
        elif cursor.take("VIEW"):
            yield from types.drop_tables(cursor, "materialized view" if materialized else "view")
        elif cursor.take("TYPE") or cursor.take("DOMAIN"):
            yield from types.drop_types(cursor)
        elif cursor.take("INDEX"):
            yield from types.drop_indexes(cursor)
        elif cursor.take("SCHEMA"):
            yield from types.drop_schemas(cursor)

    def _renames(self) -> list[SqlChange]:
        found = []
        while table := self.cursor.table():
            if self.cursor.take("TO") and (renamed := self.cursor.table()):
                found.append(SqlChange("rename", table, renamed=renamed))
            if not self.cursor.take_text(","):
                break
        return found


def _is_sorted(change: SqlChange) -> bool:
    """Whether PostgreSQL takes the action in passes: RENAME stands alone there, and MySQL goes from left to right."""
    return change.kind not in ("rename-column", "rename") and not change.flavour


def _pass_of(change: SqlChange) -> int:
    """In which of its passes PostgreSQL runs an action (AlterTablePass, src/backend/commands/tablecmds.c)."""
    if change.kind in ("drop-column", "drop-constraint") or any(each.startswith("drop ") for each in change.options):
        return 0
    if "type" in change.options:
        return 1
    if change.kind == "add":
        return 2
    return 3 if "set not null" in change.options else 4


def _with_option(change: SqlChange, option: str) -> SqlChange:
    return msgspec.structs.replace(change, options=(*change.options, option))
