"""How a server folds a name that stands without quotes."""

from __future__ import annotations

from infralint.project.replay.names import truncated


def folded(name: str, quoted: bool, dialect: str = "postgres") -> str:
    """The name as the server keeps it: PostgreSQL folds to lower case, SQLite and MySQL keep what is written."""
    if dialect != "postgres":
        return name
    return truncated(name if quoted else name.lower())
