"""Git itself, asked about commits and the index: it knows every form that a repository may have.

This is the one place that starts a program. Nothing of the linted project is run by it: no hook, no filter, no monitor;
nothing is written, and nothing is fetched.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO

_MODE_LINK, _MODE_SUBMODULE = "120000", "160000"


class GitError(Exception):
    """Git is not there, or could not answer; the text says which, in its own words."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A file in a commit or in the index: the name of its content, and whether it is a symbolic link."""

    name: str
    is_link: bool


@dataclass(frozen=True, slots=True)
class Repository:
    """The repository around a folder. `prefix`: what leads from its top to the folder, "" or ending in "/"."""

    folder: Path
    prefix: str

    @classmethod
    def around(cls, folder: Path) -> Repository:
        """Raises GitError where there is none."""
        return cls(folder, _output(folder, "rev-parse", "--show-prefix").decode("utf-8", "surrogateescape").strip("\n"))

    def commit(self, revision: str) -> str:
        """The name of the commit that a revision means (gitrevisions(7)). Raises GitError."""
        asked = f"{revision}^{{commit}}"
        return self._text("rev-parse", "--verify", "--quiet", "--end-of-options", asked, said=revision)

    def fork_point(self, revision: str) -> str:
        """The commit from which the present one and `revision` went their own ways; in a shallow clone that does not
        reach so far, `revision` itself. Raises GitError."""
        commit = self.commit(revision)
        try:
            return self._text("merge-base", commit, "HEAD")
        except GitError:
            return commit

    def files_of(self, commit: str) -> dict[str, Blob]:
        """The files of a commit below the folder, by their path relative to it. Raises GitError."""
        return _listed(self._run("ls-tree", "-r", "-z", commit))

    def staged_files(self) -> dict[str, Blob]:
        """The files of the index below the folder. Raises GitError."""
        entries = self._run("ls-files", "--stage", "-z").split(b"\0")
        # `mode name stage`: a path with a conflict stands there several times, its own side has the stage 2.
        return _listed(b"\0".join(_as_tree_entry(entry) for entry in entries if entry))

    def renamed_since(self, commit: str) -> Mapping[str, str]:
        """Files that have another path now than in a commit: old paths by new ones. Raises GitError."""
        parts = self._run("diff", "--name-status", "--no-ext-diff", "--relative", "-z", "-M", "--diff-filter=R", commit)
        names = parts.decode("utf-8", "surrogateescape").split("\0")
        return {names[at + 2]: names[at + 1] for at in range(0, len(names) - 2, 3)}

    def _run(self, *arguments: str) -> bytes:
        return _output(self.folder, *arguments)

    def _text(self, *arguments: str, said: str | None = None) -> str:
        try:
            return self._run(*arguments).decode("ascii").strip()
        except GitError as error:
            raise GitError(str(error) if said is None else f"git knows no commit `{said}`") from error


@dataclass(slots=True)
class Contents:
    """The contents of blobs, by one process that is asked for one after the other. A context, which ends it."""

    folder: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def __enter__(self) -> Contents:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process is not None:
            self._process.communicate()

    def read(self, name: str) -> bytes:
        """The content of a blob. Raises OSError."""
        stdin, stdout = self._pipes()
        stdin.write(f"{name}\n".encode("ascii"))
        stdin.flush()
        header = stdout.readline().split()
        if len(header) != 3:
            raise FileNotFoundError(2, "git has no such object", name)
        data = stdout.read(int(header[2]))
        stdout.read(1)
        return data

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process is None:
            self._process = subprocess.Popen(
                _command("cat-file", "--batch"),
                cwd=self.folder,
                env=_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout


def _listed(entries: bytes) -> dict[str, Blob]:
    """`mode type name<tab>path`, as ls-tree lists it; submodules have no files here."""
    found = {}
    for entry in entries.split(b"\0"):
        head, _, path = entry.decode("utf-8", "surrogateescape").partition("\t")
        if path:
            mode, _, name = head.split()
            if mode != _MODE_SUBMODULE:
                found[path] = Blob(name, mode == _MODE_LINK)
    return found


def _as_tree_entry(entry: bytes) -> bytes:
    head, tab, path = entry.partition(b"\t")
    mode, name, _ = head.split()
    return b" ".join((mode, b"blob", name)) + tab + path


def _output(folder: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(_command(*arguments), cwd=folder, env=_environment(), capture_output=True, check=False)
    except OSError as error:
        raise GitError(f"git cannot be started: {error.strerror or error}") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitError(said[-1] if said else f"git {arguments[0]} failed")
    return done.stdout


def _command(*arguments: str) -> list[str]:
    return ["git", "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", *arguments]


def _environment() -> dict[str, str]:
    """Git's own settings stay; what would take locks, fetch, or speak another language is switched off."""
    return {
        **os.environ,
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }
