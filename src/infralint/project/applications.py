"""Which modules belong to one application: packages that import each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property

from infralint.facts.python import Import
from infralint.project.modules import ModuleGraph
from infralint.project.places import is_test

# An application's part: an import root and the first name below it ("" for modules in the root itself).
_Part = tuple[str, str]
# A module that is imported, with the import roots that the import shows.
Edge = tuple[str, tuple[str, ...]]


class Applications:
    """Groups of top-level packages that are joined by imports, as far as the modules that parse show them.

    Tests join nothing: a test that imports two services does not make one of them.
    """

    def __init__(self, modules: ModuleGraph, imports: Iterable[tuple[str, Iterable[Edge]]]) -> None:
        """`imports`: the edges of each module."""
        self.modules = modules
        # Import roots by the root of the package that was imported, with how often each is shown.
        self._shown: dict[str, Counter[str]] = {}
        self._edges: list[tuple[str, str]] = []
        self._parents: dict[_Part, _Part] = {}
        self._parts: dict[str, _Part] = {}
        for path, found in imports:
            self._take(path, found)
        for path, target in dict.fromkeys(self._edges):
            if not is_test(path):
                self._parents[self._find(self._part(path))] = self._find(self._part(target))

    def _take(self, path: str, found: Iterable[Edge]) -> None:
        for target, roots in found:
            self._edges.append((path, target))
            for root in roots:
                self._shown.setdefault(self.modules.package_root(target), Counter())[root] += 1

    @cached_property
    def _roots(self) -> set[str]:
        return {root for shown in self._shown.values() for root in shown}

    def same(self, left: str, right: str) -> bool:
        """Whether two modules belong to one application."""
        return self._find(self._part(left)) == self._find(self._part(right))

    @property
    def edges(self) -> tuple[tuple[str, str], ...]:
        """Every import between modules that were read: who imports, and what is imported."""
        return tuple(self._edges)

    @cached_property
    def imported(self) -> dict[str, set[str]]:
        """What each module imports, tests aside."""
        found: dict[str, set[str]] = {}
        for path, target in self._edges:
            if not is_test(path):
                found.setdefault(path, set()).add(target)
        return found

    @cached_property
    def importers(self) -> dict[str, set[str]]:
        """Who imports each module, tests aside."""
        found: dict[str, set[str]] = {}
        for path, targets in self.imported.items():
            for target in targets:
                found.setdefault(target, set()).add(path)
        return found

    def same_part(self, left: str, right: str) -> bool:
        """Whether two modules stand in one top-level package of one import root."""
        return self._part(left) == self._part(right)

    def root_of(self, path: str) -> str:
        """The import root of a module: above its outermost package, or what imports of that package show, as those of
        a namespace package do; without a package, what the imports of its surroundings show."""
        package_root = self.modules.package_root(path)
        if package_root == path.rpartition("/")[0]:
            above = [root for root in self._roots if _is_below(package_root, root)]
            return min(above, key=len) if above else package_root
        shown = self._shown.get(package_root)
        return shown.most_common(1)[0][0] if shown else package_root

    def is_only_root(self, path: str, root: str) -> bool:
        """Whether no import of the project shows another root of this module."""
        shown = self._shown.get(self.modules.package_root(path))
        return (
            set(shown or ()) == {root} if shown else all(each == root for each in self._roots if _is_below(path, each))
        )

    def _part(self, path: str) -> _Part:
        if path not in self._parts:
            root = self.root_of(path)
            inner = path[len(root) :].lstrip("/")
            self._parts[path] = (root, inner.partition("/")[0] if "/" in inner else "")
        return self._parts[path]

    def _find(self, part: _Part) -> _Part:
        while part in self._parents and self._parents[part] != part:
            part = self._parents[part]
        return part


def edges(modules: ModuleGraph, path: str) -> tuple[Edge, ...]:
    """The modules of the tree that a module imports, each with the roots that the import shows."""
    return tuple((target, tuple(_shown_roots(statement, target))) for statement, target in modules.imports_of(path))


def _shown_roots(statement: Import, target: str) -> Iterator[str]:
    """The root that an absolute import shows: its target's path without the dotted name that found it."""
    if statement.level:
        return
    module = target.rpartition(".")[0].removesuffix("/__init__")
    for dotted in (statement.module, *(f"{statement.module}.{each.name}" for each in statement.names or ())):
        inner = dotted.replace(".", "/")
        if f"/{module}".endswith(f"/{inner}"):
            yield module[: len(module) - len(inner)].strip("/")


def _is_below(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")
