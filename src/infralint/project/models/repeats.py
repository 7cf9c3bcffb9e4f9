"""Tables that are declared twice on one MetaData.

Source: SQLAlchemy 1.3 to 2.1, `sql/schema.py` (Table.__new__): the second declaration raises InvalidRequestError,
unless it has `extend_existing` or `keep_existing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from infralint.project.applications import Applications
from infralint.project.catalog import Origin
from infralint.project.models.tables import Declaration
from infralint.project.models.view import OrmView
from infralint.project.modules import ModuleGraph
from infralint.project.places import is_test


@dataclass(frozen=True, slots=True)
class Repeat:
    """A table that is declared again: `second` is the declaration that fewer modules reach."""

    first: Declaration
    second: Declaration


def place_of(declaration: Declaration) -> Origin:
    """Where a table's name stands: the literal, or the class where a base or a mixin makes the name."""
    mapped, origin = declaration.cls, declaration.table.origin
    if mapped is None or declaration.made is not None:
        return origin
    body = mapped.value.node.span
    return origin if origin.path == mapped.path and body.start <= origin.span.start < body.end else mapped.origin


def repeats(models: OrmView, modules: ModuleGraph, applications: Applications) -> Iterator[Repeat]:
    """Every repeated declaration, where one process can import both."""
    together = _Together(modules, applications)
    for group in _groups(models.declarations):
        first = min(group, key=together.rank)
        for second in sorted(group, key=together.rank):
            if second is not first and together.are_imported(first, second):
                yield Repeat(first, second)


def _groups(declarations: Iterable[Declaration]) -> Iterator[list[Declaration]]:
    """Declarations of the same table, those left out that may be declared again."""
    found: dict[tuple[int, str, str], dict[tuple[str, int], Declaration]] = {}
    for each in declarations:
        origin = each.cls.origin if each.cls is not None else each.table.origin
        key = (id(each.metadata), each.table.schema, each.table.name)
        found.setdefault(key, {}).setdefault((origin.path, origin.span.start), each)
    for group in found.values():
        if not any(each.extends for each in group.values()):
            certain = [each for each in group.values() if _counts(each)]
            if len(certain) > 1:
                yield certain


def _counts(declaration: Declaration) -> bool:
    """Whether the import of its module certainly makes a declaration, of exactly this table."""
    made = declaration.cls.value if declaration.cls is not None else declaration.made
    in_function = bool(made.via) if made is not None else False
    # Where its arguments cannot be read, its schema may be another one.
    told = declaration.certain and not declaration.table.open
    return told and not in_function and not is_test(place_of(declaration).path)


class _Together:
    """Which modules are imported into one process."""

    def __init__(self, modules: ModuleGraph, applications: Applications) -> None:
        self.modules = modules
        self.applications = applications
        self._above: dict[str, set[str]] = {}

    def rank(self, declaration: Declaration) -> tuple[int, str, int]:
        """An order of declarations: what more modules reach comes first."""
        origin = place_of(declaration)
        return (-len(self.above(origin.path)), origin.path, origin.span.start)

    def above(self, path: str) -> set[str]:
        """The module and all modules whose import imports it."""
        if path not in self._above:
            found, left = {path}, [path]
            while left:
                for importer in self.applications.importers.get(left.pop(), ()):
                    if importer not in found:
                        found.add(importer)
                        left.append(importer)
            self._above[path] = found
        return self._above[path]

    def are_imported(self, first: Declaration, second: Declaration) -> bool:
        """Whether some module imports both; a module that nobody imports yet belongs to its package."""
        paths = [place_of(first).path, place_of(second).path]
        above = [self.above(path) for path in paths]
        if above[0] & above[1]:
            return True
        forgotten = any(reached == {path} for path, reached in zip(paths, above, strict=True))
        return forgotten and self.applications.same_part(*paths)
