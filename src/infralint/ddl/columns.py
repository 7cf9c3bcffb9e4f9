"""Columns and constraints as definitions write them: in CREATE TABLE, in ALTER TABLE, for domains."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from infralint.ddl.checks import allowed_values
from infralint.ddl.cursor import Cursor, Locate, joined, names_in
from infralint.ddl.tokens import Token
from infralint.facts.sql import SqlColumn, SqlConstraint

# What ends a column's type.
_COLUMN_WORDS = frozenset(
    {
        "AS", "AUTOINCREMENT", "AUTO_INCREMENT", "CHECK", "COLLATE", "COMMENT", "COMPRESSION", "CONSTRAINT", "DEFAULT",
        "DEFERRABLE", "ENFORCED", "GENERATED", "IDENTITY", "INITIALLY", "INVISIBLE", "KEY", "NOT", "NULL", "ON",
        "OPTIONS", "PRIMARY", "REFERENCES", "STORAGE", "UNIQUE", "USING",
    }
)  # fmt: skip
# What ends the expression of a DEFAULT (PostgreSQL's b_expr holds none of them outside of brackets).
_AFTER_DEFAULT = _COLUMN_WORDS - {"AS", "IDENTITY", "KEY", "STORAGE", "USING", "OPTIONS", "INVISIBLE"} | {
    "FIRST",
    "AFTER",
}
# Reserved in every dialect, so no column begins with them (PostgreSQL manual, appendix C;
# sqlite.org/lang_keywords).
CONSTRAINT_WORDS = frozenset({"CONSTRAINT", "PRIMARY", "FOREIGN", "CHECK", "UNIQUE"})
_INDEX_WORDS = frozenset({"KEY", "INDEX", "FULLTEXT", "SPATIAL"})
_ACTIONS = (("NO", "ACTION"), ("SET", "NULL"), ("SET", "DEFAULT"), ("CASCADE",), ("RESTRICT",))


def column_of(item: Sequence[Token], locate: Locate) -> SqlColumn | None:
    """The column that an item of a column list defines: its name, then its type, then constraints."""
    cursor = Cursor(item, locate)
    first = item[0]
    name = cursor.name()
    if name is None and first.kind == "string":
        # SQLite takes a string for a name.
        name, cursor.at = Token("quoted", f'"{first.text[1:-1]}"', first.start), 1
    if name is None:
        return None
    column = SqlColumn(
        name.name,
        locate(first.start, item[cursor.at - 1].end),
        quoted=name.kind == "quoted",
    )
    return definition_of(cursor, column)


def definition_of(cursor: Cursor, column: SqlColumn) -> SqlColumn:
    """The rest of a column's definition: type and constraints."""
    return _Definition(cursor, _typed(cursor, column)).read()


def _typed(cursor: Cursor, column: SqlColumn) -> SqlColumn:
    start = cursor.at
    while not cursor.done and cursor.word() not in _COLUMN_WORDS:
        if cursor.bracket() is None:
            cursor.at += 1
    tokens = cursor.tokens[start : cursor.at]
    if not tokens:
        return column
    return msgspec.structs.replace(column, type=joined(tokens), type_span=cursor.span(tokens))


class _Definition:
    """The constraints of one column."""

    def __init__(self, cursor: Cursor, column: SqlColumn) -> None:
        self.cursor = cursor
        self.column = column
        self.constraints: list[SqlConstraint] = []
        self.name = ""

    def read(self) -> SqlColumn:
        cursor = self.cursor
        while not cursor.done:
            if cursor.take("CONSTRAINT"):
                self.name = cursor.written()
            elif not self._simple() and not self._constraint():
                cursor.at += 1
        return msgspec.structs.replace(self.column, constraints=tuple(self.constraints))

    def _set(self, **values: object) -> bool:
        self.column = msgspec.structs.replace(self.column, **values)
        self.name = ""
        return True

    def _simple(self) -> bool:
        """What says something of the column itself."""
        cursor = self.cursor
        if cursor.take("NOT", "NULL"):
            return self._set(not_null=True)
        if cursor.take("DEFAULT"):
            return self._set(default=self._expression())
        if cursor.take("GENERATED"):
            return self._set(**self._generated())
        if cursor.word() == "AS" and cursor.peek(1) is not None:
            cursor.at += 1
            return self._set(generated="computed") if cursor.bracket() is not None else True
        if cursor.take("IDENTITY"):
            cursor.bracket()
            return self._set(generated="identity always", not_null=True)
        if cursor.take("AUTOINCREMENT") or cursor.take("AUTO_INCREMENT"):
            return self._set(generated="autoincrement")
        if cursor.take("COMMENT"):
            token = cursor.peek()
            cursor.at += 1
            return self._set(comment=token.text[1:-1] if token is not None and token.kind == "string" else "")
        if cursor.take("ON", "UPDATE") or cursor.take("COLLATE"):
            # MySQL's ON UPDATE CURRENT_TIMESTAMP; an action of REFERENCES is read with it.
            cursor.label()
            return True
        return False

    def _expression(self) -> str:
        cursor, start = self.cursor, self.cursor.at
        if cursor.bracket() is None:
            cursor.at += 1
        while not cursor.done and cursor.word() not in _AFTER_DEFAULT:
            if cursor.bracket() is None:
                cursor.at += 1
        return joined(cursor.tokens[start : cursor.at])

    def _generated(self) -> dict[str, object]:
        cursor = self.cursor
        always = not cursor.take("BY", "DEFAULT")
        cursor.take("ON", "NULL")
        cursor.take("ALWAYS")
        cursor.take("AS")
        if cursor.take("IDENTITY"):
            cursor.bracket()
            return {"generated": f"identity {'always' if always else 'by default'}", "not_null": True}
        cursor.bracket()
        return {"generated": "computed"}

    def _constraint(self) -> bool:
        """A constraint that stands with the column."""
        written = (self._written(),)
        if self.cursor.take("PRIMARY", "KEY"):
            self._set_keeping_name(primary_key=True, not_null=True)
            return self._add("primary", written)
        if self.cursor.take("UNIQUE"):
            self.cursor.take("KEY")
            return self._add("unique", written)
        if self.cursor.word() == "CHECK":
            made = read_constraint(self.cursor, self.name)
        elif self.cursor.word() == "REFERENCES":
            made = _references(self.cursor, written, self.name, self.cursor.at)
        else:
            return False
        if made is not None:
            self.constraints.append(made)
        self.name = ""
        return True

    def _set_keeping_name(self, **values: object) -> None:
        self.column = msgspec.structs.replace(self.column, **values)

    def _add(self, kind: str, columns: tuple[str, ...]) -> bool:
        cursor = self.cursor
        span = cursor.span(cursor.tokens[cursor.at - 1 : cursor.at])
        self.constraints.append(SqlConstraint(kind, span, columns, self.name))
        self.name = ""
        return True

    def _written(self) -> str:
        name = self.column.name
        return '"' + name.replace('"', '""') + '"' if self.column.quoted else name


def is_constraint(item: Sequence[Token]) -> bool:
    """Whether an item of a column list is a constraint or index, not a column."""
    first = item[0].upper
    follows = item[1].upper or item[1].text if len(item) > 1 else ""
    if first in CONSTRAINT_WORDS:
        return True
    if first == "EXCLUDE":
        return follows in ("USING", "(")
    return first in _INDEX_WORDS and _is_index(item)


def _is_index(item: Sequence[Token]) -> bool:
    """MySQL's `KEY k (a)`, `FULLTEXT INDEX (a)`; not a column called `key`."""
    at = 1
    while at < len(item) and item[at].text != "(" and at < 5:
        at += 1
    return at + 1 < len(item) and item[at].text == "(" and item[at + 1].is_name


def read_constraint(cursor: Cursor, name: str = "") -> SqlConstraint | None:
    """A constraint or index of a table, at the cursor; None for what makes none of ours (NOT NULL)."""
    start = cursor.at
    if cursor.take("CONSTRAINT") and not name and cursor.word() not in CONSTRAINT_WORDS:
        name = cursor.written()
    if cursor.take("PRIMARY", "KEY"):
        return _keyed(cursor, "primary", name, start)
    if cursor.take("UNIQUE"):
        return _keyed(cursor, "unique", name, start)
    if cursor.take("CHECK"):
        return _check(cursor, name, start)
    if cursor.take("FOREIGN", "KEY"):
        if cursor.peek() is not None and cursor.word() and cursor.peek().text != "(":  # type: ignore[union-attr]
            name = name or cursor.written()
        columns = names_in(cursor.bracket() or ())
        return _references(cursor, columns, name, start)
    if cursor.take("EXCLUDE"):
        return SqlConstraint("exclude", cursor.span(cursor.tokens[start : cursor.at]), name=name)
    while cursor.word() in _INDEX_WORDS:
        cursor.at += 1
        return _keyed(cursor, "index", name, start)
    return None


def _keyed(cursor: Cursor, kind: str, name: str, start: int) -> SqlConstraint:
    """PRIMARY KEY, UNIQUE, KEY: MySQL's name of the index, then the columns; or an index that is there already."""
    span = cursor.span(cursor.tokens[start : cursor.at])
    while cursor.word() in ("KEY", "INDEX"):
        cursor.at += 1
    if cursor.take("NULLS"):
        cursor.take("NOT")
        cursor.take("DISTINCT")
    if cursor.take("USING", "INDEX"):
        return SqlConstraint(kind, span, name=name, using=cursor.written())
    token = cursor.peek()
    if token is not None and token.is_name and token.upper != "USING":
        name = name or cursor.written()
    if cursor.take("USING"):
        cursor.at += 1
    return SqlConstraint(kind, span, names_in(cursor.bracket() or ()), name)


def _check(cursor: Cursor, name: str, start: int) -> SqlConstraint:
    span = cursor.span(cursor.tokens[start : cursor.at])
    condition = cursor.bracket() or ()
    allowed = allowed_values(condition, cursor.locate)
    columns, values = ((allowed[0],), allowed[1]) if allowed else (_names_of(condition), ())
    return SqlConstraint("check", span, columns, name, joined(condition), values)


_NO_COLUMN = frozenset(
    {
        "ALL", "AND", "ANY", "ARRAY", "BETWEEN", "CASE", "CAST", "COLLATE", "CURRENT_DATE", "CURRENT_TIMESTAMP",
        "DISTINCT", "ELSE", "END", "FALSE", "FROM", "ILIKE", "IN", "IS", "LIKE", "NOT", "NULL", "OR", "SIMILAR", "SOME",
        "THEN", "TO", "TRUE", "UNKNOWN", "WHEN",
    }
)  # fmt: skip


def _names_of(condition: Sequence[Token]) -> tuple[str, ...]:
    """Names in a condition that can be columns: no keyword, no function, no type behind `::`."""
    found: list[str] = []
    for at, token in enumerate(condition):
        follows = condition[at + 1].text if at + 1 < len(condition) else ""
        before = condition[at - 1].text if at else ""
        if token.is_name and token.upper not in _NO_COLUMN and follows != "(" and before not in ("::", "."):
            found += [token.text] if token.text not in found else []
    return tuple(found)


def _references(cursor: Cursor, columns: tuple[str, ...], name: str, start: int) -> SqlConstraint | None:
    if not cursor.take("REFERENCES"):
        return None
    target = cursor.table()
    if target is None:
        return None
    targets = names_in(cursor.bracket() or ())
    actions = {"DELETE": "", "UPDATE": ""}
    while not cursor.done:
        if cursor.take("MATCH"):
            cursor.at += 1
        elif cursor.word() == "ON" and cursor.word(1) in actions:
            event = cursor.word(1)
            cursor.at += 2
            actions[event] = _action(cursor)
        elif cursor.take("NOT", "DEFERRABLE") or cursor.take("DEFERRABLE") or cursor.take("INITIALLY"):
            cursor.at += cursor.word() in ("DEFERRED", "IMMEDIATE")
        elif cursor.take("NOT", "VALID") or cursor.take("NOT", "ENFORCED") or cursor.take("ENFORCED"):
            continue
        else:
            break
    span = cursor.span(cursor.tokens[start : start + 1])
    return SqlConstraint(
        "foreign",
        span,
        columns,
        name,
        target=target,
        target_columns=targets,
        on_delete=actions["DELETE"],
        on_update=actions["UPDATE"],
    )


def _action(cursor: Cursor) -> str:
    for words in _ACTIONS:
        if cursor.take(*words):
            cursor.bracket()
            return " ".join(words)
    return ""
