"""Models in modules that nothing loads which creates or migrates their tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from infralint.project.import_closure import Closure
from infralint.project.models import MappedClass, MetaData
from infralint.project.places import is_example, is_test

if TYPE_CHECKING:
    from infralint.project.project import Project

# What a module makes that somebody runs from outside: by this it is no forgotten module but a start of its own.
_APPLICATIONS = frozenset(
    {"FastAPI", "Flask", "Starlette", "Celery", "Quart", "Sanic", "Litestar", "Typer", "Bottle", "Dash", "Robyn",
     "Application", "create_app", "make_app", "get_app", "Huey", "RedisHuey", "FastMCP", "Configurator", "Falcon"}
)  # fmt: skip
# What no process of the application loads.
_NEVER_LOADED = frozenset({"setup.py", "noxfile.py"})


@dataclass(frozen=True, slots=True)
class Unregistered:
    """A mapped class that neither a migration environment nor a start of the application loads. `env`: the path of
    the environment's env.py; `tests`: modules of tests that import the class's module."""

    mapped: MappedClass
    env: str
    tests: tuple[str, ...]


class UnregisteredModels:
    """Finds them. Whatever could load a module, or make its tables in another way, keeps it out."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.imports = project.imports
        self._idle: dict[str, bool] = {}

    def find(self) -> Iterator[Unregistered]:
        """Each class once, for the first environment whose models it belongs to."""
        found: set[int] = set()
        for history in self.project.migrations.histories:
            env = history.environment.env
            target = self.project.migration_targets.get(env)
            if target is None or is_test(env) or is_example(env) or history.catalog.open:
                continue
            closure = self.imports.closure([env])
            if not closure.is_closed:
                continue
            for metadata in target.metadatas:
                for mapped in self._outside(metadata, closure):
                    name = mapped.table.name if mapped.table else ""
                    if id(mapped) not in found and name not in self._made and target.includes("table", name):
                        found.add(id(mapped))
                        yield Unregistered(mapped, env, self._tests(mapped.path))

    def _outside(self, metadata: MetaData, closure: Closure) -> Iterator[MappedClass]:
        """The mapped classes with tables of this MetaData whose modules the environment does not load."""
        for mapped in self.project.models.classes:
            own = mapped.table is not None and mapped.kind != "single" and not mapped.abstract
            if own and mapped.metadata is metadata and mapped.path not in closure.paths and self._is_idle(mapped.path):
                yield mapped

    @cached_property
    def _made(self) -> set[str]:
        """The names of tables that revisions or SQL make, whatever their schema."""
        return {name for catalog in self.project.made_catalogs for _, name in catalog.tables}

    def _is_idle(self, path: str) -> bool:
        """Whether nothing but tests loads a module, and nobody runs it."""
        if path not in self._idle:
            self._idle[path] = self._find_idle(path)
        return self._idle[path]

    def _find_idle(self, path: str) -> bool:
        if is_test(path) or is_example(path):
            return False
        if any(self.project.applications.same(path, loader) for loader in self._loaders):
            return False
        island = self._users(path)
        return not any(self._may_start(each, of=path) for each in island)

    @cached_property
    def _loaders(self) -> list[str]:
        """Modules that load others by names that cannot be told; what only packages or documents code aside."""
        return [
            path
            for path, facts in self.project.files.items()
            if facts.python is not None
            and facts.python.loads is not None
            and facts.python.loads.loader
            and not (is_test(path) or is_example(path) or path.rpartition("/")[2] in _NEVER_LOADED)
        ]

    def _users(self, path: str) -> set[str]:
        """The module and all modules, those of tests left out, that may load it."""
        found = {path}
        queue = [path]
        while queue:
            for importer in self.imports.importers(queue.pop()):
                if importer not in found and not is_test(importer):
                    found.add(importer)
                    queue.append(importer)
        return found

    def _may_start(self, path: str, of: str) -> bool:
        """Whether a process may begin with a module that leads to the module `of`."""
        if path in {start.module for start in self.project.entry_points.all}:
            return True
        facts = self.project.files[path]
        module = facts.python
        if module is None or facts.problem is not None:
            return True
        if path != of and not any(not is_test(each) for each in self.imports.importers(path)):
            # Nobody loads it, and it is not what is asked about: somebody may run it.
            return True
        made = {binding.value.rpartition(".")[2] for binding in module.bindings if binding.kind == "call"}
        return module.runs_as_script or bool(made & _APPLICATIONS) or not module.outlined

    def _tests(self, path: str) -> tuple[str, ...]:
        return tuple(each for each in self.imports.importers(path) if is_test(each))
