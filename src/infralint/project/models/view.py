"""The models of a project: every registry with its classes, every MetaData with its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from infralint.facts.files import FileFacts
from infralint.project.catalog import Catalog, EnumType, Table, Unknown
from infralint.project.interpret import Argument, AttributeOf, Bound, ClassValue, Interpreter, Made, ModuleValue, Value
from infralint.project.models.annotations import Annotations
from infralint.project.models.attributes import Attributes
from infralint.project.models.catalogs import extend, take_types, without_tests
from infralint.project.models.columns import is_column
from infralint.project.models.constraints import add_search_indexes, settle
from infralint.project.models.mapper import Mapper
from infralint.project.models.mapping import Attribute, Base, ColumnPlace, MappedClass, MetaData, Registry
from infralint.project.models.names import Names
from infralint.project.models.possible import Possible, may_be_mapped
from infralint.project.models.registries import Registries
from infralint.project.models.relationships import Relationships, catalog_entry
from infralint.project.models.table_store import TableStore
from infralint.project.models.tables import Declaration, add_column, add_items, is_constraint
from infralint.project.models.types import Types, enum_name
from infralint.project.models.vocabulary import called_name, kind_name
from infralint.project.places import is_test

_MAPPER_OF = frozenset({"sqlalchemy.inspect", "sqlalchemy.class_mapper", "sqlalchemy.object_mapper"})

# Events of a class whose listeners see its mapper before it is used.
_BUILDING = frozenset({"after_mapper_constructed", "instrument_class"})


class OrmView:
    """SQLAlchemy's view of a project, as far as its files tell.

    Modules of tests count: what they declare comes last, so that the application's own declarations stand first.
    Alembic's revisions do not.
    """

    def __init__(
        self,
        interpreter: Interpreter,
        files: Mapping[str, FileFacts],
        extended: Callable[[], Mapping[str, frozenset[str]]],
    ) -> None:
        """`extended`: what `extended_in` says of each module that was not lowered, and says something of."""
        self.interpreter = interpreter
        self.files = files
        self._extended = extended
        self._paths = sorted((path for path in files if _may_map(path, files)), key=lambda path: (is_test(path), path))
        self._modules: list[ModuleValue] = [interpreter.module(path) for path in self._paths]
        self._types = Types(interpreter)
        self._registries = Registries(interpreter, Names(self._modules))
        self._store = TableStore(self._registries, self._types)
        self._mapper = Mapper(
            interpreter, self._registries, self._store, self._types, Annotations(interpreter, self._types)
        )
        self._store.mapped = self._mapper.mapped
        self._consumed: set[int] = set()
        self._read()

    # What rules ask.

    @property
    def registries(self) -> tuple[Registry, ...]:
        """All registries, those without classes too."""
        return tuple(self._registries.registries)

    @property
    def metadatas(self) -> tuple[MetaData, ...]:
        """All metadatas, those without tables too."""
        return tuple(self._registries.metadatas)

    @property
    def bases(self) -> tuple[Base, ...]:
        """Every declarative base made in the tree, by place."""
        return tuple(sorted((b for b in self._registries.bases if b.origin.path), key=lambda base: base.origin))

    @property
    def classes(self) -> tuple[MappedClass, ...]:
        """Every class on a registry, abstract ones and bases too."""
        return tuple(self._mapper.classes)

    @property
    def declarations(self) -> tuple[Declaration, ...]:
        """Every table as each class or `Table(...)` declares it: a name may come twice."""
        return tuple(self._store.declarations)

    def base(self, value: Value) -> Base | None:
        """The declarative base that an expression means, or that a class is on."""
        return self._registries.base_of_class(value) if isinstance(value, ClassValue) else self._registries.base(value)

    def mapped(self, cls: ClassValue) -> MappedClass | None:
        """The mapped class that a class is."""
        return self._mapper.mapped(cls)

    def metadata(self, value: Value) -> MetaData | None:
        """The MetaData that an expression means: `Base.metadata`, `db.metadata`, `metadata = MetaData()`."""
        return self._registries.metadata(value)

    def table(self, value: Value) -> Table | None:
        """The table that an expression means: `Table(...)`, `User.__table__`, `metadata.tables["users"]`."""
        declaration = self._store.table(value)
        return declaration.table if declaration is not None else None

    def column(self, value: Value) -> ColumnPlace | None:
        """The column that an expression means: `User.id`, `users.c.id`, a Column object of one table."""
        place = self._store.find(value)
        if place is None or place[1] not in place[0].table.columns:
            return None
        return ColumnPlace(place[0].table, place[0].table.columns[place[1]])

    @cached_property
    def relationships(self) -> Relationships:
        """The relationships of all mapped classes, those that backrefs make too."""
        return Relationships(self.interpreter, self.classes, self.table, self.possible)

    @cached_property
    def attributes(self) -> Attributes:
        """What attributes a mapped class has."""
        return Attributes(self.relationships, self._mapper.scanner.lineage, self._mapper.scanner.is_base)

    @cached_property
    def catalogs(self) -> tuple[Catalog, ...]:
        """What the application's own modules declare, by MetaData; of tests nothing."""
        kept = [metadata for metadata in self.metadatas if metadata.catalog.tables]
        found = [without_tests(metadata.catalog) for metadata in kept]
        return tuple(catalog for catalog in found if catalog.tables)

    @cached_property
    def catalog(self) -> Catalog:
        """The tables of all metadatas together; of two with the same name the first by MetaData and place."""
        whole = Catalog("models")
        for metadata in self.metadatas:
            for key, table in metadata.catalog.tables.items():
                whole.tables.setdefault(key, table)
            for key, enum in metadata.catalog.enums.items():
                whole.enums.setdefault(key, enum)
            whole.open += metadata.open
        return whole

    @cached_property
    def possible(self) -> Possible:
        """What may be declared where nobody evaluates it: asked before something is said to be missing."""
        evaluated = {
            (made.frame.path, made.node.start) for path in self._paths for made in self.interpreter.calls(path)
        }
        doubtful: dict[str, ClassValue] = {}
        for path in self._paths:
            for cls in self.interpreter.classes(path):
                evaluated.add((cls.path, cls.node.start))
                if self._mapper.mapped(cls) is None and may_be_mapped(cls):
                    doubtful.setdefault(cls.name, cls)
        return Possible(self.files, self._paths, evaluated, doubtful, self._is_plain)

    def _is_plain(self, path: str, name: str) -> bool:
        """Whether a class of a module without a word of SQLAlchemy is on no registry, or on one that is known to it."""
        known = {id(mapped) for mapped in self.classes}
        self.interpreter.module(path)
        found = [cls for cls in self.interpreter.classes(path) if cls.name == name]
        for cls in found:
            mapped = self._mapper.mapped(cls)
            if may_be_mapped(cls) if mapped is None else id(mapped) not in known:
                return False
        return bool(found)

    # Reading

    def _read(self) -> None:
        calls = [call for path in self._paths for call in self.interpreter.calls(path)]
        for call in calls:
            self._read_imperative(call)
        for path in self._paths:
            self._map_all(path)
        for path in self._heirs():
            self._map_all(path)
        for call in calls:
            self._store.table(call)
            self._read_listener(call)
        self._store.forget_terms()
        for call in calls:
            self._read_addition(call)
        self._store.forget_terms()
        for declaration in self._store.declarations:
            self._consumed |= {id(made) for made in declaration.waiting}
        for call in calls:
            self._read_outside(call)
        for declaration in self._store.declarations:
            settle(declaration, self._store.find)
        for declaration in self._store.declarations:
            self._fill(declaration)
        for metadata in self.metadatas:
            take_types(metadata)
        for call in calls:
            self._read_extension(call)
        self._relate()

    def _map_all(self, path: str) -> None:
        for cls in self.interpreter.classes(path):
            self._mapper.mapped(cls)

    def _heirs(self) -> Iterator[str]:
        """Modules without a word of SQLAlchemy whose classes extend mapped ones, by the names of their bases."""
        left = dict(self._extended())
        known: set[str] = set()
        while fresh := {mapped.name for mapped in self.classes} - known:
            known |= fresh
            for path in [path for path, names in left.items() if names & fresh]:
                del left[path]
                self.interpreter.module(path)
                yield path

    def _relate(self) -> None:
        """Give every MetaData the relationships of its classes."""
        names = {
            id(mapped): f"{self.interpreter.module(mapped.path).dotted}.{mapped.value.qualname}"
            for mapped in self.classes
        }
        for relation in self.relationships.all:
            relation.owner.metadata.catalog.relationships.append(catalog_entry(relation, names))

    def _read_imperative(self, call: Made) -> None:
        callee = call.callee
        if isinstance(callee, AttributeOf) and callee.name == "map_imperatively":
            registry = self._registries.registry(callee.value)
        elif kind_name(callee) == "sqlalchemy.mapper":
            registry = self._registries.classical(call)
        else:
            return
        cls, table = call.argument(0, "class_"), call.argument(1, "local_table")
        if registry is None or cls is None or not isinstance(cls.value, ClassValue):
            if registry is not None:
                self._registries.note_open(registry, "a class that cannot be told is mapped imperatively", call.origin)
            return
        self._mapper.map_imperatively(call, registry, cls.value, table.value if table else None)

    def _read_addition(self, call: Made) -> None:
        """`table.append_column(...)`, `metadata.reflect()` and their like."""
        callee = call.callee
        if not isinstance(callee, AttributeOf):
            return
        if callee.name in ("append_column", "append_constraint"):
            declaration = self._store.table(callee.value)
            given = call.argument(0, "column")
            if declaration is not None and given is not None:
                self._append(declaration, given)
        elif callee.name == "add_property":
            self._add_property(call, callee.value)
        elif callee.name == "reflect" and (metadata := self._registries.metadata(callee.value)) is not None:
            metadata.note("its tables are reflected from the database", call.origin)

    def _add_property(self, call: Made, mapper: Value) -> None:
        """`User.__mapper__.add_property("posts", relationship(...))`."""
        if isinstance(mapper, AttributeOf) and mapper.name == "__mapper__":
            cls = mapper.value
        else:
            given = mapper.argument(0) if isinstance(mapper, Made) and called_name(mapper) in _MAPPER_OF else None
            cls = given.value if given is not None else None
        mapped = self._mapper.mapped(cls) if isinstance(cls, ClassValue) else None
        name, value = call.argument(0, "key"), call.argument(1, "prop")
        if mapped is None:
            return
        if name is None or value is None or not isinstance(name.value, str):
            mapped.open.append(Unknown("a property of it has a name that cannot be told", call.origin))
            return
        bound = Bound(value.value, value.node, value.frame, name.node)
        mapped.attributes[name.value] = Attribute(name.value, value.value, bound, mapped.value)

    def _read_listener(self, call: Made) -> None:
        """A listener that is told of a class's new mapper may add columns to it (`history_meta` of the examples)."""
        given, event = call.argument(0, "target"), call.argument(1, "identifier")
        if given is None or event is None or event.value not in _BUILDING:
            return
        if called_name(call) in ("sqlalchemy.listens_for", "sqlalchemy.listen") and isinstance(given.value, ClassValue):
            for mapped in self.classes:
                if given.value in mapped.value.mro:
                    unknown = Unknown("a listener may add to it", call.origin)
                    mapped.open.append(unknown)
                    mapped.metadata.open.append(unknown)
                    if mapped.table is not None:
                        mapped.table.open.append(unknown)

    def _append(self, declaration: Declaration, given: Argument) -> None:
        if is_column(given.value) and isinstance(given.value, Made):
            draft = self._store.read_column(given.value)
            if draft.name:
                add_column(declaration, draft)
                return
        add_items(declaration, [given], self._store.read_column)

    def _read_extension(self, call: Made) -> None:
        """`make_searchable(metadata)` of SQLAlchemy-Searchable."""
        if call.name.startswith("sqlalchemy_searchable.") and call.name.endswith(".make_searchable"):
            given = call.argument(0, "metadata")
            metadata = self._registries.metadata(given.value) if given is not None else None
            for table in metadata.catalog.tables.values() if metadata is not None else ():
                add_search_indexes(table)

    def _read_outside(self, call: Made) -> None:
        """Constraints and indexes that are made beside their table, over its columns."""
        if not is_constraint(call) or id(call) in self._consumed:
            return
        name = called_name(call)
        arguments = call.positional()[1:] if name.endswith(".Index") else call.positional()
        for argument in arguments:
            place = self._place_in(argument.value)
            if place is not None:
                place[0].waiting.append(call)
                return

    def _place_in(self, value: Value, depth: int = 0) -> tuple[Declaration, str] | None:
        """The first column inside of an expression."""
        found = self._store.find(value)
        if found is not None or depth > 4:
            return found
        for inner in _operands(value):
            if (found := self._place_in(inner, depth + 1)) is not None:
                return found
        return None

    def _fill(self, declaration: Declaration) -> None:
        """Put a table into its MetaData; one that is there already is extended by what may extend it."""
        table, catalog = declaration.table, declaration.metadata.catalog
        key = (table.schema, table.name)
        known = catalog.tables.setdefault(key, table)
        if known is not table and declaration.extends:
            extend(known, table)
        elif known.origin != table.origin and not is_test(table.origin.path):
            known.again.append(table.origin)
        for column in declaration.drafts:
            self._note_enum(declaration, column)

    def _note_enum(self, declaration: Declaration, name: str) -> None:
        column = declaration.table.columns.get(name)
        kind = column.type if column else None
        if column is None or kind is None or not kind.labels or "native_enum=False" in kind.arguments:
            return
        named = enum_name(kind)
        if named:
            key = (declaration.metadata.schema, named)
            enum = EnumType(named, kind.labels, column.origin, declaration.metadata.schema)
            declaration.metadata.catalog.enums.setdefault(key, enum)


def _may_map(path: str, files: Mapping[str, FileFacts]) -> bool:
    """Whether a module may declare models: not an Alembic revision, not a copy of SQLAlchemy in the tree."""
    facts = files[path]
    if not facts.program or (facts.python is not None and facts.python.is_revision):
        return False
    root, found, _ = f"/{path}".rpartition("/sqlalchemy/")
    return not (found and f"{root}/sqlalchemy/sql/__init__.py".lstrip("/") in files)


def extended_in(facts: FileFacts) -> frozenset[str]:
    """The last names of all bases of the classes of a module that was not lowered when it was read."""
    module = facts.python
    if module is None or facts.program:
        return frozenset()
    stubs = {name for stub in module.stubs for name in stub.bases}
    return frozenset(stubs | {name.rpartition(".")[2] for definition in module.classes for name in definition.bases})


def _operands(value: Value) -> Iterator[Value]:
    if isinstance(value, Made):
        if isinstance(value.callee, AttributeOf):
            yield value.callee.value
        yield from (argument.value for argument in value.args)
    for operand in getattr(value, "operands", ()):
        yield operand.value
