"""PostgreSQL judges generated statements: nothing is said of what it takes, and what it refuses is found, at its place.

`python tests/test_sql_postgres_judge.py 2000` runs 2,000 schemas with four statements each, with another seed every day, and
prints what it found.
"""

from __future__ import annotations

import sys
from datetime import datetime, timezone

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from postgres import Postgres, running
from sql_generator import cases
from sql_judge import Tally, findings, server_verdict, set_up
from sql_schemas import schemas

EXAMPLES = 60


def judge(postgres: Postgres, examples: int, number: int) -> Tally:
    """Judge four statements on each of so many schemas."""
    tally = Tally()

    @seed(number)
    @settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.data())
    def one(data: st.DataObject) -> None:
        schema = data.draw(schemas())
        drawn = [data.draw(cases(schema, "${}".format, broken=broken)) for broken in (False, True, False, True)]
        with connection.transaction(force_rollback=True):
            set_up(connection, schema)
            verdicts = [server_verdict(connection, case) for case in drawn]
        ours = findings(schema.ddl(), drawn, [table.name for table in schema.tables])
        for case, server, found in zip(drawn, verdicts, ours, strict=False):
            tally.add(case, server, found)

    with postgres.connection() as connection:
        one()
    return tally


@pytest.fixture(scope="module")
def tally(postgres: Postgres) -> Tally:
    return judge(postgres, EXAMPLES, 20)


def test_nothing_is_said_of_what_the_server_takes(tally: Tally) -> None:
    assert tally.false == []
    assert tally.accepted > 1.5 * EXAMPLES


def test_what_the_server_refuses_is_found(tally: Tally) -> None:
    assert tally.recall >= 0.95, tally.missed
    assert set(tally.refused) == {
        "sql-invalid-literal", "sql-missing-value", "sql-parameter-count", "sql-unknown-column", "sql-unknown-table",
        "sql-value-count",
    }  # fmt: skip


def test_it_is_found_where_the_server_points(tally: Tally) -> None:
    assert tally.misplaced == []


if __name__ == "__main__":
    with running() as server:
        print(judge(server, int(sys.argv[1]), datetime.now(tz=timezone.utc).toordinal()).summary())
