"""pytest itself judges test-empty-module: it collects small trees, each with settings of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import infralint
from infralint.settings import Settings

FUNCTION = "def test_it(): ...\n"
METHOD = "    def test_it(self): ...\n"
MODULES = {
    "test_function.py": FUNCTION,
    "test_async.py": "async def test_it(): ...\n",
    "test_check.py": "def check_it(): ...\n",
    "test_works.py": "def it_works(): ...\n",
    "test_empty.py": "",
    "test_docstring.py": '"""Words."""\n',
    "test_constants.py": "A = 1\n",
    "test_class.py": f"class TestIt:\n{METHOD}",
    "test_class_check.py": "class TestIt:\n    def check_it(self): ...\n",
    "test_suite.py": f"class Suite:\n{METHOD}",
    "test_other_class.py": f"class Other:\n{METHOD}",
    "test_no_methods.py": "class TestIt:\n    x = 1\n",
    "test_unittest.py": f"import unittest\n\nclass Orders(unittest.TestCase):\n{METHOD}",
    "test_inner.py": "def helper():\n    def test_it(): ...\n",
    "test_conditional.py": f"if True:\n    {FUNCTION}",
    "test_assigned.py": "test_it = lambda: None\n",
    "test_parametrized.py": f"import pytest\n\n@pytest.mark.parametrize('x', [1])\n{FUNCTION.replace('()', '(x)')}",
    "test_fixture.py": "import pytest\n\n@pytest.fixture\ndef thing(): ...\n",
    "test_doctest.py": '"""\n>>> 1\n1\n"""\n',
    "bases_here.py": f"class Tested:\n{METHOD}\nclass Bare:\n    def help(self): ...\n",
    "functions_here.py": FUNCTION,
    "test_inherited.py": "from bases_here import Tested\n\nclass TestIt(Tested): ...\n",
    "test_inherited_twice.py": "import bases_here\n\nclass Middle(bases_here.Tested): ...\n\nclass TestIt(Middle): ...\n",
    "test_inherits_none.py": "from bases_here import Bare\n\nclass TestIt(Bare): ...\n",
    "test_inherits_nothing.py": "class TestIt(object):\n    x = 1\n",
    "test_an_error.py": "class TestFailed(Exception): ...\n",
    "test_helper_class.py": f"class Helper(Exception):\n{METHOD}",
    "test_constructor.py": f"class TestIt:\n    def __init__(self): ...\n{METHOD}",
    "test_in_condition.py": f"class TestIt:\n    if True:\n    {METHOD}",
    "test_nested.py": f"class TestOuter:\n    class TestInner:\n    {METHOD}",
    "test_imported.py": "from functions_here import test_it\n",
    "test_imported_class.py": "from bases_here import Tested as TestIt\n",
    "test_star.py": "from functions_here import *\n",
    "test_generated.py": "for n in range(2):\n    globals()[f'test_{n}'] = lambda: None\n",
    "test_factory.py": "def make():\n    def test(): ...\n    return test\n\n\ntest_made = make()\n",
    "test_set.py": "class TestIt: ...\n\nsetattr(TestIt, 'test_it', lambda self: None)\n",
    "test_loaded.py": "def load_tests(loader, tests, pattern):\n    return tests\n",
    "test_marked.py": "import pytest\n\npytestmark = pytest.mark.slow\n\ndef check(): ...\n",
}
# In these nothing is said even where there is no test: something may be made that nobody sees.
UNSURE = {
    "test_generated.py", "test_imported.py", "test_imported_class.py", "test_inherited.py", "test_inherited_twice.py",
    "test_loaded.py", "test_marked.py", "test_set.py", "test_star.py", "test_unittest.py",
}  # fmt: skip

SETTINGS = {
    "defaults": ("pytest.ini", "[pytest]\n"),
    "functions": ("pytest.ini", "[pytest]\npython_functions = check *_works\n"),
    "classes": ("tox.ini", "[pytest]\npython_classes = Suite Other*\n"),
    "pyproject": (
        "pyproject.toml",
        '[tool.pytest.ini_options]\npython_functions = ["check"]\npython_classes = ["Suite"]\n',
    ),
    "doctests": ("setup.cfg", "[tool:pytest]\naddopts = --doctest-modules\n"),
}

# Which files are collected at all, and by whom.
TREES: dict[str, dict[str, str]] = {
    "names of files": {
        "pytest.ini": "[pytest]\npython_files = check_*.py *_spec.py\n", "check_a.py": "A = 1\n", "b_spec.py": "A = 1\n",
        "test_c.py": "A = 1\n", "check_d.py": FUNCTION,
    },
    "folders of tests": {
        "pytest.ini": "[pytest]\ntestpaths = tests more\n", "tests/test_a.py": "A = 1\n", "other/test_b.py": "A = 1\n",
        "more/deep/test_c.py": "A = 1\n",
    },
    "folders that are not entered": {
        "pytest.ini": "[pytest]\nnorecursedirs = data old*\n", "tests/data/test_a.py": "A = 1\n",
        "tests/older/test_b.py": "A = 1\n", "tests/build/test_c.py": "A = 1\n",
    },
    "folders that are never entered": {
        "conftest.py": "", "tests/build/test_a.py": "A = 1\n", "tests/.old/test_b.py": "A = 1\n", "tests/test_c.py": "A = 1\n",
    },
    "files that a conftest leaves out": {
        "tests/conftest.py": "collect_ignore = ['test_a.py']\n", "tests/test_a.py": "A = 1\n",
        "more/conftest.py": "collect_ignore_glob = ['*_b.py']\n", "more/test_b.py": "A = 1\n",
    },
    "a conftest that leaves out": {
        "tests/conftest.py": "def pytest_ignore_collect(collection_path):\n    return collection_path.name == 'test_a.py' or None\n",
        "tests/test_a.py": "A = 1\n",
    },
    "options that leave out": {
        "pytest.ini": "[pytest]\naddopts = --ignore=tests/old --ignore-glob='*_b.py'\n", "tests/old/test_a.py": "A = 1\n",
        "tests/test_b.py": "A = 1\n", "tests/test_c.py": "A = 1\n",
    },
    "a conftest that collects": {
        "tests/conftest.py": (
            "import pytest\n\n\nclass Item(pytest.Item):\n    def runtest(self): ...\n\n\n"
            "class File(pytest.File):\n    def collect(self):\n        yield Item.from_parent(self, name='it')\n\n\n"
            "def pytest_collect_file(file_path, parent):\n"
            "    if file_path.suffix == '.py':\n        return File.from_parent(parent, path=file_path)\n"
        ),
        "tests/test_a.py": "A = 1\n",
    },
    "a conftest that says what a test is": {
        "tests/conftest.py": (
            "import pytest\n\n\ndef pytest_pycollect_makeitem(collector, name, obj):\n    if name.startswith('should'):\n"
            "        return pytest.Function.from_parent(collector, name=name)\n"
        ),
        "tests/test_a.py": "def should_work(): ...\n",
    },
    "settings of a service": {
        "service/pytest.ini": "[pytest]\n", "service/tests/test_a.py": "A = 1\n", "service/tests/test_b.py": FUNCTION,
    },
}  # fmt: skip

# Collects each folder and prints the modules that were collected and gave no item.
RUNNER = """
import importlib, json, os, sys
import pytest

class Judge:
    def __init__(self):
        self.modules, self.tested = set(), set()
    def pytest_collectreport(self, report):
        if report.nodeid.endswith(".py") and report.passed:
            self.modules.add(report.nodeid)
    def pytest_collection_finish(self, session):
        self.tested = {item.nodeid.partition("::")[0] for item in session.items}

verdicts = []
before, path = set(sys.modules), list(sys.path)
for folder in sys.argv[1:]:
    os.chdir(folder)
    judge = Judge()
    code = pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio", "-W", "ignore"], plugins=[judge])
    if code not in (0, 5):
        raise SystemExit(f"{folder}: {code}")
    verdicts.append(sorted(judge.modules - judge.tested))
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and sys.modules[name].__file__.startswith(folder):
            del sys.modules[name]
    sys.path[:] = path
    importlib.invalidate_caches()
print("\\n" + json.dumps(verdicts))
"""


def files_of(name: str) -> dict[str, str]:
    if name in TREES:
        return TREES[name]
    file, text = SETTINGS[name]
    return {**MODULES, file: text}


NAMES = [*SETTINGS, *TREES]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    folders = []
    for name in NAMES:
        folder = tmp_path_factory.mktemp("tree").resolve()
        folders.append(str(folder))
        for path, text in files_of(name).items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    done = subprocess.run([sys.executable, "-B", "-c", RUNNER, *folders], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    verdicts = json.loads(done.stdout.splitlines()[-1])
    return {name: set(paths) for name, paths in zip(NAMES, verdicts, strict=True)}


@pytest.mark.parametrize("name", NAMES)
def test_pytest_agrees(name: str, empty: dict[str, set[str]]) -> None:
    found = infralint.lint(files_of(name), Settings(select=("test-empty-module",))).findings
    said = {finding.path for finding in found}
    # Doctests are not read, so a project that collects them is not judged at all.
    if name == "doctests":
        assert said == set()
    else:
        assert said <= empty[name]
        assert empty[name] - said <= UNSURE


def test_the_judge_finds_something(empty: dict[str, set[str]]) -> None:
    """Where all trees were empty or none was, agreement would mean nothing."""
    assert len(empty["defaults"]) > 10
    assert "test_function.py" not in empty["defaults"]
    assert Path("tests/test_c.py").as_posix() in empty["options that leave out"]
