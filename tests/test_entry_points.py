"""Where processes start, what they load, and the two rules that ask."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

import infralint
from infralint.facts.commands import Command, Word
from infralint.facts.text import plain
from infralint.kinds import kind_of
from infralint.project.entry_points import modules_of
from infralint.project.project import Project
from infralint.readers.console_scripts import console_scripts_in
from infralint.readers.dispatch import read_file
from infralint.readers.procfile import read as read_procfile
from infralint.readers.python.imports_seen import loads_seen
from infralint.settings import Settings

UNREGISTERED = "orm-unregistered-model"
NOT_IMPORTED = "orm-target-not-imported"


def project(files: Mapping[str, str]) -> Project:
    """A project of files, with the outlines of all modules."""
    facts = {}
    for path, text in files.items():
        kind = kind_of(path)
        if kind is not None:
            facts[path] = read_file(textwrap.dedent(text).encode(), kind, "postgres")
    return Project(facts, files, Settings())


def command(text: str) -> Command:
    words = []
    at = 0
    for word in text.split():
        at = text.index(word, at)
        words.append(Word(plain(word, at)))
        at += len(word)
    return Command(tuple(words), plain(text, 0).span)


# What a text loads.


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import a.b.c", ["a.b.c"]),
        ("import a as x, b . c as y", ["a", "b.c"]),
        ("import a, \\\n  b", ["a", "b"]),
        ("from a.b import c, d as e", ["a.b", "a.b.c", "a.b.d"]),
        ("from a import *", ["a"]),
        ("from . import x", [".", ".x"]),
        ("from .import x", [".", ".x"]),
        ("from.x import y", [".x", ".x.y"]),
        ("from .. a import b", ["..a", "..a.b"]),
        ("from a import (  # why (not)\n    b,  # x\n    c,\n)", ["a", "a.b", "a.c"]),
        ("from a import (\\\n  b)", ["a", "a.b"]),
        ("from a \\\n  import b", ["a", "a.b"]),
        ("if x: import a; import b", ["a", "b"]),
        ("try: from a import b\nexcept ImportError: pass", ["a", "a.b"]),
        ("import a.from_x\nimport b", ["a.from_x", "b"]),
        ("importlib.import_module('a.b')", ["a.b"]),
        ("import_module('.b', __name__)", [".b"]),
        ("__import__('a')", ["a"]),
        ("__all__ = ['a', \"b\"]", [".a", ".b"]),
        ("reimport = 1\nimported = 2", []),
    ],
)
def test_names(text: str, names: list[str]) -> None:
    found = loads_seen(text)
    assert (list(found.names) if found else []) == names


@pytest.mark.parametrize(
    ("text", "loader"),
    [
        ("importlib.import_module(name)", "import_module"),
        ("importlib.import_module(f'app.{name}')", "import_module"),
        ("__import__(name)", "__import__"),
        ("import_string(config)", "import_string"),
        ("for m in pkgutil.walk_packages(p): pass", "walk_packages"),
        ("pkgutil.iter_modules(p)", "iter_modules"),
        ("importlib.metadata.entry_points(group='x')", "entry_points"),
        ("__all__ = [f.stem for f in Path(p).glob('*.py')]", "__all__"),
        ("celery.autodiscover_tasks()", "autodiscover"),
        ("importlib.import_module('a.b')", ""),
        ("def import_string(name): ...", ""),
        ("import importlib\nimport importlib.resources", ""),
        ("for f in Path(p).glob('*.py'): pass", ""),
        ("from x import import_data\nimport_data(name)", ""),
    ],
)
def test_loaders(text: str, loader: str) -> None:
    found = loads_seen(text)
    assert (found.loader if found else "") == loader


def test_dotted_strings() -> None:
    found = loads_seen("a = 'app.tasks'\nb = \"app.main:app\"\nc = '.models'\nd = 'no'\ne = 'a b.c'\nf = 'x.y/z'")
    assert found is not None
    assert found.strings == ("app.tasks", "app.main", ".models")


def test_nothing_is_missed_in_the_code_of_this_project() -> None:
    for path in (Path(__file__).parents[1] / "src").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        found = loads_seen(text)
        missed = expected_names(text) - set(found.names if found else ())
        assert not missed, path


def expected_names(text: str) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


# What a command runs.


@pytest.mark.parametrize(
    ("text", "modules"),
    [
        ("python app/main.py", ["app/main.py"]),
        ("python3.12 -u -W ignore app/main.py --port 1", ["app/main.py"]),
        ("python -m app.main", ["app.main"]),
        ("python -Im app.main", ["app.main"]),
        ("python -c x", []),
        ("python -m uvicorn app.main:app --reload", ["app.main"]),
        ("python app", ["app/__main__.py"]),
        ("uvicorn app.main:app --host 0.0.0.0 --port 80", ["app.main"]),
        ("uvicorn --factory app.main:create_app", ["app.main"]),
        ("exec gunicorn -w 4 -k uvicorn.workers.UvicornWorker app.main:app", ["app.main"]),
        ("gunicorn app.main:create_app()", ["app.main"]),
        ("gunicorn app.wsgi", ["app.wsgi"]),
        ("hypercorn app.main:app -b 0.0.0.0:80", ["app.main"]),
        ("celery -A app.worker worker -l info", ["app.worker"]),
        ("celery --app=app.worker:celery worker", ["app.worker"]),
        ("flask --app app.web run", ["app.web"]),
        ("fastapi run app/main.py --port 80", ["app/main.py"]),
        ("fastapi dev app/main.py", ["app/main.py"]),
        ("fastapi run --workers 4", [""]),
        ("fastapi --version", []),
        ("streamlit run ui/app.py", ["ui/app.py"]),
        ("arq app.jobs.WorkerSettings", ["app.jobs"]),
        ("dramatiq app.tasks", ["app.tasks"]),
        ("uv run uvicorn app.main:app", ["app.main"]),
        ("poetry run python -m app", ["app"]),
        ("tini -- gosu app ddtrace-run uvicorn app.main:app", ["app.main"]),
        ("env A=b timeout 5 python run.py", ["run.py"]),
        ("PYTHONPATH=. ./run.py", ["./run.py"]),
        ("/venv/bin/uvicorn app.main:app", ["app.main"]),
        ("pip install app.main:app", []),
        ("echo uvicorn app.main:app", []),
        ("", []),
    ],
)
def test_commands(text: str, modules: list[str]) -> None:
    assert [ran.module for ran in modules_of(command(text).words)] == modules


def test_starts_are_found_wherever_they_stand() -> None:
    found = project(
        {
            "services/api/app/__init__.py": "",
            "services/api/app/main.py": "app = 1",
            "services/api/app/cli.py": "",
            "services/api/run.py": "",
            "services/api/Dockerfile": 'FROM x\nWORKDIR /srv\nCMD ["uvicorn", "app.main:app"]\n',
            "services/api/pyproject.toml": '[project.scripts]\nshop = "app.cli:main"\n',
            "services/api/Procfile": "web: gunicorn app.main:app\nrelease: python run.py\n",
            "compose.yaml": "services:\n  api:\n    image: a\n    command: [python, /srv/run.py]\n",
            "services/api/tests/start.sh": "uvicorn app.main:app\n",
            "setup.cfg": "[options.entry_points]\nconsole_scripts =\n    shop2 = app.cli:main\n",
        }
    ).entry_points.all
    assert [
        (start.path, start.module.removeprefix("services/api/"), start.written, start.serves) for start in found
    ] == [
        ("compose.yaml", "run.py", "/srv/run.py", False),
        ("services/api/Dockerfile", "app/main.py", "app.main:app", True),
        ("services/api/Procfile", "app/main.py", "app.main:app", True),
        ("services/api/Procfile", "run.py", "run.py", False),
        ("services/api/pyproject.toml", "app/cli.py", "app.cli:main", False),
        ("setup.cfg", "app/cli.py", "app.cli:main", False),
    ]


def test_the_place_of_a_start_is_its_name() -> None:
    text = 'FROM x\nCMD ["uvicorn", "app:app"]\n'
    (start,) = project({"app.py": "", "Dockerfile": text}).entry_points.all
    assert text[start.span.start : start.span.end] in ("app:app", '"app:app"')
    settings = '[tool.poetry.scripts]\n"a" = "app:main"  # x\n[other]\nb = "app:main"\n'
    (script,) = console_scripts_in(settings)
    assert settings[script.span.start : script.span.end] == '"app:main"'
    assert read_procfile("# web: x\nweb: python app.py\n", "").commands[0].words[1].value == "app.py"


def test_fastapi_finds_its_file() -> None:
    files = {"api/Dockerfile": 'FROM x\nCMD ["fastapi", "run"]\n', "api/app/api.py": "", "main.py": ""}
    assert [start.module for start in project(files).entry_points.all] == ["api/app/api.py"]
    assert [start.module for start in project({**files, "api/app.py": ""}).entry_points.all] == ["api/app.py"]


def test_an_ambiguous_script_is_no_start() -> None:
    files = {"a/run.py": "", "b/run.py": "", "deploy/Dockerfile": 'FROM x\nCMD ["python", "run.py"]\n'}
    assert project(files).entry_points.all == ()


# Closures.


def test_a_closure_holds_packages_strings_and_lazy_imports() -> None:
    found = project(
        {
            "main.py": "import app.a\nif x:\n    from app import b\n",
            "app/__init__.py": "",
            "app/a.py": "def f():\n    from . import c\n",
            "app/b.py": "include = ['app.d', 'app.e.Thing']",
            "app/c.py": "",
            "app/d.py": "",
            "app/e.py": "",
            "app/f.py": "",
        }
    )
    closure = found.imports.closure(["main.py"])
    assert closure.is_closed
    assert sorted(closure.paths) == ["app/__init__.py", *(f"app/{name}.py" for name in "abcde"), "main.py"]
    assert closure.chain("app/c.py") == ["main.py", "app/a.py", "app/c.py"]
    assert found.imports.importers("app/c.py") == ("app/a.py",)
    assert found.imports.certain("main.py") == {"main.py", "app/__init__.py", "app/a.py"}


def test_an_import_that_may_mean_several_modules_means_all_of_them() -> None:
    found = project({"x/main.py": "import tools.one", "a/tools/one.py": "", "b/tools/one.py": "", "b/tools/two.py": ""})
    assert sorted(found.imports.closure(["x/main.py"]).paths) == ["a/tools/one.py", "b/tools/one.py", "x/main.py"]


def test_a_loader_anywhere_opens_the_closure() -> None:
    found = project({"main.py": "import a", "a.py": "importlib.import_module(name)"})
    closure = found.imports.closure(["main.py"])
    assert (closure.is_closed, closure.loaders) == (False, {"a.py": "import_module"})


# orm-unregistered-model.

BASE = "from sqlalchemy.orm import declarative_base\nBase = declarative_base()\n"


def model(name: str, more: str = "") -> str:
    return (
        "from sqlalchemy import Column, Integer, ForeignKey\nfrom sqlalchemy.orm import relationship\n"
        "from app.db import Base\n\n\n"
        f'class {name}(Base):\n    __tablename__ = "{name.lower()}s"\n    id = Column(Integer, primary_key=True)\n{more}'
    )


ENV = "from alembic import context\n{imports}\nfrom app.db import Base\ntarget_metadata = Base.metadata\n"
REVISION = 'import sqlalchemy as sa\nfrom alembic import op\nrevision = "1"\ndown_revision = None\n\n\ndef upgrade():\n{body}\n'


def service(imports: str = "import app.users", body: str = "    pass", **more: str) -> dict[str, str]:
    """A service with two modules of models; env.py imports one of them."""
    files = {
        "app/__init__.py": "",
        "app/db.py": BASE,
        "app/users.py": model("User"),
        "app/orders.py": model("Order"),
        "migrations/env.py": ENV.format(imports=imports),
        "migrations/versions/0001_first.py": REVISION.format(body=body),
    }
    return {**files, **{path.replace("__", "/") + ".py": text for path, text in more.items()}}


def found_in(files: Mapping[str, str], rule: str) -> list[str]:
    report = infralint.lint(files, Settings(select=(rule,)))
    assert report.failed == ()
    return [f"{finding.path}:{finding.line}" for finding in report.findings]


def test_a_module_that_nobody_imports_is_found() -> None:
    assert found_in(service(), UNREGISTERED) == ["app/orders.py:6"]


@pytest.mark.parametrize(
    "imports",
    [
        "import app.users, app.orders",
        "from app import users, orders",
        "from app.users import User\nfrom app.orders import Order",
        "from app.models import *",
        "def load():\n    import app.orders",
        "if True:\n    import app.orders",
        "import importlib\nimportlib.import_module('app.orders')",
        "import importlib\nfor name in NAMES:\n    importlib.import_module(name)",
        "import pkgutil, app\nfor m in pkgutil.walk_packages(app.__path__): pass",
        "MODELS = ['app.orders']\nload(MODELS)",
        "from app.everything import x",
    ],
)
def test_whatever_env_may_import_is_registered(imports: str) -> None:
    more = {
        "app__models": "from app.users import *\nfrom .orders import *",
        "app__everything": "from app import orders",
    }
    assert found_in(service(imports, **more), UNREGISTERED) == []


@pytest.mark.parametrize(
    "more",
    [
        {"app__routes": "from app.orders import Order"},
        {"app__routes": "def f():\n    from .orders import Order"},
        {"scripts__fill": "import app.orders"},
        {"app__plugins": "LOADED = ['app.orders']"},
        {"app__broken": "import app.orders\ndef ("},
        {"app__loading": "for name in names():\n    importlib.import_module(name)"},
    ],
)
def test_a_module_that_somebody_may_load_is_not_found(more: dict[str, str]) -> None:
    assert found_in(service(**more), UNREGISTERED) == []


def test_tests_do_not_count() -> None:
    more = {"tests__test_orders": "from app.orders import Order", "tests__conftest": "import app.orders"}
    assert found_in(service(**more), UNREGISTERED) == ["app/orders.py:6"]


@pytest.mark.parametrize(
    "orders",
    [
        model("Order") + "\nif __name__ == '__main__':\n    print(Order)\n",
        "from fastapi import FastAPI\n" + model("Order") + "\napi = FastAPI()\n",
        "from sqlalchemy.orm import declarative_base\nBase = declarative_base()\n"
        + model("Order").replace("from app.db import Base", ""),
        model("Order").replace("class Order(Base):", "class Order(Base):\n    __abstract__ = True"),
        "from sqlalchemy import Column\n",
    ],
)
def test_what_may_be_run_or_belongs_elsewhere_is_not_found(orders: str) -> None:
    assert found_in(service(app__orders=orders), UNREGISTERED) == []


def test_a_command_may_run_it() -> None:
    files = service()
    assert found_in({**files, "Dockerfile": 'FROM x:1\nCMD ["python", "-m", "app.orders"]\n'}, UNREGISTERED) == []


@pytest.mark.parametrize(
    "body",
    [
        '    op.create_table("orders", sa.Column("id", sa.Integer))',
        '    op.execute("CREATE TABLE orders (id integer)")',
        '    for name in names():\n        op.create_table(name, sa.Column("id", sa.Integer))',
        "    op.execute(open('schema.sql').read())",
    ],
)
def test_a_table_that_a_revision_may_create_is_not_found(body: str) -> None:
    assert found_in(service(body=body), UNREGISTERED) == []


def test_a_table_that_sql_creates_is_not_found() -> None:
    assert found_in({**service(), "schema.sql": "CREATE TABLE orders (id integer);"}, UNREGISTERED) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [("return name != 'orders'", []), ("return name != 'users'", ["app/orders.py:6"]), ("return wanted(name)", [])],
)
def test_a_table_that_env_leaves_out(body: str, found: list[str]) -> None:
    env = ENV.format(imports="import app.users") + (
        f"def include(object, name, type_, reflected, compare_to):\n    {body}\n"
        "context.configure(target_metadata=target_metadata, include_object=include)\n"
    )
    assert found_in({**service(), "migrations/env.py": env}, UNREGISTERED) == found


def test_without_alembic_nothing_is_said() -> None:
    files = {path: text for path, text in service().items() if not path.startswith("migrations/")}
    assert found_in(files, UNREGISTERED) == []


# orm-target-not-imported.


def processes(worker: str, user: str = '    orders = relationship("Order")\n', **more: str) -> dict[str, str]:
    """Two processes: the API loads both modules of models, the worker what is given."""
    files = {
        "app/__init__.py": "",
        "app/db.py": BASE,
        "app/users.py": model("User", user),
        "app/orders.py": model("Order", '    user_id = Column(ForeignKey("users.id"))\n'),
        "app/api.py": "import app.users, app.orders\napp = 1\n",
        "app/worker.py": worker,
        "compose.yaml": (
            "services:\n  api:\n    image: a:1\n    command: uvicorn app.api:app\n"
            "  worker:\n    image: a:1\n    command: celery -A app.worker worker\n"
        ),
    }
    return {**files, **{path.replace("__", "/") + ".py": text for path, text in more.items()}}


def test_a_worker_without_the_target() -> None:
    assert found_in(processes("from app.users import User\n"), NOT_IMPORTED) == ["app/users.py:9"]


def test_through_other_modules() -> None:
    files = processes(
        "from app import tasks\n", app__tasks="from app import service\n", app__service="import app.users\n"
    )
    assert found_in(files, NOT_IMPORTED) == ["app/users.py:9"]


@pytest.mark.parametrize(
    "worker",
    [
        "from app.users import User\nimport app.orders\n",
        "from app.users import User\ndef f():\n    import app.orders\n",
        "def f():\n    from app.users import User\n",
        "try:\n    from app.users import User\nexcept ImportError:\n    pass\n",
        "if x:\n    from app.users import User\n",
        "if x: from app.users import User\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from app.users import User\n",
        "from app.users import User\nimportlib.import_module(name)\n",
        "from app.users import User\nINCLUDE = ['app.orders']\n",
        "x = 1\n",
    ],
)
def test_a_worker_that_may_have_both_or_has_neither(worker: str) -> None:
    assert found_in(processes(worker), NOT_IMPORTED) == []


@pytest.mark.parametrize(
    "user",
    [
        "    orders = relationship(lambda: Order)\n",
        '    orders = relationship("Nothing")\n',
        '    other = relationship("User")\n',
        "    number = Column(Integer)\n",
    ],
)
def test_other_relationships(user: str) -> None:
    assert found_in(processes("from app.users import User\n", user), NOT_IMPORTED) == []


def test_a_script_may_borrow_a_class() -> None:
    files = processes("x = 1\n", app__fill="from app.users import User\n")
    files["run.sh"] = "python -m app.fill\n"
    assert found_in(files, NOT_IMPORTED) == []
