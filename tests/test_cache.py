"""The cache: it never changes an answer, never stops a run, and spares a warm run the parsers."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

import infralint
from infralint import cache as cache_module
from infralint import stores
from infralint.cache import Cache, decode_facts, encode_facts, key_of
from infralint.kinds import Kind
from infralint.readers.dispatch import read_file
from infralint.report import Report
from infralint.settings import Settings

ALL = Settings(select=("ALL",))
FILES = {
    "app/models.py": (
        "from sqlalchemy import Column, Integer\n"
        "from sqlalchemy.orm import declarative_base, relationship\n\n"
        "Base = declarative_base()\n\n\n"
        "class Order(Base):\n"
        '    __tablename__ = "orders"\n'
        "    id = Column(Integer, primary_key=True)\n"
        '    user = relationship("Usr")\n'
        '    note = relationship("Note")  # infralint: ignore[orm-unresolved-relationship] later\n'
    ),
    "app/main.py": "print 1\n",
    "deploy.sh": "gcloud run jobs deploy x --image a/b:latest\n",
    "half.py": 'from sqlalchemy import ForeignKey\nX = ForeignKey("a\\ud800.b")\n',
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        target = tmp_path / "project" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return tmp_path / "project"


def segments(project: Path) -> list[Path]:
    return sorted((project / ".infralint_cache" / "facts").iterdir())


def lint_anew(project: Path, **options: Any) -> Report:
    """Lint with the store of facts, and without what the last run found."""
    shutil.rmtree(project / ".infralint_cache" / "runs", ignore_errors=True)
    return infralint.lint_project(project, ALL, **options)


def test_warm_equals_cold(project: Path) -> None:
    cold = infralint.lint_project(project, ALL)
    warm = lint_anew(project)
    without = infralint.lint_project(project, ALL, cache=False)
    assert cold.findings
    assert cold.suppressed
    assert set(cold.re_read) == set(FILES)
    assert warm.re_read == ()
    assert (warm.findings, warm.suppressed) == (cold.findings, cold.suppressed)
    assert (without.findings, without.suppressed) == (cold.findings, cold.suppressed)


@pytest.mark.parametrize("text", FILES.values(), ids=list(FILES))
def test_facts_survive_the_store(text: str) -> None:
    kind = Kind.SHELL if text.startswith("gcloud") else Kind.PYTHON
    facts = read_file(text.encode(), kind, "postgres")
    assert decode_facts(encode_facts(facts)) == facts


def test_the_folder_is_left_alone_by_git_and_by_backups(project: Path) -> None:
    infralint.lint_project(project, ALL)
    folder = project / ".infralint_cache"
    assert (folder / ".gitignore").read_text() == "*\n"
    assert (folder / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55\n")
    assert sorted(path.name for path in folder.iterdir()) == [".gitignore", "CACHEDIR.TAG", "facts", "runs"]
    assert [path.suffix for path in segments(project)] == [".facts"]


def test_without_a_cache_nothing_is_written(project: Path) -> None:
    infralint.lint_project(project, ALL, cache=False)
    assert not (project / ".infralint_cache").exists()


def test_the_key_holds_all_that_facts_depend_on(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {
        key_of(data, kind, dialect, program)
        for data in (b"a", b"b")
        for kind in (Kind.PYTHON, Kind.SQL)
        for dialect in ("postgres", "sqlite")
        for program in (True, False)
    }
    assert len(keys) == 16
    monkeypatch.setattr(cache_module, "fingerprint", lambda: b"another version")
    assert key_of(b"a", Kind.PYTHON, "postgres", True) not in keys


def changed_at(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def without_index(data: bytes) -> list[bytes]:
    """What is left of a segment whose head or index is damaged."""
    return [b"", b"\0" * 80, data[:20], data[:40], data[:-1], changed_at(data, 30), changed_at(data, len(data) - 1)]


@pytest.mark.parametrize("number", range(7))
def test_a_damaged_segment_is_said_once_and_made_anew(
    project: Path, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    cold = infralint.lint_project(project, ALL)
    (segment,) = segments(project)
    segment.write_bytes(without_index(segment.read_bytes())[number])
    again = lint_anew(project)
    assert again.findings == cold.findings
    assert set(again.re_read) == set(FILES)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "cannot be used" in caplog.text
    assert lint_anew(project).re_read == ()


def test_a_segment_of_another_version_is_made_anew_and_not_spoken_of(
    project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cold = infralint.lint_project(project, ALL)
    (segment,) = segments(project)
    data = segment.read_bytes()
    segment.write_bytes(b"infralint segment 1\n" + data[data.index(b"\n") + 1 :])
    again = lint_anew(project)
    assert again.findings == cold.findings
    assert set(again.re_read) == set(FILES)
    assert caplog.records == []
    assert len(segments(project)) == 1
    assert segment not in segments(project)


def test_a_damaged_blob_is_read_again(project: Path, caplog: pytest.LogCaptureFixture) -> None:
    cold = infralint.lint_project(project, ALL)
    (segment,) = segments(project)
    data = segment.read_bytes()
    # Blobs stand after a head of 64 bytes.
    segment.write_bytes(changed_at(data, 70))
    again = lint_anew(project)
    assert again.findings == cold.findings
    assert len(again.re_read) == 1
    assert caplog.records == []
    assert lint_anew(project).re_read == ()


def opened(root: Path) -> contextlib.closing[Cache]:
    return contextlib.closing(Cache(root))


def test_one_entry_that_is_no_facts_is_read_again(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put(b"key", b"\xc1 no facts")
    cache.save()
    with opened(tmp_path) as again:
        assert again.get(b"key") is None


def test_a_store_that_cannot_be_read_or_written(project: Path, caplog: pytest.LogCaptureFixture) -> None:
    expected = infralint.lint_project(project, ALL, cache=False)
    (project / ".infralint_cache").mkdir()
    (project / ".infralint_cache" / "facts").write_text("a file where the folder should be")
    assert lint_anew(project).findings == expected.findings
    assert "cannot be read" in caplog.text


def test_a_full_disk(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    expected = infralint.lint_project(project, ALL, cache=False)
    monkeypatch.setattr(stores.os, "open", full)
    assert infralint.lint_project(project, ALL).findings == expected.findings
    assert lint_anew(project).findings == expected.findings
    assert segments(project) == []


def test_a_file_that_is_cut_off_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(path: Path, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(stores.Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        stores.write_whole(tmp_path / "a", b"1", b"2")
    assert list(tmp_path.iterdir()) == []


def test_entries_expire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def at(days: int) -> Cache:
        now = 1_700_000_000 + days * 86400
        monkeypatch.setattr(cache_module.time, "time", lambda: now)
        return Cache(tmp_path)

    facts = encode_facts(read_file(b"A = 1\n", Kind.PYTHON, "postgres"))
    first = at(0)
    first.put(b"old", facts)
    first.put(b"used", facts)
    first.save()
    later = at(20)
    assert later.get(b"used") is not None
    later.save()
    with contextlib.closing(at(20)) as last:
        assert last.get(b"old") is None
        assert last.get(b"used") is not None


def test_many_segments_become_one(tmp_path: Path) -> None:
    facts = encode_facts(read_file(b"A = 1\n", Kind.PYTHON, "postgres"))
    keys = [b"%d" % number for number in range(20)]
    most = 0
    for key in keys:
        cache = Cache(tmp_path)
        cache.put(key, facts)
        cache.save()
        most = max(most, len(segments(tmp_path)))
    assert most == 8
    with opened(tmp_path) as last:
        assert all(last.get(key) is not None for key in keys)


def test_a_store_that_another_run_replaces_meanwhile(tmp_path: Path) -> None:
    facts = encode_facts(read_file(b"A = 1\n", Kind.PYTHON, "postgres"))
    first = Cache(tmp_path)
    first.put(b"key", facts)
    first.save()
    reader = Cache(tmp_path)
    for segment in segments(tmp_path):
        segment.unlink()
    assert reader.get(b"key") is not None
    reader.put(b"another", facts)
    reader.save()
    with opened(tmp_path) as last:
        assert last.get(b"another") is not None


def test_what_killed_runs_leave_is_swept(tmp_path: Path) -> None:
    facts = encode_facts(read_file(b"A = 1\n", Kind.PYTHON, "postgres"))
    folder = tmp_path / ".infralint_cache" / "facts"
    for number in range(9):
        cache = Cache(tmp_path)
        cache.put(b"%d" % number, facts)
        cache.save()
        (folder / "old.facts.tmp").write_bytes(b"half")
        os.utime(folder / "old.facts.tmp", (0, 0))
        (folder / "young.facts.tmp").write_bytes(b"half")
    assert [path.name for path in segments(tmp_path) if path.suffix == ".tmp"] == ["old.facts.tmp", "young.facts.tmp"]


def test_a_run_that_learns_nothing_writes_nothing(project: Path) -> None:
    infralint.lint_project(project, ALL)
    before = segments(project)
    lint_anew(project)
    assert segments(project) == before


def _lint(root: str) -> int:
    return len(infralint.lint_project(root, ALL, jobs=1).findings)


def test_two_writers(project: Path) -> None:
    expected = len(infralint.lint_project(project, ALL, cache=False).findings)
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        assert list(pool.map(_lint, [str(project)] * 8)) == [expected] * 8
    assert lint_anew(project).re_read == ()
    assert list((project / ".infralint_cache").rglob("*.tmp")) == []


WARM = """
import sys
import infralint
report = infralint.lint_project(sys.argv[1], infralint.Settings(select=("ALL",)))
assert report.findings and report.re_read == () and report.failed == (), report
assert ("infralint.engine" in sys.modules) == (sys.argv[2] == "linked")
heavy = {"libcst", "sqlglot", "tree_sitter", "yaml", "symtable", "concurrent.futures.process"}
print(sorted(heavy & set(sys.modules)))
"""


@pytest.mark.parametrize("depth", ["linked", "remembered"])
def test_a_warm_run_imports_no_parser(project: Path, depth: str) -> None:
    infralint.lint_project(project, ALL)
    if depth == "linked":
        shutil.rmtree(project / ".infralint_cache" / "runs")
    command = [sys.executable, "-c", WARM, str(project), depth]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_a_large_segment_is_left_as_it_is(tmp_path: Path) -> None:
    """Runs that learn little write little: what they merge is what such runs have written."""
    facts = encode_facts(read_file(b"A = 1\n", Kind.PYTHON, "postgres"))
    large = Cache(tmp_path)
    for number in range(100):
        large.put(b"large %d" % number, facts)
    large.save()
    (first,) = segments(tmp_path)
    for number in range(30):
        small = Cache(tmp_path)
        small.put(b"small %d" % number, facts)
        small.save()
        assert len(segments(tmp_path)) <= 8
    assert first in segments(tmp_path)
    with opened(tmp_path) as last:
        assert all(last.get(b"large %d" % number) is not None for number in range(100))
        assert all(last.get(b"small %d" % number) is not None for number in range(30))


def test_what_is_new_is_there_for_others_when_it_is_saved(tmp_path: Path) -> None:
    facts = encode_facts(read_file(b"A = 1\n", Kind.PYTHON, "postgres"))
    writer = Cache(tmp_path)
    for key in (b"one", b"two"):
        writer.put(key, facts)
        assert writer.get(key) is not None
    with opened(tmp_path) as other:
        assert other.get(b"one") is None
    writer.save()
    with opened(tmp_path) as other:
        assert other.get(b"one") == other.get(b"two") is not None


def test_what_is_not_saved_leaves_nothing(tmp_path: Path) -> None:
    writer = Cache(tmp_path)
    writer.put(b"one", b"")
    writer.close()
    assert segments(tmp_path) == []


def test_a_run_that_asks_for_few_lets_nothing_expire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = encode_facts(read_file(b"A = 1\n", Kind.PYTHON, "postgres"))
    first = Cache(tmp_path)
    first.put(b"old", facts)
    first.save()
    later = 40 * 86400 + time.time()
    monkeypatch.setattr(cache_module.time, "time", lambda: later)
    second = Cache(tmp_path)
    second.put(b"new", facts)
    second.save(expire=False)
    with opened(tmp_path) as last:
        assert last.get(b"old") is not None
        assert last.get(b"new") is not None
