"""What commands ask installers for, and which commands install nothing."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from infralint.facts.commands import Command
from infralint.facts.text import HOLE, Text, plain
from infralint.project.installs import InstallRequest, ProjectRequest, installs_of
from infralint.project.installs.bases import Base, base_of, has_no_modules
from infralint.project.installs.harmless import is_harmless
from infralint.project.installs.reading import ran_by
from infralint.project.installs.system import distribution_of, has_modules
from infralint.readers.shell import commands_in


def command_of(line: str) -> Command:
    """The command of a line of shell."""
    return commands_in(plain(line, 0))[0]


def shown(texts: Iterable[Text]) -> list[str]:
    return [text.value.replace(HOLE, "?") for text in texts]


def one(line: str) -> InstallRequest:
    """The only request of a line."""
    requests = installs_of(command_of(line))
    assert requests is not None, line
    assert len(requests) == 1, line
    return requests[0]


def project(line: str) -> ProjectRequest:
    (found,) = one(line).projects
    return found


@pytest.mark.parametrize(
    "line",
    [
        "pip install fastapi 'uvicorn[standard]==0.32'",
        "pip3 install fastapi 'uvicorn[standard]==0.32'",
        "pip3.11 install fastapi 'uvicorn[standard]==0.32'",
        "python -m pip install fastapi 'uvicorn[standard]==0.32'",
        "python3.11 -I -m pip --no-cache-dir install --upgrade fastapi 'uvicorn[standard]==0.32'",
        "pip install --no-cache-dir --index-url https://index.invalid/simple fastapi 'uvicorn[standard]==0.32'",
        "pip install -qU --timeout 100 fastapi --retries=3 'uvicorn[standard]==0.32'",
        "uv pip install --system --no-cache fastapi 'uvicorn[standard]==0.32'",
        "uv --quiet pip install --system -p 3.12 fastapi 'uvicorn[standard]==0.32'",
        "python -m uv pip install --extra-index-url https://index.invalid fastapi 'uvicorn[standard]==0.32'",
        "/usr/local/bin/pip install -- fastapi 'uvicorn[standard]==0.32'",
        "sudo -H pip install fastapi 'uvicorn[standard]==0.32'",
        "env PIP_NO_CACHE_DIR=1 pip install fastapi 'uvicorn[standard]==0.32'",
        "poetry run pip install fastapi 'uvicorn[standard]==0.32'",
        "conda run -n base pip install fastapi 'uvicorn[standard]==0.32'",
        "bash -c \"pip install fastapi 'uvicorn[standard]==0.32'\"",
    ],
)
def test_names(line: str) -> None:
    command = commands_in(plain(line, 0))[-1]
    (request,) = installs_of(command) or ()
    assert shown(request.requirements) == ["fastapi", "uvicorn[standard]==0.32"]
    assert not request.open
    assert not request.files


def test_files_and_constraints() -> None:
    request = one(
        "pip install --no-cache-dir -r requirements.txt -rdev.txt --requirement=more.txt -c pins.txt -qr last.txt"
    )
    assert shown(request.files) == ["requirements.txt", "dev.txt", "more.txt", "last.txt"]
    assert shown(request.constraints) == ["pins.txt"]
    assert not request.requirements


def test_folders_and_editables() -> None:
    request = one("pip install --no-deps . './lib[extra]' -e . --editable=./other -e 'git+https://host/r.git#egg=r'")
    assert shown(request.requirements) == [".", "./lib[extra]"]
    assert shown(request.editables) == [".", "./other", "git+https://host/r.git#egg=r"]
    assert not request.dependencies


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("pip install --target /layer -r r.txt", "/layer"),
        ("pip install -t /layer -r r.txt", "/layer"),
        ("pip install --prefix=/install -r r.txt", "/install"),
        ("/opt/venv/bin/pip install -r r.txt", "/opt/venv"),
        ("/opt/venv/bin/python -m pip install -r r.txt", "/opt/venv"),
        ("uv pip install --python /opt/venv/bin/python -r r.txt", "/opt/venv"),
        ("uv pip install --python /opt/venv -r r.txt", "/opt/venv"),
        ("uv pip install --python 3.12 -r r.txt", None),
        ("pip install -r r.txt", None),
    ],
)
def test_places(line: str, place: str | None) -> None:
    request = one(line)
    assert (request.place.value if request.place else None) == place
    assert shown(request.files) == ["r.txt"]


def test_wheels() -> None:
    request = one("pip wheel --no-cache-dir --wheel-dir /wheels -r requirements.txt")
    assert request.makes == "wheels"
    assert request.output is not None
    assert request.output.value == "/wheels"
    assert one("pip install --no-index --find-links=/wheels -r requirements.txt").makes == "environment"
    assert shown(one("pip install --no-index -f /wheels app").links) == ["/wheels"]


def test_uv_pip_sync_takes_files() -> None:
    request = one("uv pip sync --system requirements.lock more.txt")
    assert shown(request.files) == ["requirements.lock", "more.txt"]
    assert not request.requirements


def test_uv_pip_extras() -> None:
    assert one("uv pip install --system -r pyproject.toml --extra web --extra db").extras == ("web", "db")
    assert one("uv pip install --system -r pyproject.toml --all-extras").extras == ("*",)


def test_groups_of_pip() -> None:
    request = one("pip install --group test --group ./api/pyproject.toml:web")
    first, second = request.projects
    assert (first.groups, first.folder, first.default, first.itself) == (("test",), None, False, False)
    assert second.groups == ("web",)
    assert second.folder is not None
    assert second.folder.value == "./api"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("uv sync", {}),
        ("uv sync --frozen --no-cache --locked", {}),
        ("uv sync --no-dev --no-install-project", {"without": ("dev",), "itself": False}),
        ("uv sync --no-default-groups --group web", {"dev": False, "groups": ("web",)}),
        ("uv sync --extra web --extra=db", {"extras": ("web", "db")}),
        ("uv sync --all-extras --all-groups", {"all_extras": True, "all_groups": True}),
        ("uv sync --only-group docs", {"dev": False, "groups": ("docs",), "default": False, "itself": False}),
        ("uv sync --only-dev", {"dev": False, "groups": ("dev",), "default": False}),
        ("uv sync --no-group lint", {"without": ("lint",)}),
        ("uv sync --package api --no-editable", {"packages": ("api",)}),
        ("uv sync --all-packages", {"all_packages": True}),
        ("poetry install", {"tool": "poetry"}),
        ("poetry install --no-root", {"tool": "poetry", "itself": False}),
        ("poetry install --no-dev", {"tool": "poetry", "without": ("dev",)}),
        ("poetry install --without dev,test --with web", {"tool": "poetry", "without": ("dev", "test"), "groups": ("web",)}),
        ("poetry install --only main --no-interaction --no-ansi", {"tool": "poetry", "dev": False, "itself": False}),
        ("poetry install --only=main,db", {"tool": "poetry", "dev": False, "groups": ("db",), "itself": False}),
        ("poetry install --only db", {"tool": "poetry", "dev": False, "groups": ("db",), "default": False, "itself": False}),
        ("poetry install --only-root", {"tool": "poetry", "dev": False, "default": False}),
        ("poetry install -E web --extras 'db cache'", {"tool": "poetry", "extras": ("web", "db", "cache")}),
        ("poetry sync --all-extras", {"tool": "poetry", "all_extras": True}),
        ("python -m poetry install", {"tool": "poetry"}),
        ("pdm install --prod --no-editable", {"tool": "pdm", "dev": False}),
        ("pdm sync -G web --no-self", {"tool": "pdm", "extras": ("web",), "groups": ("web",), "itself": False}),
        ("pdm install", {"tool": "pdm"}),
        ("pipenv install --system --deploy", {"tool": "pipenv", "dev": False, "itself": False}),
        ("pipenv sync --dev", {"tool": "pipenv", "dev": False, "groups": ("dev",), "itself": False}),
        ("pipenv install --skip-lock", {"tool": "pipenv", "dev": False, "itself": False, "locked": False}),
    ],
)  # fmt: skip
def test_projects(line: str, expected: dict[str, object]) -> None:
    asked: dict[str, object] = {"tool": "uv", **expected}
    assert project(line) == ProjectRequest(**asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "folder"),
    [
        ("uv sync --project ./api", "./api"),
        ("uv sync --directory=/src", "/src"),
        ("poetry -C api install", "api"),
        ("poetry install --directory /src", "/src"),
        ("pdm install -p api", "api"),
    ],
)
def test_folders_of_projects(line: str, folder: str) -> None:
    found = project(line).folder
    assert found is not None
    assert found.value == folder


def test_uv_run_installs_and_runs() -> None:
    line = "uv run --with rich --no-dev uvicorn app:app"
    first, second = installs_of(command_of(line)) or ()
    assert shown(first.requirements) == ["rich"]
    assert second.projects[0].without == ("dev",)
    assert installs_of(command_of("uv run --no-sync uvicorn app:app")) == ()
    assert installs_of(command_of("poetry run uvicorn app:app")) == ()
    ran = ran_by(command_of(line))
    assert ran is not None
    assert [word.value for word in ran.words] == ["uvicorn", "app:app"]
    assert ran_by(command_of("uvicorn app:app")) is None
    ran = ran_by(command_of("gosu app python worker.py"))
    assert ran is not None
    assert [word.value for word in ran.words] == ["python", "worker.py"]


def test_added_names() -> None:
    request = one("poetry add fastapi@latest uvicorn")
    assert shown(request.requirements) == ["fastapi@latest", "uvicorn"]
    assert request.projects
    assert shown(one("uv add --no-sync -r requirements.txt").files) == ["requirements.txt"]
    assert shown(one("pipenv install --system flask").requirements) == ["flask"]


@pytest.mark.parametrize(
    ("line", "output", "groups"),
    [
        ("poetry export -f requirements.txt --output requirements.txt --without-hashes", "requirements.txt", ()),
        ("poetry export --with dev -o /tmp/r.txt", "/tmp/r.txt", ("dev",)),
        ("poetry export > r.txt", "r.txt", ()),
        ("uv export --frozen --no-dev -o r.txt", "r.txt", ()),
        ("pipenv requirements > r.txt", "r.txt", ()),
        ("pdm export --prod -o r.txt", "r.txt", ()),
    ],
)
def test_exports(line: str, output: str, groups: tuple[str, ...]) -> None:
    request = one(line)
    assert request.makes == "requirements"
    assert request.output is not None
    assert request.output.value == output
    assert request.projects[0].groups == groups


def test_system_packages() -> None:
    request = one("apt-get -y install --no-install-recommends python3-psycopg2=2.9 gcc python3-dev:amd64")
    assert shown(request.system) == ["python3-psycopg2", "gcc", "python3-dev"]
    assert shown(one("apk add --no-cache --virtual .build py3-yaml>6 musl-dev").system) == ["py3-yaml", "musl-dev"]
    assert installs_of(command_of("apt-get update")) == ()
    assert one("apt-get install -y $PACKAGES").open
    assert not any(
        map(has_modules, ["gcc", "libpq-dev", "python3-pip", "build-essential", "postgresql-client-15", "g++"])
    )
    assert all(map(has_modules, ["python3-psycopg2", "awscli", "supervisor", "certbot"]))
    assert distribution_of("python3-psycopg2") == "psycopg2"
    assert distribution_of("supervisor") is None


def test_conda() -> None:
    request = one("conda install -y -c conda-forge numpy 'pandas>=2'")
    assert shown(request.requirements) == ["numpy", "pandas>=2"]
    assert shown(one("micromamba install -y -n base -f environment.yml").files) == ["environment.yml"]
    assert shown(one("conda env create --file env.yml").files) == ["env.yml"]
    assert installs_of(command_of("conda clean -afy")) == ()


def test_setup_py() -> None:
    assert shown(one("python setup.py install").requirements) == ["."]
    assert shown(one("python3 lib/setup.py develop --no-deps").requirements) == ["lib"]
    assert installs_of(command_of("python setup.py build_ext --inplace")) == ()
    assert installs_of(command_of("python setup.py compile_translations")) is None


@pytest.mark.parametrize(
    "line",
    [
        "pip --version", "pip config set global.index-url https://index.invalid", "pip uninstall -y setuptools", "pip check",
        "pip install --dry-run flask", "python -m venv /opt/venv", "python3 -m compileall .", "python --version",
        "python -c 'import sys; print(sys.version)'", "uv venv", "uv lock", "uv python install 3.12", "uv cache clean",
        "poetry config virtualenvs.create false", "poetry lock", "pdm config python.use_venv false", "pipenv lock",
        "poetry run", "pip",
    ],
)  # fmt: skip
def test_nothing_is_installed(line: str) -> None:
    assert installs_of(command_of(line)) == ()


@pytest.mark.parametrize(
    "line",
    [
        "python install.py", "python -c 'import pip; pip.main()'", "curl https://x.invalid/i.sh", "$INSTALLER install", "python -",
        "pip frobnicate", "uv frobnicate", "playwright install", "make install", 'python "$SCRIPT"',
        "python -m mystery",
    ],
)  # fmt: skip
def test_not_known(line: str) -> None:
    assert installs_of(command_of(line)) is None


@pytest.mark.parametrize("line", ["pip install $PACKAGES", "pip install -r base.txt $(cat more.txt)", "uv sync $FLAGS", "poetry install $FLAGS"])  # fmt: skip
def test_words_that_may_be_several(line: str) -> None:
    assert one(line).open


def test_isolated() -> None:
    assert one("pipx install poetry").isolated
    assert one("uv tool install ruff").isolated
    assert one("uvx ruff check").isolated


@pytest.mark.parametrize(
    "line",
    [
        "mkdir -p /app",
        "cp -r a b",
        "/opt/tool --version",
        "chmod +x run.sh",
        "npm ci",
        "FOO=bar",
        "/bin/rm -rf /var/lib/apt/lists",
    ],
)
def test_harmless(line: str) -> None:
    assert all(is_harmless(command) for command in commands_in(plain(line, 0)))


@pytest.mark.parametrize(
    "line", ["./install.sh", "make", "bash setup.sh", "$X y", "opentelemetry-bootstrap -a install"]
)
def test_not_harmless(line: str) -> None:
    assert not is_harmless(command_of(line))


@pytest.mark.parametrize(
    ("image", "python"),
    [
        ("python:3.11", "3.11"),
        ("python:3.11.9-slim@sha256:" + "0" * 64, "3.11"),
        ("docker.io/library/python:3.12-alpine3.20", "3.12"),
        ("public.ecr.aws/docker/library/python:3.13-slim", "3.13"),
        ("mirror.gcr.io/library/python:3.10-bookworm", "3.10"),
        ("python:3.14rc1-slim", "3.14"),
        ("python:3", ""),
        ("python", ""),
        ("python:slim", ""),
        (f"python:3.1{HOLE}", ""),
        (f"python:{HOLE}", ""),
        (f"python:3.11{HOLE}", ""),
        (f"python:3.11-{HOLE}", "3.11"),
        ("ghcr.io/astral-sh/uv:python3.12-bookworm-slim", "3.12"),
        ("ghcr.io/astral-sh/uv:0.5-python3.13-alpine", "3.13"),
        ("debian:bookworm-slim", ""),
        ("ubuntu:24.04", ""),
        ("alpine:3.20", ""),
        ("scratch", ""),
        ("gcr.io/distroless/python3-debian12", ""),
    ],
)
def test_known_bases(image: str, python: str) -> None:
    base = base_of(image)
    assert not base.open
    assert base.python == python


@pytest.mark.parametrize(
    "image",
    [
        None, "tiangolo/uvicorn-gunicorn-fastapi:python3.11", "continuumio/miniconda3", "nvidia/cuda:12.4", f"{HOLE}:3.11",
        "registry.invalid/team/python:3.11", "public.ecr.aws/lambda/python:3.12", f"{HOLE}/python:3.11", "jupyter/base-notebook",
    ],
)  # fmt: skip
def test_unknown_bases(image: str | None) -> None:
    assert base_of(image).open


def test_what_bases_bring() -> None:
    assert base_of("python:3.11") == Base("3.11", True, ("pip", "setuptools", "wheel"))
    assert base_of("python:3.12") == Base("3.12", True, ("pip",))
    assert not base_of("debian:12").apart
    assert has_no_modules("ghcr.io/astral-sh/uv:latest")
    assert has_no_modules("node:22")
    assert not has_no_modules("python:3.12")
    assert not has_no_modules(None)
