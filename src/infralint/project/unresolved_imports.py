"""Imports of names that the tree's own modules do not have.

Two steps keep it cheap: the symbol tables of all modules tell which imports are suspicious, and only the modules on
both sides of those are outlined and followed name by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from infralint.facts.files import FileFacts
from infralint.facts.python import Import, ImportedName, PythonModule
from infralint.project.import_targets import ImportTargets
from infralint.project.lookup import Absent
from infralint.project.modules import ModuleGraph
from infralint.project.places import is_example
from infralint.source import Span


@dataclass(frozen=True, slots=True)
class UnresolvedImport:
    """An import that must fail: `name` is no name of the module in `target`, nor a module below it.

    Where the module itself is missing, `target` is the package that should hold it.
    """

    path: str
    span: Span
    name: str
    target: str
    is_module: bool = False


def unresolved_imports(files: Mapping[str, FileFacts], judge: NameJudge) -> Iterator[UnresolvedImport]:
    """Every import of a name or module that the tree should have and has not, by file and place."""
    for path, facts in files.items():
        if facts.python is not None and not is_example(path) and not path.endswith(".pyi"):
            yield from judge.of(path, facts.python)


class NameJudge:
    """Says of a module of the tree that it certainly has no such name."""

    def __init__(self, files: Mapping[str, FileFacts], modules: ModuleGraph, targets: ImportTargets) -> None:
        self.files = files
        self.modules = modules
        self.targets = targets
        self._names: dict[str, frozenset[str]] = {}
        self._own = self._proven_packages()

    def _proven_packages(self) -> frozenset[str]:
        """Top-level names that are surely the tree's own: an import from elsewhere finds there what it asks for."""
        proven = set()
        for path, facts in self.files.items():
            for module, names in _asked(facts.python) if facts.python else ():
                target = self.find(module, path)
                if target is not None and any(name in self._bound_in(target) for name in names):
                    proven.add(module.partition(".")[0])
        return frozenset(proven)

    def find(self, module: str, path: str) -> str | None:
        """The file of a dotted name below an import root; inside of a package no such root is certain."""
        target = self.modules.find_module(module, path)
        if target is None:
            return None
        inner = module.replace(".", "/")
        root = target[: target.rfind(inner)].rstrip("/")
        return None if self.modules.is_package(root) else target

    def _bound_in(self, path: str) -> frozenset[str]:
        if path not in self._names:
            module = self.files[path].python
            self._names[path] = frozenset((module.names if module else "?").split())
        return self._names[path]

    def of(self, path: str, module: PythonModule) -> Iterator[UnresolvedImport]:
        """What one module asks for in vain; it is outlined first where it looks as if there were something."""
        if not any(self._is_suspicious(path, *asked) for asked in _asked(module)):
            return
        outline = self.modules.outline(path)
        for statement in outline.imports if outline else ():
            if statement.names and not (statement.level or statement.guarded or statement.typing_only):
                yield from self._judged(path, statement, statement.names)

    def _is_suspicious(self, path: str, module: str, names: tuple[str, ...]) -> bool:
        if module.partition(".")[0] not in self._own:
            return False
        target = self.find(module, path)
        if target is None:
            return self._missing_part(module, path) is not None
        bound = self._bound_in(target)
        return "?" not in bound and any(self._may_lack(target, bound, name) for name in names)

    def _may_lack(self, target: str, bound: frozenset[str], name: str) -> bool:
        return name not in bound and name != "*" and not self._has_submodule(target, name)

    def _has_submodule(self, target: str, name: str) -> bool:
        folder, _, file = target.rpartition("/")
        return file.startswith("__init__.") and self.targets.exists(f"{folder}/{name}" if folder else name)

    def _judged(self, path: str, statement: Import, names: tuple[ImportedName, ...]) -> Iterator[UnresolvedImport]:
        if not self._is_suspicious(path, statement.module, tuple(each.name for each in names)):
            return
        target = self.find(statement.module, path)
        if target is None:
            package, part = self._missing_part(statement.module, path) or ("", "")
            yield UnresolvedImport(path, statement.span, part, package, is_module=True)
            return
        for imported in names:
            if self.all_lack(statement.module, target, path, imported.name):
                yield UnresolvedImport(path, imported.span, imported.name, target)

    def is_own(self, package: str) -> bool:
        """Whether a top-level name is surely the tree's own."""
        return package in self._own

    def all_lack(self, module: str, target: str, path: str, name: str) -> bool:
        """Whether none of the files that a dotted module name may mean, from whichever import root, has the name."""
        return all(self._lacks(each, name) for each in {target, *self.modules.files_of(module, path)})

    def _lacks(self, target: str, name: str) -> bool:
        """Whether a module certainly has no such name: its symbol table and its outline agree."""
        bound = self._bound_in(target)
        if "?" in bound or not self._may_lack(target, bound, name):
            return False
        folder = target.rpartition("/")[0]
        return not self.targets.builds_extensions(folder) and isinstance(self.modules.definition(target, name), Absent)

    def _missing_part(self, module: str, path: str) -> tuple[str, str] | None:
        """The package's file and the module that is missing in it; None where one may be there after all."""
        parts = module.split(".")
        for end in range(len(parts) - 1, 0, -1):
            package = self.find(".".join(parts[:end]), path)
            if package is None:
                continue
            folder, _, file = package.rpartition("/")
            bound = self._bound_in(package)
            if file != "__init__.py" or not folder or bound & {"?", "*", "__path__", parts[end]}:
                return None
            if self.targets.exists(f"{folder}/{parts[end]}") or self.targets.builds_extensions(folder):
                return None
            several = len(set(self.modules.files_of(".".join(parts[:end]), path)) | {package}) > 1
            return None if several else (package, parts[end])
        return None


def _asked(module: PythonModule) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The modules that names are imported from, with the names: by the outline, else by the scan."""
    if module.outlined:
        for statement in module.imports:
            if statement.names and not statement.level:
                yield statement.module, tuple(each.name for each in statement.names)
        return
    for line in module.imported:
        name, *names = line.split(" ")
        yield name, tuple(names)
