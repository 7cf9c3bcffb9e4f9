"""Our own migration environments, run by Alembic on PostgreSQL: the replayed catalog is what reflection finds.

Environments that fail must be told before by the rule that they name; those that run must not be found fault with.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from migration_runs import Run, runs
from postgres import Postgres
from schema_comparison import migration_differences

import infralint
from infralint.engine import schema_of

RUNS = runs()
FAMILY = "migration-"


@pytest.fixture(scope="module")
def engine(postgres: Postgres) -> Iterator[sa.Engine]:
    """The server, by SQLAlchemy."""
    made = sa.create_engine(postgres.url(driver="psycopg"))
    yield made
    made.dispose()


@contextmanager
def upgraded(run: Run, folder: Path, engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection to a database after `alembic upgrade head`, all of it undone at the end."""
    for name, text in run.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    config = Config(str(folder / "alembic.ini"))
    known = set(sys.modules)
    sys.path.insert(0, str(folder))
    try:
        with engine.connect() as connection:
            transaction = connection.begin()
            config.attributes["connection"] = connection
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    command.upgrade(config, "head")
                yield connection
            finally:
                transaction.rollback()
    finally:
        sys.path.remove(str(folder))
        for name in {name for name in set(sys.modules) - known if name.partition(".")[0] == "migrations"}:
            del sys.modules[name]


def reflected(connection: sa.Connection) -> dict[str, Any]:
    """What is in the database, in the words of the oracle's files."""
    inspector = sa.inspect(connection)
    system = {"information_schema"}
    tables = [
        _table(inspector, schema, name)
        for schema in inspector.get_schema_names()
        if schema not in system
        for name in inspector.get_table_names(schema)
        if name != "alembic_version"
    ]
    return {"tables": tables}


def _table(inspector: sa.Inspector, schema: str, name: str) -> dict[str, Any]:
    keys = inspector.get_pk_constraint(name, schema)["constrained_columns"]
    uniques = inspector.get_unique_constraints(name, schema)
    return {
        "name": name,
        "schema": schema,
        "columns": [_column(column, keys) for column in inspector.get_columns(name, schema)],
        "primary_key": keys,
        "foreign_keys": [
            {
                "columns": key["constrained_columns"],
                "target": f"{key['referred_schema'] or schema}.{key['referred_table']}",
                "target_columns": key["referred_columns"],
                "ondelete": key["options"].get("ondelete"),
            }
            for key in inspector.get_foreign_keys(name, schema)
        ],
        "unique_constraints": [{"columns": each["column_names"]} for each in uniques],
        "indexes": [
            {"columns": [name or "(expression)" for name in index["column_names"]], "unique": index["unique"]}
            for index in inspector.get_indexes(name, schema)
            if "duplicates_constraint" not in index
        ],
    }


def _column(column: Any, keys: list[str]) -> dict[str, Any]:
    found = {
        "name": column["name"],
        "ddl": column["type"].compile(sa.create_mock_engine("postgresql+psycopg://", None).dialect),
        "nullable": column["nullable"],
        "primary_key": column["name"] in keys,
        "has_server_default": column["default"] is not None or "identity" in column,
    }
    return found | ({"computed": column["computed"]} if "computed" in column else {})


@pytest.mark.parametrize("run", [run for run in RUNS if not run.rule], ids=lambda run: run.title)
def test_end_state(run: Run, engine: sa.Engine, tmp_path: Path) -> None:
    logging.getLogger("alembic").setLevel(logging.ERROR)
    with upgraded(run, tmp_path, engine) as connection:
        theirs = reflected(connection)
    assert migration_differences(theirs, schema_of(run.files, source="migrations")) == []
    assert [finding for finding in infralint.lint(run.files).findings if finding.rule.startswith(FAMILY)] == []


@pytest.mark.parametrize("run", [run for run in RUNS if run.rule], ids=lambda run: run.title)
def test_failure_is_told_before(run: Run, engine: sa.Engine, tmp_path: Path) -> None:
    with pytest.raises(Exception), upgraded(run, tmp_path, engine):  # noqa: B017, PT011 - whatever Alembic raises
        pass
    assert run.rule in {finding.rule for finding in infralint.lint(run.files).findings}
