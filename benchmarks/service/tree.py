"""The plan of a whole tree: how many files of which sort every service has, and their texts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from service import deploying
from service.mistakes import Files, Places, Planted, plant
from service.models import BASE, ENVIRONMENT, migrations, model_module, registry_module
from service.modules import Module, plain_module
from service.queries import query_module, sql_file
from service.tables import Table, plan_tables
from service.testing import CONFTEST, tests_of
from service.words import LAYERS, NOUNS, REGIONS, SERVICES, Names, sentence

# Of a service's Python files; a tenth has to do with what is deployed.
_SHARES = {"models": 0.035, "queries": 0.03, "commands": 0.01, "variables": 0.012, "tests": 0.15}
_MIGRATIONS = 0.015
# One test module of so many replaces functions of what it tests.
_PATCHING = 5
# Lines of a file: the logarithm has a normal distribution, as in most code bases.
_MEDIAN, _SPREAD, _LONGEST = 262, 0.72, 2600
_FILES_OF_A_SERVICE = 250


@dataclass
class MadeTree:
    """A tree: its files by path, and the mistakes in it."""

    files: Files = field(default_factory=dict)
    planted: list[Planted] = field(default_factory=list)

    def python(self) -> list[str]:
        """The paths of its Python files."""
        return [path for path in self.files if path.endswith(".py")]


def make_tree(files: int, seed: int) -> MadeTree:
    """A tree with exactly `files` Python files, the same for the same seed. Raises ValueError below 100."""
    if files < 100:
        raise ValueError("a service of fewer than 100 files has no room for all of its parts")
    return _Maker(files, seed).make()


class _Maker:
    def __init__(self, files: int, seed: int) -> None:
        self.count = files
        self.seed = seed
        self.tree = MadeTree()
        names = [f"{name}_{region}".rstrip("_") for region in REGIONS for name in SERVICES]
        self.services = names[: min(len(names), max(2, files // _FILES_OF_A_SERVICE))]
        self.tables: dict[str, list[Table]] = {}
        self.variables: dict[str, list[str]] = {}
        self.core: list[Module] = []

    def make(self) -> MadeTree:
        share = self.count / len(self.services)
        for service in self.services:
            count = max(4, round(share * _SHARES["models"]))
            self.tables[service] = plan_tables(self._random(service, "tables"), service, count)
        self._write_shared()
        left = self.count - len(self.tree.python())
        for number, service in enumerate(self.services):
            budget = left * (number + 1) // len(self.services) - left * number // len(self.services)
            _Service(self, service, budget).write()
        self._write_deployment()
        self.tree.planted = plant(self.tree.files, self._places())
        return self.tree

    def _random(self, *parts: str) -> Random:
        return Random(":".join((str(self.seed), *parts)))

    def _write_shared(self) -> None:
        files, random = self.tree.files, self._random("core")
        files["core/__init__.py"] = '"""What all services share."""\n'
        files["core/base.py"] = BASE
        names = Names(random, taken=("base",))
        for _ in range(max(3, self.count // 100)):
            module, text = plain_module(random, f"core.{names.module()}", length(random), self.core)
            files[module.path] = text
            self.core.append(module)
        tables = [table for service in self.services for table in self.tables[service]]
        history = migrations(self._random("migrations"), tables, round(self.count * _MIGRATIONS))
        files.update((f"migrations/versions/{name}", text) for name, text in history)
        imports = "".join(f"import {service}.models\n" for service in sorted(self.services))
        files["migrations/env.py"] = ENVIRONMENT.replace("{imports}\n", imports)
        files["tests/__init__.py"] = ""
        files["tests/conftest.py"] = CONFTEST

    def _write_deployment(self) -> None:
        files = self.tree.files
        for service in self.services:
            files[f"deploy/{service}/Dockerfile"] = deploying.dockerfile(service)
            files[f"deploy/{service}/service.yaml"] = deploying.cloud_run(service, self.variables[service])
            files[f"deploy/{service}/deploy.sh"] = deploying.deploy_script(service)
            files[f".github/workflows/deploy-{service.replace('_', '-')}.yml"] = deploying.deploy_workflow(service)
        files["compose.yaml"] = deploying.compose(self.services, self.variables)
        files[".github/workflows/tests.yml"] = deploying.tests_workflow()
        files["requirements.txt"] = deploying.REQUIREMENTS
        files["requirements-dev.txt"] = deploying.DEVELOPMENT
        files["alembic.ini"] = deploying.ALEMBIC
        files[".gitignore"] = deploying.GITIGNORE
        files[".dockerignore"] = deploying.DOCKERIGNORE
        files["README.md"] = "# Services\n\nMade by a generator, for measurements.\n"

    def _places(self) -> Places:
        """The first service takes the mistakes; it is there in trees of any size."""
        service = self.services[0]
        paths = sorted(self.tree.files)

        def first(prefix: str, *, holds: str = "") -> str:
            return next(
                path
                for path in paths
                if path.startswith(prefix) and not path.endswith("__init__.py") and holds in self.tree.files[path]
            )

        tests = first(f"tests/{service}/", holds="import mock")
        tested = self.tree.files[tests].partition("import ")[2].partition(" as tested")[0]
        return Places(
            service,
            self.tables[service][0],
            first(f"{service}/queries/"),
            first(f"reports/{service}"),
            first(f"{service}/commands/"),
            first(f"{service}/variables/"),
            first(f"{service}/{LAYERS[0]}/"),
            tests,
            tested,
        )


class _Service:
    """The files of one service, while they are written."""

    def __init__(self, maker: _Maker, name: str, budget: int) -> None:
        self.name = name
        self.budget = budget
        self.files = maker.tree.files
        self.tables = maker.tables[name]
        self.variables = maker.variables.setdefault(name, [])
        self.random = maker._random(name)
        self.names = Names(self.random, taken=tuple(NOUNS))
        self.known = list(maker.core)
        self.routers: list[tuple[str, str]] = []
        self.settings: list[str] = []
        self.written = 0

    def write(self) -> None:
        self._put(f"{self.name}/__init__.py", f'"""The service {self.name}."""\n')
        self._put(f"tests/{self.name}/__init__.py", "")
        self._write_models()
        for sort in ("queries", "commands", "variables"):
            self._put(f"{self.name}/{sort}/__init__.py", f'"""{sentence(self.random)}"""\n')
            for _ in range(max(1, round(self.budget * _SHARES[sort]))):
                self._write_special(sort)
        tests = round(self.budget * _SHARES["tests"])
        self._write_plain(self.budget - self.written - tests - 1)
        self._put(f"{self.name}/main.py", deploying.main_module(self.name, self.routers, self.settings))
        self._write_tests(tests)
        for number in range(max(1, self.budget // 100)):
            self.files[f"reports/{self.name}_{number}.sql"] = sql_file(self.random, self.tables)

    def _put(self, path: str, text: str) -> None:
        self.files[path] = text
        self.written += 1

    def _write_models(self) -> None:
        for table in self.tables:
            text, functions = model_module(self.random, table, self.tables, length(self.random))
            self._put(f"{table.module.replace('.', '/')}.py", text)
            self.known.append(Module(table.module, functions))
        self._put(f"{self.name}/models/__init__.py", registry_module(self.tables))

    def _write_special(self, sort: str) -> None:
        name, lines = f"{self.name}.{sort}.{self.names.module()}", length(self.random)
        if sort == "queries":
            text, functions = query_module(self.random, self.tables, lines)
        elif sort == "commands":
            text, functions = deploying.command_module(self.random, self.name, lines)
        else:
            variables = [self._variable() for _ in range(self.random.randrange(1, 5))]
            self.variables += variables
            self.settings.append(name)
            text, functions = deploying.variable_module(self.random, variables, lines)
        self._put(f"{name.replace('.', '/')}.py", text)
        self.known.append(Module(name, functions))

    def _variable(self) -> str:
        ending = self.random.choice(("LIMIT", "MODE", "SECONDS", "TOPIC", "BUCKET"))
        return f"{self.name.upper()}_{self.names.constant()}_{ending}"

    def _write_plain(self, count: int) -> None:
        """`count` files in packages of about 25, their `__init__.py` among them."""
        packages = min(len(LAYERS), max(1, math.ceil(count / 26)))
        for layer in LAYERS[:packages]:
            self._put(f"{self.name}/{layer}/__init__.py", f'"""{sentence(self.random)}"""\n')
        for number in range(count - packages):
            name = f"{self.name}.{LAYERS[number % packages]}.{self.names.module()}"
            module, text = plain_module(self.random, name, length(self.random), self.known)
            self._put(module.path, text)
            self.known.append(module)
            self.routers += [(name, router) for router in _routers_in(text)]

    def _write_tests(self, count: int) -> None:
        own = [module for module in self.known if module.name.startswith(self.name) and module.functions]
        for number in range(count):
            module = self.random.choice(own)
            name = f"test_{module.name.rpartition('.')[2]}_{number}"
            patched = number % _PATCHING == 0
            self._put(f"tests/{self.name}/{name}.py", tests_of(self.random, module, length(self.random), patched))


def _routers_in(text: str) -> Iterator[str]:
    """The routers that a module defines: some of the pieces do."""
    for line in text.splitlines():
        name, equals, value = line.partition(" = ")
        if equals and value.startswith("APIRouter("):
            yield name


def length(random: Random) -> int:
    """The lines of a file, with a long tail."""
    return min(_LONGEST, max(12, int(_MEDIAN * math.exp(random.gauss(0, _SPREAD)))))
