"""Relative imports: their absolute form, and whether they can work at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from infralint.facts.commands import Command
from infralint.facts.python import Import
from infralint.findings import Place
from infralint.project.lookup import Absent
from infralint.project.project import Project

_TEST_FILE = re.compile(r"(?:.*/)?(?:test_[^/]*|[^/]*_test|conftest)\.py")


@dataclass(frozen=True, slots=True)
class RelativeImport:
    """A relative import. `failure` says why it cannot work ("" = it can), `proof` the place that shows it.

    `absolute` is the module part of its absolute form, "" where it has none; `is_certain`: the import root is.
    `is_missing`: there is nothing to import, so that no other form of it would help.
    """

    path: str
    statement: Import
    failure: str
    proof: Place | None
    absolute: str
    is_certain: bool
    is_missing: bool = False


def relative_imports(project: Project) -> Iterator[RelativeImport]:
    """Every relative import of the project's modules, stubs left out."""
    judge = _Judge(project)
    for path, facts in project.files.items():
        if facts.python is not None and not path.endswith(".pyi"):
            for statement in project.part("relative_imports", path):
                yield judge.judge(path, statement)


class _Judge:
    def __init__(self, project: Project) -> None:
        self.project = project
        self.modules = project.modules
        self.targets = project.import_targets

    def judge(self, path: str, statement: Import) -> RelativeImport:
        failure, proof = ("", None) if statement.guarded or statement.typing_only else self._failure(path, statement)
        if failure and failure == self._missing(path, statement):
            return RelativeImport(path, statement, failure, proof, "", False, is_missing=True)
        absolute, is_certain = self._absolute(path, statement)
        return RelativeImport(path, statement, failure, proof, absolute, is_certain)

    def _failure(self, path: str, statement: Import) -> tuple[str, Place | None]:
        folder = path.rpartition("/")[0]
        if statement.level > self._depth(folder):
            return "and this module is in no package that reaches so far up", None
        if missing := self._missing(path, statement):
            return missing, None
        if (proof := self._script_runs.get(path)) and not self._says_its_package(path):
            return "and this file is run as a script, which has no parent package", proof
        depth = self._package_depth(folder)
        if statement.level > depth and self._is_collected(path):
            if not depth:
                return "and pytest imports this file without a package, since its folder has no `__init__.py`", None
            top = "/".join(folder.split("/")[: len(folder.split("/")) - depth + 1])
            return f"and for pytest the outermost package is {top}, since no `__init__.py` stands above it", None
        return "", None

    def _package_depth(self, folder: str) -> int:
        """How many packages are nested around a file, each with its `__init__.py`."""
        depth = 0
        while self.modules.is_package(folder):
            depth += 1
            if not folder:
                break
            folder = folder.rpartition("/")[0]
        return depth

    def _says_its_package(self, path: str) -> bool:
        """Whether a script sets `__package__` itself (PEP 366)."""
        module = self.modules.outline(path)
        return module is not None and any(binding.name == "__package__" for binding in module.bindings)

    def _is_collected(self, path: str) -> bool:
        """Whether pytest imports the file by its name alone. unittest makes a namespace package of its folder."""
        if not _TEST_FILE.fullmatch(path) or self.project.uses_importlib_mode:
            return False
        module = self.modules.outline(path)
        bases = {base for definition in (module.classes if module else ()) for base in definition.bases}
        return self._has_conftest or not any(base.endswith("TestCase") for base in bases)

    @cached_property
    def _has_conftest(self) -> bool:
        return any(path.rpartition("/")[2] == "conftest.py" for path in self.project.paths)

    def _depth(self, folder: str) -> int:
        """How many dots may be written: the folders above, each of which may be a namespace package."""
        return len(folder.split("/")) if folder else int(self.modules.is_package(""))

    def _missing(self, path: str, statement: Import) -> str:
        """Says which target is not there; "" when it is, or when a build may make it."""
        folder = self.modules.relative_folder(statement.level, path)
        if folder is None or not self._stays_here(path) or self.targets.builds_extensions(folder):
            return ""
        if statement.module:
            return self._missing_module(folder, statement.module)
        return self._missing_names(folder, statement)

    def _stays_here(self, path: str) -> bool:
        """Whether a file is imported from where it stands: `settings.docker.py` is copied to another name and place."""
        folder, _, name = path.rpartition("/")
        if not name.removesuffix(".py").isidentifier():
            return False
        beside = (each for each in self.modules.modules if each.rpartition("/")[0] == folder and each != path)
        return self.modules.is_package(folder) or next(beside, None) is not None

    def _missing_module(self, folder: str, module: str) -> str:
        for part in module.split("."):
            inner = f"{folder}/{part}" if folder else part
            package = f"{folder}/__init__.py" if folder else "__init__.py"
            if not self.targets.exists(inner):
                if self.modules.import_roots.images.may_hold(package, part):
                    return ""
                return f"and there is no module `{part}` in {folder or 'the top folder'}"
            folder = inner
        return ""

    def _missing_names(self, folder: str, statement: Import) -> str:
        package = f"{folder}/__init__.py" if folder else "__init__.py"
        for imported in statement.names or ():
            inner = f"{folder}/{imported.name}" if folder else imported.name
            if imported.name == "*" or self.targets.exists(inner):
                continue
            if package not in self.modules.modules:
                return f"and there is no module `{imported.name}` in {folder or 'the top folder'}"
            if isinstance(self.modules.definition(package, imported.name), Absent):
                return f"and `{imported.name}` is neither a module in {folder} nor bound in its `__init__.py`"
        return ""

    def _absolute(self, path: str, statement: Import) -> tuple[str, bool]:
        folder = self.modules.relative_folder(statement.level, path)
        if not folder:
            return "", False
        root = self.project.applications.root_of(path)
        inner = folder[len(root) :].strip("/").replace("/", ".")
        if not inner:
            return (statement.module, False) if statement.module else ("", False)
        absolute = f"{inner}.{statement.module}" if statement.module else inner
        if not all(part.isidentifier() for part in absolute.split(".")):
            return "", False
        return absolute, self.modules.is_package(folder) and self.project.applications.is_only_root(path, root)

    # Which files are run as scripts.

    @cached_property
    def _script_runs(self) -> dict[str, Place]:
        found: dict[str, Place] = {}
        for use in self.project.python_runs:
            script = self._script_of(use.path, use.command)
            if script and script not in found:
                found[script] = Place(use.path, use.command.span, "run as a script here")
        return found

    def _script_of(self, path: str, command: Command) -> str | None:
        """The file that a `python path/to/file.py` runs, where only one of the tree can be meant."""
        for word in command.words[1:]:
            value = word.text.static
            if value is None or word.splits or value in ("-m", "-c"):
                return None
            if value.startswith("-"):
                continue
            return self._file_named(path, value) if value.endswith(".py") else None
        return None

    def _file_named(self, path: str, value: str) -> str | None:
        value = value.removeprefix("./")
        beside = f"{path.rpartition('/')[0]}/{value}".lstrip("/")
        for candidate in (value, beside):
            if candidate in self.modules.modules:
                return candidate
        endings = [each for each in self.modules.modules if each.endswith(f"/{value.lstrip('/')}")]
        return endings[0] if len(endings) == 1 and "/" in value.strip("/") else None
