"""How the models of a project are read: classes first, then tables, then what other calls add to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from infralint.project.catalog import Column, DataType, EnumType, Table, Unknown
from infralint.project.interpret import Argument, AttributeOf, Bound, ClassValue, Interpreter, Made, Value
from infralint.project.models.annotations import Annotations
from infralint.project.models.call_kinds import CallKinds, kinds_in
from infralint.project.models.catalogs import extend, take_types
from infralint.project.models.columns import is_column
from infralint.project.models.constraints import add_search_indexes, settle
from infralint.project.models.mapper import Mapper
from infralint.project.models.mapping import Attribute
from infralint.project.models.names import Names
from infralint.project.models.registries import Registries
from infralint.project.models.table_store import TableStore
from infralint.project.models.tables import Declaration, add_column, add_items
from infralint.project.models.types import Types, enum_name
from infralint.project.models.vocabulary import called_name, kind_name
from infralint.project.places import is_test

_MAPPER_OF = frozenset({"sqlalchemy.inspect", "sqlalchemy.class_mapper", "sqlalchemy.object_mapper"})


@dataclass(frozen=True, slots=True)
class Span:
    """Where the classes and declarations of a module stand among all, with those of others that were mapped for them.

    `founds`: it was the first to ask for bases and metadatas that are made in these modules. `asked`: the classes that
    were asked for to map its own, those of the module itself by name.
    """

    classes: slice
    declarations: slice
    founds: frozenset[str]
    asked: tuple[ClassValue | str, ...]


class Reading:
    """What was read of the modules at some `paths`, in this order.

    The rest is for `renewal`. `kinds`: the calls of each module; `spans`: where its classes stand. `heirs`: modules
    without a word of SQLAlchemy that were read too. `entangled`: modules with constraints of others' tables.
    `typeless`: columns as they were before they had the type of those that they point at. `whole`: the `size` of it all
    when it was read; `renewals`: how often that was.
    """

    def __init__(
        self, interpreter: Interpreter, paths: Iterable[str], extended: Callable[[], Mapping[str, frozenset[str]]]
    ) -> None:
        self.interpreter = interpreter
        self.paths = tuple(paths)
        self._extended = extended
        modules = [interpreter.module(path) for path in self.paths]
        self.kinds = {path: kinds_in(interpreter, path) for path in self.paths}
        types = Types(interpreter)
        self.registries = Registries(interpreter, Names(modules))
        self.store = TableStore(self.registries, types)
        self.mapper = Mapper(interpreter, self.registries, self.store, types, Annotations(interpreter, types))
        self.store.mapped = self.mapper.mapped
        self.spans: dict[str, Span] = {}
        self.heirs: set[str] = set()
        self.entangled: set[str] = set()
        self.typeless: list[tuple[Table, Column]] = []
        self.renewals = 0
        self._read()
        self.whole = self.size

    @property
    def size(self) -> tuple[int, ...]:
        """How much there is of it; more may come when a rule asks for a value that nobody had asked for."""
        return (self.registries.count, len(self.mapper.classes), len(self.store.declarations))

    def _read(self) -> None:
        for call in self._calls("imperative"):
            self._read_imperative(call)
        for path in self.paths:
            self.spans[path] = self.map_module(path)
        for path in self._heirs():
            self.heirs.add(path)
            self._map(path)
        for call in self._calls("tables"):
            self.store.table(call)
        for call in self._calls("listeners"):
            self._read_listener(call)
        self.store.forget_terms()
        for call in self._calls("additions"):
            self._read_addition(call)
        self.store.forget_terms()
        self.settle(self.store.declarations, self.kinds.values())
        self.fill()
        for call in self._calls("searchable"):
            self._read_extension(call)

    def settle(self, declarations: Iterable[Declaration], kinds: Iterable[CallKinds]) -> None:
        """Make the constraints of these tables, those of these calls that stand beside their table, too."""
        consumed = {id(made) for declaration in declarations for made in declaration.waiting}
        for call in (call for each in kinds for call in each.constraints):
            if id(call) not in consumed:
                self._read_outside(call)
        for declaration in declarations:
            settle(declaration, self.store.find)

    def _calls(self, kind: str) -> Iterator[Made]:
        """The calls of one kind, as `CallKinds` names it, of all modules that were there at the start."""
        return (call for kinds in self.kinds.values() for call in getattr(kinds, kind))

    def fill(self) -> None:
        """Put all tables into their MetaData."""
        for declaration in self.store.declarations:
            declaration.table.again.clear()
        for declaration in self.store.declarations:
            self._fill(declaration)
        self.typeless = [each for metadata in self.registries.metadatas for each in take_types(metadata)]

    def map_module(self, path: str) -> Span:
        """Map the classes of a module; says which they are."""
        founded, classes, tables = len(self.registries.found), len(self.mapper.classes), len(self.store.declarations)
        self.mapper.asked.clear()
        self._map(path)
        asked = self.mapper.asked.values()
        return Span(
            slice(classes, len(self.mapper.classes)),
            slice(tables, len(self.store.declarations)),
            frozenset(self.registries.found[founded:]),
            tuple(each.qualname if each.path == path else each for each in asked),
        )

    def _map(self, path: str) -> None:
        for cls in self.interpreter.classes(path):
            self.mapper.mapped(cls)

    def _heirs(self) -> Iterator[str]:
        """Modules without a word of SQLAlchemy whose classes extend mapped ones, by the names of their bases."""
        left = dict(self._extended())
        known: set[str] = set()
        while fresh := {mapped.name for mapped in self.mapper.classes} - known:
            known |= fresh
            for path in [path for path, names in left.items() if names & fresh]:
                del left[path]
                self.interpreter.module(path)
                yield path

    def _read_imperative(self, call: Made) -> None:
        callee = call.callee
        if isinstance(callee, AttributeOf) and callee.name == "map_imperatively":
            registry = self.registries.registry(callee.value)
        elif kind_name(callee) == "sqlalchemy.mapper":
            registry = self.registries.classical(call)
        else:
            return
        cls, table = call.argument(0, "class_"), call.argument(1, "local_table")
        if registry is None or cls is None or not isinstance(cls.value, ClassValue):
            if registry is not None:
                self.registries.note_open(registry, "a class that cannot be told is mapped imperatively", call.origin)
            return
        self.mapper.map_imperatively(call, registry, cls.value, table.value if table else None)

    def _read_addition(self, call: Made) -> None:
        """`table.append_column(...)`, `metadata.reflect()` and their like."""
        callee = call.callee
        if not isinstance(callee, AttributeOf):
            return
        if callee.name in ("append_column", "append_constraint"):
            declaration = self.store.table(callee.value)
            given = call.argument(0, "column")
            if declaration is not None and given is not None:
                self._append(declaration, given)
        elif callee.name == "add_property":
            self._add_property(call, callee.value)
        elif callee.name == "reflect" and (metadata := self.registries.metadata(callee.value)) is not None:
            metadata.note("its tables are reflected from the database", call.origin)

    def _add_property(self, call: Made, mapper: Value) -> None:
        """`User.__mapper__.add_property("posts", relationship(...))`."""
        if isinstance(mapper, AttributeOf) and mapper.name == "__mapper__":
            cls = mapper.value
        else:
            given = mapper.argument(0) if isinstance(mapper, Made) and called_name(mapper) in _MAPPER_OF else None
            cls = given.value if given is not None else None
        mapped = self.mapper.mapped(cls) if isinstance(cls, ClassValue) else None
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
        given = call.argument(0, "target")
        if given is None or not isinstance(given.value, ClassValue):
            return
        for mapped in self.mapper.classes:
            if given.value in mapped.value.mro:
                unknown = Unknown("a listener may add to it", call.origin)
                mapped.open.append(unknown)
                mapped.metadata.open.append(unknown)
                if mapped.table is not None:
                    mapped.table.open.append(unknown)

    def _append(self, declaration: Declaration, given: Argument) -> None:
        if is_column(given.value) and isinstance(given.value, Made):
            draft = self.store.read_column(given.value)
            if draft.name:
                add_column(declaration, draft)
                return
        add_items(declaration, [given], self.store.read_column)

    def _read_extension(self, call: Made) -> None:
        """`make_searchable(metadata)` of SQLAlchemy-Searchable."""
        given = call.argument(0, "metadata")
        metadata = self.registries.metadata(given.value) if given is not None else None
        for table in metadata.catalog.tables.values() if metadata is not None else ():
            add_search_indexes(table)

    def _read_outside(self, call: Made) -> None:
        """A constraint or index that is made beside its table, over its columns."""
        name = called_name(call)
        arguments = call.positional()[1:] if name.endswith(".Index") else call.positional()
        for argument in arguments:
            place = self._place_in(argument.value)
            if place is not None:
                place[0].waiting.append(call)
                if place[0].table.origin.path != call.frame.path:
                    self.entangled.add(call.frame.path)
                return

    def _place_in(self, value: Value, depth: int = 0) -> tuple[Declaration, str] | None:
        """The first column inside of an expression."""
        found = self.store.find(value)
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
        for name in declaration.drafts:
            column = table.columns.get(name)
            if column is not None and column.type is not None and column.type.labels:
                self._note_enum(declaration, column, column.type)

    def _note_enum(self, declaration: Declaration, column: Column, kind: DataType) -> None:
        named = enum_name(kind) if "native_enum=False" not in kind.arguments else ""
        if named:
            key = (declaration.metadata.schema, named)
            enum = EnumType(named, kind.labels, column.origin, declaration.metadata.schema)
            declaration.metadata.catalog.enums.setdefault(key, enum)


def _operands(value: Value) -> Iterator[Value]:
    if isinstance(value, Made):
        if isinstance(value.callee, AttributeOf):
            yield value.callee.value
        yield from (argument.value for argument in value.args)
    for operand in getattr(value, "operands", ()):
        yield operand.value
