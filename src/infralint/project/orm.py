"""SQLAlchemy's registries: bases, mapped classes, and which class a name means on a base."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from infralint.facts.files import FileFacts
from infralint.facts.orm import OrmBase, OrmClass, OrmFacts, OrmRelationship
from infralint.facts.python import ClassDef
from infralint.project.lookup import Absent, Known, Lookup, Open
from infralint.project.modules import External, ModuleGraph, Symbol
from infralint.settings import Settings
from infralint.source import Span

# SQLModel keeps one registry of its own for all of its classes.
SQLMODEL = ("", "sqlmodel.SQLModel")
_BASE_EXTERNALS = frozenset({"sqlalchemy.orm.DeclarativeBase", "sqlalchemy.orm.DeclarativeBaseNoMeta"})
_MODEL_ATTRIBUTES = frozenset({"Model"})
# Packages that make mapped classes at run time on the bases that they are given.
_CLASS_MAKERS = frozenset({"sqlalchemy_continuum", "sqlalchemy_history", "sqlalchemy_bulk_lazy_loader"})
_MAX_LINEAGE = 100

# A registry is known by where its base, or the registry object itself, is defined: (path, name).
RegistryKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Base:
    """A declarative base of the tree."""

    path: str
    facts: OrmBase
    registry: RegistryKey

    @property
    def name(self) -> str:
        return self.facts.name

    @property
    def span(self) -> Span:
        return self.facts.span


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
    """A relationship of a mapped class; `path` is where it is written, which for a mixin's is the mixin's file."""

    owner: MappedClass
    path: str
    facts: OrmRelationship


@dataclass
class _Registry:
    """What is known of one registry."""

    classes: dict[str, list[MappedClass]] = field(default_factory=dict)
    open: str = ""


# Whether a class is mapped: on a registry, not at all, or nobody can tell.
_Status = Lookup[RegistryKey]


class OrmModel:
    """Bases, mapped classes and what a class's name means on a registry."""

    def __init__(self, files: Mapping[str, FileFacts], modules: ModuleGraph, settings: Settings) -> None:
        self.files = files
        self.modules = modules
        self.settings = settings
        self._statuses: dict[tuple[str, str], _Status] = {}

    def settle(self) -> None:
        """Ask all that needs other modules' outlines, so that the engine learns which ones to read."""
        for relation in self.relations:
            self.find_class(relation.owner.registry, relation.facts.target)

    # Bases.

    @cached_property
    def bases(self) -> tuple[Base, ...]:
        """Every declarative base made in the tree, by path and name; bare registries are not among them."""
        found = [
            Base(path, facts, self._registry_of(path, facts))
            for path, orm in self._orm()
            for facts in orm.bases
            if facts.form != "registry" and (path, facts.name) in self._base_facts
        ]
        return tuple(sorted(found, key=lambda base: (base.path, base.span)))

    def _orm(self) -> Iterator[tuple[str, OrmFacts]]:
        for path, facts in self.files.items():
            if facts.orm is not None:
                yield path, facts.orm

    @cached_property
    def _base_facts(self) -> dict[tuple[str, str], OrmBase]:
        return {
            (path, base.name): base
            for path, orm in self._orm()
            for base in orm.bases
            if base.form != "SQLAlchemy" or self._is_flask(path, base.maker)
        }

    def _is_flask(self, path: str, maker: str) -> bool:
        """Whether a name is Flask-SQLAlchemy's class, or a class statement derived from it."""
        for _ in range(4):
            found = self.modules.resolve(path, maker) if maker else Absent()
            if not isinstance(found, Known):
                return False
            if isinstance(found.value, External):
                return found.value.name.partition(".")[0] in ("flask_sqlalchemy", "flask_sqlalchemy_lite")
            definition = self.modules.class_of(found.value)
            if definition is None or not definition.bases:
                return False
            path, maker = found.value.path, definition.bases[0]
        return False

    def _registry_of(self, path: str, base: OrmBase) -> RegistryKey:
        """The registry of a base: its own, or the one that it was given by name."""
        if base.registry and not base.registry.endswith("()") and base.registry != "<expression>":
            found = self.modules.resolve(path, base.registry)
            if isinstance(found, Known) and isinstance(found.value, Symbol):
                return self._key_of(found.value)
        return (path, base.name)

    def _key_of(self, symbol: Symbol) -> RegistryKey:
        """The registry behind `registry_object` or `Base.registry`."""
        facts = self._base_facts.get((symbol.path, symbol.name))
        if facts is not None and facts.form != "registry" and facts.registry:
            return self._registry_of(symbol.path, facts)
        return (symbol.path, symbol.name)

    def base_of(self, registry: RegistryKey) -> Base | None:
        """A base of a registry, the first by place."""
        return next((base for base in self.bases if base.registry == registry), None)

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
        return MappedClass(path, definition, facts, status.value, self._is_abstract(path, definition, facts, status.value))

    def facts_of(self, path: str, definition: ClassDef) -> OrmClass | None:
        """What the class's body says of a mapping; None when its region held no trigger."""
        return self._class_facts.get((path, definition.qualname, definition.span))

    def _is_abstract(self, path: str, definition: ClassDef, facts: OrmClass | None, registry: RegistryKey) -> bool:
        if (path, definition.qualname) in self._base_facts or (facts is not None and facts.abstract):
            return True
        return registry == SQLMODEL and ("table", "True") not in definition.keywords

    def status(self, path: str, definition: ClassDef) -> _Status:
        """Whether a class is on a registry: Known(registry), Absent (no mapping), or Open."""
        key = (path, definition.qualname)
        if key not in self._statuses:
            self._statuses[key] = Open("its bases form a circle")
            self._statuses[key] = self._find_status(path, definition)
        return self._statuses[key]

    def _find_status(self, path: str, definition: ClassDef) -> _Status:
        base = self._base_facts.get((path, definition.qualname))
        if base is not None:
            return Known(self._registry_of(path, base))
        if "<locals>" in definition.qualname:
            return Open("it is defined inside a function")
        answers = [self._decorated(path, name) for name in definition.decorators]
        answers += [self._based(path, name) for name in definition.bases]
        return _strongest([*answers, *self._imperative(path, definition)])

    def _decorated(self, path: str, name: str) -> _Status:
        """`@mapper_registry.mapped` and its kin; other decorators map nothing."""
        owner, _, last = name.removesuffix("()").rpartition(".")
        if last not in ("mapped", "mapped_as_dataclass") or not owner:
            return Absent()
        found = self.modules.resolve(path, owner)
        if isinstance(found, Known) and isinstance(found.value, Symbol):
            return Known(self._key_of(found.value))
        return Open(f"`{owner}` cannot be followed")

    def _imperative(self, path: str, definition: ClassDef) -> Iterator[_Status]:
        if (path, definition.qualname) in self._mapped_imperatively:
            yield Open("it is mapped imperatively")

    @cached_property
    def _mapped_imperatively(self) -> set[tuple[str, str]]:
        found = set()
        for path, orm in self._orm():
            for mapping in orm.imperative:
                origin = self.modules.resolve(path, mapping.mapped) if mapping.mapped else Absent()
                if isinstance(origin, Known) and isinstance(origin.value, Symbol):
                    found.add((origin.value.path, origin.value.name))
        return found

    def _based(self, path: str, name: str) -> _Status:
        """What one base class brings."""
        if not name:
            return Open("a base class is an expression")
        if name.endswith("()"):
            return self._based_on_call(path, name[:-2])
        found = self.modules.resolve(path, name)
        if isinstance(found, Open):
            return found
        if isinstance(found, Absent):
            return Open(f"`{name}` is not bound at the top of its module")
        return self._based_on(found.value)

    def _based_on_call(self, path: str, name: str) -> _Status:
        found = self.modules.resolve(path, name)
        if isinstance(found, Known) and isinstance(found.value, External):
            last = found.value.name.rpartition(".")[2]
            if last not in ("declarative_base", "automap_base", "with_metaclass", "generate_base") and not last.islower():
                return Absent()
        return Open(f"`{name}()` is called for a base class")

    def _based_on(self, origin: Symbol | External) -> _Status:
        if isinstance(origin, External):
            return _external_status(origin.name)
        base = self._base_facts.get((origin.path, origin.name))
        if base is not None:
            return self._based_on_base(origin, base)
        definition = self.modules.class_of(origin)
        if definition is None:
            return Open(f"`{origin.name}` is no class statement")
        return self.status(origin.path, definition)

    def _based_on_base(self, origin: Symbol, base: OrmBase) -> _Status:
        if base.form == "SQLAlchemy":
            if origin.rest in _MODEL_ATTRIBUTES:
                return Known((origin.path, origin.name))
            return Open(f"`{origin.name}.{origin.rest}` is made at run time")
        if origin.rest or base.form == "registry":
            return Open(f"`{origin.name}` is used as a base in a way that is not followed")
        return Known(self._registry_of(origin.path, base))

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
        base = self._base_facts.get(key)
        if key != SQLMODEL and base is None:
            return "its base is made outside of what was read"
        if base is not None and base.form == "automap_base":
            return "automap makes its classes at run time"
        if base is not None and ("class_registry" in base.arguments or "**" in base.arguments):
            return "it was given a class registry"
        return self._run_time_classes(key)

    def _run_time_classes(self, key: RegistryKey) -> str:
        """Why classes may appear on any registry that no class statement shows; "" when nothing says so."""
        for path in self._stubs.get("", ()):
            module = self.files[path].python
            names = {name for stub in (module.stubs if module else ()) if not stub.name for name in stub.bases}
            if names & (self._known_names | {key[1]}):
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
        """The class that a relationship's string means on a registry; a dotted target means its last part."""
        name = target.rpartition(".")[2]
        known = self.registries.get(registry, _Registry(open="it has no class that was read"))
        if name in known.classes:
            return Known(known.classes[name][0])
        found = self._outside_of_orm(registry, name)
        if found is not None:
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
        additions = self._additions()
        seen: set[tuple[str, Span, RegistryKey]] = set()
        for mapped in self.classes:
            added = additions.get((mapped.path, mapped.definition.qualname), ())
            written = [(mapped.path, relationship) for relationship in added]
            for path, definition in self.lineage(mapped.path, mapped.definition):
                facts = self.facts_of(path, definition)
                written += [(path, relationship) for relationship in (facts.relationships if facts else ())]
            for path, relationship in written:
                key = (path, relationship.span, mapped.registry)
                if key not in seen and self._looked_up(path, relationship):
                    seen.add(key)
                    yield Relation(mapped, path, relationship)

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

    def _additions(self) -> dict[tuple[str, str], list[OrmRelationship]]:
        found: dict[tuple[str, str], list[OrmRelationship]] = {}
        for path, orm in self._orm():
            for addition in orm.additions:
                origin = self.modules.resolve(path, addition.owner)
                # Only additions in the class's own module have their spans in the class's file.
                if addition.relationship and isinstance(origin, Known) and origin.value == Symbol(path, addition.owner):
                    found.setdefault((path, addition.owner), []).append(addition.relationship)
        return found

    def _looked_up(self, path: str, relationship: OrmRelationship) -> bool:
        """Whether SQLAlchemy asks the registry for the target: strings always, annotations when Python has no such name."""
        if relationship.form == "string":
            return True
        if relationship.form not in ("annotation", "annotation-name"):
            return False
        head = relationship.target.partition(".")[0]
        module = self.files[path].python
        if module is None or any(binding.name == head for binding in module.bindings):
            return False
        imports = [s for s in module.imports if s.scope == "module" and any(n.bound == head for n in s.names or ())]
        if relationship.form == "annotation":
            return all(statement.typing_only for statement in imports)
        # An unquoted name that nothing binds is an undefined name, which other linters report.
        return bool(imports) and all(statement.typing_only for statement in imports)


def _strongest(answers: Iterable[_Status]) -> _Status:
    """A registry that one base brings decides; else a base that may bring one; else there is none."""
    answers = list(answers)
    for kind in (Known, Open):
        for answer in answers:
            if isinstance(answer, kind):
                return answer
    return Absent()


def _external_status(name: str) -> _Status:
    import sys

    if name in ("sqlmodel.SQLModel", "sqlmodel.main.SQLModel"):
        return Known(SQLMODEL)
    head = name.partition(".")[0]
    if head in sys.stdlib_module_names or head in _NEVER_MAPPED or name in _BASE_EXTERNALS or "." not in name:
        return Absent()
    return Open(f"`{name}` comes from outside of the tree")


# Packages whose classes are no declarative bases; a class on one of them alone is not mapped by SQLAlchemy.
_NEVER_MAPPED = frozenset(
    {
        "attr", "attrs", "celery", "click", "django", "dramatiq", "factory", "fastapi", "flask", "flask_restx",
        "flask_wtf", "google", "graphene", "grpc", "httpx", "marshmallow", "marshmallow_sqlalchemy", "msgspec",
        "pydantic", "pydantic_settings", "pytest", "requests", "rest_framework", "sqladmin", "sqlalchemy", "starlette",
        "strawberry", "typing_extensions", "wtforms", "zope",
    }
)  # fmt: skip
