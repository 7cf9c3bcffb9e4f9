"""The command line as users start it: a process with pipes or a terminal at its ends."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

MODULE = (sys.executable, "-m", "infralint")
HEAVY = ("libcst", "sqlglot", "tree_sitter")
FINDING = "Dockerfile:1:6: warning image-latest-tag: "


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "infralint.toml").write_text('select = ["image-latest-tag"]\n')
    (tmp_path / "Dockerfile").write_text("FROM python:latest # é日\n", encoding="utf-8")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").write_text("print(1)\n")
    return tmp_path


def environment(**more: str) -> dict[str, str]:
    """The environment of the tests, without what would colour or measure the output."""
    left_out = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "GITHUB_WORKSPACE", "INFRALINT_DEBUG")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return {**kept, "TERM": "xterm", **more}


def infralint(folder: Path, *args: str, stdin: bytes = b"", **variables: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*MODULE, *args],
        cwd=folder,
        input=stdin,
        capture_output=True,
        env=environment(**variables),
        check=False,
    )


def test_findings_go_to_stdout_and_make_one(project: Path) -> None:
    result = infralint(project, "check", "--format", "concise")
    assert result.stdout.decode().startswith(FINDING)
    assert (result.returncode, result.stderr) == (1, b"")


def test_a_clean_part_of_a_project_makes_zero(project: Path) -> None:
    result = infralint(project / "app", "check", ".")
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.startswith(b"No findings (")


def test_wrong_settings_go_to_stderr_and_make_two(project: Path) -> None:
    (project / "infralint.toml").write_text("selct = []\n")
    result = infralint(project / "app", "check")
    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr.startswith(b"infralint.toml:1: selct: unknown key; did you mean `select`? (allowed: ")


def test_the_settings_decide(project: Path) -> None:
    (project / "infralint.toml").write_text('[severity]\nimage = "error"\n')
    result = infralint(project, "check", "--format", "json")
    assert [item["severity"] for item in json.loads(result.stdout)["findings"]] == ["error"]
    (project / "infralint.toml").write_text('ignore = ["image"]\n')
    assert infralint(project, "check").returncode == 0
    assert infralint(project, "check", "--select", "image").returncode == 1


def test_stdin_takes_the_place_of_a_file(project: Path) -> None:
    args = ("check", "--format", "concise", "--stdin-filename", "Dockerfile")
    assert infralint(project, *args, stdin=b"FROM python:3.13.1\n").stdout == b""
    found = infralint(project, *args, stdin=b"# first\nFROM python:latest\n").stdout
    assert found.startswith(b"Dockerfile:2:6: warning image-latest-tag: ")


def test_a_pipe_gets_no_codes_unless_they_are_forced(project: Path) -> None:
    assert b"\x1b" not in infralint(project, "check").stdout
    assert b"\x1b[1;33mwarning" in infralint(project, "check", FORCE_COLOR="1").stdout
    assert b"\x1b" not in infralint(project, "check", FORCE_COLOR="1", NO_COLOR="1").stdout
    assert b"\x1b" not in infralint(project, "check", FORCE_COLOR="").stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind")
@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_a_terminal_gets_colours(project: Path, variables: dict[str, str], coloured: bool) -> None:
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [*MODULE, "check"],
        cwd=project,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment(**variables),
    )
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:
        pass  # Linux reports the end of a terminal's other side as an error.
    os.close(ours)
    assert process.wait() == 1
    assert b"image-latest-tag" in shown
    # A slow machine shows a progress bar besides, which is no colour.
    assert bool(re.search(rb"\x1b\[[0-9;]*m", shown)) == coloured


def test_a_reader_that_leaves_early_costs_nothing(project: Path) -> None:
    (project / "Dockerfile").write_text("FROM python:latest\n" * 5000)
    process = subprocess.Popen(
        [*MODULE, "check"], cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 1


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("utf-8", "é日".encode()), ("latin-1", b"\xe9\\u65e5"), ("ascii", "é日".encode())],
    ids=["utf-8", "latin-1", "ascii"],
)
def test_output_that_the_encoding_cannot_hold(project: Path, encoding: str, shown: bytes) -> None:
    """Escapes; but UTF-8 in place of ASCII, which is what an environment without a locale claims to have."""
    result = infralint(project, "check", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert (result.returncode, result.stderr) == (1, b"")
    assert b"FROM python:latest # " + shown in result.stdout


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["rules"], ["check", "-h"], ["config", "schema"]])
def test_quick_commands_import_nothing_heavy(args: list[str], tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from infralint.cli import main\n"
        f"assert main({args!r}, standalone_mode=False) == 0\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, env=environment(), check=True
    )
    assert result.stderr.strip() == b"[]"


def test_the_package_is_imported_without_its_engine() -> None:
    code = (
        "import sys, infralint\n"
        "assert 'infralint.engine' not in sys.modules\n"
        "assert set(infralint.__all__) <= set(dir(infralint))\n"
        "assert all(getattr(infralint, name) is not None for name in infralint.__all__)\n"
        "assert 'infralint.engine' in sys.modules\n"
        "assert not hasattr(infralint, 'nothing')\n"
    )
    subprocess.run([sys.executable, "-c", code], env=environment(), check=True)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_an_interrupt_while_stdin_is_awaited(project: Path) -> None:
    import signal

    process = subprocess.Popen(
        [*MODULE, "check", "--stdin-filename", "x.py"],
        cwd=project,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdin is not None
    # More than a pipe holds: this returns when the process reads its stdin, however slow the machine is.
    process.stdin.write(b"#" * 1_000_000)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == b""
    assert b"Traceback" not in err
