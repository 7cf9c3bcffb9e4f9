"""Changes that stand in routines, in DO blocks, in the strings that they execute, and in calls of functions.

Whether they run is another matter: those of a DO block without conditions do, all others may. A change that makes
what is missing (`IF NOT EXISTS ... THEN ALTER TABLE ... ADD`, or with a handler for "it is there already") has run in
any case.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from infralint.ddl.cursor import Locate
from infralint.ddl.statements import BEFORE_TABLE, DdlReader
from infralint.ddl.tokens import Token, tokens_of
from infralint.facts.sql import SqlChange, SqlTable
from infralint.facts.text import HOLE

_CREATED = BEFORE_TABLE | {"TABLE", "FOREIGN", "VIEW", "TYPE", "DOMAIN", "UNIQUE", "INDEX"}
_ALTERED = frozenset({"TABLE", "TYPE"})
_CONDITIONS = frozenset({"CASE", "ELSE", "ELSIF", "EXCEPTION", "FOR", "IF", "LOOP", "WHILE"})
_HANDLED = ("DUPLICATE_", "UNIQUE_VIOLATION", "UNDEFINED_")
# Kinds of change after which a thing is there, whether it was before or not.
_MAKING = frozenset({"create", "add", "add-constraint", "create-enum", "create-domain", "add-label", "create-schema"})


def routine_changes(tokens: Sequence[Token], dialect: str, locate: Locate) -> Iterator[SqlChange]:
    """What the body of a routine or DO block does to tables."""
    doubt = _doubt(tokens, dialect)
    for change in _changes(tokens, dialect, locate, 0):
        yield _doubted(change, doubt)


def _doubt(tokens: Sequence[Token], dialect: str) -> str:
    """ "" where all of a block runs, "made" where what is missing is made, "uncertain" where nothing can be told."""
    if tokens[0].upper != "DO":
        return "uncertain"
    bodies = [token.text for token in tokens if token.kind in ("dollar", "string")]
    words = [token.upper for body in bodies for token in tokens_of(_inner(body)[1], dialect)]
    if not _CONDITIONS & set(words):
        return ""
    pairs = {f"{first} {second}" for first, second in pairwise(words)}
    if "NOT EXISTS" in pairs or any(word.startswith(_HANDLED) for word in words):
        return "made"
    return "uncertain"


def _doubted(change: SqlChange, doubt: str) -> SqlChange:
    if not doubt or change.kind == "open":
        return change
    if doubt == "made" and change.kind in _MAKING:
        return msgspec.structs.replace(change, options=(*change.options, "if not exists"))
    return msgspec.structs.replace(change, options=(*change.options, "uncertain"))


def _changes(tokens: Sequence[Token], dialect: str, locate: Locate, depth: int) -> Iterator[SqlChange]:
    yield from nested_changes(tokens, locate)
    yield from _unnamed(tokens, locate)
    if depth > 2:
        return
    for token in tokens:
        if token.kind in ("string", "dollar") and _may_change(token.text):
            offset, body = _inner(token.text)
            inner = list(tokens_of(body, dialect))
            yield from _changes(inner, dialect, shifted(locate, token.start + offset), depth + 1)


def _may_change(text: str) -> bool:
    upper = text.upper()
    return any(word in upper for word in ("TABLE", "TYPE", "INDEX", "VIEW", "DOMAIN"))


def _inner(text: str) -> tuple[int, str]:
    """The inside of a string or dollar-quoted text, and where it begins."""
    if text.startswith("$"):
        offset = text.index("$", 1) + 1
        return offset, text[offset : len(text) - offset]
    offset = text.index("'") + 1
    return offset, text[offset : len(text) - 1]


def shifted(locate: Locate, offset: int) -> Locate:
    """A `locate` for a text that begins at `offset` of another."""
    return lambda start, end: locate(start + offset, end + offset)


def nested_changes(tokens: Sequence[Token], locate: Locate) -> Iterator[SqlChange]:
    """Changes that stand in the middle of a routine's body, each up to its semicolon."""
    end = 0
    for at, token in enumerate(tokens):
        follows = tokens[at + 1].upper if at + 1 < len(tokens) else ""
        begins = (
            (token.upper == "ALTER" and follows in _ALTERED)
            or (token.upper == "CREATE" and follows in _CREATED)
            or (token.upper == "DROP" and follows in ("TABLE", "VIEW", "TYPE", "INDEX"))
        )
        if at >= end and begins:
            end = next((i for i in range(at, len(tokens)) if tokens[i].text == ";"), len(tokens))
            for change in DdlReader(tokens[at:end], locate).changes():
                yield (SqlChange("create", change.table, reason="made by a routine") if change.query >= 0 else change)


def _unnamed(tokens: Sequence[Token], locate: Locate) -> Iterator[SqlChange]:
    """`EXECUTE format('ALTER TABLE %I ADD COLUMN x ...')`: any table may be meant."""
    for at, token in enumerate(tokens[:-2]):
        if token.upper == "ALTER" and tokens[at + 1].upper == "TABLE":
            rest = [t for t in tokens[at + 2 : at + 8] if t.upper not in ("IF", "EXISTS", "ONLY")]
            words = {t.upper for t in tokens[at + 2 : at + 12]}
            if (not rest or not rest[0].is_name) and words & {"ADD", "RENAME"}:
                span = locate(token.start, token.end)
                yield SqlChange("open", SqlTable(HOLE, span), reason="an ALTER TABLE whose table is made at run time")


def called_changes(tokens: Sequence[Token], locate: Locate) -> Iterator[SqlChange]:
    """PostGIS's AddGeometryColumn([schema,] table, column, ...) adds a column by a function."""
    for at, token in enumerate(tokens):
        if token.upper == "ADDGEOMETRYCOLUMN":
            for name in tokens[at + 2 : at + 7 : 2]:
                if name.kind == "string":
                    table = SqlTable(name.text.strip("'"), locate(name.start, name.end))
                    yield SqlChange("open", table, reason="AddGeometryColumn changes it")
