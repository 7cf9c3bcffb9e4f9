"""What deploys the services: images, Cloud Run, compose, workflows, scripts, and the Python that calls gcloud."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from service.modules import Writer
from service.words import sentence

_DIGEST = "49c92a0cd426acc07d9f1ec6ac5f2e819c0c72b027ecfe0c76c7b40c53620a83"
_REGISTRY = "europe-docker.pkg.dev/example-prod/services"
_TOOLS = f"{_REGISTRY}/tools:1.4"

REQUIREMENTS = """\
alembic==1.16.4
fastapi==0.116.1
httpx==0.28.1
psycopg[binary]==3.2.9
pydantic==2.11.7
sqlalchemy==2.0.43
uvicorn==0.35.0
"""
DEVELOPMENT = "-r requirements.txt\npytest==8.4.1\n"
GITIGNORE = """\
__pycache__/
*.pyc
.env
.venv/
.infralint_cache/
.mypy_cache/
.pytest_cache/
.ruff_cache/
build/
dist/
node_modules/
"""
DOCKERIGNORE = ".git\n.env\n.github\n**/__pycache__\ntests\n"
ALEMBIC = """\
[alembic]
script_location = migrations

[loggers]
keys = root

[handlers]
keys = console

[formatters]
keys = plain

[logger_root]
level = WARN
handlers = console

[handler_console]
class = StreamHandler
args = (sys.stderr,)
formatter = plain

[formatter_plain]
format = %(levelname)s %(name)s %(message)s
"""


def dockerfile(service: str) -> str:
    """The image of a service."""
    return (
        f"FROM python:3.11.9-slim@sha256:{_DIGEST}\n\nENV PYTHONUNBUFFERED=1\nWORKDIR /srv\n\n"
        "COPY requirements.txt .\nRUN pip install --no-cache-dir -r requirements.txt\n"
        f"COPY core/ core/\nCOPY {service}/ {service}/\n\n"
        f'CMD ["uvicorn", "{service}.main:app", "--host", "0.0.0.0", "--port", "8080"]\n'
    )


def cloud_run(service: str, variables: Sequence[str]) -> str:
    """The manifest of Cloud Run, which sets every variable that the service reads."""
    name = service.replace("_", "-")
    variables_text = "".join(
        f"            - name: {variable}\n              value: {_value(variable)}\n" for variable in variables
    )
    return (
        f"apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata:\n  name: {name}\nspec:\n  template:\n    spec:\n"
        f"      serviceAccountName: {name}@example-prod.iam.gserviceaccount.com\n      containerConcurrency: 40\n"
        f"      containers:\n        - image: {_REGISTRY}/{name}@sha256:{_DIGEST}\n          ports:\n"
        f"            - containerPort: 8080\n          env:\n{variables_text}"
        "            - name: DATABASE_URL\n              valueFrom:\n                secretKeyRef:\n"
        '                  name: database-url\n                  key: "4"\n'
        '          resources:\n            limits:\n              cpu: "1"\n              memory: 512Mi\n'
    )


def _value(variable: str) -> str:
    return f'"{len(variable)}"' if variable.endswith(("LIMIT", "SECONDS")) else f"value-of-{variable.lower()[:20]}"


def compose(services: Sequence[str], variables: dict[str, list[str]]) -> str:
    """All services on one machine."""
    parts = [
        "services:\n  database:\n    image: postgres:16.4-alpine\n    environment:\n"
        "      POSTGRES_USER: service\n      POSTGRES_PASSWORD: service\n"
    ]
    for port, service in enumerate(services, start=8100):
        lines = "".join(f"      {variable}: {_value(variable)}\n" for variable in variables[service])
        parts.append(
            f"  {service}:\n    build:\n      context: .\n      dockerfile: deploy/{service}/Dockerfile\n"
            f'    ports: ["{port}:8080"]\n    depends_on: [database]\n    environment:\n'
            f"      DATABASE_URL: postgresql+psycopg://service:service@database:5432/service\n{lines}"
        )
    return "".join(parts)


def tests_workflow() -> str:
    """The workflow that runs the tests."""
    return """\
name: tests
on: [push]

jobs:
  pytest:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.11"
      - run: pip install -r requirements-dev.txt
      - run: python -m pytest -q
"""


def deploy_workflow(service: str) -> str:
    """The workflow that deploys one service."""
    return f"""\
name: deploy {service}
on:
  push:
    branches: [main]
    paths: ["core/**", "{service}/**", "deploy/{service}/**"]

jobs:
  deploy:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
      - run: bash deploy/{service}/deploy.sh
"""


def deploy_script(service: str) -> str:
    """The script that builds and deploys one service."""
    name = service.replace("_", "-")
    return f"""\
#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "${{BASH_SOURCE[0]}}")/../.."

image="{_REGISTRY}/{name}:$(git rev-parse --short HEAD)"
docker build -f deploy/{service}/Dockerfile -t "$image" .
docker push "$image"
gcloud run deploy {name} \\
  --image "$image" \\
  --region europe-west1 \\
  --memory 512Mi \\
  --max-instances 8 \\
  --quiet
"""


def command_module(random: Random, service: str, lines: int) -> tuple[str, tuple[str, ...]]:
    """A module that runs gcloud and docker, and what it defines; helpers fill it up to `lines`."""
    writer = Writer(random)
    writer.need("import subprocess")
    for _ in range(random.randrange(2, 6)):
        command = random.choice(_COMMANDS).replace("SERVICE", service.replace("_", "-")).replace("FOLDER", service)
        command = command.replace("NUMBER", str(random.randrange(2, 60)))
        writer.add(
            f'def {writer.names.function()}(region: str = "europe-west1", image: str = "{_TOOLS}") -> str:\n'
            f'    """{sentence(random)}"""\n'
            f"    command = [{command}]\n"
            "    done = subprocess.run(command, check=True, capture_output=True, text=True)\n"
            "    return done.stdout.strip()\n"
        )
    writer.fill(lines)
    return writer.text(sentence(random)), writer.functions()


_COMMANDS = (
    '"gcloud", "run", "deploy", "SERVICE", "--image", image, "--region", region, "--memory", "512Mi", "--quiet"',
    '"gcloud", "run", "services", "describe", "SERVICE", "--region", region, "--format", "value(status.url)"',
    '"gcloud", "run", "services", "update-traffic", "SERVICE", "--to-latest", "--region", region',
    '"gcloud", "run", "jobs", "execute", "SERVICE-cleanup", "--region", region, "--wait"',
    '"gcloud", "pubsub", "topics", "create", "SERVICE-events", "--message-retention-duration", "NUMBERh"',
    '"gcloud", "pubsub", "subscriptions", "create", "SERVICE-NUMBER", "--topic", "SERVICE-events"',
    '"gcloud", "storage", "cp", "--recursive", "reports", "gs://example-SERVICE-NUMBER"',
    '"gcloud", "logging", "read", "resource.type=cloud_run_revision", "--limit", "NUMBER", "--format", "json"',
    '"docker", "build", "-f", "deploy/FOLDER/Dockerfile", "-t", image, "."',
    '"docker", "push", image',
    '"docker", "run", "--rm", "--memory", "512m", "-p", "8080:8080", image',
)


def variable_module(random: Random, variables: Sequence[str], lines: int) -> tuple[str, tuple[str, ...]]:
    """A module that reads variables of the environment, and what it defines."""
    writer = Writer(random)
    writer.need("import os")
    for variable in variables:
        required = random.random() < 0.4
        read = f'os.environ["{variable}"]' if required else f'os.environ.get("{variable}", "")'
        writer.add(f'def {writer.names.function()}() -> str:\n    """{sentence(random)}"""\n    return {read}\n')
    writer.fill(lines)
    return writer.text(sentence(random)), writer.functions()


def main_module(service: str, routers: Sequence[tuple[str, str]], settings: Sequence[str]) -> str:
    """The module that uvicorn starts: with all routers, models and `settings`, the modules that read variables."""
    modules = "".join(f"import {module}\n" for module in sorted([*settings, f"{service}.models"]))
    imports = "".join(f"from {module} import {name}\n" for module, name in sorted(routers))
    includes = "".join(f"app.include_router({name})\n" for _, name in sorted(routers))
    return (
        f'"""The service {service}, as uvicorn starts it."""\n\n{modules}{imports}'
        f'from fastapi import FastAPI\n\napp = FastAPI(title="{service}")\n{includes}\n\n'
        f'@app.get("/health")\ndef health() -> dict[str, int]:\n    """Whether the process answers."""\n'
        f'    return {{"models": len({service}.models.__all__)}}\n'
    )
