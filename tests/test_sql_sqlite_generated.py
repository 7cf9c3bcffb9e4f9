"""SQLite judges generated statements as PostgreSQL does; it tells no places.

`python tests/test_sql_sqlite_generated.py 2000` judges 8,000 statements.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from datetime import datetime, timezone

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from sql_generator import Case, cases
from sql_judge import OURS, Tally, Verdict, findings
from sql_schemas import Schema, schemas

EXAMPLES = 60
_RULES = {
    "sql-unknown-column": r"no such column: \"?(?:\w+\.)?(\w+)|has no column named (\w+)|cannot join using column (\w+)",
    "sql-unknown-table": r"no such table: (\w+)",
    "sql-missing-value": r"NOT NULL constraint failed: \w+\.(\w+)",
    "sql-invalid-literal": r"CHECK constraint failed: (\w+)",
    "sql-value-count": r"(\d+) values for \d+ columns|has \d+ columns but (\d+) values",
    "sql-parameter-count": r"Incorrect number of bindings supplied.*uses (\d+)",
}
HEAD = f"import sqlite3\n\n\ndef run(conn: sqlite3.Connection, a):\n    {OURS}\n    conn.execute(\n        " + '"""'


def call_of(case: Case) -> str:
    arguments = ", ".join("a" for _ in range(case.arguments))
    return f'{HEAD}{case.sql}""", [{arguments}]\n    )\n'


def server_verdict(connection: sqlite3.Connection, case: Case) -> Verdict:
    """What SQLite says."""
    try:
        connection.execute(case.sql, ["7"] * case.arguments).fetchall()
    except sqlite3.Error as error:
        for rule, pattern in _RULES.items():
            if found := re.search(pattern, str(error)):
                # Of "no such column: x.name" it does not tell whether there is an x.
                means = "sql-unknown-table" if case.mistake == "qualifier" and "." in str(error) else rule
                return Verdict(means, -1, next(group for group in found.groups() if group))
        return Verdict("?", -1, str(error))
    finally:
        connection.rollback()
    return Verdict("")


def database(schema: Schema) -> sqlite3.Connection:
    """A database in memory, with a row in each table."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(schema.ddl(enums=False))
    for row in schema.rows():
        connection.execute(row)
    connection.commit()
    return connection


def judge(examples: int, number: int) -> Tally:
    """Judge four statements on each of so many schemas."""
    tally = Tally()

    @seed(number)
    @settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.data())
    def one(data: st.DataObject) -> None:
        schema = data.draw(schemas(types=("integer", "text")))
        drawn = [data.draw(cases(schema, lambda _: "?", False, broken)) for broken in (False, True, False, True)]
        connection = database(schema)
        verdicts = [server_verdict(connection, case) for case in drawn]
        connection.close()
        tables = [table.name for table in schema.tables]
        ours = findings(schema.ddl(enums=False), drawn, tables, head=HEAD, call=call_of, dialect="sqlite")
        for case, server, found in zip(drawn, verdicts, ours, strict=False):
            tally.add(case, server, found)

    one()
    return tally


@pytest.fixture(scope="module")
def tally() -> Tally:
    return judge(EXAMPLES, 7)


def test_nothing_is_said_of_what_the_server_takes(tally: Tally) -> None:
    assert tally.false == []
    assert tally.accepted > 1.5 * EXAMPLES


def test_what_the_server_refuses_is_found(tally: Tally) -> None:
    assert tally.recall >= 0.95, tally.missed
    assert tally.refused.keys() == _RULES.keys()


if __name__ == "__main__":
    print(judge(int(sys.argv[1]), datetime.now(tz=timezone.utc).toordinal()).summary())
