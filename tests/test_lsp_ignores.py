"""Where the comment goes that silences a finding."""

from __future__ import annotations

from dataclasses import replace

import pytest

import infralint
from infralint.kinds import Kind, kind_of
from infralint.lsp.ignores import insertion

ALL = infralint.Settings(select=("ALL",))
IMAGE = "image-latest-tag"

# Files, with the rule whose finding in the first one is silenced, and the text that this leaves.
CASES = {
    "Dockerfile": ({"Dockerfile": "ARG A=1\nFROM python:latest\n"}, IMAGE),
    "a command that goes on": (
        {
            "deploy.sh": "#!/bin/sh\nset -e\n  gcloud run deploy api \\\n    --image=gcr.io/p/api:latest \\\n    --region=europe-west1\n"
        },
        IMAGE,
    ),
    "compose": ({"compose.yaml": "services:\n  db:\n    image: postgres:latest\n"}, IMAGE),
    "a script in YAML": (
        {
            ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    runs-on: ubuntu-22.04\n    steps:\n      - run: |\n          echo a\n          docker pull postgres:latest\n"
        },
        IMAGE,
    ),
    "make": ({"Makefile": "up:\n\techo a\n\tdocker run \\\n\t\tpostgres:latest\n"}, IMAGE),
    "terraform": (
        {
            "main.tf": 'resource "google_cloud_run_v2_service" "a" {\n  template {\n    containers {\n      image = "gcr.io/p/a:latest"\n    }\n  }\n}\n'
        },
        IMAGE,
    ),
    "powershell": (
        {"a.ps1": "gcloud run deploy api `\n  --image=gcr.io/p/api:latest `\n  --region=europe-west1\n"},
        IMAGE,
    ),
    "python": ({"pkg/a.py": "from .b import x\n", "pkg/__init__.py": "", "pkg/b.py": "x = 1\n"}, "import-relative"),
    "indented python": (
        {"pkg/a.py": "def f():\n\tfrom .b import x\r\n\treturn x\n", "pkg/__init__.py": "", "pkg/b.py": "x = 1\n"},
        "import-relative",
    ),
    "SQL in a string": (
        {
            "app/q.py": 'from sqlalchemy import text\n\nQ = text("""\n    SELECT naem\n    FROM users\n""")\n',
            "app/models.py": (
                "from sqlalchemy import Column, Integer, String\nfrom sqlalchemy.orm import declarative_base\n\n"
                'Base = declarative_base()\n\n\nclass User(Base):\n    __tablename__ = "users"\n'
                "    id = Column(Integer, primary_key=True)\n    name = Column(String)\n"
            ),
        },
        "sql-unknown-column",
    ),
    "SQL": (
        {
            "q.sql": "-- a\nSELECT 1;\nSELECT naem\nFROM users;\n",
            "app/models.py": (
                "from sqlalchemy import Column, Integer, String\nfrom sqlalchemy.orm import declarative_base\n\n"
                'Base = declarative_base()\n\n\nclass User(Base):\n    __tablename__ = "users"\n'
                "    id = Column(Integer, primary_key=True)\n    name = Column(String)\n"
            ),
        },
        "sql-unknown-column",
    ),
    "requirements": ({"requirements.txt": "flask\n-r missing.txt\n"}, "requirement-file-missing"),
}


def find(files: dict[str, str], rule: str) -> infralint.Finding:
    path = next(iter(files))
    found = [each for each in infralint.lint(files, ALL).findings if (each.path, each.rule) == (path, rule)]
    assert found, infralint.lint(files, ALL).findings
    return found[0]


@pytest.mark.parametrize("name", CASES)
def test_it_silences_and_changes_nothing_else(name: str) -> None:
    files, rule = CASES[name]
    path, text = next(iter(files.items()))
    finding = find(files, rule)
    kind = kind_of(path)
    assert kind is not None
    found = insertion(text, kind, finding)
    assert found is not None
    after = {**files, path: text[: found.offset] + found.text("as agreed") + text[found.offset :]}
    before, now = infralint.lint(files, ALL), infralint.lint(after, ALL)
    assert [(each.rule, each.suppressed) for each in now.suppressed] == [(rule, "as agreed")]
    assert sorted(each.message for each in now.findings) == sorted(
        each.message for each in before.findings if each != finding
    )


def test_lines_end_as_they_did() -> None:
    files = {"Dockerfile": "ARG A=1\r\nFROM python:latest\r\n"}
    found = insertion(files["Dockerfile"], Kind.DOCKERFILE, find(files, IMAGE))
    assert found is not None
    assert found.text() == f"# infralint: ignore[{IMAGE}] \r\n"


@pytest.mark.parametrize("text", ["import os\nfrom .b import c\n", "from .b import c\n"])
def test_a_mark_that_the_editor_keeps_stays_in_front(text: str) -> None:
    """Behind a line, or on one of its own: what is put there never comes before the mark."""
    finding = find({"a/c.py": text, "a/b.py": "c = 1\n", "a/__init__.py": ""}, "import-relative")
    marked = f"\ufeff{text}"
    found = insertion(marked, Kind.PYTHON, finding)
    assert found is not None
    without = insertion(text, Kind.PYTHON, finding)
    assert without is not None
    assert found == replace(without, offset=without.offset + 1)
    dockerfile = insertion("\ufeffFROM python\n", Kind.DOCKERFILE, find({"Dockerfile": "FROM python\n"}, IMAGE))
    assert dockerfile is not None
    assert dockerfile.offset == 1


@pytest.mark.parametrize(
    ("path", "text", "rule", "line"),
    [
        ("Pipfile.lock", "{}\n", "requirement-conflict", 1),
        ("a.py", "x = 1 + \\\n    2\n", "suppression-unused", 1),
        ("a.sh", "#!/bin/sh\n", "no-rule-but-a-line", 1),
        ("a.sh", "cat <<EOF\nimage:latest\nEOF\n", IMAGE, 2),
        ("a.py", "x = 1 +\n", IMAGE, 1),
        ("a.yaml", "a: {{ b }}: [\n", IMAGE, 1),
        ("a.py", "x = 1\n", IMAGE, 7),
    ],
    ids=["JSON", "a comment's own", "the interpreter's line", "here-document", "broken", "template", "gone"],
)
def test_it_is_not_offered(path: str, text: str, rule: str, line: int) -> None:
    kind = kind_of(path)
    assert kind is not None
    finding = infralint.Finding(rule, infralint.Severity.ERROR, path, line, 1, line, 2, "")
    assert insertion(text, kind, finding) is None
