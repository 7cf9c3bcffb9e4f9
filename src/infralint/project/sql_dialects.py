"""Which server's SQL a file speaks: by its own drivers and URLs, else by those of the service around it."""

from __future__ import annotations

from collections.abc import Mapping

from infralint.facts.files import FileFacts
from infralint.project.places import is_example, is_test
from infralint.settings import Dialect


class SqlDialects:
    """The dialects of all files."""

    def __init__(self, files: Mapping[str, FileFacts], setting: Dialect = Dialect.AUTO) -> None:
        self._setting = setting
        self._own = {path: frozenset(_written(facts)) for path, facts in files.items() if facts.sql is not None}
        self._below: dict[str, set[str]] = {}
        for path, dialects in self._own.items():
            if dialects and not is_test(path) and not is_example(path):
                for folder in _folders(path):
                    self._below.setdefault(folder, set()).update(dialects)

    def of(self, path: str) -> str:
        """The dialect: "postgres", "sqlite", "mysql", "other" for any other server, "" where it cannot be told.

        What a file says itself counts; else the nearest folder above it in which something is said.
        """
        own = self._own.get(path) or frozenset()
        if own == {"other"}:
            return "other"
        if self._setting is not Dialect.AUTO:
            return str(self._setting.value)
        if own:
            return _only(own)
        around = next((self._below[folder] for folder in _folders(path) if folder in self._below), set())
        return _only(around)

    @property
    def all(self) -> frozenset[str]:
        """Every dialect that some file of the project speaks."""
        return frozenset(self._below.get("", ()))


def _written(facts: FileFacts) -> tuple[str, ...]:
    return (*facts.sql.drivers, *facts.sql.servers) if facts.sql else ()


def _only(dialects: frozenset[str] | set[str]) -> str:
    return next(iter(dialects)) if len(dialects) == 1 else ""


def _folders(path: str) -> list[str]:
    """The folders above a file, nearest first, the root "" last."""
    found = []
    while path:
        path = path.rpartition("/")[0]
        found.append(path)
    return found
