"""The subjects that are read from Python: their trigger words and where their readers are.

A subject's reader module is imported only when a file needs it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from infralint.readers.python import attribute_sets, imports_seen, unbound
from infralint.readers.python.mock_attribute_names import has_slips
from infralint.readers.python.mock_names import slips_in
from infralint.readers.python.scan import Scanner


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject: trigger words for the byte scan, and the module with its `read(file, facts, ...)` visitor.

    `module` defines `make(file, dialect) -> visitor`, whose `finish(facts) -> facts` adds what it found; a subject
    without one needs the outline alone. `refine` looks closer at a text and the offsets of its triggers and gives
    the offsets that matter; None = the triggers' own.
    """

    name: str
    triggers: tuple[str, ...]
    module: str = ""
    refine: Callable[[str, list[int]], list[int]] | None = None


# Words that others than SQLAlchemy have too: they count only in a file that speaks of it by name.
_COMMON = (".Model", "Table(", "__table__", "create_async_engine", "create_engine", "mapper(", "registry(")
_NAMES = ("sqlalchemy", "SQLAlchemy", "sqlmodel", "SQLModel")


def _models_in(text: str, places: list[int]) -> list[int]:
    """The triggers of `orm` that matter: all of them, or none where they are only words that others have too."""
    named = any(name in text for name in _NAMES)
    return places if named or not all(text.startswith(_COMMON, at) for at in places) else []


def _mocks_in(text: str, _: list[int]) -> list[int]:
    """The slips themselves, whatever stands around them."""
    return slips_in(text)


def _slips_on_mocks_in(text: str, places: list[int]) -> list[int]:
    """The triggers, where an attribute may be a slip."""
    return places if has_slips(text) else []


_RELATIVE = re.compile(r"from(?:[ \t]|\\\r?\n)*\.(?:[.\w \t]|\\\r?\n)*\bimport\b")


def _relative_in(text: str, places: list[int]) -> list[int]:
    """The triggers that begin a relative import, and no other words."""
    return [at for at in places if _RELATIVE.match(text, at)]


# A call that is given a name in capitals: it may read a variable of that name by a function of the project.
_ASKED = re.compile(r"""\w\(\s*["'](?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]{4,})["']""")
_PROSE = re.compile(r"environment")


def _environment_in(text: str, places: list[int]) -> list[int]:
    """The triggers that are more than a word of prose, or a call's parenthesis."""
    return [at for at in places if (_ASKED.match(text, at - 1) if text[at] == "(" else not _PROSE.match(text, at))]


SUBJECTS: tuple[Subject, ...] = (
    Subject(
        "orm",
        (
            "Base.metadata", "DeclarativeBase", "DeclarativeMeta", "ForeignKey", "Mapped[", "MappedAsDataclass",
            "Relationship(", "SQLAlchemy(", "SQLModel", "__abstract__", "__table__", "__tablename__",
            "as_declarative", "automap_base", "create_engine", "create_async_engine", "create_all",
            "declarative_base", "declared_attr", "generate_base", "map_declaratively", "map_imperatively",
            "mapped_column", "mapper(", "registry(", "relationship(", "Column(", "Table(", ".Model",
        ),
        refine=_models_in,
    ),
    # Read from the standard `ast`, see readers/python/sql.py.
    Subject(
        "sql",
        (
            "SELECT ", "SELECT\n", "INSERT ", "UPDATE ", "DELETE FROM", "REPLACE INTO", "MERGE INTO", "CREATE TABLE",
            "CREATE TEMP", "CREATE VIEW", "CREATE OR REPLACE", "CREATE UNLOGGED", "CREATE MATERIALIZED",
            "ALTER TABLE", "DO $$", "select ", "select\n", "insert into", '"update ', "'update ", "delete from",
            "create table", "alter table", "search_path",
            ".execute(", ".executemany(", ".execute_many(", ".fetch(", ".fetchrow(", ".fetchval(", ".fetch_all(",
            ".fetch_one(", ".fetch_val(", ".executescript(", ".execute_sql(", "exec_driver_sql(", "read_sql",
            "postgresql://", "postgresql+", "postgres://", "mysql://", "mysql+", "mariadb", "sqlite://", "sqlite+",
            "import asyncpg", "import psycopg", "import sqlite3", "import aiosqlite", "import pymysql",
            "import aiomysql", "import MySQLdb", "import asyncmy", "from psycopg", "import duckdb", "mysql.connector",
        ),
    ),
    Subject(
        "migration",
        (
            "down_revision", "run_migrations", "target_metadata", ".add_column(", ".alter_column(", ".create_table(",
            ".rename_table(", ".batch_alter_table(",
        ),
    ),
    # Read from the standard `ast`, see readers/python/class_uses.py.
    Subject("class-use", ("filter_by(", "select(", ".query", "session")),
    # Read from the standard `ast`, see readers/python/environment.py.
    Subject(
        "environment",
        (
            "environ", "getenv", "putenv", "expandvars", "env_var", "envvar", "decouple", "dotenv", "Env(", "read_env",
            "starlette.config",
            *(f"({quote}{letter}" for quote in ('"', "'") for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        ),
        refine=_environment_in,
    ),
    # Read from the standard `ast`, see readers/python/setup_script.py.
    Subject("setup", ("install_requires", "extras_require", "pbr=True", "setuptools", "distutils.core")),
    Subject(
        "relative-import", ("from .", "from.", "from\t", "from  ", "from \\", "from\\"), refine=_relative_in
    ),
    Subject(
        "mock", ("Async", "Magic", "Mock", "Mok", "mock", "sentin"), "infralint.readers.python.mocks", _mocks_in
    ),
    Subject(
        "patch",
        (
            "patch(", "patch.multiple(", "patch.dict(", "patch.object(", ".spy(", "MonkeyPatch", "monkeypatch.context(",
            "monkeypatch.delattr(", "monkeypatch.setattr(",
        ),
    ),
    Subject("import-call", ("import_module(", "__import__(")),
    Subject("search-path", ("sys.path", "addsitedir", "from sys import")),
    Subject("fixture", ("@pytest.fixture", "@fixture", "@pytest_asyncio.fixture")),
    Subject("mock-attribute", ("Mock", "mock"), refine=_slips_on_mocks_in),
    Subject(
        "commands",
        (
            "GCLOUD", "Popen", "check_call", "check_output", "create_subprocess", "gcloud", "os.popen", "os.system",
            "run([", "run(cmd", "shell=True", "shlex", "subprocess",
        ),
        "infralint.readers.python.commands",
    ),
)  # fmt: skip


@lru_cache(maxsize=1)
def scanner() -> Scanner:
    """The scanner of all subjects' triggers, and of the words that what is read from texts alone asks for."""
    triggers = {subject.name: subject.triggers for subject in SUBJECTS}
    return Scanner(triggers, attribute_sets.WORDS | imports_seen.WORDS | unbound.WORDS)
