"""The tables that models declare, whole or open."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from infralint.facts.files import FileFacts
from infralint.facts.orm import OrmClass, OrmColumn
from infralint.facts.python import ClassDef
from infralint.project.lookup import Known
from infralint.project.modules import External, Symbol
from infralint.project.orm import MappedClass, OrmModel
from infralint.project.orm_bases import SQLMODEL, RegistryKey
from infralint.source import Span

# Mixins from outside that are known to bring no columns.
_NO_COLUMNS_BASES = frozenset(
    {
        "UserMixin", "AnonymousUserMixin", "ABC", "Generic", "object", "MappedAsDataclass", "AsyncAttrs", "Serializer",
        "DeclarativeBase", "DeclarativeBaseNoMeta", "SQLModel", "Protocol", "SerializerMixin", "Hashable",
    }
)  # fmt: skip


@dataclass
class ModelTable:
    """A table as one mapped class, or one `Table(...)`, declares it.

    `columns` maps database names to (path, span) of their declaration. `open` says why there may be more
    columns; "" = this is the whole table. `registry` is None for a `Table(...)`.
    """

    path: str
    span: Span
    name: str
    schema: str
    registry: RegistryKey | None
    columns: dict[str, tuple[str, Span]] = field(default_factory=dict)
    open: str = ""


def tables_of(files: Mapping[str, FileFacts], orm: OrmModel) -> tuple[ModelTable, ...]:
    """All tables of all models whose name can be read; a single-table child is a table of its parent's name."""
    builder = _Builder(orm)
    found = [table for mapped in orm.classes if not mapped.abstract and (table := builder.of_class(mapped))]
    for path, facts in files.items():
        for declared in facts.orm.tables if facts.orm else ():
            name = declared.name.static if declared.name else None
            if name:
                columns = {column.name: (path, column.span) for column in declared.columns}
                found.append(ModelTable(path, declared.span, name, declared.schema, None, columns, declared.open))
    return tuple(found)


class _Builder:
    def __init__(self, orm: OrmModel) -> None:
        self.orm = orm

    def of_class(self, mapped: MappedClass) -> ModelTable | None:
        lineage = self.orm.lineage(mapped.path, mapped.definition)
        name = self._name(mapped, lineage)
        if not name:
            return None
        table = ModelTable(mapped.path, mapped.span, name, self._schema(lineage), mapped.registry)
        for path, definition in lineage:
            if (path, definition.qualname) == (mapped.path, mapped.definition.qualname) or self._gives_columns(
                path, definition
            ):
                self._add(table, path, definition, mapped.registry)
        return table

    def _gives_columns(self, path: str, definition: ClassDef) -> bool:
        """Whether a base's columns come into the class's own table: mixins and abstract bases, not a joined parent."""
        mapped = self.orm.mapped_class(path, definition)
        return mapped is None or mapped.abstract or not (mapped.facts and mapped.facts.table)

    def _name(self, mapped: MappedClass, lineage: tuple[tuple[str, ClassDef], ...]) -> str:
        """The table's name; "" where it cannot be told."""
        if self._has_own_flask_table(mapped):
            return snake_case(mapped.name)
        for path, definition in lineage:
            facts = self.orm.facts_of(path, definition)
            if facts is None:
                continue
            if facts.table_open:
                return definition_name(mapped) if facts.table_open == "lower" else ""
            if facts.table is not None:
                return facts.table.static or ""
        if mapped.registry == SQLMODEL:
            return definition_name(mapped)
        base = self.orm.base_of(mapped.registry)
        if base is not None and base.facts.form == "SQLAlchemy":
            return snake_case(mapped.name)
        return ""

    def _has_own_flask_table(self, mapped: MappedClass) -> bool:
        """Flask-SQLAlchemy names the table of a class with its own primary key and no name ("Models and Tables")."""
        base = self.orm.base_of(mapped.registry)
        facts = mapped.facts
        if base is None or base.facts.form != "SQLAlchemy" or facts is None or facts.table or facts.table_open:
            return False
        return any(column.primary_key for column in facts.columns)

    def _schema(self, lineage: tuple[tuple[str, ClassDef], ...]) -> str:
        for path, definition in lineage:
            facts = self.orm.facts_of(path, definition)
            if facts is not None and facts.schema:
                return facts.schema
        return ""

    def _add(self, table: ModelTable, path: str, definition: ClassDef, registry: RegistryKey) -> None:
        facts = self.orm.facts_of(path, definition)
        table.open = table.open or self._why_open(path, definition, facts)
        for column in self._columns(facts, registry):
            table.columns.setdefault(column.name, (path, column.span))
        for owner, column in self._added(path, definition):
            table.columns.setdefault(column.name, (owner, column.span))

    def _columns(self, facts: OrmClass | None, registry: RegistryKey) -> Iterator[OrmColumn]:
        if facts is not None:
            yield from facts.columns
            if registry == SQLMODEL:
                yield from facts.annotated

    def _added(self, path: str, definition: ClassDef) -> Iterator[tuple[str, OrmColumn]]:
        orm = self.orm.files[path].orm
        for addition in orm.additions if orm else ():
            if addition.column is not None and addition.owner == definition.qualname:
                yield path, addition.column

    def _why_open(self, path: str, definition: ClassDef, facts: OrmClass | None) -> str:
        if facts is not None and (facts.open or (facts.table_open and facts.table_open != "lower")):
            return facts.open or facts.table_open
        for base in definition.bases:
            if reason := self._why_base_open(path, base):
                return reason
        calls = facts.unknown if facts is not None else definition.calls
        for attribute, called in calls:
            if self._may_be_column(path, called):
                return f"`{attribute}` is made by `{called}()`"
        return ""

    def _why_base_open(self, path: str, base: str) -> str:
        if not base or base.endswith("()"):
            return "" if base.endswith("declarative_base()") else "a base class is an expression"
        found = self.orm.modules.resolve(path, base)
        if not isinstance(found, Known):
            return f"the base `{base}` cannot be followed"
        if isinstance(found.value, Symbol):
            known = self.orm.modules.class_of(found.value) is not None or self._is_base(found.value)
            return "" if known else f"the base `{base}` cannot be followed"
        return self._why_external(found.value)

    def _is_base(self, symbol: Symbol) -> bool:
        return any((base.path, base.name) == (symbol.path, symbol.name) for base in self.orm.bases)

    def _why_external(self, origin: External) -> str:
        head, last = origin.name.partition(".")[0], origin.name.rpartition(".")[2]
        if last in _NO_COLUMNS_BASES or head in sys.stdlib_module_names:
            return ""
        return f"the base `{origin.name}` comes from outside of the tree"

    def _may_be_column(self, path: str, called: str) -> bool:
        """Whether a call in a class body may make a column: everything that is not certainly something else."""
        found = self.orm.modules.resolve(path, called) if called else None
        if not isinstance(found, Known):
            return True
        if isinstance(found.value, External):
            return found.value.name.partition(".")[0] not in sys.stdlib_module_names
        definition = self.orm.modules.class_of(found.value)
        return definition is None or any("Column" in base for base in definition.bases)


def definition_name(mapped: MappedClass) -> str:
    """SQLModel's default table name: the class's name in lower case (SQLModel, "Create a Table")."""
    return mapped.name.lower()


def snake_case(name: str) -> str:
    """Flask-SQLAlchemy's default table name: `UserProfile` -> `user_profile`, `HTTPLog` -> `http_log`.

    Flask-SQLAlchemy 3, "Models and Tables": camel case is converted to snake case.
    """
    name = re.sub(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))", r"_\1", name)
    return name.lower().lstrip("_")
