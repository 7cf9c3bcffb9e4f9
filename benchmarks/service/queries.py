"""Raw SQL over the planned tables: in strings of Python, and in files of its own."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from service.modules import Writer
from service.tables import Column, Table
from service.words import sentence


def query_module(random: Random, tables: Sequence[Table], lines: int) -> tuple[str, tuple[str, ...]]:
    """A module that talks to the database in SQL, and what it defines; helpers fill it up to `lines`."""
    writer = Writer(random)
    for _ in range(random.randrange(3, 9)):
        shape = random.choice((_select, _select, _joined, _insert, _update, _counted, _driver))
        writer.add(shape(writer, random.choice(tables)))
    writer.fill(lines)
    return writer.text(sentence(random)), writer.functions()


def _some(random: Random, table: Table) -> list[Column]:
    return random.sample(table.columns, min(len(table.columns), random.randrange(2, 7)))


def _names(columns: Sequence[Column], prefix: str = "") -> str:
    return ", ".join(prefix + column.name for column in columns)


def _session(writer: Writer) -> None:
    writer.need("from sqlalchemy import text", "from sqlalchemy.orm import Session", "from typing import Any")


def _select(writer: Writer, table: Table) -> str:
    _session(writer)
    columns = _some(writer.random, table)
    return f'''def {writer.names.function()}(session: Session, low: int, high: int) -> list[Any]:
    """{sentence(writer.random)}"""
    statement = text(
        """
        SELECT id, {_names(columns)}
        FROM {table.name}
        WHERE id BETWEEN :low AND :high
        ORDER BY {columns[0].name} DESC, id
        """
    )
    return list(session.execute(statement, {{"low": low, "high": high}}).mappings())
'''


def _joined(writer: Writer, table: Table) -> str:
    parent = table.parent
    if parent is None:
        return _counted(writer, table)
    _session(writer)
    own, other = _some(writer.random, table), writer.random.choice(parent.columns)
    return f'''def {writer.names.function()}(session: Session, key: int) -> list[Any]:
    """{sentence(writer.random)}"""
    rows = session.execute(
        text(
            """
            SELECT child.id, {_names(own, "child.")}, parent.{other.name} AS parent_value
            FROM {table.name} AS child
            JOIN {parent.name} AS parent ON parent.id = child.{table.key}
            WHERE child.{table.key} = :key
            """
        ),
        {{"key": key}},
    )
    return [dict(row) for row in rows.mappings()]
'''


def _counted(writer: Writer, table: Table) -> str:
    _session(writer)
    column = writer.random.choice(table.columns)
    least = writer.random.randrange(2, 50)
    return f'''def {writer.names.function()}(session: Session, least: int = {least}) -> dict[Any, int]:
    """{sentence(writer.random)}"""
    rows = session.execute(
        text(
            "SELECT {column.name}, count(*) AS amount FROM {table.name} "
            "GROUP BY {column.name} HAVING count(*) >= :least"
        ),
        {{"least": least}},
    )
    return {{row.{column.name}: row.amount for row in rows}}
'''


def _insert(writer: Writer, table: Table) -> str:
    _session(writer)
    columns = [column for column in table.columns if not column.nullable] or list(table.columns[:1])
    names = [*([table.key] if table.key else []), *(column.name for column in columns)]
    values = "".join(f'            "{name}": values["{name}"],\n' for name in names)
    return f'''def {writer.names.function()}(session: Session, values: dict[str, Any]) -> None:
    """{sentence(writer.random)}"""
    session.execute(
        text(
            "INSERT INTO {table.name} ({", ".join(names)}) "
            "VALUES ({", ".join(":" + name for name in names)})"
        ),
        {{
{values}        }},
    )
'''


def _update(writer: Writer, table: Table) -> str:
    _session(writer)
    columns = _some(writer.random, table)
    changes = ", ".join(f"{column.name} = {column.literal}" for column in columns)
    return f'''def {writer.names.function()}(session: Session, identifiers: list[int]) -> int:
    """{sentence(writer.random)}"""
    changed = 0
    for identifier in identifiers:
        result = session.execute(
            text("UPDATE {table.name} SET {changes} WHERE id = :id"),
            {{"id": identifier}},
        )
        changed += result.rowcount
    return changed
'''


def _driver(writer: Writer, table: Table) -> str:
    writer.need("import psycopg", "from typing import Any")
    columns = _some(writer.random, table)
    return f'''def {writer.names.function()}(url: str, first: int, most: int) -> list[tuple[Any, ...]]:
    """{sentence(writer.random)}"""
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, {_names(columns)} FROM {table.name} WHERE id >= %s ORDER BY id LIMIT %s",
            (first, most),
        )
        return cursor.fetchall()
'''


def sql_file(random: Random, tables: Sequence[Table]) -> str:
    """A file of reports."""
    parts = []
    for table in random.sample(tables, min(len(tables), random.randrange(2, 6))):
        columns = _some(random, table)
        parts.append(
            f"-- {sentence(random)}\nSELECT {columns[-1].name}, count(*) AS amount, max(id) AS newest\n"
            f"FROM {table.name}\nWHERE {columns[0].name} IS NOT NULL\n"
            f"GROUP BY {columns[-1].name}\nORDER BY amount DESC;\n"
        )
        if table.parent:
            parts.append(
                f"SELECT child.id, parent.{table.parent.columns[0].name} AS parent_value\nFROM {table.name} AS child\n"
                f"JOIN {table.parent.name} AS parent ON parent.id = child.{table.key}\nWHERE child.id > 100;\n"
            )
    return "\n".join(parts)
