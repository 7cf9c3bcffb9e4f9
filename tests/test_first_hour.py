"""The first hour of the README, line by line, on a service with mistakes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SERVICE = ROOT / "fixtures" / "job-queue-renamed-column" / "project"


def commands() -> list[str]:
    """What the README tells to type, in order."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.partition("## The first hour\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```console\n(.*?)```", section, re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "service"
    shutil.copytree(SERVICE, root)
    (root / "infralint.toml").unlink(missing_ok=True)
    for name, value in {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.com",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.com",
    }.items():
        monkeypatch.setenv(name, value)
    for words in (["init", "--quiet", "--initial-branch", "main"], ["add", "."], ["commit", "--quiet", "-m", "first"]):
        subprocess.run(["git", *words], cwd=root, check=True)
    return root


def test_every_line_does_what_the_text_says(service: Path) -> None:
    typed = commands()
    assert len(typed) >= 12
    printed = {}
    for line in typed:
        done = subprocess.run(line, shell=True, cwd=service, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        printed[line] = done.stdout + done.stderr
    assert "sql-unknown-column" in printed[typed[0]]
    assert (service / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert "--baseline infralint-baseline.json" in (service / ".pre-commit-config.yaml").read_text()
    assert "--baseline infralint-baseline.json" in (service / ".github" / "workflows" / "infralint.yml").read_text()
    last = subprocess.run(["git", "log", "-1", "--format=%s"], cwd=service, capture_output=True, text=True, check=True)
    assert last.stdout == "infralint looks at what is committed\n"


def test_the_hook_stops_the_next_mistake(service: Path) -> None:
    for line in commands():
        subprocess.run(line, shell=True, cwd=service, capture_output=True, check=True)
    (service / "worker").mkdir(exist_ok=True)
    (service / "worker" / "Dockerfile").write_text("FROM python:latest\n")
    subprocess.run(["git", "add", "worker"], cwd=service, check=True)
    done = subprocess.run(
        ["git", "commit", "-m", "a mistake"], cwd=service, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "worker/Dockerfile" in done.stdout + done.stderr
    assert "Found 1 " in done.stdout + done.stderr
