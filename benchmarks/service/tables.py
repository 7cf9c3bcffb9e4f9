"""Tables: the plan that models, migrations and SQL are all written from, so that they agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from service.words import NOUNS, pascal, plural

# By the ending of a column's name: what Python holds, the type of SQLAlchemy, and a literal of SQL.
_TYPES = {
    "name": ("str", "String(120)", "'unknown'"),
    "code": ("str", "String(16)", "'A1'"),
    "note": ("str", "Text()", "'none'"),
    "count": ("int", "Integer()", "7"),
    "cents": ("int", "BigInteger()", "1200"),
    "at": ("datetime", "DateTime(timezone=True)", "now()"),
    "on": ("date", "Date()", "current_date"),
    "rate": ("Decimal", "Numeric(12, 4)", "0.25"),
    "flag": ("bool", "Boolean()", "true"),
}
_STEMS = (
    "opened", "closed", "billed", "shipped", "packed", "weighed", "checked", "signed", "printed", "settled", "moved",
    "refused", "counted", "planned", "quoted", "sorted", "insured", "stored", "labelled", "routed",
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column that is neither a key nor a reference. `later`: a second migration adds it."""

    name: str
    nullable: bool
    later: bool = False

    @property
    def python(self) -> str:
        """The type that an attribute is annotated with."""
        return _TYPES[self._kind][0] + (" | None" if self.nullable else "")

    @property
    def type(self) -> str:
        """The type of SQLAlchemy, as it is called."""
        return _TYPES[self._kind][1]

    @property
    def literal(self) -> str:
        """A value in SQL."""
        return _TYPES[self._kind][2]

    @property
    def _kind(self) -> str:
        return self.name.rpartition("_")[2]


@dataclass(frozen=True)
class Table:
    """A table with its model. `parent`: what its foreign key refers to."""

    service: str
    noun: str
    columns: tuple[Column, ...]
    parent: Table | None = None

    @property
    def name(self) -> str:
        """The table's name."""
        return f"{self.service}_{plural(self.noun)}"

    @property
    def model(self) -> str:
        """The class's name."""
        return pascal(f"{self.service}_{self.noun}")

    @property
    def module(self) -> str:
        """The module of the class."""
        return f"{self.service}.models.{self.noun}"

    @property
    def key(self) -> str:
        """The column that refers to the parent, "" where there is none."""
        return f"{self.parent.noun}_id" if self.parent else ""

    def names(self) -> list[str]:
        """All columns of the table."""
        return ["id", *([self.key] if self.key else []), *(column.name for column in self.columns)]


def plan_tables(random: Random, service: str, count: int) -> list[Table]:
    """The tables of one service, parents before their children."""
    tables: list[Table] = []
    nouns = list(NOUNS)
    random.shuffle(nouns)
    nouns += [f"{first}_{second}" for first in NOUNS for second in ("line", "event", "draft")]
    for noun in nouns[:count]:
        parent = random.choice(tables) if tables and random.random() < 0.75 else None
        tables.append(Table(service, noun, _columns(random), parent))
    return tables


def _columns(random: Random) -> tuple[Column, ...]:
    names = [f"{stem}_{kind}" for stem in _STEMS for kind in _TYPES]
    chosen = random.sample(names, random.randrange(6, 22))
    columns = [Column(name, random.random() < 0.4) for name in chosen]
    if random.random() < 0.3:
        columns[-1] = Column(columns[-1].name, nullable=True, later=True)
    return tuple(columns)


def children_of(table: Table, tables: Sequence[Table]) -> list[Table]:
    """The tables that refer to one."""
    return [other for other in tables if other.parent is table]
