"""Whether a class statement is mapped by SQLAlchemy, and on which registry."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from infralint.facts.files import FileFacts
from infralint.facts.orm import OrmBase
from infralint.facts.python import ClassDef
from infralint.project.lookup import Absent, Known, Lookup, Open
from infralint.project.modules import External, ModuleGraph, Symbol
from infralint.project.orm_bases import PLAIN_METACLASSES, SQLMODEL, Bases, RegistryKey

_BASE_EXTERNALS = frozenset({"sqlalchemy.orm.DeclarativeBase", "sqlalchemy.orm.DeclarativeBaseNoMeta"})
_MODEL_ATTRIBUTES = frozenset({"Model"})

# Whether a class is mapped: on a registry, not at all, or nobody can tell.
Status = Lookup[RegistryKey]


class Statuses:
    """Answers for every class of the tree, each found once."""

    def __init__(self, files: Mapping[str, FileFacts], modules: ModuleGraph, bases: Bases) -> None:
        self.files = files
        self.modules = modules
        self.bases = bases
        self._known: dict[tuple[str, str], Status] = {}

    def of(self, path: str, definition: ClassDef) -> Status:
        """Known(registry), Absent (no mapping), or Open."""
        key = (path, definition.qualname)
        if key not in self._known:
            self._known[key] = Open("its bases form a circle")
            self._known[key] = self._find(path, definition)
        return self._known[key]

    def _find(self, path: str, definition: ClassDef) -> Status:
        base = self.bases.facts_at(path, definition.qualname)
        if base is not None:
            return Known(self.bases.registry_of(path, base))
        if "<locals>" in definition.qualname:
            return Open("it is defined inside a function")
        answers = [self._decorated(path, name) for name in definition.decorators]
        answers += [self._based(path, name) for name in definition.bases]
        found = _strongest([*answers, *self._imperative(path, definition)])
        metaclass = dict(definition.keywords).get("metaclass", "")
        if isinstance(found, Known) and metaclass.rpartition(".")[2] not in PLAIN_METACLASSES:
            return Open("its metaclass may give it another name")
        return found

    def _decorated(self, path: str, name: str) -> Status:
        """`@mapper_registry.mapped` and its kin; other decorators map nothing."""
        owner, _, last = name.removesuffix("()").rpartition(".")
        if last not in ("mapped", "mapped_as_dataclass"):
            return Absent()
        if not owner:
            # SQLAlchemy 2.1's function of that name takes the registry as its argument.
            return Open(f"`{name}` maps it")
        found = self.modules.resolve(path, owner)
        if isinstance(found, Known) and isinstance(found.value, Symbol):
            return Known(self.bases.key_of(found.value))
        return Open(f"`{owner}` cannot be followed")

    def _imperative(self, path: str, definition: ClassDef) -> Iterator[Status]:
        if (path, definition.qualname) in self._mapped_imperatively:
            yield Open("it is mapped imperatively")
        elif ("", "") in self._mapped_imperatively:
            yield Open("classes that cannot be told are mapped imperatively")

    @cached_property
    def _mapped_imperatively(self) -> set[tuple[str, str]]:
        """Classes by path and name; ("", "") = one that cannot be told."""
        found = set()
        for path, facts in self.files.items():
            for mapping in facts.orm.imperative if facts.orm else ():
                origin = self.modules.resolve(path, mapping.mapped) if mapping.mapped else Absent()
                if not isinstance(origin, Known):
                    found.add(("", ""))
                elif isinstance(origin.value, Symbol):
                    known = self.modules.class_of(origin.value) is not None
                    found.add((origin.value.path, origin.value.name) if known else ("", ""))
        return found

    def _based(self, path: str, name: str) -> Status:
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

    def _based_on_call(self, path: str, name: str) -> Status:
        found = self.modules.resolve(path, name)
        if isinstance(found, Known) and isinstance(found.value, External):
            last = found.value.name.rpartition(".")[2]
            if (
                last not in ("declarative_base", "automap_base", "with_metaclass", "generate_base")
                and not last.islower()
            ):
                return Absent()
        return Open(f"`{name}()` is called for a base class")

    def _based_on(self, origin: Symbol | External) -> Status:
        if isinstance(origin, External):
            return _external_status(origin.name)
        base = self.bases.facts_at(origin.path, origin.name)
        if base is not None:
            return self._based_on_base(origin, base)
        definition = self.modules.class_of(origin)
        if definition is None:
            return Open(f"`{origin.name}` is no class statement")
        return self.of(origin.path, definition)

    def _based_on_base(self, origin: Symbol, base: OrmBase) -> Status:
        if base.form == "SQLAlchemy":
            if origin.rest in _MODEL_ATTRIBUTES:
                return Known(self.bases.registry_of(origin.path, base))
            return Open(f"`{origin.name}.{origin.rest}` is made at run time")
        if origin.rest or base.form == "registry":
            return Open(f"`{origin.name}` is used as a base in a way that is not followed")
        return Known(self.bases.registry_of(origin.path, base))


def _strongest(answers: Iterable[Status]) -> Status:
    """A registry that one base brings decides; else a base that may bring one; else there is none."""
    answers = list(answers)
    for kind in (Known, Open):
        for answer in answers:
            if isinstance(answer, kind):
                return answer
    return Absent()


def _external_status(name: str) -> Status:
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
