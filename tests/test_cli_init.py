"""`infralint init`: what it writes is right, and nothing that is there is touched."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from infralint.cli import init as module
from infralint.cli import main
from infralint.settings import Settings
from infralint.settings_load import load_settings

HOOKS = ".pre-commit-config.yaml"
WORKFLOW = ".github/workflows/infralint.yml"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", "--initial-branch=trunk", str(tmp_path)], check=True)
    return tmp_path


def init(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["init", str(folder), *options])


def files(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file() and ".git/" not in path.as_posix())
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in found}


def test_a_new_project(project: Path) -> None:
    result = init(project)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "infralint.toml: written",
        f"{HOOKS}: written",
        f"{WORKFLOW}: written",
    ]
    assert load_settings(project) == Settings()
    workflow = yaml.safe_load((project / WORKFLOW).read_text(encoding="utf-8"))
    # YAML 1.1 reads the key `on` as true.
    assert workflow[True]["push"]["branches"] == ["trunk"]
    steps = workflow["jobs"]["infralint"]["steps"]
    assert steps[0]["with"]["fetch-depth"] == 0
    assert steps[3]["run"] == (
        "infralint check --format github ${{ github.base_ref && format('--diff-base=origin/{0}', github.base_ref) }}"
    )
    checked = CliRunner().invoke(main, ["check", str(project), "--no-cache"])
    assert checked.exit_code == 0, checked.output


def test_pre_commit_takes_the_hooks(project: Path) -> None:
    init(project)
    command = [sys.executable, "-m", "pre_commit", "validate-config", str(project / HOOKS)]
    assert subprocess.run(command, check=False, cwd=project).returncode == 0


def test_a_second_time_nothing_happens(project: Path) -> None:
    init(project)
    before = files(project)
    result = init(project)
    assert files(project) == before
    assert result.stdout.splitlines() == [
        "infralint.toml: has settings already",
        f"{HOOKS}: has the hook already",
        f"{WORKFLOW}: runs infralint already",
    ]


def test_what_is_there_is_left_alone(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.infralint]\nignore = ["image"]\n')
    (project / HOOKS).write_text("repos: []\n")
    (project / ".github" / "workflows").mkdir(parents=True)
    (project / ".github" / "workflows" / "lint.yaml").write_text("on: push\n")
    before = files(project)
    result = init(project)
    assert "pyproject.toml: has settings already" in result.stdout
    assert f"{HOOKS}: is there already; add below `repos:`\n      - repo: local\n" in result.stdout
    assert files(project) == before | {WORKFLOW: (project / WORKFLOW).read_text()}


def test_a_dry_run_writes_nothing(project: Path) -> None:
    result = init(project, "--dry-run")
    assert "infralint.toml: would be written" in result.stdout
    assert files(project) == {}


def test_a_folder_that_is_no_checkout(tmp_path: Path) -> None:
    init(tmp_path)
    assert list(files(tmp_path)) == ["infralint.toml"]


def test_a_file_that_cannot_be_written(project: Path) -> None:
    (project / ".github").write_text("no folder")
    result = init(project)
    assert result.exit_code == 2
    assert WORKFLOW in result.stderr.replace("\\", "/")


def test_the_remotes_own_branch_counts(project: Path) -> None:
    head = project / ".git" / "refs" / "remotes" / "origin" / "HEAD"
    head.parent.mkdir(parents=True)
    head.write_text("ref: refs/remotes/origin/release/2\n")
    init(project)
    assert "branches: [release/2]" in (project / WORKFLOW).read_text()


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (None, "infralint==1.2.3"),
        ({"url": "file:///somewhere", "dir_info": {}}, "infralint==1.2.3"),
        (
            {"url": "https://example.com/i.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
            "infralint @ git+https://example.com/i.git@abc",
        ),
    ],
)
def test_the_same_infralint_is_installed(
    monkeypatch: pytest.MonkeyPatch, origin: dict[str, object] | None, expected: str
) -> None:
    class Installed:
        version = "1.2.3"

        def read_text(self, name: str) -> str | None:
            assert name == "direct_url.json"
            return None if origin is None else json.dumps(origin)

    monkeypatch.setattr(metadata, "distribution", lambda name: Installed())
    assert module.requirement() == expected
