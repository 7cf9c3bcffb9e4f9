"""The model shapes under tests/shapes: small programs on SQLAlchemy, and what is refused of them.

A file holds sections: `## title`, options, then the modules as fenced blocks in the order of their import, each below
its path in backquotes (`m.py` where none stands). A title that begins with "refused: " is one like all others. Options:

- `since: 2.0`, `until: 1.4`: the SQLAlchemy that knows the shape; MODERN means 2.0.
- `with: flask_sqlalchemy`: the package that it is about, for a section, or for a file above its first section.
- `refused: RULE TOKEN`: SQLAlchemy refuses the shape, and the rule says so before, at exactly this source text.

CLASSIC and MODERN, alone on a line, stand for the imports of their style, USERS and MUSERS for a base and one table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent / "shapes"

_CLASSIC = """\
import sqlalchemy as sa
import sqlalchemy.orm as so
from sqlalchemy import (
    Boolean, CheckConstraint, Column, Date, DateTime, Enum, Float, ForeignKey, ForeignKeyConstraint, Index, Integer,
    MetaData, Numeric, PrimaryKeyConstraint, String, Table, Text, UniqueConstraint, func, text,
)
from sqlalchemy.orm import (
    backref, column_property, composite, declarative_base, declared_attr, deferred, registry, relationship, synonym,
)
"""
_MODERN = f"""\
from typing import Dict, List, Optional
{_CLASSIC}\
from sqlalchemy.orm import DeclarativeBase, DynamicMapped, Mapped, MappedAsDataclass, WriteOnlyMapped, mapped_column
"""
_USERS = f"""\
{_CLASSIC}\
Base = declarative_base()
class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    name = Column(String(40))
"""
_MODERN_USERS = """\
class Base(DeclarativeBase):
    pass
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
"""
_MACROS = {"CLASSIC": _CLASSIC, "MODERN": _MODERN, "USERS": _USERS, "MUSERS": _MODERN_USERS}
_PATH = re.compile(r"`([^`]+)`")
_OPTION = re.compile(r"(since|until|with|refused): (.+)")


@dataclass
class Shape:
    """A section. `refused`: pairs of a rule and the token that it reports."""

    name: str
    since: str = "1.4"
    until: str = ""
    package: str = ""
    refused: list[tuple[str, str]] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)

    def runs_on(self, version: str) -> bool:
        """Whether SQLAlchemy 1.4 or 2.0 knows the shape."""
        return self.since <= version and (not self.until or version <= self.until)


def all_shapes() -> list[Shape]:
    """Every shape of every file, in order."""
    return [shape for path in sorted(FOLDER.glob("*.md")) for shape in _shapes_of(path)]


def _shapes_of(path: Path) -> list[Shape]:
    head, *sections = re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    package = next((match[2] for match in map(_OPTION.fullmatch, head.splitlines()) if match), "")
    return [_shape(path.stem, package, section) for section in sections]


def _shape(group: str, package: str, section: str) -> Shape:
    title, *lines = section.splitlines()
    shape = Shape(f"{group}/{title}", package=package)
    path = "m.py"
    block: list[str] | None = None
    for line in lines:
        if block is not None:
            if line == "```":
                _add(shape, path, block)
                path, block = "m.py", None
            else:
                block.append(line)
        elif line.startswith("```"):
            block = []
        elif match := _PATH.fullmatch(line):
            path = match[1]
        elif match := _OPTION.fullmatch(line):
            _set(shape, match[1], match[2])
    if package:
        shape.since = "2.0"
    return shape


def _add(shape: Shape, path: str, block: list[str]) -> None:
    if "MODERN" in block:
        shape.since = "2.0"
    shape.files[path] = "".join(_MACROS.get(line, f"{line}\n") for line in block)


def _set(shape: Shape, option: str, value: str) -> None:
    if option == "refused":
        rule, _, token = value.partition(" ")
        shape.refused.append((rule, token))
    elif option == "with":
        shape.package = value
    elif option == "since":
        shape.since = value
    else:
        shape.until = value
