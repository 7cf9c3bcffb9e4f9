"""Expressions of SQL that stand in a schema: which of them every PostgreSQL server takes."""

from __future__ import annotations

import re
from collections.abc import Collection

from infralint.reports.postgres_names import literal

_TOKEN = re.compile(
    r"""
    (?P<text>[eE]?'(?:[^']|'')*') | (?P<quoted>"(?:[^"]|"")+") | (?P<number>\d+(?:\.\d+)?)
    | (?P<word>[A-Za-z_]\w*) | (?P<cast>::) | (?P<space>\s+) | (?P<sign><=|>=|<>|!=|\|\||[-+*/%(),.=<>~\[\]])
    """,
    re.VERBOSE,
)
_FUNCTIONS_TEXT = """
    abs age array_length array_to_string btrim cardinality ceil char_length clock_timestamp coalesce concat
    current_setting date_part date_trunc floor gen_random_uuid greatest json_build_object jsonb_array_length
    jsonb_build_object jsonb_typeof least length lower lpad ltrim md5 mod nextval now nullif num_nonnulls num_nulls
    octet_length position random replace round rpad rtrim statement_timestamp substr substring timezone to_tsvector
    transaction_timestamp trim upper uuidv4 uuidv7
"""
_FUNCTIONS = frozenset(_FUNCTIONS_TEXT.split())
_WORDS_TEXT = """
    and any array as at between bigint boolean bytea char character current_date current_timestamp current_user date
    double false ilike in integer int interval is json jsonb like localtimestamp not null numeric or precision real
    regclass similar smallint text time timestamp timestamptz to true uuid varchar varying with without zone
"""
_WORDS = frozenset(_WORDS_TEXT.split())
_SEQUENCE = re.compile(r"nextval\('([^']+)'(?:::(?:regclass|text))*\)", re.IGNORECASE)
_PYTHON_TEXT = re.compile(r"""(?:[\w.]+\.)?text\(\s*(['"]{3}|['"])(.*)\1\s*\)""", re.DOTALL)
_PYTHON_FUNCTION = re.compile(r"(?:[\w.]+\.)?func\.(\w+)\(\s*\)")
_PYTHON_CONSTANT = re.compile(r"(?:[\w.]+\.)?(true|false|null)\(\)")
_PYTHON_STRING = re.compile(r'"((?:[^"\\])*)"')


def sql_default(written: str) -> str:
    """A server default as SQL: what Python makes of text, functions and constants is put as PostgreSQL has it."""
    if match := _PYTHON_TEXT.fullmatch(written):
        return match[2]
    if match := _PYTHON_FUNCTION.fullmatch(written) or _PYTHON_CONSTANT.fullmatch(written):
        name = match[1]
        return name if name in ("true", "false", "null") or name.startswith("current_") else f"{name}()"
    if match := _PYTHON_STRING.fullmatch(written):
        return literal(match[1])
    return written


def sequence_of(expression: str) -> str | None:
    """The sequence whose next value an expression takes, as written."""
    match = _SEQUENCE.fullmatch(expression.strip())
    return match[1] if match else None


def is_portable(expression: str, columns: Collection[str] = (), missing: Collection[str] = ()) -> bool:
    """Whether an expression names nothing but these columns and what every server has, and none of the `missing`."""
    at = 0
    depth = 0
    while at < len(expression):
        match = _TOKEN.match(expression, at)
        if match is None:
            return False
        at = match.end()
        depth += (match[0] == "(") - (match[0] == ")")
        if depth < 0 or match[0].lower() in missing or not _is_known(match, expression[at:], columns):
            return False
    return depth == 0 and bool(expression.strip())


def _is_known(match: re.Match[str], rest: str, columns: Collection[str]) -> bool:
    if match.lastgroup == "quoted":
        return match[0][1:-1].replace('""', '"') in columns
    if match.lastgroup != "word":
        return True
    word = match[0].lower()
    if rest.lstrip().startswith("("):
        return word in _FUNCTIONS or word in _WORDS
    return word in columns or word in _WORDS


def fits(expression: str, data_type: str) -> bool:
    """Whether a literal may be the default of a column of this type; other expressions are believed."""
    text = re.fullmatch(r"'((?:[^']|'')*)'", expression.strip())
    value = text[1] if text else expression.strip()
    base = data_type.partition("(")[0]
    if base in ("smallint", "integer", "bigint"):
        return text is None or bool(re.fullmatch(r"\s*[-+]?\d+\s*", value))
    if base == "boolean":
        known = value.lower() in ("true", "false", "null", "t", "f", "yes", "no", "on", "off", "y", "n")
        return known or (text is not None and value in ("0", "1"))
    if base in ("numeric", "float", "real", "double precision"):
        return text is None or bool(re.fullmatch(r"\s*[-+]?\d+(?:\.\d+)?\s*", value))
    if text is None and re.fullmatch(r"[-+]?\d+(?:\.\d+)?|true|false", value.lower()):
        return base in ("varchar", "text", "char")
    return True
