"""The placeholders of a text of SQL, as the driver that is given it counts them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from infralint.ddl.cursor import Locate
from infralint.ddl.tokens import Token, tokens_of
from infralint.facts.sql_calls import SqlPlaceholder

# psycopg, PyMySQL, mysqlclient, mysql.connector and Django's cursors format the whole text, strings and comments too
# (PEP 249, paramstyles "format" and "pyformat"; psycopg 3 documentation, "Passing parameters", for %b and %t).
_PERCENT = re.compile(r"%%|%\((?P<name>[^)]+)\)[sbt]|%[sbt]")
# SQLAlchemy 2.0, sql/elements.py, TextClause: a colon that neither follows a word, a colon or a backslash, nor is
# followed by a second one behind the name.
_COLON = re.compile(r"(?<![:\w\\]):(?P<name>\w+)(?!:)")
_FORMATTING = frozenset({"psycopg", "mysql", "django"})


def placeholders_in(text: str, driver: str, dialect: str, locate: Locate) -> tuple[SqlPlaceholder, ...]:
    """All placeholders in order. Without a known driver: those that stand outside of strings, in any style."""
    if driver in _FORMATTING:
        return tuple(_formatted(text, locate))
    if driver == "sqlalchemy":
        return tuple(SqlPlaceholder(":", m["name"], locate(m.start(), m.end())) for m in _COLON.finditer(text))
    return tuple(_by_tokens(list(tokens_of(text, dialect)), locate))


def _formatted(text: str, locate: Locate) -> Iterator[SqlPlaceholder]:
    for match in _PERCENT.finditer(text):
        if match[0] != "%%":
            kind = "%(" if match["name"] else "%s"
            yield SqlPlaceholder(kind, match["name"] or "", locate(match.start(), match.end()))


def _by_tokens(tokens: Sequence[Token], locate: Locate) -> Iterator[SqlPlaceholder]:
    for at, token in enumerate(tokens):
        if token.kind == "placeholder" and not is_operator(tokens, at):
            yield _placeholder(token, locate)


def _placeholder(token: Token, locate: Locate) -> SqlPlaceholder:
    span = locate(token.start, token.end)
    text = token.text
    if text.startswith("%("):
        return SqlPlaceholder("%(", text[2:-2], span)
    if text == "%s":
        return SqlPlaceholder("%s", "", span)
    return SqlPlaceholder(text[0], text[1:].strip("'\""), span)


def is_operator(tokens: Sequence[Token], at: int) -> bool:
    """Whether `?` is PostgreSQL's operator (`data ? 'key'`), or `:x` the end of a slice (`a[1:x]`)."""
    from infralint.readers.sql_text import is_operand

    text = tokens[at].text
    if not at:
        return False
    if text[0] == "?":
        return is_operand(tokens, at - 1)
    return (
        text[0] == ":" and tokens[at - 1].kind in ("number", "placeholder") and tokens[at - 1].end == tokens[at].start
    )
