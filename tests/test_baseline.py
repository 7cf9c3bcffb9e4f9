"""Baselines: what they hold, what they leave out, and what of them is gone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from infralint.baseline import BaselineError, compared, read_baseline, render_baseline
from infralint.cli import main
from infralint.findings import Finding, Severity
from infralint.fingerprints import fingerprints, identity

FINDING = Finding("image-latest-tag", Severity.WARNING, "Dockerfile", 1, 6, 1, 19, "the tag moves")
LATEST = "FROM redis:latest\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "infralint.toml").write_text("")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "Dockerfile").write_text(LATEST)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--no-cache"])


def check(*arguments: str) -> Result:
    return run("check", "--format", "concise", "--baseline", "infralint-baseline.json", *arguments)


def test_what_is_written_down_is_not_reported(project: Path) -> None:
    written = run("baseline")
    assert (written.exit_code, written.stderr) == (0, "1 finding written down.\n")
    assert (check().exit_code, check().output) == (0, "")
    # Lines may move, and a second mistake of the same kind is one.
    (project / "a" / "Dockerfile").write_text(f"# a comment\n\n{LATEST}")
    assert check().exit_code == 0
    (project / "a" / "Dockerfile").write_text(LATEST + "RUN true\n" + LATEST)
    result = check()
    assert result.exit_code == 1
    assert result.stdout.startswith("a/Dockerfile:3:6: ")
    assert len([line for line in result.stdout.splitlines() if line[0] != " "]) == 1


def test_what_is_gone_is_said(project: Path) -> None:
    run("baseline")
    (project / "a" / "Dockerfile").write_text("FROM scratch\n")
    result = check()
    assert (result.exit_code, result.stdout) == (0, "")
    first, second = result.stderr.splitlines()
    assert first.startswith("warning: 1 entry of infralint-baseline.json does not occur any more")
    assert second.startswith("  a/Dockerfile: image-latest-tag: ")
    # Nobody looked for it here.
    assert check("--ignore", "image").stderr == ""
    assert check("infralint.toml").stderr == ""


def test_the_file_reads_well(project: Path) -> None:
    (project / "b").mkdir()
    (project / "b" / "Dockerfile").write_text(LATEST + "RUN true\n" + LATEST)
    shown = CliRunner().invoke(main, ["baseline", "--output", "-", "--no-cache"]).stdout
    document = json.loads(shown)
    assert [(entry["path"], entry.get("count", 1)) for entry in document["findings"]] == [
        ("a/Dockerfile", 1),
        ("b/Dockerfile", 2),
    ]
    # One entry a line, so that a review shows what comes and goes.
    assert len(shown.splitlines()) == 7
    assert not (project / "infralint-baseline.json").exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file or directory"),
        ("{", "no JSON"),
        ("[]", "no baseline of version 1"),
        ('{"version": 2, "findings": []}', "no baseline of version 1"),
        ('{"version": 1}', "`findings` is no list"),
        ('{"version": 1, "findings": [{"path": "a"}]}', "entry 1 of `findings` needs"),
        ('{"version": 1, "findings": [{"path": "a", "rule": "b", "message": "c", "count": 0}]}', "entry 1"),
    ],
)
def test_bad_files(project: Path, content: str | None, reason: str) -> None:
    if content is not None:
        Path("infralint-baseline.json").write_text(content)
    with pytest.raises(BaselineError, match=r"^infralint-baseline\.json: "):
        read_baseline(Path("infralint-baseline.json"))
    result = check()
    assert (result.exit_code, result.stdout) == (2, "")
    assert reason in result.stderr


def test_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(render_baseline([]))
    assert read_baseline(tmp_path / "b.json") == ()


FINDINGS = st.lists(
    st.builds(
        lambda rule, path, message, line: replace(FINDING, rule=rule, path=path, message=message, line=line),
        st.sampled_from(["a-b", "c-d"]),
        st.sampled_from(["x.py", "é/ü.py"]),
        st.text(max_size=3),
        st.integers(1, 5),
    ),
    max_size=12,
)


@given(FINDINGS, FINDINGS)
def test_old_and_new_add_up(before: list[Finding], after: list[Finding]) -> None:
    """What is reported and what is known are all findings; what is gone and what is known are all entries."""
    found = compared(after, map(identity, before), could_occur=lambda entry: True)
    known = len(after) - len(found.findings)
    assert len(before) == known + len(found.gone)
    assert {*map(identity, found.findings)} & {*found.gone} == set()
    again = compared(after, map(identity, after), could_occur=lambda entry: True)
    assert (again.findings, again.gone) == ((), ())


@given(FINDINGS)
def test_fingerprints_are_unique_and_know_no_lines(findings: list[Finding]) -> None:
    marks = [mark for _, mark in fingerprints(findings)]
    assert len(set(marks)) == len(findings)
    assert marks == [mark for _, mark in fingerprints(replace(each, line=9) for each in findings)]
