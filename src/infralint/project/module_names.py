"""Which names the tree's own modules certainly do not have.

Two steps keep it cheap: the symbol tables of all modules tell what is suspicious, and only that is followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from infralint.facts.files import FileFacts
from infralint.facts.python import PythonModule
from infralint.facts.requirements import normalised
from infralint.project.import_closure import ImportGraph
from infralint.project.import_targets import ImportTargets
from infralint.project.lookup import Absent, Known
from infralint.project.modules import ModuleGraph, Symbol

_ANY = frozenset("?")


class Asked(Protocol):
    """What a judge asks a project for."""

    files: dict[str, FileFacts]

    @property
    def modules(self) -> ModuleGraph: ...
    @property
    def import_targets(self) -> ImportTargets: ...
    @property
    def imports(self) -> ImportGraph: ...
    @property
    def own_packages(self) -> frozenset[str]: ...
    @property
    def released(self) -> dict[str, set[str]]: ...
    @property
    def modules_by_name(self) -> dict[str, list[str]]: ...


class NameJudge:
    """Says of a module of the tree that it certainly has no such name."""

    def __init__(self, project: Asked) -> None:
        self._project = project
        self.files: Mapping[str, FileFacts] = project.files
        self.modules = project.modules
        self.targets = project.import_targets
        self._found: dict[tuple[str, str], str | None] = {}
        self._lacking: dict[tuple[str, str], bool] = {}
        self._meant: dict[tuple[str, str, str, int], set[str]] = {}

    def is_own(self, package: str) -> bool:
        """Whether a top-level name is surely the tree's own."""
        return package in self._project.own_packages

    def find(self, module: str, path: str) -> str | None:
        """The file of a dotted name below an import root; inside of a package no such root is certain."""
        key = (path, module)
        if key not in self._found:
            self._found[key] = self._find(module, path)
        return self._found[key]

    def _find(self, module: str, path: str) -> str | None:
        target = self.modules.find_module(module, path)
        if target is None:
            return None
        inner = module.replace(".", "/")
        root = target[: target.rfind(inner)].rstrip("/")
        if self._is_released(module.partition(".")[0], root, path):
            return None
        said = root in self.modules.import_roots.first(path)
        return None if self.modules.is_package(root) and not said else target

    def _is_released(self, package: str, root: str, path: str) -> bool:
        """Whether a requirement file above a module, and not above the package, asks for a release of the package."""
        name = normalised(package)
        released_in = self._project.released
        if name not in released_in:
            return False
        above = {folder for folder in released_in[name] if not folder or path.startswith(f"{folder}/")}
        return any(folder and folder != root and not root.startswith(f"{folder}/") for folder in above)

    def bound_in(self, path: str) -> frozenset[str]:
        """What a module's symbol table binds at its top: `*` for a star import, `?` where there may be more."""
        module = self.files[path].python
        return module.bound if module else _ANY

    def may_lack(self, target: str, name: str) -> bool:
        """Whether a module looks as if it had no such name; the answer costs next to nothing."""
        bound = self.bound_in(target)
        if name in bound or "?" in bound or name == "*" or _is_special(name):
            return False
        return not (target.endswith(".pyi") or self.has_submodule(target, name))

    def has_submodule(self, target: str, name: str) -> bool:
        """Whether a package may hold a module of that name."""
        folder, _, file = target.rpartition("/")
        return file.startswith("__init__.") and self.targets.exists(f"{folder}/{name}" if folder else name)

    def all_lack(self, module: str, target: str, path: str, name: str, place: int) -> bool:
        """Whether none of the files that a dotted module name may mean at an offset of a module has the name."""
        return all(self.lacks(each, name) for each in self.meant(module, target, path, place))

    def meant(self, module: str, target: str, path: str, place: int) -> set[str]:
        """The files that a dotted module name may mean: one where the search path is certain, else all of any root."""
        # The place matters only where the module or its conftest.py changes the search path.
        key = (module, target, path, place if self.modules.import_roots.first(path) else 0)
        if key not in self._meant:
            self._meant[key] = self._find_meant(module, target, path, place)
        return self._meant[key]

    def _find_meant(self, module: str, target: str, path: str, place: int) -> set[str]:
        if self.modules.is_certain(target, module, path, place):
            return {target}
        return {target, *self.modules.files_of(module, path)}

    def lacks(self, target: str, name: str) -> bool:
        """Whether a module certainly has no such name: its symbol table and its outline agree, and nobody sets it."""
        key = (target, name)
        if key not in self._lacking:
            self._lacking[key] = self._lacks(target, name)
        return self._lacking[key]

    def _lacks(self, target: str, name: str) -> bool:
        if not self.may_lack(target, name) or self.targets.builds_extensions(target.rpartition("/")[0]):
            return False
        found = self.modules.definition(target, name)
        return isinstance(found, Absent) and not self.is_set(target, name)

    def is_set(self, target: str, name: str) -> bool:
        """Whether a module that may load this one may set such an attribute on what it finds there."""
        return any(self._may_set(path, target, name) for path in {target, *self._loading(target)})

    def _may_set(self, path: str, target: str, name: str) -> bool:
        module = self.files[path].python
        if module is None or name in module.sets:
            return True
        return any(self._means(path, each[1:], target) for each in module.sets if each.startswith("?"))

    def _means(self, path: str, thing: str, target: str) -> bool:
        """Whether an imported name in one module may be the other module, or something in it."""
        if self.modules.outline(path) is None:
            return self.files[path].problem is not None
        if not self.modules.table(path).is_imported(thing):
            return False
        found = self.modules.resolve(path, thing)
        if isinstance(found, Known):
            return isinstance(found.value, Symbol) and found.value.path == target
        # Imported in a function, or from where nobody can look.
        return True

    def _loading(self, target: str) -> Iterator[str]:
        """Who may load a module: by its own name, or through the package that it stands in."""
        yield from self._project.imports.importers(target)
        dotted = self.modules.dotted_name(target)
        while dotted := dotted.rpartition(".")[0]:
            yield from self._project.modules_by_name.get(dotted, ())

    # Modules that are not there.

    def missing_part(self, module: str, path: str, place: int) -> tuple[str, str] | None:
        """The file that should hold a module, and the part of the dotted name that is missing in it; None where the
        module is there, or may be there after all."""
        parts = module.split(".")
        for end in range(len(parts) - 1, 0, -1):
            package = self.find(".".join(parts[:end]), path)
            if package is not None:
                several = len(self.meant(".".join(parts[:end]), package, path, place)) > 1
                return None if several else self._missing_in(package, parts[end])
        return None

    def _missing_in(self, package: str, part: str) -> tuple[str, str] | None:
        folder, _, file = package.rpartition("/")
        bound = self.bound_in(package)
        if not folder or file.endswith(".pyi") or bound & {"?", "__path__"}:
            return None
        if file != "__init__.py":
            # Nothing stands below a module, unless it puts something into `sys.modules`.
            return (package, part) if "sys" not in bound else None
        if bound & {"*", part} or self.targets.exists(f"{folder}/{part}") or self.targets.builds_extensions(folder):
            return None
        return None if self.modules.import_roots.images.may_hold(package, part) else (package, part)


def asked(module: PythonModule) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The modules that absolute imports take names from, with the names."""
    for statement in module.imports:
        if statement.names and not statement.level:
            yield statement.module, tuple(each.name for each in statement.names)


def _is_special(name: str) -> bool:
    """Whether the interpreter gives every module such a name (Data model, "Module objects"), or may."""
    return name.startswith("__") and name.endswith("__")


def shown(files: Mapping[str, FileFacts], judge: NameJudge, path: str) -> list[str]:
    """Top-level names that a module shows to be the tree's own: from elsewhere it finds there what it asks for."""
    proven: set[str] = set()
    python = files[path].python
    for module, names in asked(python) if python else ():
        head = module.partition(".")[0]
        target = judge.find(module, path) if head not in proven else None
        if target is None or target == path or not any(name in judge.bound_in(target) for name in names):
            continue
        if judge.modules.is_in_reach(target, module, path) and not _is_about(files, target, head):
            proven.add(head)
    return sorted(proven)


def _is_about(files: Mapping[str, FileFacts], target: str, head: str) -> bool:
    """Whether a module imports what it is itself called: `fixtures/docker.py` is not the `docker` that it asks."""
    module = files[target].python
    names = module.loads.names if module and module.loads else ()
    return target.rpartition("/")[2] == f"{head}.py" and any(name.partition(".")[0] == head for name in names)


def released(files: Mapping[str, FileFacts]) -> dict[str, set[str]]:
    """Distributions that are asked for from elsewhere, with the folders of the files that do so."""
    found: dict[str, set[str]] = {}
    for path, facts in files.items():
        asked_for = facts.requirements
        if asked_for is None:
            continue
        own = {source.name for source in asked_for.sources}
        for requirement in (each for group in asked_for.groups for each in group.requirements):
            if requirement.name and not (requirement.path or requirement.editable or requirement.name in own):
                found.setdefault(requirement.name, set()).add(path.rpartition("/")[0])
    return found


def top_level(facts: FileFacts, modules: ModuleGraph) -> list[str]:
    """The top-level names that a module imports, of those that the tree may have."""
    loads = facts.python.loads if facts.python else None
    return [name for name in dict.fromkeys(loads.names if loads else ()) if "." not in name and modules.is_head(name)]
