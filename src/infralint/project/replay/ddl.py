"""Changes as SQL states them (facts), to operations on a catalog: names folded, types read, places made whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from infralint.facts.sql import SqlChange, SqlStatement
from infralint.facts.text import HOLE
from infralint.project.replay import ddl_columns, ddl_tables, ddl_types
from infralint.project.replay.operations import OpenTables, Operation
from infralint.project.replay.translation import Translation

# Changes that, of any table, may give it columns or take some.
_OPENING = frozenset({"add", "open", "rename-column", "rename", "alter-column", "drop-column", "set-schema"})
_MAKERS: dict[str, Callable[[Translation], Iterator[Operation]]] = {
    **ddl_tables.MAKERS,
    **ddl_columns.MAKERS,
    **ddl_types.MAKERS,
}


def operations_of(
    path: str, statement: SqlStatement, dialect: str = "postgres", certain: bool = True
) -> Iterator[Operation]:
    """The operations of one statement of a file."""
    yield from operations(path, statement.changes, dialect, certain, statement)


def operations(
    path: str,
    changes: Iterable[SqlChange],
    dialect: str = "postgres",
    certain: bool = True,
    statement: SqlStatement | None = None,
) -> Iterator[Operation]:
    """The operations of changes, in order. `path`: the file that their spans are of; `statement`: the one that they
    are part of, for views. What is not certain to run gives operations that are not."""
    for change in changes:
        translation = Translation(path, change, dialect, certain, statement)
        if HOLE in change.table.name or (change.renamed is not None and HOLE in change.renamed.name):
            yield from _unnamed(translation)
        else:
            yield from _MAKERS[change.kind](translation)


def _unnamed(translation: Translation) -> Iterator[Operation]:
    """A change of a table whose name is made at run time: any table may be meant by what adds or renames.

    Of statements in files the schema knows the pattern of the name, and what is added; it asks the facts.
    """
    change = translation.change
    if translation.statement is None and change.kind in _OPENING:
        reason = change.reason or "a change of a table whose name is made at run time"
        yield OpenTables(origin=translation.origin, reason=reason)
