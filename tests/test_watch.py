"""`infralint check --watch` as users start it: a process beside which files are edited."""

from __future__ import annotations

import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from click.testing import CliRunner

from infralint.cli import main

COMMAND = (sys.executable, "-m", "infralint", "check", "--watch")
WAITING = "Watching for changes; Ctrl-C ends.\n"
GOOD = "FROM python:3.13.1\n"
BAD = "FROM python:latest\n"
SETTINGS = 'select = ["image-latest-tag"]\n'
FINDING = "Dockerfile:1:6: warning image-latest-tag: "
# Seconds after which a run that has said nothing is taken to hang.
PATIENCE = 60


class Watch:
    """A running `--watch`; its output is taken line by line."""

    def __init__(self, folder: Path, *args: str, **variables: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, *args],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **variables},
            encoding="utf-8",
        )
        assert self.process.stdout is not None
        self.stdout: IO[str] = self.process.stdout
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        for line in self.stdout:
            self._lines.put(line)
        self._lines.put("")

    def line(self) -> str:
        """The next line; "" at the end of the output."""
        try:
            return self._lines.get(timeout=PATIENCE)
        except queue.Empty:
            raise AssertionError("nothing was printed") from None

    def run(self) -> str:
        """What is printed up to the next wait, with the time taken out."""
        lines = [self.line()]
        while lines[-1] and not lines[-1].endswith(WAITING):
            lines.append(self.line())
        return "".join(line[11:] if line.startswith("[") and line[9:11] == "] " else line for line in lines)

    def end(self) -> tuple[int, str]:
        """The exit code, and what is printed before the end."""
        rest = "".join(iter(self.line, ""))
        return self.process.wait(PATIENCE), rest

    def interrupt(self) -> tuple[int, str]:
        """Press Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        return self.end()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "app").mkdir(parents=True)
    (root / "infralint.toml").write_text(SETTINGS)
    (root / "Dockerfile").write_text(BAD)
    (root / "app" / "Dockerfile").write_text(GOOD)
    return root


@pytest.fixture
def started() -> Iterator[list[Watch]]:
    watches: list[Watch] = []
    yield watches
    for watch in watches:
        watch.process.kill()
        watch.process.wait()
        watch.stdout.close()


@pytest.fixture
def concise(project: Path, started: list[Watch]) -> Watch:
    """A project that is watched, after the first run."""
    started.append(Watch(project, "--format", "concise"))
    assert started[0].run().startswith(f"first run\n{FINDING}")
    return started[0]


def test_each_change_is_told_with_what_is_new_and_what_is_gone(project: Path, concise: Watch) -> None:
    (project / "Dockerfile").write_text(GOOD)
    text = concise.run()
    assert text.startswith("Dockerfile changed\n0 new, 1 gone.\n  gone: Dockerfile:1:6: warning image-latest-tag: ")
    (project / "app" / "Dockerfile").write_text(BAD)
    text = concise.run()
    assert text.startswith("app/Dockerfile changed\napp/Dockerfile:1:6: warning ")
    assert "1 new, 0 gone.\n  new: app/Dockerfile:1:6: warning image-latest-tag: " in text
    (project / "app" / "Dockerfile").write_text("# moved\n" + BAD)
    text = concise.run()
    assert "\napp/Dockerfile:2:6: warning " in text
    assert "0 new, 0 gone.\n" in text
    assert concise.interrupt() == (130, "\n")


def test_files_come_and_go_and_move(project: Path, concise: Watch) -> None:
    (project / "new").mkdir()
    (project / "new" / "Dockerfile").write_text(BAD)
    assert "1 new, 0 gone.\n  new: new/Dockerfile:1:6: " in until(concise, "1 new")
    (project / "new").rename(project / "later")
    text = until(concise, "1 new, 1 gone.")
    assert "  new: later/Dockerfile:1:6: " in text
    assert "  gone: new/Dockerfile:1:6: " in text
    shutil.rmtree(project / "later")
    assert "  gone: later/Dockerfile:1:6: " in until(concise, "0 new, 1 gone.")


def until(watch: Watch, wanted: str) -> str:
    """The first run that says something: a system may tell of one change in several portions."""
    while wanted not in (text := watch.run()):
        assert text, f"ended without {wanted!r}"
    return text


def test_a_file_that_is_replaced_as_a_whole(project: Path, concise: Watch) -> None:
    (project / "Dockerfile.tmp~").write_text(GOOD)
    (project / "Dockerfile.tmp~").replace(project / "Dockerfile")
    assert concise.run().startswith("Dockerfile changed\n0 new, 1 gone.\n")


def test_what_is_not_read_wakes_nobody(project: Path, concise: Watch) -> None:
    for folder in (".venv/lib", "node_modules/package", ".git/objects", "app/__pycache__", ".infralint_cache/x"):
        (project / folder).mkdir(parents=True)
        (project / folder / "Dockerfile").write_text(BAD)
    (project / ".Dockerfile.swp").write_text("")
    (project / "Dockerfile~").write_text(BAD)
    (project / "app" / "Dockerfile").write_text(BAD)
    # The change that matters comes after them, and alone.
    assert concise.run().startswith("app/Dockerfile changed\n")


def test_ignored_files_wake_nobody_until_they_are_not_ignored(project: Path, concise: Watch) -> None:
    (project / ".gitignore").write_text("generated/\n")
    assert concise.run().startswith(".gitignore changed\n")
    (project / "generated").mkdir()
    (project / "generated" / "Dockerfile").write_text(BAD)
    (project / "app" / "Dockerfile").write_text(GOOD + "RUN true\n")
    assert concise.run().startswith("app/Dockerfile changed\n")
    (project / ".gitignore").write_text("other/\n")
    assert "  new: generated/Dockerfile:1:6: " in concise.run()


def test_broken_settings_are_said_and_waited_out(project: Path, started: list[Watch]) -> None:
    (project / "infralint.toml").write_text("selct = []\n")
    started.append(Watch(project, "--format", "concise"))
    text = started[0].run()
    assert text.startswith("first run\ninfralint.toml:1: selct: unknown key; did you mean `select`?")
    assert text.endswith(f"\nNothing was linted. {WAITING}")
    (project / "infralint.toml").write_text(SETTINGS)
    assert started[0].run().startswith(f"infralint.toml changed\n{FINDING}")
    (project / "infralint.toml").write_text("select = [\n")
    assert "not valid TOML" in started[0].run()
    (project / "Dockerfile").write_text(GOOD)
    assert "Nothing was linted." in started[0].run()
    (project / "infralint.toml").write_text(SETTINGS)
    # What changed while nothing could be linted is seen now.
    assert "0 new, 1 gone.\n" in until(started[0], "gone")
    (project / "infralint.toml").write_text(SETTINGS + 'sources = ["src"]\n')
    assert 'there is no folder "src" in the project' in started[0].run()
    (project / "src").mkdir()
    assert "0 new, 0 gone." in until(started[0], "gone")


def test_settings_and_baselines_that_lie_elsewhere(project: Path, tmp_path: Path, started: list[Watch]) -> None:
    config = tmp_path / "elsewhere.toml"
    config.write_text(SETTINGS)
    baseline = tmp_path / "known.json"
    result = CliRunner().invoke(main, ["baseline", str(project), "--output", str(baseline), "--select", "image"])
    assert result.exit_code == 0
    known = baseline.read_text()
    args = ("--config", str(config), "--baseline", str(baseline), "--format", "concise")
    started.append(Watch(project, *args))
    assert started[0].run() == f"first run\n{WAITING}"
    baseline.write_text(known.replace("Dockerfile", "Other"))
    assert f"{baseline} changed\n" in (text := started[0].run())
    assert "1 new, 0 gone." in text
    config.write_text('ignore = ["image"]\n')
    assert "0 new, 1 gone." in started[0].run()


def test_paths_limit_what_is_printed_and_not_what_is_read(project: Path, started: list[Watch]) -> None:
    started.append(Watch(project, "app", "--no-cache"))
    assert started[0].run().startswith("first run\nNo findings (")
    (project / "app" / "Dockerfile").write_text(BAD)
    text = started[0].run()
    assert "--> app/Dockerfile:1:6\n" in text
    assert "Found 1 warning in 1 file (" in text
    (project / "Dockerfile").write_text(GOOD)
    assert "0 new, 0 gone." in started[0].run()


def test_several_projects(project: Path, tmp_path: Path, started: list[Watch]) -> None:
    other = shutil.copytree(project, tmp_path / "other")
    started.append(Watch(tmp_path, str(project), str(other), "--format", "concise"))
    assert "other/Dockerfile:1:6: " in started[0].run()
    (other / "Dockerfile").write_text(GOOD)
    assert started[0].run().startswith("other/Dockerfile changed\nproject/Dockerfile:1:6: ")


def test_a_folder_that_is_removed_ends_it(project: Path, concise: Watch) -> None:
    project.rename(project.with_name("elsewhere"))
    code, text = concise.end()
    assert code == 2
    assert text.endswith(f"{project} is not there any more: --watch ends\n")


def test_a_reader_that_has_gone_ends_it(project: Path) -> None:
    process = subprocess.Popen([*COMMAND], cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().endswith(b"] first run\n")
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(PATIENCE) == 0


def test_its_own_output_does_not_wake_it(project: Path) -> None:
    """The output lies in the project and is a kind of file that is read."""
    with (project / "out.yaml").open("wb") as output:
        process = subprocess.Popen([*COMMAND], cwd=project, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_for(project / "out.yaml", WAITING)
        (project / "Dockerfile").write_text(GOOD)
        text = wait_for(project / "out.yaml", "0 new, 1 gone.")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)
    assert "out.yaml" not in text
    assert text.count("] ") == 2


def wait_for(file: Path, wanted: str) -> str:
    """The content of a file, as soon as it holds something."""
    pause = threading.Event()
    for _ in range(PATIENCE * 20):
        if wanted in (text := file.read_text()):
            return text
        pause.wait(0.05)
    raise AssertionError(f"{file.name} does not hold {wanted!r}")


@pytest.mark.parametrize(("terminal", "cleared"), [("xterm", True), ("dumb", False)])
def test_a_terminal_is_cleared_before_each_run(project: Path, terminal: str, cleared: bool) -> None:
    ours, theirs = os.openpty()
    variables = {**os.environ, "TERM": terminal}
    process = subprocess.Popen([*COMMAND], cwd=project, stdin=theirs, stdout=theirs, stderr=theirs, env=variables)
    os.close(theirs)
    shown = b""
    while WAITING.strip().encode() not in shown:
        shown += os.read(ours, 4096)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 130
    os.close(ours)
    assert (b"\x1b[2J" in shown) == cleared
    assert b"image-latest-tag" in shown


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (["--format", "json"], "the formats are text and concise"),
        (["--fix"], "does not go with --fix"),
        (["--diff"], "does not go with --diff"),
        (["--staged"], "does not go with --staged"),
        (["--diff-base", "main"], "does not go with --diff-base"),
        (["--output-file", "json=x.json"], "does not go with --output-file"),
        (["--stdin-filename", "a.py"], "does not go with --stdin-filename"),
        (["-"], "`-` needs --stdin-filename"),
    ],
)
def test_what_does_not_go_with_it(args: list[str], reason: str) -> None:
    result = CliRunner().invoke(main, ["check", "--watch", *args])
    assert result.exit_code == 2
    assert reason in " ".join(result.stderr.split())


def test_other_commands_do_not_import_watchfiles(tmp_path: Path) -> None:
    code = (
        "import sys, infralint.cli as c; c.main(['check'], standalone_mode=False); print('watchfiles' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "False"
