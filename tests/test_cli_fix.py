"""`--fix`, `--unsafe-fixes` and `--diff`: what is written, and that nothing else is touched."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from infralint import repair as repairing
from infralint.cli import main
from infralint.findings import Applicability, Edit, Finding, Fix, Severity
from infralint.repair import MAX_ROUNDS, ChangedMeanwhileError, repair, write
from infralint.report import Report
from infralint.runs import lint_project

SLIP = "import unittest\nfrom unittest.mock import AsyncMock\n\ndouble = MagicNone()  # stays\n"
MENDED = SLIP.replace("import AsyncMock", "import AsyncMock, MagicMock").replace("MagicNone", "MagicMock")
RELATIVE = "from . import settings\nfrom .models import User\n"
ABSOLUTE = "from app import settings\nfrom app.models import User\n"


def run(*args: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, list(args), input=stdin)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    put(tmp_path, "infralint.toml", "")
    put(tmp_path, "app/__init__.py", "")
    put(tmp_path, "app/settings.py", "DEBUG = False\n")
    put(tmp_path, "app/models.py", "class User: ...\n")
    put(tmp_path, "app/views.py", RELATIVE)
    put(tmp_path, "tests/test_views.py", SLIP)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(root: Path, path: str, text: str, encoding: str = "utf-8") -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode(encoding))
    return file


def texts(root: Path) -> dict[str, str]:
    kept = (file for file in sorted(root.rglob("*.py")) if ".infralint_cache" not in file.parts)
    return {file.relative_to(root).as_posix(): file.read_bytes().decode() for file in kept}


def test_fix_writes_what_is_certain_and_nothing_else(project: Path) -> None:
    before = texts(project)
    result = run("check", "--fix")
    assert texts(project) == {**before, "app/views.py": ABSOLUTE, "tests/test_views.py": MENDED}
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "Repaired 3 findings in 2 files."
    assert run("check").exit_code == 0


def test_a_second_fix_changes_nothing(project: Path) -> None:
    run("check", "--fix")
    once = texts(project)
    result = run("check", "--fix")
    assert (texts(project), result.exit_code, "Repaired" in result.stdout) == (once, 0, False)


def test_paths_limit_what_is_repaired(project: Path) -> None:
    result = run("check", "--fix", "app")
    assert texts(project)["app/views.py"] == ABSOLUTE
    assert texts(project)["tests/test_views.py"] == SLIP
    assert result.exit_code == 0


def test_without_fix_the_summary_says_what_can_be_repaired(project: Path) -> None:
    result = run("check")
    assert result.stdout.splitlines()[-1] == "3 can be repaired with --fix."
    assert texts(project)["app/views.py"] == RELATIVE


@pytest.mark.parametrize(
    ("encoding", "head"),
    [("utf-8-sig", ""), ("latin-1", "# coding: latin-1\n"), ("utf-8", "")],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encoding_and_line_ends_stay(project: Path, encoding: str, head: str, newline: str) -> None:
    def as_bytes(text: str) -> bytes:
        return (head + text + "name = 'Zoë'").replace("\n", newline).encode(encoding)

    file = project / "tests" / "test_views.py"
    file.write_bytes(as_bytes("import unittest.mock\n\ndouble = MagicNone()\n"))
    run("check", "--fix", "tests")
    imports = "import unittest.mock\nfrom unittest.mock import MagicMock\n"
    assert file.read_bytes() == as_bytes(f"{imports}\ndouble = MagicMock()\n")


def test_modes_of_files_stay(project: Path) -> None:
    file = project / "app" / "views.py"
    file.chmod(0o755)
    run("check", "--fix")
    assert file.stat().st_mode & 0o777 == 0o755
    assert sorted(entry.name for entry in file.parent.iterdir() if entry.is_file()) == [
        "__init__.py", "models.py", "settings.py", "views.py",
    ]  # fmt: skip


def test_diff_is_a_patch_and_changes_nothing(project: Path) -> None:
    put(project, "tests/test_views.py", SLIP.rstrip("\n") + "\f")
    before = texts(project)
    result = run("check", "--diff")
    assert (result.exit_code, texts(project)) == (1, before)
    assert result.stderr == "3 findings would be repaired.\n"
    git = shutil.which("git")
    assert git is not None
    subprocess.run([git, "apply", "--unsafe-paths", "-p0"], input=result.stdout.encode(), check=True, cwd=project)
    assert texts(project)["app/views.py"] == ABSOLUTE
    assert texts(project)["tests/test_views.py"] == MENDED.rstrip("\n") + "\f"


def test_diff_of_nothing_is_empty(project: Path) -> None:
    run("check", "--fix")
    result = run("check", "--diff")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "No findings would be repaired.\n")


def test_stdin_comes_back_repaired_and_the_disk_stays(project: Path) -> None:
    before = texts(project)
    result = run("check", "--fix", "--stdin-filename", "app/views.py", stdin=b"from . import settings\r\n")
    assert result.stdout_bytes == b"from app import settings\r\n"
    assert texts(project) == before


PIN = f"docker.io/library/python:3.13-slim@sha256:{'ab' * 32}"


def test_images_get_the_digests_that_are_given(project: Path) -> None:
    put(project, "Dockerfile", "FROM python:latest\n")
    assert run("check", "--fix", "Dockerfile").exit_code == 1
    put(project, "infralint.toml", f'pins = ["python@sha256:{"cd" * 32}"]\n')
    result = run("check", "--diff", "Dockerfile")
    assert f"+FROM python@sha256:{'cd' * 32}\n" in result.stdout
    assert run("check", "--fix", "--pin", PIN, "Dockerfile").exit_code == 0
    assert (project / "Dockerfile").read_text() == f"FROM python:3.13-slim@sha256:{'ab' * 32}\n"


@pytest.mark.parametrize("pin", ["python", "python@sha256:abc", "python:3.13", "@sha256:" + "a" * 64, PIN.upper()])
def test_a_pin_that_is_none(project: Path, pin: str) -> None:
    result = run("check", "--fix", "--pin", pin)
    assert (result.exit_code, "is not `image@sha256:` with 64 hexadecimal digits" in result.stderr) == (2, True)


@pytest.mark.parametrize("options", [("--fix", "--diff"), ("--unsafe-fixes",)])
def test_options_that_do_not_go_together(project: Path, options: tuple[str, ...]) -> None:
    result = run("check", *options)
    assert (result.exit_code, "Usage:" in result.stderr) == (2, True)


class Linter:
    """A linter with one fix: the first `x` of a file becomes another text."""

    def __init__(self, path: str, becomes: str, *, safe: bool = True) -> None:
        self.path, self.becomes = path, becomes
        self.grade = Applicability.SAFE if safe else Applicability.UNSAFE
        self.root = Path()

    def __call__(self, overlay: object) -> Report:
        assert isinstance(overlay, dict)
        text = overlay.get(self.path, (self.root / self.path).read_bytes()).decode()
        at = text.find("x") + 1
        edits = (Edit(self.path, 1, at, 1, at + 1, self.becomes),)
        found = Finding("a-b", Severity.ERROR, self.path, 1, at, 1, at + 1, "x", fixes=(Fix("t", self.grade, edits),))
        return Report((found,) if at else ())


def repaired(root: Path, linter: Linter, **how: object) -> repairing.Repair:
    linter.root = root
    return repair(root, linter, wants=lambda _: True, **how)  # type: ignore[arg-type]


def test_a_fix_that_breaks_a_file_is_not_made(tmp_path: Path) -> None:
    put(tmp_path, "a.py", "x = 1\n")
    result = repaired(tmp_path, Linter("a.py", "("))
    assert (result.changes, result.fixed, result.spoiled, len(result.report.findings)) == ((), (), ("a.py",), 1)


def test_a_fix_that_the_encoding_cannot_hold_is_not_made(tmp_path: Path) -> None:
    put(tmp_path, "a.py", "# coding: ascii\nx = 1\n")
    linter = Linter("a.py", "é")
    result = repaired(tmp_path, linter)
    assert (result.changes, result.spoiled) == ((), ("a.py",))


def test_unsafe_fixes_are_asked_for(tmp_path: Path) -> None:
    put(tmp_path, "a.py", "x = 1\n")
    assert repaired(tmp_path, Linter("a.py", "y", safe=False)).changes == ()
    assert [c.after for c in repaired(tmp_path, Linter("a.py", "y", safe=False), unsafe=True).changes] == [b"y = 1\n"]


def test_rounds_go_on_until_nothing_is_left(tmp_path: Path) -> None:
    put(tmp_path, "a.py", "xxx = 1\n")
    result = repaired(tmp_path, Linter("a.py", "y"))
    assert [change.after for change in result.changes] == [b"yyy = 1\n"]
    assert (len(result.fixed), result.report.findings, result.converged) == (3, (), True)


def test_fixes_that_never_end_are_noticed(tmp_path: Path) -> None:
    put(tmp_path, "a.py", "x = 1\n")
    result = repaired(tmp_path, Linter("a.py", "xx"))
    assert (result.converged, len(result.fixed)) == (False, MAX_ROUNDS)


def test_nothing_is_written_over_a_file_that_changed_meanwhile(tmp_path: Path) -> None:
    first, second = put(tmp_path, "a.py", "x = 1\n"), put(tmp_path, "b.py", "x = 2\n")
    changes = [*repaired(tmp_path, Linter("a.py", "y")).changes, *repaired(tmp_path, Linter("b.py", "y")).changes]
    second.write_text("x = 3\n")
    with pytest.raises(ChangedMeanwhileError, match=r"b\.py was changed while it was linted"):
        write(tmp_path, changes)
    assert (first.read_text(), second.read_text()) == ("x = 1\n", "x = 3\n")


def test_a_file_that_changed_between_its_findings_and_their_fixes(project: Path) -> None:
    file = project / "app" / "views.py"
    before = texts(project)

    def lint(overlay: Mapping[str, bytes]) -> Report:
        report = lint_project(project, overlay=overlay, cache=False)
        file.write_text(f"# saved meanwhile\n{RELATIVE}")
        return report

    with pytest.raises(ChangedMeanwhileError, match=r"app/views\.py was changed"):
        repair(project, lint, wants=lambda _: True)
    assert texts(project) == {**before, "app/views.py": f"# saved meanwhile\n{RELATIVE}"}


def test_a_file_that_is_gone_stays_gone(tmp_path: Path) -> None:
    first, second = put(tmp_path, "a.py", "x = 1\n"), put(tmp_path, "b.py", "x = 2\n")
    changes = [*repaired(tmp_path, Linter("a.py", "y")).changes, *repaired(tmp_path, Linter("b.py", "y")).changes]
    second.unlink()
    with pytest.raises(ChangedMeanwhileError, match=r"b\.py was changed"):
        write(tmp_path, changes)
    assert (first.read_text(), [entry.name for entry in tmp_path.iterdir()]) == ("x = 1\n", ["a.py"])


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    put(tmp_path, "real/a.py", "x = 1\n")
    (tmp_path / "a.py").symlink_to("real/a.py")
    write(tmp_path, repaired(tmp_path, Linter("a.py", "y")).changes)
    assert (tmp_path / "a.py").is_symlink()
    assert (tmp_path / "real" / "a.py").read_text() == "y = 1\n"
    assert [entry.name for entry in (tmp_path / "real").iterdir()] == ["a.py"]


def test_the_owner_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As far as the system lets us: only its administrator may give files away."""
    file = put(tmp_path, "a.py", "x = 1\n")
    given = []

    def refused(new: Path, user: int, group: int) -> None:
        given.append((new.name.startswith(".a.py."), user, group))
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("infralint.repair._owner", lambda path: (4000, 5000) if path == file else (0, 0))
    monkeypatch.setattr("infralint.repair.os.chown", refused)
    write(tmp_path, repaired(tmp_path, Linter("a.py", "y")).changes)
    assert (given, file.read_text()) == ([(True, 4000, 5000)], "y = 1\n")


def test_a_write_that_fails_leaves_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [put(tmp_path, "a.py", "x = 1\n"), put(tmp_path, "b.py", "x = 2\n")]
    changes = [*repaired(tmp_path, Linter("a.py", "y")).changes, *repaired(tmp_path, Linter("b.py", "y")).changes]

    def full(file: Path, _: str) -> None:
        if file.name == "b.py":
            raise OSError(28, "No space left on device", "b.py")

    monkeypatch.setattr("infralint.repair.shutil.copymode", full)
    with pytest.raises(OSError, match="No space left"):
        write(tmp_path, changes)
    assert [file.read_text() for file in files] == ["x = 1\n", "x = 2\n"]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.py", "b.py"]


def test_what_cannot_be_written_ends_with_exit_code_2(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: Path, _: str) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("infralint.repair.shutil.copymode", denied)
    result = run("check", "--fix")
    assert result.exit_code == 2
    assert result.stderr == f"Error: cannot write {project / 'app' / 'views.py'}: Permission denied\n"
