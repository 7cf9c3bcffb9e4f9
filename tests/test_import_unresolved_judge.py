"""Python itself judges import-unresolved: small packages are imported for real, each in a process of its own world."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import infralint
from infralint.settings import Settings

THINGS = "import os\nfrom app.more import *\n\nclass Known: ...\n"
MORE = "class Starred: ...\n_private = 1\n"
BASE = {
    "app/__init__.py": "",
    "app/things.py": THINGS,
    "app/more.py": MORE,
    "app/sub/__init__.py": "x = 1\n",
    "app/sub/deep.py": "",
}

# What main.py does, and files besides or instead.
SHAPES: list[tuple[str, dict[str, str]]] = [
    ("from app.things import Known", {}),
    ("from app.things import Known, Gone", {}),
    ("from app.things import Starred", {}),
    ("from app.things import os, app", {}),
    ("from app import things, more, sub", {}),
    ("from app import gone", {}),
    ("from app.sub import deep, x", {}),
    ("from app.sub import gone", {}),
    ("from app.gone import x", {}),
    ("from app.sub.gone import x", {}),
    ("from app.sub.deep import x", {}),
    ("from app.sub.deep import *", {}),
    ("from app.things import anything", {"app/things.py": "def __getattr__(name):\n    return name\n"}),
    ("from app.things import a, b", {"app/things.py": "a = b = 1\n"}),
    ("from app.things import a, b", {"app/things.py": "for a in ():\n    pass\nb = 1\nfor a in (1,):\n    pass\n"}),
    ("from app.things import a", {"app/things.py": "def f():\n    global a\n    a = 1\nf()\n"}),
    ("from app.things import a", {"app/things.py": "def f():\n    a = 1\nf()\n"}),
    ("from app.things import a", {"app/things.py": "class A:\n    a = 1\n"}),
    ("from app.things import a", {"app/things.py": "x = [a for a in (1,)]\n"}),
    ("from app.things import a", {"app/things.py": "x = [(a := y) for y in (1,)]\n"}),
    ("from app.things import a", {"app/things.py": "import a.b.c as a\n", "a/__init__.py": "", "a/b/__init__.py": "", "a/b/c.py": ""}),
    ("from app.things import a", {"app/things.py": "globals()['a'] = 1\n"}),
    ("from app.things import a", {"app/things.py": "try:\n    import a\nexcept ImportError:\n    a = None\n"}),
    ("from app.things import a", {"app/things.py": "with open(__file__) as a:\n    pass\n"}),
    ("from app.things import a", {"app/things.py": "match 1:\n    case a:\n        pass\n"}),
    ("from app.things import Known", {"app/things.py": "from app.more import Starred as Known\n"}),
    ("from app.things import Starred", {"app/things.py": "from app.more import Starred as Known\n"}),
    ("from app import Known", {"app/__init__.py": "from app.things import Known\n"}),
    ("from app import Known", {"app/__init__.py": "from .things import *\n"}),
    ("from app import Missing", {"app/__init__.py": "from .things import *\n"}),
    ("try:\n    from app.things import Gone\nexcept ImportError:\n    pass", {}),
    ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from app.things import Gone", {}),
    ("from contextlib import suppress\nwith suppress(ImportError):\n    from app.gone import x", {}),
    ("def f():\n    from app.things import Gone\nf()", {}),
    # Names that every module has.
    ("from app.things import __name__, __doc__, __file__", {}),
    ("from app import __path__", {}),
    # Plain imports.
    ("import app.things, app.sub.deep", {}),
    ("import app.gone", {}),
    ("import app.gone as here", {}),
    ("import app.things.deeper", {}),
    ("import app.sub.gone.deeper", {}),
    ("try:\n    import app.gone\nexcept ImportError:\n    pass", {}),
    ("import importlib.util\nif importlib.util.find_spec('app.gone'):\n    import app.gone", {}),
    ("from app.things.deeper import x", {}),
    # Calls.
    ("from importlib import import_module\nimport_module('app.things')", {}),
    ("from importlib import import_module\nimport_module('app.gone')", {}),
    ("import importlib\nNAME = 'app.gone'\nimportlib.import_module(NAME)", {}),
    ("import importlib as i\nPACKAGE = 'app'\ni.import_module(f'{PACKAGE}.gone')", {}),
    ("import importlib\nimportlib.import_module('.things', 'app')", {}),
    ("import importlib\nimportlib.import_module('.gone', package='app')", {}),
    ("import importlib\nimportlib.import_module('..gone', 'app.sub')", {}),
    ("import importlib\nimportlib.import_module('..things', 'app.sub')", {}),
    ("__import__('app.things')", {}),
    ("__import__('app.gone')", {}),
    ("import importlib\ntry:\n    importlib.import_module('app.gone')\nexcept ImportError:\n    pass", {}),
    ("import importlib\nif importlib.util.find_spec('app.gone'):\n    importlib.import_module('app.gone')", {}),
    # Relative imports of names.
    ("import app.user", {"app/user.py": "from .things import Known, Starred\n"}),
    ("import app.user", {"app/user.py": "from .things import Gone\n"}),
    ("import app.sub.user", {"app/sub/user.py": "from ..things import Known\n"}),
    ("import app.sub.user", {"app/sub/user.py": "from ..things import Gone\n"}),
    ("import app.user", {"app/user.py": "from .sub import deep, x\n"}),
    ("import app.user", {"app/user.py": "from .sub import gone\n"}),
    # Names that others set, and stubs.
    ("import app.setter\nfrom app.things import later", {"app/setter.py": "import app.things\napp.things.later = 1\n"}),
    ("import app.setter\nfrom app.things import later", {"app/setter.py": "from app import things\nsetattr(things, 'later', 1)\n"}),
    ("import app.setter\nfrom app.things import later", {"app/setter.py": "from app import things as t\nfor n in ('later',):\n    setattr(t, n, 1)\n"}),
    ("from app.things import typed", {"app/things.pyi": "typed: int\n"}),
    ("from app.things import a", {"app/things.py": "class C:\n    def __getattr__(self, name): ...\n"}),
    ("from app.things import a", {"app/things.py": "def f(thing):\n    setattr(thing, 'b', 1)\n    return thing.__dict__\n"}),
    ("from app.things import a", {"app/things.py": "import sys\nsetattr(sys.modules[__name__], 'a', 1)\n"}),
    ("from app.things import a", {"app/things.py": "vars()['a'] = 1\n"}),
    ("from app.things import a", {"app/things.py": "import app.things as me\nme.__dict__['a'] = 1\n"}),
    # Namespace packages.
    ("from space.mod import x", {"space/mod.py": "x = 1\n"}),
    ("from space.mod import y", {"space/mod.py": "x = 1\n", "third.py": "from space.mod import x\n"}),
    ("from space import mod", {"space/mod.py": "x = 1\n"}),
    ("import space.mod", {"space/mod.py": "x = 1\n"}),
]  # fmt: skip

RUNNER = """
import importlib, json, sys
verdicts = []
for folder in sys.argv[1:]:
    before = set(sys.modules)
    sys.path.insert(0, folder)
    importlib.invalidate_caches()
    try:
        importlib.import_module("main")
    except ImportError as error:
        verdicts.append(True)
    else:
        verdicts.append(False)
    sys.path.remove(folder)
    for name in set(sys.modules) - before:
        del sys.modules[name]
print(json.dumps(verdicts))
"""


def files_of(number: int) -> dict[str, str]:
    text, files = SHAPES[number]
    # An import that is right makes it certain that `app` is the tree's own package.
    return {**BASE, **files, "main.py": f"{text}\n", "other.py": "from app.more import Starred\n"}


@pytest.fixture(scope="module")
def fails(tmp_path_factory: pytest.TempPathFactory) -> list[bool]:
    folders = []
    for number in range(len(SHAPES)):
        folder = tmp_path_factory.mktemp("tree")
        folders.append(str(folder))
        for path, text in files_of(number).items():
            file = Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    done = subprocess.run([sys.executable, "-c", RUNNER, *folders], capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    assert isinstance(answer, list)
    return answer


@pytest.mark.parametrize("number", range(len(SHAPES)), ids=[f"{text} {list(files)}" for text, files in SHAPES])
def test_python_agrees(number: int, fails: list[bool]) -> None:
    found = infralint.lint(files_of(number), Settings(select=("import-unresolved",))).findings
    assert bool([finding for finding in found if finding.path != "other.py"]) is fails[number]
