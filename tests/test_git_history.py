"""`--staged`, `--diff-base` and git's trees, on repositories that git itself makes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from infralint.cli import main
from infralint.git_program import Contents, GitError, Repository

MODELS = """\
from sqlalchemy import Column, ForeignKey, Integer
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)


class Post(Base):
    __tablename__ = "posts"
    id = Column(Integer, primary_key=True)
    user_id = Column(Integer, ForeignKey("users.id"))
"""
LATEST = "FROM redis:latest\n"

Git = Callable[..., str]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, in which the models are right and one image floats."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.chdir(tmp_path)
    git("init", "--quiet", "--initial-branch=main")
    git("config", "user.email", "a@example.com")
    git("config", "user.name", "A")
    write({"app/models.py": MODELS, "old/Dockerfile": LATEST, "infralint.toml": ""})
    commit("first")
    return tmp_path


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], check=True, capture_output=True, text=True)
    return done.stdout


def write(files: dict[str, str]) -> None:
    for path, text in files.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")


def commit(message: str) -> None:
    git("add", "--all")
    git("commit", "--quiet", "--message", message)


def check(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", "--format", "concise", "--no-cache", *arguments])


def test_only_what_the_change_causes_also_where_it_touches_nothing(repository: Path) -> None:
    """The change takes a table away; what breaks is a line that it did not touch."""
    git("checkout", "--quiet", "-b", "work")
    write({"app/models.py": MODELS.replace('"users"', '"people"')})
    commit("rename a table")
    result = check("--diff-base", "main")
    assert result.exit_code == 1
    assert result.stdout.startswith("app/models.py:15:42: error orm-unresolved-foreign-key: ")
    assert "image-latest-tag" not in result.stdout
    assert "image-latest-tag" in check().stdout


def test_moved_lines_and_renamed_files_cause_nothing(repository: Path) -> None:
    git("checkout", "--quiet", "-b", "work")
    git("mv", "old", "new")
    write({"new/Dockerfile": "# A comment.\n\n" + LATEST})
    commit("move")
    result = check("--diff-base", "main")
    assert (result.exit_code, result.stdout) == (0, "")


def test_the_work_tree_counts_and_main_moves_on(repository: Path) -> None:
    git("checkout", "--quiet", "-b", "work")
    git("checkout", "--quiet", "main")
    write({"other/Dockerfile": LATEST})
    commit("main goes on")
    git("checkout", "--quiet", "work")
    write({"third/Dockerfile": LATEST})
    assert [line.partition(":")[0] for line in check("--diff-base", "main").stdout.splitlines() if line[0] != " "] == [
        "third/Dockerfile"
    ]


def test_two_of_one_kind_where_there_was_one(repository: Path) -> None:
    git("checkout", "--quiet", "-b", "work")
    write({"old/Dockerfile": LATEST + "RUN true\n" + LATEST})
    found = [line for line in check("--diff-base", "main").stdout.splitlines() if line[0] != " "]
    assert len(found) == 1


def test_a_project_below_the_top_of_the_repository(repository: Path) -> None:
    write({"sub/infralint.toml": "", "sub/Dockerfile": LATEST})
    commit("a project of its own")
    write({"sub/b/Dockerfile": LATEST})
    assert check("sub", "--diff-base", "HEAD").stdout.startswith("b/Dockerfile:1:6:")
    assert len(check("sub", "--staged").stdout.splitlines()) == len(check("sub/Dockerfile").stdout.splitlines())


def test_staged_is_what_will_be_committed(repository: Path) -> None:
    write({"a/Dockerfile": LATEST, "b/Dockerfile": "FROM scratch\n", "old/Dockerfile": "FROM scratch\n"})
    git("add", "a", "b", "old")
    write({"a/Dockerfile": "FROM scratch\n", "b/Dockerfile": LATEST})
    result = check("--staged")
    assert [line.partition(":")[0] for line in result.stdout.splitlines() if line[0] != " "] == ["a/Dockerfile"]


def test_staged_shows_the_lines_that_will_be_committed(repository: Path) -> None:
    """Also where the file has other lines since, or is gone."""
    write({"a/Dockerfile": LATEST, "sub/infralint.toml": "", "sub/Dockerfile": "FROM é:1\nFROM nginx # here\n"})
    git("add", "a", "sub")
    write({"a/Dockerfile": "# another\nFROM scratch\n"})
    Path("sub/Dockerfile").unlink()
    shown = check("--staged", "--format", "text", ".", "sub").stdout
    assert "| FROM redis:latest" in shown
    assert "| FROM nginx # here" in shown
    assert "# another" not in shown
    assert "# here" in check("--staged", "--format", "html", "sub").stdout


def test_the_pictures_of_a_page_are_of_what_is_staged(repository: Path) -> None:
    """Tables and services that the work tree has alone are not drawn."""
    write({"app/models.py": MODELS.replace("users", "people"), "compose.yaml": "services: {web: {build: old}}\n"})
    git("add", "--all")
    write({"app/models.py": MODELS, "compose.yaml": "services: {api: {build: old}}\n"})
    staged = check("--staged", "--format", "html").stdout
    now = check("--format", "html").stdout
    assert [f">{name}<" in staged for name in ("people", "users", "web", "api")] == [True, False, True, False]
    assert [f">{name}<" in now for name in ("people", "users", "web", "api")] == [False, True, False, True]


def test_staged_deletions_count(repository: Path) -> None:
    """A file that goes passes no name to a hook, and yet breaks another one."""
    main = "from app.models import User\nfrom app.other import value\n\nprint(User, value)\n"
    write({"app/__init__.py": "", "app/main.py": main, "app/other.py": "value = 1\n"})
    commit("use it")
    git("rm", "--quiet", "--cached", "app/models.py")
    assert "app/main.py:1:6: error import-unresolved" in check("--staged").stdout
    assert "import-unresolved" not in check().stdout


@pytest.mark.parametrize("option", ["--diff-base", "--staged"])
def test_without_a_repository(option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    result = check(option, *(["main"] if option == "--diff-base" else []))
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: {option}: ")
    assert "not a git repository" in result.stderr


@pytest.mark.parametrize("revision", ["nowhere", "--help", "HEAD:app/models.py", ""])
def test_a_revision_that_is_none(repository: Path, revision: str) -> None:
    result = check(f"--diff-base={revision}")
    assert result.exit_code == 2
    assert result.stderr == f"Error: --diff-base: git knows no commit `{revision}`\n"


def test_git_is_not_there(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository))
    assert "git cannot be started" in check("--staged").stderr


def test_contents(repository: Path) -> None:
    write({"é ü.txt": "1\n2\n", "empty.txt": ""})
    Path("link").symlink_to("app")
    commit("more")
    around = Repository.around(repository)
    files = around.files_of("HEAD")
    assert files.keys() == around.staged_files().keys()
    assert [path for path, blob in files.items() if blob.is_link] == ["link"]
    with Contents(repository) as contents:
        assert contents.read(files["é ü.txt"].name) == b"1\n2\n"
        assert contents.read(files["empty.txt"].name) == b""
        with pytest.raises(FileNotFoundError):
            contents.read("0" * 40)
        assert contents.read(files["old/Dockerfile"].name) == LATEST.encode()


def test_no_program_of_the_project_is_run(repository: Path) -> None:
    """Filters, monitors and hooks that the repository's settings name are programs, too."""
    mark = repository / "ran"
    program = repository / "program"
    program.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    program.chmod(0o755)
    write({".gitattributes": "*.py filter=x diff=x\n"})
    for name in ("core.fsmonitor", "filter.x.clean", "filter.x.smudge", "diff.x.textconv", "diff.external"):
        git("config", name, str(program))
    mark.unlink(missing_ok=True)
    write({"c/Dockerfile": LATEST})
    check("--staged")
    Repository.around(repository).files_of("HEAD")
    assert not mark.exists()


def test_no_repository_is_an_error_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(GitError, match="not a git repository"):
        Repository.around(tmp_path)
