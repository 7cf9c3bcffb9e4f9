"""Small services with their images: what is started, and whether all of it is installed.

Each is built and started for real by tests/toy_docker.py; the answer is the judge's, not written down here. `silent`:
services whose image holds what no table knows, so that nothing may be said of them.
"""

from __future__ import annotations

_BASE = "FROM python:3.11-slim\nWORKDIR /app\n"
_INSTALL = f"{_BASE}COPY requirements.txt .\nRUN pip install --no-cache-dir -r requirements.txt\n"
_UVICORN = 'CMD ["uvicorn", "app.main:app", "--host", "0.0.0.0"]\n'
_UVICORN_MODULE = 'CMD ["python", "-m", "uvicorn", "app.main:app"]\n'
_SIMPLE = f"{_INSTALL}COPY app/ app/\n{_UVICORN}"
_APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"
# A build backend in the tree: a wheel with the package and the requirements of pyproject.toml.
_BACKEND = """
import pathlib, re, zipfile
def _requires():
    text = pathlib.Path("pyproject.toml").read_text()
    return re.findall(r'"([^"]+)"', re.search(r"dependencies = \\[(.*?)\\]", text, re.S)[1])
def build_wheel(folder, settings=None, metadata=None):
    name = "service-1.0-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder) / name, "w") as archive:
        for path in sorted(pathlib.Path(".").glob("service/**/*.py")):
            archive.write(path, str(path))
        lines = ["Metadata-Version: 2.1", "Name: service", "Version: 1.0", *(f"Requires-Dist: {each}" for each in _requires())]
        archive.writestr("service-1.0.dist-info/METADATA", "\\n".join(lines) + "\\n")
        archive.writestr("service-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        archive.writestr("service-1.0.dist-info/entry_points.txt", "[console_scripts]\\nservice = service.cli:main\\n")
        archive.writestr("service-1.0.dist-info/RECORD", "")
    return name
"""
_PYPROJECT = """[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "service"
version = "1.0"
dependencies = [{}]

[project.scripts]
service = "service.cli:main"
"""


def _package(dependencies: str) -> dict[str, str]:
    return {
        "Dockerfile": f'{_BASE}COPY . .\nRUN pip install .\nCMD ["service"]\n',
        "pyproject.toml": _PYPROJECT.format(dependencies),
        "backend.py": _BACKEND,
        "service/__init__.py": "",
        "service/cli.py": "import httpx\nfrom service.jobs import run\n\n\ndef main():\n    run()\n",
        "service/jobs.py": "import tenacity\n\n\ndef run():\n    pass\n",
    }


def _app(requirements: str, main: str, **more: str) -> dict[str, str]:
    """A FastAPI service; further files by `folder__name` of modules."""
    files = {"Dockerfile": _SIMPLE, "requirements.txt": requirements, "app/__init__.py": "", "app/main.py": _APP + main}
    files.update({f"app/{name.replace('__', '/', 1)}.py": text for name, text in more.items()})
    return files


_ALEMBIC_INI = "[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = .\n"
_MIGRATIONS = {
    "alembic.ini": _ALEMBIC_INI,
    "migrations/env.py": "from alembic import context\nfrom app.models import Base\n\ntarget_metadata = Base\n",
    "migrations/versions/0001_users.py": "import sqlalchemy as sa\nfrom alembic import op\n\nrevision = '1'\ndown_revision = None\n",
    "app/__init__.py": "",
    "app/models.py": "from sqlalchemy.orm import declarative_base\n\nfrom app.services import titles\n\nBase = declarative_base()\n",
    "app/services/__init__.py": "from loguru import logger\n",
    "app/services/titles.py": "import httpx\nfrom tenacity import retry\nfrom pydantic import BaseModel\n",
}
_MIGRATION_IMAGE = f'{_INSTALL}COPY . .\nCMD ["alembic", "upgrade", "head"]\n'

SERVICES: dict[str, dict[str, str]] = {
    "complete": _app("fastapi\nuvicorn\nhttpx\n", "import httpx\n"),
    "one is missing": _app("fastapi\nuvicorn\n", "import httpx\n"),
    "through modules": _app(
        "fastapi\nuvicorn\n", "from app import routes\n", routes="from app.deep import work\n", deep="import tenacity\nimport jwt\nwork = 1\n"
    ),
    "through a package": _app(
        "fastapi\nuvicorn\n", "from app.core.settings import x\n", core____init__="from loguru import logger\n", core__settings="x = 1\n"
    ),
    "relative imports": _app(
        "fastapi\nuvicorn\n", "from .core import x\nfrom . import more\n", core="import yaml\nx = 1\n", more="from .core import *\nimport bs4\n"
    ),
    "guarded imports": _app(
        "fastapi\nuvicorn\n", "try:\n    import httpx\nexcept ImportError:\n    httpx = None\nfrom contextlib import suppress\nwith suppress(ImportError):\n    import yaml\n"
    ),
    "guarded module": _app(
        "fastapi\nuvicorn\n", "try:\n    from app import extra\nexcept ModuleNotFoundError:\n    extra = None\n", extra="import tenacity\n"
    ),
    "for types only": _app(
        "fastapi\nuvicorn\n", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import httpx\n"
    ),
    "in a function": _app("fastapi\nuvicorn\n", "def f():\n    import httpx\n\n\nclass A:\n    def g(self):\n        import yaml\n"),
    "under a condition": _app("fastapi\nuvicorn\n", "import os\nif os.environ.get('TRACING'):\n    import httpx\n"),
    "brought along": _app("fastapi\nuvicorn\n", "import starlette\nimport pydantic\nimport click\nimport anyio\nimport h11\n"),
    "an extra brings it": _app("fastapi\nuvicorn[standard]\n", "import yaml\nimport dotenv\n"),
    "without the extra": _app("fastapi\nuvicorn\n", "import yaml\nimport dotenv\n"),
    "names differ": _app("fastapi\nuvicorn\npillow\nbeautifulsoup4\npyjwt\npyyaml\npython-dateutil\n", "from PIL import Image\nimport bs4, jwt, yaml\nfrom dateutil import parser\n"),
    "names differ, missing": _app("fastapi\nuvicorn\npillow\n", "from PIL import Image\nimport bs4, jwt, yaml\nfrom dateutil import parser\n"),
    "a namespace": _app("fastapi\nuvicorn\ngoogle-cloud-storage\n", "from google.cloud import storage\nimport google.auth\n"),
    "a namespace, another part": _app("fastapi\nuvicorn\ngoogle-auth\n", "import google.auth\nfrom google.cloud import storage\n"),
    "included file": {
        **_app("-r base-requirements.txt\nuvicorn\n", "import httpx\nimport redis\n"),
        "base-requirements.txt": "fastapi\nhttpx\n",
        "Dockerfile": _SIMPLE.replace("requirements.txt .", "requirements.txt base-requirements.txt ./"),
    },
    "constraints install nothing": {
        **_app("fastapi\nuvicorn\n", "import httpx\n"),
        "constraints.txt": "httpx==1.0\nfastapi==1.0\n",
        "Dockerfile": _SIMPLE.replace("requirements.txt .", "*.txt ./").replace("-r requirements.txt", "-c constraints.txt -r requirements.txt"),
    },
    "markers": _app("fastapi\nuvicorn\nhttpx; sys_platform == 'win32'\ntenacity; python_version >= '3.8'\n", "import httpx\nimport tenacity\n"),
    "names in the Dockerfile": {
        **_app("", "import httpx\nimport redis\n"),
        "Dockerfile": f'{_BASE}RUN pip install fastapi "uvicorn[standard]" httpx\nCOPY app app\n{_UVICORN}',
    },
    "the server is missing": _app("fastapi\n", ""),
    "the module of the server is missing": {
        **_app("fastapi\n", ""),
        "Dockerfile": f'{_INSTALL}COPY app/ app/\nCMD ["python", "-m", "uvicorn", "app.main:app"]\n',
    },
    "environment of another stage": {
        **_app("fastapi\nuvicorn\n", "import redis\n"),
        "Dockerfile": "FROM python:3.11 AS builder\nRUN python -m venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\nCOPY requirements.txt .\n"
        "RUN pip install -r requirements.txt\nFROM python:3.11-slim\nENV PATH=/opt/venv/bin:$PATH\nCOPY --from=builder /opt/venv /opt/venv\n"
        f"WORKDIR /app\nCOPY app app\n{_UVICORN}",
    },
    "prefix of another stage": {
        **_app("fastapi\nuvicorn\n", "import redis\n"),
        "Dockerfile": "FROM python:3.11 AS builder\nCOPY requirements.txt .\nRUN pip install --prefix=/install -r requirements.txt\n"
        f"FROM python:3.11-slim\nCOPY --from=builder /install /usr/local\nWORKDIR /app\nCOPY app app\n{_UVICORN_MODULE}",
    },
    "wheels of another stage": {
        **_app("fastapi\nuvicorn\n", "import redis\nimport pydantic\n"),
        "Dockerfile": "FROM python:3.11 AS builder\nCOPY requirements.txt .\nRUN pip wheel --wheel-dir /wheels -r requirements.txt\n"
        f"FROM python:3.11-slim\nCOPY --from=builder /wheels /wheels\nRUN pip install --no-deps /wheels/*.whl\nWORKDIR /app\nCOPY app app\n{_UVICORN}",
    },
    "only a part of another stage": {
        **_app("fastapi\nuvicorn\n", "import redis\n"),
        "Dockerfile": "FROM python:3.11 AS assets\nRUN pip install redis\nWORKDIR /app/assets\nCOPY assets .\n"
        f"{_INSTALL.replace('-slim', '')}COPY --from=assets /app/assets assets\nCOPY app app\n{_UVICORN}",
        "assets/site.css": "a {}\n",
    },
    "a stage upon another": {
        **_app("fastapi\nuvicorn\n", "import redis\n"),
        "Dockerfile": f"{_INSTALL.replace('slim', 'slim AS base')}FROM base\nRUN pip install redis\nCOPY app app\n{_UVICORN}",
    },
    "a folder of its own": {
        **_app("fastapi\nuvicorn\n", "import redis\n"),
        "Dockerfile": f"{_BASE}COPY requirements.txt .\nRUN pip install --target /deps -r requirements.txt\nENV PYTHONPATH=/deps\nCOPY app app\n"
        f"{_UVICORN_MODULE}",
    },
    "migrations": {**_MIGRATIONS, "requirements.txt": "alembic\nsqlalchemy\npsycopg2-binary\n", "Dockerfile": _MIGRATION_IMAGE},
    "migrations, complete": {
        **_MIGRATIONS,
        "requirements.txt": "alembic\npsycopg2-binary\nloguru\nhttpx\ntenacity\npydantic\n",
        "Dockerfile": _MIGRATION_IMAGE,
    },
    "a revision imports": {
        **_MIGRATIONS,
        "app/models.py": "Base = object\n",
        "migrations/versions/0002_text.py": "import bs4\nfrom alembic import op\n\nrevision = '2'\ndown_revision = '1'\n",
        "requirements.txt": "alembic\n",
        "Dockerfile": _MIGRATION_IMAGE,
    },
    "migrate and serve": {
        **_MIGRATIONS,
        "app/main.py": _APP + "import redis\n",
        "requirements.txt": "alembic\nfastapi\nuvicorn\nloguru\nhttpx\n",
        "Dockerfile": f"{_INSTALL}COPY . .\nCMD alembic upgrade head && uvicorn app.main:app\n",
    },
    "a script that starts": {
        **_app("fastapi\nuvicorn\n", "import redis\n"),
        "start.sh": "#!/bin/sh\nset -e\necho starting\nexec uvicorn app.main:app --port 8080\n",
        "Dockerfile": f'{_INSTALL}COPY . .\nCMD ["sh", "start.sh"]\n',
    },
    "celery": {
        "requirements.txt": "celery\n",
        "app/__init__.py": "",
        "app/tasks.py": "from celery import Celery\nimport requests\n",
        "Dockerfile": f'{_INSTALL}COPY app app\nCMD ["celery", "-A", "app.tasks", "worker"]\n',
    },
    "a script of Python": {
        "requirements.txt": "requests\n",
        "worker.py": "import requests\nimport helper\n",
        "helper.py": "import boto3\nimport urllib3\n",
        "Dockerfile": f'{_INSTALL}COPY *.py ./\nCMD ["python", "worker.py"]\n',
    },
    "a module as program": {
        "requirements.txt": "requests\n",
        "worker/__init__.py": "import six\n",
        "worker/__main__.py": "from worker import run\nimport requests\n",
        "worker/run.py": "import boto3\n",
        "Dockerfile": f'{_INSTALL}COPY worker worker\nCMD ["python", "-m", "worker"]\n',
    },
    "only as the program": {
        "requirements.txt": "fastapi\n",
        "app/__init__.py": "",
        "app/main.py": _APP + "if __name__ == '__main__':\n    import uvicorn\n    import sys\n    if sys.argv[1:]:\n        import redis\n",
        "Dockerfile": f'{_INSTALL}COPY app app\nCMD ["python", "app/main.py"]\n',
    },
    "only as the program, as a module": {
        "requirements.txt": "fastapi\n",
        "app/__init__.py": "",
        "app/main.py": _APP + "from app import jobs\nif __name__ == '__main__':\n    import uvicorn\n",
        "app/jobs.py": "if __name__ == '__main__':\n    import redis\n",
        "Dockerfile": f'{_INSTALL}COPY app app\nCMD ["python", "-m", "app.main"]\n',
    },
    "blocks that always run": {
        **_app(
            "fastapi\nuvicorn\n",
            "import warnings\nwith warnings.catch_warnings():\n    import redis\ntry:\n    import yaml\nfinally:\n    x = 1\n"
            "try:\n    import jwt\nexcept ValueError:\n    import bs4\nfor x in ():\n    import boto3\n",
        ),
    },
    "sources in src": {
        **{path.replace("app/", "src/app/"): text for path, text in _app("fastapi\nuvicorn\n", "import app.more\n", more="import redis\n").items()},
        "Dockerfile": f"{_INSTALL}ENV PYTHONPATH=/app/src\nCOPY src src\n{_UVICORN}",
    },
    "vendored on the path": {
        **_app("fastapi\nuvicorn\n", "import tenacity\nimport redis\n"),
        "vendor/tenacity.py": "",
        "Dockerfile": f"{_INSTALL}ENV PYTHONPATH=/app/vendor\nCOPY . .\n{_UVICORN}",
    },
    "vendored by sys.path": {
        **_app("fastapi\nuvicorn\n", "import sys\nsys.path.append('vendor')\nimport tenacity\nimport redis\n"),
        "vendor/tenacity/__init__.py": "",
        "Dockerfile": f"{_INSTALL}COPY . .\n{_UVICORN}",
    },
    "a module of that name": {
        **_app("fastapi\nuvicorn\n", "import redis\n"), "redis.py": "", "Dockerfile": f"{_INSTALL}COPY . .\n{_UVICORN}"
    },
    "a module of that name in a package": _app("fastapi\nuvicorn\n", "from app import redis\n", redis="import redis\n"),
    "a package is installed": _package('"httpx", "tenacity"'),
    "a package lacks": _package('"httpx"'),
    "nothing is installed": {"worker.py": "import requests\n", "Dockerfile": f'{_BASE}COPY worker.py .\nCMD ["python", "worker.py"]\n'},
    "silent: a distribution of the team": _app("fastapi\nuvicorn\nacme-toolbox\n", "import redis\n"),
}  # fmt: skip

# With the distributions that the registry has: what the table says of them is true of them.
REAL: dict[str, str] = {
    "requirements.txt": "beautifulsoup4\nitsdangerous\npython-dateutil\n",
    "worker.py": "import bs4\nimport soupsieve\nfrom dateutil import parser\nimport itsdangerous\nimport jwt\nimport dotenv\nimport yaml\n",
    "Dockerfile": f'{_INSTALL}COPY worker.py .\nCMD ["python", "worker.py"]\n',
}
