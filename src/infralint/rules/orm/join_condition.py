"""orm-join-condition: two mapped classes that SQLAlchemy must join, by no foreign key or by several."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.models.joins import Join, Link, inheritance_join, may_say
from infralint.project.models.mapping import MappedClass
from infralint.project.models.relationships import Relation
from infralint.project.places import is_test
from infralint.project.project import Project

# With one of these the relationship says itself how it joins, or joins through a third table.
_SAID = frozenset({"primaryjoin", "secondaryjoin", "secondary", "foreign_keys", "local_remote_pairs", "link_model"})


def check(project: Project) -> Iterator[Diagnostic]:
    """Relationships and joined children whose join cannot be determined, each place once."""
    seen = set()
    for found in (*_relationships(project), *_children(project)):
        if (found.path, found.span) not in seen and not is_test(found.path):
            seen.add((found.path, found.span))
            yield found


def _relationships(project: Project) -> Iterator[Diagnostic]:
    possible = project.models.possible
    for relation in project.models.relationships.all:
        target = relation.target_class
        if target is None or relation.open or relation.inverse is not None or relation.given & _SAID:
            continue
        join = relation.join(target, possible)
        if not join.open and not join.links:
            yield _unlinked(relation, target)
        elif join.is_ambiguous:
            yield _ambiguous(relation, target, join)


def _unlinked(relation: Relation, target: MappedClass) -> Diagnostic:
    message = (
        f"no foreign key joins {_table(relation.owner)} and {_table(target)}, "
        f"which `{relation.owner.name}.{relation.attribute}` needs"
    )
    help_text = "add a ForeignKey between the two tables, or say how they join with `primaryjoin`"
    return Diagnostic(relation.origin.path, relation.origin.span, message, _tables(relation.owner, target), help_text)


def _ambiguous(relation: Relation, target: MappedClass, join: Join) -> Diagnostic:
    message = (
        f"several foreign keys join {_table(relation.owner)} and {_table(target)}, "
        f"and `{relation.owner.name}.{relation.attribute}` names none of them"
    )
    help_text = "name the column that it goes by: `foreign_keys=...`"
    return Diagnostic(relation.origin.path, relation.origin.span, message, _keys(join.links), help_text)


def _children(project: Project) -> Iterator[Diagnostic]:
    for mapped in project.models.classes:
        parent = mapped.inherits
        if parent is None or mapped.kind != "joined" or mapped.abstract or may_say(mapped, "inherit_condition"):
            continue
        join = inheritance_join(mapped, project.models.possible)
        if not join.open and (not join.links or join.is_ambiguous):
            yield _child(mapped, parent, join)


def _child(mapped: MappedClass, parent: MappedClass, join: Join) -> Diagnostic:
    if join.links:
        message = f"several foreign keys join {_table(mapped)} and {_table(parent)}, which `{mapped.name}` extends"
        related, help_text = _keys(join.links), "name the one by `inherit_condition` in `__mapper_args__`"
    else:
        message = f"no foreign key joins {_table(mapped)} and {_table(parent)}, which `{mapped.name}` extends"
        related = _tables(parent)
        help_text = f"let the primary key of {_table(mapped)} refer to that of {_table(parent)}"
    return Diagnostic(mapped.origin.path, mapped.origin.span, message, related, help_text)


def _table(mapped: MappedClass) -> str:
    return f"`{mapped.table.qualified}`" if mapped.table else f"`{mapped.name}`"


def _tables(*classes: MappedClass) -> tuple[Place, ...]:
    origins = {mapped.table.origin: mapped.table for mapped in classes if mapped.table}
    return tuple(Place(o.path, o.span, f"`{table.qualified}` is declared here") for o, table in origins.items())


def _keys(links: tuple[Link, ...]) -> tuple[Place, ...]:
    origins = [link.key.written[0] if link.key.written else link.key.origin for link in links]
    return tuple(Place(origin.path, origin.span, "this is one of them") for origin in dict.fromkeys(origins))
