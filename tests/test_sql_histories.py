"""Folders of .sql files: their order, what is not applied, and statements judged by the time at which they run."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from sql_harness import names

import infralint
from infralint import Settings
from infralint.facts.files import FileFacts
from infralint.kinds import Kind
from infralint.project.replay.databases import SqlDatabases, dialect_of
from infralint.project.replay.order import histories, is_undo
from infralint.project.sql_declarations import declared_in
from infralint.readers.dispatch import read_file


def facts_of(files: Mapping[str, str]) -> dict[str, FileFacts]:
    return {
        path: read_file(text.encode(), Kind.PYTHON if path.endswith(".py") else Kind.SQL, "postgres")
        for path, text in files.items()
    }


def databases(files: Mapping[str, str]) -> dict[str, dict[str, list[str]]]:
    """Databases by name, each with its tables and their columns."""
    declared = {path: sql for path, facts in facts_of(files).items() for sql in declared_in(facts)}
    found = SqlDatabases(files, declared, lambda path: False).catalogs
    return {catalog.name: {table.name: list(table.columns) for table in catalog.tables.values()} for catalog in found}


def app(column: str, table: str = "t") -> str:
    return f'def f(conn):\n    conn.execute("SELECT {column} FROM {table}")\n'


@pytest.mark.parametrize(
    ("paths", "root"),
    [
        (["m/V1__a.sql", "m/V1.2__b.sql", "m/V1.10__c.sql", "m/V2__d.sql", "m/R__a_view.sql"], "m"),
        (["m/1_a.sql", "m/2_b.sql", "m/10_c.sql"], "m"),
        (["m/20200101120000_a.up.sql", "m/20210101120000_b.up.sql"], "m"),
        (["m/2020-01-01-120000_a/up.sql", "m/2021-01-01-120000_b/up.sql"], "m"),
        (["m/00.05.00_01_x.sql", "m/00.05.00_02_a.sql", "m/01.00.00_01_a.sql"], "m"),
        (["delta/9/01_z.sql", "delta/58/01_a.sql", "delta/58/02_a.sql"], "delta"),
        (["v1_a.sql", "v2_b.sql", "v11_c.sql"], ""),
    ],
)
def test_steps_run_in_the_order_of_their_versions(paths: list[str], root: str) -> None:
    (history,), loose = histories(reversed(paths))
    assert (history.root, list(history.paths), loose) == (root, paths, [])


def test_files_without_a_version_are_no_steps_and_base_schemas_come_first() -> None:
    found, loose = histories(["db/1_a.sql", "db/alter.sql", "db/schema.sql", "other/2020.sql"])
    assert [history.root for history in found] == ["db", "other"]
    assert loose == ["db/schema.sql", "db/alter.sql"]


@pytest.mark.parametrize(
    "path",
    [
        "m/1_a.down.sql", "m/2020_a/down.sql", "m/U1.2__a.sql", "m/1_a-rollback.sql", "m/1_a.rollback.sql",
        "rollback/1_a.sql", "m/undo/1_a.sql", "m/rollback_1.sql", "deploy/revert/a.sql",
    ],
)  # fmt: skip
def test_what_takes_back_is_not_applied(path: str) -> None:
    assert is_undo(path)
    assert not is_undo("m/1_breakdown.sql")
    assert names({"m/1_a.sql": "CREATE TABLE t (a int);", path: "DROP TABLE t;", "app.py": app("a, b")}) == ["b"]


def test_the_end_state_is_what_counts_for_code() -> None:
    files = {
        "m/V1__a.sql": "CREATE TABLE t (a int, b int, c int);",
        "m/V2__b.sql": "ALTER TABLE t DROP COLUMN b; ALTER TABLE t RENAME c TO d;",
        "m/V10__c.sql": "ALTER TABLE t ADD COLUMN e int;",
        "app.py": app("a, b, c, d, e"),
    }
    assert databases(files) == {"m": {"t": ["a", "d", "e"]}}
    assert names(files) == ["b", "c"]


def test_a_step_is_judged_by_the_state_of_its_time() -> None:
    files = {
        "m/V1__a.sql": "CREATE TABLE t (a int, b int); UPDATE t SET b = wrong;",
        "m/V2__b.sql": "UPDATE t SET b = a; ALTER TABLE t DROP b; UPDATE t SET a = b;",
        "m/V3__c.sql": "UPDATE t SET a = b, c = 1; ALTER TABLE t ADD COLUMN c int; UPDATE t SET c = 1;",
    }
    assert names(files) == ["wrong", "b", "b", "c"]


def test_tables_that_a_step_replaces() -> None:
    files = {
        "m/1.sql": "CREATE TABLE t (a int, gone int);",
        "m/2.sql": "CREATE TABLE n (a int); INSERT INTO n SELECT gone FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t;",
        "app.py": app("a, gone"),
    }
    assert names(files) == ["gone"]


def test_steps_of_a_history_that_begins_in_the_middle_are_not_judged() -> None:
    files = {"m/5_a.sql": "ALTER TABLE t ADD COLUMN b int; UPDATE t SET other = b;", "app.py": app("other")}
    assert names(files) == []
    assert names({**files, "schema.sql": "CREATE TABLE t (a int);"}) == ["other"]


def test_a_folder_without_order_is_a_union() -> None:
    files = {
        "sql/alter.sql": "ALTER TABLE t ADD COLUMN c int; ALTER TABLE t DROP COLUMN a; ALTER TABLE t RENAME b TO d;",
        "sql/tables.sql": "CREATE TABLE t (a int, b int);",
        "app.py": app("a, b, c, d, e"),
    }
    assert databases(files) == {"": {"t": ["a", "b", "c", "d"]}}
    assert names(files) == ["e"]


def test_versions_of_a_definition_in_python_are_a_union() -> None:
    files = {
        "one.py": 'A = "CREATE TABLE IF NOT EXISTS t (a int NOT NULL, b text)"\n',
        "two.py": 'B = "CREATE TABLE IF NOT EXISTS t (a int, c text)"\n',
        "app.py": app("a, b, c, d"),
    }
    assert databases(files) == {"": {"t": ["a", "b", "c"]}}
    assert names(files) == ["d"]


def test_what_a_definition_that_did_nothing_names_is_known() -> None:
    files = {
        "m/1.sql": "CREATE TABLE t (a int);",
        "m/2.sql": "CREATE TABLE IF NOT EXISTS t (a int, b int);",
        "app.py": app("a, b, c"),
    }
    assert databases(files) == {"m": {"t": ["a"]}}
    assert names(files) == ["c"]


def test_a_view_over_models_and_sql() -> None:
    model = (
        "from sqlalchemy import Column, Integer\nfrom sqlalchemy.orm import declarative_base\n"
        "Base = declarative_base()\nclass T(Base):\n    __tablename__ = 't'\n    id = Column(Integer, primary_key=True)\n"
    )
    files = {
        "models.py": model,
        "view.sql": "CREATE VIEW v AS SELECT t.*, 1 AS one FROM t;",
        "app.py": app("id, one, two", "v"),
    }
    assert names(files) == ["two"]


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT)", "sqlite"),
        ("CREATE TABLE `t` (`a` int) ENGINE=InnoDB", "mysql"),
        ("CREATE TABLE t (a bigserial, b timestamptz)", "postgres"),
        ("CREATE TABLE t (a int)", "postgres"),
    ],
)
def test_the_dialect_of_definitions(text: str, dialect: str) -> None:
    facts = facts_of({"a.sql": text})["a.sql"].sql
    assert facts is not None
    assert dialect_of([facts]) == dialect


def test_services_with_histories_of_their_own_have_databases_of_their_own() -> None:
    files = {
        "services/a/migrations/1_t.sql": "CREATE TABLE t (x int, y int);",
        "services/b/migrations/1_t.sql": "CREATE TABLE t (z int);",
        "services/a/app.py": app("x, z"),
        "services/b/app.py": app("x, z"),
        "tools/app.py": app("x, z, w"),
    }
    assert names(files) == ["z", "x", "w"]


def test_one_history_for_each_server_is_one_database() -> None:
    files = {
        "db/postgres/1_t.sql": "CREATE TABLE t (x int);",
        "db/sqlite/1_t.sql": "CREATE TABLE t (x int, y int);",
        "app.py": app("x, y, z"),
    }
    assert names(files) == ["z"]


def test_what_two_files_say_differently_is_asked_of_nobody() -> None:
    files = {
        "one.sql": "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t (id) VALUES (1);",
        "two.sql": "CREATE TABLE t (id int PRIMARY KEY, b int NOT NULL, c text CHECK (c IN ('x')));",
        "three.py": "C = \"CREATE TABLE IF NOT EXISTS t (id int PRIMARY KEY, c text NOT NULL CHECK (c IN ('y')))\"\n",
        "app.py": "def f(conn):\n    conn.execute(\"INSERT INTO t (id, c) VALUES (1, 'z')\")\n",
    }
    assert not infralint.lint(files, Settings(select=("sql",))).findings
    (finding,) = infralint.lint(
        {**files, "one.sql": "", "three.py": ""}, Settings(select=("sql-missing-value",))
    ).findings
    assert "`b`" in finding.message


def test_code_takes_nothing_away() -> None:
    code = """
def old(c):
    c.execute("CREATE TABLE n (a int)")
    c.execute("DROP TABLE t")
    c.execute("ALTER TABLE n RENAME TO t")

def new(c):
    c.execute("CREATE TABLE t (a int, b int)")
    c.execute("ALTER TABLE t DROP COLUMN b")
"""
    assert names({"db.py": code, "app.py": app("a, b, c")}) == ["c"]
