"""Which columns a table has, by all that the project says; and when nobody can tell."""

from __future__ import annotations

import pytest
from sql_harness import names

import infralint
from infralint import Settings

MODEL = """
from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import DeclarativeBase

class Base(DeclarativeBase):
    pass

class Job(Base):
    __tablename__ = "jobs"
    id = Column(Integer, primary_key=True)
    state = Column("status", String(20))
"""
REVISION = """
from alembic import op
import sqlalchemy as sa

revision = "a1"
down_revision = None


def upgrade():
    op.create_table("jobs", sa.Column("id", sa.Integer(), primary_key=True), sa.PrimaryKeyConstraint("id"))
    {}


def downgrade():
    op.add_column("jobs", sa.Column("legacy", sa.Text()))
    op.execute("UPDATE jobs SET legacy = 1")
"""


def query(column: str, table: str = "jobs") -> str:
    return f'def read(conn):\n    return conn.execute("SELECT {column} FROM {table}")\n'


def test_columns_of_a_model() -> None:
    assert names({"models.py": MODEL, "app.py": query("id, status")}) == []
    assert names({"models.py": MODEL, "app.py": query("id, state")}) == ["state"]


@pytest.mark.parametrize(
    ("operation", "known"),
    [
        ('op.add_column("jobs", sa.Column("extra", sa.Text()))', "extra"),
        ('op.alter_column("jobs", "id", new_column_name="extra")', "extra"),
        ('op.execute("ALTER TABLE jobs ADD COLUMN extra TEXT")', "extra"),
        (
            'with op.batch_alter_table("jobs") as b:\n        b.add_column(sa.Column("extra", sa.Text()))',
            "extra",
        ),
        ('for t in ("jobs", "bots"):\n        op.add_column(t, sa.Column("extra", sa.Text()))', "extra"),
    ],
)
def test_columns_of_alembic_operations(operation: str, known: str) -> None:
    files = {"versions/a1.py": REVISION.replace("{}", operation), "app.py": query(f"{known}, other")}
    assert names(files) == ["other"]


def test_the_way_back_declares_nothing() -> None:
    files = {"versions/a1.py": REVISION.replace("{}", "pass"), "app.py": query("legacy")}
    assert names(files) == ["legacy"]


def test_a_column_that_is_added_by_an_unreadable_name_opens_the_table() -> None:
    operation = 'op.add_column("jobs", sa.Column(NAME, sa.Text()))'
    assert names({"versions/a1.py": REVISION.replace("{}", operation), "app.py": query("other")}) == []


def test_an_add_column_of_something_else_says_nothing_of_tables() -> None:
    files = {
        "a.sql": "CREATE TABLE jobs (id int)",
        "ui.py": "table.add_column(title)\n",
        "app.py": query("other"),
    }
    assert names(files) == ["other"]


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE jobs ADD COLUMN other int",
        "ALTER TABLE jobs ADD other int",
        "ALTER TABLE jobs ADD (x int, other int)",
        "ALTER TABLE ONLY public.jobs ADD COLUMN IF NOT EXISTS other int, OWNER TO me",
        "ALTER TABLE jobs CHANGE COLUMN id other int",
        "ALTER TABLE jobs RENAME id TO other",
        "DO $$ BEGIN ALTER TABLE jobs ADD COLUMN other int; END $$",
        "DO $$ BEGIN EXECUTE 'ALTER TABLE jobs ADD COLUMN other int'; END $$",
        "DO $$ BEGIN EXECUTE format('ALTER TABLE %I ADD COLUMN x int', t); END $$",
        "CREATE FUNCTION f() RETURNS void AS $$ ALTER TABLE jobs ADD COLUMN other int $$ LANGUAGE sql",
        "ALTER TABLE jobs FROBNICATE",
        "CREATE TABLE old_jobs (other int); ALTER TABLE old_jobs RENAME TO jobs",
        "CREATE TABLE IF NOT EXISTS jobs (other int)",
        "CREATE TABLE jobs (LIKE unseen)",
        "CREATE TABLE jobs () INHERITS (unseen)",
        "CREATE TABLE jobs AS SELECT * FROM unseen",
        "CREATE VIRTUAL TABLE jobs USING fts5(other)",
        "SELECT AddGeometryColumn('jobs', 'other', 4326, 'POINT', 2)",
    ],
)
def test_what_makes_the_column_known_or_the_table_open(change: str) -> None:
    files = {"1.sql": "CREATE TABLE jobs (id int, name text);", "2.sql": change, "app.py": query("other")}
    assert names(files) == []


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE jobs OWNER TO me",
        "ALTER TABLE jobs ADD CONSTRAINT c CHECK (id > 1) NOT VALID",
        "ALTER TABLE jobs ADD PRIMARY KEY (id), ALTER COLUMN id SET NOT NULL",
        "ALTER TABLE jobs ALTER COLUMN name TYPE varchar(10) USING name::varchar",
        "ALTER TABLE jobs ENABLE ROW LEVEL SECURITY",
        "CREATE INDEX other ON jobs (id)",
        "CREATE TRIGGER other AFTER INSERT ON jobs BEGIN UPDATE jobs SET name = NEW.name; END",
        "COMMENT ON TABLE jobs IS 'other'",
        "\\connect other",
        "COPY jobs (id) FROM stdin;\n1\tother\n\\.\n",
        "DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT other; END //\nDELIMITER ;\n",
    ],
)
def test_what_leaves_the_table_whole(change: str) -> None:
    files = {"1.sql": "CREATE TABLE jobs (id int, name text);", "2.sql": change, "app.py": query("other")}
    assert names(files) == ["other"]


@pytest.mark.parametrize(
    "definition",
    [
        'CREATE TABLE jobs (id int, key text, "Order" int, CONSTRAINT c UNIQUE (id), CHECK (id > 0))',
        "CREATE TABLE jobs (id int, EXCLUDE USING gist (id WITH =))",
        "CREATE TEMP TABLE jobs (id int) ON COMMIT DROP",
        "CREATE UNLOGGED TABLE IF NOT EXISTS app.jobs (id int) WITH (fillfactor = 70)",
        "CREATE TABLE `jobs` (`id` int(11) NOT NULL AUTO_INCREMENT, KEY `k` (`id`)) ENGINE=InnoDB",
        "CREATE TABLE [jobs] ([id] INTEGER PRIMARY KEY) STRICT",
        "CREATE TABLE jobs (id numeric(10, 2) DEFAULT (1 + 2), d text DEFAULT 'a,b')",
        "CREATE VIEW jobs AS SELECT 1 AS id",
        "CREATE VIEW jobs (id) AS SELECT 1 WITH CHECK OPTION",
    ],
)
def test_definitions_are_read_whole(definition: str) -> None:
    schema = "SET search_path TO app;" if "app." in definition else ""
    assert names({"1.sql": f"{schema}{definition};", "app.py": query("id, other")}) == ["other"]


def test_a_renamed_column_is_gone_for_the_code_and_not_for_other_migrations() -> None:
    files = {
        "db/1.sql": "CREATE TABLE jobs (id int, old text);",
        "db/2.sql": "UPDATE jobs SET old = '';",
        "db/3.sql": "ALTER TABLE jobs RENAME COLUMN old TO new;",
        "app.py": query("new, old"),
    }
    assert names(files) == ["old"]


def test_a_renamed_column_that_something_else_declares_stays() -> None:
    files = {
        "db/1.sql": "CREATE TABLE jobs (id int, old text);",
        "db/3.sql": "ALTER TABLE jobs RENAME COLUMN old TO new;",
        "dump/schema.sql": "CREATE TABLE jobs (id int, old text);",
        "app.py": query("new, old"),
    }
    assert names(files) == []


def test_a_table_of_another_schema_is_another_table() -> None:
    files = {"1.sql": "CREATE TABLE public.users (id int); CREATE TABLE app.jobs (id int);"}
    assert names({**files, "app.py": query("other", "auth.users")}) == []
    assert names({**files, "app.py": query("other", "users")}) == ["other"]
    assert names({**files, "app.py": query("other", "jobs")}) == []
    assert names({**files, "app.py": query("other", "app.jobs")}) == ["other"]
    assert names({**files, "path.sql": "SET search_path = app, public;", "app.py": query("other", "jobs")}) == ["other"]


def test_what_only_tests_create_judges_only_that_file() -> None:
    test = 'def test(c):\n    c.execute("CREATE TABLE jobs (id int)")\n    c.execute("SELECT other FROM jobs")\n'
    assert names({"tests/test_a.py": test, "app.py": query("other")}) == ["other"]
    assert names({"tests/conftest.py": 'SQL = "CREATE TABLE jobs (id int)"\n', "app.py": query("other")}) == []


def test_sql_that_nobody_read_opens_its_neighbours() -> None:
    files = {"db/1/a.sql": "CREATE TABLE jobs (id int);", "app.py": query("other")}
    assert names(files) == ["other"]
    assert names({**files, "db/2/b.sql.j2": "ALTER TABLE jobs ADD COLUMN other int;"}) == []
    assert names({**files, "db/2/b.sql.postgres": "ALTER TABLE jobs ADD COLUMN other int;"}) == []
    assert names({**files, "db/2/b.sql.postgres": "SELECT 1;"}) == ["other"]


def test_a_table_that_a_migration_replaces_was_another_one_before() -> None:
    migration = """
    INSERT INTO new_jobs SELECT gone FROM jobs;
    DROP TABLE jobs;
    ALTER TABLE new_jobs RENAME TO jobs;
    """
    assert names({"1.sql": f"CREATE TABLE new_jobs (id int); {migration}", "app.py": query("id")}) == []


def test_other_servers_are_not_judged() -> None:
    clickhouse = "CREATE TABLE jobs (id Int64) ENGINE = MergeTree ORDER BY id;"
    assert names({"1.sql": clickhouse, "app.py": query("other")}) == []
    files = {"1.sql": "CREATE TABLE jobs (id int);", "app.py": f"import duckdb\n{query('other')}"}
    assert names(files) == []


def test_schema_files_alone_declare_where_the_settings_name_them() -> None:
    files = {
        "db/schema.sql": "CREATE TABLE users (id int, name text);",
        "legacy/old.sql": "CREATE TABLE users (id int, nick text);",
        "legacy/broken.sql.j2": "ALTER TABLE users",
        "a.py": 'def f(c):\n    c.execute("SELECT nick FROM users")\n',
    }
    assert not infralint.lint(files).findings
    (finding,) = infralint.lint(files, Settings(schema_files=("db/*.sql",))).findings
    assert (finding.rule, finding.path) == ("sql-unknown-column", "a.py")


def test_a_module_that_upgrades_its_tables_may_speak_of_how_they_were() -> None:
    upgrade = """
def upgrade(db):
    db.execute("CREATE TABLE IF NOT EXISTS exports (id INTEGER PRIMARY KEY, thumb_level INTEGER)")
    try:
        db.execute("SELECT thumb_level FROM exports")
    except Exception:
        db.execute("ALTER TABLE exports ADD COLUMN thumb_level INTEGER DEFAULT 0")
        db.execute("UPDATE exports SET thumb_level = 9 WHERE include_thumb = 1")
"""
    other = 'def f(db):\n    db.execute("SELECT include_thumb FROM exports")\n'
    (finding,) = infralint.lint({"upgrade.py": upgrade, "other.py": other}).findings
    assert finding.path == "other.py"


def test_a_namesake_in_another_database_is_not_judged() -> None:
    schema = {"schema.sql": "CREATE TABLE cards (id int, note_id int, due int);"}
    other = 'def f(db):\n    db.execute("SELECT id, fact_id, tags, next_rep, easiness, lapses FROM cards")\n'
    slip = 'def f(db):\n    db.execute("SELECT id, note_id, duee FROM cards")\n'
    assert not infralint.lint({**schema, "mnemosyne.py": other}).findings
    assert len(infralint.lint({**schema, "cards.py": slip}).findings) == 1
