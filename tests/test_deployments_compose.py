"""Compose files: what Docker's documentation says of merges, env files, interpolation, extends and include."""

from __future__ import annotations

import pytest
from deploying import deployments, environment, gaps, only, written


def service(body: str, **files: str) -> dict[str, str]:
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    return {"docker-compose.yml": f"services:\n  web:\n    image: shop\n{indented}", **files}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("environment:\n  A: b\n  C: 1\n  D: true\n", {"A": "b", "C": "1", "D": "true"}),
        ("environment:\n  - A=b\n  - C=\n", {"A": "b", "C": ""}),
        ('environment:\n  A: ""\n', {"A": ""}),
        ("environment:\n  A:\n", {"A": "<host> perhaps"}),
        ("environment:\n  A: null\n  B: ~\n", {"A": "<host> perhaps", "B": "<host> perhaps"}),
        ("environment:\n  - A\n", {"A": "<host> perhaps"}),
        ("environment:\n  A: ${B:-c}\n  D: ${E-f}g\n", {"A": "c", "D": "fg"}),
        ("environment:\n  A: ${B}\n  C: $D-${E:?no}\n", {"A": "?", "C": "?-?"}),
        ("environment:\n  A: $$B\n  C: $${D}\n", {"A": "$B", "C": "${D}"}),
        ("environment:\n  A: ${B:-${C:-d}}\n", {"A": "d"}),
        ("environment:\n  - A=b=c\n  - 'D=e f'\n", {"A": "b=c", "D": "e f"}),
        ("environment:\n  'A': b\n", {"A": "b"}),
        ("environment: {A: b}\n", {"A": "b"}),
        ("environment: [A=b, C]\n", {"A": "b", "C": "<host> perhaps"}),
        ("environment: {}\n", {}),
        ("environment:\n", {}),
        ("environment:\n  A: >\n    b\n    c\n", {"A": "b c\n"}),
    ],
)
def test_variables(body: str, expected: dict[str, str]) -> None:
    assert environment(only(service(body))) == expected


def test_the_place_of_a_variable_is_its_name() -> None:
    for body in ("environment:\n  - 'A=b'\n", 'environment:\n  "A": b\n', "environment: {A: }\n"):
        files = service(body)
        assert written(files, only(files).environment["A"]) == "A"


def test_a_name_that_is_computed_is_open() -> None:
    found = only(service("environment:\n  - ${P}_URL=x\n  - A=b\n"))
    assert environment(found) == {"A": "b"}
    assert gaps(found) == ["unread: the name of a variable is not known [.*_URL]"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("010", "?"),
        ("0x10", "?"),
        ("3.0", "?"),
        ("3.10", "?"),
        ("1e3", "?"),
        ("2024-01-01", "?"),
        ("True", "?"),
        ("3.5", "3.5"),
        ("8080", "8080"),
        ("-1", "-1"),
        ("3.0.2", "3.0.2"),
        ("yes", "yes"),
        ("'010'", "010"),
        ("10:20", "10:20"),
    ],
)
def test_numbers_that_compose_writes_in_another_way(written: str, expected: str) -> None:
    """compose-go 2.13 reads plain scalars by their type: 010 becomes 8."""
    assert environment(only(service(f"environment:\n  A: {written}\n"))) == {"A": expected}


def test_anchors_and_merge_keys() -> None:
    files = {
        "compose.yaml": """\
            x-env: &env
              A: one
              B: two
            x-base: &base
              image: shop
              environment:
                <<: *env
                B: three
            services:
              web:
                <<: *base
                environment:
                  <<: [*env]
                  C: four
              worker:
                <<: *base
            """
    }
    web, worker = sorted(deployments(files), key=lambda each: each.name)
    assert environment(web) == {"A": "one", "B": "two", "C": "four"}
    assert environment(worker) == {"A": "one", "B": "three"}
    assert written(files, web.environment["A"]) == "A"


ENV = {".env.web": "A=one\nB=two # a comment\nexport C='three'\n", "more.env": "B=other\n"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("env_file: .env.web\n", {"A": "one", "B": "two", "C": "three"}),
        ("env_file: ./.env.web\n", {"A": "one", "B": "two", "C": "three"}),
        ("env_file:\n  - .env.web\n  - more.env\n", {"A": "one", "B": "other", "C": "three"}),
        ("env_file:\n  - path: .env.web\n    required: false\n", {"A": "one", "B": "two", "C": "three"}),
        ("env_file: .env.web\nenvironment:\n  A: own\n", {"A": "own", "B": "two", "C": "three"}),
    ],
)
def test_env_files(body: str, expected: dict[str, str]) -> None:
    found = only(service(body, **ENV))
    assert environment(found) == expected
    assert gaps(found) == []


def test_a_variable_of_an_env_file_has_its_place_there() -> None:
    files = service("env_file: .env.web\n", **ENV)
    setting = only(files).environment["C"]
    assert (setting.path, setting.source, written(files, setting)) == (".env.web", "env-file", "C")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("env_file: .env\n", "env-file: `.env` is not in the tree"),
        ("env_file:\n  - path: gone.env\n    required: false\n", "env-file: `gone.env` is not in the tree"),
        ("env_file: /etc/web.env\n", "env-file: `/etc/web.env` is not in the tree"),
        ("env_file: ../../up.env\n", "env-file: `../../up.env` is not in the tree"),
        ("env_file: web.conf\n", "env-file: `web.conf` is not read"),
        ("env_file: ${STAGE}.env\n", "env-file: `….env` is not in the tree"),
    ],
)
def test_an_env_file_that_is_not_there_is_open(body: str, reason: str) -> None:
    assert gaps(only(service(body, **{"web.conf": "A=b\n"}))) == [reason]


def test_dotenv_fills_in_values_and_sets_nothing() -> None:
    files = service(
        "environment:\n  A: ${ONE}\n  B: ${ONE:-default}\n  C: x${ONE}\n  D: ${OTHER:-default}\n  E: ${ONE:+other}\n",
        **{".env": "ONE=1\nTWO=2\n"},
    )
    assert environment(only(files)) == {"A": "1", "B": "?", "C": "x?", "D": "default", "E": "?"}


BASE = """\
    services:
      web:
        image: shop:1
        command: python -m shop
        env_file: base.env
        environment:
          A: base
          B: base
      db:
        image: postgres:16
    """
FILES = {"docker-compose.yml": BASE, "base.env": "E=base\n", "over.env": "E=over\nF=over\n"}


def over(text: str) -> dict[str, str]:
    return {**FILES, "docker-compose.override.yml": text}


def test_the_override_file_is_merged() -> None:
    found = only(
        over(
            """\
            services:
              web:
                image: shop:2
                env_file: over.env
                environment:
                  - B=over
                  - C=over
            """
        ),
        "web",
    )
    assert found.image is not None
    assert found.image.value == "shop:2"
    assert environment(found) == {"E": "over", "F": "over", "A": "base", "B": "over", "C": "over"}
    assert found.sources == ("docker-compose.yml", "docker-compose.override.yml")
    assert found.path == "docker-compose.yml"


def test_commands_are_replaced_and_not_appended() -> None:
    found = only(over("services:\n  web:\n    command: [sh, -c, 'x y']\n"), "web")
    assert found.command is not None
    assert [word.value for word in found.command] == ["sh", "-c", "x y"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("environment: !reset {}", {"E": "base"}),
        ("environment: !override\n      C: new", {"E": "base", "C": "new"}),
        ("environment:\n      A: !reset null", {"E": "base", "B": "base"}),
        ("env_file: !reset []", {"A": "base", "B": "base"}),
        ("env_file: !override\n      - over.env", {"E": "over", "F": "over", "A": "base", "B": "base"}),
    ],
)
def test_reset_and_override(text: str, expected: dict[str, str]) -> None:
    assert environment(only(over(f"services:\n  web:\n    {text}\n"), "web")) == expected


def test_a_service_of_the_override_file_alone() -> None:
    found = only(over("services:\n  mail:\n    image: mailpit\n"), "mail")
    assert found.sources == ("docker-compose.override.yml",)


def test_an_env_file_that_two_files_name_counts_where_it_comes_first() -> None:
    files = {
        "compose.yml": "services:\n  web:\n    image: shop\n    env_file: [two.env]\n",
        "compose.override.yml": "services:\n  web:\n    env_file: [one.env, ./two.env]\n",
        "one.env": "A=one\n",
        "two.env": "A=two\n",
    }
    assert environment(only(files)) == {"A": "one"}


def test_a_null_brings_back_the_command_of_the_image() -> None:
    found = only(over("services:\n  web:\n    command: null\n"), "web")
    assert found.command is None


PRODUCTION = {
    **FILES,
    "docker-compose.prod.yml": "services:\n  web:\n    image: shop:3\n    environment: {B: prod}\n",
}


@pytest.mark.parametrize(
    "script",
    [
        "docker compose -f docker-compose.yml -f docker-compose.prod.yml up -d",
        "docker-compose --file docker-compose.yml --file=docker-compose.prod.yml -p shop up",
        "docker compose --profile x -f ../docker-compose.yml -f ../docker-compose.prod.yml up",
    ],
)
def test_files_that_a_command_names(script: str) -> None:
    files = {**PRODUCTION, "scripts/deploy.sh": f"#!/bin/sh\n{script}\n"}
    found = {each.sources: environment(each) for each in deployments(files) if each.name == "web"}
    assert found[("docker-compose.yml",)]["B"] == "base"
    assert found["docker-compose.yml", "docker-compose.prod.yml"] == {"E": "base", "A": "base", "B": "prod"}
    assert len(found) == 2


def test_a_file_that_no_command_names_may_be_used_over_the_default_one() -> None:
    found = next(each for each in deployments(PRODUCTION) if each.path == "docker-compose.prod.yml")
    assert environment(found) == {"B": "prod"}
    assert gaps(found) == ["unread: it may be used together with docker-compose.yml"]


def test_what_the_other_file_may_add_is_known_where_it_is_written() -> None:
    files = {
        "compose.yml": "services:\n  web:\n    image: shop\n    environment: {A: 1, B: 2}\n",
        "compose.ci.yml": "services:\n  web:\n    image: shop\n",
    }
    found = next(each for each in deployments(files) if each.path == "compose.ci.yml")
    assert gaps(found) == ["unread: it may be used together with compose.yml [A|B]"]


def test_a_partial_file_adds_to_the_default_one() -> None:
    files = {**FILES, "docker-compose.dev.yml": "services:\n  web:\n    environment: {B: dev}\n"}
    found = {each.sources: environment(each) for each in deployments(files) if each.name == "web"}
    assert found["docker-compose.yml", "docker-compose.dev.yml"]["B"] == "dev"
    assert len(found) == 2


def test_extends_in_one_file() -> None:
    found = only(
        {
            "compose.yml": """\
                services:
                  base:
                    image: shop
                    environment: {A: base, B: base}
                  web:
                    extends: base
                    environment: [B=own]
                  worker:
                    extends:
                      service: web
                    environment: {C: own}
                """
        },
        "worker",
    )
    assert found.image is not None
    assert found.image.value == "shop"
    assert environment(found) == {"A": "base", "B": "own", "C": "own"}


def test_extends_of_another_file_takes_its_paths_from_there() -> None:
    files = {
        "compose.yml": "services:\n  web:\n    extends: {file: common/base.yml, service: app}\n",
        "common/base.yml": "services:\n  app:\n    image: shop\n    env_file: app.env\n",
        "common/app.env": "A=common\n",
    }
    assert environment(only(files, "web")) == {"A": "common"}


@pytest.mark.parametrize("extends", ["gone", "{file: gone.yml, service: app}", "{file: '${X}.yml', service: app}"])
def test_what_extends_something_unknown_is_open(extends: str) -> None:
    found = only({"compose.yml": f"services:\n  web:\n    image: shop\n    extends: {extends}\n"})
    assert len(gaps(found)) == 1
    assert gaps(found)[0].startswith("external: it extends")


def test_services_that_extend_each_other_end() -> None:
    files = {
        "compose.yml": "services:\n  a:\n    extends: b\n    environment: {A: 1}\n  b:\n    extends: a\n    image: x\n"
    }
    assert [environment(each) for each in deployments(files)] == [{"A": "1"}, {"A": "1"}]


def test_included_files() -> None:
    files = {
        "compose.yml": "include:\n  - infra/db.yml\n  - path: [infra/web.yml]\nservices:\n  x:\n    image: x\n",
        "infra/db.yml": "services:\n  db:\n    image: postgres\n    env_file: db.env\n",
        "infra/web.yml": "services:\n  web:\n    image: shop\n",
        "infra/db.env": "A=b\n",
    }
    found = deployments(files)
    assert sorted((each.name, each.path) for each in found) == [
        ("db", "infra/db.yml"),
        ("web", "infra/web.yml"),
        ("x", "compose.yml"),
    ]
    assert environment(next(each for each in found if each.name == "db")) == {"A": "b"}


def test_services_of_any_file_that_only_extend() -> None:
    files = {
        "compose.yml": "include: [dir/included.yaml]\n",
        "dir/included.yaml": "services:\n  web:\n    extends: {file: base.yaml, service: app}\n",
        "dir/base.yaml": "services:\n  app:\n    image: shop\n    environment: {A: b}\n",
    }
    assert environment(only(files, "web")) == {"A": "b"}


def test_files_that_include_each_other_end() -> None:
    files = {
        "compose.yml": "include: [a.yml]\nservices:\n  x:\n    image: x\n",
        "a.yml": "include: [compose.yml]\nservices:\n  y:\n    image: y\n",
    }
    assert {each.name for each in deployments(files)} == {"x", "y"}


def test_profiles() -> None:
    assert only(service("profiles: [debug, '2']\n")).profiles == ("debug", "2")


def test_models_may_set_variables() -> None:
    assert gaps(only(service("models: [llm]\n"))) == ["unread: `models` sets variables"]


DOCKERFILE = """\
    FROM python:3.12-slim
    ENV PYTHONUNBUFFERED=1 MODE=image
    WORKDIR /srv
    COPY . .
    ENTRYPOINT ["python"]
    CMD ["-m", "shop.main"]
    """
TREE = {"Dockerfile": DOCKERFILE, "shop/__init__.py": "", "shop/main.py": "x = 1\n", "shop/worker.py": "x = 1\n"}


def built(body: str = "") -> dict[str, str]:
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    return {**TREE, "compose.yml": f"services:\n  web:\n    build: .\n{indented}"}


@pytest.mark.parametrize(
    ("body", "command", "starts"),
    [
        ("", "python -m shop.main", "shop/main.py"),
        ("command: -m shop.worker", "python -m shop.worker", "shop/worker.py"),
        ("command: ['-m', 'shop.worker']", "python -m shop.worker", "shop/worker.py"),
        ("entrypoint: uvicorn shop.worker:app", "uvicorn shop.worker:app", "shop/worker.py"),
        ("entrypoint: [uvicorn]\ncommand: shop.main:app --reload", "uvicorn shop.main:app --reload", "shop/main.py"),
        ("entrypoint: []\ncommand: [python, shop/worker.py]", "python shop/worker.py", "shop/worker.py"),
        ("command:", "python -m shop.main", "shop/main.py"),
        ("entrypoint: sh -c 'python -m shop.worker && echo x'", None, "shop/worker.py"),
        ("working_dir: /srv/shop\nentrypoint: [python, worker.py]", "python worker.py", "shop/worker.py"),
    ],
)
def test_what_a_service_starts(body: str, command: str | None, starts: str) -> None:
    found = only(built(body))
    assert [each.module for each in found.starts] == [starts]
    if command is not None:
        assert found.command is not None
        assert " ".join(word.value for word in found.command) == command


def test_console_scripts_and_flask() -> None:
    scripts = {
        **built("entrypoint: [shop-web, --port, '80']\n"),
        "pyproject.toml": '[project.scripts]\nshop-web = "shop.worker:main"\n',
    }
    assert [each.module for each in only(scripts).starts] == ["shop/worker.py"]
    flask = built("entrypoint: [flask, run]\nenvironment: {FLASK_APP: 'shop.worker:app'}\n")
    assert [(each.module, each.path) for each in only(flask).starts] == [("shop/worker.py", "compose.yml")]
    assert only(built("entrypoint: [flask, run]\n")).starts == ()


def test_migrations() -> None:
    files = {
        **built("entrypoint: [alembic, -c, shop/alembic.ini, upgrade, head]\n"),
        "shop/alembic.ini": "[alembic]\nscript_location = %(here)s/migrations\n",
        "shop/migrations/env.py": "from alembic import context\n",
        "other/alembic.ini": "[alembic]\nscript_location = %(here)s/migrations\n",
        "other/migrations/env.py": "from alembic import context\n",
    }
    assert [each.module for each in only(files).starts] == ["shop/migrations/env.py"]


def test_variables_of_the_image_come_first() -> None:
    found = only(built("environment: {MODE: compose}\n"))
    assert environment(found) == {"PYTHONUNBUFFERED": "1", "MODE": "compose"}
    assert (found.environment["PYTHONUNBUFFERED"].source, found.environment["PYTHONUNBUFFERED"].path) == (
        "image",
        "Dockerfile",
    )
    assert gaps(found, image=True) == []


def test_the_variables_of_an_unknown_base_are_open() -> None:
    files = {**built(), "Dockerfile": DOCKERFILE.replace("python:3.12-slim", "registry.corp/python:3")}
    assert gaps(only(files), image=True) == ["base-image: the image is built upon registry.corp/python:3"]


def test_the_variables_of_an_image_from_elsewhere_are_open() -> None:
    assert gaps(only(service("")), image=True) == ["base-image: its image is not built here"]


def test_code_that_is_mounted_over_the_image() -> None:
    files = {
        "compose.yml": "services:\n  web:\n    image: python\n    working_dir: /code\n"
        "    volumes: ['./src:/code:ro']\n    command: python run.py\n",
        "src/run.py": "x = 1\n",
        "other/run.py": "x = 1\n",
    }
    assert [each.module for each in only(files).starts] == ["src/run.py"]


def test_start_scripts_are_followed() -> None:
    files = {
        **built("entrypoint: ['/srv/start.sh']\n"),
        "start.sh": "#!/bin/sh\nset -e\nexec uvicorn shop.worker:app\n",
    }
    assert [(each.module, each.path) for each in only(files).starts] == [("shop/worker.py", "start.sh")]


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  web: null\n",
        "services: []\n",
        "services:\n  web: [a]\n",
        "services:\n  web:\n    environment: text\n    image: x\n",
        "services:\n  web:\n    environment: [[a], {b: c}]\n    image: x\n",
        "services:\n  web:\n    env_file: {a: b}\n    image: x\n    command: 'a \"b'\n",
        "services:\n  web:\n    extends: {}\n    volumes: [':', '', 'a:']\n    build: []\n",
        "include: {a: b}\nservices:\n  ? [a]\n  : b\n",
        "services: &s\n  web:\n    <<: *s\n    image: x\n",
    ],
)
def test_hostile_files(text: str) -> None:
    for each in deployments({"compose.yml": text, ".env": "A\n=\n"}):
        assert each.setting("X") is not None
