"""The models of a project: every registry with its classes, every MetaData with its tables."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property

from infralint.facts.files import FileFacts
from infralint.project.catalog import Catalog, Relationship, Table
from infralint.project.interpret import ClassValue, Interpreter, Value
from infralint.project.models.attributes import Attributes
from infralint.project.models.catalogs import without_tests
from infralint.project.models.mapping import Base, ColumnPlace, MappedClass, MetaData, Registry
from infralint.project.models.possible import Possible, may_be_mapped
from infralint.project.models.reading import Reading
from infralint.project.models.relationships import Relationships, catalog_entry
from infralint.project.models.renewal import renew
from infralint.project.models.tables import Declaration
from infralint.project.places import is_test

# What is worked out when it is asked for, of all classes and tables.
_WORKED_OUT = ("relationships", "attributes", "_own_catalogs", "catalog", "possible")


class OrmView:
    """SQLAlchemy's view of a project, as far as its files tell.

    Modules of tests count: what they declare comes last, so that the application's own declarations stand first.
    Alembic's revisions do not.
    """

    def __init__(
        self,
        interpreter: Interpreter,
        files: Mapping[str, FileFacts],
        programs: Iterable[str],
        extended: Callable[[], Mapping[str, frozenset[str]]],
    ) -> None:
        """`programs`: the files whose statements were lowered when they were read. `extended`: what `extended_in` says
        of each module that was not lowered, and says something of."""
        self.interpreter = interpreter
        self.files = files
        paths = sorted((path for path in programs if _may_map(path, files)), key=lambda path: (is_test(path), path))
        self._reading = Reading(interpreter, paths, extended)
        # The relationships before classes were replaced.
        self._before: Relationships | None = None

    def renew(self, runs: Collection[str]) -> bool:
        """Read these modules again, which were run again; False where that cannot be done: then make another view."""
        if not renew(self._reading, runs):
            return False
        self._before = vars(self).get("relationships")
        for name in _WORKED_OUT:
            vars(self).pop(name, None)
        return True

    # What rules ask.

    @property
    def registries(self) -> tuple[Registry, ...]:
        """All registries, those without classes too."""
        return tuple(self._reading.registries.registries)

    @property
    def metadatas(self) -> tuple[MetaData, ...]:
        """All metadatas, those without tables too."""
        return tuple(self._reading.registries.metadatas)

    @property
    def bases(self) -> tuple[Base, ...]:
        """Every declarative base made in the tree, by place."""
        return tuple(sorted((b for b in self._reading.registries.bases if b.origin.path), key=lambda base: base.origin))

    @property
    def classes(self) -> tuple[MappedClass, ...]:
        """Every class on a registry, abstract ones and bases too."""
        return tuple(self._reading.mapper.classes)

    @property
    def declarations(self) -> tuple[Declaration, ...]:
        """Every table as each class or `Table(...)` declares it: a name may come twice."""
        return tuple(self._reading.store.declarations)

    def base(self, value: Value) -> Base | None:
        """The declarative base that an expression means, or that a class is on."""
        return (
            self._reading.registries.base_of_class(value)
            if isinstance(value, ClassValue)
            else self._reading.registries.base(value)
        )

    def mapped(self, cls: ClassValue) -> MappedClass | None:
        """The mapped class that a class is."""
        return self._reading.mapper.mapped(cls)

    def metadata(self, value: Value) -> MetaData | None:
        """The MetaData that an expression means: `Base.metadata`, `db.metadata`, `metadata = MetaData()`."""
        return self._reading.registries.metadata(value)

    def table(self, value: Value) -> Table | None:
        """The table that an expression means: `Table(...)`, `User.__table__`, `metadata.tables["users"]`."""
        declaration = self._reading.store.table(value)
        return declaration.table if declaration is not None else None

    def column(self, value: Value) -> ColumnPlace | None:
        """The column that an expression means: `User.id`, `users.c.id`, a Column object of one table."""
        place = self._reading.store.find(value)
        if place is None or place[1] not in place[0].table.columns:
            return None
        return ColumnPlace(place[0].table, place[0].table.columns[place[1]])

    @cached_property
    def relationships(self) -> Relationships:
        """The relationships of all mapped classes, those that backrefs make too."""
        before, self._before = self._before, None
        return Relationships(self.interpreter, self.classes, self.table, self.possible, before)

    @cached_property
    def attributes(self) -> Attributes:
        """What attributes a mapped class has."""
        return Attributes(
            self.relationships, self._reading.mapper.scanner.lineage, self._reading.mapper.scanner.is_base
        )

    @cached_property
    def _own_catalogs(self) -> list[tuple[MetaData, Catalog]]:
        kept = [metadata for metadata in self.metadatas if metadata.catalog.tables]
        found = [(metadata, without_tests(metadata.catalog)) for metadata in kept]
        return [(metadata, catalog) for metadata, catalog in found if catalog.tables]

    @property
    def catalogs(self) -> tuple[Catalog, ...]:
        """What the application's own modules declare, by MetaData; of tests nothing. Without relationships."""
        return tuple(catalog for _, catalog in self._own_catalogs)

    @property
    def related(self) -> tuple[Catalog, ...]:
        """The same catalogs with the relationships of their classes."""
        names = {
            id(mapped): f"{self.interpreter.module(mapped.path).dotted}.{mapped.value.qualname}"
            for mapped in self.classes
        }
        entries: dict[int, list[Relationship]] = {}
        for relation in self.relationships.all:
            entries.setdefault(id(relation.owner.metadata), []).append(catalog_entry(relation, names))
        return tuple(
            dataclasses.replace(catalog, relationships=entries.get(id(metadata), []))
            for metadata, catalog in self._own_catalogs
        )

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
        doubtful: dict[str, ClassValue] = {}
        for kinds in self._reading.kinds.values():
            for cls in kinds.doubtful:
                if self._reading.mapper.mapped(cls) is None:
                    doubtful.setdefault(cls.name, cls)
        return Possible(self.files, self._reading.paths, self._is_evaluated, doubtful, self._is_plain)

    def _is_evaluated(self, place: tuple[str, int]) -> bool:
        return any(place in kinds.places for kinds in self._reading.kinds.values())

    def _is_plain(self, path: str, name: str) -> bool:
        """Whether a class of a module without a word of SQLAlchemy is on no registry, or on one that is known to it."""
        known = {id(mapped) for mapped in self.classes}
        self.interpreter.module(path)
        found = [cls for cls in self.interpreter.classes(path) if cls.name == name]
        for cls in found:
            mapped = self._reading.mapper.mapped(cls)
            if may_be_mapped(cls) if mapped is None else id(mapped) not in known:
                return False
        return bool(found)


def _may_map(path: str, files: Mapping[str, FileFacts]) -> bool:
    """Whether a module may declare models: not an Alembic revision, not a copy of SQLAlchemy in the tree."""
    module = files[path].python
    if module is not None and module.is_revision:
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
