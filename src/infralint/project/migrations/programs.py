"""Which models an environment's revisions are for: those of its own program, where a tree holds several.

Programs that never run in one process may share a MetaData: SQLModel has one for all of its classes, and so has the
library of a monorepo.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from infralint.project.applications import Applications
from infralint.project.migrations.target import Target


class Programs:
    """The modules that are loaded into one process, by who imports whom; tests aside. `loads`: what a module loads,
    itself and through others."""

    def __init__(self, applications: Applications, loads: Callable[[str], Iterable[str]]) -> None:
        self._applications = applications
        self._loads = loads
        self._known: dict[tuple[str, frozenset[str]], frozenset[str] | None] = {}

    def of(self, env: str, modules: frozenset[str]) -> frozenset[str] | None:
        """Of modules with models those that one process may load beside what env.py loads of them; None where it
        loads none of them itself, since the application does.

        A module that nobody imports yet belongs to the package that it stands in.
        """
        key = (env, modules)
        if key not in self._known:
            # Of the same imports more sets of modules are asked for one after the other, and seldom.
            self._known = {known: self._known[known] for known in self._known if known[0] != env}
            self._known[key] = self._of(env, modules)
        return self._known[key]

    def _of(self, env: str, modules: frozenset[str]) -> frozenset[str] | None:
        loaded = modules.intersection(self._loads(env))
        if not loaded:
            return None
        together = _reached(_reached(loaded, self._applications.importers), self._applications.imported)
        return frozenset(path for path in modules if path in together or self._is_forgotten(path, loaded))

    def _is_forgotten(self, path: str, loaded: Iterable[str]) -> bool:
        return path not in self._applications.importers and any(
            self._applications.same_part(path, each) for each in loaded
        )


def modules_by_env(targets: Mapping[str, Target], programs: Programs) -> dict[str, frozenset[str]]:
    """The modules whose tables the revisions of each env.py are for. `targets` by env.py."""
    found = {}
    for env, target in targets.items():
        tables = (table for metadata in target.metadatas for table in metadata.catalog.tables.values())
        modules = frozenset(place.path for table in tables for place in (table.origin, *table.again))
        others = (each for path, other in targets.items() if path != env for each in other.metadatas)
        own = programs.of(env, modules)
        # Which of several environments an application's models belong to cannot be told by what these load.
        is_shared = any(each in target.metadatas for each in others)
        found[env] = own if own is not None else frozenset() if is_shared else modules
    return found


def _reached(starts: Iterable[str], steps: Mapping[str, Iterable[str]]) -> set[str]:
    """The starts, and all that steps lead to from them."""
    found = set(starts)
    queue = list(found)
    while queue:
        for each in steps.get(queue.pop(), ()):
            if each not in found:
                found.add(each)
                queue.append(each)
    return found
