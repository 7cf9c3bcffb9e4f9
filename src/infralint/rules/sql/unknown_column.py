"""sql-unknown-column: SQL names a column that nothing in the project gives the table."""

from __future__ import annotations

import re
from collections.abc import Iterator

from infralint.findings import Applicability, Diagnostic, Place, Rename, TitledFix
from infralint.likeness import nearest, only_near
from infralint.project.column_names import UnknownColumn
from infralint.project.project import Project

# A name that needs no quotes.
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


def check(project: Project) -> Iterator[Diagnostic]:
    """Columns that are absent from every table in reach."""
    for unknown in (each for found in project.sql_findings for each in found.columns):
        related = tuple(
            Place(*table.places[0], f"`{table.name}` is created here") for table in unknown.tables if table.places
        )
        if unknown.renamed is not None:
            new = unknown.renamed
            related += (Place(new.path, new.span, f"it is renamed to `{new.name}` here"),)
        yield Diagnostic(unknown.path, unknown.span, _message(unknown), related, _help(unknown), _fixes(unknown))


def _message(unknown: UnknownColumn) -> str:
    tables = [f"`{table.name}`" for table in unknown.tables]
    subqueries = [f"`{name}`" for name in unknown.subqueries]
    if len(tables) == 1 and not subqueries:
        return f"table {tables[0]} has no column `{unknown.name}`"
    if len(subqueries) == 1 and not tables:
        return f"the subquery {subqueries[0]} has no column `{unknown.name}`"
    if not tables and not subqueries:
        return f"nothing that this query reads has a column `{unknown.name}`"
    return f"none of {', '.join(tables + subqueries)} has a column `{unknown.name}`"


def _help(unknown: UnknownColumn) -> str | None:
    if unknown.renamed is not None:
        return f"its name is `{unknown.renamed.name}` now"
    if unknown.reason:
        return unknown.reason
    quoted = next((name for name in unknown.near if name.lower() == unknown.name and name != unknown.name), None)
    if quoted is not None:
        return f'it has capital letters, and so takes quotes: `"{quoted}"`'
    if unknown.elsewhere:
        return f"`{unknown.elsewhere[0]}` has a column `{unknown.name}`"
    guess = nearest(unknown.name, unknown.near)
    return f"did you mean `{guess}`?" if guess else None


def _fixes(unknown: UnknownColumn) -> tuple[TitledFix, ...]:
    """The one column that may be meant, where nothing else explains the name; a reader must say whether it is."""
    if unknown.reason or unknown.elsewhere:
        return ()
    meant = unknown.renamed.name if unknown.renamed else only_near(unknown.name, unknown.near)
    if meant is None or not _PLAIN.fullmatch(meant):
        return ()
    rename = Rename(unknown.path, unknown.span, unknown.name, meant)
    return (TitledFix(f"write `{meant}`", (rename,), Applicability.UNSAFE),)
