"""The incidents' replicas before and after `--fix`, byte for byte.

`fixtures/<name>/fixed/` holds the files that `infralint check --fix` changes, as it leaves them, and `fixed-unsafe/`
those that `--unsafe-fixes` changes besides. `INFRALINT_UPDATE=1 pytest` writes both.
"""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import harness
import pytest
from click.testing import CliRunner
from test_fixtures import NAMES, copy_of, text_files

import infralint
from infralint.cli import main
from infralint.report import Report

SAFE, UNSAFE = ("--fix",), ("--fix", "--unsafe-fixes")
FOLDERS = (("fixed", SAFE), ("fixed-unsafe", UNSAFE))
CHAT, WORKER = "chat-platform-migration-image", "content-worker-separate-base"
# What no fix may touch: somebody has to choose which fixture stays, and to write the test.
WITHOUT_FIX = ("test-duplicate-fixture", "test-empty-module")

each_fixture = pytest.mark.parametrize("name", NAMES)


def fix(project: Path, *options: str, select: str = "ALL") -> None:
    """`infralint check` with every rule on, or with some."""
    result = CliRunner().invoke(main, ["check", "--select", select, "--no-cache", *options, str(project)])
    assert result.exit_code in (0, 1), result.output


def lint(project: Path) -> Report:
    return infralint.lint_project(project, harness.ALL, cache=False)


def places(report: Report) -> Counter[tuple[str, str]]:
    """How often each rule speaks of each file."""
    return Counter((finding.rule, finding.path) for finding in report.findings)


def found(report: Report, *rules: str) -> Counter[tuple[str, str]]:
    """The same for some rules."""
    return Counter({place: number for place, number in places(report).items() if place[0] in rules})


def overlaid(project: Path, *folders: Path) -> dict[str, bytes]:
    """The files of a project with those of other folders over them."""
    found = text_files(project)
    for folder in folders:
        found |= text_files(folder)
    return found


def expect_folder(folder: Path, files: dict[str, bytes]) -> None:
    """The folder holds these files and no others; they are written instead where outputs are updated."""
    if harness.updating():
        shutil.rmtree(folder, ignore_errors=True)
        for path, data in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
    assert text_files(folder) == files


@each_fixture
def test_fixed_byte_for_byte(name: str, tmp_path: Path) -> None:
    """Nothing new is found in what fixes leave, and a second run changes nothing."""
    before = harness.FIXTURES / name
    project = copy_of(name, tmp_path)
    told = places(lint(project))
    layers = [before / "project"]
    for folder, options in FOLDERS:
        fix(project, *options)
        known, after = overlaid(*layers), text_files(project)
        assert after.keys() == known.keys()
        expect_folder(before / folder, {path: data for path, data in after.items() if data != known[path]})
        layers.append(before / folder)
        assert places(lint(project)) - told == Counter()
    fix(project, *UNSAFE)
    assert text_files(project) == overlaid(*layers)


def test_b3_the_module_is_imported(tmp_path: Path) -> None:
    project = copy_of(WORKER, tmp_path)
    file = project / "app" / "worker" / "processor.py"
    before = file.read_bytes()
    fix(project, *SAFE, select="import-missing")
    assert file.read_bytes() == before.replace(b"import logging\n", b"import logging\nimport time\n", 1)
    assert found(lint(project), "import-missing") == Counter()


def test_c7_the_mocks_have_their_names_and_imports(tmp_path: Path) -> None:
    project = copy_of(CHAT, tmp_path)
    rules = ("test-misspelt-mock", "import-missing")
    assert {rule for rule, _ in found(lint(project), *rules)} == set(rules)
    fix(project, *SAFE)
    assert found(lint(project), *rules) == Counter()
    for file in project.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        compile(text, str(file), "exec")
        assert "MagicNone" not in text


def test_c8_relative_imports_are_absolute(tmp_path: Path) -> None:
    project = copy_of(CHAT, tmp_path)
    files = {path for _, path in found(lint(project), "import-relative")}
    assert len(files) == 4
    fix(project, *UNSAFE)
    assert found(lint(project), "import-relative", "import-unresolved") == Counter()


def test_c9_nothing_is_touched_that_has_no_fix(tmp_path: Path) -> None:
    project = copy_of(CHAT, tmp_path)
    before, told = text_files(project), found(lint(project), *WITHOUT_FIX)
    assert {rule for rule, _ in told} == set(WITHOUT_FIX)
    fix(project, *UNSAFE, select=",".join(WITHOUT_FIX))
    assert text_files(project) == before
    fix(project, *UNSAFE)
    assert found(lint(project), *WITHOUT_FIX) == told
    after = text_files(project)
    assert {path: after[path] for _, path in told} == {path: before[path] for _, path in told}
