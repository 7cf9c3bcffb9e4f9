"""What a relationship that names nothing was meant to name, and what proves it."""

from __future__ import annotations

from dataclasses import dataclass

from infralint.likeness import only_near
from infralint.project.catalog import Table
from infralint.project.lookup import Known
from infralint.project.models.mapping import MappedClass
from infralint.project.models.relationships import Relation, Relationships


@dataclass(frozen=True, slots=True)
class Meant:
    """A name. `is_proved`: something else than its likeness says that it is the one."""

    name: str
    is_proved: bool


def meant_class(relations: Relationships, relation: Relation) -> Meant | None:
    """The one class of the registry whose name is like that of the target.

    It is proved by its own relationship to this class, or by a foreign key between the tables of both.
    """
    classes = relation.owner.registry.classes
    name = only_near(relation.target.name.rpartition(".")[2], classes)
    if name is None or len(classes[name]) != 1:
        return None
    other = classes[name][0]
    return Meant(name, _answers(relations, relation, other) or _are_joined(relation, other))


def meant_end(relations: Relationships, relation: Relation, target: MappedClass, written: str) -> Meant | None:
    """The relationship of the target class that is the other end.

    It is proved where it is the only one that says so itself; else the only one of a like name may be meant.
    """
    there = [each for each in relations.of(target).values() if each.target_class in relation.owner.lineage]
    saying = [
        each.attribute for each in there if each.back_populates and each.back_populates.text == relation.attribute
    ]
    if len(saying) == 1:
        return Meant(saying[0], True)
    name = only_near(written, (each.attribute for each in there))
    return Meant(name, False) if name else None


def _answers(relations: Relationships, relation: Relation, other: MappedClass) -> bool:
    """Whether a relationship of the other class and this one name each other."""
    return any(
        each.target_class in relation.owner.lineage and _is_pair(relation, each)
        for each in relations.of(other).values()
    )


def _is_pair(relation: Relation, other: Relation) -> bool:
    names = [(relation.other_name, other.attribute), (other.other_name, relation.attribute)]
    given = [(word.text, attribute) for word, attribute in names if word is not None]
    return bool(given) and all(text == attribute for text, attribute in given)


def _are_joined(relation: Relation, other: MappedClass) -> bool:
    """Whether a foreign key leads from one table to the other, directly or through the table between them."""
    tables = relation.owner.table, other.table
    if tables[0] is None or tables[1] is None or tables[0] is tables[1]:
        return False
    if isinstance(relation.secondary, Known):
        return all(_refers(relation.secondary.value, table) for table in tables if table is not None)
    return relation.secondary is None and (_refers(tables[0], tables[1]) or _refers(tables[1], tables[0]))


def _refers(table: Table, target: Table) -> bool:
    return any((key.target_schema, key.target) == (target.schema, target.name) for key in table.foreign_keys)
