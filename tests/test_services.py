"""`infralint services`: the document and its JSON Schema, the text and mermaid formats, the command."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import Any, get_type_hints, is_typeddict

import pytest
from click.testing import CliRunner, Result
from json_schema import errors_of

import infralint
from infralint import services_document
from infralint.cli import main
from infralint.reports.document_json import render_document
from infralint.reports.services_mermaid import render_services_mermaid
from infralint.reports.services_text import render_services_text
from infralint.services_document import ServicesDocument

SCHEMA = json.loads((Path(__file__).parent / "services_document.json").read_text(encoding="utf-8"))
DOCS = (Path(__file__).parents[1] / "docs" / "services.md").read_text(encoding="utf-8")
PARTS = {name: value for name, value in vars(services_document).items() if is_typeddict(value)}
WORKER = {
    "docker-compose.yml": """\
        services:
          web:
            image: registry.example.com/shop/web:1
            environment:
              PASSWORD: hunter2
              DATABASE_URL: postgresql://shop:hunter2@db/shop
              DEBUG:
              EMPTY: ""
          worker:
            build: {context: ., dockerfile: worker/Dockerfile}
            env_file: .env
            environment:
              LOG_LEVEL: INFO
              QUEUE: ${QUEUE}-mail
        """,
    "docker-compose.override.yml": """\
        services:
          worker:
            command: [python, -m, worker.main, --queue, mail]
            environment:
              REDIS_URL: redis://redis:6379/0
        """,
    "worker/Dockerfile": """\
        FROM python:3.12-slim
        WORKDIR /srv
        COPY worker/requirements.txt .
        RUN pip install -r requirements.txt
        COPY worker worker
        CMD ["python", "-m", "worker.main"]
        """,
    "worker/requirements.txt": "six==1.17.0\n",
    "worker/__init__.py": "",
    "worker/main.py": "x = 1\n",
    "tools/Dockerfile": "FROM python:3.12\nCOPY run.py /\n",
    "tools/run.py": "x = 1\n",
    "job.yaml": """\
        apiVersion: batch/v1
        kind: Job
        metadata: {name: load}
        spec:
          template:
            spec:
              serviceAccountName: loader
              containers:
                - name: main
                  image: registry.example.com/shop/load:1
                  envFrom: [{secretRef: {name: load}}]
                  env:
                    - name: TOKEN
                      valueFrom: {secretKeyRef: {name: mail-token, key: "3", optional: true}}
                    - name: NODE
                      valueFrom: {fieldRef: {fieldPath: spec.nodeName}}
        """,
}


def dedented(files: dict[str, str]) -> dict[str, str]:
    return {path: textwrap.dedent(text) for path, text in files.items()}


def document(**options: Any) -> ServicesDocument:
    found: ServicesDocument = infralint.services(dedented(WORKER), **options)
    return found


def service(name: str, **options: Any) -> Any:
    return next(each for each in document(**options)["services"] if each["name"] == name)


def test_the_document_fits_its_json_schema() -> None:
    assert errors_of(json.loads(render_document(document())), SCHEMA, SCHEMA) == []


def test_the_json_schema_names_every_part_and_field() -> None:
    assert set(SCHEMA["$defs"]) | {"ServicesDocument"} == set(PARTS)
    for name, part in PARTS.items():
        described = SCHEMA if name == "ServicesDocument" else SCHEMA["$defs"][name]
        assert list(described["properties"]) == described["required"] == list(get_type_hints(part)), name


def test_every_field_and_word_is_described() -> None:
    fields = {field for part in PARTS.values() for field in get_type_hints(part)}
    assert {field for field in fields if f"`{field}`" not in DOCS} == set()
    words = {
        word
        for part in SCHEMA["$defs"].values()
        for each in part["properties"].values()
        for word in each.get("enum", ())
    }
    assert {word for word in words if f"`{word}`" not in DOCS} == set()


def test_text() -> None:
    assert render_services_text(document()) == textwrap.dedent(
        """\
        # 3 deployments

        compose service `web`  docker-compose.yml:2:3
          image  registry.example.com/shop/web:1  docker-compose.yml:3:12
          environment
            DATABASE_URL  postgresql://shop:***@db/shop           docker-compose.yml:6:7
            DEBUG         from the host                  perhaps  docker-compose.yml:7:7
            EMPTY         ""                                      docker-compose.yml:8:7
            PASSWORD      ***                                     docker-compose.yml:5:7
          environment open: its image is not built here  docker-compose.yml:3:12

        compose service `worker`  docker-compose.yml:9:3
          files    docker-compose.yml, docker-compose.override.yml
          built    from worker/Dockerfile in ., upon python:3.12-slim  docker-compose.yml:10:12
          command  python -m worker.main --queue mail               docker-compose.override.yml:3:15
          starts   worker/main.py                                   docker-compose.override.yml:3:27
          installs (Python 3.12)
            pip          of the base image
            six  1.17.0  worker/requirements.txt:1:1
          environment
            LOG_LEVEL  INFO                               docker-compose.yml:13:7
            QUEUE      …-mail                takes QUEUE  docker-compose.yml:14:7
            REDIS_URL  redis://redis:6379/0               docker-compose.override.yml:5:7
          environment open: `.env` is not in the tree  docker-compose.yml:11:15

        Job `load`, container `main`  job.yaml:3:18
          image    registry.example.com/shop/load:1  job.yaml:10:18
          runs as  loader
          environment
            NODE   from the platform             job.yaml:15:21
            TOKEN  secret mail-token 3  perhaps  job.yaml:13:21
          environment open: its image is not built here  job.yaml:10:18
          environment open: Secret `load` is not in the tree  job.yaml:11:40

        # built here, and run by no deployment that is seen
        from tools/Dockerfile in tools, upon python:3.12  tools/Dockerfile:1:1
        """
    )


def test_the_example_of_the_documentation(project: Path) -> None:
    example = re.search(r"```console\n\$ infralint (services --service worker)\n(.*?)```", DOCS, re.DOTALL)
    assert example is not None
    assert run("--service", "worker").stdout == example[2]


def test_values_that_look_like_secrets_are_hidden() -> None:
    values = {each["name"]: (each["value"], each["hidden"]) for each in service("web")["environment"]}
    assert values == {
        "DATABASE_URL": ("postgresql://shop:***@db/shop", True),
        "DEBUG": (None, False),
        "EMPTY": ("", False),
        "PASSWORD": ("***", True),
    }
    shown = {each["name"]: each["value"] for each in service("web", show_values=True)["environment"]}
    assert shown["PASSWORD"] == "hunter2"
    assert shown["DATABASE_URL"] == "postgresql://shop:hunter2@db/shop"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("API_KEY", "abc", "***"),
        ("KEY", "abc", "***"),
        ("MONKEY", "abc", "abc"),
        ("KEYCLOAK_URL", "http://k", "http://k"),
        ("DB_PASS", "abc", "***"),
        ("MAIL_TOKEN", "${X}", "…"),
        ("URL", "https://me:pw@host/x", "https://me:***@host/x"),
        ("URL", "amqp://:pw@host", "amqp://:***@host"),
        ("URL", "https://me:${PW}@host/x", "https://me:…@host/x"),
        ("URL", "https://host:80/@x", "https://host:80/@x"),
    ],
)
def test_what_looks_like_a_secret(name: str, value: str, expected: str) -> None:
    text = f"services:\n  web:\n    image: x\n    environment:\n      {name}: {json.dumps(value)}\n"
    found = infralint.services({"compose.yml": text})
    assert found["services"][0]["environment"][0]["value"] == expected


def test_what_the_text_shows_is_in_the_document() -> None:
    found = service("worker")
    assert [each["path"] for each in found["entry_points"]] == ["worker/main.py"]
    assert found["command"]["words"] == ["python", "-m", "worker.main", "--queue", "mail"]
    assert found["build"]["dockerfile"] == "worker/Dockerfile"
    assert found["installed"]["python"] == "3.12"
    six = next(each for each in found["installed"]["distributions"] if each["name"] == "six")
    assert (six["version"], six["because"], six["span"]["path"]) == ("1.17.0", [], "worker/requirements.txt")
    assert [(each["kind"], each["span"]["line"]) for each in found["environment_open"]] == [("env-file", 11)]
    assert [each["dockerfile"] for each in document()["images"]] == ["tools/Dockerfile"]


# Mermaid 11.17: the lines of a flowchart whose texts are all in double quotes (packages/mermaid/src/diagrams/flowchart).
TEXT = r'"[^"`#;<>&\\{}|%\[\]]+"'
MERMAID = re.compile(
    rf"""
    flowchart\ LR
    | \ {{4}}%%\ [^{{}}]*
    | \ {{4}}subgraph\ file\d+\[{TEXT}\]
    | \ {{8}}service\d+\[{TEXT}\]
    | \ {{4}}end
    | \ {{4}}node\d+(?:\[\[{TEXT}\]\]|\[\({TEXT}\)\]|\(\[{TEXT}\]\))
    | \ {{4}}(?:service|node)\d+\ -->\ node\d+
    """,
    re.VERBOSE,
)


def refused_lines(diagram: str) -> list[str]:
    return [line for line in diagram.splitlines() if not MERMAID.fullmatch(line)]


def test_mermaid() -> None:
    diagram = render_services_mermaid(document())
    assert diagram == textwrap.dedent(
        """\
        flowchart LR
            subgraph file0["docker-compose.yml"]
                service0["compose service 'web'"]
                service1["compose service 'worker'"]
            end
            subgraph file1["job.yaml"]
                service2["Job 'load', main"]
            end
            node0[("registry.example.com/shop/web:1")]
            node1[["worker/Dockerfile, stage 0"]]
            node2(["worker/main.py"])
            node3[("registry.example.com/shop/load:1")]
            service0 --> node0
            service1 --> node1
            node1 --> node2
            service2 --> node3
        """
    )
    assert refused_lines(diagram) == []


@pytest.mark.parametrize(
    "name",
    ['a "b"', "50%", "a#b;", "[x]", "{y}", "a|b", "c`d", "<e>", "end", "a\nb", "größe", "%%", "-->", "&amp;", "\\"],
)
def test_mermaid_takes_every_name(name: str) -> None:
    quoted = json.dumps(name)
    text = f"services:\n  {quoted}:\n    image: {quoted}\n    command: [python, {quoted}]\n"
    assert refused_lines(render_services_mermaid(infralint.services({"compose.yml": text}))) == []


def test_a_flowchart_is_small_enough_to_be_drawn() -> None:
    many = "".join(f"  service{n}:\n    image: registry.example.com/a/very/long/name/image{n}\n" for n in range(900))
    diagram = render_services_mermaid(infralint.services({"compose.yml": f"services:\n{many}"}))
    assert len(diagram) <= 50_000
    assert diagram.count("-->") <= 500
    assert "%% too large" in diagram
    assert refused_lines(diagram) == []


def test_nothing_is_deployed() -> None:
    found = infralint.services({"a.py": "x = 1\n"})
    assert found == {"version": 1, "services": [], "images": []}
    assert render_services_text(found) == "# 0 deployments\n"
    assert render_services_mermaid(found) == "flowchart LR\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project on disk."""
    for path, text in dedented(WORKER).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    (tmp_path / "infralint.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["services", "--no-cache", *arguments])


def test_the_command(project: Path) -> None:
    assert run().stdout == render_services_text(document())
    assert json.loads(run("--format", "json").stdout) == document()
    assert json.loads(run(str(project / "worker"), "--format", "json", "--show-values").stdout) == document(
        show_values=True
    )
    assert run("--format", "mermaid").stdout == render_services_mermaid(document())
    assert infralint.services(project, cache=False) == document()


def test_the_command_chooses_services(project: Path) -> None:
    found = json.loads(run("--service", "worker", "--service", "load", "--format", "json").stdout)
    assert [each["name"] for each in found["services"]] == ["worker", "load"]
    result = run("--service", "wroker")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no service `wroker`; did you mean `worker`?" in result.stderr


def test_the_command_writes_a_file(project: Path) -> None:
    result = run("--output", "services.txt")
    assert (result.exit_code, result.stdout) == (0, "")
    assert (project / "services.txt").read_bytes().decode() == render_services_text(document())
    assert run("--output", "nowhere/services.txt").exit_code == 2
