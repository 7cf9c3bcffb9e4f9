"""SQL text to statements: split, masked, parsed by sqlglot if they are queries, by our own reader if DDL."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

import msgspec
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.parser import Parser
from sqlglot.tokens import Tokenizer

from infralint.ddl.cursor import Locate
from infralint.ddl.routines import called_changes, routine_changes, shifted
from infralint.ddl.statements import DEFINITIONS, DdlReader
from infralint.ddl.text import ROUTINES, is_routine
from infralint.ddl.tokens import Token, Tokens, split, tokens_of
from infralint.facts.sql import SqlChange, SqlScope, SqlStatement
from infralint.facts.text import HOLE
from infralint.readers.sql_faults import faults
from infralint.readers.sql_inserts import inserts
from infralint.readers.sql_literals import comparisons
from infralint.readers.sql_rewrites import rewritten
from infralint.readers.sql_scopes import ScopeReader
from infralint.readers.sql_text import Masked, has_holes, masked
from infralint.source import Span

# A longer statement is data (a dump's INSERT), and a parser's time with it is no longer bounded.
MAX_STATEMENT = 200_000
# More brackets inside of each other than any statement that a person wrote; sqlglot recurses into them.
_MAX_DEPTH = 60
_DEPTH = {"(": 1, "[": 1, "CASE": 1, ")": -1, "]": -1, "END": -1}
# More holes than this leave nothing to judge.
_MAX_HOLES = 200
# Trees of the latest texts, oldest first; one takes 12 KB.
_TREES_KEPT = 4000
_trees: dict[tuple[str, str], exp.Expression | None] = {}
# What most arguments of sqlglot's nodes are that have no nodes below them.
_LEAVES: frozenset[type] = frozenset({bool, str, type(None), exp.Identifier, exp.Literal})
_DIALECTS = ("postgres", "sqlite", "mysql")
_QUERIES = frozenset({"SELECT", "WITH", "INSERT", "REPLACE", "UPDATE", "DELETE", "MERGE", "VALUES", "("})

logging.getLogger("sqlglot").setLevel(logging.CRITICAL + 1)


# `SET search_path TO a, b` and libpq's `options=-csearch_path=a,b`, wherever they stand.
_SEARCH_PATH = re.compile(r"\bsearch_path\s*(?:=|\bTO\b)\s*((?:['\"]?[\w$]+['\"]?\s*,?\s*)+)", re.IGNORECASE)


def search_path_in(text: str) -> tuple[str, ...]:
    """The schemas that a file puts on PostgreSQL's search path."""
    found = {name for match in _SEARCH_PATH.finditer(text) for name in re.findall(r"[\w$]+", match[1])}
    return tuple(sorted(found))


@dataclass(slots=True)
class SqlReading:
    """What the statements of one or several texts give."""

    statements: list[SqlStatement] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    unread: list[Span] = field(default_factory=list)


def read_sql(text: str, dialect: str, locate: Locate, reading: SqlReading) -> None:
    """Add the statements of a text; `locate` gives the file's span of two offsets in it."""
    for tokens in split(list(tokens_of(text, dialect))):
        read_statement(text, tokens, dialect, locate, reading)


def read_statement(text: str, tokens: Sequence[Token], dialect: str, locate: Locate, reading: SqlReading) -> None:
    """Add one statement, given its tokens."""
    span = locate(tokens[0].start, tokens[-1].end)
    tokens = Tokens(_without_explain(tokens))
    if not tokens:
        return
    first = tokens[0].upper or tokens[0].text
    statement: SqlStatement | None = None
    if first in DEFINITIONS:
        statement = _definition(text, tokens, dialect, locate, reading)
    elif first in _QUERIES:
        statement = _change_or_query(text, tokens, dialect, locate, reading)
    elif first in ("DO", "BEGIN", "DECLARE", "EXECUTE"):
        statement = SqlStatement(span, changes=tuple(routine_changes(tokens, dialect, locate)))
    if statement is not None and (statement.scopes or statement.changes or statement.inserts or statement.faults):
        reading.statements.append(msgspec.structs.replace(statement, span=span))


def _change_or_query(text: str, tokens: Tokens, dialect: str, locate: Locate, reading: SqlReading) -> SqlStatement:
    span = locate(tokens[0].start, tokens[-1].end)
    if tokens[-1].end - tokens[0].start > MAX_STATEMENT:
        reading.unread.append(span)
        return SqlStatement(span)
    found = _read_scopes(text, tokens, dialect, locate)
    if found is None:
        reading.unread.append(span)
    inserted = found[1].inserted if found else {}
    return SqlStatement(
        span,
        found[1].scopes() if found else (),
        _made_by_calls(tokens, locate),
        inserts=tuple(inserts(tokens, locate, lambda place: inserted.get(place, -1))),
        comparisons=tuple(comparisons(tokens, locate)),
        faults=tuple(faults(text, tokens, locate)),
    )


def _without_explain(tokens: Sequence[Token]) -> Sequence[Token]:
    if tokens[0].upper != "EXPLAIN":
        return tokens
    for at, token in enumerate(tokens):
        if token.upper in _QUERIES:
            return tokens[at:]
    return ()


def _definition(text: str, tokens: Sequence[Token], dialect: str, locate: Locate, reading: SqlReading) -> SqlStatement:
    span = locate(tokens[0].start, tokens[-1].end)
    words = [token.upper for token in tokens[:8]]
    if is_routine(words):
        kind = next(at for at, word in enumerate(words) if word in ROUTINES)
        if name := _routine_name(tokens[kind + 1 :]):
            reading.functions.append(name)
        made = (*routine_changes(tokens, dialect, locate), *DdlReader(tokens, locate).changes())
        return SqlStatement(span, changes=made)
    reader = DdlReader(tokens, locate)
    changes = reader.changes()
    if reader.query_at < 0:
        return SqlStatement(span, changes=tuple(changes))
    scopes = _view_scopes(text, tokens[reader.query_at :], dialect, locate)
    if scopes is None:
        reading.unread.append(span)
        reason = "its query cannot be read"
        return SqlStatement(
            span, changes=tuple(msgspec.structs.replace(each, query=-1, reason=reason) for each in changes)
        )
    result, found = scopes
    return SqlStatement(span, found, tuple(msgspec.structs.replace(change, query=result) for change in changes))


def _routine_name(tokens: Sequence[Token]) -> str:
    name = ""
    for token in tokens:
        if token.text == "(":
            return name
        if token.is_name:
            name = token.name
    return ""


def _view_scopes(
    text: str, tokens: Sequence[Token], dialect: str, locate: Locate
) -> tuple[int, tuple[SqlScope, ...]] | None:
    """The scopes of a query in a definition, with the index of the one that has its result."""
    words = [token.upper for token in tokens]
    # `WITH NO DATA`, `WITH CHECK OPTION` stand after the query.
    for at in range(len(words) - 1, 0, -1):
        if (
            words[at] == "WITH"
            and at + 1 < len(words)
            and words[at + 1] in ("NO", "DATA", "CHECK", "CASCADED", "LOCAL")
        ):
            tokens = tokens[:at]
            break
    if tokens and tokens[0].upper == "AS":
        tokens = tokens[1:]
    if not tokens:
        return None
    reader = _read_scopes(text, Tokens(tokens), dialect, locate)
    return None if reader is None else (reader[0], reader[1].scopes())


def _read_scopes(text: str, tokens: Tokens, dialect: str, locate: Locate) -> tuple[int, ScopeReader] | None:
    base, end = tokens[0].start, tokens[-1].end
    if end - base > MAX_STATEMENT or _is_too_deep(tokens) or text.count(HOLE, base, end) > _MAX_HOLES:
        return None
    for attempt in _attempts(text, tokens):
        plain = rewritten(attempt.text, tokens)
        for name in (dialect, *(other for other in _DIALECTS if other != dialect)):
            tree = _parse(plain.text, name)
            if tree is None:
                continue
            reader = ScopeReader(
                shifted(locate, base),
                open_sources=attempt.open_sources,
                open_outputs=attempt.open_outputs,
                row_names=plain.row_names,
            )
            try:
                return reader.statement(tree), reader
            except RecursionError:
                return None
    return None


def _attempts(text: str, tokens: Tokens) -> Iterator[Masked]:
    yield masked(text, tokens, keep_holes=False)
    if has_holes(text, tokens):
        yield Masked(masked(text, tokens, keep_holes=True).text, open_sources=True, open_outputs=True)


def _is_too_deep(tokens: Tokens) -> bool:
    if len(tokens) <= _MAX_DEPTH:
        return False
    depth = 0
    for at in tokens.of(_DEPTH.keys()):
        depth += _DEPTH[tokens[at].upper or tokens[at].text]
        if depth > _MAX_DEPTH:
            return True
    return False


@cache
def _parser(dialect: str) -> tuple[Tokenizer, Parser]:
    """sqlglot's own two steps; to make them costs a fifth of what parsing a short statement does."""
    found = Dialect.get_or_raise(dialect)
    return found.tokenizer(), found.parser()


def _parse(text: str, dialect: str) -> exp.Expression | None:
    """sqlglot's tree of one statement, or None. Texts that come again are parsed once."""
    key = (text, dialect)
    if key not in _trees:
        if len(_trees) >= _TREES_KEPT:
            _free(_trees.pop(next(iter(_trees))))
        _trees[key] = _parsed(text, dialect)
    return _trees[key]


def forget_trees() -> None:
    """Let all kept trees go."""
    while _trees:
        _free(_trees.popitem()[1])


def _parsed(text: str, dialect: str) -> exp.Expression | None:
    tokenizer, parser = _parser(dialect)
    try:
        trees = [tree for tree in parser.parse(tokenizer.tokenize(text), text) if tree is not None]
    except Exception:
        # The compiled build raises what it likes, TypeError too.
        return None
    tree = trees[0] if len(trees) == 1 else None
    return tree if isinstance(tree, exp.Expression) and not isinstance(tree, exp.Command) else None


def _free(tree: exp.Expression | None) -> None:
    """Let a tree go: its nodes know their parents, and while files are read nobody collects such cycles."""
    stack: list[object] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack += [item for item in node if type(item) not in _LEAVES]
        elif isinstance(node, exp.Expression):
            stack += [value for value in node.args.values() if type(value) not in _LEAVES]
            node.args.clear()


def _made_by_calls(tokens: Tokens, locate: Locate) -> tuple[SqlChange, ...]:
    """Changes that functions make: PostGIS's, and `set_config('search_path', ...)`."""
    made = tuple(called_changes(tokens, locate)) if tokens.have("ADDGEOMETRYCOLUMN") else ()
    return (*made, *DdlReader(tokens, locate).changes()) if tokens.have("SET_CONFIG") else made
