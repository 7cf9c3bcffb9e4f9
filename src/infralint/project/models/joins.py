"""How SQLAlchemy joins two mapped classes when nobody says how: by the foreign keys between their tables.

Sources: SQLAlchemy 1.3 to 2.1, `sql/selectable.py` (Join._join_condition, _joincond_scan_left_right,
_joincond_trim_constraints), `orm/relationships.py` (JoinCondition._determine_joins, _determine_direction),
`orm/mapper.py` (Mapper._configure_inheritance).
"""

from __future__ import annotations

from dataclasses import dataclass

from infralint.project.catalog import ForeignKey, Table
from infralint.project.interpret import DictValue
from infralint.project.lookup import Absent, Known
from infralint.project.models.foreign_keys import target_column, target_table
from infralint.project.models.mapping import MappedClass, MetaData
from infralint.project.models.possible import Possible


@dataclass(frozen=True, slots=True)
class Link:
    """A foreign key that joins two tables: from `table` to `target`."""

    table: Table
    target: Table
    key: ForeignKey


@dataclass(frozen=True, slots=True)
class Join:
    """The foreign keys by which two classes may be joined. `open`: why that cannot be told, "" where it can."""

    links: tuple[Link, ...] = ()
    open: str = ""

    @property
    def is_ambiguous(self) -> bool:
        """Whether there are several ways that differ."""
        return len({_pairs(link) for link in self.links}) > 1


@dataclass(frozen=True, slots=True)
class Side:
    """A class as a join sees it: its own table, and all tables of its row (a joined child has its parents' too)."""

    local: Table
    tables: tuple[Table, ...]
    metadata: MetaData


def side_of(mapped: MappedClass) -> Side | str:
    """A class as one side of a join; the reason, where its tables cannot be told."""
    tables: list[Table] = []
    for each in mapped.lineage:
        if each.open:
            return each.open[0].reason
        if each.table is None:
            return f"the table of `{each.name}` cannot be told"
        if each.table.kind != "table":
            return f"`{each.name}` is mapped to no plain table"
        if not any(each.table is table for table in tables):
            tables.append(each.table)
        if each.kind == "concrete" or each.inherits is None:
            break
    return Side(tables[0], tuple(tables), mapped.metadata)


def join_of(parent: MappedClass, child: MappedClass, possible: Possible) -> Join:
    """The foreign keys between a relationship's own class and its target. `possible` as `target_table` takes it."""
    left, right = side_of(parent), side_of(child)
    if isinstance(left, str) or isinstance(right, str):
        return Join(open=left if isinstance(left, str) else str(right))
    return scan(left, right, possible)


def inheritance_join(mapped: MappedClass, possible: Possible) -> Join:
    """The foreign keys between the table of a joined child and its parent's own table."""
    parent = mapped.inherits
    own = side_of(mapped)
    if parent is None or isinstance(own, str):
        return Join(open=str(own) if isinstance(own, str) else "it has no parent")
    above = side_of(parent)
    if isinstance(above, str):
        return Join(open=above)
    if own.metadata is above.metadata and (own.local.schema, own.local.name) == (above.local.schema, above.local.name):
        return Join(open="both are mapped to one table, which the child extends")
    parents, child = Side(above.local, (above.local,), above.metadata), Side(own.local, (own.local,), own.metadata)
    return scan(parents, child, possible)


def scan(left: Side, right: Side, possible: Possible) -> Join:
    """Foreign keys between two sides: those of the left class's own table come first, and are then all that count."""
    for tables in ((left.local,), left.tables):
        found = _between(left, tables, right)
        if found.open or found.links:
            return found
    # A key that leads nowhere may be the one that was to join them: whoever repairs it has one mistake, not two.
    lost = any(_is_lost(side, key, possible) for side in (left, right) for t in side.tables for key in t.foreign_keys)
    return Join(open="a foreign key names a table that is not there" if lost else "")


def _is_lost(side: Side, key: ForeignKey, possible: Possible) -> bool:
    return isinstance(target_table(side.metadata, key, possible), Absent)


def may_say(mapped: MappedClass, name: str) -> bool:
    """Whether the arguments of a class's mapper hold one of this name, or may hold it."""
    given = mapped.mapper_args
    if given is None:
        return False
    return not isinstance(given, DictValue) or given.open is not None or given.get(name) is not None


def _between(left: Side, tables: tuple[Table, ...], right: Side) -> Join:
    links: list[Link] = []
    # A class that is joined with itself has its foreign keys scanned once.
    directions = [(right.tables, tables)]
    if [id(table) for table in tables] != [id(table) for table in right.tables]:
        directions.append((tables, right.tables))
    together = left.metadata is right.metadata
    for sources, targets in directions:
        for table in sources:
            found = _from(table, targets, together)
            if isinstance(found, str):
                return Join(open=found)
            links += found
    return Join(tuple(links))


def _from(table: Table, targets: tuple[Table, ...], together: bool) -> list[Link] | str:
    """The foreign keys of one table into some tables; a reason where one cannot be told.

    `together`: all of them are of one MetaData, so that names find them.
    """
    links = []
    if table.open or table.constraints_open:
        return (table.open or table.constraints_open)[0].reason
    for key in table.foreign_keys:
        if key.open:
            return key.open
        named = (key.target_schema, key.target) if together or key.by_object else None
        target = next((each for each in targets if (each.schema, each.name) == named), None)
        if target is None:
            continue
        for name in key.target_columns:
            if not isinstance(target_column(target, name), Known):
                return "a foreign key names a column that is not there"
        links.append(Link(table, target, key))
    return links


def _pairs(link: Link) -> frozenset[tuple[str, str, str, str]]:
    """What a link compares: constraints that compare the same columns are no two ways."""
    columns = zip(link.key.columns, link.key.target_columns, strict=False)
    return frozenset((link.table.qualified, own, link.target.qualified, other) for own, other in columns)
