"""Which modules a module may load, directly and through others, and which may load it.

What is said here is at most too much: imports under a condition, inside of functions and in texts that do not parse
count, and so do strings that look like the name of a module. A module that no closure holds is certainly not loaded,
unless something on the way loads modules by names that cannot be told.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

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


class ImportGraph:
    """The modules of a tree and what each may load."""

    def __init__(self, files: Mapping[str, FileFacts], modules: ModuleGraph) -> None:
        self.files = files
        self.modules = modules
        self._targets: dict[str, tuple[str, ...]] = {}

    def closure(self, starts: Iterable[str]) -> Closure:
        """All that may be loaded when these modules are."""
        found = Closure(dict.fromkeys(starts, ""))
        queue = list(found.paths)
        while queue:
            path = queue.pop()
            if loader := self._loads(path).loader:
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
            direct = {target for statement, target in self.modules.imports_of(path) if is_certain(statement)}
            direct |= {package for target in (path, *direct) for package in self._packages_above(target)}
            queue += direct - found
            found |= direct
        return found

    def targets(self, path: str) -> tuple[str, ...]:
        """The modules that a module may load itself, the packages above each among them."""
        if path not in self._targets:
            loads = self._loads(path)
            named = {target for name in loads.names for target in self._named(name, path)}
            named |= {target for string in loads.strings for target in self._prefixed(string, path)}
            packages = {package for target in (path, *named) for package in self._packages_above(target)}
            self._targets[path] = tuple(sorted((named | packages) - {path}))
        return self._targets[path]

    def importers(self, path: str) -> tuple[str, ...]:
        """The modules that may load one, directly."""
        candidates = self._users.get(_module(path).rpartition("/")[2], ())
        return tuple(sorted(each for each in candidates if path in self.targets(each)))

    def _loads(self, path: str) -> LoadsSeen:
        facts = self.files.get(path)
        return (facts.python.loads if facts and facts.python else None) or _NOTHING

    @cached_property
    def _users(self) -> dict[str, list[str]]:
        """Modules by the words of the dotted names that they hold."""
        found: dict[str, dict[str, None]] = {}
        for path, facts in self.files.items():
            loads = facts.python.loads if facts.python else None
            if loads is not None:
                words = {word for name in (*loads.names, *loads.strings) for word in name.split(".")}
                for word in words:
                    found.setdefault(word, {})[path] = None
        return {word: list(paths) for word, paths in found.items()}

    def _named(self, name: str, importer: str) -> Iterator[str]:
        """The modules that a name in an import may mean: where it is ambiguous, all that end with it."""
        level = len(name) - len(name.lstrip("."))
        dotted = name[level:]
        if level:
            folder = self.modules.relative_folder(level, importer)
            found = self.modules.module_in(folder, dotted) if folder is not None and dotted else None
            yield from [found] if found else []
            return
        if dotted.partition(".")[0] in _STANDARD or not dotted:
            return
        found = self.modules.find_module(dotted, importer)
        if found is not None:
            yield found
        else:
            yield from self._ending_with(dotted)

    def _prefixed(self, string: str, importer: str) -> Iterator[str]:
        """The module that a string names, or whose attribute it names."""
        dotted = string
        while dotted.strip("."):
            found = list(self._named(dotted, importer))
            if found:
                yield from found
                return
            dotted = dotted.rpartition(".")[0]
            if "." not in dotted.lstrip("."):
                return

    def _ending_with(self, dotted: str) -> list[str]:
        ending = f"/{dotted.replace('.', '/')}"
        return [
            path for path in self._by_stem.get(dotted.rpartition(".")[2], ()) if f"/{_module(path)}".endswith(ending)
        ]

    @cached_property
    def _by_stem(self) -> dict[str, list[str]]:
        """Modules by the last part of their name."""
        found: dict[str, list[str]] = {}
        for path in sorted(self.modules.modules):
            found.setdefault(_module(path).rpartition("/")[2], []).append(path)
        return found

    def _packages_above(self, path: str) -> Iterator[str]:
        folder = path.rpartition("/")[0]
        while folder and self.modules.is_package(folder):
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
