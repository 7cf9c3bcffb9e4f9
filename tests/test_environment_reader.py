"""Reads of environment variables in Python: what the reader notes, and what the libraries really ask for."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from infralint.facts.environment import EnvironmentFacts, EnvironmentRead
from infralint.kinds import Kind
from infralint.readers.dispatch import read_file


def facts_of(text: str) -> EnvironmentFacts:
    """What the reader says of a module."""
    facts = read_file(text.encode(), Kind.PYTHON, "postgres")
    assert facts.problem is None
    return facts.environment or EnvironmentFacts()


def only_read(text: str) -> EnvironmentRead:
    """The only read of a module."""
    (read,) = facts_of(text).reads
    return read


def names(text: str) -> list[str]:
    """The names of all reads, in order."""
    return [read.name.value for read in facts_of(text).reads]


@pytest.mark.parametrize(
    ("expression", "required", "default"),
    [
        ('os.environ["A_B"]', True, None),
        ('os.environ.pop("A_B")', True, None),
        ('os.environ.pop("A_B", "x")', False, "x"),
        ('os.environ.get("A_B")', False, None),
        ('os.environ.get("A_B", "x")', False, "x"),
        ('os.environ.get("A_B", default="x")', False, "x"),
        ('os.getenv("A_B", None)', False, None),
        ('os.getenv("A_B") or "x"', False, "x"),
        ('os.environ.setdefault("A_B", "x")', False, "x"),
        ('int(os.environ.get("A_B"))', True, None),
        ('int(os.environ.get("A_B", "1"))', False, "1"),
        ('os.environ.get("A_B").split(",")', True, None),
        ('os.getenv("A_B") + "/x"', True, None),
        ('"A_B" in os.environ', False, None),
        ('"A_B" not in os.environ.keys()', False, None),
        ('os.path.expandvars("$A_B/x")', False, "\ue000"),
        ('os.environ.__getitem__("A_B")', True, None),
    ],
)
def test_forms(expression: str, required: bool, default: str | None) -> None:
    read = only_read(f"import os\nx = {expression}\n")
    assert (read.name.value, read.required, read.default and read.default.value) == ("A_B", required, default)


@pytest.mark.parametrize(
    "head",
    [
        "import os\ne = os.environ",
        "from os import environ as e",
        "import os as system\ne = system.environ",
        "import os\ndef f():\n    e = os.environ\n    return e['A_B']\ne = {}",
    ],
)
def test_names_of_the_mapping(head: str) -> None:
    assert names(f"{head}\nx = e['A_B']\n") == ["A_B"]


def test_a_parameter_called_environ_is_another_thing() -> None:
    """WSGI's `environ` is no environment."""
    assert names("import os\ndef app(environ, start):\n    return environ['PATH_INFO']\n") == []
    assert names("from os import environ\ndef app(environ):\n    return environ['PATH_INFO']\n") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P = 'APP_'\nos.environ[P + 'X']", ["APP_X"]),
        ("P = 'APP'\nos.environ[f'{P}_X']", ["APP_X"]),
        ("for n in ('AA', 'BB'):\n    os.environ[n]", ["AA", "BB"]),
        ("d = {k: os.environ[k] for k in ['AA', 'BB']}", ["AA", "BB"]),
        ("class N:\n    X = 'AA'\nos.environ[N.X]", ["AA"]),
        ("import enum\nclass N(enum.Enum):\n    X = 'AA'\nos.environ[N.X.value]", ["AA"]),
        ("def f(n):\n    n = n.upper()\n    return os.environ[n]", []),
    ],
)
def test_names_that_are_followed(text: str, expected: list[str]) -> None:
    assert names(f"import os\n{text}\n") == expected


def test_the_name_of_an_imported_constant_is_a_reference() -> None:
    read = only_read("import os\nfrom app.names import TOKEN\nx = os.environ[TOKEN]\n")
    assert (read.name.is_static, read.reference) == (False, "app.names.TOKEN")


def test_a_read_is_underlined_at_its_name() -> None:
    text = 'import os\nx = os.environ.get("A_B", "y")\n'
    span = only_read(text).span
    assert text[span.start : span.end] == '"A_B"'


REQUIRED_BY_A_CHECK = [
    'X = os.getenv("A_B")\nif not X:\n    raise RuntimeError("A_B")',
    'X = os.getenv("A_B")\nif X is None:\n    sys.exit(1)',
    'X = os.getenv("A_B")\nY = 1\nif not X or not Y:\n    raise SystemExit("x")',
    'X = os.getenv("A_B")\nY = 1\nif not (X and Y):\n    raise SystemExit("x")',
    'X = os.getenv("A_B")\nY = 1\nif not all([X, Y]):\n    raise SystemExit("x")',
    'X = os.getenv("A_B")\nassert X, "A_B is missing"',
    'X = os.getenv("A_B")\nassert X is not None',
    'if not os.getenv("A_B"):\n    raise RuntimeError',
    'if os.getenv("A_B") is None:\n    raise RuntimeError',
    'if (X := os.getenv("A_B")) is None:\n    raise RuntimeError',
    'if "A_B" not in os.environ:\n    raise RuntimeError',
    'assert "A_B" in os.environ',
    'try:\n    X = os.environ["A_B"]\nexcept KeyError:\n    raise RuntimeError("A_B") from None',
    'try:\n    X = os.environ["A_B"]\nexcept KeyError:\n    print("x")\n    sys.exit(2)',
    'try:\n    X = int(os.environ["A_B"])\nexcept ValueError:\n    X = 1',
]
NOT_REQUIRED = [
    'X = os.getenv("A_B")\nif X:\n    raise RuntimeError',
    'X = os.getenv("A_B")\nX = X or "y"\nif not X:\n    raise RuntimeError',
    'Y = 0\nX = os.getenv("A_B")\nif not X and Y:\n    raise RuntimeError',
    'X = os.getenv("A_B")\nif not X:\n    print("A_B is not set")',
    'if "A_B" in os.environ:\n    raise RuntimeError',
    'try:\n    X = os.environ["A_B"]\nexcept KeyError:\n    X = None',
    'try:\n    X = os.environ["A_B"]\nexcept (ValueError, LookupError):\n    X = None',
    'try:\n    X = os.environ["A_B"]\nexcept Exception:\n    pass',
    'try:\n    X = os.environ["A_B"]\nexcept:\n    pass',
    'try:\n    X = os.environ["A_B"]\nexcept ConfigError:\n    pass',
    'with contextlib.suppress(KeyError):\n    X = os.environ["A_B"]',
]


@pytest.mark.parametrize("text", REQUIRED_BY_A_CHECK)
def test_required_by_a_check(text: str) -> None:
    assert only_read(f"import os, sys\n{text}\n").required


@pytest.mark.parametrize("text", NOT_REQUIRED)
def test_a_failure_that_is_expected(text: str) -> None:
    assert not only_read(f"import os, contextlib\n{text}\n").required


@pytest.mark.parametrize(
    "text",
    [*REQUIRED_BY_A_CHECK, *NOT_REQUIRED],
    ids=[str(at) for at in range(len(REQUIRED_BY_A_CHECK) + len(NOT_REQUIRED))],
)
def test_python_itself_judges_what_is_required(text: str) -> None:
    """A module with nothing set fails where the read is required, and for no other reason."""
    program = "import os, sys, contextlib\nY = 1\nConfigError = KeyError\n" + text + "\n"
    done = subprocess.run([sys.executable, "-"], input=program, text=True, env={}, capture_output=True, check=False)
    (read,) = facts_of(program).reads
    assert (done.returncode != 0) == read.required


@pytest.mark.parametrize(
    ("text", "conditional", "function"),
    [
        ('X = os.environ["A"]', False, ""),
        ('class C:\n    x = os.environ["A"]', False, ""),
        ('def f(x=os.environ["A"]): ...', False, ""),
        ('def f():\n    return os.environ["A"]', False, "f"),
        ('class C:\n    def f(self):\n        return os.environ["A"]', False, "C.f"),
        ('f = lambda: os.environ["A"]', False, "<lambda>"),
        ('if __name__ == "__main__":\n    main(os.environ["A"])', False, "__main__"),
        ('if DEBUG:\n    X = os.environ["A"]', True, ""),
        ('if DEBUG:\n    pass\nelse:\n    X = os.environ["A"]', True, ""),
        ('X = "x" if DEBUG else os.environ["A"]', True, ""),
        ('X = DEBUG or os.environ["A"]', True, ""),
        ('for n in NAMES:\n    X = os.environ["A"]', True, ""),
        ('for n in (1, 2):\n    X = os.environ["A"]', False, ""),
        ('while True:\n    X = os.environ["A"]', True, ""),
        ('X = [os.environ["A"] for n in NAMES]', True, ""),
        ('try:\n    import x\nexcept ImportError:\n    X = os.environ["A"]', True, ""),
        ('def f():\n    if LOCAL:\n        return None\n    return os.environ["A"]', True, "f"),
        ('def f():\n    if LOCAL:\n        raise ValueError\n    return os.environ["A"]', False, "f"),
        ('match MODE:\n    case "a":\n        X = os.environ["A"]', True, ""),
        ('with open("x"):\n    X = os.environ["A"]', False, ""),
    ],
)
def test_where_a_read_stands(text: str, conditional: bool, function: str) -> None:
    read = only_read(f"import os\n{text}\n")
    assert (read.conditional, read.function) == (conditional, function)


def test_variables_of_which_any_serves() -> None:
    first, second = facts_of('import os\nX = os.getenv("A_A") or os.getenv("B_B") or "x"\n').reads
    assert (first.beside, second.beside) == (("B_B",), ("A_A",))
    outer, inner = facts_of('import os\nX = os.getenv("A_A", os.getenv("B_B", "x"))\n').reads
    assert inner.beside == ("A_A",)
    assert outer.default is not None


def test_what_the_process_sets() -> None:
    text = (
        "import os\nos.environ['A'] = '1'\nos.environ.setdefault('B', '2')\nos.environ.update({'C': '3'}, D='4')\n"
        "def f(more):\n    os.environ['E'] = '5'\n    os.environ.update(more)\n    os.environ |= more\n"
    )
    writes = facts_of(text).writes
    assert {write.name.value for write in writes} == {"A", "B", "C", "D", "E", "\ue000"}
    assert [write.name.value for write in writes if write.weak] == ["B"]


@pytest.mark.parametrize(
    "text",
    ["run(env=os.environ)", "dict(os.environ)", "for k, v in os.environ.items(): ...", "os.environ.copy()",
     "{**os.environ}", "[k for k in os.environ]", "def f(n): return os.environ[n.upper()]"],
)  # fmt: skip
def test_the_whole_environment_is_handed_on(text: str) -> None:
    assert facts_of(f"import os\n{text}\n").whole


def test_wrappers() -> None:
    text = (
        "import os\n"
        "def need(name):\n    return os.environ[name]\n"
        "def get(name, default=None):\n    value = os.environ.get(name, default)\n"
        "    if value is None:\n        raise RuntimeError(name)\n    return value\n"
        "def flag(name, default=False):\n    return os.environ.get(name, str(default)) == '1'\n"
        "class C:\n    def own(self, key):\n        return os.getenv('APP_' + key)\n"
    )
    found = {each.function: each for each in facts_of(text).wrappers}
    assert found.keys() == {"need", "get", "flag", "C.own"}
    assert [found[name].required for name in ("need", "get", "flag")] == [True, True, False]
    assert (found["get"].default_position, found["get"].default) == (1, None)
    assert (found["C.own"].position, found["C.own"].name.value) == (0, "APP_\ue000")


def test_calls_that_may_read() -> None:
    text = 'from app.config import env\nX = env("TOKEN_X", default="a")\nlogger = env\nprint("TOKEN_X")\n'
    (call,) = facts_of(text).calls
    assert (call.callee, call.arguments[0].value, call.keywords[0][1].value) == ("env", "TOKEN_X", "a")


def test_options_of_commands() -> None:
    text = 'import click\n@click.option("--a", envvar="A_A")\n@click.option("--b", envvar=["B_B", "C_C"])\ndef f(a, b): ...\n'
    reads = facts_of(text).reads
    assert sorted((read.name.value, read.form, read.required) for read in reads) == [
        (name, "option", False) for name in ("A_A", "B_B", "C_C")
    ]


def test_files_of_variables() -> None:
    text = "from dotenv import load_dotenv, find_dotenv\nload_dotenv()\nload_dotenv('x.env', override=True)\nload_dotenv(find_dotenv())\n"
    loads = facts_of(text).loads
    assert [(load.path and load.path.value, load.overrides) for load in loads] == [
        (None, False), ("x.env", True), (None, False)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["os.environ[", "os.environ[0]", "os.environ[None]", "os.getenv()", "os.getenv(*a)", "os.environ.get(**k)",
     "os.environ[os.environ['A']]", "del os.environ['A']", "os.environ['A'] += 'x'", "env = Env(**x)\nenv()\nenv.db()",
     "import environ\nenv = environ.Env(A=1, **b)\nenv(1)", "x = " + "(" * 300, "os.environ[" * 90 + "]" * 90],
)  # fmt: skip
def test_hostile_text_never_raises(text: str) -> None:
    read_file(f"import os\nfrom environs import Env\n{text}\n".encode(), Kind.PYTHON, "postgres")


# The libraries themselves, over an environment that writes down what it is asked for.

_RECORD = """
import collections.abc, contextlib, json, os, sys
asked = []
class Recording(collections.abc.MutableMapping):
    def __init__(self): self.data = {}
    def _note(self, name):
        if isinstance(name, str) and name not in asked: asked.append(name)
    def __getitem__(self, name): self._note(name); return self.data[name]
    def get(self, name, default=None): self._note(name); return self.data.get(name, default)
    def __contains__(self, name): self._note(name); return name in self.data
    def __setitem__(self, name, value): self.data[name] = value
    def __delitem__(self, name): del self.data[name]
    def __iter__(self): return iter(self.data)
    def __len__(self): return len(self.data)
    def copy(self): return dict(self.data)
real, os.environ = os.environ, Recording()
import decouple, environ, environs, starlette.config
environ.Env.ENVIRON = os.environ
answers = []
for program in json.load(sys.stdin):
    asked.clear()
    failed = False
    try:
        exec(compile(program, "sample.py", "exec"), {"__name__": "sample", "__file__": "/nonexistent/sample.py"})
    except Exception as error:
        failed = type(error).__name__
    answers.append([asked[:], failed])
print(json.dumps(answers))
"""
_LIBRARIES = [
    "from environs import Env\nenv = Env()\nX = env('A_A', 'x')",
    "from environs import Env\nenv = Env()\nX = env.str('A_A', None)",
    "from environs import Env\nenv = Env()\nX = env.int('A_A')",
    "from environs import Env\nenv = Env()\nX = env.list('A_A', default=[])",
    "from environs import Env\nenv = Env(prefix='P_')\nX = env.bool('A_A', default=False)",
    "from environs import Env\nenv = Env()\nwith env.prefixed('P_'):\n    with env.prefixed('Q_'):\n        X = env('A_A', default='')",
    "from environs import env\nX = env.str('A_A')",
    "import environs\nenv = environs.Env()\nX = env.timedelta('A_A', 1)",
    "import environ\nenv = environ.Env(A_A=(bool, False))\nX = env('A_A')",
    "import environ\nenv = environ.Env(A_A=str)\nX = env('A_A')",
    "import environ\nenv = environ.Env()\nX = env('A_A', str, 'x')",
    "import environ\nenv = environ.Env()\nX = env('A_A', default=None)",
    "import environ\nenv = environ.Env()\nX = env.str('A_A', 'x')",
    "import environ\nenv = environ.Env()\nX = env.list('A_A', default=[])",
    "import environ\nenv = environ.Env()\nX = env.db()",
    "import environ\nenv = environ.Env()\nX = env.db('OTHER_URL', default='sqlite:///x')",
    "import environ\nenv = environ.Env()\nX = env.cache_url(default='locmemcache://')",
    "import environ\nenv = environ.Env()\nX = env.bool('A_A')",
    "from decouple import config\nX = config('A_A')",
    "from decouple import config\nX = config('A_A', 'x')",
    "from decouple import config\nX = config('A_A', default=None, cast=str)",
    "import decouple\nX = decouple.config('A_A', default=False, cast=bool)",
    "from decouple import AutoConfig\nconfig = AutoConfig()\nX = config('A_A', default='x')",
    "from decouple import Config, RepositoryEmpty\nconfig = Config(RepositoryEmpty())\nX = config.get('A_A', default='x')",
    "from starlette.config import Config\nconfig = Config()\nX = config('A_A')",
    "from starlette.config import Config\nconfig = Config()\nX = config('A_A', bool, False)",
    "from starlette.config import Config\nconfig = Config(env_prefix='P_')\nX = config('A_A', default='x')",
    "from starlette.config import Config\nconfig = Config()\nX = config.get('A_A', cast=bool, default=True)",
    "import os\nX = os.environ['A_A']",
    "import os\nX = os.environ.get('A_A') or os.environ.get('B_B', 'x')",
    "import os\nX = os.environ.get('A_A', 'x').split(',')",
    "import os\nX = os.environ.get('A_A').split(',')",
]


@pytest.fixture(scope="module")
def answers() -> list[tuple[list[str], bool]]:
    """What each library sample asked for, and whether it failed, with nothing set."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _RECORD],
        input=json.dumps(_LIBRARIES),
        text=True,
        capture_output=True,
        check=True,
    )
    return [(asked, bool(failed)) for asked, failed in json.loads(done.stdout)]


@pytest.mark.parametrize("at", range(len(_LIBRARIES)))
def test_the_libraries_judge_the_reading(answers: list[tuple[list[str], bool]], at: int) -> None:
    asked, failed = answers[at]
    reads = facts_of(_LIBRARIES[at]).reads
    assert [read.name.value for read in reads] == asked
    assert any(read.required for read in reads) == failed


def test_syntax_that_is_newer_than_this_python() -> None:
    """PEP 758 leaves out the parentheses of `except (A, B):`."""
    text = (
        'import os\ntry:\n    X = os.environ["A_B"]\nexcept ValueError, KeyError:\n    X = ""\nY = os.environ["C_D"]\n'
    )
    assert [(read.name.value, read.required) for read in facts_of(text).reads] == [("A_B", False), ("C_D", True)]
