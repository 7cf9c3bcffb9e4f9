"""The incidents' replicas: what is reported cold, warm, after edits, in any order, by any number of jobs.

`fixtures/<name>/` holds `project/`, `expected.txt` (the concise report, every rule on) and steps
`edits/NN-what/` that are laid over the project one after another; a file `.deleted` there lists paths to
remove, one on a line. `edits/NN-what.txt` is the report after the step, and a last line naming the files that
were read again.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import harness
import pytest

import infralint
from infralint.report import Report
from infralint.reports.concise import render_concise

DELETED = ".deleted"
SEEDS = 5

NAMES = [path.parent.name for path in sorted(harness.FIXTURES.glob("*/project"))]
each_fixture = pytest.mark.parametrize("name", NAMES)


def run(root: Path, *, cached: bool = False, jobs: int = 1) -> Report:
    """Every rule over a folder; `cached` uses and fills the folder's own cache."""
    report = infralint.lint_project(root, harness.ALL, cache=cached, jobs=jobs)
    assert report.failed == ()
    return report


def concise(report: Report) -> str:
    return render_concise(report.findings)


def copy_of(name: str, folder: Path) -> Path:
    return shutil.copytree(harness.FIXTURES / name / "project", folder / "project")


def edits_of(name: str) -> list[Path]:
    return sorted(path for path in (harness.FIXTURES / name / "edits").glob("*") if path.is_dir())


def lay_over(step: Path, project: Path) -> None:
    """The step's files over the project's, and away with those that it lists as deleted."""
    for source in sorted(path for path in step.rglob("*") if path.is_file()):
        relative = source.relative_to(step)
        if relative.name == DELETED:
            for line in source.read_text(encoding="utf-8").split():
                (project / line).unlink()
            continue
        target = project / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def text_files(project: Path) -> dict[str, bytes]:
    files = (path for path in sorted(project.rglob("*")) if path.is_file())
    return {path.relative_to(project).as_posix(): path.read_bytes() for path in files}


@each_fixture
def test_cold(name: str, tmp_path: Path) -> None:
    report = concise(run(copy_of(name, tmp_path)))
    harness.expect_file(harness.FIXTURES / name / "expected.txt", report)


@each_fixture
def test_warm_equals_cold_and_reads_nothing_again(name: str, tmp_path: Path) -> None:
    project = copy_of(name, tmp_path)
    cold = run(project, cached=True)
    warm = run(project, cached=True)
    assert cold.re_read
    assert warm.re_read == ()
    harness.assert_same(concise(cold), concise(warm))
    assert warm.findings == cold.findings


@each_fixture
def test_edits(name: str, tmp_path: Path) -> None:
    """Step by step with the cache; the same state without it says the same."""
    project = copy_of(name, tmp_path)
    run(project, cached=True)
    for step in edits_of(name):
        lay_over(step, project)
        report = run(project, cached=True)
        assert set(report.re_read) <= text_files(step).keys(), "a file that did not change was read again"
        again = " ".join(sorted(report.re_read))
        harness.expect_file(step.parent / f"{step.name}.txt", f"{concise(report)}re-extracted: {again}\n")
        assert run(project).findings == report.findings


@each_fixture
def test_one_job_equals_four(name: str, tmp_path: Path) -> None:
    project = copy_of(name, tmp_path)
    assert run(project, jobs=1).findings == run(project, jobs=4).findings


@each_fixture
def test_order_of_files_changes_nothing(name: str, tmp_path: Path) -> None:
    files = text_files(copy_of(name, tmp_path))
    expected = harness.lint(files, harness.ALL).findings
    for seed in range(SEEDS):
        paths = list(files)
        random.Random(seed).shuffle(paths)
        assert harness.lint({path: files[path] for path in paths}, harness.ALL).findings == expected


@each_fixture
@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_cut_file_stops_nothing(name: str, seed: int, tmp_path: Path) -> None:
    files = text_files(copy_of(name, tmp_path))
    chance = random.Random(f"{name} {seed}")
    path = chance.choice([path for path, data in files.items() if data])
    cut = {**files, path: files[path][: chance.randrange(len(files[path]))]}
    report = harness.lint(cut, harness.ALL)
    assert report.files == harness.lint(files, harness.ALL).files


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    project = tmp_path / "project"
    (project / "app").mkdir(parents=True)
    (project / "app" / "a.py").write_text("A = 1\n", encoding="utf-8")
    (project / "app" / "b.py").write_text("B = 1\n", encoding="utf-8")
    return project


def test_a_step_replaces_adds_and_deletes(small: Path, tmp_path: Path) -> None:
    step = tmp_path / "01-step"
    (step / "app" / "new").mkdir(parents=True)
    (step / "app" / "a.py").write_text("A = 2\n", encoding="utf-8")
    (step / "app" / "new" / "c.py").write_text("C = 1\n", encoding="utf-8")
    (step / DELETED).write_text("app/b.py\n", encoding="utf-8")
    lay_over(step, small)
    assert text_files(small) == {"app/a.py": b"A = 2\n", "app/new/c.py": b"C = 1\n"}


def test_only_what_changed_is_read_again(small: Path) -> None:
    assert run(small, cached=True).re_read == ("app/a.py", "app/b.py")
    (small / "app" / "b.py").write_text("B = 2\n", encoding="utf-8")
    assert run(small, cached=True).re_read == ("app/b.py",)
    (small / "app" / "a.py").unlink()
    assert run(small, cached=True).re_read == ()


def test_every_replica_is_complete() -> None:
    for name in NAMES:
        folder = harness.FIXTURES / name
        assert (folder / "expected.txt").is_file(), f"{name}: INFRALINT_UPDATE=1 writes expected.txt"
        assert edits_of(name), f"{name}: no edits"
