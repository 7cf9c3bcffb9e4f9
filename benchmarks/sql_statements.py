"""How long a statement of raw SQL takes: read (tokens, sqlglot, scopes) and resolve, in milliseconds for each,
the quickest of several rounds.

python benchmarks/sql_statements.py [--count 10000] [--seed 1] [--rounds 5] [--profile]

The statements are of 150 to 250 characters, every one different, over a schema of 97 tables with 30 columns each:
joins, common table expressions, subqueries, inserts, updates and deletes as services write them. The parser is sqlglot;
whether it is the compiled one is printed first.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import pstats
import random
import time
from collections.abc import Callable, Sequence

import sqlglot.parser

from infralint.facts.files import FileFacts
from infralint.facts.sql import SqlFacts
from infralint.project.project import Project
from infralint.readers import sql_statements
from infralint.readers.sql_file import read
from infralint.rules.sql.unknown_column import check
from infralint.settings import Settings
from infralint.source import Span

TABLES = [f"table_{number}" for number in range(97)]
PARSE_ALONE = "sqlglot's parse alone"
COLUMNS = [f"column_{number}" for number in range(30)]


def schema() -> str:
    """CREATE TABLE of every table."""
    columns = ", ".join(f"{name} text" for name in COLUMNS)
    return "".join(f"CREATE TABLE {table} (id integer PRIMARY KEY, owner_id integer, {columns});\n" for table in TABLES)


def statement(number: int, chance: random.Random) -> str:
    """One statement; `number` makes it differ from all others."""
    a, b = chance.sample(TABLES, 2)
    c = chance.sample(COLUMNS, 6)
    kind = number % 6
    if kind == 0:
        return (
            f"SELECT t.id, t.{c[0]}, u.{c[1]} FROM {a} t JOIN {b} u ON u.id = t.owner_id WHERE t.{c[2]} = $1 AND"
            f" u.{c[3]} IN ($2, $3) AND t.id > {number} ORDER BY t.{c[0]}, u.{c[1]} DESC LIMIT 50"
        )
    if kind == 1:
        return (
            f"INSERT INTO {a} ({', '.join(c)}) VALUES ($1, $2, $3, $4, 'x{number}', $5) ON CONFLICT (id) DO UPDATE SET"
            f" {c[0]} = excluded.{c[0]}, {c[1]} = excluded.{c[1]} RETURNING id, {c[2]}"
        )
    if kind == 2:
        return (
            f"UPDATE {a} SET {c[0]} = $1, {c[1]} = coalesce($2, {c[2]}), {c[3]} = now() WHERE id = $3 AND ({c[4]} IS"
            f" NULL OR {c[5]} = 'failed') AND owner_id <> {number} RETURNING id, {c[0]}, {c[1]}"
        )
    if kind == 3:
        return (
            f"WITH recent AS (SELECT id, {c[0]} FROM {a} WHERE {c[1]} > now() - interval '1 day') SELECT r.id,"
            f" r.{c[0]}, x.{c[2]} FROM recent r LEFT JOIN {b} x ON x.id = r.id WHERE x.{c[3]} = {number}"
        )
    if kind == 4:
        return (
            f"SELECT {c[0]}, count(*) AS total, max(id) AS newest FROM {a} WHERE owner_id IN (SELECT id FROM {b} WHERE"
            f" {c[1]} = $1 AND {c[2]} LIKE $2) GROUP BY {c[0]} HAVING count(*) > {number} ORDER BY total DESC"
        )
    return (
        f"DELETE FROM {a} WHERE {c[0]} = $1 AND {c[1]} < $2 AND NOT EXISTS (SELECT 1 FROM {b} o WHERE o.owner_id ="
        f" {a}.id AND o.{c[2]} = $3 AND o.{c[3]} IS NOT NULL) AND id <> {number}"
    )


def statements(count: int, seed: int) -> list[str]:
    """Different statements, the same for the same seed."""
    chance = random.Random(seed)
    return [statement(number, chance) for number in range(count)]


def timed(count: int, run: Callable[[], object]) -> float:
    """The milliseconds of processor time for each statement."""
    sql_statements.forget_trees()
    gc.collect()
    gc.disable()
    started = time.process_time()
    run()
    each = (time.process_time() - started) / count * 1000
    gc.enable()
    return each


def measured(texts: Sequence[str]) -> dict[str, float]:
    """The milliseconds of each step, measured once."""
    facts: list[SqlFacts] = []
    return {
        PARSE_ALONE: timed(len(texts), lambda: parse_all(texts)),
        "read: tokens, parse, scopes": timed(len(texts), lambda: facts.append(read_all(texts))),
        "resolve: every name looked up": timed(len(texts), lambda: resolve_all(facts[0])),
    }


def read_all(texts: Sequence[str]) -> SqlFacts:
    """The statements of all texts, as the reader of a file has them."""
    reading = sql_statements.SqlReading()
    for text in texts:
        sql_statements.read_sql(text, "postgres", Span, reading)
    return SqlFacts(tuple(reading.statements))


def parse_all(texts: Sequence[str]) -> None:
    """sqlglot alone."""
    for text in texts:
        sqlglot.parse_one(text, read="postgres")


def resolve_all(facts: SqlFacts) -> int:
    """Every name of every statement looked up in the schema; how many are unknown."""
    files = {"schema.sql": read(schema(), "postgres"), "queries.py": FileFacts(sql=facts)}
    project = Project(files, files, Settings())
    return sum(1 for _ in check(project))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true", help="where the time of reading goes")
    options = parser.parse_args()
    texts = statements(options.count, options.seed)
    read_all(statements(200, options.seed + 1))
    compiled = not str(sqlglot.parser.__file__).endswith(".py")
    length = sum(map(len, texts)) / len(texts)
    print(f"{len(texts)} statements of {length:.0f} characters, sqlglot {sqlglot.__version__}, compiled: {compiled}")
    if options.profile:
        gc.disable()
        profile = cProfile.Profile()
        profile.runcall(read_all, texts)
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
        return
    rounds = [measured(texts) for _ in range(options.rounds)]
    # What else the machine does makes a round slower, never faster.
    best = {name: min(each[name] for each in rounds) for name in rounds[0]}
    for name, each in best.items():
        print(f"{name:32}{each:8.3f} ms")
    print(f"{'parse and resolve':32}{sum(best.values()) - best[PARSE_ALONE]:8.3f} ms")


if __name__ == "__main__":
    main()
