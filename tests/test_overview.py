"""What services are made of: which files are whose."""

from __future__ import annotations

from infralint.overview import overview_of

COMPOSE = """\
services:
  api:
    build: server
    env_file: api.env
  worker:
    build: server
    command: python -m jobs.run
"""
PROJECT = {
    "docker-compose.yml": COMPOSE,
    "api.env": "A=1\n",
    "server/Dockerfile": "FROM python:3.12\nCOPY . /app\nWORKDIR /app\nRUN pip install -r requirements.txt\nCMD python -m shop.app\n",
    "server/requirements.txt": "six==1.17.0\n",
    "server/shop/__init__.py": "",
    "server/shop/app.py": "import shop.models\nimport shop.extra\n",
    "server/shop/models.py": "",
    "server/jobs/__init__.py": "",
    "server/jobs/run.py": "def run():\n    import shop.models\n",
    "server/alone.py": "",
    "sdk/shop/__init__.py": "",
    "sdk/shop/extra.py": "",
}


def owners() -> dict[str, set[str]]:
    seen = overview_of(PROJECT)
    names = [each["name"] for each in seen.services["services"]]
    return {path: {names[at] for at in numbers} for path, numbers in seen.owners.items()}


def test_files_belong_to_the_services_that_use_them() -> None:
    found = owners()
    assert found["api.env"] == {"api"}
    assert found["server/Dockerfile"] == found["server/requirements.txt"] == {"api", "worker"}
    assert found["server/shop/app.py"] == {"api"}
    assert found["server/jobs/run.py"] == {"worker"}
    assert found["server/shop/models.py"] == {"api", "worker"}
    assert "server/alone.py" not in found


def test_a_file_that_deploys_several_services_is_no_ones() -> None:
    assert "docker-compose.yml" not in owners()


def test_a_package_hides_those_of_its_name_elsewhere() -> None:
    assert not [path for path in owners() if path.startswith("sdk/")]


def test_the_documents_are_those_of_the_commands() -> None:
    seen = overview_of({"a.sql": "CREATE TABLE t (id int);\n", **PROJECT})
    assert [table["name"] for catalog in seen.schema["catalogs"] for table in catalog["tables"]] == ["t"]
    assert [each["title"] for each in seen.services["services"]] == [
        "compose service `api`",
        "compose service `worker`",
    ]
