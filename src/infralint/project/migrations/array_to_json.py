"""How an array column becomes JSON, and an array again: PostgreSQL has functions for it and no cast.

PostgreSQL 18 manual, 9.16 "JSON Functions and Operators"; ALTER TABLE: the expression of USING holds no subquery, so
the way back needs a function, which lives as long as the connection where it is made in the schema `pg_temp`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from infralint.findings import AddArgument, AddStatement, Change, Rename
from infralint.project.migrations.type_changes import TypeChange, casts_in, spelled
from infralint.project.postgres_types import postgres_type
from infralint.project.replay.operations import AlterColumn, Operation

_FUNCTIONS = {"json": "array_to_json", "jsonb": "to_jsonb"}
_FUNCTION = """\
op.execute(
    "CREATE OR REPLACE FUNCTION pg_temp.json_to_array(value {json}) RETURNS text[] LANGUAGE sql IMMUTABLE "
    "AS 'SELECT ARRAY(SELECT {json}_array_elements_text(value))'"
)"""
# A name that needs no quotes.
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


def repairs(change: TypeChange, downgrade: Iterable[Operation]) -> tuple[Change, ...]:
    """The changes of a revision whose `upgrade` casts an array to JSON: the expression of USING, and the one that
    leads back in `downgrade` where that casts, too. None where the refusal is another one."""
    operation, name, new = change.operation, change.column.name, change.new_name
    if change.refusal not in ("cast", "using") or new not in _FUNCTIONS or not change.old_name.endswith("[]"):
        return ()
    if not _PLAIN.fullmatch(name) or not _is_one_cast(operation):
        return ()
    forth = f"CASE WHEN {name} IS NULL THEN NULL ELSE {_FUNCTIONS[new]}({name}) END"
    return (_using(operation, forth), *_ways_back(change, downgrade))


def _is_one_cast(operation: AlterColumn) -> bool:
    """Whether USING is left out, or holds the column and one cast."""
    return not operation.using or len(casts_in(operation.using, operation.column) or ()) == 1


def _using(operation: AlterColumn, expression: str) -> Change:
    """USING with another expression: in place of the one that is there, or as a new argument."""
    origin = operation.using_origin
    if origin is not None:
        return Rename(origin.path, origin.span, operation.using, expression)
    return AddArgument(operation.origin.path, operation.origin.span, "postgresql_using", f'"{expression}"')


def _ways_back(change: TypeChange, downgrade: Iterable[Operation]) -> Iterator[Change]:
    """What `downgrade` needs to make an array of the JSON again, where it says no more than that it shall be one."""
    table, name, json = change.operation.table, change.column.name, change.new_name
    for operation in downgrade:
        if not isinstance(operation, AlterColumn) or (operation.table.name, operation.column) != (table.name, name):
            continue
        back = spelled(postgres_type(operation.type, change.catalog))
        if not operation.certain or not back.endswith("[]") or not _is_one_cast(operation):
            continue
        origin = operation.origin
        yield AddStatement(origin.path, origin.span, _FUNCTION.format(json=json), "op")
        yield _using(operation, f"CASE WHEN {name} IS NULL THEN NULL ELSE pg_temp.json_to_array({name})::{back} END")
