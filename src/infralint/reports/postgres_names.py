"""PostgreSQL's names: which need quotes, and which functions every server has."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")

# The words that PostgreSQL 18 does not take as a column's name without quotes (`pg_get_keywords()`: reserved, and
# those that may be a function's or a type's name alone).
_RESERVED_TEXT = """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation
    column concurrently constraint create cross current_catalog current_date current_role current_schema
    current_time current_timestamp current_user default deferrable desc distinct do else end except false fetch for
    foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral
    leading left like limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps
    placing primary references returning right select session_user similar some symmetric system_user table
    tablesample then to trailing true union unique user using variadic verbose when where window with
"""
RESERVED = frozenset(_RESERVED_TEXT.split())


def identifier(name: str) -> str:
    """A name as a statement writes it, in quotes where it needs them."""
    if _PLAIN.fullmatch(name) and name not in RESERVED:
        return name
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def literal(text: str) -> str:
    """A text as a literal of SQL."""
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def in_schema(schema: str | None, name: str) -> str:
    """A name with its schema before it."""
    return f"{identifier(schema)}.{identifier(name)}" if schema else identifier(name)
