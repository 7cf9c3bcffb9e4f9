"""The engine: one report whatever the jobs; selection, severity, per-file-ignores; small and quick."""

from __future__ import annotations

import gc
import os
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec
import pytest

import infralint
from infralint import collector, engine, reading, runs
from infralint.engine import selected_rules
from infralint.findings import Diagnostic, Finding, Place, Severity
from infralint.rules import Check, Rule, all_rules, rules_by_id
from infralint.selection import is_selected
from infralint.settings import Settings
from infralint.source import Span

FILES = Settings(select=("file",))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A hundred files, every tenth of them broken; more than one chunk of work."""
    for number in range(100):
        text = "print 1\n" if number % 10 == 0 else f"A = {number}\n"
        (tmp_path / f"m{number:02}.py").write_text(text + "# " + "x" * 9000 + "\n", encoding="utf-8")
    return tmp_path


def places(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.path, finding.rule) for finding in findings]


EXPECTED = [(f"m{number:02}.py", "file-unparsable") for number in range(0, 100, 10)]


@pytest.mark.parametrize("jobs", [None, 1, 2, 4])
def test_jobs_change_nothing(project: Path, jobs: int | None) -> None:
    report = infralint.lint_project(project, FILES, jobs=jobs, cache=False)
    assert places(report.findings) == EXPECTED
    assert report.findings == infralint.lint_project(project, FILES, jobs=1, cache=False).findings
    assert report.files == 100
    assert len(report.re_read) == 100


def test_jobs_fill_the_same_cache(project: Path) -> None:
    infralint.lint_project(project, FILES, jobs=3)
    warm = infralint.lint_project(project, FILES, jobs=1)
    assert (places(warm.findings), warm.re_read) == (EXPECTED, ())


def test_an_executor_of_the_caller(project: Path) -> None:
    with ThreadPoolExecutor(2) as executor:
        report = infralint.lint_project(project, FILES, executor=executor, cache=False)
        assert places(report.findings) == EXPECTED
        assert executor.submit(int).result() == 0
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        again = infralint.lint_project(project, FILES, executor=executor, cache=False)
        assert again.findings == report.findings


def _die(*_: object) -> list[bytes]:
    os._exit(1)


def test_a_killed_worker(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "read_chunk", _die)
    report = infralint.lint_project(project, FILES, jobs=2, cache=False)
    assert places(report.findings) == EXPECTED


class Refusing(Executor):
    """An executor that takes one chunk, loses it, and takes no more."""

    def __init__(self) -> None:
        self.taken = 0

    def submit(self, *_: Any, **__: Any) -> Future[Any]:
        self.taken += 1
        if self.taken > 1:
            raise RuntimeError("cannot schedule new futures after shutdown")
        future: Future[Any] = Future()
        future.set_exception(ConnectionError("worker lost"))
        return future


def test_an_executor_that_fails(project: Path) -> None:
    executor = Refusing()
    assert places(infralint.lint_project(project, FILES, executor=executor, cache=False).findings) == EXPECTED
    assert executor.taken == 2


def test_progress(project: Path) -> None:
    seen: list[tuple[int, int]] = []
    infralint.lint_project(project, FILES, jobs=2, cache=False, progress=lambda *at: seen.append(at))
    assert seen == [(number, 100) for number in range(1, 101)]


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_as_before(enabled: bool) -> None:
    (gc.enable if enabled else gc.disable)()
    try:
        infralint.lint({"a.py": "A = 1\n"})
        assert gc.isenabled() is enabled
    finally:
        gc.enable()


def test_a_path_out_of_the_project() -> None:
    with pytest.raises(ValueError, match=r"'\.\./a\.py'"):
        infralint.lint({"../a.py": ""})


def test_text_and_bytes_are_one() -> None:
    text = "é = 1\nprint 1\n"
    assert infralint.lint({"a.py": text}, FILES) == infralint.lint({"a.py": text.encode()}, FILES)


def test_a_buffer_is_linted_and_an_excluded_one_is_not(project: Path) -> None:
    overlay = {"m00.py": b"A = 1\n", "new.py": b"print 2\n", "out/new.py": b"print 3\n"}
    settings = replace(FILES, exclude=("out",))
    report = infralint.lint_project(project, settings, overlay=overlay, cache=False)
    assert places(report.findings) == [*EXPECTED[1:], ("new.py", "file-unparsable")]


def rules(**settings: Any) -> set[str]:
    return {rule.id for rule in selected_rules(Settings(**settings))}


def test_selection() -> None:
    every = {rule.id for rule in all_rules()}
    default = {rule.id for rule in all_rules() if rule.default}
    of_files = {rule.id for rule in all_rules() if rule.family == "file"}
    assert rules() == default
    assert rules(select=("ALL",)) == every
    assert rules(select=()) == set()
    assert rules(select=("file",)) == of_files
    assert rules(ignore=("file",)) == default - of_files
    assert rules(select=("suppression-bare",), extend_select=("file",)) == {*of_files, "suppression-bare"}


def test_the_most_exact_selector_decides() -> None:
    one = "file-unparsable"
    assert rules(select=("ALL",), ignore=("ALL",)) == set()
    assert rules(select=("file",), ignore=("file",)) == set()
    assert rules(select=(one,), ignore=("file",)) == {one}
    assert rules(select=("file",), ignore=(one,)) == rules(select=("file",)) - {one}
    assert rules(extend_select=(one,), ignore=("ALL",)) == {one}
    assert rules(ignore=(one,)) == rules() - {one}


def test_a_rule_that_is_off_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = rules_by_id()["file-unparsable"]
    monkeypatch.setattr(Rule, "default", property(lambda self: False))
    assert not is_selected(rule, Settings())
    assert is_selected(rule, Settings(extend_select=("file",)))
    assert is_selected(rule, Settings(select=("ALL",)))


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        ((), Severity.WARNING),
        ((("ALL", Severity.ERROR),), Severity.ERROR),
        ((("ALL", Severity.WARNING), ("file", Severity.ERROR)), Severity.ERROR),
        ((("file", Severity.WARNING), ("file-unparsable", Severity.ERROR)), Severity.ERROR),
    ],
)
def test_severity(severity: tuple[tuple[str, Severity], ...], expected: Severity) -> None:
    (finding,) = infralint.lint({"a.py": "print 1\n"}, replace(FILES, severity=severity)).findings
    assert finding.severity is expected


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        (((("*.py"), ("file",)),), []),
        ((("app/", ("file-unparsable",)),), ["b.py"]),
        ((("/*.py", ("ALL",)),), ["app/a.py"]),
        ((("app/**", ("orm",)),), ["app/a.py", "b.py"]),
    ],
)
def test_per_file_ignores(patterns: tuple[tuple[str, tuple[str, ...]], ...], left: list[str]) -> None:
    files = {"app/a.py": "print 1\n", "b.py": "print 1\n"}
    report = infralint.lint(files, replace(FILES, per_file_ignores=patterns))
    assert [finding.path for finding in report.findings] == left
    assert report.suppressed == ()


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Lets a test say what the rule file-unparsable yields."""

    def judge(*diagnostics: Diagnostic) -> infralint.Report:
        monkeypatch.setattr(Rule, "load", lambda self: lambda project: iter(diagnostics))
        return infralint.lint({"a.py": "a\nb\n", "b.py": ""}, Settings(select=("file-unparsable",)))

    return judge


def test_findings_are_sorted_and_said_once(judged: Any) -> None:
    one, two = Diagnostic("a.py", Span(2, 3), "m"), Diagnostic("a.py", Span(0, 1), "n")
    other = Diagnostic("b.py", Span(0, 0), "m")
    related = msgspec.structs.replace(one, related=(Place("b.py", Span(0, 0), "here"),))
    report = judged(other, one, two, one, related)
    assert [(f.path, f.line, f.message) for f in report.findings] == [
        ("a.py", 1, "n"),
        ("a.py", 2, "m"),
        ("b.py", 1, "m"),
    ]
    assert judged(related, one).findings == judged(one, related).findings


def test_a_place_past_the_end_is_the_end(judged: Any) -> None:
    (finding,) = judged(Diagnostic("a.py", Span(1, 999), "m")).findings
    assert (finding.line, finding.column, finding.end_line, finding.end_column) == (1, 2, 3, 1)


def test_a_rule_that_breaks_down_costs_no_other_finding(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    load = Rule.load

    def broken(project: object) -> list[Diagnostic]:
        raise ZeroDivisionError

    monkeypatch.setattr(Rule, "load", lambda self: broken if self.name == "too-large" else load(self))
    report = infralint.lint({"a.py": "print 1\n"}, FILES)
    assert places(report.findings) == [("a.py", "file-unparsable")]
    assert report.failed == ("file-too-large",)
    assert "file-too-large broke down" in caplog.text


def test_the_collector_is_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, ...]] = []
    load = Rule.load

    def watched(rule: Rule) -> Check | None:
        seen.append(gc.get_threshold())
        return load(rule)

    monkeypatch.setattr(collector, "_MANY", 1)
    monkeypatch.setattr(Rule, "load", watched)
    before = gc.get_threshold(), gc.get_freeze_count()
    infralint.lint({"a.py": "import b\n"})
    assert {threshold > before[0] for threshold in seen} == {True}
    infralint.schema({"a.py": "import b\n"})
    assert (gc.get_threshold(), gc.get_freeze_count()) == before


def test_the_public_names() -> None:
    assert engine.lint is infralint.lint
    assert runs.lint_project is infralint.lint_project
    assert {"lint", "lint_project", "Report", "Finding", "Settings"} <= set(infralint.__all__)
