"""pytest itself judges test-empty-module: `--collect-only` over small trees, each with settings of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import infralint
from infralint.settings import Settings

MODULES = {
    "test_function.py": "def test_it(): ...\n",
    "test_async.py": "async def test_it(): ...\n",
    "test_check.py": "def check_it(): ...\n",
    "test_works.py": "def it_works(): ...\n",
    "test_empty.py": "",
    "test_docstring.py": '"""Words."""\n',
    "test_constants.py": "A = 1\n",
    "test_class.py": "class TestIt:\n    def test_it(self): ...\n",
    "test_class_check.py": "class TestIt:\n    def check_it(self): ...\n",
    "test_suite.py": "class Suite:\n    def test_it(self): ...\n",
    "test_other_class.py": "class Other:\n    def test_it(self): ...\n",
    "test_no_methods.py": "class TestIt:\n    x = 1\n",
    "test_unittest.py": "import unittest\n\nclass Orders(unittest.TestCase):\n    def test_it(self): ...\n",
    "test_inner.py": "def helper():\n    def test_it(): ...\n",
    "test_conditional.py": "if True:\n    def test_it(): ...\n",
    "test_assigned.py": "test_it = lambda: None\n",
    "test_parametrized.py": "import pytest\n\n@pytest.mark.parametrize('x', [1])\ndef test_it(x): ...\n",
    "test_fixture.py": "import pytest\n\n@pytest.fixture\ndef thing(): ...\n",
    "test_doctest.py": '"""\n>>> 1\n1\n"""\n',
}
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


@pytest.mark.parametrize("name", SETTINGS)
def test_pytest_agrees(name: str, tmp_path: Path) -> None:
    file, text = SETTINGS[name]
    files = {**MODULES, file: text}
    for path, content in files.items():
        (tmp_path / path).write_text(content)
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "-W", "ignore"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    collected = {line.partition("::")[0] for line in done.stdout.splitlines() if "::" in line}
    empty = MODULES.keys() - collected
    said = {finding.path for finding in infralint.lint(files, Settings(select=("test-empty-module",))).findings}
    # Doctests are not read, so a project that collects them is not judged at all.
    assert said == (empty if name != "doctests" else set())
