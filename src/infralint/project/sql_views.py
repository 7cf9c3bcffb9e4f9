"""The views of a Project about databases: their schema, and the SQL of all files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from pathspec import GitIgnoreSpec

from infralint.facts.sql import SqlFacts
from infralint.facts.sql_calls import SqlWrapper
from infralint.patterns import spec_of
from infralint.project.catalog import Catalog, EnumType
from infralint.project.interpret import Interpreter
from infralint.project.migrations.drift import Comparisons, Drift, drifts
from infralint.project.migrations.programs import Programs, modules_by_env
from infralint.project.migrations.target import Target, find_target
from infralint.project.migrations.view import Migrations
from infralint.project.queries import Queries
from infralint.project.replay.databases import SqlDatabases
from infralint.project.replay.timeline import Timeline
from infralint.project.schema import Schema
from infralint.project.schema_gathered import GatheredTables
from infralint.project.schema_notes import Notes
from infralint.project.schema_sources import timelines
from infralint.project.sql_calls import CallSite, SqlCalls, executed_by_path, texts_by_name, wrappers_by_name
from infralint.project.sql_declarations import TableMakers, declared_in, unread_sql
from infralint.project.sql_dialects import SqlDialects
from infralint.project.sql_findings import SqlFindings, findings_in
from infralint.project.views import Divided, compared, lens, view
from infralint.source import Span

# Files of SQL, templates of them too: `schema.sql`, `users.sql.j2`.
_SQL_FILE = re.compile(r"\.(?:sql|ddl)(?:\.[^/]*)?$", re.IGNORECASE)
# What is looked at by the name of a table.
DIVIDED_SQL = {"gathered_tables": Divided("schema_tables", lambda gathered, name: tuple(gathered.of(name)))}
# What is made by file.
SQL_PARTS: dict[str, Callable[[Any, str], Iterable[Any]]] = {
    "sql_declarations": lambda project, path: declared_in(project.files[path]),
    "sql_findings": lambda project, path: findings_in(Queries(project, path)),
    "sql_sites": lambda project, path: project.sql_calls.sites_in(path),
    "timelines": lambda project, path: filter(None, (project.timelines_by_path.get(path),)),
}


class SqlViews:
    """What a Project has of these views; `self` is the Project as the view sees it."""

    @view
    def migrations(self: Any) -> Migrations:
        """Alembic's environments, and the schemas that their revisions lead to."""
        return Migrations(self.files, self._revision_interpreter)

    @lens
    def _revision_interpreter(self: Any) -> Interpreter:
        """What runs revisions."""
        runs: Interpreter = self.noted_runs("_revision_runs")
        return runs

    @view
    def migration_targets(self: Any) -> dict[str, Target]:
        """The models that each env.py names, by its path."""
        paths = sorted({each.env for each in self.migrations.environments if each.env})
        return {path: find_target(self.interpreter, self.models, path) for path in paths}

    @view
    def drifts(self: Any) -> tuple[Drift, ...]:
        """Where models and migrations differ."""
        if not self.migrations.environments:
            return ()
        return tuple(drifts(self.migrations.histories, self.migration_targets, self._migrated, self._comparisons))

    @view
    def _comparisons(self: Any) -> Comparisons:
        """The differences of tables that are known."""
        return Comparisons()

    @compared
    def _migrated(self: Any) -> dict[str, frozenset[str]]:
        """The modules whose tables each env.py is for, by its path."""
        return modules_by_env(self.migration_targets, self._programs)

    @view
    def _programs(self: Any) -> Programs:
        """Which modules with models are loaded together."""
        return Programs(self.applications, lambda path: self.part("possibly_started", path)[0].paths)

    @view
    def _timelines(self: Any) -> tuple[Timeline, ...]:
        return timelines(self.migrations.histories)

    @view
    def sql(self: Any) -> SqlDatabases:
        """The databases that SQL declares: .sql files in their order, definitions in Python strings."""
        return SqlDatabases(
            filter(self._may_declare, self.sql_paths), self._schema_declarations, self._replayed.__contains__
        )

    @compared
    def _replayed(self: Any) -> frozenset[str]:
        """The revisions of all histories."""
        return frozenset(path for timeline in self._timelines for path in timeline.steps)

    @view
    def timelines_by_path(self: Any) -> dict[str, Timeline]:
        """The histories, by the paths of their steps."""
        return {path: timeline for timeline in (*self.sql.histories, *self._timelines) for path in timeline.steps}

    @view
    def catalogs(self: Any) -> tuple[Catalog, ...]:
        """What each source declares: models by MetaData, migrations by environment, SQL by database."""
        return (*self.models.related, *self.made_catalogs)

    @view
    def made_catalogs(self: Any) -> tuple[Catalog, ...]:
        """What makes tables by itself: migrations by environment, SQL by database."""
        return (*self.migrations.catalogs, *self.sql.catalogs)

    # What files hold.

    @view
    def sql_paths(self: Any) -> tuple[str, ...]:
        """The files with SQL."""
        return tuple(path for path, facts in self.files.items() if facts.sql is not None)

    @compared
    def sql_declarations(self: Any) -> dict[str, SqlFacts]:
        """What files declare, by path."""
        return {path: facts for path in self.sql_paths for facts in self.part("sql_declarations", path)}

    @property
    def _schema_declarations(self: Any) -> dict[str, SqlFacts]:
        return {path: facts for path, facts in self.sql_declarations.items() if self._may_declare(path)}

    def _may_declare(self: Any, path: str) -> bool:
        """Whether a file declares the database: of .sql files only those that the settings name, if they name any."""
        patterns = self.settings.schema_files
        return not patterns or not _SQL_FILE.search(path) or self._schema_patterns.match_file(path)

    @view
    def _schema_patterns(self: Any) -> GitIgnoreSpec:
        return spec_of(self.settings.schema_files)

    @compared
    def unread_sql(self: Any) -> tuple[str, ...]:
        """Files that may hold SQL which nobody saw."""
        return unread_sql(self.paths, self.files)

    @compared
    def broken_changes(self: Any) -> dict[str, tuple[str, ...]]:
        """The names of tables that files which do not parse may change, "*" for all, by path."""
        return {path: names for path, facts in self.files.items() if (names := facts.may_change)}

    @view
    def table_makers(self: Any) -> TableMakers:
        """Which files make tables of which names."""
        return TableMakers(self.sql_declarations, self.broken_changes)

    # The schema.

    @view
    def schema_notes(self: Any) -> Notes:
        """What changes of the schema say beside what they lead to."""
        return Notes(self._schema_declarations)

    @view
    def gathered_tables(self: Any) -> GatheredTables:
        """The declarations of models, migrations and SQL by table."""
        return GatheredTables(
            self.models.catalogs,
            self._timelines,
            self.sql,
            self.schema_notes,
            filter(self._may_declare, self.unread_sql),
            {path: names for path, names in self.broken_changes.items() if self._may_declare(path)},
        )

    @compared
    def table_places(self: Any) -> dict[str, tuple[str, Span]]:
        """All declared tables by name, each with its first place."""
        gathered: GatheredTables = self.gathered_tables
        return gathered.places

    @compared
    def enums(self: Any) -> dict[str, list[EnumType]]:
        """Enum types by name in small letters."""
        gathered: GatheredTables = self.gathered_tables
        return gathered.enums

    @lens
    def schema(self: Any) -> Schema:
        """The database's schema: the union of what SQL, models and Alembic's operations declare."""
        return Schema(self)

    # Queries.

    @compared
    def sql_wrappers(self: Any) -> dict[str, list[tuple[str, SqlWrapper]]]:
        """Functions that hand on SQL, with their files, by the last part of their names."""
        return wrappers_by_name(self.sql_paths, self.files)

    @compared
    def sql_text_names(self: Any) -> dict[tuple[str, str], int]:
        """Texts that modules bind to names: their indices, by path and name."""
        return texts_by_name(self.sql_paths, self.files)

    @view
    def sql_sites(self: Any) -> tuple[CallSite, ...]:
        """The calls that execute SQL."""
        return tuple(site for path in self.sql_paths for site in self.part("sql_sites", path))

    @compared
    def executed_texts(self: Any) -> dict[str, frozenset[int]]:
        """The texts that calls execute, by path."""
        return executed_by_path(self.sql_sites)

    @lens
    def sql_calls(self: Any) -> SqlCalls:
        """The calls that execute SQL, and the statements of files as these have them."""
        return SqlCalls(self)

    @view
    def sql_dialects(self: Any) -> SqlDialects:
        """The dialect of every file's SQL."""
        return SqlDialects(self.files, self.settings.dialect)

    @view
    def sql_findings(self: Any) -> tuple[SqlFindings, ...]:
        """What is found in the statements of each file."""
        return tuple(found for path in self.sql_paths for found in self.part("sql_findings", path))
