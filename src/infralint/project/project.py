"""The Project that rules ask: one view for each subject, made when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeVar

from pathspec import GitIgnoreSpec

from infralint.facts.files import FileFacts
from infralint.patterns import spec_of
from infralint.project.class_uses import ClassUsesView
from infralint.project.commands import CommandUse
from infralint.project.deployed_views import DEPLOYED_PARTS, DeployedViews
from infralint.project.interpret import Interpreter
from infralint.project.interpret.machine import Decoded
from infralint.project.models import OrmView
from infralint.project.models.view import extended_in
from infralint.project.module_views import MODULE_PARTS, ModuleViews
from infralint.project.seen import LOWERED
from infralint.project.sql_views import DIVIDED_SQL, SQL_PARTS, SqlViews
from infralint.project.test_collection import TestCollection, names_pytest
from infralint.project.unloaded_targets import UnloadedTargets
from infralint.project.used_classes import class_names, used_in
from infralint.project.views import Changed, Divided, Memory, compared, lens, view
from infralint.settings import Settings

T = TypeVar("T")


def _part_of(name: str, part: Callable[[Any, str], Iterable[Any]], project: Any, key: str) -> Iterable[Any]:
    """A part of a divided view."""
    return part(getattr(project, name), key)


# What is found out first after a change, in the order in which they depend on each other: what nearly all see, and
# views of which all see parts.
_DIVIDED = {
    "_runs": Divided("_run", lambda interpreter, path: (interpreter.run_of(path),)),
    "_revision_runs": Divided("_revision_run", lambda interpreter, path: (interpreter.run_of(path),)),
    **DIVIDED_SQL,
}
# Views that are made file by file, so that a change costs no more than the files that it concerns.
_PARTS: dict[str, Callable[[Any, str], Iterable[Any]]] = {
    **{each.name: partial(_part_of, name, each.part) for name, each in _DIVIDED.items()},
    "having": lambda project, field: project.files_with(field),
    "class_names": lambda project, path: class_names(project.files[path]),
    "used_classes": lambda project, path: used_in(project.files, project.modules, project.model_names, path),
    "extended": lambda project, path: sorted(extended_in(project.files[path])),
    **DEPLOYED_PARTS,
    **MODULE_PARTS,
    **SQL_PARTS,
}

# Fields of facts that tell what a module's statements are, and nothing of other modules.
_OF_PROGRAMS = frozenset({"program", "problem", LOWERED})

# Fields that the models look at for what may be declared besides, which is told anew whenever they change.
_OF_POSSIBLE = frozenset({"program", "problem", "python.imports", "python.stubs"})


def _own_part(seen: Any) -> tuple[Any, ...]:
    """The part as which a project is seen."""
    return tuple(seen.make_part(*seen.key))


class Project(ModuleViews, DeployedViews, SqlViews):
    """All facts of a project. `paths` are all files of the tree, also those that no reader reads.

    `lower`: the statements of a module that the interpreter comes to and that was not lowered when it was read, in
    facts that hold nothing else (None: it stays Unknown).
    `is_left_out` says whether git or the settings leave a path (a folder's ends in "/") out of the tree.
    `read`: the bytes of any file, for the tables that the settings name. `links`: the symbolic links among the paths.
    """

    def __init__(
        self,
        files: Mapping[str, FileFacts],
        paths: Iterable[str],
        settings: Settings,
        lower: Callable[[str], FileFacts | None] | None = None,
        is_left_out: Callable[[str], bool] = lambda path: False,
        read: Callable[[str], bytes] | None = None,
        links: frozenset[str] = frozenset(),
    ) -> None:
        self.files = dict(sorted(files.items()))
        self.paths = frozenset(paths) | frozenset(files)
        self.settings = settings
        self._lower = lower
        self._is_left_out = is_left_out
        self._read = read
        self._links = links
        self._decoded: Decoded = {}
        # Statements that were lowered when somebody asked for them.
        self._given: dict[str, FileFacts | None] = {}
        self.memory: Memory | None = None
        self._parts: dict[tuple[str, str], tuple[Any, ...]] = {}

    def lowered(self, path: str) -> FileFacts | None:
        """The statements of a module that was not lowered when it was read."""
        facts = self._lower(path) if self._lower is not None else None
        self._given[path] = facts
        return facts

    def _has_other_statements(self, path: str) -> bool:
        """Whether the statements of a module are other ones than those that were given the last time."""
        return path in self._given and self._given[path] != (self._lower(path) if self._lower is not None else None)

    def remember(self) -> None:
        """Note from now on what views see, so that they can be kept when facts change (`relink`)."""
        self.memory = Memory(self, {"_module_graph": None, **_DIVIDED})

    def relink(self, files: Mapping[str, FileFacts]) -> bool:
        """Take other facts of some of the files; False, and nothing done, where too much differs.

        Only of a project that remembers. Which files there are, and the settings, are what they were.
        """
        assert self.memory is not None
        return self.memory.take(self.files, files, self._has_other_statements)

    def answer(self, rule: str, check: Callable[[Any], Iterable[T]]) -> tuple[T, ...]:
        """What a rule yields, given its id."""
        if self.memory is None:
            return tuple(check(self))
        return self.memory.get(("rule", rule), lambda seen: tuple(check(seen)))

    def part(self, name: str, path: str) -> tuple[Any, ...]:
        """What a view that looks at one file after the other finds in one of them."""
        if self.memory is not None:
            return self.memory.get((name, path), _own_part, compared=True)
        if (name, path) not in self._parts:
            self._parts[name, path] = self.make_part(name, path)
        return self._parts[name, path]

    def make_part(self, name: str, path: str) -> tuple[Any, ...]:
        """A part, made anew."""
        return tuple(_PARTS[name](self, path))

    def files_with(self, field: str) -> list[str]:
        """As `having`, looked up anew."""
        return [path for path, facts in self.files.items() if getattr(facts, field)]

    def having(self, field: str) -> tuple[str, ...]:
        """The files whose facts have something in a field, in order."""
        return self.part("having", field)

    @view
    def test_collection(self) -> TestCollection:
        """What pytest would collect."""
        return TestCollection(
            self.files, self.modules, self._pytest_runs, self.class_members.of, self.imports.importers
        )

    @compared
    def _pytest_runs(self) -> tuple[CommandUse, ...]:
        return tuple(filter(names_pytest, self.commands))

    @lens
    def interpreter(self) -> Interpreter:
        """The symbolic interpreter over the project's modules. A view that has it sees the modules that it looks at."""
        return self.noted_runs("_runs")

    def noted_runs(self, name: str) -> Interpreter:
        """The interpreter that a view is, for a view that sees the modules that it looks at."""
        runs: Interpreter = self.unnoted(name)
        if self.memory is None:
            return runs
        part = _DIVIDED[name].name
        # Part "" is another one when all is run anew.
        self.part(part, "")
        return runs.noting(lambda path: self.part(part, path))

    def unnoted(self, name: str) -> Any:
        """A view of which who asks looks at parts, which tell more of it."""
        return getattr(self, name)

    @view
    def _runs(self) -> Interpreter:
        return self._new_interpreter()

    @view
    def _revision_runs(self) -> Interpreter:
        # That of a project that stays is not made anew with every model.
        return self._runs if self.memory is None else self._new_interpreter()

    def _new_interpreter(self) -> Interpreter:
        """One that has run nothing yet."""
        return Interpreter(self.files, self.modules, self.lowered, decoded=self._decoded)

    @_runs.renewal
    @_revision_runs.renewal
    def _run_again(self, interpreter: Interpreter, changed: Changed) -> bool:
        """Statements of some modules are others."""
        if changed.views or not {name for _, name in changed.places} <= _OF_PROGRAMS:
            return False
        return interpreter.renew({path for path, _ in changed.places})

    @view
    def class_uses(self) -> ClassUsesView:
        """What all files ask of mapped classes."""
        return ClassUsesView(self.having("class_uses"), lambda path: self.part("used_classes", path), self.models)

    @compared
    def model_names(self) -> frozenset[str]:
        """The names of classes in modules that speak of models."""
        return frozenset(name for path in self.having("program") for name in self.part("class_names", path))

    @view
    def models(self) -> OrmView:
        """SQLAlchemy's registries, mapped classes and tables, as the interpreter evaluates them."""
        return OrmView(self.interpreter, self.files, self.having("program"), lambda: self.extended)

    @models.renewal
    def _map_again(self, models: OrmView, changed: Changed) -> bool:
        """Modules were run again."""
        runs = {key[1] for key in changed.views if isinstance(key, tuple) and key[0] == "_run"}
        if len(runs) < len(changed.views) or "" in runs or not {name for _, name in changed.places} <= _OF_POSSIBLE:
            return False
        return models.renew(runs)

    @compared
    def extended(self) -> dict[str, frozenset[str]]:
        """The names of classes that other modules than those of models extend, by module."""
        found = ((path, self.part("extended", path)) for path in self._module_graph.modules)
        return {path: frozenset(names) for path, names in sorted(found) if names}

    @view
    def unloaded_targets(self) -> UnloadedTargets:
        """Relationships whose target's module a process does not load."""
        return UnloadedTargets(self.models, self.part, self.entry_points)

    def allows_relative_imports(self, path: str) -> bool:
        """Whether the settings allow relative imports in a file."""
        return bool(self.settings.relative_imports) and self._relative_patterns.match_file(path)

    @view
    def _relative_patterns(self) -> GitIgnoreSpec:
        return spec_of(self.settings.relative_imports)

    @view
    def uses_importlib_mode(self) -> bool:
        """Whether a settings file tells pytest to import test files by path, which makes packages of folders."""
        return any(facts.pytest is not None and facts.pytest.importlib for facts in self.files.values())
