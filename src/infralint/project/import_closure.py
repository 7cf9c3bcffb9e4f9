"""Which modules a module may load, directly and through others, and which may load it.

What is said here is at most too much: imports under a condition, inside of functions and in texts that do not parse
count, and so do strings that look like the name of a module. A module that no closure holds is certainly not loaded,
unless something on the way loads modules by names that cannot be told.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from infralint.facts.files import FileFacts
from infralint.facts.python import Import, LoadsSeen
from infralint.project.modules import ModuleGraph

_NOTHING = LoadsSeen()
# What certainly is none of the tree's modules.
_STANDARD = sys.stdlib_module_names


@dataclass(slots=True)
class Closure:
    """All modules that may be loaded, each with the one that first led there ("" for a start). `loaders`: what loads
    modules by names that cannot be told, by the module that does so."""

    paths: dict[str, str] = field(default_factory=dict)
    loaders: dict[str, str] = field(default_factory=dict)

    @property
    def is_closed(self) -> bool:
        """Whether nothing else can be loaded."""
        return not self.loaders

    def chain(self, path: str) -> list[str]:
        """The way to a module, from a start on."""
        found = [path]
        while (before := self.paths.get(found[-1], "")) and before not in found:
            found.append(before)
        return found[::-1]


class Importing(Protocol):
    """What the graph asks a project for; of parts those that are named as functions here."""

    files: dict[str, FileFacts]

    @property
    def modules(self) -> ModuleGraph: ...
    @property
    def modules_by_stem(self) -> Mapping[str, Sequence[str]]: ...
    @property
    def modules_by_word(self) -> Mapping[str, Sequence[str]]: ...
    def part(self, name: str, path: str) -> tuple[Any, ...]: ...


class ImportGraph:
    """The modules of a tree and what each may load."""

    def __init__(self, project: Importing) -> None:
        self.modules = project.modules
        self._project = project
        self._loads: dict[str, tuple[Any, ...]] = {}

    def closure(self, starts: Iterable[str]) -> Closure:
        """All that may be loaded when these modules are."""
        found = Closure(dict.fromkeys(starts, ""))
        queue = list(found.paths)
        while queue:
            path = queue.pop()
            if loader := self._loaded(path)[0]:
                found.loaders[path] = loader
            for target in self.targets(path):
                if target not in found.paths:
                    found.paths[target] = path
                    queue.append(target)
        return found

    def certain(self, start: str) -> set[str]:
        """The modules that are certainly loaded with one: through imports that run at the top of modules."""
        found = {start}
        queue = [start]
        while queue:
            path = queue.pop()
            direct = set(self._project.part("imported", path)[1])
            queue += direct - found
            found |= direct
        return found

    def targets(self, path: str) -> tuple[str, ...]:
        """The modules that a module may load itself, the packages above each among them."""
        found: tuple[str, ...] = self._loaded(path)[1]
        return found

    def _loaded(self, path: str) -> tuple[Any, ...]:
        if path not in self._loads:
            self._loads[path] = self._project.part("loaded", path)
        return self._loads[path]

    def importers(self, path: str) -> tuple[str, ...]:
        """The modules that may load one, directly."""
        candidates = self._project.modules_by_word.get(_stem(path), ())
        return tuple(sorted(each for each in candidates if path in self.targets(each)))


# Parts: what is loaded when a process starts.


def certainly_started(project: Importing, module: str) -> tuple[frozenset[str]]:
    """The modules that a start certainly loads, as one set."""
    return (frozenset(ImportGraph(project).certain(module)),)


def possibly_started(project: Importing, modules: str) -> tuple[Closure]:
    """What the starts of a process may load, given their modules, sorted, in lines."""
    return (ImportGraph(project).closure(modules.split("\n")),)


# Parts: what one module says, without places.


def loaded(project: Importing, path: str) -> tuple[str, tuple[str, ...]]:
    """What loads modules by names that cannot be told in a module, "" for nothing; the modules that it may load."""
    seen = _loads(project, path)
    modules = project.modules
    named = {target for name in seen.names for target in _named(project, name, path)}
    named |= {target for string in seen.strings for target in _prefixed(project, string, path)}
    packages = {package for target in (path, *named) for package in _packages_above(modules, target)}
    return seen.loader, tuple(sorted((named | packages) - {path}))


def certain(project: Importing, path: str) -> tuple[str, ...]:
    """The modules that are loaded whenever a module is, by imports at its top."""
    direct = {target for statement, target in project.modules.imports_of(path) if is_certain(statement)}
    direct |= {package for target in (path, *direct) for package in _packages_above(project.modules, target)}
    return tuple(sorted(direct))


def words(project: Importing, path: str) -> tuple[str, ...]:
    """The words in dotted names that a module holds, of those that some module of the tree ends with."""
    seen = _loads(project, path)
    stems = project.modules_by_stem
    found = {word for name in (*seen.names, *seen.strings) for word in name.split(".")}
    return tuple(sorted(word for word in found if word in stems))


def by_stem(paths: Iterable[str]) -> dict[str, list[str]]:
    """Modules by the last part of their name."""
    found: dict[str, list[str]] = {}
    for path in sorted(paths):
        found.setdefault(_stem(path), []).append(path)
    return found


def by_word(project: Importing) -> dict[str, list[str]]:
    """Modules by the words of the dotted names that they hold."""
    found: dict[str, list[str]] = {}
    for path, facts in project.files.items():
        if facts.python is not None:
            for word in project.part("named", path)[1]:
                found.setdefault(word, []).append(path)
    return found


def _loads(project: Importing, path: str) -> LoadsSeen:
    facts = project.files.get(path)
    return (facts.python.loads if facts and facts.python else None) or _NOTHING


def _named(project: Importing, name: str, importer: str) -> Iterator[str]:
    """The modules that a name in an import may mean: where it is ambiguous, all that end with it."""
    level = len(name) - len(name.lstrip("."))
    dotted = name[level:]
    if level:
        folder = project.modules.relative_folder(level, importer)
        found = project.modules.module_in(folder, dotted) if folder is not None and dotted else None
        yield from [found] if found else []
        return
    if dotted.partition(".")[0] in _STANDARD or not dotted:
        return
    found = project.modules.find_module(dotted, importer)
    if found is not None:
        yield found
    else:
        yield from _ending_with(project, dotted)


def _prefixed(project: Importing, string: str, importer: str) -> Iterator[str]:
    """The module that a string names, or whose attribute it names."""
    dotted = string
    while dotted.strip("."):
        found = list(_named(project, dotted, importer))
        if found:
            yield from found
            return
        dotted = dotted.rpartition(".")[0]
        if "." not in dotted.lstrip("."):
            return


def _ending_with(project: Importing, dotted: str) -> list[str]:
    ending = f"/{dotted.replace('.', '/')}"
    same = project.modules_by_stem.get(dotted.rpartition(".")[2], ())
    return [path for path in same if f"/{_module(path)}".endswith(ending)]


def _packages_above(modules: ModuleGraph, path: str) -> Iterator[str]:
    folder = path.rpartition("/")[0]
    while folder and modules.is_package(folder):
        yield f"{folder}/__init__.py"
        folder = folder.rpartition("/")[0]


def is_certain(statement: Import, *, as_main: bool = False) -> bool:
    """Whether an import runs whenever its module is loaded, or is the program (`as_main`)."""
    if statement.scope != "module" or statement.guarded or statement.typing_only:
        return False
    return statement.runs == "always" or (as_main and statement.runs == "main")


def _module(path: str) -> str:
    """A module's path without its ending, a package's without `__init__`."""
    return path.rpartition(".")[0].removesuffix("/__init__")


def _stem(path: str) -> str:
    return _module(path).rpartition("/")[2]
