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


def test_the_manifest_is_valid(tmp_path: Path) -> None:
    result = pre_commit("validate-manifest", str(HOOKS), folder=tmp_path, home=tmp_path / "home")
    assert result.returncode == 0, result.stdout


def test_the_hook_reads_the_whole_project() -> None:
    (hook,) = yaml.safe_load(HOOKS.read_text(encoding="utf-8"))
    assert (hook["id"], hook["pass_filenames"], hook["require_serial"]) == ("infralint", False, True)


def test_the_hook_stops_a_commit_and_lets_the_repaired_one_pass(package: Path, tmp_path: Path) -> None:
    project, home = tmp_path / "project", tmp_path / "home"
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
