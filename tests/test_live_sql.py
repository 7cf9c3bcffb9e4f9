"""SQL, schema and migrations in a project that stays loaded: what an edit makes again, and that the answer is right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from folder_edits import is_of_a_run_from_nothing, write

from infralint.live import LiveProject
from infralint.project.views import Memory
from infralint.settings import Settings

ALL = Settings(select=("ALL",))
FILES = {
    "app/__init__.py": "",
    "app/models.py": (
        "from sqlalchemy import Column, Integer, String\n"
        "from sqlalchemy.orm import declarative_base\n\n"
        "Base = declarative_base()\n\n\n"
        "class User(Base):\n"
        '    __tablename__ = "users"\n'
        "    id = Column(Integer, primary_key=True)\n"
        "    name = Column(String, nullable=False)\n\n\n"
        "class Order(Base):\n"
        '    __tablename__ = "orders"\n'
        "    id = Column(Integer, primary_key=True)\n"
        "    total = Column(Integer)\n"
    ),
    "app/users.py": (
        'import asyncpg\n\n\nasync def users(db):\n    return await db.fetch("SELECT id, name FROM users WHERE id = $1", 1)\n'
    ),
    "app/orders.py": (
        "from app.texts import ALL_ORDERS\n\n\n"
        "async def orders(db):\n"
        "    await db.execute(ALL_ORDERS)\n"
        '    return await db.fetch("SELECT totl FROM orders")\n'
    ),
    "app/texts.py": 'ALL_ORDERS = "SELECT id, missing FROM orders"\n',
    "app/jobs.py": 'async def jobs(db):\n    return await db.fetch("SELECT id, state FROM jobs")\n',
    "schema/jobs.sql": "CREATE TABLE jobs (id int NOT NULL, state text CHECK (state IN ('new', 'done')));\n",
    "alembic.ini": "[alembic]\nscript_location = migrations\n",
    "migrations/env.py": (
        "from alembic import context\nfrom app.models import Base\n\ncontext.configure(target_metadata=Base.metadata)\n"
    ),
    "migrations/versions/a.py": (
        'import sqlalchemy as sa\nfrom alembic import op\n\nrevision = "a"\ndown_revision = None\n\n\n'
        "def upgrade():\n"
        '    op.create_table("users", sa.Column("id", sa.Integer, primary_key=True),\n'
        '                    sa.Column("name", sa.String, nullable=False))\n'
        '    op.create_table("orders", sa.Column("id", sa.Integer, primary_key=True), sa.Column("total", sa.Integer))\n\n\n'
        "def downgrade():\n"
        '    op.drop_table("orders")\n'
        '    op.drop_table("users")\n'
    ),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, FILES)
    return tmp_path


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The keys of what is made, in order."""
    keys: list[Any] = []
    real = Memory._fill

    def noted(memory: Memory, record: Any) -> None:
        keys.append(record.key)
        real(memory, record)

    monkeypatch.setattr(Memory, "_fill", noted)
    return keys


def is_right(project: LiveProject, root: Path) -> bool:
    """Whether the report is that of a run from nothing."""
    return is_of_a_run_from_nothing(project.lint(), root, ALL)


def edit(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text()
    assert old in text
    (root / path).write_text(text.replace(old, new, 1))


KEPT_BY_QUERIES = {"migrations", "_timelines", "sql", "gathered_tables", "schema_notes", "table_makers", "drifts"}


@pytest.mark.parametrize(
    ("path", "old", "new", "kept"),
    [
        # A query changes: the schema stays, and so do the judgements of all other files.
        ("app/users.py", "SELECT id, name", "SELECT id, nam", {*KEPT_BY_QUERIES, ("sql_findings", "app/jobs.py")}),
        ("app/orders.py", "totl", "total", {*KEPT_BY_QUERIES, ("sql_findings", "app/users.py")}),
        ("app/texts.py", "missing", "total", {*KEPT_BY_QUERIES, ("sql_findings", "app/users.py")}),
        # What reads a table is judged again when the table changes, and no other file.
        (
            "app/models.py", "    total =", "    totl =",
            {"migrations", "_timelines", "sql", ("sql_findings", "app/users.py"), ("sql_findings", "app/jobs.py")},
        ),
        ("app/models.py", 'String, nullable=False)\n', "String, nullable=False)\n    age = Column(Integer)\n", {"sql"}),
        # What .sql files declare is none of the migrations' business.
        ("schema/jobs.sql", "state text", "status text", {"migrations", "_timelines", "drifts"}),
        ("migrations/versions/a.py", '"total"', '"sum"', {("sql_findings", "app/users.py"), "sql"}),
        ("migrations/env.py", "import Base\n", "import Base\n\nx = 1\n", {"migrations", "_timelines", "sql"}),
    ],
)  # fmt: skip
def test_an_edit_and_its_undoing(root: Path, made: list[Any], path: str, old: str, new: str, kept: set[Any]) -> None:
    project = LiveProject(root, ALL, cache=False, jobs=1)
    assert is_right(project, root)
    assert kept <= set(made)
    for before, after in ((old, new), (new, old)):
        edit(root, path, before, after)
        made.clear()
        project.lint()
        assert made
        assert not kept & set(made)
        assert is_right(project, root)


@pytest.mark.parametrize(
    "change",
    [
        lambda root: edit(root, "app/texts.py", 'ALL_ORDERS = "', 'OTHER = "SELECT nothing FROM jobs"\nALL_ORDERS = "'),
        lambda root: edit(root, "app/texts.py", "ALL_ORDERS", "EVERY_ORDER"),
        lambda root: edit(root, "app/jobs.py", 'db.fetch("', 'run(db, "'),
        lambda root: edit(root, "app/jobs.py", "SELECT id, state FROM jobs", "SELECT id FROM jobs WHERE state = 'old'"),
        lambda root: edit(root, "app/jobs.py", "SELECT id, state FROM jobs", "INSERT INTO jobs (state) VALUES ('new')"),
        lambda root: edit(root, "app/jobs.py", "SELECT id, state FROM jobs", "CREATE TABLE jobs (other int)"),
        lambda root: edit(root, "app/jobs.py", "FROM jobs", "FROM jbos"),
        lambda root: edit(root, "app/users.py", ", 1)", ", 1, 2)"),
        lambda root: edit(root, "app/users.py", "import asyncpg", "import sqlite3"),
        lambda root: edit(root, "app/users.py", "import asyncpg", "import duckdb"),
        lambda root: edit(root, "app/users.py", '"SELECT', '"SELECT FROM'),
        lambda root: edit(root, "schema/jobs.sql", "'new', ", ""),
        lambda root: edit(root, "schema/jobs.sql", "CREATE TABLE jobs", "ALTER TABLE users ADD COLUMN"),
        lambda root: edit(root, "app/models.py", '"users"', '"people"'),
        lambda root: edit(root, "migrations/versions/a.py", "revision = ", "revision = down_revision = "),
        lambda root: (root / "app/jobs.py").write_text("x = 1\n"),
        lambda root: (root / "app/__init__.py").write_text(
            'async def f(db):\n    await db.fetch("SELECT x FROM jobs")\n'
        ),
        lambda root: (root / "app/jobs.py").write_text("def jobs(:\n    'ALTER TABLE jobs ADD COLUMN x int'\n"),
    ],
)
def test_the_answer_is_that_of_a_run_from_nothing(root: Path, change: Callable[[Path], object]) -> None:
    project = LiveProject(root, ALL, cache=False, jobs=1)
    project.lint()
    change(root)
    assert is_right(project, root)
    for path, text in FILES.items():
        (root / path).write_text(text)
    assert is_right(project, root)


def program(name: str, others: str) -> dict[str, str]:
    """A program with models on SQLModel's MetaData, of which env.py loads one module and `main` the `others`."""
    return {
        f"{name}/alembic/env.py": (
            f"import sqlmodel\nfrom alembic import context\nfrom {name}_server import users\n\n"
            "context.configure(target_metadata=sqlmodel.SQLModel.metadata)\ncontext.run_migrations()\n"
        ),
        f"{name}/alembic/versions/{name}.py": (
            f'from alembic import op\nrevision = "{name}"\ndown_revision = None\n\n\n'
            'def upgrade():\n    op.execute("CREATE TABLE users (id int PRIMARY KEY)")\n'
        ),
        f"{name}/{name}_server/__init__.py": "",
        f"{name}/{name}_server/users.py": (
            "from sqlmodel import Field, SQLModel\n\n\nclass User(SQLModel, table=True):\n"
            '    __tablename__ = "users"\n    id: int = Field(primary_key=True)\n'
        ),
        f"{name}/{name}_server/orders.py": (
            "from sqlmodel import Field, SQLModel\n\n\nclass Order(SQLModel, table=True):\n"
            f'    __tablename__ = "{name}_orders"\n    id: int = Field(primary_key=True)\n'
        ),
        f"{name}/{name}_server/main.py": f"from {name}_server import users\n{others}",
    }


def test_programs_that_come_together_and_part(tmp_path: Path) -> None:
    files = {**program("shop", "from shop_server import orders\n"), **program("work", "")}
    write(tmp_path, files)
    project = LiveProject(tmp_path, ALL, cache=False, jobs=1)

    def missing() -> list[str]:
        report = project.lint()
        assert is_of_a_run_from_nothing(report, tmp_path, ALL)
        return [each.path for each in report.findings if each.rule == "migration-model-drift"]

    # Nobody imports the orders of `work`, which belong to its package; those of `shop` its `main` imports.
    own = ["shop/shop_server/orders.py", "work/work_server/orders.py"]
    assert missing() == own
    edit(tmp_path, "work/work_server/main.py", "users\n", "users\nfrom shop_server import users as shops\n")
    assert set(own) <= set(missing())
    edit(tmp_path, "work/alembic/env.py", "work_server", "shop_server")
    missing()
    for path in ("work/work_server/main.py", "work/alembic/env.py"):
        (tmp_path / path).write_text(files[path])
    assert missing() == own
