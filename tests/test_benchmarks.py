"""The tree that linters are measured on: the same for a seed, of the size that was asked for, clean but for its mistakes."""

from __future__ import annotations

import ast
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from generate import default_manifest, write_tree
from service.tree import MadeTree, make_tree

import infralint

GENERATE = Path(__file__).parents[1] / "benchmarks" / "generate.py"


@pytest.fixture(scope="module")
def small() -> MadeTree:
    """A tree of the smallest size."""
    return make_tree(100, seed=1)


def digest(tree: MadeTree) -> str:
    """One digest of all paths and bytes."""
    together = hashlib.sha256()
    for path in sorted(tree.files):
        together.update(path.encode() + b"\0" + tree.files[path].encode() + b"\0")
    return together.hexdigest()


def test_a_seed_gives_the_same_bytes(small: MadeTree) -> None:
    """In a process whose hashes are other ones, too."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import test_benchmarks as t; print(t.digest(t.make_tree(100, 1)))"
    )
    paths = {"PYTHONPATH": f"{GENERATE.parent}:{Path(__file__).parent}", "PYTHONHASHSEED": "7"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(GENERATE.parent)], env=paths, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == digest(small)
    assert digest(make_tree(100, seed=2)) != digest(small)


@pytest.mark.parametrize("files", [100, 101, 257, 600])
def test_the_size_is_the_one_that_was_asked_for(files: int) -> None:
    tree = make_tree(files, seed=3)
    lines = sum(tree.files[path].count("\n") for path in tree.python())
    assert len(tree.python()) == files
    assert 240 * files < lines < 430 * files


def test_too_small() -> None:
    with pytest.raises(ValueError, match="fewer than 100"):
        make_tree(99, seed=1)


def test_a_tenth_has_to_do_with_what_is_deployed() -> None:
    tree = make_tree(500, seed=1)
    folders = ("/models/", "/queries/", "/commands/", "/variables/", "migrations/")
    special = [path for path in tree.python() if any(folder in path for folder in folders)]
    assert 40 <= len(special) <= 70


def test_all_of_it_is_python_3_10(small: MadeTree) -> None:
    for path in small.python():
        ast.parse(small.files[path], path, feature_version=(3, 10))


def test_infralint_finds_the_planted_mistakes_and_nothing_else(small: MadeTree) -> None:
    found = [(finding.path, finding.line, finding.rule) for finding in infralint.lint(small.files).findings]
    assert found == [(mistake.path, mistake.line, mistake.rule) for mistake in small.planted]
    assert len({mistake.rule for mistake in small.planted}) >= 12


def test_ruff_finds_one_relative_import_and_no_undefined_name(small: MadeTree, tmp_path: Path) -> None:
    write_tree(small, tmp_path / "tree", tmp_path / "tree.json")
    ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", "--isolated", "--output-format", "json"]
    done = subprocess.run([*ruff, "--select", "F821,TID252,E9", "tree"], cwd=tmp_path, capture_output=True, text=True)
    assert [finding["code"] for finding in json.loads(done.stdout)] == ["TID252"]


def test_the_command_writes_a_repository_and_the_manifest(tmp_path: Path) -> None:
    destination = tmp_path / "tree"
    command = [sys.executable, str(GENERATE), "--files", "100", "--seed", "1", str(destination)]
    subprocess.run(command, check=True, capture_output=True)
    manifest = json.loads(default_manifest(destination).read_text("utf-8"))
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=destination, capture_output=True, text=True, check=True)
    assert len(listed.stdout.splitlines()) == manifest["python_files"] == 100
    assert len(manifest["planted"]) >= 12
    again = subprocess.run(command, capture_output=True, text=True)
    assert (again.returncode, "is not empty" in again.stderr) == (2, True)
