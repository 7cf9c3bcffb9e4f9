"""How long and how much memory statements, programs and scripts take that nobody wrote by hand.

python benchmarks/hostile_sql.py [name ...]

tests/test_sql_hostile.py holds what is said of them; this prints seconds of processor time and the highest memory of
the process so far.
"""

from __future__ import annotations

import resource
import sys
import time

from infralint.kinds import Kind
from infralint.readers.dispatch import read_file


def listed(count: int) -> str:
    """A condition on a list of so many items."""
    return f"SELECT a FROM t WHERE b IN ({', '.join(map(str, range(count)))})"


HOSTILE: dict[str, tuple[Kind, str]] = {
    "10,000 brackets": (Kind.SQL, "SELECT " + "(" * 10_000 + "1" + ")" * 10_000 + " FROM t"),
    "one statement of 1 MB": (Kind.SQL, "SELECT '" + "x" * 1_000_000 + "' FROM t"),
    "a list of 50,000 items": (Kind.SQL, listed(50_000)),
    "a list of 20,000 items": (Kind.SQL, listed(20_000)),
    "a chain of 1,000 WITH": (
        Kind.SQL,
        "WITH "
        + ",".join(f"c{i} AS (SELECT * FROM c{i - 1}, c{i - 1} x)" for i in range(1, 1_000))
        + " SELECT z FROM c999",
    ),
    "5,000 UNIONs": (Kind.SQL, "SELECT a FROM t" + " UNION SELECT a FROM t" * 5_000),
    "15,000 ANDs": (Kind.SQL, "SELECT a FROM t WHERE a = 1" + " AND a = 2" * 15_000),
    "40,000 NOTs": (Kind.SQL, "SELECT a FROM t WHERE " + "NOT " * 40_000 + "a"),
    "a dump of 120,000 rows": (Kind.SQL, "".join(f"INSERT INTO t VALUES ({i},'x{i}');\n" for i in range(120_000))),
    "one INSERT of 250,000 rows": (
        Kind.SQL,
        "INSERT INTO t VALUES " + ",\n".join(f"({i},'x{i}')" for i in range(250_000)) + ";",
    ),
    "Python: 2,000 branches": (
        Kind.PYTHON,
        "def f():\n    q = 'SELECT a FROM t'\n"
        + "".join(f"    if x{i}:\n        q += ' AND a{i} = 1'\n" for i in range(2_000))
        + "    cur.execute(q)\n",
    ),
    "Python: 3,000 functions in a chain": (
        Kind.PYTHON,
        "".join(f"def f{i}(sql):\n    return f{i + 1}('SELECT a FROM t ' + sql)\n" for i in range(3_000)),
    ),
    "Python: 20,000 literals": (
        Kind.PYTHON,
        "cur.execute(" + "\n".join('"SELECT a FROM t WHERE a = 1 OR\\n"' for _ in range(20_000)) + ")",
    ),
    "shell: 30,000 substitutions": (Kind.SHELL, "echo " + "$(echo " * 30_000 + ")" * 30_000),
    "shell: 10,000 conditions": (Kind.SHELL, "if true; then\n" * 10_000 + "psql\n" + "fi\n" * 10_000),
    "shell: 5,000 here-documents": (Kind.SHELL, "psql <<EOF\nSELECT a FROM t;\nEOF\n" * 5_000),
}


def main() -> None:
    for name, (kind, text) in HOSTILE.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        started = time.process_time()
        facts = read_file(text.encode(), kind, "postgres")
        seconds = time.process_time() - started
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        sql = facts.sql
        verdict = facts.problem.reason if facts.problem else f"{len(sql.unread)} unread" if sql else ""
        print(f"{name:36}{len(text) / 1e6:6.2f} MB{seconds:8.2f} s{memory:6} MB  {verdict}")


if __name__ == "__main__":
    main()
