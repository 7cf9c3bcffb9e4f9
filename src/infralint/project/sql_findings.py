"""What is found in the statements of one file, for all rules at once: they share the answers of the schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from infralint.facts.sql import SqlFault
from infralint.project.column_names import UnknownColumn, unknown_columns
from infralint.project.inserts import Miscount, miscounted
from infralint.project.literals import InvalidLiteral, invalid_literals
from infralint.project.missing import MissingValue, missing_values
from infralint.project.queries import Queries, Statement
from infralint.project.table_names import NamedTables, UnknownTable, named_tables, unknown_qualifiers


@dataclass(frozen=True, slots=True)
class SqlFindings:
    """What is wrong in the SQL of a file, apart from what else the project names.

    `faults`: of statements that are executed; `is_ours`: one of these reads a declared table.
    """

    path: str
    tables: NamedTables
    qualifiers: tuple[UnknownTable, ...]
    columns: tuple[UnknownColumn, ...]
    literals: tuple[InvalidLiteral, ...]
    missing: tuple[MissingValue, ...]
    miscounts: tuple[Miscount, ...]
    faults: tuple[SqlFault, ...]
    is_ours: bool


def findings_in(queries: Queries) -> Iterator[SqlFindings]:
    """All that is found in a file; nothing for one without statements that count."""
    if queries.judged:
        yield SqlFindings(
            queries.path,
            named_tables(queries),
            tuple(unknown_qualifiers(queries)),
            tuple(unknown_columns(queries)),
            tuple(invalid_literals(queries)),
            tuple(missing_values(queries)),
            tuple(miscounted(queries)),
            tuple(_faults(queries)),
            any(statement.names_a_table for statement in queries.judged if statement.facts.executed),
        )


def _faults(queries: Queries) -> Iterator[SqlFault]:
    statements = [statement for statement in queries.judged if statement.facts.executed]
    sound = [statement for statement in statements if not statement.facts.faults]
    for statement in statements:
        if any(_shares_words(statement, other) for other in sound):
            # Another reading of the text is right: not every combination of branches can be.
            continue
        for fault in statement.facts.faults:
            # A .sql file may hold the beginning of a statement, or queries that a program takes apart.
            if not (fault.at_end and not queries.path.endswith(".py")):
                yield fault


def _shares_words(statement: Statement, other: Statement) -> bool:
    """Whether two statements stand in the same characters: readings of one text that branches put together."""
    left, right = statement.facts.span, other.facts.span
    return bool(statement.facts.faults) and left.start < right.end and right.start < left.end
