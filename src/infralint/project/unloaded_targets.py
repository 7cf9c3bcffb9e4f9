"""Relationships whose target is mapped in a module that a process does not load, though it loads the other end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from infralint.project.entry_points import EntryPoints, Start
from infralint.project.import_closure import ImportGraph
from infralint.project.models import MappedClass, OrmView
from infralint.project.models.relationships import Relation
from infralint.project.places import is_example, is_test


@dataclass(frozen=True, slots=True)
class UnloadedTarget:
    """A relationship, the class that it names, and a start that loads the one module and not the other."""

    relation: Relation
    target: MappedClass
    start: Start


class UnloadedTargets:
    """Finds them. Only what a server runs counts: a script that borrows one model may never ask for its mapper."""

    def __init__(self, models: OrmView, imports: ImportGraph, entry_points: EntryPoints) -> None:
        self.models = models
        self.imports = imports
        self.entry_points = entry_points

    def find(self) -> Iterator[UnloadedTarget]:
        """Each relationship once, for the first start that shows it."""
        certain: dict[str, set[str]] = {}
        seen: set[int] = set()
        for found in self._candidates:
            start = found.start.module
            if start not in certain:
                certain[start] = self.imports.certain(start)
            if found.relation.owner.path in certain[start] and id(found.relation) not in seen:
                seen.add(id(found.relation))
                yield found

    @cached_property
    def _candidates(self) -> list[UnloadedTarget]:
        """Those whose target's module certainly is not loaded, by start; whether the other end is, is not yet sure."""
        starts = [start for start in self.entry_points.all if start.serves]
        pairs = list(self._pairs()) if starts else []
        found = []
        for start in starts if pairs else ():
            closure = self.imports.closure([start.module])
            if closure.is_closed:
                found += [
                    UnloadedTarget(relation, target, start)
                    for relation, target in pairs
                    if relation.owner.path in closure.paths and target.path not in closure.paths
                ]
        return found

    def _pairs(self) -> Iterator[tuple[Relation, MappedClass]]:
        """Relationships by name between two modules."""
        for relation in self.models.relationships.all:
            target = relation.target_class
            if target is None or not relation.target.name or relation.inverse is not None:
                continue
            paths = (relation.owner.path, target.path)
            if paths[0] != paths[1] and not any(is_test(path) or is_example(path) for path in paths):
                yield relation, target
