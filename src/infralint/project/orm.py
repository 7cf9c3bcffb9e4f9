"""SQLAlchemy's registries: mapped classes, and which class a name means on a base."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from infralint.facts.files import FileFacts
from infralint.facts.orm import OrmClass, OrmFacts, OrmRelationship
from infralint.facts.python import ClassDef
from infralint.project.lookup import Absent, Known, Lookup, Open
from infralint.project.modules import External, ModuleGraph, Symbol
from infralint.project.orm_bases import SQLMODEL, Base, Bases, RegistryKey
from infralint.project.orm_status import Status, Statuses
from infralint.settings import Settings
from infralint.source import Span

# Packages that make mapped classes at run time on the bases that they are given.
_CLASS_MAKERS = frozenset(
    {
        "sqlalchemy_bulk_lazy_loader",
        "sqlalchemy_continuum",
        "sqlalchemy_history",
        "sqlalchemy_i18n",
        "sqlalchemy_versioning",
    }
)
_MAX_LINEAGE = 100


@dataclass(frozen=True, slots=True)
class MappedClass:
    """A class of a mapping: on which registry, and whether a table of its own may belong to it."""

    path: str
    definition: ClassDef
    facts: OrmClass | None
    registry: RegistryKey
    abstract: bool

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def span(self) -> Span:
        return self.definition.span


@dataclass(frozen=True, slots=True)
class Relation:
    """A relationship of a mapped class whose target is looked up in the registry.

    `path` is where it is written, which for a mixin's is the mixin's file; `target` is the name that is looked up.
    """

    owner: MappedClass
    path: str
    facts: OrmRelationship
    target: str


@dataclass
class _Registry:
    """What is known of one registry."""

    classes: dict[str, list[MappedClass]] = field(default_factory=dict)
    open: str = ""


class OrmModel:
    """Bases, mapped classes and what a class's name means on a registry."""

    def __init__(self, files: Mapping[str, FileFacts], modules: ModuleGraph, settings: Settings) -> None:
        self.files = files
        self.modules = modules
        self.settings = settings
        self._bases = Bases(files, modules)
        self._statuses = Statuses(files, modules, self._bases)

    def settle(self) -> None:
        """Ask all that needs other modules' outlines, so that the engine learns which ones to read."""
        for relation in self.relations:
            self.find_class(relation.owner.registry, relation.target)

    # Bases.

    @property
    def bases(self) -> tuple[Base, ...]:
        """Every declarative base made in the tree, by path and place; bare registries are not among them."""
        return self._bases.all

    def base_of(self, registry: RegistryKey) -> Base | None:
        """A base of a registry, the first by place."""
        return next((base for base in self.bases if base.registry == registry), None)

    def _orm(self) -> Iterator[tuple[str, OrmFacts]]:
        for path, facts in self.files.items():
            if facts.orm is not None:
                yield path, facts.orm

    # Classes.

    @cached_property
    def _class_facts(self) -> dict[tuple[str, str, Span], OrmClass]:
        return {(path, c.qualname, c.span): c for path, orm in self._orm() for c in orm.classes}

    @cached_property
    def _by_name(self) -> dict[str, list[tuple[str, ClassDef]]]:
        found: dict[str, list[tuple[str, ClassDef]]] = {}
        for path, facts in self.files.items():
            for definition in facts.python.classes if facts.python else ():
                found.setdefault(definition.name, []).append((path, definition))
        return found

    @cached_property
    def _stubs(self) -> dict[str, list[str]]:
        """Modules that were not outlined, by the names of the classes in them; "" = classes made at run time."""
        found: dict[str, list[str]] = {}
        for path, facts in self.files.items():
            if facts.python is None:
                continue
            for stub in facts.python.stubs:
                if not facts.python.outlined or not stub.name:
                    found.setdefault(stub.name, []).append(path)
        return found

    @cached_property
    def classes(self) -> tuple[MappedClass, ...]:
        """Every class of the modules that speak of SQLAlchemy that is on a registry, abstract ones too."""
        found = []
        for path, _ in self._orm():
            module = self.files[path].python
            for definition in module.classes if module else ():
                mapped = self.mapped_class(path, definition)
                if mapped is not None:
                    found.append(mapped)
        return tuple(found)

    def mapped_class(self, path: str, definition: ClassDef) -> MappedClass | None:
        """The class as part of a mapping; None when it is certainly or possibly not on a registry."""
        status = self.status(path, definition)
        if not isinstance(status, Known):
            return None
        facts = self._class_facts.get((path, definition.qualname, definition.span))
        return MappedClass(
            path, definition, facts, status.value, self._is_abstract(path, definition, facts, status.value)
        )

    def facts_of(self, path: str, definition: ClassDef) -> OrmClass | None:
        """What the class's body says of a mapping; None when its region held no trigger."""
        return self._class_facts.get((path, definition.qualname, definition.span))

    def _is_abstract(self, path: str, definition: ClassDef, facts: OrmClass | None, registry: RegistryKey) -> bool:
        if self._bases.facts_at(path, definition.qualname) is not None or (facts is not None and facts.abstract):
            return True
        return registry == SQLMODEL and ("table", "True") not in definition.keywords

    def status(self, path: str, definition: ClassDef) -> Status:
        """Whether a class is on a registry: Known(registry), Absent (no mapping), or Open."""
        return self._statuses.of(path, definition)

    # Registries.

    @cached_property
    def registries(self) -> dict[RegistryKey, _Registry]:
        """Mapped classes by registry and name; abstract classes are not among them."""
        found: dict[RegistryKey, _Registry] = {}
        for mapped in self.classes:
            registry = found.setdefault(mapped.registry, _Registry())
            if not mapped.abstract:
                registry.classes.setdefault(mapped.name, []).append(mapped)
        for key, registry in found.items():
            registry.open = self._why_open(key)
        return found

    def _why_open(self, key: RegistryKey) -> str:
        return self._bases.why_open(key) or self._unread or self._run_time_classes(key)

    @cached_property
    def _unread(self) -> str:
        """A Python file of which not even the class statements could be seen."""
        for path, facts in self.files.items():
            if facts.problem is not None and facts.python is None and path.endswith(".py"):
                return f"{path} could not be read"
        return ""

    def _run_time_classes(self, key: RegistryKey) -> str:
        """Why classes may appear on any registry that no class statement shows; "" when nothing says so."""
        for path in self._stubs.get("", ()):
            module = self.files[path].python
            names = {name for stub in (module.stubs if module else ()) if not stub.name for name in stub.bases}
            if names & (self._known_names | {key[1]}) or (
                self.files[path].orm is not None and not all(map(_is_class_name, names))
            ):
                return f"{path} makes classes at run time"
        return self._class_maker

    @cached_property
    def _known_names(self) -> set[str]:
        return {base.name for base in self.bases} | {mapped.name for mapped in self.classes}

    @cached_property
    def _class_maker(self) -> str:
        for path, _ in self._orm():
            module = self.files[path].python
            for statement in module.imports if module else ():
                head = statement.module.partition(".")[0]
                if head in _CLASS_MAKERS and not statement.level:
                    return f"{head} makes classes at run time"
        return ""

    def find_class(self, registry: RegistryKey, target: str) -> Lookup[MappedClass]:
        """The class that a relationship's string means on a registry.

        A dotted target is a class behind the end of its module's path (SQLAlchemy, "Working with ORM Related
        Objects", late evaluation of relationship arguments); where it is re-exported does not count.
        """
        known = self.registries.get(registry, _Registry(open="it has no class that was read"))
        path, _, name = target.rpartition(".")
        if path.partition(".")[0] in known.classes:
            return Open(f"`{target}` is an attribute of a class")
        candidates = known.classes.get(name, [])
        for fits in (_stands_at, _may_stand_at):
            for mapped in candidates:
                if fits(mapped, path):
                    return Known(mapped)
        found = self._outside_of_orm(registry, name)
        if found is not None and not (isinstance(found, Known) and not _may_stand_at(found.value, path)):
            return found
        return Open(known.open) if known.open else Absent()

    def _outside_of_orm(self, registry: RegistryKey, name: str) -> Lookup[MappedClass] | None:
        """A class of that name in a module without a trigger, or one of which nobody can tell; None for neither."""
        for path in self._stubs.get(name, ()):
            if self.modules.outline(path) is None:
                return Open(f"{path} was not read whole")
        for path in self._made_by_call.get(name, ()):
            return Open(f"{path} makes the class at run time")
        for path, definition in self._by_name.get(name, ()):
            mapped = self.mapped_class(path, definition)
            if mapped is not None and mapped.registry == registry and not mapped.abstract:
                return Known(mapped)
            status = self.status(path, definition)
            if isinstance(status, Open):
                return status
        return None

    @cached_property
    def _made_by_call(self) -> dict[str, list[str]]:
        """Modules that make a class by `type("Name", ...)`, by that name."""
        found: dict[str, list[str]] = {}
        for path, facts in self.files.items():
            module = facts.python
            if module is None or not module.outlined:
                continue
            defined = {definition.name for definition in module.classes}
            for stub in module.stubs:
                if stub.name and stub.name not in defined:
                    found.setdefault(stub.name, []).append(path)
        return found

    def mapped_of_name(self, registry: RegistryKey, target: str) -> tuple[MappedClass, ...]:
        """Classes of that name on a registry, wherever they stand."""
        known = self.registries.get(registry)
        return tuple(known.classes.get(target.rpartition(".")[2], ())) if known else ()

    def mapped_elsewhere(self, registry: RegistryKey, target: str) -> tuple[MappedClass, ...]:
        """Classes of that name that are mapped on other registries."""
        name = target.rpartition(".")[2]
        return tuple(
            mapped
            for key, known in sorted(self.registries.items())
            if key != registry
            for mapped in known.classes.get(name, ())
        )

    def names_on(self, registry: RegistryKey) -> tuple[str, ...]:
        """The names of the classes on a registry, sorted."""
        known = self.registries.get(registry)
        return tuple(sorted(known.classes)) if known else ()

    # Relationships.

    @cached_property
    def relations(self) -> tuple[Relation, ...]:
        """Every relationship whose target is looked up by name in a registry that is known."""
        return tuple(self._relations())

    def _relations(self) -> Iterator[Relation]:
        seen: set[tuple[str, Span, RegistryKey]] = set()
        for mapped in self.classes:
            if mapped.abstract:
                continue
            for path, relationship in self._written_for(mapped):
                key = (path, relationship.span, mapped.registry)
                target = self._looked_up(path, relationship) if key not in seen else ""
                if target:
                    seen.add(key)
                    yield Relation(mapped, path, relationship, target)

    def _written_for(self, mapped: MappedClass) -> Iterator[tuple[str, OrmRelationship]]:
        """The relationships of a class with where they are written: its own, and its bases' that nothing overrides."""
        yield from ((mapped.path, each) for each in self._additions.get((mapped.path, mapped.definition.qualname), ()))
        lineage = self.lineage(mapped.path, mapped.definition)
        for path, definition in lineage:
            facts = self.facts_of(path, definition)
            for relationship in facts.relationships if facts else ():
                binding = [other for _, other in lineage if relationship.attribute in other.attributes]
                if binding in ([], [definition]):
                    yield path, relationship

    def lineage(self, path: str, definition: ClassDef) -> tuple[tuple[str, ClassDef], ...]:
        """The class and its bases that are class statements of the tree, nearest first, each once."""
        found: dict[tuple[str, str], tuple[str, ClassDef]] = {}
        self._collect(path, definition, found)
        return tuple(found.values())

    def _collect(self, path: str, definition: ClassDef, found: dict[tuple[str, str], tuple[str, ClassDef]]) -> None:
        key = (path, definition.qualname)
        if key in found or len(found) > _MAX_LINEAGE:
            return
        found[key] = (path, definition)
        for name in definition.bases:
            origin = self.modules.resolve(path, name) if name and not name.endswith("()") else Absent()
            if isinstance(origin, Known) and isinstance(origin.value, Symbol):
                base = self.modules.class_of(origin.value)
                if base is not None:
                    self._collect(origin.value.path, base, found)

    @cached_property
    def _additions(self) -> dict[tuple[str, str], list[OrmRelationship]]:
        found: dict[tuple[str, str], list[OrmRelationship]] = {}
        for path, orm in self._orm():
            for addition in orm.additions:
                origin = self.modules.resolve(path, addition.owner)
                # Only additions in the class's own module have their spans in the class's file.
                if addition.relationship and isinstance(origin, Known) and origin.value == Symbol(path, addition.owner):
                    found.setdefault((path, addition.owner), []).append(addition.relationship)
        return found

    def _looked_up(self, path: str, relationship: OrmRelationship) -> str:
        """What SQLAlchemy asks the registry for; "" where it asks nothing, or something that cannot be told."""
        target = relationship.target
        if not self._is_sqlalchemys(path, relationship.called):
            return ""
        if relationship.form == "string":
            return target
        if relationship.form not in ("annotation", "annotation-name"):
            return ""
        if self.modules.is_unbound(path, target.partition(".")[0]):
            return target
        return self._real_name(path, target) if relationship.form == "annotation" else ""

    def _real_name(self, path: str, target: str) -> str:
        """The `__name__` of the class that a name means in Python; "" where it is no class statement of the tree."""
        found = self.modules.resolve(path, target)
        if not isinstance(found, Known) or not isinstance(found.value, Symbol):
            return ""
        definition = self.modules.class_of(found.value)
        return definition.name if definition is not None else ""

    def _is_sqlalchemys(self, path: str, called: str) -> bool:
        """Whether a call of `relationship` means SQLAlchemy's, SQLModel's or Flask-SQLAlchemy's."""
        found = self.modules.resolve(path, called) if called else Absent()
        if not isinstance(found, Known):
            return False
        if isinstance(found.value, External):
            return found.value.name.partition(".")[0] in ("sqlalchemy", "sqlmodel", "flask_sqlalchemy")
        base = self._bases.facts_at(found.value.path, found.value.name)
        return base is not None and base.form == "SQLAlchemy"


def _is_class_name(name: str) -> bool:
    """Whether a base of a class that is made at run time looks like a class, not like a variable that holds some."""
    return name[:1].isupper()


def _module_of(mapped: MappedClass) -> str:
    return mapped.path.rpartition(".")[0].removesuffix("/__init__").replace("/", ".")


def _stands_at(mapped: MappedClass, path: str) -> bool:
    """Whether a dotted path is the end of the path of a class's module."""
    return not path or f".{_module_of(mapped)}".endswith(f".{path}")


def _may_stand_at(mapped: MappedClass, path: str) -> bool:
    """The same when the folders above may have other names where the package is installed."""
    return not path or _module_of(mapped).rpartition(".")[2] == path.rpartition(".")[2]
