"""Whether a text is SQL at all, and whether it is a whole statement."""

from __future__ import annotations

import ast
import re

from infralint.readers.python.syntax import Syntax
from infralint.readers.python.text_kinds import last_name

_COMMENTS = r"(?:\s|--[^\n]*\n|/\*(?:(?!\*/).)*\*/|\()*"
# A whole statement, by its first words; between them anything may stand.
_SHAPE = (
    r"SELECT\b.*\bFROM\b|INSERT\s+(?:OR\s+\w+\s+|IGNORE\s+)?INTO\s+\S|REPLACE\s+INTO\s+\S|UPDATE\s+.*?\bSET\b|DELETE\s+FROM\s+\S"
    r"|WITH\s+(?:RECURSIVE\s+)?\S+\s*(?:\([^()]*\)\s*)?AS\s+(?:NOT\s+|MATERIALIZED\s+)*\(|MERGE\s+INTO\s+\S|DO\s+\$"
    r"|CREATE\s+\w+|ALTER\s+\w+\s+\S|DROP\s+\w+\s+\S|RENAME\s+TABLE\s|EXPLAIN\s|(?:BEGIN|SET|PRAGMA|TRUNCATE|LOCK|GRANT|COMMENT|START)\b[^;]*;"
)
_CAPITALS = re.compile(rf"{_COMMENTS}(?:{_SHAPE})", re.DOTALL)
_ANY = re.compile(rf"{_COMMENTS}(?:{_SHAPE})", re.DOTALL | re.IGNORECASE)
# Any statement that a database executes, also one that names no table: `SELECT now()`, `VACUUM`.
_EXECUTABLE = re.compile(
    rf"{_COMMENTS}(?:SELECT|INSERT|REPLACE|UPDATE|DELETE|WITH|MERGE|DO|CREATE|ALTER|DROP|RENAME|BEGIN|SET|PRAGMA|TRUNCATE|LOCK"
    r"|GRANT|REVOKE|COMMENT|START|EXPLAIN|VACUUM|ANALY[SZ]E|LISTEN|NOTIFY|CALL|COPY|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SHOW|VALUES"
    r"|REFRESH|REINDEX|ATTACH|DETACH|USE|DECLARE|FETCH|CLOSE|EXECUTE|DISCARD|RESET|UNLISTEN|CLUSTER|END)\b",
    re.DOTALL | re.IGNORECASE,
)


def looks_like_sql(text: str, *, certain: bool) -> bool:
    """Whether a text is a statement. `certain`: it is executed, so letter case does not matter."""
    return bool((_ANY if certain else _CAPITALS).match(text))


def is_executable(text: str) -> bool:
    """Whether a text that a database call is given begins as a statement does."""
    return bool(_EXECUTABLE.match(text))


def is_composed(syntax: Syntax, node: ast.expr) -> bool:
    """Whether the name that this text is bound to is put together with more text somewhere in the file."""
    statement = next((n for n in syntax.ancestors(node) if isinstance(n, (ast.Assign, ast.AnnAssign, ast.Call))), None)
    if statement is None or isinstance(statement, ast.Call):
        return False
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    names = [last_name(target) for target in targets]
    return any(not name or _composing(name).search(syntax.text) for name in names)


def _composing(name: str) -> re.Pattern[str]:
    word = rf"(?<!\w){re.escape(name)}\b"
    return re.compile(
        rf"{word}\s*(?:\+|%|\.format\b|\.replace\b|\.join\b|\.append\b|\.extend\b)|\+=?\s*(?:\w+\.)*{word}|\{{\s*(?:\w+\.)*{word}"
    )
