"""What the wheel holds, and that it works without the checkout."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import harness
import pytest

from infralint.cli import main


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(harness.ROOT)], check=True)
    (built,) = folder.glob("infralint-*.whl")
    return built


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def infralint(unpacked: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the unpacked package, which stands before every installed one."""
    code = (
        f"import sys; sys.path.insert(0, {str(unpacked)!r}); import infralint.cli; "
        f"assert infralint.__file__.startswith({str(unpacked)!r}); infralint.cli.main()"
    )
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def files_under(folder: Path) -> set[str]:
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix() for path in files}


def test_the_wheel_holds_every_file_of_the_package(unpacked: Path) -> None:
    assert files_under(harness.ROOT / "src" / "infralint") <= files_under(unpacked / "infralint")
    assert "py.typed" in files_under(unpacked / "infralint")


def test_the_wheel_holds_every_page(unpacked: Path) -> None:
    assert files_under(unpacked / "infralint" / "pages") == files_under(harness.PAGES)


def test_the_wheel_holds_nothing_else(unpacked: Path) -> None:
    top = {path.name for path in unpacked.iterdir()}
    assert {name for name in top if not name.endswith(".dist-info")} == {"infralint"}
    assert not [path for path in files_under(unpacked) if path.endswith((".pyc", ".orig", ".rej", "~"))]


def test_the_command_and_the_licence_are_declared(unpacked: Path) -> None:
    (info,) = unpacked.glob("*.dist-info")
    assert "infralint = infralint.__main__:main" in (info / "entry_points.txt").read_text(encoding="utf-8")
    assert callable(main)
    assert (info / "licenses" / "LICENSE").is_file()


def test_explain_prints_pages_of_the_wheel(unpacked: Path, tmp_path: Path) -> None:
    for rule in harness.rule_ids():
        result = infralint(unpacked, "explain", rule, folder=tmp_path)
        assert (result.returncode, result.stderr) == (0, "")
        assert rule in result.stdout


def test_check_finds_the_incident(unpacked: Path, tmp_path: Path) -> None:
    replica = harness.FIXTURES / "job-queue-renamed-column" / "project"
    project = shutil.copytree(replica, tmp_path / "project")
    result = infralint(unpacked, "check", "--no-cache", "--format", "concise", folder=project)
    assert (result.returncode, result.stderr) == (1, "")
    assert "api/main.py" in result.stdout
    assert "error sql-unknown-column: " in result.stdout
