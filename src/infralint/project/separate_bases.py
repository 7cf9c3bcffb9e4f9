"""Declarative bases that split one application's mapping in two."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from infralint.findings import Place
from infralint.project.interpret import Value
from infralint.project.lookup import Absent
from infralint.project.models.foreign_keys import references, target_table
from infralint.project.models.mapping import Base, MappedClass, MetaData, Registry
from infralint.project.models.relationships import Relation
from infralint.project.models.uses import MetadataUses
from infralint.project.places import is_example, is_test
from infralint.project.project import Project

# Plug-ins bring their own tables, and what loads them creates these.
_PLUGINS = re.compile(r"(?:^|/)(?:plugins?|extensions?|contrib|addons?)/")
# A base that is given one of these is separate on purpose.
_ON_PURPOSE = frozenset(
    {"metadata", "registry", "class_registry", "__bind_key__", "bind_key", "__table_args__", "**", "*"}
)
# Forms of bases whose classes and tables come from elsewhere.
_OWN_TABLES_FORMS = frozenset({"automap_base"})

# Registries by the id of the object.
_Pair = tuple[int, int]


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
        self.models = project.models
        self.bases = tuple(base for base in self.models.bases if self._counts(base))
        self._classes: dict[int, list[MappedClass]] = {}
        for mapped in self.models.classes:
            if not mapped.abstract and not is_test(mapped.path):
                self._classes.setdefault(id(mapped.registry), []).append(mapped)

    def find(self) -> Iterator[Separation]:
        """Every separation, once for each base that is beside a shared one."""
        if len({id(base.registry) for base in self.bases}) < 2:
            return
        proofs = self._proofs()
        for base in self.bases:
            if not self._is_on_purpose(base) and (separation := self._separation(base, proofs)):
                yield separation

    def _counts(self, base: Base) -> bool:
        path = base.origin.path
        return not (is_test(path) or is_example(path) or base.made_in_function or base.form == "registry")

    def _is_on_purpose(self, base: Base) -> bool:
        if id(base) in self._with_given_metadata:
            return True
        if base.form in _OWN_TABLES_FORMS or _ON_PURPOSE & set(base.arguments):
            return True
        return bool({base.short_name, base.name} & set(self.project.settings.bases))

    def _separation(self, base: Base, proofs: dict[_Pair, list[Place]]) -> Separation | None:
        others = [other for other in self.bases if self._is_beside(base, other)]
        for other in others:
            one, two = id(base.registry), id(other.registry)
            needs = proofs.get((one, two), []) + proofs.get((two, one), [])
            if needs and self._weight(base) < self._weight(other):
                return Separation(base, other, tuple(needs))
        for other in others:
            if self._keeps_to_itself(base) and self._is_shared(other, base):
                return Separation(base, other, ())
        return None

    def _is_beside(self, base: Base, other: Base) -> bool:
        same = self.project.applications.same(base.origin.path, other.origin.path)
        return other.registry is not base.registry and same

    def _weight(self, base: Base) -> tuple[int, int, str, int]:
        """How much hangs on a base: the lighter of two is the one to move."""
        classes = self._classes.get(id(base.registry), [])
        # With equal weights the base that comes first by path is taken for the shared one.
        modules = {mapped.path for mapped in classes} - {base.origin.path}
        return (len(modules), len(classes), _descending(base.origin.path), -base.origin.span.start)

    def _keeps_to_itself(self, base: Base) -> bool:
        """A module that makes a base for its own models alone, on no engine of its own."""
        classes, path = self._classes.get(id(base.registry), []), base.origin.path
        if not classes or any(mapped.path != path for mapped in classes) or self._uses.creates_engine(path):
            return False
        return not (self._is_looked_after(base) or all(map(_has_own_place, classes)))

    def _is_looked_after(self, base: Base) -> bool:
        """Whether something creates the base's tables or migrates them."""
        return id(base) in self._with_used_metadata or bool(_PLUGINS.search(base.origin.path))

    @cached_property
    def _uses(self) -> MetadataUses:
        files = self.project.files
        paths = [path for path, facts in files.items() if facts.program and not is_test(path)]
        return MetadataUses(self.project.interpreter, files, paths)

    @cached_property
    def _with_used_metadata(self) -> set[int]:
        """Bases whose MetaData is used outside of tests."""
        return self._bases_of(self._uses.used)

    @cached_property
    def _with_given_metadata(self) -> set[int]:
        """Bases that were given another MetaData after they were made."""
        return self._bases_of(self._uses.given)

    def _bases_of(self, values: list[Value]) -> set[int]:
        return {id(base) for value in values if (base := self.models.base(value)) is not None}

    def _is_shared(self, other: Base, base: Base) -> bool:
        """Whether the models of the base's own package, or of its application, share the other base."""
        own = (other.origin.path, base.origin.path)
        return any(mapped.path not in own for mapped in self._classes.get(id(other.registry), ()))

    def _proofs(self) -> dict[_Pair, list[Place]]:
        """What stands on one registry and needs what exists only on another."""
        found: dict[_Pair, list[Place]] = {}
        for relation in self.models.relationships.all:
            if relation.inverse is None and not is_test(relation.origin.path):
                for other, place in self._needed_classes(relation):
                    found.setdefault((id(relation.owner.registry), id(other)), []).append(place)
        for pair, place in self._needed_tables():
            found.setdefault(pair, []).append(place)
        return {pair: list(dict.fromkeys(places)) for pair, places in found.items()}

    def _needed_classes(self, relation: Relation) -> Iterator[tuple[Registry, Place]]:
        target = relation.target
        if not isinstance(target.lookup, Absent):
            return
        for registry in self.models.registries:
            if registry is not relation.owner.registry and target.name.rpartition(".")[2] in registry.classes:
                message = f"this needs `{target.name}`, which is mapped only on the other base"
                yield registry, Place(target.origin.path, target.origin.span, message)

    def _needed_tables(self) -> Iterator[tuple[_Pair, Place]]:
        for metadata in self.models.metadatas:
            for reference in references(metadata):
                key = reference.key
                if not isinstance(target_table(metadata, key, self.models.possible), Absent):
                    continue
                for other in self._with_table(metadata, (key.target_schema, key.target)):
                    message = f"this needs the table `{key.target}`, which exists only on the other base"
                    place = Place(reference.origin.path, reference.origin.span, message)
                    yield from ((pair, place) for pair in self._pairs(metadata, other))

    def _with_table(self, metadata: MetaData, key: tuple[str, str]) -> Iterator[MetaData]:
        for other in self.models.metadatas:
            if other is not metadata and key in other.catalog.tables:
                yield other

    def _pairs(self, metadata: MetaData, other: MetaData) -> set[_Pair]:
        """The registries of two metadatas."""
        ours = [base.registry for base in self.models.bases if base.metadata is metadata]
        theirs = [base.registry for base in self.models.bases if base.metadata is other]
        return {(id(one), id(two)) for one in ours for two in theirs}


def _has_own_place(mapped: MappedClass) -> bool:
    """Whether a class says which schema or which database it belongs to."""
    return bool(mapped.table is not None and mapped.table.schema) or mapped.value.lookup("__bind_key__") is not None


def _descending(path: str) -> str:
    """A key that sorts paths backwards."""
    return "".join(chr(0x10FFFF - ord(character)) for character in path)
