"""Uses of mapped classes all over the tree, and the attributes among them that the class does not have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from infralint.facts.class_uses import ClassUse, ClassUses, ImportedHead
from infralint.facts.files import FileFacts
from infralint.project.interpret import ClassValue, DictValue, FunctionValue, Interpreter, Made, Value
from infralint.project.lookup import Absent, Known, Lookup
from infralint.project.models import MappedClass, OrmView
from infralint.project.modules import ModuleGraph, Origin, Symbol

# What every class has by its metaclass (`type`), and every object.
_OF_TYPE = frozenset(name for name in dir(type) if not name.startswith("__"))
# Names in a class body that Python or SQLAlchemy asks for (SQLAlchemy 2.0, "Declarative Mapping"; Flask-SQLAlchemy
# 3.1, "Models and Tables"); whoever reads others may add attributes, as SQLAlchemy-Continuum does for `__versioned__`.
_SETTINGS = frozenset(
    {
        "__abstract__", "__allow_unmapped__", "__allow_unmapped_joined__", "__bind_key__", "__doc__", "__hash__",
        "__mapper_args__", "__mapper_cls__", "__match_args__", "__module__", "__qualname__", "__slots__",
        "__table__", "__table_args__", "__table_cls__", "__tablename__", "__config__", "__test__", "__fsa__",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class UnknownAttribute:
    """A use of an attribute that a mapped class does not have; `names` are those that it has."""

    path: str
    use: ClassUse
    mapped: MappedClass
    names: frozenset[str]


class ClassUsesView:
    """The uses that files note, resolved to mapped classes."""

    def __init__(
        self,
        files: Mapping[str, FileFacts],
        modules: ModuleGraph,
        models: Callable[[], OrmView],
        having: Callable[[str], Iterable[str]],
    ) -> None:
        """`having`: the files whose facts have something in a field."""
        self._files = files
        self._having = having
        self._modules = modules
        self._ask_models = models
        self._resolved: dict[tuple[str, str, ImportedHead | None], MappedClass | None] = {}
        self._have_more: dict[int, bool] = {}
        # Names that modules give to classes of those names.
        self._renamed: dict[str, frozenset[str]] = {}

    @cached_property
    def _models(self) -> OrmView:
        return self._ask_models()

    @cached_property
    def _interpreter(self) -> Interpreter:
        return self._models.interpreter

    @cached_property
    def _paths(self) -> set[str]:
        """Where mapped classes are."""
        return {mapped.path for mapped in self._models.classes}

    @cached_property
    def _names(self) -> set[str]:
        """Names of classes in modules that speak of models."""
        modules = [self._files[path].python for path in self._having("program")]
        return {cls.name for module in modules if module is not None for cls in module.classes}

    def unknown(self) -> Iterator[UnknownAttribute]:
        """Uses of attributes that a class does not have, by place."""
        uses = list(self._uses())
        assigned = {(id(mapped), use.name) for _, use, mapped in uses if use.kind == "set"}
        for path, use, mapped in uses:
            if use.kind == "set" or self._is_assigned(mapped, use.name, assigned) or self._may_have_more(mapped, use):
                continue
            attributes = self._models.attributes.of(mapped)
            if isinstance(attributes.has(use.name), Absent) and use.name not in _OF_TYPE:
                yield UnknownAttribute(path, use, mapped, attributes.names)

    def _uses(self) -> Iterator[tuple[str, ClassUse, MappedClass]]:
        for path in self._having("class_uses"):
            for group in self._files[path].class_uses:
                mapped = self._mapped(path, group)
                if mapped is not None:
                    yield from ((path, use, mapped) for use in group.uses)

    def _mapped(self, path: str, group: ClassUses) -> MappedClass | None:
        key = (path, group.owner, group.head)
        if key not in self._resolved:
            value = self._value(path, group)
            mapped = self._models.mapped(value) if isinstance(value, ClassValue) else None
            self._resolved[key] = mapped if mapped is not None and not mapped.abstract else None
        return self._resolved[key]

    def _value(self, path: str, group: ClassUses) -> Value:
        symbol = self._symbol(path, group)
        if symbol is None or symbol.path not in self._paths:
            return None
        return self._interpreter.name(symbol.path, ".".join(filter(None, (symbol.name, symbol.rest))))

    def _symbol(self, path: str, group: ClassUses) -> Symbol | None:
        """What the class's name stands for: something of the tree whose name a model may have."""
        if not self._may_be_mapped(path, group):
            return None
        found = self._modules.resolve(path, group.owner) if group.head is None else self._imported(path, group)
        origin = found.value if isinstance(found, Known) else None
        return origin if isinstance(origin, Symbol) and origin.name else None

    def _may_be_mapped(self, path: str, group: ClassUses) -> bool:
        """Whether a model has the class's last name, or the name that an import gives another one."""
        last = group.owner.rpartition(".")[2]
        if group.head is not None and "." not in group.owner:
            return group.head.name in self._names
        if "." in group.owner or last in self._names:
            return last in self._names
        if path not in self._renamed:
            module = self._files[path].python
            imported = (each for statement in module.imports for each in statement.names or ()) if module else ()
            self._renamed[path] = frozenset(each.alias for each in imported if each.alias and each.name in self._names)
        return last in self._renamed[path]

    def _imported(self, path: str, group: ClassUses) -> Lookup[Origin] | None:
        """What an import in a function binds, and the attributes behind it."""
        head = group.head
        assert head is not None
        rest = group.owner.partition(".")[2]
        if head.name is None:
            module = self._modules.find_module(head.module, path)
            return self._modules.resolve(module, rest) if module and rest else None
        names = f"{head.name}.{rest}".rstrip(".")
        if head.level:
            module = self._modules.find_relative(head.level, head.module, path)
        else:
            module = self._modules.find_module(head.module, path)
        return self._modules.resolve(module, names) if module else None

    # What a class may have besides what the models say.

    def _is_assigned(self, mapped: MappedClass, name: str, assigned: set[tuple[int, str]]) -> bool:
        if any((id(each), name) in assigned for each in mapped.lineage):
            return True
        bases = [base for base in mapped.value.mro if not isinstance(base, ClassValue)]
        return any(self._interpreter.assigned(base, name) is not None for base in bases)

    def _may_have_more(self, mapped: MappedClass, use: ClassUse) -> bool:
        if id(mapped) not in self._have_more:
            self._have_more[id(mapped)] = self._has_unseen(mapped)
        return self._have_more[id(mapped)] or (use.kind == "keyword" and self._has_own_constructor(mapped))

    def _has_unseen(self, mapped: MappedClass) -> bool:
        arguments = mapped.mapper_args
        if isinstance(arguments, DictValue) and arguments.get("column_prefix") is not None:
            return True
        if any(each.table is not None and each.table.open for each in mapped.lineage):
            # Columns that nobody sees are attributes, too.
            return True
        return any(_has_odd_settings(cls) for cls in mapped.value.mro if isinstance(cls, ClassValue))

    def _has_own_constructor(self, mapped: MappedClass) -> bool:
        """Whether keywords may mean anything: a constructor of the tree, of a registry, or pydantic's."""
        for cls in mapped.value.mro:
            if isinstance(cls, ClassValue):
                if "__init__" in cls.namespace or "__new__" in cls.namespace or "metaclass" in cls.keywords:
                    return True
            elif isinstance(cls, Made) and "constructor" in cls.kwargs:
                return True
        bases = [base for base in self._models.bases if base.registry is mapped.registry]
        return any(base.form == "SQLModel" or "constructor" in base.arguments for base in bases) or not bases


def _has_odd_settings(cls: ClassValue) -> bool:
    return any(
        name.startswith("__")
        and name.endswith("__")
        and name not in _SETTINGS
        and not isinstance(bound.value, FunctionValue)
        for name, bound in cls.namespace.items()
    )
