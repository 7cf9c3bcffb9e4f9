"""pytest and Python judge which of several packages of one name an import means, and whether it has what is asked of it.

Every tree has two packages `app`: `one/app`, whose `m` has `x`, and `two/app`, whose `m` has `y`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import infralint
from infralint.settings import Settings

BASE = {
    "one/app/__init__.py": "",
    "one/app/m.py": "x = 1\n",
    "one/app/only.py": "",
    "two/app/__init__.py": "",
    "two/app/m.py": "y = 1\n",
    # Imports that are right make it certain that `app` is the tree's own.
    "one/run.py": "from app.m import x\n",
    "two/run.py": "from app.m import y\n",
}
PATH = "import sys\nfrom pathlib import Path\n"
OS_PATH = "import os\nimport sys\n"
GOOD, BAD = "from app.m import x\n", "from app.m import y\n"
MODULE = "import app.only\n"

# What makes `one/app` the package that tests/test_it.py imports.
WAYS: dict[str, dict[str, str]] = {
    "pythonpath": {"pytest.ini": "[pytest]\npythonpath = one\n"},
    "pythonpath of several": {"pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["one", "two"]\n'},
    "pythonpath above": {"tests/pytest.ini": "[pytest]\npythonpath = ../one\n"},
    "conftest": {"tests/conftest.py": f"{PATH}sys.path.insert(0, str(Path(__file__).parent.parent / 'one'))\n"},
    "conftest at the root": {"conftest.py": f"{PATH}sys.path.insert(0, str(Path(__file__).resolve().parents[0] / 'one'))\n"},
    "conftest by os.path": {
        "tests/conftest.py": f"{OS_PATH}sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'one'))\n"
    },
    "conftest in a condition": {
        "tests/conftest.py": (
            f"{OS_PATH}HERE = os.path.dirname(__file__)\nONE = os.path.realpath(f'{{HERE}}/../one')\n"
            "if ONE not in sys.path:\n    sys.path.insert(0, ONE)\n"
        )
    },
    "conftest in a loop": {
        "tests/conftest.py": (
            f"{PATH}ROOT = Path(__file__).parents[1]\nfor folder in (ROOT / 'two', ROOT / 'one'):\n"
            "    sys.path.insert(0, str(folder))\n"
        )
    },
    "conftest by a slice": {"tests/conftest.py": f"{PATH}sys.path[:0] = [str(Path(__file__).parents[1] / 'one')]\n"},
    "conftest by a sum": {"tests/conftest.py": f"{PATH}sys.path = [str(Path(__file__).parents[1].joinpath('one'))] + sys.path\n"},
    "two inserts": {
        "tests/conftest.py": (
            f"{PATH}ROOT = Path(__file__).parents[1]\nsys.path.insert(0, str(ROOT / 'two'))\nsys.path.insert(0, str(ROOT / 'one'))\n"
        )
    },
    "the nearer conftest": {
        "conftest.py": f"{PATH}sys.path.insert(0, str(Path(__file__).parent / 'two'))\n",
        "tests/conftest.py": f"{PATH}sys.path.insert(0, str(Path(__file__).parents[1] / 'one'))\n",
    },
    "conftest before pythonpath": {
        "pytest.ini": "[pytest]\npythonpath = two\n",
        "tests/conftest.py": f"{PATH}sys.path.insert(0, str(Path(__file__).parents[1] / 'one'))\n",
    },
    "append behind nothing": {"tests/conftest.py": f"{PATH}sys.path.append(str(Path(__file__).parents[1] / 'one'))\n"},
}  # fmt: skip
# Where nothing is said: who is asked cannot be told from the files.
UNCERTAIN = {"append behind nothing"}

OWN = f"{PATH}sys.path.insert(0, str(Path(__file__).parents[1] / 'one'))\n"
# Whole trees whose tests/test_it.py fails, or does not.
TREES: dict[str, dict[str, str]] = {
    **{
        f"{name}: {what}": {**files, "tests/test_it.py": text}
        for name, files in WAYS.items()
        for what, text in (("right", GOOD), ("wrong", BAD), ("a module", MODULE))
    },
    "by itself, right": {"tests/test_it.py": f"{OWN}{GOOD}"},
    "by itself, wrong": {"tests/test_it.py": f"{OWN}{BAD}"},
    "a package of tests": {
        "tests/__init__.py": "", "tests/helpers.py": "h = 1\n", "tests/test_it.py": "from tests.helpers import h\n",
    },
    "a package of tests lacks it": {
        "tests/__init__.py": "", "tests/helpers.py": "h = 1\n", "tests/test_it.py": "from tests.helpers import g\n",
        "tests/test_other.py": "from tests.helpers import h\n",
    },
    "a helper beside": {"tests/helpers.py": "h = 1\n", "tests/test_it.py": "from helpers import h\n"},
    "a helper beside lacks it": {
        "tests/helpers.py": "h = 1\n", "tests/test_it.py": "from helpers import g\n", "tests/test_other.py": "from helpers import h\n",
    },
    "a helper of the folder above": {
        "tests/conftest.py": "", "tests/helpers.py": "h = 1\n", "tests/unit/test_it.py": "from helpers import h\n",
    },
    "the package's own module": {
        "conftest.py": f"{PATH}sys.path.insert(0, str(Path(__file__).parent / 'one'))\n",
        "one/app/user.py": GOOD, "tests/test_it.py": "import app.user\n",
    },
    "the package's own module lacks it": {
        "conftest.py": f"{PATH}sys.path.insert(0, str(Path(__file__).parent / 'one'))\n",
        "one/app/user.py": BAD, "tests/test_it.py": "import app.user\n",
    },
}  # fmt: skip

RUNNER = """
import importlib, json, os, sys
import pytest

class Judge:
    failed = False
    def pytest_collectreport(self, report):
        if report.nodeid.endswith("test_it.py"):
            self.failed = report.failed

verdicts = []
before, path = set(sys.modules), list(sys.path)
for folder in sys.argv[1:]:
    os.chdir(folder)
    judge = Judge()
    pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio", "-W", "ignore", "tests"], plugins=[judge])
    verdicts.append(judge.failed)
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", None) or "").startswith(folder):
            del sys.modules[name]
    sys.path[:] = path
    importlib.invalidate_caches()
print("\\n" + json.dumps(verdicts))
"""


@pytest.fixture(scope="module")
def fails(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bool]:
    folders = []
    for name in TREES:
        folder = tmp_path_factory.mktemp("tree").resolve()
        folders.append(str(folder))
        for path, text in {**BASE, **TREES[name]}.items():
            file = Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    done = subprocess.run([sys.executable, "-B", "-c", RUNNER, *folders], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    verdicts = json.loads(done.stdout.splitlines()[-1])
    return dict(zip(TREES, verdicts, strict=True))


@pytest.mark.parametrize("name", TREES)
def test_pytest_agrees(name: str, fails: dict[str, bool]) -> None:
    found = infralint.lint({**BASE, **TREES[name]}, Settings(select=("import-unresolved",))).findings
    if name.partition(":")[0] in UNCERTAIN:
        assert found == ()
    else:
        assert bool(found) is fails[name], found


def test_the_trees_are_of_both_kinds(fails: dict[str, bool]) -> None:
    assert {fails[f"{name}: wrong"] for name in WAYS} == {True}
    assert {fails[f"{name}: right"] for name in WAYS} == {False}


DOCKERFILE = 'FROM python:3.13-slim\nWORKDIR /srv\n{}COPY {} lib/\nCOPY jobs jobs\nCMD ["python", "jobs/nightly.py"]\n'
# The images of a job, and the names that it takes from `app.m` in vain.
IMAGES = [
    ({"Dockerfile": DOCKERFILE.format("ENV PYTHONPATH=/srv/lib\n", "one")}, ["y"]),
    ({"Dockerfile": DOCKERFILE.format("ENV PYTHONPATH=/srv/lib\n", "two")}, ["x"]),
    ({"Dockerfile": DOCKERFILE.format("ENV PYTHONPATH=lib:/else\n", "two")}, ["x"]),
    ({"Dockerfile": DOCKERFILE.format("", "one")}, []),
    ({"Dockerfile": DOCKERFILE.format("", "one").replace("lib/", ".")}, ["y"]),
    (
        {
            "Dockerfile": DOCKERFILE.format("ENV PYTHONPATH=/srv/lib\n", "one"),
            "Dockerfile.other": DOCKERFILE.format("ENV PYTHONPATH=/srv/lib\n", "two"),
        },
        [],
    ),
    ({}, []),
]


@pytest.mark.parametrize("number", range(len(IMAGES)))
def test_an_image_says_which_package_is_meant(number: int) -> None:
    """By PYTHONPATH and WORKDIR; nothing is said where images disagree or none holds the job."""
    files, missing = IMAGES[number]
    project = {**BASE, **files, "jobs/nightly.py": "from app.m import x, y\n"}
    found = infralint.lint(project, Settings(select=("import-unresolved",))).findings
    assert [finding.message.split("`")[1] for finding in found] == missing
