"""Runs that are remembered: the same report while nothing changed, and never a stale one."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from folder_edits import edit, quiet_edit

import infralint
from infralint import engine, manifest, remembered
from infralint.report import Report
from infralint.settings import Settings

ALL = Settings(select=("ALL",))
FILES = {
    ".gitignore": "ignored.py\nlogs/\n",
    "app/__init__.py": "",
    "app/main.py": "from app import models\nprint(models.User)\n",
    "app/models.py": "class User:\n    pass\n",
    "Dockerfile": "FROM python:latest\nCOPY app /app\n",
    "run": "#!/bin/sh\ngcloud run deploy x --image a/b:latest\n",
    "README.md": "text\n",
}


class Engine:
    """Counts the runs of the engine."""

    def __init__(self, real: Callable[..., engine.Run]) -> None:
        self.real = real
        self.runs = 0

    def __call__(self, *args: object, **options: object) -> engine.Run:
        self.runs += 1
        return self.real(*args, **options)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = Engine(engine.lint_folder)
    monkeypatch.setattr(engine, "lint_folder", made)
    return made


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    age(root)
    return root


def age(root: Path) -> None:
    """Make everything older than file systems can be wrong about."""
    past = time.time() - 60
    for path in [*root.rglob("*"), root]:
        os.utime(path, (past, past))


def same(report: Report, other: Report) -> bool:
    return replace(report, re_read=()) == replace(other, re_read=())


def test_nothing_changed(project: Path, counted: Engine) -> None:
    first = infralint.lint_project(project, ALL)
    again = infralint.lint_project(project, ALL)
    assert first.findings
    assert counted.runs == 1
    assert same(first, again)
    assert again.re_read == ()


MOVES = {
    "comment": ("app/models.py", "# why\n\nclass User:\n    pass\n"),
    "body": ("app/main.py", "from app import models\nprint(models.User)\nprint(1 + 1)\n"),
    "dockerfile": ("Dockerfile", "# why\n" + FILES["Dockerfile"]),
    "silenced": ("Dockerfile", "# infralint: ignore-file[image-latest-tag] why\n" + FILES["Dockerfile"]),
}


@pytest.mark.parametrize(("path", "text"), MOVES.values(), ids=list(MOVES))
def test_only_places_moved(project: Path, counted: Engine, path: str, text: str) -> None:
    infralint.lint_project(project, ALL)
    for content in (text, FILES[path], text):
        (project / path).write_text(content)
        report = infralint.lint_project(project, ALL)
        assert report.re_read == (path,)
        assert same(report, infralint.lint_project(project, ALL, cache=False))
        assert infralint.lint_project(project, ALL).re_read == ()
    assert counted.runs == 1 + 3


def became_a_link(root: Path) -> None:
    (root / "run").unlink()
    (root / "run").symlink_to("Dockerfile")


def exclude_file(root: Path) -> None:
    (root / ".git" / "info").mkdir(parents=True)
    (root / ".git" / "info" / "exclude").write_text("app/\n")


CHANGES: dict[str, Callable[[Path], object]] = {
    "content": edit("Dockerfile", "FROM python:3.12\n"),
    "same-size": edit("Dockerfile", FILES["Dockerfile"].replace("app", "apx")),
    "quiet": quiet_edit,
    "new-file": edit("app/more.py", "x = 1\n"),
    "new-unread-file": edit("app/data.bin", "x"),
    "new-folder": lambda root: (root / "more").mkdir(),
    "gone": lambda root: (root / "app" / "models.py").unlink(),
    "gone-folder": lambda root: shutil.rmtree(root / "app"),
    "renamed": lambda root: (root / "app" / "models.py").rename(root / "app" / "tables.py"),
    "shebang": edit("run", "#!/bin/sh\ngcloud run deploy x --image a/b:1\n"),
    "no-script-any-more": edit("run", "text\n"),
    "ignore-file": edit(".gitignore", "app/\n"),
    "became-a-link": became_a_link,
    "exclude-file": exclude_file,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_every_change_is_seen(project: Path, counted: Engine, change: Callable[[Path], object]) -> None:
    infralint.lint_project(project, ALL)
    change(project)
    report = infralint.lint_project(project, ALL)
    assert counted.runs == 2
    assert same(report, infralint.lint_project(project, ALL, cache=False))


def test_a_touched_file_is_looked_into_once(project: Path, counted: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    infralint.lint_project(project, ALL)
    past = time.time() - 30
    for path in [*project.rglob("*"), project]:
        if ".infralint_cache" not in path.parts:
            os.utime(path, (past, past))
    infralint.lint_project(project, ALL)

    def looked_into(path: str, limit: int) -> bytes:
        raise AssertionError(path)

    monkeypatch.setattr(manifest, "_content", looked_into)
    infralint.lint_project(project, ALL)
    assert counted.runs == 1


def test_what_was_written_just_now_is_not_trusted(project: Path, counted: Engine) -> None:
    (project / "Dockerfile").write_text("FROM python:latest\n")
    infralint.lint_project(project, ALL)
    status = (project / "Dockerfile").stat()
    with (project / "Dockerfile").open("r+") as file:
        file.write("FROM ubuntu:lates7\n")
    os.utime(project / "Dockerfile", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert infralint.lint_project(project, ALL).findings == infralint.lint_project(project, ALL, cache=False).findings


def test_what_tools_make_anew_wakes_nothing(project: Path, counted: Engine) -> None:
    infralint.lint_project(project, ALL)
    (project / "app" / "__pycache__").mkdir()
    (project / "app" / "__pycache__" / "main.pyc").write_text("x")
    infralint.lint_project(project, ALL)
    assert counted.runs == 1


def test_git_writes_its_index_anew(project: Path, counted: Engine) -> None:
    def git(*words: str) -> None:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words]
        subprocess.run(command, cwd=project, check=True, capture_output=True)

    (project / "ignored.py").write_text("import nothing\n")
    git("init")
    git("add", ".")
    git("commit", "-m", "first")
    infralint.lint_project(project, ALL)
    for path in ("Dockerfile", "app/main.py"):
        os.utime(project / path)
    git("status")
    git("update-index", "--refresh")
    infralint.lint_project(project, ALL)
    assert counted.runs == 1
    git("add", "--force", "ignored.py")
    report = infralint.lint_project(project, ALL)
    assert counted.runs == 2
    assert same(report, infralint.lint_project(project, ALL, cache=False))


def test_other_settings_are_another_run(project: Path, counted: Engine) -> None:
    one = infralint.lint_project(project, ALL)
    other = infralint.lint_project(project, Settings(select=("gcloud",)))
    assert one.findings != other.findings
    assert infralint.lint_project(project, ALL).findings == one.findings
    assert counted.runs == 2


def test_other_code_is_another_run(project: Path, counted: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    infralint.lint_project(project, ALL)
    monkeypatch.setattr(remembered, "code_stamp", lambda: b"another version")
    infralint.lint_project(project, ALL)
    assert counted.runs == 2


def test_buffers_are_neither_remembered_nor_answered_from_memory(project: Path, counted: Engine) -> None:
    infralint.lint_project(project, ALL)
    edited = infralint.lint_project(project, ALL, overlay={"Dockerfile": "FROM python:3.12\n"})
    assert (
        edited.findings
        == infralint.lint_project(project, ALL, overlay={"Dockerfile": "FROM python:3.12\n"}, cache=False).findings
    )
    counted.runs = 0
    infralint.lint_project(project, ALL)
    assert counted.runs == 0


@pytest.mark.parametrize("damage", [b"", b"x", b"infralint run 1\n" + b"\0" * 60])
def test_a_damaged_record_is_of_no_use(project: Path, counted: Engine, damage: bytes) -> None:
    first = infralint.lint_project(project, ALL)
    (record,) = (project / ".infralint_cache" / "runs").iterdir()
    record.write_bytes(damage)
    assert infralint.lint_project(project, ALL).findings == first.findings
    infralint.lint_project(project, ALL)
    assert counted.runs == 2


def test_a_file_that_changes_while_it_is_read_is_not_remembered(
    project: Path, counted: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = engine.link

    def linked(*args: object) -> object:
        found = link(*args)  # type: ignore[arg-type]
        (project / "app" / "main.py").write_text("import app.nothing\n")
        return found

    monkeypatch.setattr(engine, "link", linked)
    infralint.lint_project(project, ALL)
    monkeypatch.setattr(engine, "link", link)
    report = infralint.lint_project(project, ALL)
    assert same(report, infralint.lint_project(project, ALL, cache=False))


def test_a_broken_rule_is_not_remembered(project: Path, counted: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    real = counted.real

    def broken(*args: object, **options: object) -> engine.Run:
        run = real(*args, **options)
        return replace(run, report=replace(run.report, failed=("image-latest-tag",)))

    counted.real = broken
    infralint.lint_project(project, ALL)
    infralint.lint_project(project, ALL)
    assert counted.runs == 2


def test_only_a_few_are_kept(project: Path) -> None:
    for number in range(12):
        infralint.lint_project(project, Settings(select=("ALL",), exclude=(f"nothing{number}",)))
    assert len(list((project / ".infralint_cache" / "runs").iterdir())) == 8
