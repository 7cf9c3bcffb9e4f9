"""Several databases in one repository: which folders are services with a database of their own.

Two histories that both create a table of one name are two databases. Where they stand in folders of their own
(`services/a/migrations`, `services/b/migrations`), what stands below one of these folders speaks of that database.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from infralint.project.schema_tables import Declaration, Table


@dataclass(frozen=True, slots=True)
class NamedTable:
    """A table by its name. `services`: what the services that have a database of their own have under the name, each
    with its folder."""

    table: Table
    services: tuple[tuple[str, Table], ...] = ()

    def of(self, path: str) -> Table:
        """The table as the service of a file has it; the whole union for a file of no service."""
        return next((own for folder, own in self.services if path.startswith(f"{folder}/")), self.table)


def by_service(table: Table) -> tuple[tuple[str, Table], ...]:
    """What each service that has its own table of this name has, with its folder."""
    return tuple((folder, of_service(table, f"{folder}/")) for folder in service_folders(table))


def service_folders(table: Table) -> tuple[str, ...]:
    """The folders of the services whose own histories each create the table; none where that cannot be told."""
    roots = sorted({each.history for each in table.declarations if each.history and not each.is_stub})
    if len(roots) < 2:
        return ()
    parts = [root.split("/") for root in roots]
    common = 0
    while all(len(each) > common for each in parts) and len({each[common] for each in parts}) == 1:
        common += 1
    if any(len(each) <= common for each in parts):
        return ()
    return tuple(sorted({"/".join(each[: common + 1]) for each in parts}))


def of_service(table: Table, path: str) -> Table:
    """The table as the service has it that a file belongs to; the whole union for a file of no service.

    What stands in none of the services counts for all.
    """
    folders = service_folders(table)
    own = [folder for folder in folders if path.startswith(f"{folder}/")]
    if len(own) != 1:
        return table
    others = [folder for folder in folders if folder != own[0]]
    kept = [each for each in table.declarations if not _stands_in(each, others)]
    return Table(table.name, kept, open=table.open)


def _stands_in(declaration: Declaration, folders: Iterable[str]) -> bool:
    path = declaration.table.origin.path
    return any(path.startswith(f"{folder}/") for folder in folders)
