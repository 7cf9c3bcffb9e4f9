"""A project that stays loaded: after every edit the report of a run from nothing, mostly without linking anew."""

from __future__ import annotations

import contextlib
import gc
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from folder_edits import is_of_a_run_from_nothing, write

import infralint
from infralint import collector, engine
from infralint.cache import Cache, key_of
from infralint.kinds import Kind
from infralint.live import CancelledError, LiveProject
from infralint.readers.dispatch import read_file
from infralint.report import Report
from infralint.reporting import Judgement
from infralint.settings import Settings
from infralint.source import digest_of

ALL = Settings(select=("ALL",))
FIXTURES = Path(__file__).parents[1] / "fixtures"
FILES = {
    "app/__init__.py": "",
    "app/models.py": (
        "from sqlalchemy import Column, ForeignKey, Integer\n"
        "from sqlalchemy.orm import declarative_base, relationship\n\n"
        "Base = declarative_base()\n\n\n"
        "class Order(Base):\n"
        '    __tablename__ = "orders"\n'
        "    id = Column(Integer, primary_key=True)\n"
        '    user = relationship("Usr")\n\n\n'
        "class User(Base):\n"
        '    __tablename__ = "users"\n'
        "    id = Column(Integer, primary_key=True)\n"
    ),
    "app/main.py": "from app.models import Order\n\n\ndef total(orders):\n    return sum(orders)\n",
    "app/other.py": "from app.main import nothing\n",
    # What models read, and what no word of SQLAlchemy stands in.
    "app/orders.py": (
        "from sqlalchemy import Column, Integer\n"
        "from app.models import Base\n"
        "from app.names import TABLE\n\n\n"
        "class Line(Base):\n"
        "    __tablename__ = TABLE\n"
        "    id = Column(Integer, primary_key=True)\n"
    ),
    "app/names.py": 'TABLE = "lines"\n',
    "Dockerfile": "FROM python:latest\nCOPY app /app\n",
    ".gitignore": "ignored/\n",
    "notes.txt": "notes\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, FILES)
    return tmp_path


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each run that asked rules."""
    runs: list[int] = []
    real = engine.judge

    def counted(*args: Any) -> Judgement:
        runs.append(len(runs))
        return real(*args)

    monkeypatch.setattr(engine, "judge", counted)
    return runs


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each run that linked all facts."""
    runs: list[int] = []
    real = LiveProject._anew

    def counted(self: LiveProject, *args: object) -> object:
        runs.append(len(runs))
        return real(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(LiveProject, "_anew", counted)
    return runs


def same(live: Report, root: Path, overlay: dict[str, str] | None = None) -> bool:
    return is_of_a_run_from_nothing(live, root, ALL, overlay)


def edited(path: str, old: str, new: str) -> str:
    assert old in FILES[path]
    return FILES[path].replace(old, new)


# An edit, and whether it changes more than places.
EDITS = {
    "comment-above": ("app/models.py", "from sqlalchemy import", "# why\nfrom sqlalchemy import", False),
    "comment-below": ("app/models.py", "class User(", "# why\nclass User(", False),
    "blank-line": ("app/models.py", "Base =", "\n\nBase =", False),
    "body": ("app/main.py", "sum(orders)", "sum(orders) + 1", False),
    "suppression": (
        "app/models.py",
        'relationship("Usr")',
        'relationship("Usr")  # infralint: ignore[orm-unresolved-relationship] later',
        False,
    ),
    "comment-in-a-dockerfile": ("Dockerfile", "FROM", "# why\nFROM", False),
    "name": ("app/models.py", '"Usr"', '"User"', True),
    "import": ("app/other.py", "nothing", "total", True),
    "new-function": ("app/main.py", "def total", "def nothing():\n    pass\n\n\ndef total", True),
    "tag": ("Dockerfile", "latest", "3.12", True),
    "value-that-a-model-reads": ("app/names.py", '"lines"', '"users"', True),
}


@pytest.mark.parametrize(("path", "old", "new", "more"), EDITS.values(), ids=list(EDITS))
@pytest.mark.parametrize("saved", [True, False], ids=["saved", "typed"])
def test_an_edit_and_its_undoing(
    root: Path,
    anew: list[int],
    judged: list[int],
    path: str,
    old: str,
    new: str,
    more: bool,
    saved: bool,
) -> None:
    project = LiveProject(root, ALL, cache=False)
    first = project.lint()
    text = edited(path, old, new)
    overlay = {} if saved else {path: text}
    if saved:
        (root / path).write_text(text)
    second = project.lint(overlay, changed=[path])
    assert (len(judged) == 2) == more
    assert same(second, root, overlay)
    assert len(anew) == 1
    (root / path).write_text(FILES[path])
    assert project.lint().findings == first.findings
    assert same(project.lint(), root)


CHANGES: dict[str, Callable[[Path], object]] = {
    "new": lambda root: (root / "app" / "nothing.py").write_text("x = 1\n"),
    "gone": lambda root: (root / "app" / "main.py").unlink(),
    "renamed": lambda root: (root / "app" / "main.py").rename(root / "app" / "start.py"),
    "folder": lambda root: shutil.copytree(root / "app", root / "more"),
    "ignored": lambda root: (root / ".gitignore").write_text("app/other.py\n"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
@pytest.mark.parametrize("told", [True, False])
def test_files_come_and_go(root: Path, change: Callable[[Path], object], told: bool) -> None:
    project = LiveProject(root, ALL, cache=False)
    project.lint()
    before = {path.relative_to(root).as_posix() for path in root.rglob("*")}
    change(root)
    after = {path.relative_to(root).as_posix() for path in root.rglob("*")}
    changed = [*(before ^ after), ".gitignore"] if told else None
    assert same(project.lint(changed=changed), root)


def test_what_does_not_matter_costs_nothing(root: Path, anew: list[int]) -> None:
    project = LiveProject(root, ALL, cache=False)
    first = project.lint()
    (root / "notes.txt").write_text("others\n")
    (root / "ignored").mkdir()
    (root / "ignored" / "a.py").write_text("import x\n")
    assert project.lint(changed=["notes.txt", "ignored", "ignored/a.py", ".venv/lib/a.py"]) is not None
    assert len(anew) == 1
    assert project.lint().findings == first.findings


def test_a_buffer_beats_the_disk_until_it_is_closed(root: Path) -> None:
    project = LiveProject(root, ALL, cache=False)
    first = project.lint()
    overlay = {"app/other.py": "from app.main import total\n", "Dockerfile": "FROM python:3.12\n"}
    assert same(project.lint(overlay), root, overlay)
    (root / "Dockerfile").write_text("FROM ubuntu:latest\n")
    assert same(project.lint(overlay, changed=["Dockerfile"]), root, overlay)
    assert same(project.lint({}), root)
    (root / "Dockerfile").write_text(FILES["Dockerfile"])
    assert project.lint({}, changed=["Dockerfile"]).findings == first.findings


def rules(report: Report) -> list[tuple[str, str, int]]:
    return [(finding.rule, finding.path, finding.line) for finding in report.findings]


def test_what_was_readable_last_stands_while_a_buffer_is_not(root: Path) -> None:
    project = LiveProject(root, ALL, cache=False)
    first = project.lint()
    assert ("orm-unresolved-relationship", "app/models.py", 10) in rules(first)
    typing = "import (\n" + FILES["app/models.py"]
    report = project.lint({"app/models.py": typing})
    # One line further down, beside what is wrong with the text; other files are judged with the classes as they were.
    assert ("orm-unresolved-relationship", "app/models.py", 11) in rules(report)
    assert ("file-unparsable", "app/models.py", 1) in rules(report)
    others = [place for place in rules(first) if place[1] != "app/models.py"]
    assert [place for place in rules(report) if place[1] != "app/models.py"] == others
    assert not any(edit.path == "app/models.py" for f in report.findings for fix in f.fixes for edit in fix.edits)
    # What stands in the text that is typed is not shown anywhere.
    typing = FILES["app/models.py"].replace('relationship("Usr")', 'relationship("Us')
    report = project.lint({"app/models.py": typing})
    assert "orm-unresolved-relationship" not in {rule for rule, _, _ in rules(report)}
    assert "file-unparsable" in {rule for rule, _, _ in rules(report)}
    overlay = {"app/models.py": FILES["app/models.py"].replace("Usr", "User")}
    assert same(project.lint(overlay), root, overlay)
    # The buffer that could be read last, not what is on disk.
    report = project.lint({"app/models.py": "import (\n" + overlay["app/models.py"]})
    assert "orm-unresolved-relationship" not in {rule for rule, _, _ in rules(report)}
    assert project.lint({}).findings == first.findings


def test_a_file_that_never_could_be_read(root: Path) -> None:
    (root / "app" / "main.py").write_text("def (\n")
    project = LiveProject(root, ALL, cache=False)
    assert same(project.lint(), root)
    overlay = {"app/main.py": "def ((\n", "app/new.py": "import (\n"}
    assert same(project.lint(overlay), root, overlay)


def test_cancelled_runs_leave_nothing_behind(root: Path) -> None:
    project = LiveProject(root, ALL, cache=False)
    with pytest.raises(CancelledError):
        project.lint(cancelled=lambda: True)
    first = project.lint(cancelled=lambda: False)
    for steps in range(1, 12):
        left = iter(range(steps))
        (root / "app" / "other.py").write_text("from app.main import total\n" if steps % 2 else "import app.gone\n")
        with pytest.raises(CancelledError):
            project.lint(cancelled=lambda left=left: next(left, None) is None)  # type: ignore[misc]
        assert same(project.lint(), root)
    assert first.findings


def test_what_runs_leave_behind_is_let_go_of_when_nobody_waits(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    collected: list[int] = []
    monkeypatch.setattr(gc, "collect", lambda: collected.append(len(collected)))
    project = LiveProject(root, ALL, cache=False, own_process=True)
    try:
        project.lint()
        project.tidy()
        assert collected == []
        for number in range(6):
            (root / "app" / "names.py").write_text(f'TABLE = "lines{number}"\n')
            project.lint()
            project.tidy()
        assert collected == [0]
        (root / "app" / "more.py").write_text("x = 1\n")
        project.lint()
        project.tidy()
        assert collected == [0, 1]
        assert gc.get_freeze_count()
    finally:
        collector.unfreeze()


def test_the_collector_of_another_process_is_left_alone(root: Path) -> None:
    before = gc.get_freeze_count()
    project = LiveProject(root, ALL, cache=False)
    project.lint()
    project.tidy()
    assert gc.get_freeze_count() == before


def test_settings_are_read_again(root: Path) -> None:
    (root / "infralint.toml").write_text('select = ["image"]\n')
    project = LiveProject(root, cache=False)
    assert {rule for rule, _, _ in rules(project.lint())} <= {"image-latest-tag", "image-not-pinned"}
    (root / "infralint.toml").write_text('select = ["orm"]\n')
    project.reload_settings()
    assert {rule for rule, _, _ in rules(project.lint())} == {"orm-unresolved-relationship"}
    (root / "infralint.toml").write_text("select = 1\n")
    with pytest.raises(infralint.SettingsError):
        project.reload_settings()
    assert {rule for rule, _, _ in rules(project.lint())} == {"orm-unresolved-relationship"}


def test_progress_is_told(root: Path) -> None:
    seen: list[tuple[int, int]] = []
    LiveProject(root, ALL, cache=False).lint(progress=lambda done, total: seen.append((done, total)))
    assert seen[0][0] >= 1
    assert max(seen) == (7, 7)


def random_edit(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True) or ["\n"]
    at = chance.randrange(len(lines))
    action = chance.choice(["comment", "blank", "delete", "repeat", "swap", "letter"])
    if action == "comment":
        lines.insert(at, "# a comment\n")
    elif action == "blank":
        lines.insert(at, "\n")
    elif action == "delete":
        del lines[at]
    elif action == "repeat":
        lines.insert(at, lines[at])
    elif action == "swap":
        lines[at - 1], lines[at] = lines[at], lines[at - 1]
    else:
        lines[at] = lines[at].replace(chance.choice("aeiost1"), chance.choice("aeiost1"), 1)
    return "".join(lines)


@pytest.mark.parametrize("seed", range(3))
def test_any_edits_of_a_service(tmp_path: Path, seed: int) -> None:
    root = tmp_path / "service"
    shutil.copytree(FIXTURES / "job-queue-renamed-column" / "project", root)
    chance = random.Random(seed)
    files = sorted(path for path in root.rglob("*") if path.suffix in (".py", ".sql", ".yml", ".yaml", ".sh", ".txt"))
    project = LiveProject(root, ALL, cache=False, jobs=1)
    project.lint()
    for _ in range(12):
        for path in chance.sample(files, chance.choice([1, 1, 1, 2])):
            path.write_text(random_edit(path.read_text(), chance))
        assert same(project.lint(), root)


def test_what_readers_import_is_there_before_the_first_save(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "[tool.infralint]\n", "a.py": "cur.execute('SELECT a FROM b')\n"})
    infralint.lint_project(tmp_path)
    script = (
        "import sys\nfrom pathlib import Path\nfrom infralint.live import LiveProject\n"
        "project = LiveProject(Path(sys.argv[1]), own_process=True)\n"
        "project.lint()\nbefore = 'sqlglot' in sys.modules\nproject.tidy()\nprint(before, 'sqlglot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout == "False True\n"


def test_what_is_read_on_demand_is_kept_on_disk_too(tmp_path: Path) -> None:
    """A module without a word of SQLAlchemy is lowered when a rule's question leads to it, after all files were read."""
    write(
        tmp_path,
        {
            "pyproject.toml": "[tool.infralint]\n",
            "app/models.py": "from sqlalchemy import Column, Integer\nfrom sqlalchemy.orm import declarative_base\n"
            "from .names import TABLE\nBase = declarative_base()\n"
            "class User(Base):\n    __tablename__ = TABLE\n    id = Column(Integer, primary_key=True)\n",
            "app/names.py": "TABLE = 'users'\n",
        },
    )
    LiveProject(tmp_path, ALL).lint()
    assert not list((tmp_path / ".infralint_cache").rglob("*.tmp"))
    with contextlib.closing(Cache(tmp_path)) as kept:
        content = digest_of((tmp_path / "app/names.py").read_bytes())
        assert kept.get(key_of(content, Kind.PYTHON, engine.dialect_of(ALL), True)) is not None


def test_a_text_of_the_editor_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"pyproject.toml": "[tool.infralint]\n", "app.py": "x = 1\n"})
    project = LiveProject(tmp_path, ALL, cache=False)
    project.lint()
    texts: list[bytes] = []

    def counted(data: bytes, *args: Any, **options: Any) -> Any:
        texts.append(data)
        return read_file(data, *args, **options)

    for module in ("last_good", "live_state"):
        monkeypatch.setattr(f"infralint.{module}.read_file", counted)
    new = "import app.none\nx = 2\n"
    report = project.lint({"app.py": new}, changed=())
    assert texts == [new.encode()]
    (tmp_path / "app.py").write_text(new)
    assert report.findings == infralint.lint_project(tmp_path, ALL).findings
