"""Whether the two ends of a relationship answer each other.

Source: SQLAlchemy 1.3 to 2.1, `orm/relationships.py` (RelationshipProperty._add_reverse_property, _generate_backref).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from infralint.findings import Place, Severity
from infralint.likeness import nearest
from infralint.project.catalog import Origin
from infralint.project.lookup import Known, Open
from infralint.project.models.mapping import MappedClass
from infralint.project.models.meant import Meant, meant_end
from infralint.project.models.relationship_calls import Word
from infralint.project.models.relationships import Relation
from infralint.project.models.view import OrmView

# With one of these, SQLAlchemy takes the direction of a relationship from more than the foreign keys.
_DIRECTED = frozenset(
    {"remote_side", "primaryjoin", "secondaryjoin", "secondary", "foreign_keys", "local_remote_pairs", "link_model"}
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an end, at the word that names the other one, and what that word was `meant` to be."""

    word: Word
    message: str
    related: tuple[Place, ...] = ()
    help: str | None = None
    severity: Severity | None = None
    meant: Meant | None = None


def faults(models: OrmView) -> Iterator[Fault]:
    """The faults of all relationships, in order."""
    for relation in models.relationships.all:
        if relation.back_populates is not None and relation.kind == "relationship" and not relation.open:
            found = _answer(models, relation, relation.back_populates)
            if found is not None:
                yield found
    for relation, taken in models.relationships.taken:
        if relation.backref is not None:
            yield _taken(relation, relation.backref, taken)
    for relation in models.relationships.all:
        if relation.inverse is not None and _goes_one_way(relation.inverse, relation):
            yield _same_direction(relation.inverse, relation, relation.inverse.backref or Word("", relation.origin))


def _answer(models: OrmView, relation: Relation, word: Word) -> Fault | None:
    target = relation.target_class
    if target is None:
        return None
    other = models.relationships.of(target).get(word.text)
    if other is not None:
        return _other(models, relation, word, other)
    found = models.attributes.property_of(target, word.text)
    if isinstance(found, Open):
        return None
    place = Place(target.path, target.origin.span, f"`{target.name}` is mapped here")
    if isinstance(found, Known):
        message = f"`{target.name}.{word.text}` is no relationship"
        return Fault(word, message, (Place(found.value.path, found.value.span, f"`{word.text}` is declared here"),))
    message = f"`{target.name}` has no relationship `{word.text}`"
    meant = meant_end(models.relationships, relation, target, word.text)
    return Fault(word, message, (place,), _suggestion(models, relation, target, word), meant=meant)


def _suggestion(models: OrmView, relation: Relation, target: MappedClass, word: Word) -> str:
    there = models.relationships.of(target)
    answering = [r.attribute for r in there.values() if r.target_class in relation.owner.lineage]
    near = nearest(word.text, answering) or nearest(word.text, there)
    if near:
        return f"did you mean `{near}`?"
    if len(answering) == 1:
        return f"`{target.name}.{answering[0]}` is the relationship to `{relation.owner.name}`"
    return f"add `{word.text}` to `{target.name}`, or leave `back_populates` out"


def _other(models: OrmView, relation: Relation, word: Word, other: Relation) -> Fault | None:
    """What is wrong with the relationship that stands at the other end."""
    back = other.target_class
    place = Place(other.origin.path, other.origin.span, f"`{other.owner.name}.{other.attribute}` is this one")
    if back is not None and back.lineage[-1] is not relation.owner.lineage[-1]:
        message = f"`{other.owner.name}.{other.attribute}` refers to `{back.name}`, not to `{relation.owner.name}`"
        return Fault(word, message, (place,))
    if _goes_one_way(relation, other) and _comes_first(relation, other):
        return _same_direction(relation, other, word)
    answer = other.other_name
    if answer is None or answer.text == relation.attribute or relation.viewonly or other.viewonly or other.open:
        return None
    answered = models.relationships.of(back).get(answer.text) if back is not None else None
    if answered is None or answered.viewonly or _names(answered, word.text):
        return None
    message = f"`{other.owner.name}.{other.attribute}` answers with `{answer.text}`, not with `{relation.attribute}`"
    place = Place(answer.origin.path, answer.origin.span, f"it names `{answer.text}` here")
    return Fault(word, message, (place,), severity=Severity.WARNING)


def _names(relation: Relation, name: str) -> bool:
    """Whether a relationship names this one as its other end: then the two are a pair, and a third joins them."""
    return relation.other_name is not None and relation.other_name.text == name


def _goes_one_way(relation: Relation, other: Relation) -> bool:
    """Whether both ends lie in one table and neither says which side is the remote one: both are one-to-many then."""
    if relation is other or relation.open or other.open or (relation.given | other.given) & _DIRECTED:
        return False
    tables = [each.table for each in (relation.owner, other.owner)]
    target = relation.target_class
    alone = all(each.inherits is None and not each.open for each in (relation.owner, other.owner))
    return alone and tables[0] is not None and tables[0] is tables[1] and target is other.owner


def _comes_first(relation: Relation, other: Relation) -> bool:
    return relation.origin <= other.origin


def _same_direction(relation: Relation, other: Relation, word: Word) -> Fault:
    owner = relation.owner.name
    message = f"`{owner}.{relation.attribute}` and `{owner}.{other.attribute}` both go from one to many"
    related = (Place(other.origin.path, other.origin.span, f"`{owner}.{other.attribute}` is this one"),)
    return Fault(word, message, related if other.inverse is None else (), "set `remote_side` on the many-to-one side")


def _taken(relation: Relation, word: Word, taken: Relation | Origin) -> Fault:
    target = relation.target_class
    name = target.name if target else relation.target.name
    origin = taken if isinstance(taken, Origin) else taken.origin
    related = (Place(origin.path, origin.span, f"`{word.text}` is declared here"),)
    return Fault(word, f"`{name}` has an attribute `{word.text}` already, so this backref cannot be made", related)
