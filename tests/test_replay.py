"""The state machine: operations in order, what is not certain, what does not fit."""

from __future__ import annotations

import pytest
from replay_judge import replayed

from infralint.ddl.text import changes_of
from infralint.project.catalog import Column, DataType, Origin, Table
from infralint.project.replay.apply import apply_all
from infralint.project.replay.ddl import operations
from infralint.project.replay.names import free_name, object_name
from infralint.project.replay.operations import AddColumn, CreateTable, DropColumn, OpenTables, RenameColumn, TableRef
from infralint.project.replay.state import State
from infralint.project.replay.timeline import Timeline
from infralint.source import Span

HERE = Origin("a.py", Span(0, 1))
T = TableRef("t", HERE)


def state_of(*texts: str, certain: bool = True) -> State:
    """The state after definitions, those behind the first `certain` or not."""
    state = State("sql")
    for at, text in enumerate(texts):
        apply_all(state, operations("a.py", changes_of(text), certain=certain or at == 0))
    return state


def columns(state: State, name: str = "t", schema: str = "") -> list[str]:
    return list(state.tables[schema, name].columns)


@pytest.mark.parametrize(
    ("change", "expected", "open_columns"),
    [
        ("ALTER TABLE t ADD c int", ["a", "b", "c"], ["c"]),
        ("ALTER TABLE t DROP b", ["a", "b"], ["b"]),
        ("ALTER TABLE t RENAME b TO c", ["a", "b", "c"], ["b", "c"]),
        ("ALTER TABLE t ALTER b TYPE text, ALTER b SET NOT NULL", ["a", "b"], ["b"]),
    ],
)
def test_a_change_that_may_not_run_takes_nothing_away(
    change: str, expected: list[str], open_columns: list[str]
) -> None:
    state = state_of("CREATE TABLE t (a int, b int)", change, certain=False)
    assert columns(state) == expected
    assert [name for name, column in state.tables["", "t"].columns.items() if column.open] == open_columns
    assert not state.tables["", "t"].open


@pytest.mark.parametrize("change", ["DROP TABLE t", "ALTER TABLE t RENAME TO u", "ALTER TABLE t SET SCHEMA s"])
def test_a_table_that_may_be_gone_is_open(change: str) -> None:
    state = state_of("CREATE TABLE t (a int)", change, certain=False)
    assert [unknown.reason for unknown in state.tables["", "t"].open] == ["a change that may not run"]


def test_what_is_made_on_a_condition_may_hold_more() -> None:
    assert state_of("SELECT 1", "CREATE TABLE t (a int)", certain=False).tables["", "t"].open


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("ALTER TABLE t ADD a int", "`t` is changed here, and nothing before creates it"),
        ("DROP TABLE t", "`t` is dropped, and nothing before creates it"),
        ("CREATE TABLE t (a int); CREATE TABLE t (b int)", "`t` is created twice"),
        ("CREATE TABLE t (a int); ALTER TABLE t DROP b", "`t` has no column `b` to drop"),
        ("CREATE TABLE t (a int); ALTER TABLE t RENAME b TO c", "`t` has no column `b` to rename"),
        ("CREATE TABLE t (a int); ALTER TABLE t ALTER b DROP NOT NULL", "`t` has no column `b` to alter"),
        ("CREATE TABLE t (a int); ALTER TABLE t ADD a int", "`t` has a column `a` already"),
        ("CREATE TABLE t (a int, b int); ALTER TABLE t RENAME a TO b", "`t` has a column `b` already"),
        (
            "CREATE TABLE t (a int); CREATE TABLE u (b int); ALTER TABLE u RENAME TO t",
            "`u` is renamed to `t`, which exists",
        ),
        ("ALTER TYPE mood ADD VALUE 'x'", "the type `mood` is not known here"),
    ],
)
def test_what_does_not_fit_is_told(text: str, fault: str) -> None:
    assert [unknown.reason for unknown in state_of(text).faults] == [fault]


@pytest.mark.parametrize(
    "text",
    [
        "DROP TABLE IF EXISTS t",
        "CREATE TABLE t (a int); CREATE TABLE IF NOT EXISTS t (b int)",
        "CREATE TABLE t (a int); ALTER TABLE t DROP COLUMN IF EXISTS b, ADD COLUMN IF NOT EXISTS a text",
        "CREATE VIEW v AS SELECT 1 AS a; CREATE OR REPLACE VIEW v AS SELECT 1 AS a, 2 AS b",
    ],
)
def test_what_may_be_there_or_not_is_no_fault(text: str) -> None:
    assert not state_of(text).faults


def test_a_table_that_nothing_creates_is_open_and_so_is_the_catalog() -> None:
    state = state_of("ALTER TABLE t ADD a int")
    assert columns(state) == ["a"]
    assert state.tables["", "t"].open
    assert state.catalog().open


def test_all_tables_are_open_when_any_may_be_meant() -> None:
    state = state_of("CREATE TABLE t (a int)")
    apply_all(state, [OpenTables(origin=HERE, reason="a loop")])
    assert [unknown.reason for unknown in state.tables["", "t"].open] == ["a loop"]
    assert [unknown.reason for unknown in state.open] == ["a loop"]


def test_a_state_of_before_stays_what_it_was() -> None:
    state = State("migrations")
    table = Table("t", HERE, columns={"a": Column("a", HERE, DataType("INTEGER"))})
    apply_all(state, [CreateTable(origin=HERE, table=table)])
    before = state.snapshot()
    apply_all(
        state, [AddColumn(origin=HERE, table=T, column=Column("b", HERE)), DropColumn(origin=HERE, table=T, column="a")]
    )
    assert list(before["", "t"].columns) == ["a"]
    assert columns(state) == ["b"]
    assert list(table.columns) == ["a"]


def test_a_rename_takes_keys_checks_and_what_points_at_it_along() -> None:
    state = state_of(
        "CREATE TABLE t (id int PRIMARY KEY, s text CHECK (s IN ('s', 'x')))",
        "CREATE TABLE u (t_id int REFERENCES t); CREATE INDEX i ON t (s)",
        "ALTER TABLE t RENAME id TO key; ALTER TABLE t RENAME s TO state; ALTER TABLE t RENAME TO things",
    )
    table, other = state.tables["", "things"], state.tables["", "u"]
    assert table.primary_key == ("key",)
    assert table.primary_key_name == "t_pkey"
    assert (table.constraints[0].columns, table.constraints[0].condition) == (("state",), "state IN ('s', 'x')")
    assert table.indexes[0].columns == ("state",)
    assert [(key.target, key.target_columns) for key in other.foreign_keys] == [("things", ("key",))]
    assert state.former["", "things"] == {"id": "key", "s": "state"}


def test_children_follow_their_parents() -> None:
    state = state_of(
        "CREATE TABLE t (a int, b int); CREATE TABLE u (c int) INHERITS (t); CREATE TABLE p (a int) PARTITION BY LIST (a)",
        "CREATE TABLE q PARTITION OF p FOR VALUES IN (1); ALTER TABLE p ADD b int NOT NULL",
        "ALTER TABLE t RENAME a TO x; ALTER TABLE t DROP b; ALTER TABLE t ADD d text",
    )
    assert columns(state, "u") == ["x", "c", "d"]
    assert columns(state, "q") == ["a", "b"]
    assert not state_of("CREATE TABLE p (a int); CREATE TABLE q PARTITION OF p DEFAULT; DROP TABLE p").tables


def test_a_view_has_the_columns_of_its_query() -> None:
    state = replayed(
        "CREATE TABLE t (a int, b text); CREATE VIEW v AS SELECT t.*, b || 'x' AS c FROM t;"
        "CREATE VIEW w (one) AS SELECT * FROM v; CREATE TABLE copy AS SELECT a AS z FROM t;"
        "CREATE VIEW lost AS SELECT * FROM elsewhere; DROP TABLE t CASCADE;"
    )
    assert {key[1]: list(table.columns) for key, table in state.tables.items()} == {"copy": ["z"], "lost": []}
    assert [unknown.reason for unknown in state.tables["", "lost"].open] == ["`elsewhere` is not known here"]


def test_columns_of_views() -> None:
    state = replayed(
        "CREATE TABLE t (a int, b text); CREATE VIEW v AS SELECT t.*, b || 'x' AS c FROM t;"
        "CREATE VIEW w (one) AS SELECT * FROM v;"
    )
    assert columns(state, "v") == ["a", "b", "c"]
    assert columns(state, "w") == ["one", "b", "c"]


def test_enums() -> None:
    state = replayed(
        "CREATE TYPE mood AS ENUM ('a', 'b'); ALTER TYPE mood ADD VALUE 'c' BEFORE 'b';"
        "ALTER TYPE mood RENAME VALUE 'a' TO 'z'; CREATE TABLE t (m mood, n mood[]); ALTER TYPE mood RENAME TO temper;"
    )
    (enum,) = state.enums.values()
    assert (enum.name, enum.labels) == ("temper", ("z", "c", "b"))
    kinds = [column.type for column in state.tables["", "t"].columns.values()]
    assert [kind.name if kind and not kind.item else kind and kind.item and kind.item.name for kind in kinds] == [
        "temper"
    ] * 2


def test_search_path_says_where_a_name_is_made() -> None:
    state = replayed(
        "SET search_path TO app, public; CREATE TABLE t (a int); SET search_path TO public; CREATE TABLE t (b int);"
    )
    assert {key: list(table.columns) for key, table in state.tables.items()} == {("app", "t"): ["a"], ("", "t"): ["b"]}


def test_temporary_tables_are_not_in_the_end_state() -> None:
    state = replayed("CREATE TEMP TABLE t (a int); ALTER TABLE t ADD b int; CREATE TABLE u AS SELECT * FROM t;")
    assert {key[1]: list(table.columns) for key, table in state.tables.items()} == {"u": ["a", "b"]}


def test_other_servers_keep_the_case_of_names() -> None:
    state = replayed("CREATE TABLE `Jobs` (`Id` INTEGER PRIMARY KEY AUTOINCREMENT, Name TEXT) STRICT;", "sqlite")
    (table,) = state.tables.values()
    assert (table.name, list(table.columns)) == ("Jobs", ["Id", "Name"])


def test_names_that_the_server_gives() -> None:
    assert object_name("t", "a_b", "key") == "t_a_b_key"
    assert object_name("x" * 60, "y" * 60, "fkey") == f"{'x' * 29}_{'y' * 28}_fkey"
    assert free_name("t", "a", "key", {"t_a_key", "t_a_key1"}.__contains__) == "t_a_key2"


class TestTimeline:
    """What stood where, and when."""

    @staticmethod
    def made() -> Timeline:
        timeline = Timeline("sql", "db")
        for path, text in (
            ("1.sql", "CREATE TABLE t (a int)"),
            ("2.sql", "CREATE TEMP TABLE x (i int); ALTER TABLE t RENAME a TO b; ALTER TABLE t ADD c int"),
            ("3.sql", "DROP TABLE t"),
        ):
            placed = [
                (change.table.span.start, operation)
                for change in changes_of(text)
                for operation in operations(path, [change])
            ]
            timeline.run(path, placed)
        return timeline

    def columns(self, path: str, offset: int | None, name: str = "t") -> list[list[str]]:
        return [list(table.columns) for table in self.made().at(path, offset, name, "")]

    def test_a_statement_sees_what_is_before_it(self) -> None:
        assert self.columns("1.sql", 0) == []
        assert self.columns("1.sql", 50) == [["a"]]
        assert self.columns("2.sql", 0) == [["a"]]
        assert self.columns("2.sql", 60) == [["b"]]
        assert self.columns("2.sql", 100) == [["b", "c"]]
        assert self.columns("3.sql", 5) == [["b", "c"]]
        assert self.columns("3.sql", 20) == []

    def test_without_a_place_all_of_the_step_counts(self) -> None:
        assert self.columns("2.sql", None) == [["a"], ["b"], ["b", "c"]]

    def test_temporary_tables_are_those_of_their_step(self) -> None:
        assert self.columns("2.sql", 99, "x") == [["i"]]
        assert self.columns("3.sql", 99, "x") == []

    def test_what_a_step_rebuilds(self) -> None:
        timeline = self.made()
        assert timeline.is_rebuilt("3.sql", "T")
        assert not timeline.is_rebuilt("2.sql", "t")


def test_renaming_in_code_marks_both_names() -> None:
    state = state_of("CREATE TABLE t (a int)")
    apply_all(state, [RenameColumn(origin=HERE, certain=False, table=T, column="a", name="b")])
    assert {name: bool(column.open) for name, column in state.tables["", "t"].columns.items()} == {"a": True, "b": True}


def test_alter_index_renames_no_foreign_key_of_that_name() -> None:
    state = state_of(
        "CREATE TABLE t (a int REFERENCES t, UNIQUE (a)); CREATE INDEX t_a_fkey ON t (a)",
        "ALTER INDEX t_a_fkey RENAME TO i; ALTER INDEX t_a_key RENAME TO u",
    )
    table = state.tables["", "t"]
    assert [key.name for key in table.foreign_keys] == ["t_a_fkey"]
    assert [index.name for index in table.indexes] == ["i"]
    assert [each.name for each in table.constraints] == ["u"]


def test_names_of_indexes_number_repeated_columns() -> None:
    state = state_of("CREATE TABLE t (a int); CREATE INDEX ON t (a, a DESC, lower(a), (a + 1))")
    assert [index.name for index in state.tables["", "t"].indexes] == ["t_a_a1_expr_expr1_idx"]
