"""How a module may import the declarative base that its application shares, in place of one of its own."""

from __future__ import annotations

from dataclasses import dataclass

from infralint.project.interpret import ClassValue
from infralint.project.models.mapping import Base
from infralint.project.models.vocabulary import library_name
from infralint.project.project import Project
from infralint.project.separate_bases import Separation

# Bases that can go: they bring nothing but a registry and a MetaData.
_PLAIN = frozenset({"declarative_base", "DeclarativeBase"})
# Bases whose name is the class to inherit from.
_CLASSES = _PLAIN | {"generate_base", "DeclarativeMeta", "as_declarative"}
# Attributes of a base that make no difference to the attributes of its classes.
_OF_REGISTRY = frozenset({"metadata", "registry", "type_annotation_map", "__abstract__", "__doc__", "__slots__"})
_ADDING_NOTHING = frozenset(
    {"sqlalchemy.DeclarativeBase", "sqlalchemy.DeclarativeBaseNoMeta", "sqlalchemy.AsyncAttrs", "builtins.object"}
)


@dataclass(frozen=True, slots=True)
class SharedBase:
    """What a module imports: the `name` of a `module`.

    `asked`: the names that other modules ask this one for, None where they may be any. `is_certain`: the shared base
    gives its classes nothing that the other one did not.
    """

    module: str
    name: str
    asked: frozenset[str] | None
    is_certain: bool


def shared_base(project: Project, separation: Separation) -> SharedBase | None:
    """The shared base as the module of the other one may import it; None where that cannot work, or is not known to."""
    base, shared = separation.base, separation.shared
    if base.form not in _PLAIN or shared.form not in _CLASSES or _collide(project, base, shared):
        return None
    module = _dotted(project, base.origin.path, shared)
    if not module or _loads(project, shared.origin.path, base.origin.path):
        return None
    certain = _adds_nothing(shared) and shared.metadata.schema == base.metadata.schema
    return SharedBase(module, shared.short_name, _asked(project, base.origin.path), certain)


def _collide(project: Project, base: Base, shared: Base) -> bool:
    """Whether a class or table of the one base has the name of one of the other."""
    moved = [mapped for mapped in project.models.classes if mapped.registry is base.registry]
    tables = {mapped.table.name for mapped in moved if mapped.table is not None and mapped.kind != "single"}
    taken = {table.name for table in shared.metadata.catalog.tables.values()}
    return bool(tables & taken) or any(mapped.name in shared.registry.classes for mapped in moved)


def _dotted(project: Project, importer: str, shared: Base) -> str:
    """The dotted name by which a module imports the one of the shared base, as others of its application do; "" where
    that is not certain, or the base has no name at that module's top."""
    path = shared.origin.path
    interpreter = project.interpreter
    bound = interpreter.module(path).names.get(shared.short_name)
    if bound is None or project.models.base(interpreter.value(bound)) is not shared:
        return ""
    root = project.applications.root_of(importer)
    spelled = {
        statement.module
        for other in project.modules.modules
        if _is_outlined(project, other) and project.applications.root_of(other) == root
        for statement, target in project.modules.imports_of(other)
        if target == path and not statement.level and shared.short_name in {each.name for each in statement.names or ()}
    }
    return spelled.pop() if len(spelled) == 1 else ""


def _loads(project: Project, start: str, wanted: str) -> bool:
    """Whether a module may load another one while it is loaded itself.

    The packages around both are being loaded already when the second one begins.
    """
    found = {start}
    queue = [start]
    while queue:
        for target in _loaded_by(project, queue.pop()):
            if target not in found and not _is_around(target, wanted):
                found.add(target)
                queue.append(target)
    return wanted in found


def _loaded_by(project: Project, path: str) -> set[str]:
    """The modules that one loads when it is loaded: at least those."""
    if not _is_outlined(project, path):
        return set(project.imports.targets(path))
    return {
        target
        for statement, target in project.modules.imports_of(path)
        if statement.scope != "function" and not statement.typing_only
    } | {package for package in project.imports.targets(path) if package.endswith("/__init__.py")}


def _is_around(path: str, module: str) -> bool:
    return path.endswith("/__init__.py") and module.startswith(path.removesuffix("__init__.py")) and path != module


def _asked(project: Project, path: str) -> frozenset[str] | None:
    """The names that other modules ask one for; None where that cannot be told."""
    names: set[str] = set()
    for importer in project.imports.importers(path):
        if not _is_outlined(project, importer):
            return None
        for statement, target in project.modules.imports_of(importer):
            if target == path:
                imported = {each.name for each in statement.names or ()}
                if not imported or "*" in imported or project.modules.find_module(statement.module, importer) != path:
                    return None
                names |= imported
    return frozenset(names)


def _is_outlined(project: Project, path: str) -> bool:
    facts = project.files.get(path)
    return bool(facts and facts.python and facts.python.outlined)


def _adds_nothing(shared: Base) -> bool:
    """Whether classes of a base have nothing of it but its registry and its MetaData."""
    if not isinstance(shared.value, ClassValue):
        return shared.cls is None and set(shared.arguments) <= {"name", "metadata", "bind", "class_registry"}
    parents = {library_name(parent) for parent in shared.value.mro[1:]}
    return set(shared.value.namespace) <= _OF_REGISTRY and parents <= _ADDING_NOTHING
