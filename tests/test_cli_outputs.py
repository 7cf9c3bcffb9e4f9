"""Where reports go: to stdout, to files, to the summary of a job; and when a run fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from infralint.cli import main
from infralint.cli.outputs import FORMATS


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One warning, and nothing else."""
    for variable in ("GITHUB_WORKSPACE", "GITHUB_STEP_SUMMARY", "CI_PROJECT_DIR", "BUILD_SOURCESDIRECTORY"):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "infralint.toml").write_text("")
    (tmp_path / "sub" / "Dockerfile").write_text("FROM redis:latest\n")
    monkeypatch.chdir(tmp_path / "sub")
    return tmp_path / "sub"


def check(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", "--no-cache", *arguments])


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_goes_to_stdout_and_to_files(project: Path, name: str) -> None:
    shown = check("--format", name)
    assert shown.exit_code == 1
    assert "image-latest-tag" in shown.stdout or "Dockerfile" in shown.stdout
    alone = check("--format", name, "--output-file", "out/report") if (project / "out").mkdir() is None else None
    assert alone is not None
    assert (alone.exit_code, alone.stdout) == (1, "")
    assert (project / "out" / "report").read_text(encoding="utf-8") == shown.stdout


def test_several_at_once(project: Path) -> None:
    result = check("--format", "concise", "--output-file", "sarif=a.sarif", "--output-file", "junit=b.xml")
    assert result.stdout.startswith("Dockerfile:1:6: warning image-latest-tag")
    assert json.loads((project / "a.sarif").read_text())["version"] == "2.1.0"
    assert (project / "b.xml").read_text().startswith("<?xml")


def test_a_name_that_is_no_format_belongs_to_the_file(project: Path) -> None:
    assert check("--format", "json", "--output-file", "a=b").stdout == ""
    assert json.loads((project / "a=b").read_text())["version"] == 1
    assert check("--output-file", "sarif=").exit_code == 2


def test_a_file_that_cannot_be_written(project: Path) -> None:
    result = check("--output-file", "json=missing/x.json")
    assert result.exit_code == 2
    assert "missing/x.json" in result.stderr


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("github", "GITHUB_WORKSPACE"),
        ("sarif", "GITHUB_WORKSPACE"),
        ("gitlab", "CI_PROJECT_DIR"),
        ("azure", "BUILD_SOURCESDIRECTORY"),
    ],
)
def test_hosts_read_paths_from_the_repository(
    project: Path, monkeypatch: pytest.MonkeyPatch, name: str, variable: str
) -> None:
    assert "sub/Dockerfile" not in check("--format", name).stdout
    monkeypatch.setenv(variable, str(project.parent))
    assert "sub/Dockerfile" in check("--format", name).stdout


def test_the_summary_of_a_job(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = project / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    check("--format", "concise")
    assert summary.read_text() == "before\n"
    check("--format", "github")
    assert summary.read_text().startswith("before\n## infralint\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(project / "no" / "such"))
    result = check("--format", "github")
    assert result.exit_code == 1
    assert "warning: the summary of the job cannot be written" in result.stderr


def test_fail_on(project: Path) -> None:
    assert check("--fail-on", "warning").exit_code == 1
    result = check("--fail-on", "error")
    assert result.exit_code == 0
    assert "image-latest-tag" in result.stdout
    (project / "a.py").write_text("print(time.time())\n")
    assert check("--fail-on", "error").exit_code == 1


@pytest.mark.parametrize("other", ["--fix", "--diff", "--stdin-filename=x.py"])
def test_staged_stands_alone(project: Path, other: str) -> None:
    result = check("--staged", other)
    assert result.exit_code == 2
    assert "--staged" in result.stderr
