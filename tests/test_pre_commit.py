"""The hook, run by pre-commit itself from a repository that holds this package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import harness
import pytest
import yaml

HOOKS = harness.ROOT / ".pre-commit-hooks.yaml"
BAD = "FROM python\n"
GOOD = "FROM python:3.12-slim\n"


def pre_commit(*arguments: str, folder: Path, home: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pre_commit", *arguments]
    environment = {**os.environ, "PRE_COMMIT_HOME": str(home), "PRE_COMMIT_COLOR": "never"}
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def git(*arguments: str, folder: Path) -> str:
    identity = ["-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]
    command = ["git", *identity, "-c", "init.defaultBranch=main", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def commit_all(folder: Path) -> str:
    """The folder as a repository of one commit more; the commit's name."""
    git("init", "--quiet", folder=folder)
    git("add", "--all", folder=folder)
    git("commit", "--quiet", "--no-verify", "--message", "state", folder=folder)
    return git("rev-parse", "HEAD", folder=folder)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This package as a repository of its own: what the build needs, as it is now."""
    folder = tmp_path_factory.mktemp("package")
    for name in ("src", "rules"):
        shutil.copytree(harness.ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", HOOKS.name):
        shutil.copyfile(harness.ROOT / name, folder / name)
    commit_all(folder)
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """pre-commit's own folder, in which it installs the hook once for all tests."""
    return tmp_path_factory.mktemp("home")


def test_the_manifest_is_valid(tmp_path: Path) -> None:
    result = pre_commit("validate-manifest", str(HOOKS), folder=tmp_path, home=tmp_path / "home")
    assert result.returncode == 0, result.stdout


def test_the_hooks_read_the_whole_project() -> None:
    hooks = yaml.safe_load(HOOKS.read_text(encoding="utf-8"))
    assert [hook["id"] for hook in hooks] == ["infralint", "infralint-fix"]
    assert all((hook["pass_filenames"], hook["require_serial"]) == (False, True) for hook in hooks)


def test_the_hook_stops_a_commit_and_lets_the_repaired_one_pass(package: Path, home: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    revision = git("rev-parse", "HEAD", folder=package)
    hooks = {"repos": [{"repo": str(package), "rev": revision, "hooks": [{"id": "infralint"}]}]}
    (project / ".pre-commit-config.yaml").write_text(yaml.safe_dump(hooks), encoding="utf-8")
    (project / "Dockerfile").write_text(BAD, encoding="utf-8")
    commit_all(project)
    stopped = pre_commit("run", "--all-files", folder=project, home=home)
    assert stopped.returncode == 1, stopped.stdout
    assert "image-latest-tag" in stopped.stdout
    assert "Dockerfile:1:6" in stopped.stdout
    (project / "Dockerfile").write_text(GOOD, encoding="utf-8")
    passed = pre_commit("run", "--all-files", folder=project, home=home)
    assert passed.returncode == 0, passed.stdout


def test_the_fixing_hook_repairs_and_lets_the_commit_be_looked_at(package: Path, home: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "app").mkdir(parents=True)
    revision = git("rev-parse", "HEAD", folder=package)
    hooks = {"repos": [{"repo": str(package), "rev": revision, "hooks": [{"id": "infralint-fix"}]}]}
    (project / ".pre-commit-config.yaml").write_text(yaml.safe_dump(hooks), encoding="utf-8")
    worker = project / "app" / "worker.py"
    worker.write_text("print(time.time())\n", encoding="utf-8")
    commit_all(project)
    repaired = pre_commit("run", "--all-files", folder=project, home=home)
    assert repaired.returncode == 1, repaired.stdout
    assert "files were modified by this hook" in repaired.stdout
    assert worker.read_text(encoding="utf-8") == "import time\n\nprint(time.time())\n"
    git("add", "--all", folder=project)
    assert pre_commit("run", "--all-files", folder=project, home=home).returncode == 0


def test_a_local_hook_judges_what_is_staged(home: Path, tmp_path: Path) -> None:
    """`repo: local` runs the infralint that is installed."""
    project = tmp_path / "project"
    project.mkdir()
    hook = {
        "id": "infralint",
        "name": "infralint",
        "entry": f"{sys.executable} -m infralint check --staged",
        "language": "system",
        "pass_filenames": False,
        "always_run": True,
    }
    (project / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [{"repo": "local", "hooks": [hook]}]}))
    (project / "Dockerfile").write_text(GOOD, encoding="utf-8")
    commit_all(project)
    (project / "Dockerfile").write_text(BAD, encoding="utf-8")
    # It is not staged, so the commit would not hold it.
    assert pre_commit("run", folder=project, home=home).returncode == 0
    git("add", "--all", folder=project)
    stopped = pre_commit("run", folder=project, home=home)
    assert stopped.returncode == 1, stopped.stdout
    assert "image-latest-tag" in stopped.stdout
