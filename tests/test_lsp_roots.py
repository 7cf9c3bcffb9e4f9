"""Which project the language server finds for a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from folder_edits import write

from infralint.lsp.roots import below, project_of


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of many things, in which the editor was started."""
    files = ("plain/a/b.py", "marked/pyproject.toml", "marked/a/b.py", "made/Makefile", "made/a/b.py", "c.py")
    write(tmp_path / "home", dict.fromkeys(files, ""))
    monkeypatch.chdir(tmp_path / "home")
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    return tmp_path / "home"


@pytest.mark.parametrize(
    ("path", "folders", "root"),
    [
        ("plain/a/b.py", ["plain"], "plain"),
        ("plain/a/b.py", ["plain", "plain/a"], "plain/a"),
        ("marked/a/b.py", ["marked/a"], "marked"),
        ("marked/a/b.py", ["."], "marked"),
        ("made/a/b.py", ["made/a"], "made"),
        ("plain/a", ["plain/a"], "plain/a"),
        ("plain/a/b.py", ["marked"], None),
        ("made/a/b.py", ["marked"], None),
        ("marked/a/b.py", ["plain"], "marked"),
        ("marked/lib/site-packages/x.py", ["plain"], None),
        ("plain/a/b.py", [], "plain/a"),
        ("made/a/b.py", [], "made"),
        ("c.py", [], None),
    ],
)
def test_project(tree: Path, path: str, folders: list[str], root: str | None) -> None:
    found = project_of(tree / path, frozenset((tree / folder) for folder in folders))
    assert found == (tree / root if root is not None else None)


def test_below(tmp_path: Path) -> None:
    assert below(tmp_path / "a" / "b.py", tmp_path) == "a/b.py"
    assert below(tmp_path, tmp_path) is None
    assert below(tmp_path / "a", tmp_path / "b") is None
