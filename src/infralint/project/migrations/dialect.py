"""Which server an environment migrates: PostgreSQL, unless its settings, folders or revisions say another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from infralint.facts.files import FileFacts
from infralint.project.migrations.answers import POSTGRESQL
from infralint.project.migrations.locations import ScriptFolder

# Schemes of addresses and names of folders -> SQLAlchemy's names of dialects.
_NAMES = {
    "postgresql": POSTGRESQL, "postgres": POSTGRESQL, "cockroachdb": POSTGRESQL, "mysql": "mysql", "mariadb": "mysql",
    "mssql": "mssql", "oracle": "oracle", "snowflake": "snowflake", "bigquery": "bigquery", "sqlite": "sqlite",
}  # fmt: skip


def dialect_of(script: ScriptFolder, paths: Iterable[str]) -> str:
    """SQLAlchemy's name of the dialect.

    SQLite in alembic.ini counts for nothing: it is what projects for several servers write there.
    """
    paths = list(paths)
    written = _NAMES.get(script.dialect, "")
    if written not in ("", "sqlite"):
        return written
    for part in reversed(paths[0].split("/")[:-1] if paths else []):
        if part in _NAMES:
            return _NAMES[part]
    return POSTGRESQL


def is_certainly_postgresql(script: ScriptFolder, paths: Iterable[str], files: Mapping[str, FileFacts]) -> bool:
    """Whether nothing speaks for another server: revisions that import the types of others alone, or SQLite in the
    settings of revisions that import none of PostgreSQL's."""
    imported = {name for path in paths for name in _imported(files[path])}
    return POSTGRESQL in imported or not (imported or script.dialect == "sqlite")


def _imported(facts: FileFacts) -> Iterable[str]:
    """The dialects of SQLAlchemy that a module imports."""
    for statement in facts.python.imports if facts.python is not None else ():
        module = statement.module.split(".")
        if module[:2] != ["sqlalchemy", "dialects"]:
            continue
        names = module[2:3] or [each.name for each in statement.names or ()]
        yield from (name for name in names if name in _NAMES.values())
