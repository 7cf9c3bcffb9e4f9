"""orm-unresolved-relationship: a relationship to a class that no mapper of its registry defines."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.likeness import nearest
from infralint.project.lookup import Absent
from infralint.project.orm import Relation
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """Relationships whose target is absent from the registry of the class that they stand on."""
    for relation in project.orm.relations:
        if isinstance(project.orm.find_class(relation.owner.registry, relation.target), Absent):
            yield _diagnostic(project, relation)


def _diagnostic(project: Project, relation: Relation) -> Diagnostic:
    target, registry = relation.target, relation.owner.registry
    base = project.orm.base_of(registry)
    base_name = base.name if base else "SQLModel"
    elsewhere = [
        mapped
        for mapped in project.orm.mapped_elsewhere(registry, target)
        if project.applications.same(relation.path, mapped.path)
    ]
    related = [Place(base.path, base.span, f"`{relation.owner.name}` is mapped on this base")] if base else []
    for other in elsewhere:
        related.append(Place(other.path, other.span, f"`{other.name}` is mapped here, on another base"))
        other_base = project.orm.base_of(other.registry)
        if other_base:
            related.append(Place(other_base.path, other_base.span, f"the base of that `{other.name}`"))
    if elsewhere:
        owner = relation.owner.name
        message = (
            f"`{owner}.{relation.facts.attribute}` names `{target}`, which is mapped on another base than `{owner}`"
        )
        help_text = (
            "map both classes on the same base: names in relationship() are looked up in the registry of one base"
        )
    else:
        message = f"no class `{target}` is mapped on `{base_name}`"
        help_text = _suggestion(project, relation)
    return Diagnostic(relation.path, relation.facts.span, message, tuple(related), help_text)


def _suggestion(project: Project, relation: Relation) -> str:
    name = relation.target.rpartition(".")[2]
    if project.orm.mapped_of_name(relation.owner.registry, relation.target):
        return f"`{name}` is mapped in another module: name that one, or the class alone"
    guess = nearest(name, project.orm.names_on(relation.owner.registry))
    if guess:
        return f"did you mean `{guess}`?"
    return f"map a class `{name}` on this base, or remove the relationship"
