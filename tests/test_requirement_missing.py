"""requirement-missing: what brings a module, what may bring one unseen, and what an image starts."""

from __future__ import annotations

import pytest

import infralint
from infralint.findings import Finding
from infralint.settings import Settings

BASE = "FROM python:3.12-slim\nWORKDIR /app\n"
INSTALL = f"{BASE}COPY requirements.txt .\nRUN pip install -r requirements.txt\n"
START = 'CMD ["uvicorn", "app:app"]\n'
PYPROJECT = '[project]\nname = "service"\nversion = "1"\ndependencies = ["fastapi", "uvicorn"]\n[project.optional-dependencies]\nlog = ["loguru"]\n[dependency-groups]\ndev = ["redis"]\nlog = ["loguru"]\n'
POETRY = '[tool.poetry]\nname = "service"\nversion = "1"\n[tool.poetry.dependencies]\npython = "^3.12"\nfastapi = "*"\nuvicorn = "*"\n[tool.poetry.group.dev.dependencies]\nloguru = "*"\n'
PIPFILE = '[packages]\nfastapi = "*"\nuvicorn = "*"\n[dev-packages]\nloguru = "*"\n'
FILES = {
    "requirements.txt": "fastapi\nuvicorn\n",
    "app.py": "from fastapi import FastAPI\nimport loguru\n\napp = FastAPI()\n",
}


def findings(files: dict[str, str]) -> tuple[Finding, ...]:
    return infralint.lint(files, Settings(select=("requirement-missing",))).findings


def missing(dockerfile: str, **more: str) -> set[str]:
    """The modules that are said to be missing from a service's image; other files by name, `__` for a dot."""
    files = {**FILES, "Dockerfile": dockerfile, **{name.replace("__", "."): text for name, text in more.items()}}
    return {related.message.split("`")[1] for finding in findings(files) for related in finding.related}


@pytest.mark.parametrize(
    "dockerfile",
    [
        f"{INSTALL}COPY app.py .\n{START}",
        f"{INSTALL}COPY . .\n{START}",
        f"{INSTALL}COPY . .\nCMD uvicorn app:app\n",
        f"{INSTALL}COPY . .\nCMD exec uvicorn app:app --host 0.0.0.0\n",
        f'{INSTALL}COPY . .\nENTRYPOINT ["uvicorn"]\nCMD ["app:app"]\n',
        f'{INSTALL}COPY . .\nENTRYPOINT ["tini", "--"]\n{START}',
        f'{INSTALL}COPY . .\nCMD ["python", "-m", "uvicorn", "app:app"]\n',
        f'{INSTALL}COPY . .\nCMD ["gunicorn", "-k", "uvicorn.workers.UvicornWorker", "app:app"]\n'.replace("-r", "gunicorn -r"),
        f'{INSTALL}COPY . .\nCMD ["fastapi", "run", "app.py"]\n',
        f"{INSTALL}COPY . /srv/\nWORKDIR /srv\n{START}",
        f"{INSTALL}COPY . /srv/\nCMD cd /srv && uvicorn app:app\n",
        f'{INSTALL}COPY . /srv/\nCMD ["uvicorn", "--app-dir", "/srv", "app:app"]\n',
        f"{BASE}RUN --mount=type=bind,source=requirements.txt,target=/tmp/r.txt pip install -r /tmp/r.txt\nCOPY . .\n{START}",
        f"{BASE}COPY . .\nRUN pip install --upgrade pip && pip install --no-cache-dir -r ./requirements.txt\n{START}",
        f"{BASE}COPY . .\nRUN apt-get update && apt-get install -y gcc libpq-dev python3-loguru && pip install -r requirements.txt\n{START}",
        f"{BASE}COPY . .\nRUN set -ex; \\\n  if [ -f requirements.txt ]; then pip install -r requirements.txt; fi\n{START}",
        f"{BASE}COPY . .\nRUN useradd app && chown -R app /app\nUSER app\nRUN pip install --user -r requirements.txt\n{START}",
        f"{BASE}COPY --from=ghcr.io/astral-sh/uv:0.5 /uv /bin/uv\nCOPY . .\nRUN uv pip install --system -r requirements.txt\n{START}",
        f"{BASE}RUN curl -LsSf https://astral.sh/uv/install.sh | sh\nCOPY . .\nRUN uv pip install --system -r requirements.txt\n{START}",
        f"{BASE}COPY . .\nRUN python -m venv /venv && . /venv/bin/activate && pip install -r requirements.txt\nENV PATH=/venv/bin:$PATH\n{START}",
        f"{BASE}COPY . .\nRUN pip install -r requirements.txt\nRUN python -c 'import this'\nRUN python -m compileall .\n{START}",
        f"{BASE}ARG TOOLS='curl git'\nCOPY . .\nRUN apt-get install -y $TOOLS && cp -r a b && /opt/x --version && pip install -r requirements.txt\n{START}",
        f"{BASE}COPY . .\nRUN pip install -r requirements.txt && gosu app python -m nltk.downloader punkt\n{START}",
        f"{BASE}ARG MODE=prod\nCOPY . .\nRUN pip install fastapi uvicorn\n{START}",
        f"{BASE}COPY . .\nRUN [\"pip\", \"install\", \"-r\", \"requirements.txt\"]\n{START}",
        f"{BASE}COPY . .\nRUN <<EOF\nset -e\npip install -r requirements.txt\nEOF\n{START}",
        f"{BASE}COPY . .\nRUN pip install -r other.txt || true\nRUN pip install -r requirements.txt\n{START}",
        "FROM debian:12\nRUN apt-get update && apt-get install -y python3 python3-pip\nWORKDIR /app\nCOPY . .\nRUN pip3 install --break-system-packages -r requirements.txt\n" + START,
        f"FROM docker.io/library/python:3.12 AS one\n{INSTALL.partition(chr(10))[2]}FROM one AS two\nCOPY . .\n{START}",
    ],
)  # fmt: skip
def test_found(dockerfile: str) -> None:
    found = missing(dockerfile)
    assert found in ({"loguru"}, set()) if "other.txt" in dockerfile else found == {"loguru"}


@pytest.mark.parametrize(
    "dockerfile",
    [
        # What brings it.
        f"{INSTALL}RUN pip install loguru\nCOPY . .\n{START}",
        f"{INSTALL}RUN python -m pip install 'loguru>=0.7' ; true\nCOPY . .\n{START}",
        f"{INSTALL}RUN /usr/local/bin/pip3 install loguru\nCOPY . .\n{START}",
        f"{INSTALL}RUN uv pip install --system loguru\nCOPY . .\n{START}",
        f"{INSTALL}COPY . .\nCMD pip install loguru && uvicorn app:app\n",
        f"{INSTALL}COPY . .\nRUN bash -c 'pip install loguru'\n{START}",
        "FROM debian:12\nRUN apt-get install -y python3 python3-pip python3-loguru\nWORKDIR /app\nCOPY . .\nRUN pip3 install -r requirements.txt\n" + START,
        # What may bring it, unseen.
        f"{INSTALL.replace('python:3.12-slim', 'company/python:3.12')}COPY . .\n{START}",
        f"ARG IMAGE\n{INSTALL.replace('python:3.12-slim', '$IMAGE')}COPY . .\n{START}",
        f"{INSTALL.replace('python:3.12-slim', 'tiangolo/uvicorn-gunicorn')}COPY . .\n{START}",
        f"{INSTALL}RUN curl -sSL https://company.invalid/install.sh | sh\nCOPY . .\n{START}",
        f"{INSTALL}RUN wget -qO- https://company.invalid/install.py | python -\nCOPY . .\n{START}",
        f'{INSTALL}RUN sh -c "$(curl -fsSL https://company.invalid/install.sh)"\nCOPY . .\n{START}',
        f"{INSTALL}RUN ./bootstrap\nCOPY . .\n{START}",
        f"{INSTALL}ARG EXTRA\nRUN pip install $EXTRA\nCOPY . .\n{START}",
        f"{INSTALL}RUN pip install -r https://company.invalid/requirements.txt\nCOPY . .\n{START}",
        f"{INSTALL}RUN pip install -r /opt/more.txt\nCOPY . .\n{START}",
        f"{INSTALL}RUN pip install git+https://company.invalid/toolbox.git\nCOPY . .\n{START}",
        f"{INSTALL}RUN pip install company-toolbox\nCOPY . .\n{START}",
        f"{INSTALL}RUN pip install --index-url https://company.invalid/simple company-toolbox==2\nCOPY . .\n{START}",
        f"{INSTALL}RUN pip install /tmp/toolbox-1.0-py3-none-any.whl\nCOPY . .\n{START}",
        f"{INSTALL}COPY toolbox-1.0-py3-none-any.whl .\nRUN pip install ./toolbox-1.0-py3-none-any.whl\nCOPY . .\n{START}",
        f"{INSTALL}RUN conda install -y loguru\nCOPY . .\n{START}",
        f"{INSTALL}RUN cat more.txt | xargs pip install\nCOPY . .\n{START}",
        f"{INSTALL}RUN for f in */requirements.txt; do pip install -r $f; done\nCOPY . .\n{START}",
        f"{INSTALL}COPY --from=company/libraries /usr/local/lib/python3.12/site-packages /usr/local/lib/python3.12/site-packages\nCOPY . .\n{START}",
        f"{INSTALL}RUN cp -r /mnt/loguru /usr/local/lib/python3.12/site-packages/\nCOPY . .\n{START}",
        f"{INSTALL}RUN opentelemetry-bootstrap -a install\nCOPY . .\n{START}",
        f"{INSTALL}ENV PYTHONPATH=/mounted\nCOPY . .\n{START}",
        f"{INSTALL}RUN git clone https://company.invalid/lib /vendor\nENV PYTHONPATH=/vendor\nCOPY . .\n{START}",
        "FROM ubuntu:24.04\nRUN apt-get install -y python3-pip some-tool\nWORKDIR /app\nCOPY . .\nRUN pip3 install -r requirements.txt\n" + START,
        f"FROM scratch AS files\nFROM $BASE AS builder\nRUN pip install -r r.txt\n{INSTALL}COPY --from=builder /usr/local /usr/local\nCOPY . .\n{START}",
        # What is not started, or not known to be.
        f"{INSTALL}COPY . .\n",
        f'{INSTALL}COPY . .\nCMD ["./run"]\n',
        f"{INSTALL}COPY . .\nCMD $START\n",
        f'{INSTALL}COPY . .\nCMD ["uvicorn", "--factory", "other:app"]\n',
        f"{INSTALL}COPY . .\nCMD [ \"$DEV\" ] && uvicorn app:app || sleep 5\n",
        f"{INSTALL}COPY other .\n{START}",
    ],
)  # fmt: skip
def test_not_found(dockerfile: str) -> None:
    assert missing(dockerfile) == set()


@pytest.mark.parametrize(
    ("install", "found"),
    [
        ("uv sync", {"loguru"}),
        ("uv sync --frozen --no-dev", {"loguru"}),
        ("uv sync --extra log", set()),
        ("uv sync --all-extras", set()),
        ("uv sync --group log", set()),
        ("uv sync --all-groups --no-group log", {"loguru"}),
        ("uv sync --only-group log", {"fastapi", "uvicorn"}),
        ("pip install .", {"loguru"}),
        ("pip install '.[log]'", set()),
        ("pip install -e '.[log]'", set()),
        ("pip install . --group log", set()),
        ("pip install .[log] --no-deps", {"fastapi", "loguru", "uvicorn"}),
        ("uv pip install --system -r pyproject.toml", {"loguru"}),
        ("uv pip install --system -r pyproject.toml --extra log", set()),
        ("uv pip install --system -r pyproject.toml --all-extras", set()),
        ("uv export --no-dev -o r.txt && pip install -r r.txt", {"loguru"}),
        ("uv export --extra log > r.txt && pip install -r r.txt", set()),
        ("uv build && pip install dist/*.whl", {"loguru"}),
        ("python -m build && pip install 'dist/service-1-py3-none-any.whl[log]'", None),
    ],
)
def test_projects(install: str, found: set[str] | None) -> None:
    dockerfile = f"{BASE}COPY . .\nRUN {install}\n{START}"
    result = missing(dockerfile, pyproject__toml=PYPROJECT)
    assert result == found if found is not None else result <= {"loguru"}


@pytest.mark.parametrize(
    ("install", "found"),
    [
        ("poetry install", set()),
        ("poetry install --no-root", set()),
        ("poetry install --only main", {"loguru"}),
        ("poetry install --without dev", {"loguru"}),
        ("poetry install --no-dev", {"loguru"}),
        ("poetry install --only main --with dev", {"loguru"}),
        ("poetry export -f requirements.txt -o r.txt && pip install -r r.txt", {"loguru"}),
        ("poetry export --with dev > r.txt && pip install -r r.txt", set()),
        ("pip install .", {"loguru"}),
    ],
)
def test_poetry(install: str, found: set[str]) -> None:
    if install == "poetry install --only main --with dev":
        # Poetry: `--with` is of no effect beside `--only`. To read it is not to say too much.
        assert missing(f"{BASE}COPY . .\nRUN {install}\n{START}", pyproject__toml=POETRY) <= found
        return
    assert missing(f"{BASE}COPY . .\nRUN {install}\n{START}", pyproject__toml=POETRY) == found


@pytest.mark.parametrize(
    ("install", "found"),
    [
        ("pipenv install --system --deploy", {"loguru"}),
        ("pipenv install --system --dev", set()),
        ("pipenv sync --categories dev-packages", None),
        ("pipenv requirements > r.txt && pip install -r r.txt", {"loguru"}),
    ],
)
def test_pipenv(install: str, found: set[str] | None) -> None:
    result = missing(f"{BASE}COPY . .\nRUN {install}\n{START}", Pipfile=PIPFILE)
    assert result == found if found is not None else "loguru" not in result


def test_each_deployment_of_an_image() -> None:
    files = {
        "Dockerfile": f"{INSTALL}COPY . .\n{START}",
        "requirements.txt": "fastapi\nuvicorn\ncelery\n",
        "app.py": "import fastapi\napp = 1\n",
        "tasks.py": "import redis\nfrom celery import Celery\n",
        "compose.yaml": "services:\n  web:\n    build: .\n  worker:\n    build: .\n    command: celery -A tasks worker\n",
    }
    (finding,) = findings(files)
    assert [(related.path, related.message) for related in finding.related] == [
        ("tasks.py", "`redis` is imported here: `tasks` -> this file"),
        ("compose.yaml", "the start `tasks` stands here"),
    ]
    only_web = files["compose.yaml"].replace("celery -A tasks worker", "uvicorn app:app --reload")
    assert findings({**files, "compose.yaml": only_web}) == ()
    by_shell = files["compose.yaml"].replace("celery -A tasks worker", "sh -c 'sleep 1; celery -A tasks worker'")
    assert len(findings({**files, "compose.yaml": by_shell})) == 1


def test_behind_an_entry_point_that_passes_on() -> None:
    files = {
        **FILES,
        "Dockerfile": f'{INSTALL}COPY . .\nENTRYPOINT ["/app/entry.sh"]\n{START}',
        "entry.sh": '#!/bin/sh\nset -e\nif [ "$1" = shell ]; then exec python -m ipdb; fi\nexec "$@"\n',
    }
    (finding,) = findings(files)
    assert [related.message for related in finding.related] == ["`loguru` is imported here: `app:app` -> this file"]


def test_what_one_build_has_is_not_missing() -> None:
    dockerfile = f"{BASE}ARG FILE=requirements.txt\nCOPY *.txt ./\nRUN pip install -r $FILE\nCOPY . .\n{START}"
    compose = "services:\n  a:\n    build:\n      context: .\n      args: {FILE: requirements.txt}\n"
    files = {**FILES, "Dockerfile": dockerfile, "full-requirements.txt": "fastapi\nuvicorn\nloguru\n"}
    assert len(findings({**files, "compose.yaml": compose})) == 1
    other = "  b:\n    build:\n      context: .\n      args: {FILE: full-requirements.txt}\n"
    assert findings({**files, "compose.yaml": compose + other}) == ()


def test_tests_are_left_out() -> None:
    files = {**FILES, "Dockerfile": f"{INSTALL}COPY . .\n{START}"}
    assert findings({f"tests/service/{path}": text for path, text in files.items()}) == ()
    assert len(findings({f"examples/service/{path}": text for path, text in files.items()})) == 1


def test_the_fix_is_certain_where_the_project_asks_for_it_elsewhere() -> None:
    files = {**FILES, "Dockerfile": f"{INSTALL}COPY . .\n{START}"}
    (finding,) = findings(files)
    assert [(fix.applicability.value, fix.edits[0].text) for fix in finding.fixes] == [("unsafe", "loguru\n")]
    for pins, written in (("loguru==0.7.2\n", "loguru==0.7.2\n"), ("loguru>=0.7\n", "loguru\n")):
        (finding,) = findings({**files, "dev-requirements.txt": pins})
        assert [(fix.applicability.value, fix.edits[0].text) for fix in finding.fixes] == [("safe", written)]
    two = {"dev-requirements.txt": "loguru==0.7.2\n", "old-requirements.txt": "loguru==0.6\n"}
    (finding,) = findings({**files, **two})
    assert finding.fixes[0].edits[0].text == "loguru\n"


def test_no_fix_where_a_tool_writes_the_file() -> None:
    locked = "# This file is autogenerated by pip-compile with Python 3.12\nfastapi==1 \\\n    --hash=sha256:00\nuvicorn==1 \\\n    --hash=sha256:00\n"
    files = {**FILES, "Dockerfile": f"{INSTALL}COPY . .\n{START}", "requirements.txt": locked}
    assert all(not finding.fixes for finding in findings(files))


def test_words_are_added_to_a_command() -> None:
    (finding,) = findings(
        {**FILES, "Dockerfile": f"{BASE}RUN pip install fastapi 'uvicorn[standard]'\nCOPY . .\n{START}"}
    )
    assert [edit.text for edit in finding.fixes[0].edits] == ["loguru "]


@pytest.mark.parametrize(
    "dockerfile",
    ["FROM", "FROM a AS a\nFROM a AS a\nCOPY --from=a / /\n", "FROM python:3.12\nRUN pip install -r\nCMD [\"uvicorn\"]\n",
     "FROM python:3.12\nCMD [\"alembic\"]\n", "FROM python:3.12\nCMD [\"python\", \"-m\"]\n", "FROM python:3.12\nRUN pip\nCMD celery -A\n",
     "FROM python:3.12\nWORKDIR ${X}\nCOPY . .\nRUN uv sync --project\nCMD [\"uvicorn\", \"app:app\"]\n",
     "FROM python:3.12\nRUN pip install --group :\nRUN uv pip install -r\nRUN uv run\nRUN poetry add\nCMD uv run --\n"],
)  # fmt: skip
def test_odd_files(dockerfile: str) -> None:
    report = infralint.lint({**FILES, "Dockerfile": dockerfile, "alembic.ini": "[alembic]\n"})
    assert "requirement-missing" not in report.failed
