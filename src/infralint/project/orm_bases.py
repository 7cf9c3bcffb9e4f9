"""Declarative bases of the tree, and which registry each of them maps on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from infralint.facts.files import FileFacts
from infralint.facts.orm import OrmBase, OrmFacts
from infralint.project.lookup import Absent, Known
from infralint.project.modules import External, ModuleGraph, Symbol
from infralint.source import Span

# SQLModel keeps one registry of its own for all of its classes.
SQLMODEL = ("", "sqlmodel.SQLModel")
# A metaclass that names and registers classes as SQLAlchemy does.
PLAIN_METACLASSES = frozenset({"", "ABCMeta", "DeclarativeMeta", "DeclarativeAttributeIntercept", "type"})

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


class Bases:
    """The bases of a project by place, and their registries."""

    def __init__(self, files: Mapping[str, FileFacts], modules: ModuleGraph) -> None:
        self.files = files
        self.modules = modules

    @cached_property
    def all(self) -> tuple[Base, ...]:
        """Every declarative base made in the tree, by path and place; bare registries are not among them."""
        found = [
            Base(path, facts, self.registry_of(path, facts))
            for path, orm in self._orm()
            for facts in orm.bases
            if facts.form != "registry" and (path, facts.name) in self._facts
        ]
        return tuple(sorted(found, key=lambda base: (base.path, base.span)))

    def facts_at(self, path: str, name: str) -> OrmBase | None:
        """What is known of the base or registry that a module binds to `name`."""
        return self._facts.get((path, name))

    def _orm(self) -> Iterator[tuple[str, OrmFacts]]:
        for path, facts in self.files.items():
            if facts.orm is not None:
                yield path, facts.orm

    @cached_property
    def _facts(self) -> dict[tuple[str, str], OrmBase]:
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

    def registry_of(self, path: str, base: OrmBase) -> RegistryKey:
        """The registry of a base: its own, or the one that it was given by name."""
        given = self._given(path, base)
        if given is None:
            return (path, base.name)
        if base.form == "SQLAlchemy" and self.facts_at(*given) is None:
            # Flask-SQLAlchemy's `model_class` may be a plain class; only a declarative base brings its registry.
            return (path, base.name)
        return given

    def _given(self, path: str, base: OrmBase) -> RegistryKey | None:
        if not base.registry or base.registry.endswith("()") or base.registry == "<expression>":
            return None
        found = self.modules.resolve(path, base.registry)
        if isinstance(found, Known) and isinstance(found.value, Symbol):
            return self.key_of(found.value)
        return None

    def key_of(self, symbol: Symbol) -> RegistryKey:
        """The registry behind `registry_object` or `Base.registry`."""
        facts = self._facts.get((symbol.path, symbol.name))
        if facts is not None and facts.form != "registry" and facts.registry:
            return self.registry_of(symbol.path, facts)
        return (symbol.path, symbol.name)

    def why_open(self, key: RegistryKey) -> str:
        """Why a registry may hold other names than its class statements give it; "" when nothing says so."""
        base = self._facts.get(key)
        if key != SQLMODEL and base is None:
            return "its base is made outside of what was read"
        if base is not None and base.form == "automap_base":
            return "automap makes its classes at run time"
        for other in self.all:
            if other.registry == key and (reason := self._why_base_open(other)):
                return reason
        return self._shared_names

    def _why_base_open(self, base: Base) -> str:
        if "**" in base.facts.arguments:
            return "its base was given arguments that cannot be read"
        if "metaclass" in base.facts.arguments and base.facts.form != "DeclarativeBase":
            return "its base has a metaclass of its own"
        module = self.modules.outline(base.path)
        for definition in module.classes if module else ():
            if definition.qualname == base.name:
                keywords = dict(definition.keywords)
                if keywords.get("metaclass", "").rpartition(".")[2] not in PLAIN_METACLASSES:
                    return "its base has a metaclass of its own"
        if base.facts.registry and not self._is_own(base):
            return "its registry is made outside of what was read"
        return ""

    def _is_own(self, base: Base) -> bool:
        """Whether the registry that a base was given is known: one of the tree, or a new one."""
        if base.facts.form == "SQLAlchemy" or base.registry != (base.path, base.name):
            return True
        written = base.facts.registry
        if not written.endswith("()"):
            return False
        found = self.modules.resolve(base.path, written[:-2])
        return (
            isinstance(found, Known)
            and isinstance(found.value, External)
            and found.value.name.partition(".")[0] == "sqlalchemy"
        )

    @cached_property
    def _shared_names(self) -> str:
        """Several bases may look up names in one dictionary: then no registry is closed."""
        if any("class_registry" in base.facts.arguments for base in self.all):
            return "a base was given a class registry"
        return ""
