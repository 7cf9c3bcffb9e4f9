"""The state machine: tables, types and what is not known of them, changed by one operation after the other.

Tables are copied before they change, so that a state of before (`snapshot`) stays what it was. Where an operation does
not fit (it drops what is not there, it makes what is), the state becomes open at that place and `faults` tells so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from infralint.project.catalog import Catalog, DomainType, EnumType, Origin, Table, Unknown
from infralint.project.replay import tables as edit
from infralint.project.replay.operations import CreateFromQuery, Operation, TableRef
from infralint.source import Span

Key = tuple[str, str]
# Schemas that a name without one means on PostgreSQL, SQLite and SQL Server: one place, whether written or not.
DEFAULT_SCHEMAS = frozenset({"", "public", "main", "dbo"})
UNCERTAIN = "a change that may not run"
# Why a table is open that something changes, and nothing before creates.
NOT_CREATED = "nothing before creates it"
_NOWHERE = Origin("", Span(0, 0))


def key_of(schema: str, name: str) -> Key:
    """The key of a table or type in a state's catalog."""
    return ("" if schema.lower() in DEFAULT_SCHEMAS else schema, name)


class State:
    """What operations have made so far. `source` is the Catalog's."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tables: dict[Key, Table] = {}
        self.temporary: dict[Key, Table] = {}
        self.enums: dict[Key, EnumType] = {}
        self.domains: dict[Key, DomainType] = {}
        self.open: list[Unknown] = []
        self.faults: list[Unknown] = []
        # CREATE ... IF NOT EXISTS that did nothing, and all temporary tables: known to some statement all the same.
        self.ignored: list[Table] = []
        self.ever_temporary: list[Table] = []
        # Keys of tables that changed since `settle`; those that were dropped, or whose name another one took.
        self.touched: set[Key] = set()
        self.rebuilt: set[Key] = set()
        # Names that columns had, with those that they have now; queries of what is made of one.
        self.former: dict[Key, dict[str, str]] = {}
        self.queries: dict[Key, CreateFromQuery] = {}
        self.search_path: tuple[str, ...] = ("",)
        # Views and the tables that they read; columns of a child that it declares itself; tables with triggers.
        self.reads: dict[Key, frozenset[Key]] = {}
        self.own_columns: dict[Key, frozenset[str]] = {}
        self.filled: dict[Key, str] = {}
        self._fresh: set[Key] = set()
        self._names: dict[Key, Key] = {}
        self._children: dict[Key, list[Key]] = {}

    # What there is

    def find(self, ref: TableRef) -> Key | None:
        """The key of the table that a name means, by case alone if there is no other way."""
        for key in self._candidates(ref):
            if key in self.temporary or key in self.tables:
                return key
        schemas = {key_of(ref.schema, "")[0]} if ref.schema else {key_of(each, "")[0] for each in self.search_path}
        folded = ref.name.lower()
        close = [key for key in self.tables if key[1].lower() == folded and key[0] in schemas]
        return close[0] if len(close) == 1 else None

    def _candidates(self, ref: TableRef) -> Iterator[Key]:
        if ref.schema:
            yield key_of(ref.schema, ref.name)
        else:
            yield from (key_of(schema, ref.name) for schema in self.search_path)

    def home(self, schema: str, name: str) -> Key:
        """The key of what is made under a name: without a schema, in the first of the search path."""
        return key_of(schema or self.search_path[0], name)

    def table(self, key: Key) -> Table:
        """The table of a key that `find` gave."""
        return self.temporary[key] if key in self.temporary else self.tables[key]

    def children(self, key: Key) -> list[Key]:
        """Tables that inherit from a table, or are partitions of it."""
        return [child for child in self._children.get(key, ()) if child in self.tables]

    def taken(self, schema: str) -> Callable[[str], bool]:
        """Tells of a name whether a constraint or index of the schema, as a key has it, bears it."""

        def is_taken(name: str) -> bool:
            key = self._names.get((schema, name))
            return key is not None and key in self.tables and name in edit.names_in(self.tables[key])

        return is_taken

    def catalog(self, name: str = "") -> Catalog:
        """The state as a catalog, which the next operation does not change. Its tables are in the order of making."""
        found = Catalog(self.source, name=name)
        found.tables, found.enums, found.domains = dict(self.tables), dict(self.enums), dict(self.domains)
        found.open = list(self.open)
        self.settle()
        return found

    def snapshot(self) -> dict[Key, Table]:
        """The tables of now, which later operations leave as they are."""
        self._fresh.clear()
        return dict(self.tables)

    def settle(self) -> set[Key]:
        """The keys that changed since the last call. Tables of now stay as they are, later changes make copies."""
        touched, self.touched = self.touched, set()
        self._fresh.clear()
        return touched

    # Ways to change it

    def begin(self) -> None:
        """A new file or revision: the search path is the usual one, temporary tables are gone."""
        self.search_path = ("",)
        self.temporary = {}
        self._fresh.clear()

    def own(self, key: Key) -> Table:
        """The table, to be changed."""
        if key in self.temporary:
            return self.temporary[key]
        self.touched.add(key)
        if key not in self._fresh:
            self.tables[key] = edit.copied(self.tables[key])
            self._fresh.add(key)
        return self.tables[key]

    def changed(self, ref: TableRef) -> Table:
        """The table that an operation names, to be changed: an open one where nothing made it."""
        key = self.find(ref)
        if key is None:
            key = self.home(ref.schema, ref.name)
            reason = f"`{ref.name}` is changed here, and nothing before creates it"
            self.fault(reason, ref.origin)
            self.open.append(Unknown(reason, ref.origin))
            self.put(key, Table(ref.name, ref.origin, ref.schema, open=[Unknown(NOT_CREATED, ref.origin)]))
        return self.own(key)

    def put(self, key: Key, table: Table) -> None:
        """A new table, in place of any other of its name. It must belong to the state alone."""
        self.tables[key] = table
        self.touched.add(key)
        self._fresh.add(key)
        self.register(key)
        for parent in table.parents:
            self.attach(parent, key)

    def remove(self, key: Key) -> None:
        """A table is gone."""
        self.rebuilt.add(key)
        if self.temporary.pop(key, None) is None and key in self.tables:
            del self.tables[key]
            self.touched.add(key)
            self._fresh.discard(key)

    def register(self, key: Key) -> None:
        """Note the names of a table's constraints and indexes."""
        self._names.update({(key[0], name): key for name in edit.names_in(self.tables[key])})

    def attach(self, parent: Key, child: Key) -> None:
        """Columns of `parent` come to `child` from now on."""
        found = self._children.setdefault(parent, [])
        if child not in found:
            found.append(child)

    def detach(self, parent: Key, child: Key) -> None:
        """The opposite of `attach`."""
        self._children[parent] = [each for each in self._children.get(parent, ()) if each != child]

    def moved(self, old: Key, new: Key) -> None:
        """A table has another key now: foreign keys, views and children follow it."""
        if old in self._children:
            self._children[new] = self._children.pop(old)
        for child in self.children(new):
            self.own(child).parents = [new if parent == old else parent for parent in self.tables[child].parents]
        for parent, names in self._children.items():
            self._children[parent] = [new if name == old else name for name in names]
        self.reads = {
            (new if view == old else view): frozenset(new if read == old else read for read in reads)
            for view, reads in self.reads.items()
        }
        if old in self.own_columns:
            self.own_columns[new] = self.own_columns.pop(old)
        if old in self.filled:
            self.filled[new] = self.filled.pop(old)
        if old in self.former:
            self.former[new] = self.former.pop(old)
        if old in self.queries:
            self.queries[new] = self.queries.pop(old)
        self.touched |= {old, new}
        self.rebuilt |= {old, new}
        self.register(new)

    def retarget(self, points_at: Callable[[str, str], bool], name: str, schema: str) -> None:
        """Foreign keys at a table that has another name now."""
        for key, table in list(self.tables.items()):
            if any(points_at(each.target_schema, each.target) for each in table.foreign_keys):
                changed = self.own(key)
                changed.foreign_keys = [
                    replace(each, target=name, target_schema=schema)
                    if points_at(each.target_schema, each.target)
                    else each
                    for each in changed.foreign_keys
                ]

    def points_at(self, key: Key) -> Callable[[str, str], bool]:
        """Whether a foreign key's schema and table mean `key`."""
        return lambda schema, name: name == key[1] and self.find(TableRef(name, _NOWHERE, schema)) == key

    def fault(self, reason: str, origin: Origin) -> None:
        """An operation that does not fit to what was before it."""
        self.faults.append(Unknown(reason, origin))

    def open_all(self, unknown: Unknown) -> None:
        """Any table may have been changed or made."""
        self.open.append(unknown)
        for key in list(self.tables):
            edit.mark_open(self.own(key), unknown)


def doubt(operation: Operation) -> Unknown | None:
    """Why what an operation does is not certain; None if it is."""
    return None if operation.certain else Unknown(UNCERTAIN, operation.origin)
