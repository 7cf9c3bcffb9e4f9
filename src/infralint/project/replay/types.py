"""A type as SQL writes it, to the type as the catalog has it: SQLAlchemy's name in capitals, with its arguments."""

from __future__ import annotations

import re

from infralint.project.catalog import DataType
from infralint.project.replay.folding import folded

# PostgreSQL 18 manual, table 8.1, and the names of SQLAlchemy's classes for them; MySQL's and SQLite's own names.
_NAMES = {
    "bigint": "BIGINT", "int8": "BIGINT", "bigserial": "BIGINT", "serial8": "BIGINT", "bit": "BIT",
    "bit varying": "BIT", "varbit": "BIT", "boolean": "BOOLEAN", "bool": "BOOLEAN", "bytea": "BYTEA",
    "character": "CHAR", "char": "CHAR", "bpchar": "CHAR", "nchar": "NCHAR", "national character": "CHAR",
    "national char": "CHAR", "character varying": "VARCHAR", "char varying": "VARCHAR", "varchar": "VARCHAR",
    "nvarchar": "NVARCHAR", "national character varying": "VARCHAR", "national varchar": "VARCHAR", "citext": "CITEXT",
    "date": "DATE", "datetime": "DATETIME", "double precision": "DOUBLE_PRECISION", "float8": "DOUBLE_PRECISION",
    "double": "DOUBLE", "float": "FLOAT", "float4": "REAL", "real": "REAL", "integer": "INTEGER", "int": "INTEGER",
    "int4": "INTEGER", "serial": "INTEGER", "serial4": "INTEGER", "smallint": "SMALLINT", "int2": "SMALLINT",
    "smallserial": "SMALLINT", "serial2": "SMALLINT", "tinyint": "TINYINT", "mediumint": "MEDIUMINT",
    "interval": "INTERVAL", "numeric": "NUMERIC", "decimal": "NUMERIC", "dec": "NUMERIC", "fixed": "NUMERIC",
    "time": "TIME", "time without time zone": "TIME", "time with time zone": "TIME", "timetz": "TIME",
    "timestamp": "TIMESTAMP", "timestamp without time zone": "TIMESTAMP", "timestamp with time zone": "TIMESTAMP",
    "timestamptz": "TIMESTAMP", "year": "YEAR", "enum": "ENUM", "set": "SET", "blob": "BLOB", "tinyblob": "TINYBLOB",
    "mediumblob": "MEDIUMBLOB", "longblob": "LONGBLOB", "binary": "BINARY", "varbinary": "VARBINARY", "text": "TEXT",
    "tinytext": "TINYTEXT", "mediumtext": "MEDIUMTEXT", "longtext": "LONGTEXT", "clob": "CLOB",
    **{
        name: name.upper()
        for name in (
            "box", "cidr", "circle", "daterange", "datemultirange", "hstore", "inet", "int4multirange", "int4range",
            "int8multirange", "int8range", "json", "jsonb", "jsonpath", "line", "lseg", "macaddr", "macaddr8", "money",
            "name", "nummultirange", "numrange", "oid", "path", "pg_lsn", "point", "polygon", "regclass",
            "regconfig", "tsmultirange", "tsquery", "tsrange", "tstzmultirange", "tstzrange", "tsvector",
            "txid_snapshot", "uuid", "xid", "xml", "ltree", "geometry", "geography", "vector", "halfvec", "sparsevec",
        )
    },
}  # fmt: skip
_SERIALS = frozenset({"serial", "serial2", "serial4", "serial8", "bigserial", "smallserial"})
# The marks of an array, at the end: `[]`, `[3][]`, `ARRAY`, `ARRAY[4]`.
_ARRAY = re.compile(r"(?:\s*\[\s*\d*\s*\])+$|\s+ARRAY(?:\s*\[\s*\d*\s*\])?$", re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"]|"")*"(?:\s*\.\s*(?:"(?:[^"]|"")*"|\w+))?|\w+\s*\.\s*"(?:[^"]|"")*"')
_WORDY = re.compile(
    r"(double precision|(?:national )?(?:character|char)(?: varying)?|national varchar|bit varying|"
    r"time(?:stamp)?(?: with(?:out)? time zone)?|interval(?: .*)?)",
)


def is_serial(text: str) -> bool:
    """Whether a type is one of PostgreSQL's serial types, which bring a sequence."""
    return text.strip().lower() in _SERIALS


def data_type(text: str, dialect: str = "postgres") -> DataType | None:
    """The type that SQL writes so; None where none is written, or it cannot be read."""
    text = re.sub(r"\s+", " ", text.strip())
    if not text:
        return None
    array = _ARRAY.search(text)
    if array is not None:
        item = data_type(text[: array.start()], dialect)
        return DataType("ARRAY", item=item) if item is not None else None
    quoted = _QUOTED.match(text)
    before, arguments, after = _parts(text, quoted.end() if quoted is not None else 0)
    if quoted is not None:
        return _made(quoted[0], "", after, arguments, dialect)
    name, rest = _named(f"{before} {after}".strip())
    return _made(before, name, rest, arguments, dialect) if name else None


def _parts(text: str, start: int) -> tuple[str, str | None, str]:
    """What stands before the first bracket behind `start`, in it (None: there is none), and behind it."""
    opening = text.find("(", start)
    if opening < 0:
        return text, None, ""
    closing = text.find(")", opening)
    while text.count("'", opening, closing) % 2 and closing >= 0:
        closing = text.find(")", closing + 1)
    closing = len(text) if closing < 0 else closing
    return text[:opening].strip(), text[opening + 1 : closing], text[closing + 1 :].strip()


def _named(words: str) -> tuple[str, str]:
    """The type's whole name in small letters, and what follows that is no part of it."""
    words = words.lower().removeprefix("pg_catalog.")
    wordy = _WORDY.match(words)
    if wordy is not None and not words[wordy.end() : wordy.end() + 1].isalnum():
        return wordy[1], words[wordy.end() :].strip()
    first, _, others = words.partition(" ")
    return first, others


def _made(written: str, name: str, rest: str, arguments: str | None, dialect: str) -> DataType:
    given = tuple(part.strip() for part in _commas(arguments)) if arguments else ()
    if name.startswith("interval"):
        return DataType("INTERVAL", ())
    known = _NAMES.get(name)
    if known is None:
        last = (written if written.endswith('"') else written.partition(" ")[0]).rpartition(".")[2].strip()
        return DataType(folded(last.strip('"'), last.startswith('"'), dialect), given)
    if known in ("TIMESTAMP", "TIME"):
        zone = name.endswith("tz") or "with time zone" in name
        given = (*(("timezone=True",) if zone else ()), *(f"precision={part}" for part in given))
    elif known == "BIT" and name != "bit":
        given = ("varying=True", *given)
    elif known == "FLOAT" and dialect == "postgres":
        small = bool(given) and given[0].isdigit() and int(given[0]) <= 24
        known, given = ("REAL" if small else "DOUBLE_PRECISION"), ()
    elif known in ("INTEGER", "BIGINT", "SMALLINT", "MEDIUMINT") and given:
        given = ()
    if "unsigned" in rest.lower().split():
        given = (*given, "unsigned=True")
    return DataType(known, given)


def _commas(text: str) -> list[str]:
    """The parts between commas outside of strings and brackets."""
    return [part for part in re.split(r",(?=(?:[^']*'[^']*')*[^']*$)(?![^(]*\))", text) if part.strip()]
