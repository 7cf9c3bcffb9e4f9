"""Tables that statements name and nothing declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from infralint.facts.sql import SqlTable
from infralint.likeness import distance, nearest
from infralint.project.lookup import Absent, Known
from infralint.project.places import is_example, is_test
from infralint.project.queries import ROW_NAMES, Queries, Statement
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


def unknown_tables(queries: Queries) -> Iterator[UnknownTable]:
    """Every place that names a table which all that could declare it does not declare."""
    statements = list(queries.judged())
    declared = [table.name for table in queries.schema.tables()]
    named = [(statement, table) for statement in statements for table in statement.tables() if not _is_foreign(table)]
    answers = [(statement, table, statement.find(table)) for statement, table in named]
    absent = [(statement, table) for statement, table, found in answers if isinstance(found, Absent)]
    known = {table.name.lower() for _, table, found in answers if isinstance(found, Known)}
    if not queries.has_unread_sql and _is_covered(known, absent):
        ours = {statement.path for statement, _, found in answers if isinstance(found, Known)}
        for statement, table in absent:
            near = _near(table.name, declared)
            # Where a file reads no table of ours, it may speak to another server.
            if (statement.path in ours or near) and not queries.may_be_made(table.name, statement.path):
                yield UnknownTable(statement.path, table.name, table.span, near)
    yield from queries.agreed(_unknown_qualifiers)


def _near(name: str, declared: Iterable[str]) -> str | None:
    """The declared table whose name is nearly the same."""
    found = nearest(name, declared)
    return found if found is not None and distance(name.casefold(), found.casefold()) <= _SLIPS else None


def _is_foreign(table: SqlTable) -> bool:
    name = table.name.lower()
    return bool(table.schema) or name in _FOREIGN or name.startswith(_FOREIGN_PREFIXES)


def _is_covered(known: set[str], absent: Iterable[tuple[Statement, SqlTable]]) -> bool:
    """Whether the declarations cover nearly all tables that the project's own SQL names."""
    unknown = {
        table.name.lower()
        for statement, table in absent
        if not is_test(statement.path) and not is_example(statement.path)
    }
    return len(known) >= _KNOWN_PER_UNKNOWN * len(unknown) or (len(unknown) == 1 and len(known) >= 2)


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
