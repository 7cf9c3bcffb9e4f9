"""Writes src/infralint/data/postgres anew from the catalog of a PostgreSQL server.

`python scripts/refresh_postgres_casts.py`, with the extra `test` installed: the server is the one of the tests.
"""

from __future__ import annotations

import gzip
import io
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).parents[1]
DATA = ROOT / "src" / "infralint" / "data" / "postgres" / "catalog.json.gz"
# Names of types that the grammar knows and the catalog does not list (manual, table 8.1 and 8.4).
SPELLINGS = (
    "bigint", "bit", "bit varying", "boolean", "char", "char varying", "character", "character varying", "dec",
    "decimal", "double precision", "float", "int", "integer", "national char", "national char varying",
    "national character",
    "national character varying", "nchar", "numeric", "real", "smallint", "time", "time with time zone",
    "time without time zone", "timestamp", "timestamp with time zone", "timestamp without time zone", "varchar",
)  # fmt: skip
# Base, range and multirange types; no arrays, rows, pseudo-types.
TYPES = """
    SELECT t.typname, t.typcategory, t.typtype FROM pg_type t
    WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype IN ('b', 'r', 'm') AND t.typcategory <> 'A'
    ORDER BY 1
"""
CASTS = """
    SELECT s.typname, t.typname, c.castcontext FROM pg_cast c
    JOIN pg_type s ON s.oid = c.castsource JOIN pg_type t ON t.oid = c.casttarget
    WHERE s.typnamespace = 'pg_catalog'::regnamespace AND t.typnamespace = 'pg_catalog'::regnamespace
    ORDER BY 1, 2
"""
RELATIONS = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('pg_catalog', 'information_schema') AND c.relkind IN ('r', 'v') ORDER BY 1, 2
"""
SYSTEM_COLUMNS = "SELECT attname FROM pg_attribute WHERE attrelid = 'pg_class'::regclass AND attnum < 0 ORDER BY 1"
KEYWORDS = "SELECT word, catcode FROM pg_get_keywords() WHERE catcode <> 'U' ORDER BY 1"
# The columns that a function in FROM gives: its OUT and TABLE arguments; none where it returns single values.
FUNCTIONS = """
    SELECT p.proname,
        coalesce((SELECT array_agg(name ORDER BY place) FROM unnest(p.proargnames, p.proargmodes) WITH ORDINALITY
            AS a(name, mode, place) WHERE mode IN ('o', 't', 'b')), '{}')
    FROM pg_proc p WHERE p.proretset AND p.pronamespace = 'pg_catalog'::regnamespace ORDER BY 1, 2
"""


def table(connection: psycopg.Connection[tuple[Any, ...]]) -> dict[str, Any]:
    """All that the package asks of a server, as plain values."""
    rows = {
        name: connection.execute(query.encode()).fetchall()
        for name, query in (("types", TYPES), ("casts", CASTS), ("relations", RELATIONS), ("functions", FUNCTIONS))
    }
    relations: dict[str, list[str]] = {}
    for schema, name in rows["relations"]:
        relations.setdefault(schema, []).append(name)
    return {
        "server": connection.info.parameter_status("server_version"),
        "made": date.today().isoformat(),
        "types": {name: f"{category}{kind}" for name, category, kind in rows["types"]},
        "spellings": {name: _type_named(connection, name) for name in SPELLINGS},
        "casts": {f"{source} {target}": context for source, target, context in rows["casts"]},
        "relations": relations,
        "system_columns": [name for (name,) in connection.execute(SYSTEM_COLUMNS)],
        "keywords": dict(connection.execute(KEYWORDS).fetchall()),
        "functions": {name: list(columns) for name, columns in rows["functions"]},
    }


def _type_named(connection: psycopg.Connection[tuple[Any, ...]], name: str) -> str:
    row = connection.execute("SELECT typname FROM pg_type WHERE oid = to_regtype(%s)", (name,)).fetchone()
    assert row is not None, name
    return str(row[0])


def write(values: dict[str, Any]) -> None:
    """The table, the same bytes for the same values."""
    DATA.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as packed:
        packed.write(json.dumps(values, separators=(",", ":"), sort_keys=True).encode())
    DATA.write_bytes(buffer.getvalue())


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests"))
    from postgres import running

    with running() as server, server.connect() as opened:
        write(table(opened))
