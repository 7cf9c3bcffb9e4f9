"""The modules of models and the Alembic history that leads to them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random

from service.modules import Writer, import_lines
from service.tables import Column, Table, children_of
from service.words import plural, sentence

BASE = '''"""The declarative base that all models share."""

from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """The base of every mapped class of all services."""
'''

ENVIRONMENT = '''"""Alembic's environment: every service's models are imported, so that their tables are known."""

import os
from logging.config import fileConfig

{imports}
from alembic import context
from core.base import Base
from sqlalchemy import create_engine, pool

if context.config.config_file_name is not None:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)

target_metadata = Base.metadata


def run_migrations() -> None:
    """Upgrade the database that DATABASE_URL names."""
    engine = create_engine(os.environ["DATABASE_URL"], poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=target_metadata, compare_type=True)
        with context.begin_transaction():
            context.run_migrations()


run_migrations()
'''


def model_module(random: Random, table: Table, tables: Sequence[Table], lines: int) -> tuple[str, tuple[str, ...]]:
    """The module of one mapped class, and what it defines; helpers of the ordinary kind fill it up to `lines`."""
    children = children_of(table, tables)
    writer = Writer(random, taken=(table.model,))
    writer.need("from __future__ import annotations", "from core.base import Base", *_needs(table, children))
    related = sorted({*children, *([table.parent] if table.parent else [])}, key=lambda other: other.model)
    if related:
        writer.need("from typing import TYPE_CHECKING")
        imports = "".join(f"    from {other.module} import {other.model}\n" for other in related)
        writer.add(f"if TYPE_CHECKING:\n{imports}")
    writer.add(_class(random, table, children))
    writer.fill(lines)
    return writer.text(sentence(random)), writer.functions()


def _needs(table: Table, children: Sequence[Table]) -> list[str]:
    types = {column.type.partition("(")[0] for column in table.columns}
    needs = [f"from sqlalchemy import {name}" for name in types]
    needs += ["from sqlalchemy import ForeignKey"] * bool(table.parent)
    needs.append("from sqlalchemy.orm import Mapped, mapped_column")
    needs += ["from sqlalchemy.orm import relationship"] * bool(table.parent or children)
    held = {column.python.partition(" ")[0] for column in table.columns}
    needs += [f"from datetime import {name}" for name in ("date", "datetime") if name in held]
    return needs + ["from decimal import Decimal"] * ("Decimal" in held)


def _class(random: Random, table: Table, children: Sequence[Table]) -> str:
    lines = [f"class {table.model}(Base):", f'    """{sentence(random)}"""', ""]
    lines += [f'    __tablename__ = "{table.name}"', "", "    id: Mapped[int] = mapped_column(primary_key=True)"]
    if table.parent:
        lines.append(f'    {table.key}: Mapped[int] = mapped_column(ForeignKey("{table.parent.name}.id"), index=True)')
    lines += [f"    {column.name}: Mapped[{column.python}] = mapped_column({column.type})" for column in table.columns]
    if table.parent:
        parent, own = table.parent, plural(table.noun)
        lines.append(f'    {parent.noun}: Mapped[{parent.model}] = relationship(back_populates="{own}")')
    for child in children:
        own = plural(child.noun)
        lines.append(f'    {own}: Mapped[list[{child.model}]] = relationship(back_populates="{table.noun}")')
    shown = table.columns[0].name
    lines += ["", "    def __repr__(self) -> str:", f'        return f"{table.model}({{self.id}}, {{self.{shown}!r}})"']
    return "\n".join(lines) + "\n"


def registry_module(tables: Sequence[Table]) -> str:
    """`models/__init__.py`: whoever imports the package has all models of the service."""
    imports = import_lines(f"from {table.module} import {table.model}" for table in tables)
    listed = "".join(f'    "{table.model}",\n' for table in sorted(tables, key=lambda table: table.model))
    return f'"""All models of the service."""\n\n{imports}\n__all__ = [\n{listed}]\n'


def migrations(random: Random, tables: Sequence[Table], count: int) -> list[tuple[str, str]]:
    """The history: file names and texts of about `count` revisions, each with the one before it below it."""
    steps: list[tuple[list[Table], list[Table]]] = []
    size = max(1, round(len(tables) / max(1, count * 2 // 3)))
    waiting: list[Table] = []
    for start in range(0, len(tables), size):
        created = list(tables[start : start + size])
        steps.append((created, []))
        waiting += [table for table in created if any(column.later for column in table.columns)]
        if len(waiting) >= max(1, size // 2):
            steps.append(([], waiting))
            waiting = []
    if waiting:
        steps.append(([], waiting))
    texts, before = [], ""
    for number, (created, altered) in enumerate(steps, start=1):
        revision = f"{random.getrandbits(48):012x}"
        what = f"create_{created[0].name}" if created else f"more_of_{altered[0].name}"
        texts.append((f"{number:04d}_{revision}_{what[:40]}.py", _revision(revision, before, created, altered)))
        before = revision
    return texts


def _revision(revision: str, before: str, created: Sequence[Table], altered: Sequence[Table]) -> str:
    up = [*map(_create, created), *map(_add_later, altered)]
    down = [f'    op.drop_table("{table.name}")\n' for table in reversed(created)]
    down += [_drop_later(table) for table in reversed(altered)]
    names = ", ".join(table.name for table in (*created, *altered))
    return (
        f'"""Tables: {names}.\n\nRevision ID: {revision}\nRevises: {before or "none"}\n"""\n\n'
        "import sqlalchemy as sa\nfrom alembic import op\n\n"
        f'revision = "{revision}"\ndown_revision = {json.dumps(before) if before else None}\n'
        "branch_labels = None\ndepends_on = None\n\n\n"
        f"def upgrade() -> None:\n{''.join(up)}\n\ndef downgrade() -> None:\n{''.join(down)}"
    )


def _create(table: Table) -> str:
    lines = [f'        "{table.name}",', '        sa.Column("id", sa.Integer(), nullable=False),']
    if table.parent:
        lines.append(f'        sa.Column("{table.key}", sa.Integer(), nullable=False),')
    lines += [f"        {_column(column)}," for column in table.columns if not column.later]
    if table.parent:
        lines.append(f'        sa.ForeignKeyConstraint(["{table.key}"], ["{table.parent.name}.id"]),')
    lines.append('        sa.PrimaryKeyConstraint("id"),')
    text = "    op.create_table(\n" + "\n".join(lines) + "\n    )\n"
    if table.parent:
        text += f'    op.create_index(op.f("ix_{table.name}_{table.key}"), "{table.name}", ["{table.key}"])\n'
    return text


def _column(column: Column) -> str:
    return f'sa.Column("{column.name}", sa.{column.type}, nullable={column.nullable})'


def _add_later(table: Table) -> str:
    return "".join(
        f'    op.add_column("{table.name}", {_column(column)})\n' for column in table.columns if column.later
    )


def _drop_later(table: Table) -> str:
    return "".join(f'    op.drop_column("{table.name}", "{column.name}")\n' for column in table.columns if column.later)
