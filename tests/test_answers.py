"""Answers that are said again: the same output while nothing is different, and never a stale one."""

from __future__ import annotations

import ast
import gc
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from folder_edits import edit, quiet_edit

from infralint import __main__ as program
from infralint import answers, cli

PACKAGE = Path(answers.__file__).parent
FILES = {
    "pyproject.toml": "[project]\nname = 'x'\n",
    "app/__init__.py": "",
    "app/main.py": "from app import models\nprint(models.User)\n",
    "app/models.py": "class User:\n    pass\n",
    "Dockerfile": "FROM python:latest\nCOPY app /app\n",
    ".gitignore": "ignored.py\n",
}


class Shell:
    """Types command lines in a folder, and counts those that had to be worked out."""

    def __init__(self, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.worked = 0
        self._patch = patch
        self._capsys = capsys
        real = cli.main

        def counted(**extra: object) -> object:
            self.worked += 1
            return real(**extra)

        patch.setattr(cli, "main", counted)

    def __call__(self, *words: str) -> tuple[str, object]:
        """What was printed, and the exit code."""
        self._patch.setattr(sys, "argv", ["infralint", *words])
        threshold = gc.get_threshold()
        with pytest.raises(SystemExit) as ended:
            program.main()
        # A process ends after a command: it need not leave the collector as it was.
        gc.unfreeze()
        gc.set_threshold(*threshold)
        return self._capsys.readouterr().out, ended.value.code


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "outer" / "project"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    # A run that makes it changes the project's folder, whose time is too young to be trusted for a while.
    (root / ".infralint_cache").mkdir()
    age(tmp_path)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def shell(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    # infralint's own files may have been written just now.
    monkeypatch.setattr(answers, "_RACY_NS", -10_000_000_000)
    return Shell(monkeypatch, capsys)


def age(root: Path) -> None:
    """Make everything older than file systems can be wrong about."""
    past = time.time() - 60
    for path in [*root.rglob("*"), root]:
        os.utime(path, (past, past))


@pytest.mark.parametrize("words", [[], ["--format", "json"], ["--format", "concise", "app", "Dockerfile"]])
def test_nothing_changed(shell: Shell, words: list[str]) -> None:
    """The first run finds out, and all others repeat it."""
    answers = [shell("check", *words) for _ in range(4)]
    assert answers[0][1] == 1
    assert "image-latest-tag" in answers[0][0]
    assert len(set(answers)) == 1
    assert shell.worked == 1


CHANGES: dict[str, Callable[[Path], object]] = {
    "content": edit("Dockerfile", "FROM python:3.12\n"),
    "same-size": edit("Dockerfile", FILES["Dockerfile"].replace("app", "apx")),
    "quiet": quiet_edit,
    "new-file": edit("app/more.py", "x = 1\n"),
    "new-folder": lambda root: (root / "more").mkdir(),
    "gone": lambda root: (root / "app" / "models.py").unlink(),
    "gone-folder": lambda root: shutil.rmtree(root / "app"),
    "ignore-file": edit(".gitignore", "app/\n"),
    "settings": edit("pyproject.toml", "[tool.infralint]\nignore = ['image']\n"),
    "own-settings": edit("infralint.toml", "ignore = ['image']\n"),
    "settings-around": lambda root: (root.parent / "infralint.toml").write_text("ignore = ['image']\n"),
    "project-around": lambda root: (root.parent / ".git").mkdir(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_every_change_is_seen(shell: Shell, project: Path, change: Callable[[Path], object]) -> None:
    shell("check")
    change(project)
    answer = shell("check")
    assert shell.worked == 2
    assert answer == shell("check", "--no-cache")


MOVES: dict[str, Callable[[Path], object]] = {
    "comment": edit("app/main.py", "# why\n" + FILES["app/main.py"]),
    "finding": edit("Dockerfile", "# why\n" + FILES["Dockerfile"]),
    "silenced": edit("Dockerfile", "# infralint: ignore-file[image-latest-tag] why\n" + FILES["Dockerfile"]),
    "body": edit("app/models.py", "class User:\n    pass\n\n\nprint(1 + 1)\n"),
    "touched": lambda root: os.utime(root / "Dockerfile"),
    "touched-folder": lambda root: os.utime(root / "app"),
    "touched-root": os.utime,
    "replaced": lambda root: shutil.copy(root / "Dockerfile", root / "D").replace(root / "Dockerfile"),
}


@pytest.mark.parametrize("words", [[], ["--format", "json", "Dockerfile", "app"], ["--ignore", "orm", "--statistics"]])
@pytest.mark.parametrize("move", MOVES.values(), ids=list(MOVES))
def test_only_places_moved(shell: Shell, project: Path, move: Callable[[Path], object], words: list[str]) -> None:
    """That is told without the command; and the answer is kept, however young the file is."""
    shell("check", *words)
    for _ in range(2):
        move(project)
        answers = [shell("check", *words) for _ in range(3)]
        assert shell.worked == 1
        assert set(answers) == {shell("check", "--no-cache", *words)}
        shell.worked = 1


def test_moves_below_the_root(shell: Shell, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "app")
    shell("check")
    (project / "Dockerfile").write_text("# why\n" + FILES["Dockerfile"])
    answer = shell("check")
    assert shell.worked == 1
    assert answer == shell("check", "--no-cache")


def test_another_command_line_has_met_changes(shell: Shell, project: Path) -> None:
    """What is remembered of the run is of later than the answer: of a file that is as the answer knows it again."""
    shell("check")
    status = (project / "Dockerfile").stat()
    quiet = FILES["Dockerfile"].replace("latest", "3.12.1")
    (project / "Dockerfile").write_text(quiet)
    assert shell("check", "--format", "json")[1] == 0
    (project / "Dockerfile").write_text(FILES["Dockerfile"])
    os.utime(project / "Dockerfile", ns=(status.st_atime_ns, status.st_mtime_ns))
    (project / "app" / "main.py").write_text("# why\n" + FILES["app/main.py"])
    answer = shell("check")
    assert answer[1] == 1
    assert answer == shell("check", "--no-cache")


def interrupted(*_: object, **__: object) -> str:
    raise KeyboardInterrupt


def test_an_interrupt_on_the_short_way_ends_it(shell: Shell, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shell("check")
    (project / "Dockerfile").write_text("# why\n" + FILES["Dockerfile"])
    monkeypatch.setattr("infralint.cli.again.render", interrupted)
    assert shell("check") == ("", 130)
    assert shell.worked == 1


def test_an_error_on_the_short_way_is_met_again(shell: Shell, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shell("check")
    (project / "Dockerfile").write_text("# why\n" + FILES["Dockerfile"])
    monkeypatch.setattr("infralint.cli.again.render", lambda *_, **__: 1 / 0)
    answer = shell("check")
    assert shell.worked == 2
    assert answer == shell("check", "--no-cache")


def test_a_settings_file_that_goes(shell: Shell, project: Path) -> None:
    (project.parent / "infralint.toml").write_text("ignore = ['image']\n")
    age(project.parent)
    assert [shell("check")[1] for _ in range(3)] == [0, 0, 0]
    (project.parent / "infralint.toml").unlink()
    assert shell("check")[1] == 1


def test_below_the_root(shell: Shell, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    above = [shell("check") for _ in range(3)]
    monkeypatch.chdir(project / "app")
    below = [shell("check") for _ in range(3)]
    assert set(above) == set(below)
    assert shell.worked == 2
    (project / "Dockerfile").write_text("FROM python:3.12\n")
    assert shell("check")[1] == 0


def test_other_questions_have_other_answers(shell: Shell, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        plain, _ = shell("check")
        short, _ = shell("check", "--format", "concise")
        _, zero = shell("check", "--exit-zero")
        silent, _ = shell("check", "app")
    assert shell.worked == 4
    assert len({plain, short, silent}) == 3
    assert zero == 0
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured, _ = shell("check")
    assert "\x1b[" in coloured
    assert shell.worked == 5


@pytest.mark.parametrize(
    "words",
    [
        ["--no-cache"],
        ["--config", "pyproject.toml"],
        ["--output-file", "report.txt"],
        ["--format", "github"],
        ["--fix"],
        ["--diff"],
    ],
)
def test_what_does_more_than_print_is_not_repeated(shell: Shell, project: Path, words: list[str]) -> None:
    (project / "pyproject.toml").write_text("[tool.infralint]\n")
    age(project)
    for _ in range(3):
        shell("check", *words)
    assert shell.worked == 3


@pytest.mark.parametrize("words", [["rules"], ["--version"], ["check", "--help"]])
def test_other_commands_are_not_repeated(shell: Shell, project: Path, words: list[str]) -> None:
    assert shell(*words) == shell(*words)
    assert shell.worked == 2


def test_what_was_written_just_now_is_not_trusted(shell: Shell, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.chdir(project)
    for text in ("FROM python:latest\n", "FROM python:3.12.1\n") * 3:
        (project / "Dockerfile").write_text(text)
        now = time.time_ns()
        os.utime(project / "Dockerfile", ns=(now, now))
        assert shell("check")[1] == int("latest" in text)
        # As a write in the same tick of the file system's clock.
        other = text.replace("latest", "3.12.2").replace("3.12.1", "latest")
        (project / "Dockerfile").write_text(other)
        os.utime(project / "Dockerfile", ns=(now, now))
        assert shell("check")[1] == int("latest" in other)


@pytest.mark.parametrize("damage", ["empty", "cut", "other", "header"])
def test_a_damaged_answer_is_of_no_use(shell: Shell, project: Path, damage: str) -> None:
    first = shell("check")
    (file,) = (project / ".infralint_cache" / "answers").iterdir()
    data = file.read_bytes()
    damaged = {
        "empty": b"",
        "cut": data[: len(data) // 2],
        "other": data[:-3] + bytes([data[-3] ^ 1]) + data[-2:],
        "header": b"x" + data[1:],
    }
    file.write_bytes(damaged[damage])
    assert shell("check") == first
    assert shell.worked == 2
    assert shell("check") == first
    assert shell.worked == 2


def test_an_answer_of_other_code_is_of_no_use(
    shell: Shell, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files of the package are among those that an answer depends on."""
    module = tmp_path / "module.py"
    module.write_text("")
    age(tmp_path)
    monkeypatch.setattr("infralint.cli.keeping.code_files", lambda: [(str(module), module.stat())])
    for _ in range(3):
        shell("check")
    assert shell.worked == 1
    module.write_text("changed = True\n")
    shell("check")
    assert shell.worked == 2


def test_only_a_few_are_kept(shell: Shell, project: Path) -> None:
    for number in range(1, 12):
        for _ in range(2):
            shell("check", "--jobs", str(number))
    assert len(list((project / ".infralint_cache" / "answers").iterdir())) == 8


# A check that says in the end which modules are there, and were not before.
TELLING = """\
import os, sys
before = set(sys.modules)
import infralint.__main__
sys.argv = ["infralint", "check"]
infralint.answers._RACY_NS = -10_000_000_000
try:
    infralint.__main__.main()
finally:
    print(sorted(set(sys.modules) - before), file=sys.stderr)
"""


def telling_run() -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-S", "-c", TELLING]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_no_module_is_imported_for_an_answer(project: Path) -> None:
    """Nothing of click, of msgspec, of `typing`, `re` or `dataclasses`: two modules of infralint, and what these take."""
    runs = [telling_run() for _ in range(3)]
    assert [run.returncode for run in runs] == [1, 1, 1]
    assert len({run.stdout for run in runs}) == 1
    imported = ast.literal_eval(runs[2].stderr.splitlines()[-1])
    assert set(imported) <= {"__future__", "gc", "infralint", "infralint.__main__", "infralint.answers", "zlib"}


def test_little_is_imported_after_a_comment(project: Path) -> None:
    """Nothing of what reads command lines, walks folders, hands out work or judges."""
    runs = []
    for comment in ("# why\n", "# and why not\n"):
        (project / "app" / "main.py").write_text(comment + FILES["app/main.py"])
        runs.append(telling_run())
    assert runs[0].stdout == runs[1].stdout
    imported = set(ast.literal_eval(runs[1].stderr.splitlines()[-1]))
    assert "infralint.moved" in imported
    heavy = {"click", "concurrent.futures", "libcst", "sqlglot", "yaml", "hashlib"}
    assert not imported & (heavy | {f"infralint.{name}" for name in ("engine", "reading", "discover_walk", "cli.app")})


def test_all_variables_that_the_output_depends_on_are_known() -> None:
    """A report that asks for another variable has to name it, or may not be kept."""
    used = set()
    for path in [*(PACKAGE / "cli").rglob("*.py"), *(PACKAGE / "reports").rglob("*.py"), PACKAGE / "settings_load.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and "environ" in ast.unparse(node.func):
                used.add((path.name, ast.literal_eval(node.args[0]) if isinstance(node.args[0], ast.Constant) else ""))
    # Formats that are never kept (`_REPEATED`), and another command.
    others = {("outputs.py", ""), ("outputs.py", "GITHUB_STEP_SUMMARY"), ("gcloud.py", "CLOUDSDK_ROOT_DIR")}
    assert others <= used
    assert {name for _, name in used - others} <= set(answers.VARIABLES)
