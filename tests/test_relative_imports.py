"""import-relative judged by Python and pytest: an error is an import that fails when they run the file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import harness
import pytest

import infralint
from infralint.settings import Settings

RULE = "import-relative"
SETTINGS = Settings(select=(RULE,))

MAKE = "run:\n\tPYTHONPATH=. python scripts/a.py\n"
# Each is run by `python scripts/a.py`, as its Makefile says.
SCRIPTS = {
    "a folder without __init__": {"scripts/a.py": "from .b import x\n", "scripts/b.py": "x = 1\n"},
    "a package": {"scripts/__init__.py": "", "scripts/a.py": "from .b import x\n", "scripts/b.py": "x = 1\n"},
    "a module of the package": {"scripts/__init__.py": "", "scripts/a.py": "from . import b\n", "scripts/b.py": "x = 1\n"},
    "the folder above": {
        "scripts/__init__.py": "", "scripts/a.py": "from ..b import x\n", "b.py": "x = 1\n", "__init__.py": "",
    },
    "guarded": {
        "scripts/a.py": "try:\n    from .b import x\nexcept ImportError:\n    from b import x\n", "scripts/b.py": "x = 1\n",
    },
    "chosen by __package__": {
        "scripts/a.py": "if __package__:\n    from .b import x\nelse:\n    from b import x\n", "scripts/b.py": "x = 1\n",
    },
    "chosen by __name__": {
        "scripts/a.py": "if __name__ != '__main__':\n    from .b import x\nelse:\n    from b import x\n",
        "scripts/b.py": "x = 1\n",
    },
    "for typing alone": {
        "scripts/a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .b import x\n", "scripts/b.py": "x = 1\n",
    },
    "under the check of __main__": {
        "scripts/a.py": "if __name__ == '__main__':\n    from .b import x\n", "scripts/b.py": "x = 1\n",
    },
    "its package is set": {
        "scripts/__init__.py": "", "scripts/b.py": "x = 1\n",
        "scripts/a.py": "import sys\nsys.path.insert(0, '.')\nimport scripts\n__package__ = 'scripts'\nfrom .b import x\n",
    },
    "suppressed": {
        "scripts/a.py": "from contextlib import suppress\nwith suppress(ImportError):\n    from .b import x\n",
        "scripts/b.py": "x = 1\n",
    },
}  # fmt: skip

TESTS = {
    "a folder without __init__": {"tests/test_a.py": "from .b import x\ndef test(): ...\n", "tests/b.py": "x = 1\n"},
    "a package": {
        "tests/__init__.py": "", "tests/test_a.py": "from .b import x\ndef test(): ...\n", "tests/b.py": "x = 1\n",
    },
    "a package in a package": {
        "tests/__init__.py": "", "tests/unit/__init__.py": "", "tests/b.py": "x = 1\n",
        "tests/unit/test_a.py": "from ..b import x\ndef test(): ...\n",
    },
    "a package in a folder without __init__": {
        "tests/unit/__init__.py": "", "tests/unit/test_a.py": "from .b import x\ndef test(): ...\n", "tests/unit/b.py": "x = 1\n",
    },
    "dots above the outermost package": {
        "tests/unit/__init__.py": "", "tests/unit/test_a.py": "from ..b import x\ndef test(): ...\n", "tests/b.py": "x = 1\n",
    },
    "importlib mode": {
        "pytest.ini": "[pytest]\naddopts = --import-mode=importlib\n",
        "tests/test_a.py": "from .b import x\ndef test(): ...\n", "tests/b.py": "x = 1\n",
    },
    "conftest": {"tests/conftest.py": "from .b import x\n", "tests/test_a.py": "def test(): ...\n", "tests/b.py": "x = 1\n"},
    "no such module": {"tests/__init__.py": "", "tests/test_a.py": "from .missing import x\ndef test(): ...\n"},
    "no such name": {"tests/__init__.py": "", "tests/test_a.py": "from . import missing\ndef test(): ...\n"},
    "a name that the package binds": {
        "tests/__init__.py": "here = 1\n", "tests/test_a.py": "from . import here\ndef test(): ...\n",
    },
    "a name by the package's own getattr": {
        "tests/__init__.py": "def __getattr__(name):\n    return 1\n", "tests/test_a.py": "from . import here\ndef test(): ...\n",
    },
    "in a function": {"tests/test_a.py": "def make():\n    from .b import x\ndef test(): ...\n", "tests/b.py": "x = 1\n"},
}  # fmt: skip


def severities(files: dict[str, str]) -> set[str]:
    report = infralint.lint(files, SETTINGS)
    assert report.failed == ()
    return {finding.severity.value for finding in report.findings}


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-B", *command], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts(name: str, tmp_path: Path) -> None:
    files = {"Makefile": MAKE, **SCRIPTS[name]}
    write(tmp_path, files)
    done = run(tmp_path, "scripts/a.py")
    assert ("error" in severities(files)) == (done.returncode != 0), done.stderr


@pytest.mark.parametrize("name", TESTS)
def test_tests(name: str, tmp_path: Path) -> None:
    files = {"pytest.ini": "[pytest]\n", **TESTS[name]}
    write(tmp_path, files)
    done = run(tmp_path, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider")
    # What only fails when a function is called is no failure of the collection, and an error all the same.
    assert ("error" in severities(files)) == (done.returncode != 0 or name == "in a function"), (
        done.stdout + done.stderr
    )


def test_unittest_makes_namespace_packages(tmp_path: Path) -> None:
    files = {
        "tests/test_a.py": "import unittest\nfrom .b import x\nclass T(unittest.TestCase):\n    def test(self): ...\n",
        "tests/b.py": "x = 1\n",
    }
    write(tmp_path, files)
    assert run(tmp_path, "-m", "unittest", "tests.test_a").returncode == 0
    assert severities(files) == {"warning"}


@pytest.mark.parametrize("name", [name for name in SCRIPTS if name != "the folder above"])
def test_fixed_scripts_run(name: str, tmp_path: Path) -> None:
    files = {"Makefile": MAKE, **SCRIPTS[name]}
    result = harness.fixed(files, RULE)
    assert result.converged
    assert severities(result.files) == set()
    write(tmp_path, result.files)
    done = subprocess.run(
        [sys.executable, "-B", "scripts/a.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=False,
    )
    # Without another import that shows the root it may be the script's folder, which `python file.py` puts first.
    assert done.returncode == 0, done.stderr


MODULES = {"p/__init__.py": "", "p/b.py": "c = 1\n", "p/q/__init__.py": "", "p/q/r.py": "c = 1\n"}


@pytest.mark.parametrize(
    ("statement", "token", "fixed"),
    [
        ("from . import r", ".", "from p.q import r"),
        ("from .. import b", "..", "from p import b"),
        ("from .r import c", ".r", "from p.q.r import c"),
        ("from . r import c", ". r", "from p.q.r import c"),
        ("from . . b import c", ". . b", "from p.b import c"),
        ("from .. b import (c)", ".. b", "from p.b import (c)"),
        ("from ..q.r import (\n    c,  # why\n)", "..q.r", "from p.q.r import (\n    c,  # why\n)"),
        ("from \\\n    ..b \\\n    import c", "..b", "from \\\n    p.b \\\n    import c"),
        ("from\t..b\timport\tc", "..b", "from\tp.b\timport\tc"),
        ("from ..q . r import c", "..q . r", "from p.q.r import c"),
        ("from .r import *", ".r", "from p.q.r import *"),
        ("from . import (r)", ".", "from p.q import (r)"),
        ("x = 1; from .r import c", ".r", "x = 1; from p.q.r import c"),
        ("from.r import c", ".r", "fromp.q.r import c"),
        ("from..b import c", "..b", "fromp.b import c"),
        ("from .import r", ".", "from p.qimport r"),
    ],
)
def test_spans_and_fixes(statement: str, token: str, fixed: str) -> None:
    files = {**MODULES, "p/q/m.py": f"# é from .x import\n{statement}\n"}
    (finding,) = infralint.lint(files, SETTINGS).findings
    lines = files["p/q/m.py"].splitlines()
    assert lines[finding.line - 1][finding.column - 1 : finding.end_column - 1] == token
    text = harness.fixed(files, RULE).files["p/q/m.py"].partition("\n")[2]
    compile(text, "m.py", "exec")
    assert " ".join(text.split()) == " ".join(fixed.replace("fromp", "from p").replace("qimport", "q import").split())


def test_four_dots() -> None:
    files = {
        "p/__init__.py": "", "p/q/__init__.py": "", "p/q/r/__init__.py": "", "p/q/r/s/__init__.py": "", "p/x.py": "c = 1\n",
        "p/q/r/s/m.py": "from ....x import c\nfrom ... .x import c as d\n",
    }  # fmt: skip
    findings = infralint.lint(files, SETTINGS).findings
    assert [(f.column, f.end_column, f.severity.value) for f in findings] == [(6, 11, "warning"), (6, 12, "warning")]
    assert harness.fixed(files, RULE).files["p/q/r/s/m.py"] == "from p.x import c\nfrom p.x import c as d\n"


SILENT = {
    "stubs": {"p/__init__.py": "", "p/m.pyi": "from .x import c\n"},
    "texts": {"p/__init__.py": "", "p/m.py": "s = '''\nfrom .x import c\n'''\n# from .x import c\n"},
    "absolute": {"p/__init__.py": "", "p/b.py": "c = 1\n", "p/m.py": "from p.b import c\nimport p.b\n"},
}

WARNINGS = {
    "generated": {"p/__init__.py": "from ._version import v\nfrom .x_pb2 import y\nfrom .local_settings import *\n"},
    "compiled": {"p/__init__.py": "from .fast import v\n", "p/fast.pyx": ""},
    "template": {"p/__init__.py": "from .models import v\n", "p/models.py.template": b"", "p/m.py": ""},
    "template of Django": {"p/__init__.py": "from .models import v\n", "p/models.py-tpl": b""},
    "shared object": {"p/__init__.py": "from .fast import v\n", "p/fast.cpython-311-x86_64-linux-gnu.so": b""},
    "Rust": {"Cargo.toml": "", "p/__init__.py": "from .native import v\n"},
    "copied to another place": {"docker/settings.docker.py": "from .configuration import read\n"},
    "__main__": {"p/__init__.py": "", "p/b.py": "c = 1\n", "p/__main__.py": "from .b import c\n"},
    "a namespace package": {
        "p/q/m.py": "from .b import c\nfrom ..x import d\n",
        "p/q/b.py": "c = 1\n",
        "p/x.py": "d = 1\n",
    },
    "run by -m": {
        "Makefile": "a:\n\tpython -m p.m\n",
        "p/__init__.py": "",
        "p/m.py": "from .b import c\n",
        "p/b.py": "c = 1\n",
    },
    "the package itself": {"p/__init__.py": "from . import b\nfrom .b import c\n", "p/b.py": "c = 1\n"},
}


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    assert severities(SILENT[name]) == set()


@pytest.mark.parametrize("name", WARNINGS)
def test_only_warnings(name: str) -> None:
    assert severities(WARNINGS[name]) == {"warning"}


def test_the_root_of_a_namespace_package_is_what_imports_show() -> None:
    files = {
        "src/org/web/__init__.py": "", "src/org/web/b.py": "c = 1\n", "src/org/web/a.py": "from .b import c\n",
        "src/org/app/__init__.py": "", "src/org/app/x.py": "import logging\nfrom org.web.b import c\nfrom .y import z\n", "src/org/app/y.py": "z = 1\n", "src/org/logging.py": "",
    }  # fmt: skip
    assert harness.fixed(files, RULE).files["src/org/web/a.py"] == "from org.web.b import c\n"


def test_no_absolute_form_without_names_for_the_folders() -> None:
    (finding,) = infralint.lint(
        {"1-apps/my-src/a.py": "from .b import c\n", "1-apps/my-src/b.py": "c = 1\n", "x.py": ""}, SETTINGS
    ).findings
    assert finding.fixes == () or finding.fixes[0].edits[0].text == "b"


def test_other_roots_say_nothing_of_a_package_that_nobody_imports() -> None:
    files = {
        "backend/app/__init__.py": "", "backend/app/a.py": "from .b import c\n", "backend/app/b.py": "c = 1\n",
        "tools/__init__.py": "", "tools/x.py": "from tools.y import z\nfrom .y import z\n", "tools/y.py": "z = 1\n",
    }  # fmt: skip
    found = {f.path: f.fixes[0] for f in infralint.lint(files, SETTINGS).findings}
    fix, other = found["backend/app/a.py"], found["tools/x.py"]
    assert (fix.edits[0].text, fix.applicability.value) == ("app.b", "unsafe")
    assert (other.edits[0].text, other.applicability.value) == ("tools.y", "safe")
