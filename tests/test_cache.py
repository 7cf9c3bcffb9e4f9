"""The cache: it never changes an answer, never stops a run, and spares a warm run the parsers."""

from __future__ import annotations

import logging
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

import infralint
from infralint import cache as cache_module
from infralint.cache import Cache, decode_facts, encode_facts, key_of
from infralint.kinds import Kind
from infralint.readers.dispatch import read_file
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


def store(project: Path) -> Path:
    return project / ".infralint_cache" / "facts-v1.msgpack"


def test_warm_equals_cold(project: Path) -> None:
    cold = infralint.lint_project(project, ALL)
    warm = infralint.lint_project(project, ALL)
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
    facts = read_file(text.encode(), kind, "postgres", outline=True)
    assert decode_facts(encode_facts(facts)) == facts


def test_the_folder_is_left_alone_by_git_and_by_backups(project: Path) -> None:
    infralint.lint_project(project, ALL)
    folder = store(project).parent
    assert (folder / ".gitignore").read_text() == "*\n"
    assert (folder / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55\n")
    assert sorted(path.name for path in folder.iterdir()) == [
        ".gitignore",
        "CACHEDIR.TAG",
        "facts-v1.msgpack",
    ]


def test_without_a_cache_nothing_is_written(project: Path) -> None:
    infralint.lint_project(project, ALL, cache=False)
    assert not store(project).parent.exists()


def test_the_key_holds_all_that_facts_depend_on(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {
        key_of(data, kind, dialect, outline)
        for data in (b"a", b"b")
        for kind in (Kind.PYTHON, Kind.SQL)
        for dialect in ("postgres", "sqlite")
        for outline in (True, False)
    }
    assert len(keys) == 16
    monkeypatch.setattr(cache_module, "fingerprint", lambda: b"another version")
    assert key_of(b"a", Kind.PYTHON, "postgres", True) not in keys


def damaged(data: bytes) -> list[bytes]:
    middle = len(data) // 2
    flipped = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
    return [b"", b"\0" * 50, data[:-1], data[:20], flipped, data + b"x"]


@pytest.mark.parametrize("number", range(6))
def test_a_damaged_store_is_said_once_and_made_anew(
    project: Path, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    cold = infralint.lint_project(project, ALL)
    store(project).write_bytes(damaged(store(project).read_bytes())[number])
    again = infralint.lint_project(project, ALL)
    assert again.findings == cold.findings
    assert set(again.re_read) == set(FILES)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "is damaged" in caplog.text
    assert infralint.lint_project(project, ALL).re_read == ()


def test_one_damaged_entry_is_read_again(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put(b"key", b"\xc1 no facts")
    assert cache.get(b"key") is None


def test_a_store_that_cannot_be_read_or_written(project: Path, caplog: pytest.LogCaptureFixture) -> None:
    expected = infralint.lint_project(project, ALL, cache=False)
    store(project).mkdir(parents=True)
    assert infralint.lint_project(project, ALL).findings == expected.findings
    assert "cannot be read" in caplog.text
    assert list(store(project).parent.glob("*.tmp")) == []


def test_a_full_disk(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, *_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    expected = infralint.lint_project(project, ALL, cache=False)
    monkeypatch.setattr(cache_module.Path, "mkdir", full)
    assert infralint.lint_project(project, ALL).findings == expected.findings


def test_entries_expire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    day = 86400

    def at(days: int) -> Cache:
        monkeypatch.setattr(cache_module.time, "time", lambda: 1_700_000_000 + days * day)
        return Cache(tmp_path)

    facts = encode_facts(read_file(b"A = 1\n", Kind.PYTHON, "postgres"))
    first = at(0)
    first.put(b"old", facts)
    first.put(b"used", facts)
    first.save()
    second = at(10)
    assert second.get(b"used") is not None
    second.save()
    third = at(15)
    third.save()
    last = at(15)
    assert last.get(b"old") is None
    assert last.get(b"used") is not None


def test_a_run_that_learns_nothing_writes_nothing(project: Path) -> None:
    infralint.lint_project(project, ALL)
    before = store(project).stat().st_mtime_ns
    infralint.lint_project(project, ALL)
    assert store(project).stat().st_mtime_ns == before


def _lint(root: str) -> int:
    return len(infralint.lint_project(root, ALL, jobs=1).findings)


def test_two_writers(project: Path) -> None:
    expected = len(infralint.lint_project(project, ALL, cache=False).findings)
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        assert list(pool.map(_lint, [str(project)] * 8)) == [expected] * 8
    assert infralint.lint_project(project, ALL).re_read == ()
    assert list(store(project).parent.glob("*.tmp")) == []


WARM = """
import sys
import infralint
report = infralint.lint_project(sys.argv[1], infralint.Settings(select=("ALL",)))
assert report.findings and report.re_read == () and report.failed == (), report
heavy = {"libcst", "sqlglot", "tree_sitter", "yaml", "symtable", "concurrent.futures.process"}
print(sorted(heavy & set(sys.modules)))
"""


def test_a_warm_run_imports_no_parser(project: Path) -> None:
    infralint.lint_project(project, ALL)
    command = [sys.executable, "-c", WARM, str(project)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")
