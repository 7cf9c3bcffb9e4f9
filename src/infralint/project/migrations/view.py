"""The project's migrations: its environments, each with its history."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from infralint.ddl.text import changes_of
from infralint.facts.files import FileFacts
from infralint.project.catalog import Catalog, Origin
from infralint.project.interpret import Interpreter
from infralint.project.migrations.environments import Environment, find_environments
from infralint.project.migrations.execute import ReadSql
from infralint.project.migrations.history import History, Replayer
from infralint.project.migrations.revisions import read_revision
from infralint.project.migrations.sql_files import SqlFiles
from infralint.project.replay.ddl import operations
from infralint.project.replay.operations import Operation
from infralint.source import Span


class Migrations:
    """All of Alembic in a project."""

    def __init__(
        self,
        files: Mapping[str, FileFacts],
        interpreter: Interpreter,
    ) -> None:
        self.files = files
        self.interpreter = interpreter

    @cached_property
    def environments(self) -> tuple[Environment, ...]:
        """Script locations with their revisions, sorted by folder."""
        interpreter = self.interpreter
        return find_environments(self.files, lambda path: read_revision(interpreter, path), interpreter.module)

    @cached_property
    def histories(self) -> tuple[History, ...]:
        """What the revisions of each environment do, and the schema that they lead to."""
        return tuple(map(self._history, self.environments))

    def _history(self, environment: Environment) -> History:
        name = {"postgresql": "postgres"}.get(environment.dialect, environment.dialect)
        reader, sql_files = sql_reader(name), SqlFiles(self.files, name)
        return Replayer(self.interpreter, environment, reader, sql_files).run()

    @cached_property
    def catalogs(self) -> tuple[Catalog, ...]:
        """The end state of each environment."""
        return tuple(history.catalog for history in self.histories)


def sql_reader(dialect: str) -> ReadSql:
    """What reads the texts that revisions execute. A text's places are that of the argument which gives it."""

    def read(text: str, origin: Origin, certain: bool) -> list[Operation]:
        def locate(start: int, end: int) -> Span:
            return origin.span

        return list(operations(origin.path, changes_of(text, locate, dialect), dialect, certain))

    return read
