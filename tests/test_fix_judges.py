"""The libraries that refuse a program judge its repair: SQLAlchemy configures the mappers, PostgreSQL keeps the values."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import harness
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from migration_runs import ENV
from orm_judge import Judge
from orm_projects import SOUND, files_of
from postgres import Postgres

from infralint.findings import Applicability, Severity

ORM = ("orm-separate-base", "orm-unresolved-relationship", "orm-back-populates")
EXAMPLES = [
    example
    for example in harness.examples([*harness.page_files(), *harness.case_files()])
    if example.rule in ORM and example.section.kind == "Bad"
]


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    judge = Judge()
    yield judge
    judge.close()


def is_safely_fixed(example: harness.Example) -> bool:
    """Whether every error of the rule has a safe fix."""
    found = harness.lint(example.files, example.settings(example.rule)).findings
    errors = [finding for finding in found if finding.severity is Severity.ERROR]
    return bool(errors) and all(
        any(fix.applicability is Applicability.SAFE for fix in finding.fixes) for finding in errors
    )


SAFE = [example for example in EXAMPLES if is_safely_fixed(example)]


def test_there_are_examples_of_all_rules() -> None:
    assert {example.rule for example in SAFE} == set(ORM)


@pytest.mark.parametrize("example", SAFE, ids=[example.name for example in SAFE])
def test_what_was_refused_is_configured(example: harness.Example, judge: Judge) -> None:
    """Every name is found, and what SQLAlchemy still refuses infralint still reports."""
    fixed = harness.fixed(example.files, example.rule, unsafe=False).files
    assert fixed != example.files
    before, after = judge.verdict(example.files), judge.verdict(fixed)
    # Foreign keys are looked at when tables are created, and not before.
    needs_table = any("needs the table" in line for line in (example.section.output or "").splitlines())
    assert before.failure or needs_table
    assert (after.missing, after.failure.startswith("import:")) == (frozenset(), False)
    assert not after.failure or harness.lint(fixed, example.settings("orm")).findings


# A relationship's class, in the ways of writing it, on classes that a foreign key joins.
WORDS = (
    'x = relationship("Gift")', "x = relationship( 'Gift' , viewonly = True)", 'x = relationship(argument=r"Gift")',
    'x = relationship("""Gift""")', 'x = relationship("m.Gift")', 'x = relationship(("Gift"))',
    'x: Mapped["Gift"] = relationship()', 'x: Mapped[Optional["Gift"]] = relationship()',
    'x: "Mapped[Gift]" = relationship()', "x: Mapped['Gift | None'] = relationship()",
    'x: "Mapped[Optional[Gift]]" = relationship()',
)  # fmt: skip
MODELS = """\
from typing import Optional
from sqlalchemy import Column, ForeignKey, Integer
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Gift(Base):
    __tablename__ = "gifts"
    id: Mapped[int] = mapped_column(primary_key=True)


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    gift_id = Column(ForeignKey("gifts.id"))
    {word}
"""


@pytest.mark.parametrize("word", WORDS)
def test_a_misspelt_class_is_what_it_was(word: str, judge: Judge) -> None:
    sound, broken = (MODELS.format(word=word.replace("Gift", name)) for name in ("Gift", "Gfit"))
    assert judge.verdict({"m.py": sound}).failure == ""
    assert judge.verdict({"m.py": broken}).failure
    assert harness.fixed({"m.py": broken}, "orm-unresolved-relationship", unsafe=False).files == {"m.py": sound}


BASE = re.compile(r"^from app\.(?:base|db) import Base$", re.MULTILINE)
SPLIT = [name for name, text in SOUND.items() if len(BASE.findall(text)) > 1]


@pytest.mark.parametrize("name", SPLIT)
def test_a_base_of_its_own_becomes_the_shared_one(name: str, judge: Judge) -> None:
    """Projects that SQLAlchemy configures, one module of each with a base of its own."""
    sound = files_of(SOUND[name])
    for path in [path for path, text in sound.items() if BASE.search(text)]:
        own = "from sqlalchemy.orm import DeclarativeBase\nclass Base(DeclarativeBase): pass"
        broken = {**sound, path: BASE.sub(own, sound[path], count=1)}
        result = harness.fixed(broken, "orm-separate-base", unsafe=False)
        assert judge.verdict(broken).failure
        assert result.fixed
        assert judge.verdict(result.files).failure == ""


def test_there_are_projects_to_split() -> None:
    assert len(SPLIT) >= 2


HEAD = """\
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "{id}"
down_revision = {down}


"""
# The array's type, the JSON type, and the changes forth and back, as people write them at first.
ROWS: list[tuple[str, str, str, str]] = [
    ("sa.String()", "sa.JSON()", 'postgresql_using="a::json"', 'postgresql_using="a::varchar[]"'),
    ("sa.Text()", "postgresql.JSONB()", 'postgresql_using="CAST(a AS jsonb)"', ""),
    ("sa.Integer()", "sa.JSON()", "", 'postgresql_using="(a)::int[]"'),
    ("sa.Boolean()", "postgresql.JSONB", "", ""),
]
VALUES: dict[str, list[Any]] = {
    "sa.String()": [None, [], ["a", None, 'with "quotes", commas, [brackets], \\ and \n']],
    "sa.Text()": [None, [], ["a", None, 'with "quotes", {braces}, \\n and é']],
    "sa.Integer()": [None, [], [1, None, -3]],
    "sa.Boolean()": [None, [], [True, None, False]],
}


def migrations(item: str, json: str, forth: str, back: str) -> dict[str, str]:
    array = f"postgresql.ARRAY({item})"
    forth, back = (f", {using}" if using else "" for using in (forth, back))
    return {
        "alembic.ini": "[alembic]\nscript_location = %(here)s/migrations\n",
        "migrations/env.py": ENV.format(metadata="target_metadata = None"),
        "migrations/versions/a.py": f"""{HEAD.format(id="a", down=None)}
def upgrade():
    op.create_table("t", sa.Column("id", sa.Integer), sa.Column("a", {array}), sa.Column("b", {array}))


def downgrade():
    op.drop_table("t")
""",
        "migrations/versions/b.py": f"""{HEAD.format(id="b", down="'a'")}
def upgrade():
    op.alter_column("t", "a", type_={json}{forth})
    with op.batch_alter_table("t") as batch:
        batch.alter_column("b", type_={json}{forth.replace("a::", "b::").replace("(a", "(b")})


def downgrade():
    op.alter_column("t", "a", type_={array}{back})
    op.alter_column("t", "b", type_={array}{back.replace("a::", "b::").replace("(a)", "(b)")})
""",
    }


@pytest.fixture(scope="module")
def engine(postgres: Postgres) -> Iterator[sa.Engine]:
    made = sa.create_engine(postgres.url(driver="psycopg"))
    yield made
    made.dispose()


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]} {row[1]}" for row in ROWS])
def test_values_go_to_json_and_come_back(row: tuple[str, str, str, str], engine: sa.Engine, tmp_path: Path) -> None:
    files = migrations(*row)
    with pytest.raises(sa.exc.DBAPIError, match=r"cannot (?:be )?cast"):
        there_and_back(files, VALUES[row[0]], engine, tmp_path / "before")
    fixed = harness.fixed(files, "migration-uncastable-type", unsafe=False).files
    assert there_and_back(fixed, VALUES[row[0]], engine, tmp_path / "after") == (VALUES[row[0]], VALUES[row[0]])


def there_and_back(
    files: Mapping[str, str], values: list[Any], engine: sa.Engine, folder: Path
) -> tuple[list[Any], list[Any]]:
    """The values of the array after the upgrade to JSON, and after the downgrade to an array."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    config = Config(str(folder / "alembic.ini"))
    known = set(sys.modules)
    with engine.connect() as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        transaction = connection.begin()
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "a")
            for number, value in enumerate(values):
                insert = sa.text("INSERT INTO t (id, a, b) VALUES (:id, :value, :value)")
                connection.execute(insert, {"id": number, "value": value})
            command.upgrade(config, "b")
            forth = selected(connection)
            command.downgrade(config, "a")
            return forth, selected(connection)
        finally:
            transaction.rollback()
            for name in {name for name in set(sys.modules) - known if name.partition(".")[0] == "migrations"}:
                del sys.modules[name]


def selected(connection: sa.Connection) -> list[Any]:
    rows = connection.execute(sa.text("SELECT a, b FROM t ORDER BY id")).all()
    assert all(row.a == row.b for row in rows)
    return [row.a for row in rows]
