"""Images, deployments and environments in a project that stays loaded: what an edit makes again, and that the report is
that of a run from nothing."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

import pytest
from folder_edits import is_of_a_run_from_nothing, write

from infralint.live import LiveProject
from infralint.project.views import Memory
from infralint.settings import Settings

ALL = Settings(select=("image", "requirement", "env", "import", "gcloud", "test"))
FILES = {
    "shop/Dockerfile": (
        "FROM python:3.12-slim\nWORKDIR /app\nCOPY shop/requirements.txt .\nRUN pip install -r requirements.txt\n"
        'COPY shop /app/shop\nCMD ["python", "-m", "shop.main"]\n'
    ),
    "shop/requirements.txt": "flask==3.0.0\n",
    "shop/__init__.py": "",
    "shop/main.py": "import flask\nimport shop.settings\n",
    "shop/settings.py": (
        "import os\nfrom pydantic_settings import BaseSettings\n\nREDIS_URL = os.environ['REDIS_URL']\n\n\n"
        "class Limits(BaseSettings):\n    most: int\n\n\nLimits()\n"
    ),
    "shop/other.py": "def nothing():\n    return 1\n",
    "stock/Dockerfile": (
        "FROM python:3.12-slim\nWORKDIR /app\nRUN pip install requests\nCOPY stock /app/stock\n"
        'CMD ["python", "-m", "stock.main"]\n'
    ),
    "stock/__init__.py": "",
    "stock/main.py": "import requests\nfrom .store import put\n",
    "stock/store.py": "def put():\n    return 1\n",
    "compose.yaml": (
        "services:\n  shop:\n    build: {context: ., dockerfile: shop/Dockerfile}\n    environment: {REDIS_URL: x}\n"
        "  stock:\n    build: {context: ., dockerfile: stock/Dockerfile}\n"
    ),
    "run.sh": "docker build -f stock/Dockerfile -t stock .\npytest\n",
}
# By what they do: the file, what of it, and what takes its place.
EDITS = {
    "install-in-an-image": ("stock/Dockerfile", "requests", "requests flask==1.0 flask==2.0"),
    "no-install": ("stock/Dockerfile", "pip install requests", "true"),
    "source": ("stock/Dockerfile", "COPY stock", "COPY stok"),
    "start": ("stock/Dockerfile", "stock.main", "stock.man"),
    "tag": ("shop/Dockerfile", "3.12-slim", "latest"),
    "base": ("stock/Dockerfile", "FROM python:3.12-slim", "FROM stock"),
    "import": ("shop/main.py", "import flask", "import flask\nimport yaml"),
    "import-of-the-tree": ("shop/main.py", "shop.settings", "shop.other"),
    "import-of-the-standard-library": ("shop/settings.py", "import os", "import json\nimport os"),
    "relative-import": ("stock/main.py", ".store", ".stores"),
    "requirement": ("shop/requirements.txt", "flask==3.0.0", "django\n-r more.txt"),
    "variable": ("compose.yaml", "REDIS_URL", "REDIS_URI"),
    "read": ("shop/settings.py", "REDIS_URL']", "QUEUE_URL']"),
    "settings-class": ("shop/settings.py", "most: int", "most: int\n    least: int"),
    "path-of-modules": ("compose.yaml", "{REDIS_URL: x}", "{REDIS_URL: x, PYTHONPATH: /srv}"),
    "build": ("run.sh", "stock/Dockerfile", "shop/Dockerfile"),
    "tests": ("run.sh", "pytest", "pytest --doctest-modules"),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, FILES)
    return tmp_path


@pytest.mark.parametrize(("path", "old", "new"), EDITS.values(), ids=list(EDITS))
def test_an_edit_and_its_undoing(root: Path, path: str, old: str, new: str) -> None:
    project = LiveProject(root, ALL, cache=False)
    first = project.lint()
    assert old in FILES[path]
    (root / path).write_text(FILES[path].replace(old, new, 1))
    assert is_of_a_run_from_nothing(project.lint(changed=[path]), root, ALL)
    (root / path).write_text(FILES[path])
    assert project.lint(changed=[path]).findings == first.findings


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Hashable]:
    """The keys of views, parts and rules, as they are made."""
    found: list[Hashable] = []
    fill = Memory._fill

    def noted(memory: Memory, record: object) -> None:
        found.append(record.key)  # type: ignore[attr-defined]
        fill(memory, record)  # type: ignore[arg-type]

    monkeypatch.setattr(Memory, "_fill", noted)
    return found


def test_a_line_in_a_dockerfile_costs_its_own_images(root: Path, made: list[Hashable]) -> None:
    project = LiveProject(root, ALL, cache=False)
    project.lint()
    made.clear()
    (root / "stock/Dockerfile").write_text(FILES["stock/Dockerfile"] + "RUN pip install flask\n")
    project.lint(changed=["stock/Dockerfile"])
    for part in ("dockerfile_builds", "dockerfile_installs", "lacking", "missing_starts", "image_conflicts"):
        assert (part, "stock/Dockerfile") in made
        assert (part, "shop/Dockerfile") not in made
    kept = (
        "settings_classes",
        "environment_reads",
        "test_collection",
        "requirements",
        "gcloud",
        ("rule", "import-relative"),
    )
    assert not set(kept) & set(made)


def test_an_import_that_every_image_has_judges_none_again(root: Path, made: list[Hashable]) -> None:
    project = LiveProject(root, ALL, cache=False)
    project.lint()
    made.clear()
    (root / "stock/main.py").write_text("import json\n" + FILES["stock/main.py"])
    project.lint(changed=["stock/main.py"])
    assert ("asks", "stock/main.py") in made
    assert not {key for key in made if key[0] in ("lacking", "dockerfile_builds", "certainly_started")}  # type: ignore[index]
    assert "settings_classes" not in made


JOB = 'FROM python:3.13-slim\nWORKDIR /srv\n{}COPY {} lib/\nCOPY jobs jobs\nCMD ["python", "jobs/nightly.py"]\n'
PATH = "ENV PYTHONPATH=/srv/lib\n"
# Two packages of one name: which of them is meant the image says.
NAMESAKES = {
    "Dockerfile": JOB.format(PATH, "one"),
    "one/app/__init__.py": "",
    "one/app/m.py": "x = 1\n",
    "two/app/__init__.py": "",
    "two/app/m.py": "y = 1\n",
    "jobs/nightly.py": "from app.m import x, y\n",
}


def test_a_dockerfile_concerns_imports_where_it_answers_them(tmp_path: Path, made: list[Hashable]) -> None:
    write(tmp_path, NAMESAKES)
    project = LiveProject(tmp_path, ALL, cache=False)
    assert is_of_a_run_from_nothing(project.lint(), tmp_path, ALL)
    made.clear()
    write(tmp_path, {"Dockerfile": JOB.format(PATH + "RUN pip install flask\n", "one")})
    project.lint(changed=["Dockerfile"])
    assert "placed_images" in made
    assert "_module_graph" not in made
    assert ("unresolved_imports", "jobs/nightly.py") not in made
    for text in (JOB.format(PATH, "two"), JOB.format("", "one"), JOB.format(PATH, "one")):
        made.clear()
        write(tmp_path, {"Dockerfile": text})
        assert is_of_a_run_from_nothing(project.lint(changed=["Dockerfile"]), tmp_path, ALL)
        assert ("unresolved_imports", "jobs/nightly.py") in made
