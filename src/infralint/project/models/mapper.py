"""Mapped classes: which classes have mappers, with which tables, columns and parents.

Source: SQLAlchemy 1.3 to 2.1, `orm/decl_base.py` (_as_declarative, _setup_table, _setup_inheriting_columns);
Flask-SQLAlchemy 2.3 to 3.1, `model.py` (NameMetaMixin); SQLModel, `main.py` (SQLModelMetaclass).
"""

from __future__ import annotations

from collections.abc import Iterable

from infralint.project.catalog import Unknown
from infralint.project.interpret import (
    NOTHING,
    Argument,
    AttributeOf,
    Bound,
    ClassValue,
    DictValue,
    Interpreter,
    Made,
    Value,
)
from infralint.project.models.annotations import Annotations
from infralint.project.models.attribute_columns import AttributeColumns
from infralint.project.models.columns import ColumnDraft, column_in, plain_name
from infralint.project.models.harmless import may_be_column
from infralint.project.models.mapping import Attribute, Base, MappedClass, Registry
from infralint.project.models.naming import snake_case
from infralint.project.models.registries import Registries
from infralint.project.models.scan import Scan, Scanner, is_declared
from infralint.project.models.sqlmodel import Fields, has_table
from infralint.project.models.table_store import TableStore
from infralint.project.models.tables import Declaration, add_column, add_items, declare, table_arguments
from infralint.project.models.types import Types
from infralint.project.models.vocabulary import called_name, library_name

# What makes a class's mapper and table in the place of SQLAlchemy's own code.
_MAKERS = ("__mapper_cls__", "__table_cls__")


class Mapper:
    """Maps classes, each once, parents first."""

    def __init__(
        self,
        interpreter: Interpreter,
        registries: Registries,
        store: TableStore,
        types: Types,
        annotations: Annotations,
    ) -> None:
        self.interpreter = interpreter
        self.registries = registries
        self.store = store
        self.columns = AttributeColumns(annotations, types)
        self.fields = Fields(annotations, types)
        self.scanner = Scanner(
            interpreter, annotations, self._names_of, self._expand, self._is_base, self._default_name
        )
        self._mapped: dict[int, MappedClass | None] = {}
        # What must not go, since its id is a key.
        self._kept: list[object] = []
        self.classes: list[MappedClass] = []
        # The classes that were asked for lately, in that order.
        self.asked: dict[int, ClassValue] = {}

    def mapped(self, cls: ClassValue) -> MappedClass | None:
        """A class as part of a mapping, abstract ones too; None where it is on no registry."""
        self.asked.setdefault(id(cls), cls)
        if id(cls) not in self._mapped:
            self._mapped[id(cls)] = None
            self._kept.append(cls)
            found = self._map(cls)
            if found is not None and not found.abstract:
                found.registry.classes.setdefault(found.name, []).append(found)
        return self._mapped[id(cls)]

    # What the scanner asks.

    def _names_of(self, cls: ClassValue) -> set[str] | None:
        mapped = self.mapped(cls)
        return None if mapped is None or mapped.abstract else mapped.attributes.keys() | cls.namespace.keys()

    def _expand(self, value: Value) -> ClassValue | None:
        base = self.registries.base(value)
        return base.cls if base is not None and not isinstance(value, ClassValue) else None

    def _is_base(self, value: Value) -> bool:
        return self.registries.base(value) is not None

    def _default_name(self, cls: ClassValue) -> str:
        base = self.registries.base_of_class(cls)
        if base is None or base.form not in ("SQLAlchemy", "SQLModel") or "disable_autonaming" in base.arguments:
            return ""
        return cls.name.lower() if base.form == "SQLModel" else snake_case(cls.name)

    # Mapping

    def _map(self, cls: ClassValue) -> MappedClass | None:
        base = self.registries.base_of_class(cls)
        registry = base.registry if base is not None else self._decorated(cls)
        if registry is None:
            return None
        metadata = self.registries.metadata_of_class(cls) or registry.metadata
        mapped = MappedClass(cls, registry, metadata)
        self._mapped[id(cls)] = mapped
        self.classes.append(mapped)
        mapped.inherits = self._parent(cls)
        mapped.abstract = self._is_abstract(cls, base, mapped)
        if base is not None and base.form == "SQLModel":
            self._map_sqlmodel(mapped)
        else:
            self._map_declaratively(mapped, base)
        return mapped

    def _decorated(self, cls: ClassValue) -> Registry | None:
        """The registry of `@registry.mapped` and its kin."""
        for decorator in cls.decorators:
            value = decorator.value
            if isinstance(value, Made):
                if called_name(value) == "sqlalchemy.mapped_as_dataclass":
                    given = value.argument(0, "registry")
                    return self.registries.registry(given.value) if given else None
                value = value.callee
            if isinstance(value, AttributeOf) and value.name in ("mapped", "mapped_as_dataclass", "map_declaratively"):
                return self.registries.registry(value.value)
        return None

    def _parent(self, cls: ClassValue) -> MappedClass | None:
        for value in cls.mro[1:]:
            if isinstance(value, ClassValue):
                mapped = self.mapped(value)
                if mapped is not None and not mapped.abstract:
                    return mapped
        return None

    def _is_abstract(self, cls: ClassValue, base: Base | None, mapped: MappedClass) -> bool:
        if base is not None and base.form == "SQLModel":
            return not has_table(cls) or mapped.inherits is not None
        own = self.registries.base(cls)
        if own is not None:
            return True
        if any(library_name(each.value) == "sqlalchemy.AbstractConcreteBase" for each in cls.bases):
            return True
        abstract = cls.namespace.get("__abstract__")
        return abstract is not None and abstract.value is True

    def _map_declaratively(self, mapped: MappedClass, base: Base | None) -> None:
        scan = self.scanner.scan(mapped.value)
        mapped.attributes = scan.attributes
        mapped.mapper_args = scan.mapper_args
        mapped.open += [Unknown(reason, mapped.origin) for reason in scan.open]
        if mapped.abstract:
            return
        self._note_makers(mapped)
        drafts = self._drafts(mapped)
        if scan.table is not NOTHING:
            self._take_table(mapped, scan.table, drafts)
            return
        name = self._table_name(mapped, scan, base)
        if name is not None and base is not None and base.form == "SQLAlchemy":
            name = self._flask_table(mapped, scan, drafts, name)
        if name:
            self._make_table(mapped, scan, name, drafts)
        elif name is None:
            self._without_table(mapped, drafts)

    def _note_makers(self, mapped: MappedClass) -> None:
        """A mapper or table that the tree makes in its own way may have further columns, and make further tables."""
        for name in _MAKERS:
            owner = next((each for each in self.scanner.lineage(mapped.value) if name in each.namespace), None)
            if owner is not None and owner.namespace[name].value is not None:
                origin = owner.namespace[name].name_origin
                mapped.open.append(Unknown(f"`{name}` may add to it", origin))
                mapped.metadata.note(f"`{name}` of `{owner.name}` may make tables", origin)

    def _map_sqlmodel(self, mapped: MappedClass) -> None:
        cls = mapped.value
        lineage = self.scanner.lineage(cls)
        scan = self.scanner.scan(cls)
        fields = self.fields.fields(lineage)
        mapped.attributes = fields | {name: each for name, each in scan.attributes.items() if name not in fields}
        mapped.open += [Unknown(reason, mapped.origin) for reason in scan.open]
        if mapped.abstract:
            return
        bound = scan.table_name_bound
        name = mapped.name.lower() if bound is None else self._read_name(mapped, scan.table_name, bound)
        if name:
            self._make_table(mapped, scan, name, list(self.fields.drafts(fields)))

    def _drafts(self, mapped: MappedClass) -> list[ColumnDraft]:
        """The columns that the class's own attributes and its mixins' make, in order."""
        found: list[ColumnDraft] = []
        taken = {id(column_in(attribute.value)) for attribute in mapped.attributes.values()}
        for attribute in mapped.attributes.values():
            made = self.columns.drafts(attribute, mapped.registry, taken)
            found += made
            if not made and self._hides_column(attribute):
                mapped.open.append(Unknown(f"`{attribute.name}` cannot be told", attribute.bound.name_origin))
        return sorted(found, key=lambda draft: draft.sort_order)

    @staticmethod
    def _hides_column(attribute: Attribute) -> bool:
        return may_be_column(attribute.value)

    # Names of tables

    def _table_name(self, mapped: MappedClass, scan: Scan, base: Base | None) -> str | None:
        """The name of the class's own table; "" where it cannot be told, None where it has none."""
        if base is not None and base.form == "SQLAlchemy" and self._names_itself(mapped, base):
            return snake_case(mapped.name)
        if scan.table_name_bound is None or scan.table_name is None:
            return None
        return self._read_name(mapped, scan.table_name, scan.table_name_bound)

    def _read_name(self, mapped: MappedClass, value: Value, bound: Bound) -> str:
        name = plain_name(value)
        if name is None:
            unknown = Unknown("the name of its table cannot be told", bound.origin)
            mapped.open.append(unknown)
            mapped.metadata.open.append(
                Unknown(f"the table of `{mapped.name}` has a name that cannot be told", bound.origin)
            )
            return ""
        return name

    def _names_itself(self, mapped: MappedClass, base: Base) -> bool:
        """Whether Flask-SQLAlchemy makes the table's name from the class's (should_set_tablename)."""
        if "disable_autonaming" in base.arguments:
            return False
        for owner in self.scanner.lineage(mapped.value):
            if "__tablename__" in owner.namespace:
                if is_declared(owner.namespace["__tablename__"].value) or owner is mapped.value:
                    return False
                known = self.mapped(owner)
                return known is not None and not known.abstract
        return True

    def _flask_table(self, mapped: MappedClass, scan: Scan, drafts: list[ColumnDraft], name: str) -> str | None:
        """Without a primary key of its own a class is in its parent's table (NameMetaMixin.__table_cls__)."""
        items, _, _ = table_arguments(scan.table_args)
        has_key = any(draft.primary_key for draft in drafts) or any(
            called_name(item.value).endswith("PrimaryKeyConstraint") for item in items
        )
        return name if has_key or mapped.inherits is None else None

    # Tables

    def _make_table(self, mapped: MappedClass, scan: Scan, name: str, drafts: list[ColumnDraft]) -> None:
        if "__table_args__" in scan.mixed_in and scan.table_name is None and mapped.inherits is not None:
            items: list[Argument] = []
            keywords: dict[str, Argument] = {}
            reason = ""
        else:
            items, keywords, reason = table_arguments(scan.table_args)
        bound = scan.table_name_bound
        origin = bound.origin if bound is not None and bound.frame.path == mapped.path else mapped.origin
        declaration = declare(name, mapped.metadata, origin, mapped.registry.name, keywords)
        declaration.cls = mapped
        declaration.certain = mapped.value.certain
        if reason:
            declaration.note(reason, mapped.origin)
        declaration.table.open += mapped.open
        for draft in drafts:
            add_column(declaration, draft)
        add_items(declaration, items, self.store.read_column)
        self._attach(mapped, declaration, "table" if mapped.inherits is None else "joined", drafts)
        self.store.add(declaration)

    def _attach(self, mapped: MappedClass, declaration: Declaration, kind: str, drafts: Iterable[ColumnDraft]) -> None:
        concrete = mapped.mapper_args.get("concrete") if isinstance(mapped.mapper_args, DictValue) else None
        mapped.kind = "concrete" if kind == "joined" and concrete and concrete.value is True else kind
        mapped.table = declaration.table
        declaration.table.classes.append(f"{self.interpreter.module(mapped.path).dotted}.{mapped.value.qualname}")
        if mapped.inherits is not None and mapped.kind != "concrete":
            mapped.columns |= mapped.inherits.columns
        mapped.columns |= {draft.attribute: draft.name for draft in drafts if draft.attribute}
        self.store.map_class(mapped.value, declaration)

    def _take_table(self, mapped: MappedClass, value: Value, drafts: list[ColumnDraft]) -> None:
        """`__table__`: a table that is made elsewhere."""
        declaration = self.store.table(value)
        if declaration is None:
            mapped.open.append(Unknown("its table cannot be told", mapped.origin))
            return
        declaration.cls = declaration.cls or mapped
        declaration.table.base = mapped.registry.name
        self._attach(mapped, declaration, "table" if mapped.inherits is None else "joined", ())
        self._name_columns(mapped, declaration)

    def _name_columns(self, mapped: MappedClass, declaration: Declaration) -> None:
        """The attributes of a table's columns: their keys, but where the class gives a column a name of its own."""
        renamed = {
            place[1]: name
            for name, attribute in mapped.attributes.items()
            if (place := self.store.find(attribute.value)) is not None and place[0] is declaration
        }
        keys = {name: key for key, name in declaration.keys.items()}
        for name in declaration.table.columns:
            mapped.columns[renamed.get(name) or keys.get(name, name)] = name

    def _without_table(self, mapped: MappedClass, drafts: list[ColumnDraft]) -> None:
        """Single-table inheritance: the columns go into the parent's table."""
        parent = mapped.inherits
        declaration = self.store.of_class(parent.value) if parent is not None else None
        if declaration is None:
            return
        declaration.table.open += mapped.open
        for draft in drafts:
            if draft.name not in declaration.table.columns:
                add_column(declaration, draft)
            elif draft.term is not None:
                declaration.terms[id(draft.term)] = draft.name
        self._attach(mapped, declaration, "single", drafts)

    # Imperative mapping

    def map_imperatively(self, made: Made, registry: Registry, cls: ClassValue, table: Value) -> None:
        """`registry.map_imperatively(Class, table, properties=...)` and `mapper(Class, table)`."""
        mapped = MappedClass(cls, registry, registry.metadata)
        self._mapped[id(cls)] = mapped
        self.classes.append(mapped)
        mapped.inherits = self._parent(cls)
        registry.classes.setdefault(mapped.name, []).append(mapped)
        mapped.attributes = {
            name: Attribute(name, bound.value, bound, cls)
            for name, bound in cls.namespace.items()
            if not (name.startswith("__") and name.endswith("__"))
        }
        self._read_properties(mapped, made)
        declaration = self.store.table(table)
        if declaration is None:
            if table is not None or mapped.inherits is None:
                mapped.open.append(Unknown("its table cannot be told", made.origin))
            return
        declaration.cls = declaration.cls or mapped
        mapped.metadata = declaration.metadata
        self._attach(mapped, declaration, "table" if mapped.inherits is None else "joined", ())
        self._name_columns(mapped, declaration)

    def _read_properties(self, mapped: MappedClass, made: Made) -> None:
        given = made.kwargs.get("properties")
        if made.is_open or (given is not None and not isinstance(given.value, DictValue)):
            mapped.open.append(Unknown("its properties cannot be read", made.origin))
        elif given is not None and isinstance(given.value, DictValue):
            for key, item in given.value.pairs():
                if isinstance(key.value, str):
                    bound = Bound(item.value, item.node, item.frame, key.node)
                    mapped.attributes[key.value] = Attribute(key.value, item.value, bound, mapped.value)
            if given.value.open is not None:
                mapped.open.append(Unknown(given.value.open.reason, made.origin))
