"""`infralint cache`: where it is, what it holds, and that it goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import infralint
from infralint.cli.app import main


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "infralint.toml").write_text("")
    (tmp_path / "Dockerfile").write_text("FROM python:latest\n")
    (tmp_path / "a.py").write_text("import b\n")
    (tmp_path / "sub").mkdir()
    return tmp_path


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["cache", *words], standalone_mode=False)
    return result.return_value, result.output


def test_info_of_no_cache(project: Path) -> None:
    assert run("info", str(project)) == (0, f"{project / '.infralint_cache'}: empty\n")


def test_info_counts_facts_and_runs(project: Path) -> None:
    infralint.lint_project(project)
    (project / "a.py").write_text("import c\n")
    infralint.lint_project(project)
    code, output = run("info", str(project / "sub"))
    lines = output.splitlines()
    assert (code, lines[0]) == (0, str(project / ".infralint_cache"))
    # Those of infralint.toml, of the Dockerfile, and two of a.py.
    assert lines[1].startswith("facts of files   4 in 2 segments, ")
    assert lines[2].startswith("runs remembered  1, ")
    assert lines[3].startswith("answers kept     0, ")


def test_clean(project: Path) -> None:
    infralint.lint_project(project)
    code, output = run("clean", str(project / "a.py"))
    assert (code, output) == (0, f"removed {project / '.infralint_cache'} (0.0 MB)\n")
    assert not (project / ".infralint_cache").exists()
    assert run("clean", str(project)) == (0, f"{project / '.infralint_cache'}: nothing to remove\n")


def test_clean_follows_no_link(project: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "sub"
    (elsewhere / "kept").write_text("")
    (project / ".infralint_cache").symlink_to(elsewhere, target_is_directory=True)
    assert run("clean", str(project))[0] == 0
    assert (elsewhere / "kept").exists()
