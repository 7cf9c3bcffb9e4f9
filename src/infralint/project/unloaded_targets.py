"""Relationships whose target is mapped in a module that a process does not load, though it loads the other end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from infralint.project.entry_points import EntryPoints, Start
from infralint.project.models import MappedClass, OrmView
from infralint.project.models.relationships import Relation
from infralint.project.places import is_example, is_test

Part = Callable[[str, str], "tuple[Any, ...]"]


@dataclass(frozen=True, slots=True)
class UnloadedTarget:
    """A relationship, the class that it names, and a start that loads the one module and not the other."""

    relation: Relation
    target: MappedClass
    start: Start


class UnloadedTargets:
    """Finds them. Only what a server runs counts: a script that borrows one model may never ask for its mapper."""

    def __init__(self, models: OrmView, part: Part, entry_points: EntryPoints) -> None:
        """`part` gives what `import_closure.certainly_started` and `possibly_started` say of a start."""
        self.models = models
        self._part = part
        self.entry_points = entry_points

    def find(self) -> Iterator[UnloadedTarget]:
        """Each relationship once, for the first start that shows it."""
        seen: set[int] = set()
        for found in self._candidates:
            (certain,) = self._part("certainly_started", found.start.module)
            if found.relation.owner.path in certain and id(found.relation) not in seen:
                seen.add(id(found.relation))
                yield found

    @cached_property
    def _candidates(self) -> list[UnloadedTarget]:
        """Those whose target's module certainly is not loaded, by start; whether the other end is, is not yet sure."""
        starts = [start for start in self.entry_points.all if start.serves]
        pairs = list(self._pairs()) if starts else []
        found = []
        for start in starts if pairs else ():
            (closure,) = self._part("possibly_started", start.module)
            if closure.is_closed:
                found += [
                    UnloadedTarget(relation, target, start)
                    for owner, wanted, relation, target in pairs
                    if owner in closure.paths and wanted not in closure.paths
                ]
        return found

    def _pairs(self) -> Iterator[tuple[str, str, Relation, MappedClass]]:
        """Relationships by name between two modules: these, what it is, and what it names."""
        for relation in self.models.relationships.all:
            target = relation.target_class
            if target is None or not relation.target.name or relation.inverse is not None:
                continue
            paths = (relation.owner.path, target.path)
            if paths[0] != paths[1] and not any(is_test(path) or is_example(path) for path in paths):
                yield *paths, relation, target
