"""Whether a text is SQL at all, and whether it is a whole statement."""

from __future__ import annotations

import re

import libcst as cst

from infralint.readers.python.context import PythonFile

_COMMENTS = r"(?:\s|--[^\n]*\n|/\*(?:(?!\*/).)*\*/|\()*"
# A whole statement, by its first words; between them anything may stand.
_SHAPE = (
    r"SELECT\b.*\bFROM\b|INSERT\s+(?:OR\s+\w+\s+|IGNORE\s+)?INTO\s+\S|REPLACE\s+INTO\s+\S|UPDATE\s+.*?\bSET\b|DELETE\s+FROM\s+\S"
    r"|WITH\s+(?:RECURSIVE\s+)?\S+\s*(?:\([^()]*\)\s*)?AS\s+(?:NOT\s+|MATERIALIZED\s+)*\(|MERGE\s+INTO\s+\S|DO\s+\$"
    r"|CREATE\s+\w+|ALTER\s+\w+\s+\S|DROP\s+\w+\s+\S|RENAME\s+TABLE\s|EXPLAIN\s|(?:BEGIN|SET|PRAGMA|TRUNCATE|LOCK|GRANT|COMMENT|START)\b[^;]*;"
)
_CAPITALS = re.compile(rf"{_COMMENTS}(?:{_SHAPE})", re.DOTALL)
_ANY = re.compile(rf"{_COMMENTS}(?:{_SHAPE})", re.DOTALL | re.IGNORECASE)


# The first word of any statement, after the quotes that Python needs; line ends may be written as escapes.
_WRITTEN_COMMENTS = r"(?:\s|\\[nrt]|--(?:(?!\n|\\n).)*(?:\n|\\n)|/\*(?:(?!\*/).)*\*/|\()*"
_FIRST = re.compile(
    rf"[a-zA-Z]*[\"']*(?:\\\n)?{_WRITTEN_COMMENTS}(?:SELECT|INSERT|REPLACE|UPDATE|DELETE|WITH|MERGE|DO|CREATE|ALTER|DROP|RENAME|BEGIN|SET"
    r"|PRAGMA|TRUNCATE|LOCK|GRANT|COMMENT|START|EXPLAIN|\\n|\Z)",
    re.DOTALL | re.IGNORECASE,
)


def may_be_sql(node: cst.BaseExpression) -> bool:
    """Whether an expression may make a statement, by its first literal alone: the cheap question."""
    while True:
        if isinstance(node, (cst.ConcatenatedString, cst.BinaryOperation)):
            node = node.left
        elif isinstance(node, cst.Call):
            if isinstance(node.func, cst.Attribute) and not isinstance(node.func.value, cst.Name):
                node = node.func.value
            elif node.args:
                node = node.args[0].value
            else:
                return False
        else:
            break
    if isinstance(node, cst.FormattedString):
        part = node.parts[0] if node.parts else None
        return not isinstance(part, cst.FormattedStringText) or bool(_FIRST.match(part.value))
    if isinstance(node, cst.SimpleString):
        return bool(_FIRST.match(node.value))
    return isinstance(node, cst.Name)


def looks_like_sql(text: str, *, certain: bool) -> bool:
    """Whether a text is a statement. `certain`: it is executed, so letter case does not matter."""
    return bool((_ANY if certain else _CAPITALS).match(text))


def is_composed(file: PythonFile, node: cst.CSTNode) -> bool:
    """Whether the name that this text is bound to is put together with more text somewhere in the file."""
    statement = next(
        (n for n in reversed(file.ancestors) if isinstance(n, (cst.Assign, cst.AnnAssign, cst.Call))), None
    )
    if statement is None or isinstance(statement, cst.Call):
        return False
    targets = [t.target for t in statement.targets] if isinstance(statement, cst.Assign) else [statement.target]
    names = [_last(target) for target in targets]
    return any(not name or _composing(name).search(file.text) for name in names)


def _last(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


def _composing(name: str) -> re.Pattern[str]:
    word = rf"(?<!\w){re.escape(name)}\b"
    return re.compile(
        rf"{word}\s*(?:\+|%|\.format\b|\.replace\b|\.join\b|\.append\b|\.extend\b)|\+=?\s*(?:\w+\.)*{word}|\{{\s*(?:\w+\.)*{word}"
    )
