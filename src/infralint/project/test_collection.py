"""What pytest would collect: test modules without a test, and fixtures that several conftest.py files repeat."""

from __future__ import annotations

import fnmatch
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from infralint.facts.files import FileFacts
from infralint.facts.pytest import Fixture, PytestSettings, collects_doctests
from infralint.facts.python import ClassDef, PythonModule
from infralint.project.class_members import Members
from infralint.project.commands import CommandUse
from infralint.project.modules import ModuleGraph
from infralint.project.places import is_test

# pytest reference, defaults of python_files, python_classes, python_functions.
_FILES, _CLASSES, _FUNCTIONS = ("test_*.py", "*_test.py"), ("Test",), ("test",)
# pytest reference, default of norecursedirs.
_NOT_ENTERED = ("*.egg", ".*", "_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}")
# Hooks and settings of a conftest.py that change what is collected.
_COLLECTORS = frozenset(
    {"collect_ignore", "collect_ignore_glob", "pytest_collect_file", "pytest_collection", "pytest_ignore_collect",
     "pytest_pycollect_makeitem", "pytest_pycollect_makemodule"}
)  # fmt: skip
# Names by which a module brings tests that no statement of its own shows (unittest, pytest's hooks, pytest-bdd).
_MAKERS = frozenset(
    {"__test__", "load_tests", "pytest_collect_file", "pytest_generate_tests", "pytestmark", "scenarios"}
)
_NOT_TESTED = PytestSettings()
_PYTEST = frozenset({"pytest", "py.test"})
# Modules whose fixtures are for the tests of their folder, or for their own.
_OWN_FIXTURES = re.compile(r"(?:^|/)(?:conftest|test_[^/]*|[^/]*_test)\.pyi?$")
_PROJECT_FILES = ("pyproject.toml", "setup.cfg", "setup.py", "pytest.ini", "tox.ini")


@dataclass(frozen=True, slots=True)
class RepeatedFixture:
    """A fixture that does the same as one of another conftest.py, which stands before it in the order of paths."""

    path: str
    fixture: Fixture
    first_path: str
    first: Fixture


def names_pytest(use: CommandUse) -> bool:
    """Whether a word of a command is pytest."""
    return not _PYTEST.isdisjoint(_programs(use))


def _programs(use: CommandUse) -> Iterator[str]:
    return (word.value.rpartition("/")[2] for word in use.command.words)


class TestCollection:
    """pytest's view of the tree, by its settings files and its own defaults."""

    __test__ = False

    def __init__(
        self,
        files: Mapping[str, FileFacts],
        modules: ModuleGraph,
        commands: Iterable[CommandUse],
        members: Callable[[str, str], Members | None],
        importers: Callable[[str], tuple[str, ...]],
    ) -> None:
        """`commands`: those that name pytest (`names_pytest`). `members`: all attributes of the class with a qualified
        name in a module; None where there may be others. `importers`: the modules that may load one."""
        self.files = files
        self.modules = modules
        self._commands = commands
        self._members = members
        self._importers = importers

    @cached_property
    def _settings(self) -> dict[str, PytestSettings]:
        """Settings by the folder of their file."""
        return {_folder(path): facts.pytest for path, facts in self.files.items() if facts.pytest is not None}

    def _settings_above(self, path: str) -> list[tuple[str, PytestSettings]]:
        """Those of all folders above that have some: which of them count depends on where pytest is started."""
        found = [(each, self._settings[each]) for each in _above(path) if each in self._settings]
        return found or [("", _NOT_TESTED)]

    @cached_property
    def _uses_pytest(self) -> bool:
        """Whether anything but the names of files says that pytest runs here."""
        if self._settings or any(path.rpartition("/")[2] == "conftest.py" for path in self.files):
            return True
        return any("pytest" in _programs(use) for use in self._commands)

    # Modules without a test.

    def empty_modules(self) -> Iterator[str]:
        """Test modules, by pytest's names, in which it certainly collects nothing, and that nothing loads: those are
        helpers, whatever their name is."""
        if not self._uses_pytest or self._collects_doctests:
            return
        for path, facts in self.files.items():
            if facts.python is None or not self._is_collected(path):
                continue
            if self._is_empty(path, facts.python) and not self._importers(path):
                yield path

    @cached_property
    def _collects_doctests(self) -> bool:
        """Whether a command of the project makes pytest collect doctests, or names what is a test."""
        for use in self._commands:
            words = [word.value for word in use.command.words]
            if names_pytest(use):
                given = [value for option, value in itertools.pairwise(words) if option == "-o"]
                if collects_doctests(words) or any(value.startswith("python_") for value in given):
                    return True
        return False

    def _is_collected(self, path: str) -> bool:
        """Whether pytest imports the file by its name, whichever settings above it are those of the run."""
        return all(self._is_collected_by(path, *each) for each in self._settings_above(path))

    def _is_collected_by(self, path: str, folder: str, settings: PytestSettings) -> bool:
        name = path.rpartition("/")[2]
        if not any(fnmatch.fnmatchcase(name, pattern) for pattern in settings.files or _FILES):
            return False
        inner = path[len(folder) :].lstrip("/")
        if settings.doctests or any(_names(pattern, inner) for pattern in settings.ignored):
            return False
        folders = inner.split("/")[:-1]
        not_entered = _NOT_ENTERED if settings.not_entered is None else settings.not_entered
        if any(fnmatch.fnmatchcase(each, pattern) for each in folders for pattern in not_entered):
            return False
        if settings.test_paths:
            return any(_is_below(inner, each.strip("./")) for each in settings.test_paths)
        # By default the suffix form counts too; it is also that of Go, and of modules about tests.
        return settings.files is not None or (name.startswith("test_") and self._is_among_tests(path))

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
            if any(name.startswith(("test_", "Test")) for name in facts.python.bound)
        )

    def _is_empty(self, path: str, module: PythonModule) -> bool:
        names = module.bound
        if {"?", "*"} & names or _MAKERS & names or self._is_collected_otherwise(path):
            return False
        if any(name.startswith("describe") for name in names):
            # pytest-describe: functions that hold tests.
            return False
        return all(self._is_empty_by(path, names, settings) for _, settings in self._settings_above(path))

    def _is_empty_by(self, path: str, names: frozenset[str], settings: PytestSettings) -> bool:
        functions, classes = settings.functions or _FUNCTIONS, settings.classes or _CLASSES
        if any(_matches(name, functions) for name in names):
            return False
        outline = self.modules.outline(path)
        if outline is None or outline.runs_as_script or any(_sets_tests(name, functions) for name in outline.sets):
            return False
        defined = {each.name for each in outline.classes}
        if any(_matches(name, classes) and name not in defined for name in names):
            return False
        return not any(self._may_hold_tests(path, each, classes, functions) for each in outline.classes)

    def _may_hold_tests(
        self, path: str, definition: ClassDef, classes: tuple[str, ...], functions: tuple[str, ...]
    ) -> bool:
        """Whether a class may be collected: it has a test, also an inherited one, or may be unittest's."""
        attributes = set(definition.attributes)
        if definition.bases or definition.is_open:
            members = self._members(path, definition.qualname)
            if members is None:
                return True
            attributes |= members.own
        if not _matches(definition.name, classes) or "__init__" in definition.attributes:
            # pytest passes over classes with a constructor of their own (pytest, "Conventions for test discovery").
            return False
        return any(_matches(name, functions) for name in attributes)

    def _is_collected_otherwise(self, path: str) -> bool:
        """Whether a conftest.py above makes tests of files, leaves files out, or changes what a test is."""
        for folder in _above(path):
            facts = self.files.get(f"{folder}/conftest.py".lstrip("/"))
            names = facts.python.bound if facts and facts.python else ()
            if not _COLLECTORS.isdisjoint(names):
                return True
        return False

    # Fixtures.

    def repeated_fixtures(self) -> Iterator[RepeatedFixture]:
        """Fixtures of conftest.py files that do the same as one of the same name in the same project."""
        seen: dict[tuple[str, str, str], tuple[str, Fixture]] = {}
        for path, fixtures in self._shared.items():
            for fixture in fixtures:
                key = (self._project_of(path), fixture.name, fixture.content)
                first = seen.setdefault(key, (path, fixture))
                if fixture.content and first[0] != path and self._may_be_one(first[0], path, fixture):
                    yield RepeatedFixture(path, fixture, *first)

    def _may_be_one(self, first: str, path: str, fixture: Fixture) -> bool:
        """Whether one of two equal fixtures can go, or both can move above both: then nothing is lost by it."""
        top = _folder(first)
        if top in _above(path):
            between = itertools.takewhile(lambda folder: folder != top, _above(_folder(path)))
            return not any(self._has(folder, fixture.name) for folder in between)
        # Of one that nobody asks for, its folder says which tests have it: above both, more would.
        return not fixture.autouse and not self._override(first, path, fixture.name)

    def _has(self, folder: str, name: str) -> bool:
        """Whether the conftest.py of a folder has a fixture of a name."""
        return any(fixture.name == name for fixture in self._shared.get(f"{folder}/conftest.py".lstrip("/"), ()))

    @cached_property
    def _shared(self) -> dict[str, tuple[Fixture, ...]]:
        """The fixtures of conftest.py files, the outermost file first."""
        found = {
            path: facts.python.fixtures
            for path, facts in self.files.items()
            if facts.python is not None and path.rpartition("/")[2] == "conftest.py"
        }
        return {path: found[path] for path in sorted(found, key=lambda each: (each.count("/"), each))}

    @cached_property
    def _plugged(self) -> frozenset[tuple[str, str]]:
        """The fixtures of modules that are neither conftest.py nor tests, and may be plugins: project and name."""
        return frozenset(
            (self._project_of(path), fixture.name)
            for path, facts in self.files.items()
            if facts.python is not None and not _OWN_FIXTURES.search(path)
            for fixture in facts.python.fixtures
        )

    def _override(self, left: str, right: str, name: str) -> bool:
        """Whether a plugin, or a conftest.py above both, has a fixture of that name: two overrides of it cannot become
        one."""
        if (self._project_of(left), name) in self._plugged:
            return True
        above = set(_above(left)) & set(_above(right)) - {_folder(left), _folder(right)}
        return any(self._has(folder, name) for folder in above)

    def _project_of(self, path: str) -> str:
        """The nearest folder above that a tool takes for a project: fixtures are not shared beyond it."""
        for folder in _above(path):
            if any((f"{folder}/{name}" if folder else name) in self.files for name in _PROJECT_FILES):
                return folder
        return ""


def _sets_tests(name: str, functions: tuple[str, ...]) -> bool:
    """Whether what a module sets on a class may be a test: `setattr(TestOrders, "test_it", ...)`."""
    return name.startswith("?") or _matches(name, functions)


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    """pytest takes a prefix, or a glob (pytest reference, "python_functions")."""
    return any(
        name.startswith(pattern) or ("*" in pattern and fnmatch.fnmatchcase(name, pattern)) for pattern in patterns
    )


def _names(pattern: str, path: str) -> bool:
    """Whether an ignored path or pattern takes in a file."""
    pattern = pattern.strip("./")
    return _is_below(path, pattern) or fnmatch.fnmatchcase(path, pattern) or fnmatch.fnmatchcase(path, f"*/{pattern}")


def _is_below(path: str, folder: str) -> bool:
    """Whether a path is one that a pattern names, or stands in such a folder."""
    parts = path.split("/")
    above = ("/".join(parts[:end]) for end in range(1, len(parts) + 1))
    return not folder or any(fnmatch.fnmatchcase(each, folder) for each in above)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _above(path: str) -> Iterator[str]:
    folder = _folder(path)
    while folder:
        yield folder
        folder = _folder(folder)
    yield ""
