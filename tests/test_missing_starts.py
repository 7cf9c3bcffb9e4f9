"""image-missing-entrypoint: one image at a time."""

from __future__ import annotations

import pytest
from built_images import PYTHON, project

TREE = {
    "main.py": "",
    "app/__init__.py": "",
    "app/main.py": "",
    "src/service/__init__.py": "",
    "src/service/api.py": "",
    "scripts/job.py": "",
    "start.sh": "#!/bin/sh\nexec python main.py\n",
    "wrap.sh": '#!/bin/sh\nexec "$@"\n',
    "alembic.ini": "[alembic]\nscript_location = migrations\n",
    "gunicorn.conf.py": "bind = '0.0.0.0:8000'\n",
    "requirements.txt": "uvicorn\n",
    "pyproject.toml": "[project]\nname = 'app'\n",
}


def missing(dockerfile: str, files: dict[str, str] | None = None) -> list[str]:
    """What is reported, as it stands in its file."""
    texts = {"Dockerfile": dockerfile, **TREE, **(files or {})}
    found = project(texts).missing_starts
    return [texts[each.path][each.span.start : each.span.end] for each in found]


@pytest.mark.parametrize(
    ("instructions", "written"),
    [
        # Scripts and programs by their path.
        ('COPY app app\nCMD ["python", "main.py"]', '"main.py"'),
        ("COPY app app\nCMD python main.py", "main.py"),
        ("COPY app app\nCMD exec python -u main.py", "main.py"),
        ("COPY app app\nCMD cd app && python job.py", "job.py"),
        ('COPY app app\nCMD ["python", "/app/scripts/job.py"]', '"/app/scripts/job.py"'),
        ('COPY app app\nENTRYPOINT ["./start.sh"]', '"./start.sh"'),
        ('COPY app app\nENTRYPOINT ["tini", "--", "/start.sh"]', '"/start.sh"'),
        ('COPY app app\nCMD ["sh", "start.sh"]', '"start.sh"'),
        ('COPY app app\nENTRYPOINT ["python"]\nCMD ["main.py"]', '"main.py"'),
        ('COPY app app\nCMD ["sh", "-c", "python main.py"]', "main.py"),
        ("COPY main.py /srv/\nCMD python main.py", "main.py"),
        ("COPY . .\nRUN rm -rf scripts\nCMD python scripts/job.py", "scripts/job.py"),
        ("COPY . .\nWORKDIR /srv\nCMD python main.py", "main.py"),
        ('COPY wrap.sh app ./\nENTRYPOINT ["./wrap.sh"]\nCMD ["python", "scripts/job.py"]', '"scripts/job.py"'),
        ("COPY app app\nCMD fastapi run main.py", "main.py"),
        ("COPY app app\nCMD streamlit run main.py", "main.py"),
        # Modules and applications.
        ("COPY app .\nCMD python -m app.main", "app.main"),
        ("COPY app app\nCMD python -m app.worker", "app.worker"),
        ("COPY app app\nCMD uvicorn main:app", "main:app"),
        ("COPY app app\nCMD uvicorn app.mian:app --reload", "app.mian:app"),
        ("COPY app app\nCMD uvicorn --app-dir src app.main:app", None),
        ("COPY src src\nCMD uvicorn service.api:app", "service.api:app"),
        ("COPY src src\nCMD gunicorn -w 4 -b unix:app.sock service.api:app", "service.api:app"),
        ("COPY src src\nCMD gunicorn -k uvicorn.workers.UvicornWorker service.api:app", "service.api:app"),
        ("COPY app app\nCMD celery -A app.tasks worker", "app.tasks"),
        ("COPY main.py .\nCMD uvicorn mian:app", "mian:app"),
        ("COPY main.py .\nENV M=app.main\nCMD uvicorn $M:app", "$M:app"),
        # Settings files.
        ("COPY app app\nCMD alembic upgrade head", "alembic"),
        ("COPY app app\nCMD python -m alembic upgrade head", "alembic"),
        ("COPY app app\nCMD alembic -c app/alembic.ini upgrade head", None),
        ("COPY main.py .\nCMD gunicorn -c gunicorn.conf.py main:app", "gunicorn.conf.py"),
        # What is there, or may be.
        ("COPY . .\nCMD python main.py", None),
        ("COPY . .\nCMD python app", None),
        ("COPY . .\nCMD python -m app.main", None),
        ("COPY . .\nCMD ./start.sh", None),
        ("COPY . .\nCMD alembic upgrade head", None),
        ("COPY pyproject.toml .\nCMD alembic upgrade head", None),
        ("COPY app app\nCMD alembic --version", None),
        ("COPY src src\nENV PYTHONPATH=src\nCMD uvicorn service.api:app", None),
        ("COPY src src\nENV PYTHONPATH=/app/src:/x\nCMD uvicorn service.api:app", None),
        ("COPY src src\nCMD PYTHONPATH=src uvicorn service.api:app", None),
        ("COPY src src\nCMD export PYTHONPATH=src && uvicorn service.api:app", None),
        ("COPY src src\nCMD uvicorn --app-dir src service.api:app", None),
        ("COPY src src\nCMD gunicorn --chdir=src service.api:app", None),
        ("COPY src src\nCMD gunicorn --pythonpath lib,src service.api:app", None),
        ("COPY src src\nCMD gunicorn -c /x/conf.py service.api:app", None),
        ("COPY src src\nCMD cd src && uvicorn service.api:app", None),
        ("COPY src src\nWORKDIR src\nCMD uvicorn service.api:app", None),
        ("COPY src src\nRUN pip install ./src\nCMD uvicorn service.api:app", None),
        ("COPY . /src\nRUN pip install -e /src\nCMD uvicorn service.api:app", None),
        ("COPY . /src\nRUN cd /src && python -m pip install .[all]\nCMD uvicorn service.api:app", None),
        ("COPY . /src\nRUN cd /src && uv sync --frozen\nCMD uvicorn service.api:app", None),
        ("COPY . /src\nRUN cd /src && poetry install\nCMD uvicorn service.api:app", None),
        ("COPY . /src\nRUN cd /src && python setup.py install\nCMD uvicorn service.api:app", None),
        ("COPY dist/ /w\nRUN pip install /w/*.whl\nCMD uvicorn service.api:app", None),
        ("COPY r.txt .\nRUN pip install -r r.txt\nCMD uvicorn service.api:app", None),
        ("COPY requirements.txt src ./\nRUN pip install -r requirements.txt\nCMD uvicorn app.main:app", "app.main:app"),
        ("COPY main.py .\nRUN pip install $PACKAGE_X\nCMD uvicorn service.api:app", None),
        ("COPY app app\nCMD uvicorn other.api:app", None),
        ("COPY app app\nCMD python -m http.server", None),
        ("COPY app app\nCMD python", None),
        ("COPY app app\nCMD python -c 'print()'", None),
        ("COPY app app\nCMD python $SCRIPT", None),
        ('COPY app app\nCMD ["python", "$SCRIPT"]', None),
        ("COPY app app\nCMD start.sh", None),
        ("COPY app app\nCMD some-program main.py", None),
        ("COPY app app\nCMD [ -f main.py ] && python main.py", None),
        ("COPY app app\nCMD if true; then python main.py; fi", None),
        ("COPY app app\nCMD python main.py || python -m app.main", "main.py"),
        ("COPY app app\nCMD curl -o main.py https://e.com && python main.py", None),
        ("COPY app app\nCMD git clone https://e.com/x . && python main.py", None),
        ("COPY app app\nCMD cp app/main.py . && python main.py", None),
        ("COPY app app\nRUN make main\nCMD python main.py", None),
        ("VOLUME /app\nCMD python main.py", None),
        ('VOLUME ["/app"]\nCOPY app app\nCMD python main.py', None),
        ("COPY --from=company/x /app /app\nCMD python main.py", None),
        ('COPY app app\nENTRYPOINT ["/docker-entrypoint.sh"]\nCMD ["main.py"]', '"/docker-entrypoint.sh"'),
        ("CMD python serve.py", None),
        ("COPY app app\nCMD gunicorn -c /etc/gunicorn.py app.main:app", None),
    ],
)
def test_what_is_started(instructions: str, written: str | None) -> None:
    assert missing(f"{PYTHON}{instructions}\n") == ([] if written is None else [written])


def test_an_unknown_base_may_hold_anything() -> None:
    assert missing("FROM company/base:1\nWORKDIR /app\nCOPY app app\nCMD python main.py\n") == []


def test_the_script_of_an_entry_point_is_followed() -> None:
    assert missing(PYTHON + 'COPY start.sh .\nENTRYPOINT ["./start.sh"]\n') == ["main.py"]


def test_one_finding_for_all_builds_and_none_where_one_has_the_file() -> None:
    dockerfile = PYTHON + "COPY . .\nCMD python job.py\n"
    files = {"a.sh": "docker build -f Dockerfile app\n", "b.sh": "docker build -f Dockerfile src\n"}
    assert missing(dockerfile, files) == ["job.py"]
    assert missing(dockerfile, {**files, "c.sh": "docker build -f Dockerfile scripts\n"}) == []


def test_the_target_decides() -> None:
    dockerfile = PYTHON.replace("\n", " AS a\n", 1) + "COPY main.py .\nFROM a AS b\nCMD python job.py\n"
    assert missing(dockerfile) == ["job.py"]
    assert missing(dockerfile, {"a.sh": "docker build --target a .\n"}) == []


@pytest.mark.parametrize(
    ("service", "written"),
    [
        ("{build: .}", ["job.py"]),
        ("{build: ., volumes: ['.:/app']}", []),
        ("{build: ., volumes: ['./job.py:/app/job.py:ro']}", []),
        ("{build: ., volumes: ['.:/other']}", ["job.py"]),
        ("{build: ., command: python main.py}", []),
        ("{build: ., command: python scripts/job.py}", ["scripts/job.py"]),
        ("{build: ., command: [python, scripts/job.py]}", ["scripts/job.py"]),
        ("{build: ., command: python scripts/job.py, volumes: ['./scripts:/app/scripts']}", []),
        ("{build: ., command: sh -c 'cd /app && python scripts/job.py'}", ["scripts/job.py"]),
        ("{build: ., entrypoint: [python], command: [main.py]}", []),
        ("{build: ., entrypoint: [python, scripts/job.py]}", ["scripts/job.py"]),
        ("{build: ., working_dir: /srv, command: python main.py}", ["main.py"]),
        ("{build: ., working_dir: /srv}", []),
        ("{build: ., environment: {PYTHONPATH: /x}}", ["job.py"]),
    ],
)
def test_compose_services(service: str, written: list[str]) -> None:
    files = {"compose.yaml": f"services: {{web: {service}}}\n"}
    assert missing(PYTHON + "COPY main.py .\nCMD python job.py\n", files) == written


def test_a_deployment_that_sets_the_search_path_leaves_modules_open() -> None:
    compose = "services: {web: {build: ., environment: {PYTHONPATH: /app/src}}}\n"
    assert missing(PYTHON + "COPY src src\nCMD uvicorn service.api:app\n", {"compose.yaml": compose}) == []


def test_files_of_one_folder_that_say_something_of_one_service() -> None:
    files = {
        "compose.yaml": "services: {web: {build: ., command: python scripts/job.py}}\n",
        "compose.override.yaml": "services: {web: {volumes: ['.:/app']}}\n",
    }
    assert missing(PYTHON + "COPY main.py .\nCMD python main.py\n", files) == []


def test_tests_and_examples_are_left_alone() -> None:
    text = PYTHON + "COPY x.py .\nCMD python main.py\n"
    files = {"tests/x/Dockerfile": text, "examples/x/Dockerfile": text, "tests/x/x.py": "", "examples/x/x.py": ""}
    assert project({**TREE, **files}).missing_starts == ()
