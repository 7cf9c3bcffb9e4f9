"""Tables that statements name and nothing declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from infralint.facts.files import FileFacts
from infralint.facts.sql import SqlTable
from infralint.likeness import distance, nearest
from infralint.project.lookup import Absent, Known
from infralint.project.places import is_example, is_test
from infralint.project.queries import ROW_NAMES, Queries, Statement, is_revision
from infralint.project.sql_declarations import TableMakers
from infralint.source import Span

# Tables that servers' extensions, migration tools and task queues make for themselves.
_FOREIGN = frozenset(
    {
        "alembic_version", "apscheduler_jobs", "celery_taskmeta", "celery_tasksetmeta", "databasechangelog",
        "databasechangeloglock", "dual", "flyway_schema_history", "geography_columns", "geometry_columns",
        "kombu_message", "kombu_queue", "migrate_version", "raster_columns", "schema_migrations", "schema_version",
        "spatial_ref_sys", "topology",
    }
)  # fmt: skip
_FOREIGN_PREFIXES = ("django_", "auth_", "celery_", "procrastinate_", "timescaledb_")
# So many letters may differ between a table's name and what somebody wrote in its place.
_SLIPS = 2
# A project whose SQL names more undeclared tables than one in so many declared ones is not known well enough.
_KNOWN_PER_UNKNOWN = 5


@dataclass(frozen=True, slots=True)
class UnknownTable:
    """A table that nothing declares, or a qualifier that means nothing in its query.

    `near`: the declared table, or the name of the query's own, that may be meant. `hidden`: the query reads the table
    that a qualifier names, and calls it `near`.
    """

    path: str
    name: str
    span: Span
    near: str | None
    qualifier: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class NamedTables:
    """The tables that the statements of a file name. `known`: names of declared ones, in small letters; `absent`: what
    nothing declares."""

    path: str
    known: frozenset[str] = frozenset()
    absent: tuple[SqlTable, ...] = ()


def named_tables(queries: Queries) -> NamedTables:
    """The tables that a file names, those left out that others make, or another text of it by WITH."""
    named = ((each, table) for each in queries.judged for table in each.tables if not _is_foreign(table))
    answers = [(table, statement.find(table)) for statement, table in named]
    known = frozenset(table.name.lower() for table, found in answers if isinstance(found, Known))
    absent = (table for table, found in answers if isinstance(found, Absent))
    own = frozenset(queries.subqueries)
    return NamedTables(queries.path, known, tuple(table for table in absent if table.name.lower() not in own))


class Asked(Protocol):
    """What is asked of a project."""

    files: dict[str, FileFacts]

    @property
    def table_places(self) -> dict[str, tuple[str, Span]]: ...
    @property
    def table_makers(self) -> TableMakers: ...
    @property
    def unread_sql(self) -> tuple[str, ...]: ...


def unknown_tables(named: Iterable[NamedTables], project: Asked) -> Iterator[UnknownTable]:
    """Every place that names a table which all that could declare it does not declare."""
    named = [each for each in named if each.known or each.absent]
    if not any(each.absent for each in named) or project.unread_sql or not _is_covered(named):
        return
    declared = list(project.table_places)
    for each in named:
        for table in each.absent:
            near = _near(table.name, declared)
            # Where a file reads no table of ours, it may speak to another server.
            if (each.known or near) and not _may_be_made(table.name, each.path, project):
                yield UnknownTable(each.path, table.name, table.span, near)


def _may_be_made(table: str, path: str, project: Asked) -> bool:
    """Whether something makes such a table whose name is not known, or for a while: this file, or code that is no
    migration. A table that only migrations made, and took away, is gone."""
    makers = project.table_makers.of(table)
    lasting = (maker for maker in makers if maker.endswith(".py") and not is_revision(project.files, maker))
    return path in makers or any(lasting) or project.table_makers.may_make(table)


def _near(name: str, declared: Iterable[str]) -> str | None:
    """The declared table whose name is nearly the same."""
    found = nearest(name, declared)
    return found if found is not None and distance(name.casefold(), found.casefold()) <= _SLIPS else None


def _is_foreign(table: SqlTable) -> bool:
    name = table.name.lower()
    return bool(table.schema) or name in _FOREIGN or name.startswith(_FOREIGN_PREFIXES)


def _is_covered(named: Sequence[NamedTables]) -> bool:
    """Whether the declarations cover nearly all tables that the project's own SQL names."""
    known = {name for each in named for name in each.known}
    own = (each for each in named if not is_test(each.path) and not is_example(each.path))
    unknown = {table.name.lower() for each in own for table in each.absent}
    return len(known) >= _KNOWN_PER_UNKNOWN * len(unknown) or (len(unknown) == 1 and len(known) >= 2)


def unknown_qualifiers(queries: Queries) -> Iterator[UnknownTable]:
    """Qualifiers of a file that mean nothing in their queries."""
    return queries.agreed(_unknown_qualifiers)


def _unknown_qualifiers(statement: Statement) -> Iterator[UnknownTable]:
    """`u.name` where the query has nothing called `u`."""
    if not (statement.names_a_table or statement.strict):
        return
    for scope in statement.facts.scopes:
        for ref in scope.refs:
            place = ref.qualifier_span
            if (
                place is None
                or ref.clause in ("set", "row", "insert", "conflict")
                or ref.qualifier.lower() in ROW_NAMES
            ):
                continue
            if statement.meant(scope, ref.qualifier) or statement.is_open(scope):
                continue
            sources = [source for around in statement.chain(scope) for source in around.sources if source.alias]
            if not sources:
                continue
            hidden = next((s for s in sources if s.table and s.table.name.lower() == ref.qualifier.lower()), None)
            near = hidden.alias if hidden else nearest(ref.qualifier, [s.alias for s in sources if len(s.alias) > 2])
            yield UnknownTable(statement.path, ref.qualifier, place, near, True, hidden is not None)
