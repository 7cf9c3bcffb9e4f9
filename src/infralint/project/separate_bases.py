"""Declarative bases that split one application's mapping in two."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from infralint.facts.orm import OrmFacts
from infralint.findings import Place
from infralint.project.lookup import Absent, Known
from infralint.project.modules import Symbol
from infralint.project.orm import MappedClass, Relation
from infralint.project.orm_bases import Base, RegistryKey
from infralint.project.places import is_example, is_test
from infralint.project.project import Project

# Plug-ins bring their own tables, and what loads them creates these.
_PLUGINS = re.compile(r"(?:^|/)(?:plugins?|extensions?|contrib|addons?)/")
# A base that is given one of these is separate on purpose.
_ON_PURPOSE = frozenset(
    {"metadata", "registry", "class_registry", "__bind_key__", "bind_key", "__table_args__", "**", "*"}
)
_OWN_TABLES_FORMS = frozenset({"automap_base"})


@dataclass(frozen=True, slots=True)
class Separation:
    """A base beside the one that its application shares. `needs` are the proofs that it breaks: none = a warning."""

    base: Base
    shared: Base
    needs: tuple[Place, ...]


class SeparateBases:
    """Finds the separations of a project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.orm = project.orm
        self.bases = tuple(base for base in self.orm.bases if self._counts(base))
        self._classes: dict[RegistryKey, list[MappedClass]] = {}
        for mapped in self.orm.classes:
            if not mapped.abstract and not is_test(mapped.path):
                self._classes.setdefault(mapped.registry, []).append(mapped)

    def find(self) -> Iterator[Separation]:
        """Every separation, once for each base that is beside a shared one."""
        proofs = self._proofs()
        for base in self.bases:
            if not self._is_on_purpose(base) and (separation := self._separation(base, proofs)):
                yield separation

    def _counts(self, base: Base) -> bool:
        module = self.project.files[base.path].python
        is_revision = module is not None and module.is_revision
        return not (is_test(base.path) or is_example(base.path) or is_revision or "<locals>" in base.name)

    def _is_on_purpose(self, base: Base) -> bool:
        if (base.path, base.name) in self._with_given_metadata:
            return True
        if base.facts.form in _OWN_TABLES_FORMS or _ON_PURPOSE & set(base.facts.arguments):
            return True
        names = {base.name, f"{self.project.modules.dotted_name(base.path)}:{base.name}"}
        return bool(names & set(self.project.settings.bases))

    def _separation(self, base: Base, proofs: dict[tuple[RegistryKey, RegistryKey], list[Place]]) -> Separation | None:
        others = [other for other in self.bases if self._is_beside(base, other)]
        for other in others:
            needs = proofs.get((base.registry, other.registry), []) + proofs.get((other.registry, base.registry), [])
            if needs and self._weight(base) < self._weight(other):
                return Separation(base, other, tuple(needs))
        for other in others:
            if self._keeps_to_itself(base) and self._is_shared(other, base):
                return Separation(base, other, ())
        return None

    def _is_beside(self, base: Base, other: Base) -> bool:
        return other.registry != base.registry and self.project.applications.same(base.path, other.path)

    def _weight(self, base: Base) -> tuple[int, int, str, int]:
        """How much hangs on a base: the lighter of two is the one to move."""
        classes = self._classes.get(base.registry, [])
        # With equal weights the base that comes first by path is taken for the shared one.
        modules = {mapped.path for mapped in classes} - {base.path}
        return (len(modules), len(classes), _descending(base.path), -base.span.start)

    def _keeps_to_itself(self, base: Base) -> bool:
        """A module that makes a base for its own models alone, on no engine of its own."""
        classes = self._classes.get(base.registry, [])
        orm = self.project.files[base.path].orm
        if not classes or any(c.path != base.path for c in classes) or (orm and orm.creates_engine):
            return False
        return not (self._is_looked_after(base) or all(map(_has_own_place, classes)))

    def _is_looked_after(self, base: Base) -> bool:
        """Whether something creates the base's tables or migrates them."""
        return (base.path, base.name) in self._with_used_metadata or bool(_PLUGINS.search(base.path))

    @cached_property
    def _with_used_metadata(self) -> set[tuple[str, str]]:
        """Bases whose MetaData is used outside of tests, by path and name."""
        return self._symbols(lambda orm: orm.metadata_uses)

    @cached_property
    def _with_given_metadata(self) -> set[tuple[str, str]]:
        """Bases that were given another MetaData after they were made."""
        return self._symbols(lambda orm: orm.metadata_given)

    def _symbols(self, names_in: Callable[[OrmFacts], tuple[str, ...]]) -> set[tuple[str, str]]:
        """What dotted names stand for, those of tests left out."""
        found = set()
        for path, facts in self.project.files.items():
            for written in names_in(facts.orm) if facts.orm and not is_test(path) else ():
                origin = self.project.modules.resolve(path, written)
                if isinstance(origin, Known) and isinstance(origin.value, Symbol):
                    found.add((origin.value.path, origin.value.name))
        return found

    def _is_shared(self, other: Base, base: Base) -> bool:
        """Whether the models of the base's own package, or of its application, share the other base."""
        return any(c.path not in (other.path, base.path) for c in self._classes.get(other.registry, ()))

    def _proofs(self) -> dict[tuple[RegistryKey, RegistryKey], list[Place]]:
        """What stands on one registry and needs what exists only on another."""
        found: dict[tuple[RegistryKey, RegistryKey], list[Place]] = {}
        for relation in self.orm.relations:
            if not is_test(relation.path):
                for other, place in self._needed_classes(relation):
                    found.setdefault((relation.owner.registry, other), []).append(place)
        for pair, place in self._needed_tables():
            found.setdefault(pair, []).append(place)
        return found

    def _needed_classes(self, relation: Relation) -> Iterator[tuple[RegistryKey, Place]]:
        registry, target = relation.owner.registry, relation.target
        if not isinstance(self.orm.find_class(registry, target), Absent):
            return
        for other in self.orm.mapped_elsewhere(registry, target):
            message = f"this needs `{target}`, which is mapped only on the other base"
            yield other.registry, Place(relation.path, relation.facts.span, message)

    def _needed_tables(self) -> Iterator[tuple[tuple[RegistryKey, RegistryKey], Place]]:
        owners: dict[str, set[RegistryKey | None]] = {}
        for table in self.project.model_tables:
            owners.setdefault(table.name, set()).add(table.registry)
        for mapped in self.orm.classes:
            if is_test(mapped.path) or self._is_given_metadata(mapped.registry):
                continue
            for column in mapped.facts.columns if mapped.facts else ():
                for key in column.foreign_keys:
                    table_name = _table_of(key.target.static if key.target else None)
                    there = owners.get(table_name, set())
                    if table_name and there and None not in there and mapped.registry not in there:
                        for other in sorted(filter(None, there)):
                            message = f"this needs the table `{table_name}`, which exists only on the other base"
                            yield (mapped.registry, other), Place(mapped.path, key.span, message)

    def _is_given_metadata(self, registry: RegistryKey) -> bool:
        base = self.orm.base_of(registry)
        if base is None or (base.path, base.name) in self._with_given_metadata:
            return True
        return bool(base.facts.metadata and not base.facts.metadata.endswith("()"))


def _has_own_place(mapped: MappedClass) -> bool:
    """Whether a class says which schema or which database it belongs to."""
    return bool(mapped.facts and mapped.facts.schema) or "__bind_key__" in mapped.definition.attributes


def _table_of(target: str | None) -> str:
    """The table of a foreign key's `table.column` or `schema.table.column`."""
    parts = (target or "").split(".")
    return parts[-2] if len(parts) > 1 else ""


def _descending(path: str) -> str:
    """A key that sorts paths backwards."""
    return "".join(chr(0x10FFFF - ord(character)) for character in path)
