"""What pytest would collect: test modules without a test, and fixtures that several conftest.py files repeat."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from infralint.facts.files import FileFacts
from infralint.facts.pytest import Fixture, PytestSettings
from infralint.facts.python import ClassDef, PythonModule
from infralint.project.commands import CommandUse
from infralint.project.modules import ModuleGraph
from infralint.project.places import is_test

# pytest reference, defaults of python_files, python_classes, python_functions.
_FILES, _CLASSES, _FUNCTIONS = ("test_*.py", "*_test.py"), ("Test",), ("test",)
# Names by which a module brings tests that no statement of its own shows (unittest, pytest's hooks).
_MAKERS = frozenset({"load_tests", "pytest_generate_tests", "pytest_collect_file", "pytestmark", "__test__"})
_NOT_TESTED = PytestSettings()
_PROJECT_FILES = ("pyproject.toml", "setup.cfg", "setup.py", "pytest.ini", "tox.ini")


@dataclass(frozen=True, slots=True)
class RepeatedFixture:
    """A fixture that does the same as one of another conftest.py, which stands before it in the order of paths."""

    path: str
    fixture: Fixture
    first_path: str
    first: Fixture


class TestCollection:
    """pytest's view of the tree, by its settings files and its own defaults."""

    __test__ = False

    def __init__(self, files: Mapping[str, FileFacts], modules: ModuleGraph, commands: Iterable[CommandUse]) -> None:
        self.files = files
        self.modules = modules
        self._commands = commands

    def settle(self) -> None:
        """Ask for the outlines that are needed, so that the engine learns which modules to read."""
        for _ in self.empty_modules():
            pass

    @cached_property
    def _settings(self) -> dict[str, PytestSettings]:
        """Settings by the folder of their file."""
        return {_folder(path): facts.pytest for path, facts in self.files.items() if facts.pytest is not None}

    def _settings_for(self, path: str) -> PytestSettings:
        """Those of the nearest folder above that has some."""
        return next((self._settings[each] for each in _above(path) if each in self._settings), _NOT_TESTED)

    @cached_property
    def _uses_pytest(self) -> bool:
        """Whether anything but the names of files says that pytest runs here."""
        if self._settings or any(path.rpartition("/")[2] == "conftest.py" for path in self.files):
            return True
        return any("pytest" in (word.value.rpartition("/")[2] for word in use.command.words) for use in self._commands)

    # Modules without a test.

    def empty_modules(self) -> Iterator[str]:
        """Test modules, by pytest's names, in which it certainly collects nothing, and that nothing imports."""
        if not self._uses_pytest:
            return
        for path, facts in self.files.items():
            collected = facts.python is not None and self._is_collected(path)
            if collected and self._is_empty(path, facts.python or PythonModule()) and path not in self._imported:
                yield path

    def _is_collected(self, path: str) -> bool:
        patterns = self._settings_for(path).files or _FILES
        name = path.rpartition("/")[2]
        # The suffix form is also that of Go, and of modules about tests: only the prefix is certain.
        named = name.startswith("test_") and any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
        return named and self._is_among_tests(path)

    def _is_among_tests(self, path: str) -> bool:
        """Whether the file stands among tests: `dictionaries/test_data.py` of an application is no test."""
        folder = _folder(path)
        if is_test(f"{folder}/module.py") or folder in self._tested_folders:
            return True
        return any(f"{each}/conftest.py".lstrip("/") in self.files for each in _above(path) if each or not folder)

    @cached_property
    def _tested_folders(self) -> frozenset[str]:
        """Folders with a module that has a test, by pytest's default names."""
        return frozenset(
            _folder(path)
            for path, facts in self.files.items()
            if facts.python is not None and path.rpartition("/")[2].startswith("test_")
            if any(name.startswith(("test_", "Test")) for name in facts.python.names.split())
        )

    def _is_empty(self, path: str, module: PythonModule) -> bool:
        settings = self._settings_for(path)
        names = module.names.split()
        functions = settings.functions or _FUNCTIONS
        if settings.doctests or {"?", "*"} & set(names) or _MAKERS & set(names):
            return False
        if any(_matches(name, functions) for name in names):
            return False
        outline = self.modules.outline(path)
        if outline is None or outline.runs_as_script:
            return False
        classes = settings.classes or _CLASSES
        defined = {each.name for each in outline.classes}
        if any(_matches(name, classes) and name not in defined for name in names):
            return False
        return not any(_holds_tests(each, classes, functions) for each in outline.classes)

    @cached_property
    def _imported(self) -> frozenset[str]:
        """Modules that others import: helpers, whatever their name is."""
        found = set()
        for path, facts in self.files.items():
            module = facts.python
            if module is None:
                continue
            if module.outlined:
                found |= {target for _, target in self.modules.imports_of(path)}
                continue
            for line in module.imported:
                dotted, *names = line.split(" ")
                asked = (dotted, *(f"{dotted}.{name}" for name in names))
                found |= {target for each in asked if (target := self.modules.find_module(each, path))}
        return frozenset(found)

    # Fixtures.

    def repeated_fixtures(self) -> Iterator[RepeatedFixture]:
        """Fixtures of conftest.py files that do the same as one of the same name in the same project."""
        seen: dict[tuple[str, str, str], tuple[str, Fixture]] = {}
        for path, fixtures in self._shared.items():
            for fixture in fixtures:
                key = (self._project_of(path), fixture.name, fixture.content)
                first = seen.setdefault(key, (path, fixture))
                if fixture.content and first[0] != path and not self._override(first[0], path, fixture.name):
                    yield RepeatedFixture(path, fixture, *first)

    @cached_property
    def _shared(self) -> dict[str, tuple[Fixture, ...]]:
        """The fixtures of conftest.py files, the outermost file first."""
        found = {
            path: facts.python.fixtures
            for path, facts in self.files.items()
            if facts.python is not None and path.rpartition("/")[2] == "conftest.py"
        }
        return {path: found[path] for path in sorted(found, key=lambda each: (each.count("/"), each))}

    def _override(self, left: str, right: str, name: str) -> bool:
        """Whether a conftest.py above both has a fixture of that name: two overrides of it cannot become one."""
        above = {f"{folder}/conftest.py".lstrip("/") for folder in _above(left)} & {
            f"{folder}/conftest.py".lstrip("/") for folder in _above(right)
        }
        return any(fixture.name == name for path in above - {left, right} for fixture in self._shared.get(path, ()))

    def _project_of(self, path: str) -> str:
        """The nearest folder above that a tool takes for a project: fixtures are not shared beyond it."""
        for folder in _above(path):
            if any((f"{folder}/{name}" if folder else name) in self.files for name in _PROJECT_FILES):
                return folder
        return ""


def _holds_tests(definition: ClassDef, classes: tuple[str, ...], functions: tuple[str, ...]) -> bool:
    """Whether a class may be collected: it has a test, or a base that may have some, or be unittest's."""
    if definition.bases:
        return True
    return _matches(definition.name, classes) and any(_matches(name, functions) for name in definition.attributes)


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    """pytest takes a prefix, or a glob (pytest reference, "python_functions")."""
    return any(
        name.startswith(pattern) or ("*" in pattern and fnmatch.fnmatchcase(name, pattern)) for pattern in patterns
    )


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _above(path: str) -> Iterator[str]:
    folder = _folder(path)
    while folder:
        yield folder
        folder = _folder(folder)
    yield ""
