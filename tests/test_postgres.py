"""The tests' own PostgreSQL server."""

from __future__ import annotations

from postgres import Postgres


def test_the_server_is_the_version_that_the_tables_are_made_from(postgres: Postgres) -> None:
    with postgres.connect() as connection:
        assert connection.info.server_version // 10000 == 18


def test_a_database_starts_empty_and_is_gone_afterwards(postgres: Postgres) -> None:
    with postgres.database() as name:
        with postgres.connect(name) as connection:
            connection.execute("CREATE TABLE t (a int)")
        with postgres.connect(name) as connection:
            assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)
    with postgres.connection() as connection:
        left = connection.execute("SELECT datname FROM pg_database WHERE datname = %s", (name,)).fetchall()
        assert left == []
        assert connection.execute("SELECT to_regclass('t')").fetchone() == (None,)


def test_what_is_rolled_back_leaves_nothing(postgres: Postgres) -> None:
    with postgres.connect() as connection:
        with connection.transaction(force_rollback=True):
            connection.execute("CREATE TABLE tried (a int)")
        assert connection.execute("SELECT to_regclass('tried')").fetchone() == (None,)
