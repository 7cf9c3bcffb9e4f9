"""INSERT statements, read from tokens: the table, the list of columns, the rows of VALUES."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from infralint.ddl.cursor import Locate
from infralint.ddl.tokens import Token, Tokens, matching, split_commas
from infralint.facts.sql import SqlInsert, SqlLiteral, SqlRow, SqlTable
from infralint.facts.text import HOLE
from infralint.readers.sql_literals import literal_of
from infralint.source import Span

# More rows are data; what is wrong with them is wrong with the first ones.
_MAX_ROWS = 50
_QUERY = frozenset({"SELECT", "WITH", "TABLE", "VALUES"})
_VERBS = frozenset({"INSERT", "MERGE", "REPLACE"})

# The scope with the result of the query that is inserted into the table at a place, -1 for none.
QueryAt = Callable[[Span], int]


def inserts(tokens: Tokens, locate: Locate, query_at: QueryAt) -> Iterator[SqlInsert]:
    """Every INSERT of a statement, those in its WITH and MERGE's own ones, too."""
    merged: SqlTable | None = None
    for at in tokens.of(_VERBS):
        if tokens[at].upper == "MERGE":
            if at + 2 < len(tokens) and tokens[at + 1].upper == "INTO":
                merged = _Insert(tokens, at + 2, locate).table()
        elif merged is not None and at and tokens[at - 1].upper == "THEN":
            yield _Insert(tokens, at + 1, locate).read(merged, query_at, lenient=False)
        elif found := _into(tokens, at):
            into, lenient = found
            insert = _Insert(tokens, into, locate)
            table = insert.table()
            if table is not None:
                yield insert.read(table, query_at, lenient=lenient)


def _into(tokens: Sequence[Token], at: int) -> tuple[int, bool] | None:
    """The index of the table's name, and whether failures are passed over: `INSERT [OR IGNORE | IGNORE] INTO`."""
    words = [token.upper for token in tokens[at : at + 4]]
    if words[1:2] == ["INTO"]:
        return at + 2, words[0] == "REPLACE"
    if words[1:3] == ["IGNORE", "INTO"]:
        return at + 3, True
    if words[1:2] == ["OR"] and words[3:4] == ["INTO"]:
        return at + 4, words[2] in ("IGNORE", "REPLACE")
    return None


class _Insert:
    """Reads one INSERT from the token at `at` on."""

    def __init__(self, tokens: Sequence[Token], at: int, locate: Locate) -> None:
        self.tokens = tokens
        self.at = at
        self.locate = locate

    def _word(self) -> str:
        return (self.tokens[self.at].upper or self.tokens[self.at].text) if self.at < len(self.tokens) else ""

    def _skip(self, *words: str) -> bool:
        found = self._word() in words
        self.at += found
        return found

    def table(self) -> SqlTable | None:
        """The table's name; None where it cannot be read."""
        parts: list[Token] = []
        while self.at < len(self.tokens) and self.tokens[self.at].is_name:
            parts.append(self.tokens[self.at])
            self.at += 1
            if not self._skip("."):
                break
        if not parts or any(HOLE in part.text for part in parts):
            return None
        last = parts[-1]
        return SqlTable(last.name, self.locate(last.start, last.end), parts[-2].name if len(parts) > 1 else "")

    def read(self, table: SqlTable, query_at: QueryAt, *, lenient: bool) -> SqlInsert:
        """All that follows the table's name."""
        if self._skip("AS"):
            self.at += 1
        columns, is_open = self._columns()
        if self._skip("OVERRIDING"):
            self.at += 2
        if self._word() in ("VALUES", "VALUE") and columns != ("VALUES",):
            self.at += 1
            rows = tuple(self._rows())
            return SqlInsert(table, columns, is_open or not rows, rows, -1, lenient)
        if self._word() == "DEFAULT":
            return SqlInsert(table, (), is_open, (), -1, lenient)
        query = query_at(table.span)
        return SqlInsert(table, columns, is_open or query < 0, (), query, lenient)

    def _columns(self) -> tuple[tuple[str, ...] | None, bool]:
        """The list of columns, if there is one, and whether a part of it cannot be read."""
        if self._word() != "(":
            # A hole here may bring a list, and what follows an alias without AS is not known.
            known = self._word() in (*_QUERY, "DEFAULT", "OVERRIDING", "VALUE")
            return None, not known
        end = matching(self.tokens, self.at)
        inner = self.tokens[self.at + 1 : end]
        if not inner or inner[0].upper in _QUERY or inner[0].text == "(":
            return (() if not inner else None), bool(inner)
        self.at = end + 1
        names = [item[0] for item in split_commas(inner) if item and item[0].is_name and HOLE not in item[0].text]
        whole = len(names) == sum(1 for _ in split_commas(inner)) and inner[-1].text != ","
        return tuple(name.name for name in names), not whole

    def _rows(self) -> Iterator[SqlRow]:
        for _ in range(_MAX_ROWS):
            self._skip("ROW")
            end = matching(self.tokens, self.at)
            if self._word() != "(" or end == len(self.tokens):
                return
            yield self._row(self.tokens[self.at + 1 : end], self.tokens[self.at], self.tokens[end])
            self.at = end + 1
            if not self._skip(","):
                return

    def _row(self, inner: Sequence[Token], first: Token, last: Token) -> SqlRow:
        items = list(split_commas(inner))
        literals: list[tuple[int, SqlLiteral]] = []
        for position, item in enumerate(items):
            literal = literal_of(item, self.locate)
            if literal is not None:
                literals.append((position, literal))
        whole = all(item and not _may_be_several(item) for item in items) and (not inner or inner[-1].text != ",")
        return SqlRow(self.locate(first.start, last.end), len(items) if whole else -1, tuple(literals))


def _may_be_several(item: Sequence[Token]) -> bool:
    """Whether an item holds a hole outside of brackets, which may bring commas, or ends with a star."""
    depth = 0
    for token in item:
        depth += (token.text in ("(", "[")) - (token.text in (")", "]"))
        if depth == 0 and token.kind != "string" and HOLE in token.text:
            return True
    return item[-1].text == "*"
