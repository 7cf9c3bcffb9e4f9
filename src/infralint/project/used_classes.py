"""What the names of classes stand for whose attributes a file uses, as far as imports tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from infralint.facts.class_uses import ClassUses
from infralint.facts.files import FileFacts
from infralint.project.lookup import Known, Lookup
from infralint.project.modules import ModuleGraph, Origin, Symbol


def class_names(facts: FileFacts) -> tuple[str, ...]:
    """The names of all classes in a module."""
    return tuple(cls.name for cls in facts.python.classes) if facts.python is not None else ()


def used_in(
    files: Mapping[str, FileFacts], modules: ModuleGraph, names: frozenset[str], path: str
) -> Iterator[tuple[Symbol, ClassUses]]:
    """The uses in a file of things of the tree that may be mapped, each group with what its class's name stands for.

    `names`: those of all classes in modules that speak of models.
    """
    used = _UsedClasses(files[path], modules, names, path)
    for group in files[path].class_uses:
        symbol = used.symbol(group)
        if symbol is not None:
            yield symbol, group


class _UsedClasses:
    """The classes that one file uses."""

    def __init__(self, facts: FileFacts, modules: ModuleGraph, names: frozenset[str], path: str) -> None:
        self._facts = facts
        self._modules = modules
        self._names = names
        self._path = path

    def symbol(self, group: ClassUses) -> Symbol | None:
        """What a class's name stands for; None for what is no model."""
        if not self._may_be_mapped(group):
            return None
        found = self._modules.resolve(self._path, group.owner) if group.head is None else self._imported(group)
        origin = found.value if isinstance(found, Known) else None
        return origin if isinstance(origin, Symbol) and origin.name else None

    def _may_be_mapped(self, group: ClassUses) -> bool:
        """Whether a model has the class's last name, or the name that an import gives another one."""
        last = group.owner.rpartition(".")[2]
        if group.head is not None and "." not in group.owner:
            return group.head.name in self._names
        if "." in group.owner or last in self._names:
            return last in self._names
        return last in self._renamed

    @cached_property
    def _renamed(self) -> frozenset[str]:
        """Names that the module gives to classes of those names."""
        module = self._facts.python
        imported = (each for statement in module.imports for each in statement.names or ()) if module else ()
        return frozenset(each.alias for each in imported if each.alias and each.name in self._names)

    def _imported(self, group: ClassUses) -> Lookup[Origin] | None:
        """What an import in a function binds, and the attributes behind it."""
        head = group.head
        assert head is not None
        rest = group.owner.partition(".")[2]
        if head.name is None:
            module = self._modules.find_module(head.module, self._path)
            return self._modules.resolve(module, rest) if module and rest else None
        names = f"{head.name}.{rest}".rstrip(".")
        if head.level:
            module = self._modules.find_relative(head.level, head.module, self._path)
        else:
            module = self._modules.find_module(head.module, self._path)
        return self._modules.resolve(module, names) if module else None
