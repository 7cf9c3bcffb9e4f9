"""orm-unresolved-relationship: a relationship to a class that no mapper of its registry defines."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Applicability, Diagnostic, Place, Rename, TitledFix
from infralint.likeness import nearest
from infralint.project.lookup import Absent
from infralint.project.models.mapping import Base, Registry
from infralint.project.models.meant import meant_class
from infralint.project.models.relationship_calls import Word
from infralint.project.models.relationships import Relation
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """Relationships whose class, or whose `secondary` table, is absent where its name is looked up, each place once."""
    seen = set()
    for relation in project.models.relationships.all:
        if relation.inverse is not None:
            continue
        key = (relation.origin, id(relation.owner.registry))
        if isinstance(relation.target.lookup, Absent) and key not in seen:
            seen.add(key)
            yield _diagnostic(project, relation)
        word = relation.secondary_word
        if word is not None and isinstance(relation.secondary, Absent) and (word.origin, key[1]) not in seen:
            seen.add((word.origin, key[1]))
            yield _secondary(relation, word)


def _diagnostic(project: Project, relation: Relation) -> Diagnostic:
    target, owner = relation.target.name, relation.owner
    base = _base_of(project, owner.registry)
    elsewhere = [
        mapped
        for registry in project.models.registries
        if registry is not owner.registry
        for mapped in registry.classes.get(target.rpartition(".")[2], ())
        if project.applications.same(relation.origin.path, mapped.path)
    ]
    related = [_place(base, f"`{owner.name}` is mapped on this base")] if base else []
    for other in elsewhere:
        related.append(Place(other.path, other.origin.span, f"`{other.name}` is mapped here, on another base"))
        if (other_base := _base_of(project, other.registry)) is not None:
            related.append(_place(other_base, f"the base of that `{other.name}`"))
    if elsewhere:
        message = (
            f"`{owner.name}.{relation.attribute}` names `{target}`, which is mapped on another base than `{owner.name}`"
        )
        help_text = (
            "map both classes on the same base: names in relationship() are looked up in the registry of one base"
        )
    else:
        message = f"no class `{target}` is mapped on `{_name(base)}`"
        help_text = _suggestion(owner.registry, target)
    fixes = () if elsewhere else _fixes(project, relation)
    return Diagnostic(relation.origin.path, relation.origin.span, message, tuple(related), help_text, fixes)


def _fixes(project: Project, relation: Relation) -> tuple[TitledFix, ...]:
    """The one class that may be meant."""
    meant = meant_class(project.models.relationships, relation)
    if meant is None:
        return ()
    origin, written = relation.origin, relation.target.name.rpartition(".")[2]
    grade = Applicability.SAFE if meant.is_proved else Applicability.UNSAFE
    return (TitledFix(f"write `{meant.name}`", (Rename(origin.path, origin.span, written, meant.name),), grade),)


def _base_of(project: Project, registry: Registry) -> Base | None:
    """A base of a registry, the first by place."""
    return next((base for base in project.models.bases if base.registry is registry), None)


def _place(base: Base, message: str) -> Place:
    return Place(base.origin.path, base.origin.span, message)


def _name(base: Base | None) -> str:
    return base.name.rpartition(":")[2] if base is not None else "SQLModel"


def _suggestion(registry: Registry, target: str) -> str:
    name = target.rpartition(".")[2]
    if name in registry.classes:
        return f"`{name}` is mapped in another module: name that one, or the class alone"
    guess = nearest(name, registry.classes)
    if guess:
        return f"did you mean `{guess}`?"
    return f"map a class `{name}` on this base, or remove the relationship"


def _secondary(relation: Relation, word: Word) -> Diagnostic:
    tables = [table.qualified for table in relation.owner.metadata.catalog.tables.values()]
    message = f"no table `{word.text}` is declared, which `{relation.owner.name}.{relation.attribute}` goes through"
    last = word.text.rpartition(".")[2]
    guess = next((name for name in tables if name.rpartition(".")[2] == last), None) or nearest(word.text, tables)
    help_text = f"did you mean `{guess}`?" if guess else f"declare the table `{word.text}` on the same MetaData"
    return Diagnostic(word.origin.path, word.origin.span, message, (), help_text)
