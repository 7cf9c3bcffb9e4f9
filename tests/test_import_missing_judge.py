"""Python itself judges import-missing: each module is run in another process, and a NameError must have been said."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import infralint
from infralint.settings import Settings

# Modules that do all they do when they are imported.
MODULES = [
    "print(time.time())",
    "import time\nprint(time.time())",
    "import os\nprint(os.sep)",
    "def f():\n    import json\n    return json.dumps({})\nf()\njson.dumps({})",
    "def f():\n    global json\n    import json\nf()\njson.dumps({})",
    "def f():\n    return json.dumps({})\nimport json\nf()",
    "def f(time):\n    return time.time\nclass T:\n    time = 1\nf(T)",
    "def f():\n    return [time for time in (1, 2)]\nf()",
    "def f():\n    x = [time for time in (1, 2)]\n    return time.time()\nf()",
    "def f():\n    any((time := n) for n in (1,))\n    return time\nf()",
    "class A:\n    time = 3\n    x = time\n    def f(self):\n        return time.time()\nA().f()",
    "class A:\n    import time\n    x = time.time()",
    "class A:\n    def f(self):\n        return time.time()\n    import time\nA().f()",
    "try:\n    raise OSError\nexcept OSError as time:\n    print(time.args)",
    "with open(__file__) as time:\n    print(time.name)",
    "for time in ():\n    pass\nelse:\n    time = None\nprint(time)",
    "match (1, 2):\n    case (time, *json):\n        print(time, json)",
    "match {'a': 1}:\n    case {'a': time, **json}:\n        print(time, json)",
    "match 1:\n    case int() as time:\n        print(time.real)",
    "f = lambda time: time.real\nf(1)",
    "f = lambda: time.time()\nf()",
    "def f(x=time.time()): ...",
    "def f(*, x=time.time()): ...",
    "@dataclass\nclass A: ...",
    "from dataclasses import dataclass\n@dataclass\nclass A: ...",
    "class A(NamedTuple): ...",
    "import abc\nclass A(metaclass=abc.ABCMeta): ...",
    "print(f'{math.pi:.{len(os.sep)}f}')",
    "import math\nprint(f'{math.pi:.{len(os.sep)}f}')",
    "import os.path\nprint(os.getcwd())",
    "import os.path as p\nprint(os.getcwd())",
    "from os import path\nprint(os.getcwd())",
    "import time as t\nprint(time.time())",
    "time: int = 1\nprint(time)",
    "def f() -> None:\n    x: decimal.Decimal = 1\nf()",
    "from __future__ import annotations\ndef f(x: decimal.Decimal): ...\nf(1)",
    "x = 1\ndel x\nimport time\ntime.time()",
    "def f():\n    def g():\n        nonlocal time\n        time = 2\n    time = 1\n    g()\n    return time\nf()",
    "async def f():\n    await asyncio.sleep(0)\nimport asyncio as a\na.run(f())",
    "async def f():\n    async with asyncio.Lock() as asyncio2: ...\nimport asyncio\nasyncio.run(f())",
    "print(datetime.now())",
    "print(datetime.datetime.now())",
    "from datetime import datetime\nprint(datetime.now(), timedelta(1))",
    "x = MagicMock()",
    "from unittest.mock import MagicMock\nx = MagicMock()\ny = AsyncMock()",
    "from unittest import mock\nx = mock.MagicMock()",
    "print([Path(p) for p in ('a',)])",
    "if __name__:\n    import json\njson.dumps({})",
    "try:\n    import json\nexcept ImportError:\n    json = None\njson.dumps({})",
    "while True:\n    import json\n    break\njson.dumps({})",
    "print(__name__, __file__, print, len)",
    "def outer():\n    time = 1\n    class A:\n        x = time.real\n        def f(self):\n            return time.real\n    return A().f()\nouter()",
    "x = {re.compile(k): v for k, v in (('a', 1),)}",
    "def f(a, /, b, *args, c, **kwargs):\n    return a, b, args, c, kwargs, secrets.token_hex()\nf(1, 2, c=3)",
    "def f(secrets, /, b, *time, re, **json):\n    return secrets, b, time, re, json\nf(1, 2, re=3)",
]  # fmt: skip

# Runs each module and prints the name that it lacks, or null.
RUNNER = """
import json, sys
found = []
for text in json.load(sys.stdin):
    namespace = {"__name__": "module", "__file__": __file__}
    try:
        exec(compile(text, "module.py", "exec", dont_inherit=True), namespace)
    except NameError as error:
        found.append(error.name)
    except Exception as error:
        raise SystemExit(f"{text!r}: {error!r}")
    else:
        found.append(None)
print(json.dumps(found), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> list[str | None]:
    runner = tmp_path_factory.mktemp("judge") / "runner.py"
    runner.write_text(RUNNER)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(runner)], input=json.dumps(MODULES), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stderr.splitlines()[-1])
    assert isinstance(answer, list)
    return answer


@pytest.mark.parametrize("number", range(len(MODULES)), ids=MODULES)
def test_python_agrees(number: int, verdicts: list[str | None]) -> None:
    report = infralint.lint({"module.py": MODULES[number]}, Settings(select=("import-missing",)))
    said = [finding.message.split("`")[1] for finding in report.findings]
    name = verdicts[number]
    assert (name in said) if name is not None else (said == [])
