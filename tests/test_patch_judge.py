"""unittest.mock, pytest and pytest-mock judge test-unresolved-patch: every patch here is made for real."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import infralint
from infralint.settings import Settings

BASE = {
    "app/__init__.py": "from app.tools import helper\nfrom app.shadow import shadow\n",
    "app/shadow.py": "def shadow(): ...\n\n\ndef other(): ...\n",
    "app/tools.py": "import os\nimport json as codec\nfrom os import path\n\nLIMIT = 3\nTABLE = {'a': 1}\n\n\ndef helper(): ...\n",
    "app/late.py": (
        "from app import tools\n\n\ndef load():\n    global loaded\n    loaded = 1\n\n\ndef inner():\n    from app.tools import LIMIT\n"
        "    return LIMIT\n"
    ),
    "app/setter.py": "import app.tools\nfrom app import things\n\napp.tools.added = 1\nthings.Plain.added = 2\nsetattr(things, 'set', 3)\n",
    "app/things.py": (
        "import abc\nimport dataclasses\nimport enum\nimport threading\nfrom dataclasses import dataclass, field\n"
        "from typing import ClassVar, Generic, NamedTuple, Protocol, TypeVar\n\nT = TypeVar('T')\n\n\n"
        "class Plain:\n    level = 1\n    hint: int\n    both: int = 2\n    counted: ClassVar[int] = 0\n\n"
        "    def __init__(self, size=0):\n        self.size = size\n        self.a, (self.b, *self.c) = 1, (2, 3)\n\n"
        "    def run(self): ...\n\n    @property\n    def name(self):\n        return 'x'\n\n    @name.setter\n    def name(self, value): ...\n\n"
        "    @classmethod\n    def make(cls):\n        return cls()\n\n    @staticmethod\n    def tool(): ...\n\n"
        "    def _private(self): ...\n\n    def __hidden(self): ...\n\n    class Inner:\n        deep = 1\n\n"
        "    if level:\n        conditional = 1\n    for looped in (1,):\n        pass\n    (first, second), third = (1, 2), 3\n\n\n"
        "class Child(Plain):\n    own = 1\n\n\nclass Failure(Exception):\n    code = 1\n\n\n"
        "@dataclass\nclass Data:\n    bare: int\n    given: int = 1\n    made: list = field(default_factory=list)\n\n\n"
        "@dataclasses.dataclass(slots=True)\nclass Slim:\n    bare: int\n    given: int = 1\n\n\n"
        "class Slotted:\n    __slots__ = ('x', 'y')\n\n    def __init__(self):\n        self.x = 1\n\n\n"
        "class Color(enum.Enum):\n    RED = 1\n\n    @property\n    def label(self):\n        return ''\n\n\n"
        "class Base(abc.ABC):\n    @abc.abstractmethod\n    def go(self): ...\n\n\nclass Shape(Protocol):\n    def area(self): ...\n\n\n"
        "class Box(Generic[T]):\n    item = None\n\n\nclass Point(NamedTuple):\n    x: int\n\n\n"
        "class Meta(type):\n    def __getattr__(cls, name):\n        return 1\n\n\nclass Dynamic(metaclass=Meta):\n    x = 1\n\n\n"
        "class Answering:\n    x = 1\n\n    def __getattr__(self, name):\n        return 1\n\n\n"
        "class Registry:\n    def __init_subclass__(cls):\n        cls.registered = True\n\n\nclass Registered(Registry): ...\n\n\n"
        "def decorated(cls):\n    cls.extra = 1\n    return cls\n\n\n@decorated\nclass Decorated:\n    x = 1\n\n\n"
        "class Worker(threading.Thread):\n    x = 1\n\n\nplain = Plain()\nanswering = Answering()\nslotted = Slotted()\nalias = Plain\n"
        "either = Plain() if T else None\n"
    ),
    "app/dynamic.py": "def __getattr__(name):\n    if name.startswith('made'):\n        return 1\n    raise AttributeError(name)\n",
    "app/written.py": "for name in ('one', 'two'):\n    globals()[name] = 1\n",
    "app/star.py": "from app.tools import *\n",
    "app/reexport.py": "from app.things import Plain as Exported, plain as instance\nfrom app import tools as kit\n",
    "app/sub/__init__.py": "",
    "app/sub/mod.py": "x = 1\n",
    "user.py": "from app.tools import helper\n",
}  # fmt: skip

HEAD = """
import app.tools, app.things, app.late, app.setter, app.reexport, app.sub.mod
from app import tools, things
from app.things import Child, Color, Data, Plain, Slim, Slotted, plain
from unittest import mock
from unittest.mock import patch, DEFAULT

TOOLS = "app.tools"

def test_it(monkeypatch, mocker):
    import app.late as late
"""

# Each is the body of a test; `gone` is nowhere, and whatever else fails is known to the judges alone.
SHAPES = [
    # Modules.
    "with patch('app.tools.helper'): ...",
    "with patch('app.tools.gone'): ...",
    "with patch('app.tools.gone', create=True): ...",
    "with patch('app.tools.gone', create=False): ...",
    "with patch('app.tools.os'): ...",
    "with patch('app.tools.codec.loads'): ...",
    "with patch('app.tools.json'): ...",
    "with patch('app.tools.path.join'): ...",
    "with patch('app.tools.LIMIT', 4): ...",
    "with patch('app.tools.LIMITS', 4): ...",
    "with patch('app.tools.open'): ...",
    "with patch('app.tools.print', mock.Mock()): ...",
    "with patch.object(tools, 'open'): ...",
    "with patch('app.tools.__doc__', 'x'): ...",
    "with patch('app.tools.__name__', 'x'): ...",
    "with patch('app.tools.added'): ...",
    "with patch('app.things.set'): ...",
    "with patch('app.helper'): ...",
    "with patch('app.tools'): ...",
    "with patch('app.gone'): ...",
    "with patch('app.gone.x'): ...",
    "with patch('app.sub.mod.x'): ...",
    "with patch('app.sub.gone'): ...",
    "with patch('app.sub.gone.x'): ...",
    "with patch('app.late.tools.helper'): ...",
    "with patch('app.late.tools.gone'): ...",
    "with patch('app.late.LIMIT'): ...",
    "with patch('app.late.helper'): ...",
    "with patch('app.dynamic.made'): ...",
    "with patch('app.written.one'): ...",
    "with patch('app.star.helper'): ...",
    "with patch('app.star.gone'): ...",
    "with patch('app.reexport.Exported.run'): ...",
    "with patch('app.reexport.Exported.gone'): ...",
    "with patch('app.reexport.kit.helper'): ...",
    "with patch('app.reexport.kit.gone'): ...",
    # Ways to patch.
    "with mock.patch('app.tools.gone'): ...",
    "with patch(target='app.tools.gone'): ...",
    "with patch(f'{TOOLS}.helper'): ...",
    "with patch(f'{TOOLS}.gone'): ...",
    "with patch(TOOLS + '.gone'): ...",
    "with patch(f'{tools.__name__}.gone'): ...",
    "with patch(tools.__name__ + '.helper'): ...",
    "with patch.object(tools, 'helper'): ...",
    "with patch.object(tools, 'gone'): ...",
    "with patch.object(app.tools, 'gone'): ...",
    "with patch.object(target=tools, attribute='gone'): ...",
    "with patch.object(late, 'gone'): ...",
    "with patch.object(late, 'inner'): ...",
    "with patch.object(tools, 'helper', autospec=True): ...",
    "with patch('app.tools.gone', autospec=True): ...",
    "with patch('app.things.Plain', autospec=True): ...",
    "with patch.multiple('app.tools', helper=DEFAULT): ...",
    "with patch.multiple('app.tools', helper=DEFAULT, gone=1): ...",
    "with patch.multiple(tools, gone=1): ...",
    "with patch.multiple('app.tools', gone=1, create=True): ...",
    "with patch.dict('app.tools.TABLE', {'b': 2}): ...",
    "with patch.dict('app.tools.GONE', {'b': 2}): ...",
    "with patch.dict(tools.TABLE, b=2): ...",
    "patcher = patch('app.tools.gone')\n    patcher.start()\n    patcher.stop()",
    "@patch('app.tools.gone')\n    def inner(gone): ...\n    inner()",
    "@patch.object(tools, 'helper')\n    def inner(helper): ...\n    inner()",
    "mocker.patch('app.tools.helper')",
    "mocker.patch('app.tools.gone')",
    "mocker.patch.object(tools, 'gone')",
    "mocker.patch.object(tools, 'helper')",
    "mocker.patch.multiple('app.tools', gone=1)",
    "mocker.patch.dict('app.tools.GONE', {})",
    "mocker.spy(tools, 'helper')",
    "mocker.spy(tools, 'gone')",
    "mocker.spy(tools, 'len')",
    "monkeypatch.setattr('app.tools.helper', 1)",
    "monkeypatch.setattr('app.tools.gone', 1)",
    "monkeypatch.setattr('app.tools.gone', 1, raising=False)",
    "monkeypatch.setattr('app.tools.gone', 1, raising=True)",
    "monkeypatch.setattr('app.tools.open', 1)",
    "monkeypatch.setattr(tools, 'gone', 1)",
    "monkeypatch.setattr(tools, 'helper', 1)",
    "monkeypatch.setattr(tools, 'open', 1)",
    "monkeypatch.setattr(tools, name='gone', value=1)",
    "monkeypatch.delattr('app.tools.helper')",
    "monkeypatch.delattr('app.tools.gone')",
    "monkeypatch.delattr(tools, 'gone')",
    "monkeypatch.delattr(tools, 'gone', raising=False)",
    "with monkeypatch.context() as m:\n        m.setattr(tools, 'gone', 1)",
    "with monkeypatch.context() as m:\n        m.setattr(tools, 'helper', 1)",
    "import pytest\n    with pytest.raises(AttributeError):\n        mocker.patch('app.tools.gone')",
    "try:\n        mocker.patch('app.tools.gone')\n    except AttributeError:\n        pass",
    "tools = plain\n    mocker.patch.object(tools, 'size')",
    "[mocker.patch.object(tools, 'level') for tools in (Plain,)]",
    "(lambda tools: mocker.patch.object(tools, 'level'))(Plain)",
    "monkeypatch.setattr('app.tools.loaded', 1, raising=False)",
    "mocker.patch('app.late.loaded', 1, create=True)",
    # Classes.
    *(f"mocker.patch.object(Plain, {name!r})" for name in (
        "level", "hint", "both", "counted", "size", "a", "b", "c", "run", "name", "make", "tool", "_private", "_Plain__hidden",
        "Inner", "conditional", "looped", "first", "third", "gone", "added", "__init__", "__call__",
    )),
    *(f"mocker.patch({f'app.things.{name}'!r})" for name in (
        "Plain.run", "Plain.runs", "Plain.Inner.deep", "Plain.Inner.gone", "Plain.name", "Child.own", "Child.run", "Child.gone",
        "Child.size", "Failure.code", "Failure.args", "Failure.gone", "Data.given", "Data.bare", "Data.gone", "Data.made", "Slim.bare",
        "Slim.given", "Slim.gone", "Slotted.x", "Slotted.gone", "Color.label", "Color.gone", "Base.go", "Base.gone",
        "Shape.area", "Shape.gone", "Box.item", "Box.gone", "Point.x", "Dynamic.x", "Dynamic.anything", "Registered.registered",
        "Decorated.extra", "Worker.run", "Worker.x", "alias.run", "alias.gone", "Answering.x", "Answering.gone",
    )),
    # Instances.
    *(f"mocker.patch({f'app.things.{name}'!r})" for name in (
        "plain.run", "plain.size", "plain.c", "plain.gone", "answering.x", "answering.anything", "either.run",
    )),
    "mocker.patch.object(plain, 'gone')",
    "mocker.patch.object(plain, 'size', 2)",
    "mocker.patch('app.reexport.instance.gone')",
    "mocker.patch('app.reexport.instance.run')",
]  # fmt: skip

# What fails and is not said, since the rule does not know it: attributes of what is not of the tree, or made by it.
UNSAID = {
    # The default of the field is taken from the class by the decorator.
    "mocker.patch('app.things.Data.made')",
}

# Fails where the thing is not there, and only then.
CONFTEST = """
import json

verdicts = {}

def pytest_runtest_logreport(report):
    if report.when == "call":
        verdicts[report.nodeid.partition("::")[0]] = report.longreprtext.splitlines()[-1] if report.failed else ""

def pytest_sessionfinish(session):
    print("\\n" + json.dumps(verdicts))
"""


def test_file(number: int) -> str:
    return f"{HEAD}    {SHAPES[number]}\n"


test_file.__test__ = False  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The last line of what each test raised, "" for nothing."""
    folder = tmp_path_factory.mktemp("tree")
    files = {**BASE, "conftest.py": CONFTEST} | {f"test_{n}.py": test_file(n) for n in range(len(SHAPES))}
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", "-W", "ignore", "--tb=short"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    found = next((line for line in done.stdout.splitlines() if line.startswith('{"test_')), None)
    assert found is not None, done.stdout + done.stderr
    answer = json.loads(found)
    assert isinstance(answer, dict)
    assert len(answer) == len(SHAPES)
    return answer


@pytest.mark.parametrize("number", range(len(SHAPES)), ids=SHAPES)
def test_the_patchers_agree(number: int, verdicts: dict[str, str]) -> None:
    files = {**BASE, "test_it.py": test_file(number)}
    report = infralint.lint(files, Settings(select=("test-unresolved-patch",)))
    said = [finding.message for finding in report.findings]
    raised = verdicts[f"test_{number}.py"]
    assert ("AttributeError" in raised or "ModuleNotFoundError" in raised or "ImportError" in raised) == bool(raised), (
        raised
    )
    if SHAPES[number] not in UNSAID:
        assert bool(said) == bool(raised), (said, raised)
    else:
        assert raised
        assert not said


def test_a_module_that_a_name_hides() -> None:
    """Python 3.10 asks the function of that name, later versions the module."""
    files = {**BASE, "test_it.py": f"{HEAD}    mocker.patch('app.shadow.gone')\n"}
    assert infralint.lint(files, Settings(select=("test-unresolved-patch",))).findings == ()


def test_every_shape_is_another() -> None:
    assert len(set(SHAPES)) == len(SHAPES)
    assert set(SHAPES) >= UNSAID
    assert Path(__file__).name.startswith("test_")
