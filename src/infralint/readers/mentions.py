"""The tables that a broken file may declare or change: what a plain search of its text finds."""

from __future__ import annotations

import re

# Stands for a table whose name is made at run time: it may be any.
ANY = "*"

_NAME = r"[\s\"'`\[(]*(?:\w+[\"'`\]]?\.[\"'`\[]?)?(?P<{0}>\w+|\{{)"
_STATEMENT = re.compile(
    r"\b(?:create|alter|rename|replace)\s+(?:\w+\s+){0,3}?(?:table|view)\s+(?:if\s+(?:not\s+)?exists\s+)?(?:only\s+)?"
    + _NAME.format("sql"),
    re.IGNORECASE,
)
_OPERATION = re.compile(
    r"\b(?:add_column|alter_column|batch_alter_table|create_table|rename_table|Table)\(\s*" + _NAME.format("call")
)
_MODEL = re.compile(r"__tablename__\s*=\s*[\"'](?P<model>\w+)")
_CLASS = re.compile(r"^[ \t]*class\s+(?P<cls>\w+)\s*\(", re.MULTILINE)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def tables_mentioned(text: str) -> tuple[str, ...]:
    """Names of tables in lower case, sorted; ANY among them where one cannot be read.

    A class may be a model that names its table by its own name, so classes count too.
    """
    found: set[str] = set()
    for pattern in (_STATEMENT, _OPERATION, _MODEL):
        for match in pattern.finditer(text):
            name = match[match.lastgroup or 0]
            found.add(ANY if name == "{" else name.lower())
    for match in _CLASS.finditer(text):
        found |= {match["cls"].lower(), _HUMP.sub("_", match["cls"]).lower()}
    return tuple(sorted(found))
