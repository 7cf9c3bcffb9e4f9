"""Variables of deployments against those of their code, with deployments made by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import cast

import pytest

from infralint.engine import dialect_of, link
from infralint.facts.commands import Command, Word
from infralint.facts.files import FileFacts
from infralint.facts.text import plain
from infralint.project.deployments import Deployment, Deployments, Gap, Setting
from infralint.project.entry_points import Start
from infralint.project.environment import Environment
from infralint.project.environment.local import is_local, service_of
from infralint.project.environment.names import slip
from infralint.reading import Reading
from infralint.report import Progress
from infralint.settings import Settings
from infralint.source import Span
from infralint.workspace import SourceFile, in_memory

NOWHERE = Span(0, 1)


class _Made:
    """Deployments that a test has made."""

    def __init__(self, *deployments: Deployment) -> None:
        self.all = deployments
        self.checks = ()


def deployment(
    start: str | None,
    variables: Mapping[str, str | None],
    *,
    name: str = "web",
    path: str = "compose.yaml",
    kind: str = "compose",
    open: str = "",
    image: str = "",
    container: str = "",
) -> Deployment:
    """A deployment of a module with these variables. `open`: why there may be others."""
    environment = {each: Setting(each, value, "literal", path, NOWHERE) for each, value in variables.items()}
    gaps = (Gap("unread", open, path, NOWHERE),) if open else ()
    starts = (Start(start, path, NOWHERE, start),) if start else ()
    return Deployment(
        kind, name, f"{kind} `{name}`", path, Span(0, len(name)), environment=environment, open=gaps, starts=starts,
        image=plain(image, 0) if image else None, container=container,
    )  # fmt: skip


class _Outlining(Reading):
    """Gives every module with its outline."""

    def read(
        self,
        files: Iterable[SourceFile],
        *,
        outline: bool = False,
        program: bool = False,
        progress: Progress | None = None,
    ) -> dict[str, FileFacts]:
        return super().read(files, program=program, progress=progress)


def environment_of(files: Mapping[str, str], *deployments: Deployment) -> Environment:
    """The view over these files and deployments."""
    settings = Settings()
    workspace = in_memory(files, settings)
    # The deployments are not among the files, so that nothing else asks for outlines.
    with _Outlining(workspace, dialect_of(settings), jobs=1) as reading:
        project = link(workspace, settings, reading)
        made = cast("Deployments", _Made(*deployments))
        found = Environment(project, made)
        # The interpreter asks for modules while the reading is open.
        _ = found.unset, found.misspelt, found.local_defaults, found.unused
    return found


def unset(files: Mapping[str, str], *deployments: Deployment) -> list[tuple[str, bool]]:
    """The variables that are said to be unset, and whether that shows at the start."""
    return [(each.read.name, each.certain) for each in environment_of(files, *deployments).unset]


MAIN = {"main.py": "import os\nX = os.environ['NEEDED_X']\n"}


def test_unset_at_import() -> None:
    assert unset(MAIN, deployment("main.py", {})) == [("NEEDED_X", True)]
    assert unset(MAIN, deployment("main.py", {"NEEDED_X": "1"})) == []
    assert unset(MAIN, deployment("main.py", {"NEEDED_X": None})) == []


def test_unset_in_a_module_that_is_loaded() -> None:
    files = {"main.py": "from app import config\n", "app/__init__.py": "", "app/config.py": MAIN["main.py"]}
    assert unset(files, deployment("main.py", {})) == [("NEEDED_X", True)]
    files["main.py"] = "def later():\n    from app import config\n"
    assert unset(files, deployment("main.py", {})) == []
    files["main.py"] = "try:\n    from app import config\nexcept Exception:\n    config = None\n"
    assert unset(files, deployment("main.py", {})) == []


def test_nothing_is_said_of_code_that_no_deployment_runs() -> None:
    assert unset({**MAIN, "other.py": ""}, deployment("other.py", {})) == []
    assert unset(MAIN, deployment(None, {})) == []


def test_a_variable_that_may_come_unseen() -> None:
    assert unset(MAIN, deployment("main.py", {}, open="an env file that is not in the tree")) == []


def test_another_deployment_of_the_same_program_sets_it() -> None:
    other = deployment("main.py", {"NEEDED_X": "1"}, name="production", path="prod/compose.yaml")
    assert unset(MAIN, deployment("main.py", {}), other) == []


def test_another_deployment_of_the_same_program_may_set_it() -> None:
    other = deployment("main.py", {}, name="production", path="prod/compose.yaml", open="a template")
    assert unset(MAIN, deployment("main.py", {}), other) == []


def test_another_program_sets_it() -> None:
    """What one program is given is no help to another."""
    files = {**MAIN, "worker.py": "import main\n"}
    found = unset(files, deployment("main.py", {"NEEDED_X": "1"}), deployment("worker.py", {}, name="worker"))
    assert found == [("NEEDED_X", True)]


def test_in_a_function_only_where_nobody_sets_it() -> None:
    files = {
        "main.py": "import os\ndef publish():\n    return os.environ['TOPIC_X']\ndef f():\n    publish()\n",
        "other.py": "",
    }
    assert unset(files, deployment("main.py", {})) == [("TOPIC_X", False)]
    elsewhere = deployment("other.py", {"TOPIC_X": "1"}, name="other")
    assert unset(files, deployment("main.py", {}), elsewhere) == []


@pytest.mark.parametrize(
    "body",
    [
        "os.environ['NEEDED_X'] = 'x'\nX = os.environ['NEEDED_X']",
        "os.environ.setdefault('NEEDED_X', 'x')\nX = os.environ['NEEDED_X']",
        "os.environ.update(NEEDED_X='x')\nX = os.environ['NEEDED_X']",
        "for k, v in read().items():\n    os.environ[k] = v\nX = os.environ['NEEDED_X']",
        "from dotenv import load_dotenv\nload_dotenv()\nX = os.environ['NEEDED_X']",
        "from decouple import config\nX = config('NEEDED_X')",
        "if os.environ.get('DEBUG'):\n    X = os.environ['NEEDED_X']",
        "try:\n    X = os.environ['NEEDED_X']\nexcept KeyError:\n    X = ''",
        "X = os.environ['PORT']",
        "X = os.environ['AWS_REGION']",
        "X = os.environ['HOSTNAME']",
        "X = os.environ['KUBERNETES_SERVICE_HOST']",
        "X = os.environ['GITHUB_TOKEN']",
        "X = os.getenv('NEEDED_X') or os.getenv('GIVEN_X')\nif not X:\n    raise ValueError",
        "if __name__ != '__main__':\n    X = os.environ['NEEDED_X']",
        "X = os.getenv('NEEDED_X')",
        "X = 'NEEDED_X' in os.environ",
    ],
)
def test_healthy_modules(body: str) -> None:
    assert unset({"main.py": f"import os\n{body}\n"}, deployment("main.py", {"GIVEN_X": "1"})) == []


def test_a_module_that_is_run() -> None:
    files = {"main.py": "import os\nif __name__ == '__main__':\n    print(os.environ['NEEDED_X'])\n"}
    assert unset(files, deployment("main.py", {})) == [("NEEDED_X", True)]
    files["app.py"] = "import main\n"
    assert unset(files, deployment("app.py", {})) == []


def test_wrappers_of_other_modules() -> None:
    files = {
        "env.py": "import os\ndef need(name):\n    return os.environ[name]\n"
        "def get(name, default=None):\n    return os.environ.get(name, default)\n",
        "main.py": "from env import get, need\nX = need('NEEDED_X')\nY = get('OPTIONAL_Y')\nZ = need('GIVEN_Z')\n",
    }
    assert unset(files, deployment("main.py", {"GIVEN_Z": "1"})) == [("NEEDED_X", True)]


def test_wrappers_that_are_methods() -> None:
    files = {
        "conf.py": "import os\nclass Config:\n    def get(self, name, default=None):\n"
        "        value = os.environ.get(name, default)\n        if value is None:\n            raise KeyError(name)\n"
        "        return value\n\n    @staticmethod\n    def need(name):\n        return os.environ[name]\n\nconfig = Config()\n",
        "main.py": "from conf import Config, config\nX = config.get('NEEDED_X')\nY = config.get('OPTIONAL_Y', 'y')\n"
        "Z = Config.need('NEEDED_Z')\n",
    }
    assert unset(files, deployment("main.py", {})) == [("NEEDED_X", True), ("NEEDED_Z", True)]


def test_readers_of_other_modules() -> None:
    files = {
        "base.py": "from environs import Env\nenv = Env()\n",
        "main.py": "from base import env\nX = env('NEEDED_X')\nY = env.str('OPTIONAL_Y', 'y')\nZ = env.int('NEEDED_Z')\n",
    }
    assert unset(files, deployment("main.py", {})) == [("NEEDED_X", True), ("NEEDED_Z", True)]


def test_names_in_constants_of_other_modules() -> None:
    files = {
        "names.py": "TOKEN = 'NEEDED_X'\n",
        "main.py": "import os\nimport names\nfrom names import TOKEN\nX = os.environ[TOKEN]\nY = os.environ[names.TOKEN]\n",
    }
    assert unset(files, deployment("main.py", {})) == [("NEEDED_X", True), ("NEEDED_X", True)]


SETTINGS = (
    "from pydantic_settings import BaseSettings, SettingsConfigDict\n\n\n"
    "class Settings(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='APP_')\n"
    "    database_url: str\n    log_level: str = 'info'\n"
)


def test_settings_classes() -> None:
    files = {"config.py": f"{SETTINGS}\n\nsettings = Settings()\n", "main.py": "from config import settings\n"}
    assert unset(files, deployment("main.py", {})) == [("APP_DATABASE_URL", True)]
    assert unset(files, deployment("main.py", {"APP_DATABASE_URL": "x"})) == []
    assert unset(files, deployment("main.py", {"app_database_url": "x"})) == []


def test_settings_classes_whose_instance_another_module_makes() -> None:
    files = {"config.py": SETTINGS, "main.py": "from config import Settings\nsettings = Settings()\n"}
    assert unset(files, deployment("main.py", {})) == [("APP_DATABASE_URL", True)]


def test_settings_classes_whose_instance_is_made_later() -> None:
    files = {"config.py": SETTINGS, "main.py": "from config import Settings\ndef get():\n    return Settings()\n"}
    assert unset(files, deployment("main.py", {})) == [("APP_DATABASE_URL", False)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("env_prefix='APP_'", "env_prefix='APP_', env_file='.env'"),
        ("env_prefix='APP_'", "env_prefix='APP_', secrets_dir='/run/secrets'"),
        ("    log_level", "    @model_validator(mode='before')\n    def fill(cls, values): ...\n    log_level"),
        ("    log_level", "    def __init__(self): super().__init__(database_url='x')\n    log_level"),
        ("database_url: str", "database_url: str = ''"),
        ("database_url: str", "database_url: str = Field(default_factory=str)"),
        ("env_prefix='APP_'", "env_prefix=prefix()"),
        ("BaseSettings):", "Unknown, BaseSettings):"),
    ],
)
def test_settings_that_may_come_from_elsewhere(old: str, new: str) -> None:
    text = f"from lib import Unknown, prefix\nfrom pydantic import Field, model_validator\n{SETTINGS}".replace(old, new)
    assert unset({"main.py": f"{text}\nsettings = Settings()\n"}, deployment("main.py", {})) == []


def test_settings_that_are_given_by_hand() -> None:
    files = {"main.py": f"{SETTINGS}\nsettings = Settings(database_url='x')\n"}
    assert unset(files, deployment("main.py", {})) == []


# Slips.


@pytest.mark.parametrize(
    ("read", "set_"),
    [
        ("GCP_PROJECT_ID", "PROJECT_ID"),
        ("PROJECT_ID", "GCP_PROJECT_ID"),
        ("REDIS_URL", "REDISURL"),
        ("REDIS_URL", "REDSI_URL"),
        ("REDIS_URL", "RDEIS_URL"),
        ("PUBSUB_SUBSCRIPTION", "PUBSUB_SUBSCRIPTON"),
        ("PUBSUB_SUBSCRIPTION", "PUBSUB_SUBCRIPTION"),
        ("LOG_LEVEL", "APP_LOG_LEVEL"),
        ("SERVICE_URLS", "SERVICES_URLS"),
    ],
)
def test_slips(read: str, set_: str) -> None:
    assert slip(read, [set_, "SOMETHING_ELSE"]) == set_


@pytest.mark.parametrize(
    ("read", "set_"),
    [
        ("DB_HOST", "DB_PORT"),
        ("DB_HOST", "PG_HOST"),
        ("API_URL", "APP_URL"),
        ("URL", "REDIS_URL"),
        ("PASSWORD", "DB_PASSWORD"),
        ("TOPIC_1", "TOPIC_2"),
        ("S3_KEY", "KEY"),
        ("MIN_WORKERS", "MAX_WORKERS"),
        ("READ_TIMEOUT", "LEAD_TIMEOUT"),
        ("SMTP_USER", "SMTP_USE_TLS"),
        ("DATABASE_URL", "DATABASE_URL"),
    ],
)
def test_no_slips(read: str, set_: str) -> None:
    assert slip(read, [set_]) is None


def test_two_candidates_are_none() -> None:
    assert slip("PROJECT_ID", ["A_PROJECT_ID", "B_PROJECT_ID"]) is None


def misspelt(files: Mapping[str, str], *deployments: Deployment) -> list[tuple[str, str]]:
    """The slips that are found: read, set."""
    return [(each.read.name, each.setting.name) for each in environment_of(files, *deployments).misspelt]


SLIP = {"main.py": "import os\nX = os.environ.get('GCP_PROJECT_ID', '')\n"}


def test_misspelt() -> None:
    assert misspelt(SLIP, deployment("main.py", {"PROJECT_ID": "x"})) == [("GCP_PROJECT_ID", "PROJECT_ID")]


def test_a_misspelt_variable_is_not_unset_too() -> None:
    files = {"main.py": "import os\nX = os.environ['GCP_PROJECT_ID']\n"}
    found = environment_of(files, deployment("main.py", {"PROJECT_ID": "x"}))
    assert (len(found.misspelt), len(found.unset)) == (1, 0)


def test_the_other_name_is_read_too() -> None:
    files = {**SLIP, "other.py": "import os\nY = os.getenv('PROJECT_ID')\n"}
    assert misspelt(files, deployment("main.py", {"PROJECT_ID": "x"})) == []
    files = {"main.py": "import os\nX = os.getenv('GCP_PROJECT_ID') or os.getenv('PROJECT_ID')\n"}
    assert misspelt(files, deployment("main.py", {"PROJECT_ID": "x"})) == []


def test_the_other_name_is_used_by_a_script() -> None:
    files = {**SLIP, "start.sh": "echo $PROJECT_ID\nexec python main.py\n"}
    assert misspelt(files, deployment("main.py", {"PROJECT_ID": "x"})) == []
    files = {**SLIP, "deploy.sh": "gcloud run jobs deploy x --set-env-vars PROJECT_ID=$PROJECT_ID\n"}
    assert misspelt(files, deployment("main.py", {"PROJECT_ID": "x"})) == [("GCP_PROJECT_ID", "PROJECT_ID")]


def test_the_other_name_is_a_library_s() -> None:
    files = {"main.py": "import os\nX = os.environ.get('SERVICE_NAME', '')\n"}
    assert misspelt(files, deployment("main.py", {"OTEL_SERVICE_NAME": "x"})) == []


def test_both_are_set() -> None:
    assert misspelt(SLIP, deployment("main.py", {"PROJECT_ID": "x", "GCP_PROJECT_ID": "x"})) == []


# Defaults.


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("REDIS_URL", "redis://localhost:6379/0", True),
        ("REDIS_URL", "redis://:secret@127.0.0.1:6379", True),
        ("DATABASE_URL", "postgresql+asyncpg://u:p@localhost/db", True),
        ("API_URL", "http://localhost:8000", True),
        ("API_URL", "http://[::1]:8000/", True),
        ("DB_HOST", "localhost", True),
        ("KAFKA_BROKERS", "localhost:9092", True),
        ("HOST", "localhost", False),
        ("HOST", "127.0.0.1", False),
        ("BIND_ADDRESS", "127.0.0.1:8000", False),
        ("CORS_ORIGINS", "http://localhost:3000", False),
        ("ALLOWED_HOSTS", "localhost", False),
        ("API_URL", "http://localhost.example.com", False),
        ("API_URL", "http://api.local:80", False),
        ("GREETING", "localhost", False),
        ("API_URL", "", False),
        ("API_URL", "\ue000", False),
        ("APP_NAME", "redis://redis:6379", False),
    ],
)
def test_local_addresses(name: str, value: str, expected: bool) -> None:
    assert is_local(name, value) is expected


def test_services_of_addresses() -> None:
    assert service_of("BROKER_URL", "amqp://guest@localhost//") == "rabbitmq"
    assert service_of("DATABASE_URL", "postgresql+asyncpg://localhost/x") == "postgres"
    assert service_of("REDIS_HOST", "localhost") == "redis"
    assert service_of("API_URL", "http://localhost:8000") == ""


def local(files: Mapping[str, str], *deployments: Deployment) -> list[tuple[str, bool]]:
    """The defaults that are found, and whether another deployment shows what is meant."""
    found = environment_of(files, *deployments).local_defaults
    return [(each.read.name, each.other is not None) for each in found]


CACHE = {"main.py": "import os\nX = os.environ.get('REDIS_URL', 'redis://localhost:6379/0')\n"}


def test_local_default_where_another_deployment_sets_it() -> None:
    here = deployment("main.py", {}, kind="cloud-run-service", path="service.yaml")
    other = deployment("main.py", {"REDIS_URL": "redis://redis:6379"})
    assert local(CACHE, here, other) == [("REDIS_URL", True)]
    assert local(CACHE, here) == []
    same = deployment("main.py", {"REDIS_URL": "redis://localhost:6379"})
    assert local(CACHE, here, same) == []
    another = deployment("other.py", {"REDIS_URL": "redis://redis:6379"})
    assert local({**CACHE, "other.py": ""}, here, another) == []


def test_local_default_where_the_service_stands_beside() -> None:
    here, beside = deployment("main.py", {}), deployment(None, {}, name="cache", image="redis:7")
    assert local(CACHE, here, beside) == [("REDIS_URL", False)]
    assert local(CACHE, here, deployment(None, {}, name="cache", image="postgres:16")) == []
    elsewhere = deployment(None, {}, name="cache", image="redis:7", path="other/compose.yaml")
    assert local(CACHE, here, elsewhere) == []


def test_a_sidecar_answers_at_localhost() -> None:
    here = deployment("main.py", {}, kind="kubernetes", path="k8s.yaml", container="web")
    sidecar = deployment(None, {}, kind="kubernetes", path="k8s.yaml", container="redis", image="redis:7")
    other = deployment("main.py", {"REDIS_URL": "redis://redis:6379"})
    assert local(CACHE, here, sidecar, other) == []


def test_a_default_under_a_debug_flag() -> None:
    files = {
        "main.py": "import os\nDEBUG = bool(os.getenv('DEBUG'))\n"
        "X = os.getenv('REDIS_URL', 'redis://localhost') if DEBUG else os.getenv('REDIS_URL')\n"
    }
    here = deployment("main.py", {}, path="service.yaml")
    assert local(files, here, deployment("main.py", {"REDIS_URL": "redis://redis"})) == []


# Unused.


def unused(files: Mapping[str, str], *deployments: Deployment) -> list[str]:
    """The variables that nobody reads."""
    return [each.setting.name for each in environment_of(files, *deployments).unused]


def test_unused() -> None:
    made = deployment("main.py", {"NEEDED_X": "1", "LEGACY_Y": "1", "PYTHONUNBUFFERED": "1", "OTEL_SERVICE_NAME": "x"})
    assert unused(MAIN, made) == ["LEGACY_Y"]
    assert unused({**MAIN, "start.sh": "echo $LEGACY_Y\n"}, made) == []
    assert unused({"main.py": MAIN["main.py"] + "run(env=os.environ)\n"}, made) == []
    assert unused({"main.py": MAIN["main.py"] + "import importlib\nimportlib.import_module(X)\n"}, made) == []


# Functions that run at the start.

READS = "import os\n\ndef load():\n    return os.environ['NEEDED_X']\n\nclass Client:\n    def __init__(self):\n        self.x = load()\n"


@pytest.mark.parametrize(
    "main",
    [
        "from conf import load\nX = load()",
        "import conf\nX = conf.load()",
        "from conf import Client\nX = Client()",
        "from conf import load\ndef build():\n    x = [1]\n    return load()\nAPP = build()",
        "from conf import load\nclass Config:\n    x = load()",
        "from conf import load\ndef f(x=load()): ...",
        "from conf import load\nif __name__ == '__main__':\n    load()",
        "from conf import load\ndef main():\n    load()\nif __name__ == '__main__':\n    main()",
        "import asyncio\nfrom conf import load\nasync def main():\n    load()\nif __name__ == '__main__':\n    asyncio.run(main())",
        "import asyncio\nfrom conf import load\nasync def inner():\n    load()\nasync def main():\n    await inner()\nasyncio.run(main())",
        "from conf import load\nclass App:\n    def __init__(self):\n        self.start()\n    def start(self):\n        load()\nApp()",
        "from functools import lru_cache\nfrom conf import load\n@lru_cache\ndef get():\n    return load()\nX = get()",
        "from conf import load\nclass App:\n    def start(self):\n        load()\napp = App()\napp.start()",
        "from conf import load\nwith open('x') as f:\n    X = load()",
    ],
)
def test_a_function_that_runs_at_the_start(main: str) -> None:
    assert unset({"conf.py": READS, "main.py": main + "\n"}, deployment("main.py", {})) == [("NEEDED_X", True)]


@pytest.mark.parametrize(
    "main",
    [
        "from conf import load",
        "from conf import load\ndef handler():\n    return load()",
        "from conf import load\nif DEBUG:\n    load()",
        "from conf import load\ntry:\n    load()\nexcept KeyError:\n    pass",
        "from conf import load\nX = lambda: load()",
        "from conf import load\nX = [load() for _ in NAMES]",
        "from conf import load\nasync def main():\n    load()\nX = main()",
        "from conf import load\ndef main():\n    yield load()\nX = main()",
        "from conf import load\ndef main():\n    if LOCAL:\n        return None\n    return load()\nX = main()",
        "from conf import load\nfrom lib import traced\n@traced\ndef main():\n    return load()\nX = main()",
        "from conf import load\nX = DEBUG or load()",
        "from conf import load\ndef main(load):\n    return load()\nX = main(str)",
        "from conf import load\nX = load",
        "for i in range(3):\n    from conf import load\n    load()",
    ],
)
def test_a_function_that_may_never_run(main: str) -> None:
    found = unset({"conf.py": READS, "main.py": main + "\n"}, deployment("main.py", {}))
    assert ("NEEDED_X", True) not in found


def test_a_factory_that_the_server_calls() -> None:
    files = {"main.py": "import os\ndef create_app():\n    return os.environ['NEEDED_X']\n"}
    made = deployment("main.py", {})
    served = Start("main.py", "Dockerfile", NOWHERE, "main:create_app()", serves=True)
    assert unset(files, replace(made, starts=(served,))) == [("NEEDED_X", True)]
    served = replace(served, written="main:create_app")
    assert unset(files, replace(made, starts=(served,))) == []
    factory = Command((Word(plain("--factory", 0)),), NOWHERE)
    assert unset(files, replace(made, starts=(served,), command=factory.words)) == [("NEEDED_X", True)]


def test_a_function_that_nobody_calls() -> None:
    files = {"main.py": "import os\ndef publish():\n    return os.environ['TOPIC_X']\n"}
    assert unset(files, deployment("main.py", {})) == []
    files["main.py"] += "def handle():\n    publish()\n"
    assert unset(files, deployment("main.py", {})) == [("TOPIC_X", False)]
    decorated = "import os\nfrom lib import app\n@app.get('/')\ndef publish():\n    return os.environ['TOPIC_X']\n"
    assert unset({"main.py": decorated}, deployment("main.py", {})) == [("TOPIC_X", False)]


def test_local_default_where_the_service_is_told_in_another_way() -> None:
    beside = deployment(None, {}, name="cache", image="redis:7")
    assert local(CACHE, deployment("main.py", {"CACHE_REDIS_HOST": "cache"}), beside) == []
    worker = deployment("worker.py", {"REDIS_URL": "redis://cache"}, name="worker")
    assert local({**CACHE, "worker.py": ""}, deployment("main.py", {}), worker, beside) == []
