"""GitHub's action: its inputs reach the command, and the command runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import harness
import pytest
import yaml

ACTION = harness.ROOT / "action.yml"
SCRIPT = harness.ROOT / "scripts" / "action.sh"
BASH = shutil.which("bash")


def run(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """The action's script in a folder, as GitHub runs it."""
    assert BASH is not None, "GitHub's runners have bash on every system"
    launcher = folder.parent / "infralint"
    launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m infralint "$@"\n', encoding="utf-8")
    launcher.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "INPUT_", "GIT_"))}
    environment = {**kept, "INFRALINT": str(launcher), **inputs}
    return subprocess.run([BASH, str(SCRIPT)], cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "a b").mkdir(parents=True)
    (folder / "infralint.toml").write_text("")
    (folder / "a b" / "Dockerfile").write_text("FROM redis:latest\n")
    return folder


def test_every_input_is_passed_on() -> None:
    action = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
    text = ACTION.read_text(encoding="utf-8")
    assert {name for name in action["inputs"] if f"inputs.{name}" not in text} == set()
    step = next(step for step in action["runs"]["steps"] if step.get("name") == "infralint")
    script = SCRIPT.read_text(encoding="utf-8")
    assert {name for name in step["env"] if f"${{{name}" not in script} == set()
    # What a workflow writes must never become part of a script.
    assert all("${{" not in step.get("run", "") for step in action["runs"]["steps"])


def test_findings_become_annotations(project: Path) -> None:
    result = run(project)
    assert result.returncode == 1
    assert result.stdout.startswith("::warning title=infralint (image-latest-tag),file=a b/Dockerfile,line=1,")
    assert run(project, INPUT_FAIL_ON="error").returncode == 0


def test_paths_and_reports(project: Path, tmp_path: Path) -> None:
    result = run(project, INPUT_PATHS="a b\n\ninfralint.toml\n", SARIF=str(tmp_path / "x.sarif"))
    assert result.returncode == 1
    assert json.loads((tmp_path / "x.sarif").read_text())["runs"][0]["results"][0]["ruleId"] == "image-latest-tag"
    assert run(project, INPUT_PATHS="infralint.toml").returncode == 0
    assert run(project, INPUT_PATHS="--exit-zero").returncode == 2


def test_baseline_and_base(project: Path, tmp_path: Path) -> None:
    entry = {"version": 1, "findings": []}
    (tmp_path / "base.json").write_text(json.dumps(entry))
    assert run(project, INPUT_BASELINE=str(tmp_path / "base.json")).returncode == 1
    # Outside of a pull request there is no base, and everything is reported.
    assert run(project, INPUT_DIFF_BASE="auto").returncode == 1
    asked = run(project, INPUT_DIFF_BASE="auto", GITHUB_BASE_REF="main", GIT_CEILING_DIRECTORIES=str(tmp_path))
    assert (asked.returncode, "--diff-base" in asked.stderr) == (2, True)
