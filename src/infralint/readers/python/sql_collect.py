"""The texts of SQL of one module: each is read once, as it is executed where that is seen."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from infralint.facts.sql import SqlStatement
from infralint.facts.sql_calls import SqlPlaceholder, SqlText
from infralint.facts.text import HOLE, Piece, Text
from infralint.readers.python.sql_places import Role, is_guarded
from infralint.readers.python.sql_shape import looks_like_sql
from infralint.readers.python.syntax import Syntax
from infralint.source import Span

if TYPE_CHECKING:
    from infralint.readers.sql_statements import SqlReading


@dataclass(slots=True)
class _Entry:
    text: Text
    role: Role
    node: ast.expr
    driver: str
    names: list[str] = field(default_factory=list)
    whole: bool = True


@dataclass(slots=True)
class Collected:
    """What all texts together give, with the index of each text that was kept by the index that `add` gave."""

    statements: list[SqlStatement] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    unread: list[Span] = field(default_factory=list)
    texts: list[SqlText] = field(default_factory=list)
    kept: dict[int, int] = field(default_factory=dict)


class SqlTexts:
    """Collects texts; the order of roles (EXECUTED first) says which reading of a text stays."""

    def __init__(self, syntax: Syntax, dialect: str) -> None:
        self.syntax = syntax
        self.dialect = dialect
        self.unread: list[Span] = []
        self._entries: list[_Entry] = []
        self._index: dict[tuple[Piece, ...], int] = {}
        self._placeholders: dict[tuple[int, str], tuple[SqlPlaceholder, ...]] = {}

    def add(self, text: Text, role: Role, node: ast.expr, driver: str = "", names: tuple[str, ...] = ()) -> int:
        """Note a text; its index. `node`: where it is executed or written."""
        index = self._index.get(text.pieces)
        if index is None:
            index = self._index[text.pieces] = len(self._entries)
            self._entries.append(_Entry(text, role, node, driver))
        entry = self._entries[index]
        if _RANKS[role] < _RANKS[entry.role] or (role is entry.role and driver and not entry.driver):
            entry.role, entry.node, entry.driver = role, node, driver or entry.driver
        entry.names += [name for name in names if name not in entry.names]
        return index

    def placeholders(self, index: int) -> tuple[SqlPlaceholder, ...]:
        """The placeholders of a text."""
        from infralint.readers.sql_placeholders import placeholders_in

        entry = self._entries[index]
        key = (index, entry.driver)
        if key not in self._placeholders:
            self._placeholders[key] = placeholders_in(
                entry.text.value, entry.driver, self.dialect, entry.text.locator()
            )
        return self._placeholders[key]

    def read(self) -> Collected:
        """Read all texts that stay: those that no executed text holds as a part."""
        found = Collected()
        executed = {
            piece
            for entry in self._entries
            if entry.role is Role.EXECUTED
            for piece in entry.text.pieces
            if not piece.is_hole
        }
        order = sorted(range(len(self._entries)), key=lambda index: self._entries[index].text.span)
        for index in order:
            entry = self._entries[index]
            written = {piece for piece in entry.text.pieces if not piece.is_hole}
            if entry.role is not Role.EXECUTED and written <= executed and not entry.names:
                continue
            found.kept[index] = len(found.texts)
            found.texts.append(
                self._read(index, entry, found, covered=entry.role is not Role.EXECUTED and written <= executed)
            )
        found.unread += self.unread
        return found

    def _read(self, index: int, entry: _Entry, found: Collected, *, covered: bool) -> SqlText:
        certain = entry.role is Role.EXECUTED
        first = len(found.statements)
        loose = False
        if not covered and looks_like_sql(entry.text.value, certain=certain or entry.role is Role.NAMED):
            reading, loose = self._reading(entry)
            guarded = is_guarded(self.syntax, entry.node)
            found.functions += reading.functions
            found.unread += reading.unread
            found.statements += [
                msgspec.structs.replace(statement, guarded=guarded, executed=certain)
                for statement in reading.statements
            ]
        return SqlText(
            entry.text.span,
            tuple(range(first, len(found.statements))),
            self.placeholders(index),
            entry.whole and entry.text.is_static,
            loose,
            tuple(entry.names),
        )

    def _reading(self, entry: _Entry) -> tuple[SqlReading, bool]:
        """The statements of a text, and whether they are loose at the end."""
        from infralint.ddl.tokens import tokens_of
        from infralint.readers.sql_statements import SqlReading, read_sql
        from infralint.readers.sql_text import may_go_on

        text = _continued(entry.text) if entry.role is Role.PART else entry.text
        reading = SqlReading()
        read_sql(text.value, self.dialect, text.locator(), reading)
        if entry.role is not Role.PASSED:
            return reading, False
        loose = may_go_on(list(tokens_of(text.value, self.dialect)))
        if reading.unread:
            reading = SqlReading()
            text = _continued(entry.text)
            read_sql(text.value, self.dialect, text.locator(), reading)
        return reading, loose


_RANKS = {Role.EXECUTED: 0, Role.PART: 1, Role.NAMED: 2, Role.PASSED: 3, Role.OTHER: 4}


def _continued(text: Text) -> Text:
    """The text with an unknown end: something may be appended to it elsewhere."""
    end = Span(text.span.end, text.span.end)
    return Text((*text.pieces, Piece("\n", end), Piece(HOLE, end)), text.span)
