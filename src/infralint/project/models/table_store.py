"""All tables that were declared, and which of their columns an expression means."""

from __future__ import annotations

from collections.abc import Callable

from infralint.project.interpret import Argument, AttributeOf, ClassValue, InstanceValue, ItemOf, Made, Value
from infralint.project.models.columns import ColumnDraft, column_in, is_column, plain_name
from infralint.project.models.mapping import MappedClass, MetaData
from infralint.project.models.registries import Registries
from infralint.project.models.tables import Declaration, add_items, declare, read_plain
from infralint.project.models.types import Types
from infralint.project.models.vocabulary import called_name, flask_object, kind_name

_COLUMNS = frozenset({"c", "columns", "exported_columns"})
_MAX_DEPTH = 6


class TableStore:
    """Declarations by the objects that stand for them."""

    def __init__(self, registries: Registries, types: Types) -> None:
        self.registries = registries
        self.types = types
        self.declarations: list[Declaration] = []
        # A table was looked up by its name: who did so need not know the module that declares it.
        self.was_asked_by_name = False
        # Who maps a class, which must have happened before its columns are asked for.
        self.mapped: Callable[[ClassValue], MappedClass | None] = lambda cls: None
        # What must not go, since its id is a key.
        self._kept: list[object] = []
        self._made: dict[int, Declaration | None] = {}
        self._classes: dict[int, Declaration] = {}
        self._terms: dict[int, tuple[Declaration, str] | None] = {}

    def add(self, declaration: Declaration) -> None:
        """Keep a table that a class declares."""
        self.declarations.append(declaration)

    def map_class(self, cls: ClassValue, declaration: Declaration) -> None:
        """Note which table a class is mapped to."""
        self._classes[id(cls)] = declaration

    def of_class(self, cls: ClassValue) -> Declaration | None:
        """The table that a class is mapped to."""
        self.mapped(cls)
        return self._classes.get(id(cls))

    def read_column(self, made: Made) -> ColumnDraft:
        """A column without annotation."""
        return read_plain(made, self.types.read)

    # Tables

    def table(self, value: Value) -> Declaration | None:
        """The table that a value is: `Table(...)`, a class's `__table__`, an item of `metadata.tables`."""
        if isinstance(value, InstanceValue):
            value = value.made
        if isinstance(value, Made):
            if id(value) not in self._made:
                self._made[id(value)] = None
                self._kept.append(value)
                self._made[id(value)] = self._declared(value)
            return self._made[id(value)]
        if isinstance(value, ClassValue):
            return self.of_class(value)
        if isinstance(value, AttributeOf) and value.name in ("__table__", "local_table"):
            return self.table(value.value)
        if isinstance(value, ItemOf) and isinstance(value.index, str):
            return self._in_metadata(value.value, value.index)
        return None

    def _in_metadata(self, tables: Value, key: str) -> Declaration | None:
        if not isinstance(tables, AttributeOf) or tables.name != "tables":
            return None
        self.was_asked_by_name = True
        metadata = self.registries.metadata(tables.value)
        return next(
            (each for each in self.declarations if each.metadata is metadata and each.table.qualified == key), None
        )

    def _declared(self, made: Made) -> Declaration | None:
        if kind_name(made.callee) == "sqlalchemy.Table":
            return self._new_table(made)
        callee = made.callee
        if called_name(made) == "sqlalchemy.inspect" and made.args:
            return self.table(made.args[0].value)
        if isinstance(callee, AttributeOf) and callee.name in ("alias", "select", "join"):
            return None
        return None

    def _new_table(self, made: Made) -> Declaration | None:
        given = list(made.positional())
        named = given.pop(0) if given else made.kwargs.get("name")
        metadata, items = self._metadata(made, given)
        name = plain_name(named.value) if named else None
        if name is None or metadata is None:
            if metadata is not None:
                metadata.note("a table has a name that cannot be told", made.origin)
            return None
        base = metadata.name
        declaration = declare(name, metadata, named.origin if named else made.origin, base, made.kwargs, made)
        add_items(declaration, items, self.read_column)
        if made.is_open:
            declaration.note("arguments of the table cannot be read", made.origin)
        self.declarations.append(declaration)
        return declaration

    def _metadata(self, made: Made, given: list[Argument]) -> tuple[MetaData | None, list[Argument]]:
        """The MetaData of a `Table(...)` and its further arguments. Flask-SQLAlchemy's takes its own."""
        keyword = made.kwargs.get("metadata")
        if keyword is not None:
            return self.registries.metadata(keyword.value), given
        if given and (found := self.registries.metadata(given[0].value)) is not None:
            return found, given[1:]
        owner = made.callee.value if isinstance(made.callee, AttributeOf) else None
        if flask_object(owner) is None:
            return None, given[1:]
        base = self.registries.base(owner)
        key = made.kwargs.get("bind_key")
        if base is not None and key is not None and isinstance(key.value, str):
            return self.registries.bind(base, key.value), given
        return (base.metadata if base else None), given

    # Columns

    def find(self, value: Value, depth: int = 0) -> tuple[Declaration, str] | None:
        """The table and column that an expression means; None for what is none, or cannot be told."""
        if depth > _MAX_DEPTH:
            return None
        if isinstance(value, Made):
            column = column_in(value) if not is_column(value) else value
            return self._term(column) if column is not None else None
        if isinstance(value, AttributeOf):
            return self._attribute(value)
        if isinstance(value, ItemOf) and _is_columns(value.value) and isinstance(value.index, str):
            return self._key(value.value.value, value.index)  # type: ignore[attr-defined]
        return None

    def _attribute(self, value: AttributeOf) -> tuple[Declaration, str] | None:
        owner = value.value
        if isinstance(owner, AttributeOf) and _is_columns(owner):
            return self._key(owner.value, value.name)
        if isinstance(owner, ClassValue):
            return self.of_attribute(owner, value.name)
        return None

    def of_attribute(self, cls: ClassValue, name: str) -> tuple[Declaration, str] | None:
        """The column behind an attribute of a mapped class, its own table's first."""
        mapped = self.mapped(cls)
        if mapped is None:
            return None
        for each in mapped.lineage:
            column = each.columns.get(name)
            declaration = self._classes.get(id(each.value))
            if column is not None and declaration is not None and column in declaration.table.columns:
                return declaration, column
        return None

    def _key(self, table: Value, key: str) -> tuple[Declaration, str] | None:
        declaration = self.table(table)
        if declaration is None:
            return None
        name = declaration.keys.get(key, key)
        return (declaration, name) if name in declaration.table.columns else None

    def _term(self, column: Made) -> tuple[Declaration, str] | None:
        """The one table that a Column object was put into; a mixin's column is copied into many."""
        if id(column) not in self._terms:
            found = [(each, each.terms[id(column)]) for each in self.declarations if id(column) in each.terms]
            self._kept.append(column)
            self._terms[id(column)] = found[0] if len(found) == 1 else None
        return self._terms[id(column)]

    def forget_terms(self) -> None:
        """Look Column objects up again: more tables are there."""
        self._terms.clear()


def _is_columns(value: Value) -> bool:
    return isinstance(value, AttributeOf) and value.name in _COLUMNS
