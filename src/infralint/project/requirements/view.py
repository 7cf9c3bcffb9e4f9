"""Project.requirements: what the files of the tree ask to be installed."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cached_property

from infralint.data.distributions import DistributionTable, distribution_table
from infralint.facts.files import FileFacts
from infralint.facts.requirements import Requirement, RequirementFacts, RequirementGroup, normalised
from infralint.project.lookup import Absent, Known, Lookup, Open
from infralint.project.requirements.collect import PROJECT_FILES, Collected, FindFile, groups_of
from infralint.project.requirements.environment import CONTAINER, MarkerEnvironment
from infralint.project.requirements.expand import ByLock, ByTable, Expansion, pinned
from infralint.project.requirements.locks import PlacedLock, lock_of
from infralint.project.requirements.markers import holds
from infralint.project.requirements.providers import Providers
from infralint.project.requirements.sets import Asked, Provided, RequirementSet

Added = tuple[tuple[str, tuple[str, ...]], ...]


class Requirements:
    """All requirement files, project files and lock files of a tree."""

    def __init__(
        self,
        files: Mapping[str, FileFacts],
        paths: frozenset[str],
        *,
        providers: Added = (),
        requires: Added = (),
        is_left_out: Callable[[str], bool] = lambda path: False,
    ) -> None:
        """`providers` and `requires`: of the settings, who provides a module, and what a distribution brings along.

        `is_left_out`: whether git or the settings leave a path out of the tree, so that it may be there unseen.
        """
        self._files = files
        self._paths = paths
        self._added_modules = {module: tuple(map(normalised, names)) for module, names in providers}
        self._added_requires = {normalised(name): tuple(map(normalised, names)) for name, names in requires}
        self._is_left_out = is_left_out

    def facts(self, path: str) -> RequirementFacts | None:
        """What a file of the tree asks for; None where it is no such file, or could not be read."""
        facts = self._files.get(path)
        return None if facts is None else facts.requirements

    @cached_property
    def _table(self) -> DistributionTable:
        return distribution_table()

    @cached_property
    def _providers(self) -> Providers:
        return Providers(self._table, self._added_modules)

    def find(self, path: str) -> Lookup[str]:
        """The file of the tree under a path of the tree: the FindFile of who looks at no image."""
        if path in self._paths:
            return Known(path)
        if path.startswith(("/", "..")) or self._is_left_out(path):
            return Open(f"`{path}` is not in the tree")
        return Absent()

    def of_file(
        self,
        path: str,
        *,
        constraint: bool = False,
        find: FindFile | None = None,
        cwd: str | None = None,
        dependencies: bool = True,
        environment: MarkerEnvironment = CONTAINER,
    ) -> RequirementSet:
        """What `pip install -r path` asks for, with its includes and constraints and all that these bring.

        `constraint`: the file is passed with `-c`. `find`: where the installer looks for `path` and for included
        files; without it paths are those of the tree. `cwd`: the folder that it runs in, which paths of local projects
        are relative to; without it they are looked for beside the file and at the root. `dependencies`: False for
        `--no-deps`.
        """
        collected = Collected(self._files, environment, find or self.find, cwd)
        collected.file(path, constraint)
        return self._set(collected, environment, dependencies)

    def of_project(
        self,
        folder: str,
        *,
        extras: Iterable[str] = (),
        groups: Iterable[str] | None = None,
        main: bool = True,
        locked: bool = False,
        dependencies: bool = True,
        environment: MarkerEnvironment = CONTAINER,
    ) -> RequirementSet:
        """What installing the project of a folder asks for (pyproject.toml, setup.cfg, setup.py, Pipfile).

        `folder`: "" is the tree's root. `extras` and `groups`: by name; "*" for all; groups None = those that the
        project's own tool installs by default. `main`: False for `--only-group` and its kin. `locked`: the lock file
        beside the project (or of its workspace) decides; without one, the table.
        """
        environment = self._of_its_python(folder, environment)
        collected = Collected(self._files, environment, self.find, folder)
        wanted_extras = tuple(extra if extra == "*" else normalised(extra) for extra in extras)
        if main:
            collected.project(folder, wanted_extras)
        named = None if groups is None else {name if name == "*" else normalised(name) for name in groups}
        available = groups_of(collected, folder)
        for path, group in available:
            if group.kind == "group" and _is_wanted(group, named):
                collected.group(path, group, available)
        lock = lock_of(self._files, folder) if locked else None
        if lock is None:
            return self._set(collected, environment, dependencies)
        if not lock.lock.edges:
            categories = {group.name for _, group in available if group.kind == "group" and _is_wanted(group, named)}
            return _listed_set(collected, lock, categories | ({"default"} if main else set()), environment)
        return self._locked_set(collected, lock, environment)

    def _of_its_python(self, folder: str, environment: MarkerEnvironment) -> MarkerEnvironment:
        """The environment without the versions of Python that the project refuses."""
        found = (self.facts(posixpath.join(folder, name)) for name in PROJECT_FILES)
        python = next((facts.python for facts in found if facts is not None and facts.python), "")
        pythons = ",".join(part for part in (environment.pythons, python) if part)
        return replace(environment, pythons=pythons)

    def of_requirements(
        self,
        path: str,
        requirements: Iterable[Requirement],
        *,
        find: FindFile | None = None,
        cwd: str | None = None,
        dependencies: bool = True,
        environment: MarkerEnvironment = CONTAINER,
    ) -> RequirementSet:
        """What the requirements bring that stand in a command of the file `path` (see `requirement_in`)."""
        collected = Collected(self._files, environment, find or self.find, cwd)
        collected.compiled = False
        collected.requirements(requirements, path, constraint=False)
        return self._set(collected, environment, dependencies)

    def together(self, sets: Iterable[RequirementSet]) -> RequirementSet:
        """The union of sets that one run of an installer, or one run after another, installs side by side."""
        parts = list(sets)
        provided: dict[str, Provided] = {}
        for part in parts:
            for name, each in part.provided.items():
                if name not in provided or (each.certain and not provided[name].certain):
                    provided[name] = each
        return RequirementSet(
            tuple(dict.fromkeys(asked for part in parts for asked in part.asked)),
            provided,
            tuple(dict.fromkeys(reason for part in parts for reason in part.open)),
            tuple(dict.fromkeys(folder for part in parts for folder in part.projects)),
            tuple(dict.fromkeys(missing for part in parts for missing in part.missing)),
            parts[0].environment if parts else CONTAINER,
        )

    def candidates(self, module: str, names: Iterable[str] = ()) -> tuple[str, ...]:
        """The distributions any of which provides what `from module import names` imports, best known first.

        Settings first, then the table; () = neither knows. No guess by likeness of names.
        """
        return self._providers.candidates(module, names)

    def provider(self, module: str, installed: RequirementSet, names: Iterable[str] = ()) -> Lookup[Provided]:
        """Which installed distribution provides an import of a module that is not the project's own.

        Known also by likeness of names, for a module that no table knows. Absent: the table knows who provides the
        module, and none of them is installed, asked for or brought along. Open: else.
        """
        return self._providers.provider(module, installed, names)

    @cached_property
    def _projects_by_name(self) -> dict[str, str]:
        """The folders of the tree's own projects, by the names of their distributions."""
        return {
            facts.requirements.name: posixpath.dirname(path)
            for path, facts in sorted(self._files.items(), reverse=True)
            if facts.requirements is not None and facts.requirements.name and facts.requirements.lock is None
        }

    def _set(self, collected: Collected, environment: MarkerEnvironment, dependencies: bool) -> RequirementSet:
        if not dependencies:
            provided = {each.requirement.name: _alone(each) for each in collected.asked if _installs(each)}
            return _set(collected, provided, collected.open, environment)
        self._own_projects(collected)
        complete = collected.compiled
        expansion = Expansion(ByTable(self._table, self._added_requires, environment, complete))
        expansion.follow(each for each in collected.asked if each.requirement.name not in self._own_names(collected))
        own = {each.requirement.name: _alone(each) for each in collected.asked if _installs(each)}
        return _set(collected, {**own, **expansion.provided}, [*collected.open, *expansion.open], environment)

    def _own_projects(self, collected: Collected) -> None:
        """Add the tree's own projects that are asked for by name, where no index is known to have them."""
        done: set[str] = set()
        while names := self._own_names(collected) - done:
            done |= names
            for name in sorted(names):
                asked = next(each for each in collected.asked if each.requirement.name == name)
                includes = (*asked.includes, (asked.path, asked.requirement.span))
                collected.project(self._projects_by_name[name], asked.requirement.extras, includes=includes)

    def _own_names(self, collected: Collected) -> set[str]:
        """Distributions that are asked for and are projects of the tree: a path leads there, or only the tree knows."""
        return {
            each.requirement.name
            for each in collected.asked
            if _installs(each)
            and each.requirement.name in self._projects_by_name
            and not each.requirement.url
            and (each.requirement.path or self._is_local(each) or not self._is_public(each.requirement.name))
        }

    def _is_local(self, asked: Asked) -> bool:
        """Whether uv takes a distribution from the tree (`[tool.uv.sources]`)."""
        facts = self.facts(asked.path)
        sources = facts.sources if facts is not None else ()
        return any(each.name == asked.requirement.name and (each.path or each.workspace) for each in sources)

    def _is_public(self, name: str) -> bool:
        return self._table.brings(name) is not None or name in self._added_requires

    def _locked_set(self, collected: Collected, lock: PlacedLock, environment: MarkerEnvironment) -> RequirementSet:
        by_lock = ByLock(lock.lock, lock.path, environment)
        expansion = Expansion(by_lock, by_lock.version_of)
        expansion.follow(collected.asked)
        root = posixpath.dirname(lock.path)
        for name in expansion.provided:
            for package in by_lock.packages(name):
                if package.source in ("path", "editable"):
                    folder = posixpath.normpath(posixpath.join(root, package.path))
                    collected.projects.append("" if folder == "." else folder)
        # A lock is complete: what is open of the requirements themselves is in it.
        return _set(collected, expansion.provided, expansion.open, environment)


def _installs(asked: Asked) -> bool:
    return bool(asked.requirement.name) and not asked.constraint


def _is_wanted(group: RequirementGroup, named: set[str] | None) -> bool:
    return group.default if named is None else "*" in named or group.name in named


def _alone(asked: Asked) -> Provided:
    requirement = asked.requirement
    return Provided(
        requirement.name, pinned(requirement), requirement.specifier, asked.path, requirement.span, (), asked.holds
    )


def _listed_set(
    collected: Collected, lock: PlacedLock, categories: set[str], environment: MarkerEnvironment
) -> RequirementSet:
    """What a lock lists that does not tell who brings whom. `categories`: those of a Pipfile.lock."""
    provided: dict[str, Provided] = {}
    for package in lock.lock.packages:
        answer = holds(package.marker, environment)
        if answer is not False and (not package.members or categories & set(package.members)):
            provided[package.name] = Provided(
                package.name, package.version, "", lock.path, package.span, certain=answer is True
            )
    return _set(collected, provided, [], environment)


def _set(
    collected: Collected, provided: Mapping[str, Provided], reasons: Iterable[str], environment: MarkerEnvironment
) -> RequirementSet:
    return RequirementSet(
        tuple(collected.asked),
        dict(provided),
        tuple(dict.fromkeys(reasons)),
        tuple(dict.fromkeys(collected.projects)),
        tuple(dict.fromkeys(collected.missing)),
        environment,
    )


__all__ = ["FindFile", "Requirements"]
