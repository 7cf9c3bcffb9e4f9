"""test-misspelt-mock judged by Python: a file's findings are the names that fail when it runs."""

from __future__ import annotations

import json
import subprocess
import sys

import harness
import pytest

import infralint
from infralint.readers.python.mock_names import meant
from infralint.settings import Settings

RULE = "test-misspelt-mock"
SETTINGS = Settings(select=(RULE,))

# Every line that holds `!` at its end has the finding; each of them fails when the file is run up to it.
WRONG = {
    "a plain use": "x = MagicMok()  # !",
    "as a decorator's argument": "from unittest.mock import patch\n@patch('os.getcwd', new_callable=AsyncMok)  # !\ndef f(m): ...",
    "a default": "def f(x=MagicMok()): ...  # !",
    "a class attribute": "class T:\n    a = MagicMok()  # !",
    "an annotation": "class T:\n    a: MagicMok = 1  # !",
    "a base class": "class T(MagicNone): ...  # !",
    "a comprehension": "x = [MagicMok() for _ in range(3)]  # !",
    "an f-string": "x = f'{MagicMok()!r}'  # !",
    "an attribute of it": "MagicMok.x = 1  # !",
    "an item of it": "x = {}\nx[MagicMok] = 1  # !",
    "a class pattern": "match 1:\n    case MagicMok(): ...  # !",
    "the module under a name": "import unittest.mock as um\num.MagicMok()  # !",
    "the module from its package": "from unittest import mock as m\nm.AsyncMok()  # !",
    "the module by its path": "import unittest.mock\nunittest.mock.PropertyMok()  # !",
    "an import": "from unittest.mock import MagicMok  # !",
    "an import among others": "from unittest.mock import (\n    call,\n    MagicNone,  # !\n    patch,\n)",
    "beside the right one": "from unittest.mock import MagicMock\na = MagicMock()\nb = MagicMokc()  # !",
    "lower case": "x = mock_opne()  # !",
    "after an import in a condition": "if True:\n    import os\nimport sys\nx = MagicNone()  # !",
    "other letters": "x = Magicmock()  # !",
    "in a function that has its own": "def f():\n    x = AsyncMok()  # !\nf()",
}

RIGHT = {
    "except": "try:\n    1 / 0\nexcept Exception as MagicMok:\n    MagicMok",
    "with": "import io\nwith io.StringIO() as MagicMok:\n    MagicMok",
    "with a tuple": "from contextlib import nullcontext\nwith nullcontext((1, 2)) as (MagicMok, b):\n    MagicMok",
    "for": "for MagicMok in [1]:\n    MagicMok",
    "for with nested targets": "for a, (MagicMok, b) in [(1, (2, 3))]:\n    MagicMok",
    "walrus": "if (MagicMok := 1):\n    MagicMok",
    "match": "match 1:\n    case MagicMok:\n        MagicMok",
    "match star": "match [1]:\n    case [*MagicMok]:\n        MagicMok",
    "match mapping": "match {}:\n    case {**MagicMok}:\n        MagicMok",
    "match as": "match 1:\n    case int() as MagicMok:\n        MagicMok",
    "global": "def f():\n    global MagicMok\n    MagicMok = 1\nf()\nMagicMok",
    "nonlocal": "def f():\n    MagicMok = 1\n    def g():\n        nonlocal MagicMok\n        MagicMok = 2\n    g()\nf()",
    "del": "MagicMok = 1\ndel MagicMok",
    "import as": "import os.path as MagicMok\nMagicMok",
    "from import as": "from os import path as MagicMok\nMagicMok",
    "star import": "from unittest.mock import *\ntry:\n    MagicMok\nexcept NameError:\n    pass",
    "globals": "globals()['MagicMok'] = 1\nMagicMok",
    "starred": "[a, *MagicMok] = 1, 2\nMagicMok",
    "chained": "a = b = MagicMok = 1\nMagicMok",
    "augmented": "MagicMok = 1\nMagicMok += 1",
    "parameters": "def f(*MagicMok, **AsyncMok):\n    MagicMok, AsyncMok\nf()",
    "lambda": "(lambda MagicMok: MagicMok)(1)",
    "a comprehension's own": "[MagicMok for MagicMok in [1]]",
    "keyword": "dict(MagicMok=1)",
    "another's attribute": "class A:\n    MagicMok = 1\nA.MagicMok\nA().MagicMok",
    "string annotation": "def f(a: 'MagicMok') -> 'AsyncMok': ...",
    "type comment": "x = 1  # type: MagicMok",
    "texts": "x = 'MagicMok'\n# MagicMok\nlen('MagicMok')",
    "a class of that name": "class MagicMok: ...\nMagicMok()",
    "a function of that name": "def MagicNone(): ...\nMagicNone()",
}

NEWER = {
    "type parameter of a function": "def f[MagicMok](a: MagicMok): ...",
    "type parameter of a class": "class A[*MagicMok]:\n    a: MagicMok",
    "type alias": "type MagicMok = int\nx: MagicMok",
    "except group": "try:\n    pass\nexcept* ValueError as MagicMok:\n    MagicMok",
}


def found(text: str, path: str = "tests/test_a.py") -> list[tuple[int, str]]:
    report = infralint.lint({path: text}, SETTINGS)
    assert report.failed == ()
    lines = text.splitlines()
    return [(f.line, lines[f.line - 1][f.column - 1 : f.end_column - 1]) for f in report.findings]


_RUN = """
import json, sys
answers = []
for text in json.load(sys.stdin):
    try:
        exec(compile(text, "test_a.py", "exec"), {"__name__": "test_a"})
        answers.append("")
    except (NameError, ImportError, AttributeError) as error:
        answers.append(f"{type(error).__name__} {error.name}")
print(json.dumps(answers))
"""


def run(texts: list[str]) -> list[str]:
    """The name that stops each text when Python runs it, with the error's class; "" where it runs to its end."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _RUN],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
    )
    answers: list[str] = json.loads(done.stdout)
    return answers


@pytest.mark.parametrize("name", WRONG)
def test_the_line_that_fails_is_reported(name: str) -> None:
    lines = WRONG[name].splitlines()
    assert [line for line, _ in found(WRONG[name])] == [n for n, line in enumerate(lines, 1) if "# !" in line]


def test_python_fails_with_exactly_these_names() -> None:
    answers = run(list(WRONG.values()))
    for text, answer in zip(WRONG.values(), answers, strict=True):
        kind, _, name = answer.partition(" ")
        # An import error names the module.
        assert kind == "ImportError" or name == found(text)[0][1], text


def test_what_runs_is_not_reported() -> None:
    assert run(list(RIGHT.values())) == [""] * len(RIGHT)
    assert {name: found(text) for name, text in RIGHT.items()} == {name: [] for name in RIGHT}


@pytest.mark.parametrize("name", NEWER)
def test_what_newer_syntax_binds_is_not_reported(name: str) -> None:
    assert found(NEWER[name]) == []


def test_fixed_files_run() -> None:
    fixed = [harness.fixed({"test_a.py": text}, RULE) for text in WRONG.values()]
    assert all(result.converged for result in fixed)
    texts = [result.files["test_a.py"] for result in fixed]
    assert dict(zip(texts, run(texts), strict=True)) == dict.fromkeys(texts, "")


def test_every_use_is_one_finding() -> None:
    text = "import os\na = MagicNone()\nb = MagicNone(MagicNone)\nc = AsyncNone()\n"
    assert found(text) == [(2, "MagicNone"), (3, "MagicNone"), (3, "MagicNone"), (4, "AsyncNone")]
    assert harness.fixed({"test_a.py": text}, RULE).files["test_a.py"].count("from unittest.mock import") == 1


@pytest.mark.parametrize("path", ["conftest.py", "app/main.py", "tests/fakes.py"])
def test_the_file_may_be_any(path: str) -> None:
    assert found("x = MagicNone()\n", path) == [(1, "MagicNone")]


def test_the_package_from_pypi() -> None:
    text = "import mock\nfrom mock import patch\nmock.MagicMok()\nx = AsyncMok()\n"
    assert found(text) == [(3, "MagicMok"), (4, "AsyncMok")]
    fixed = harness.fixed({"test_a.py": text}, RULE).files["test_a.py"]
    assert fixed == "import mock\nfrom mock import AsyncMock, patch\nmock.MagicMock()\nx = AsyncMock()\n"


def test_line_ends_and_bytes() -> None:
    text = "# é𝒳\r\nfrom unittest.mock import call\r\nü = MagicNone()\r\n"
    assert infralint.lint({"a.py": text.encode()}, SETTINGS).findings[0].column == 5
    assert infralint.lint({"a.py": b"\xef\xbb\xbf" + text.encode()}, SETTINGS).findings[0].line == 3


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("MagicNone", "MagicMock"), ("MagicMok", "MagicMock"), ("MagicMokc", "MagicMock"), ("AsyncMok", "AsyncMock"),
        ("ASyncMock", "AsyncMock"), ("AsynMock", "AsyncMock"), ("magicmock", "MagicMock"), ("Mok", "Mock"), ("Mockk", "Mock"),
        ("PropertMock", "PropertyMock"), ("mock_opne", "mock_open"), ("create_autospc", "create_autospec"),
        ("sentinal", "sentinel"), ("AsyncMockk", "AsyncMock"), ("NonCallableMok", "NonCallableMock"),
    ],
)  # fmt: skip
def test_slips(name: str, known: str) -> None:
    assert meant(name) == known


@pytest.mark.parametrize(
    "name",
    [
        "MagicModel", "AsyncMode", "AsyncModel", "AsyncLock", "AsyncHook", "AsyncWork", "AsyncNode", "AsyncPool", "AsyncCode",
        "AsyncTask", "AsyncMockServer", "MockServer", "sentinel_value", "sentinels", "mock_openai", "mock_opener", "mock_opens",
        "PropertyMixin", "ThreadingLock", "MagicWord", "MagicMocker", "Magic", "Monk", "Mode", "Move", "Model", "Modal", "mocker",
        "path", "match", "all", "cell", "AsyncIO", "MagicMethod", "MagicMock", "Mock", "_MagicMok", "create_autospecs",
    ],
)  # fmt: skip
def test_other_words(name: str) -> None:
    assert meant(name) is None
