"""All declarations of all sources, by the names of their tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from infralint.project.catalog import Catalog, DomainType, EnumType
from infralint.project.catalog import Table as Declared
from infralint.project.replay.databases import SqlDatabases
from infralint.project.replay.state import State
from infralint.project.replay.timeline import Timeline
from infralint.project.schema_notes import Notes
from infralint.project.schema_services import NamedTable, by_service
from infralint.project.schema_tables import Declaration, Table
from infralint.source import Span


class GatheredTables:
    """What models, migrations and SQL declare.

    `unread`: files of SQL that nobody read; `broken`: tables by the files that may change them and do not parse.
    """

    def __init__(
        self,
        models: Iterable[Catalog],
        migrations: Iterable[Timeline],
        databases: SqlDatabases,
        notes: Notes,
        unread: Iterable[str],
        broken: Mapping[str, tuple[str, ...]],
    ) -> None:
        self._tables: dict[str, Table] = {}
        # The catalogs that declare each table.
        self._catalogs: dict[str, list[Catalog]] = {}
        for timeline in (*databases.histories, *migrations):
            self._add_state(timeline.state, timeline.state.source, timeline.name)
        self._add_state(databases.loose, "sql")
        for catalog in models:
            types = _Types(catalog)
            for model in catalog.tables.values():
                self._declare(model.name, types.declaration("models", model), catalog)
                if model.again:
                    self._open(model.name.lower(), "more than one model declares it")
        for key in notes.replaced & self._tables.keys():
            self._open(key, "a table whose name cannot be read takes its name")
        for path in unread:
            self._open_beside(path)
        for path, names in broken.items():
            self._open_named(path, names)

    def _add_state(self, state: State, source: str, history: str = "") -> None:
        catalog = state.catalog()
        types = _Types(catalog)
        for key, table in catalog.tables.items():
            made = types.declaration(source, table, history)
            if key in state.queries or key in state.former:
                made = replace(made, query=state.queries.get(key), former=state.former.get(key, {}))
            self._declare(key[1], made, catalog)
        for table in (*state.ignored, *state.ever_temporary):
            self._declare(table.name, replace(types.declaration(source, table), weak=True), catalog)

    def _declare(self, name: str, declaration: Declaration, catalog: Catalog) -> None:
        key = name.lower()
        self._tables.setdefault(key, Table(name)).declarations.append(declaration)
        self._catalogs.setdefault(key, []).append(catalog)

    def _open(self, key: str, reason: str) -> None:
        table = self._tables[key]
        table.open = table.open or reason

    def _open_beside(self, unread: str) -> None:
        """Tables that are declared near a file of SQL that was not read: it may add to them."""
        near = _folder(_folder(unread))
        for key, table in self._tables.items():
            if any(not near or path.startswith(f"{near}/") for path, _ in table.places):
                self._open(key, f"{unread} was not read")

    def _open_named(self, path: str, names: tuple[str, ...]) -> None:
        """Tables that a broken file names: it may add to them."""
        for key in self._tables:
            if key in names or "*" in names:
                self._open(key, f"{path} was not read")

    def of(self, name: str) -> Iterator[NamedTable]:
        """What a name in small letters may mean; nothing where nothing declares it."""
        table = self._tables.get(name)
        if table is not None:
            yield NamedTable(table, by_service(table))

    @property
    def places(self) -> dict[str, tuple[str, Span]]:
        """The tables that are declared somewhere, by name, with the first place of each."""
        return {table.name: places[0] for table in self._tables.values() if (places := table.places)}

    @property
    def enums(self) -> dict[str, list[EnumType]]:
        """The enum types of the sources of all tables, by name in small letters."""
        catalogs = {
            id(each): each for key, table in self._tables.items() if table.places for each in self._catalogs[key]
        }
        found: dict[str, list[EnumType]] = {}
        for catalog in catalogs.values():
            for enum in catalog.enums.values():
                found.setdefault(enum.name.lower(), []).append(enum)
        return found


class _Types:
    """The types of a catalog by name."""

    def __init__(self, catalog: Catalog) -> None:
        self.enums: dict[str, list[EnumType]] = {}
        self.domains: dict[str, list[DomainType]] = {}
        for (_, name), enum in catalog.enums.items():
            self.enums.setdefault(name, []).append(enum)
        for (_, name), domain in catalog.domains.items():
            self.domains.setdefault(name, []).append(domain)

    def declaration(self, source: str, table: Declared, history: str = "") -> Declaration:
        """A table, with the types of its columns."""
        if not self.enums and not self.domains:
            return Declaration(source, table, history=history)
        names = {column.type.name for column in table.columns.values() if column.type is not None}
        enums = {name: tuple(self.enums[name]) for name in sorted(names & self.enums.keys())}
        domains = {name: tuple(self.domains[name]) for name in sorted(names & self.domains.keys())}
        return Declaration(source, table, enums=enums, domains=domains, history=history)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
