"""Where environments are found, and which revisions and models they have."""

from __future__ import annotations

import pytest

import infralint
from infralint.engine import schema_of

ENV = "from alembic import context\n\ncontext.run_migrations()\n"
REVISION = """\
import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade():
    op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))
"""


def found(files: dict[str, str]) -> dict[str, list[str]]:
    """The tables of each environment."""
    document = schema_of(files, source="migrations")
    return {str(catalog["name"]): [table["name"] for table in catalog["tables"]] for catalog in document["catalogs"]}


@pytest.mark.parametrize(
    ("settings", "text", "revision"),
    [
        ("alembic.ini", "[alembic]\nscript_location = db\n", "db/versions/1.py"),
        ("alembic.ini", "[alembic]\nscript_location = %(here)s/db\n", "db/versions/1.py"),
        ("etc/alembic.ini", "[alembic]\nscript_location = db\n", "db/versions/1.py"),
        ("etc/alembic-dev.ini", "[alembic]\nscript_location = ../db\n", "db/versions/1.py"),
        ("setup.cfg", "[database]\nscript_location = db\n", "db/versions/1.py"),
        ("alembic.ini", "[alembic]\nscript_location = app:db\n", "src/app/db/versions/1.py"),
        ("db/alembic.ini", "[alembic]\n", "db/versions/1.py"),
        ("pyproject.toml", '[tool.alembic]\nscript_location = "%(here)s/db"\n', "db/versions/1.py"),
        ("alembic.ini", "[alembic]\nscript_location = db\nversion_locations = %(here)s/one two\n", "two/1.py"),
        (
            "alembic.ini",
            "[alembic]\nscript_location = db\nversion_locations = one:two\npath_separator = os\n",
            "two/1.py",
        ),
        ("pyproject.toml", '[tool.alembic]\nscript_location = "db"\nversion_locations = ["one", "two"]\n', "two/1.py"),
        (
            "alembic.ini",
            "[alembic]\nscript_location = db\nversion_locations = one\nrecursive_version_locations = true\n",
            "one/2024/1.py",
        ),
    ],
)
def test_settings(settings: str, text: str, revision: str) -> None:
    folder = "src/app/db" if revision.startswith("src/") else "db"
    files = {settings: text, f"{folder}/env.py": ENV, revision: REVISION, "one/x.py": REVISION.replace('"1"', '"x"')}
    tables = found(files)
    assert ["t"] in tables.values()
    assert infralint.lint(files).failed == ()


def test_folders_without_settings() -> None:
    files = {
        "a/migrations/env.py": ENV,
        "a/migrations/1_first.py": REVISION,
        "b/schema/changes/1_first.py": REVISION.replace('"t"', '"other"'),
        "multi/env.py": ENV,
        "multi/versions/postgresql/1.py": REVISION,
        "multi/versions/sqlite/1.py": REVISION.replace('"t"', '"lite"'),
    }
    assert found(files) == {
        "a/migrations": ["t"],
        "b/schema/changes": ["other"],
        "multi/versions/postgresql": ["t"],
        "multi/versions/sqlite": ["lite"],
    }


def test_expand_and_contract_are_one_history() -> None:
    def revision(name: str, down: str, label: str) -> str:
        head = REVISION.replace('revision = "1"', f'revision = "{name}"', 1).replace('"t"', f'"{name}"')
        return head.replace("down_revision = None", f"down_revision = {down}\nbranch_labels = {label}")

    files = {
        "m/env.py": ENV,
        "m/versions/root.py": revision("root", "None", "None"),
        "m/versions/2024/expand/e.py": revision("e", '"root"', '("expand",)'),
        "m/versions/2024/contract/c.py": revision("c", '"root"', '("contract",)'),
    }
    assert {name: sorted(tables) for name, tables in found(files).items()} == {"m": ["c", "e", "root"]}
    assert not infralint.lint(files).findings
