"""The attributes of first-party classes, where all that could add one was read."""

from __future__ import annotations

import abc
import builtins
import enum
import typing
from dataclasses import dataclass

from infralint.facts.python import ClassDef
from infralint.project.certain_names import CertainNames, Foreign, Thing
from infralint.project.module_names import NameJudge

# Decorators that add nothing that anybody replaces, or whose additions are among what the class annotates.
_TRANSPARENT = frozenset(
    {"dataclasses.dataclass", "enum.unique", "functools.total_ordering", "typing.final", "typing.runtime_checkable",
     "typing_extensions.final", "typing_extensions.runtime_checkable"}
)  # fmt: skip
_METACLASSES = frozenset({"abc.ABCMeta", "enum.EnumMeta", "enum.EnumType"})
# Modules of the standard library whose classes have the attributes that they have here.
_STANDARD = {"abc": abc, "builtins": builtins, "enum": enum, "typing": typing, "typing_extensions": typing}
_OPEN_BASES = frozenset({"typing.NamedTuple", "typing.TypedDict", "typing_extensions.TypedDict"})
# A class that defines one of these may give attributes to those that are made of it.
_HOOKS = frozenset({"__init_subclass__", "__set_name__"})
# With one of these, instances answer for attributes that nobody sees.
_INSTANCE_HOOKS = frozenset({"__getattr__", "__getattribute__"})
_MAX_BASES = 60


@dataclass(frozen=True, slots=True)
class Members:
    """`own`: attributes of a class; `instance`: those of its instances besides; `answers`: they may have others."""

    own: frozenset[str] = frozenset()
    instance: frozenset[str] = frozenset()
    answers: bool = False


class ClassMembers:
    """Answers for classes by the module that defines them and their qualified name."""

    def __init__(self, judge: NameJudge) -> None:
        self.judge = judge
        self.names = CertainNames(judge)
        self._found: dict[tuple[str, str], Members | None] = {}

    def definition(self, path: str, qualname: str) -> ClassDef | None:
        """The only class statement of that name in a module; None without one, or with several."""
        module = self.judge.modules.outline(path)
        found = module.classes_of.get(qualname, ()) if module else ()
        return found[0] if len(found) == 1 else None

    def of(self, path: str, qualname: str) -> Members | None:
        """All attributes of a class, inherited ones too; None where there may be others."""
        key = (path, qualname)
        if key not in self._found:
            # A class that is among its own bases is not understood.
            self._found[key] = None
            self._found[key] = self._read(path, qualname)
        return self._found[key]

    def _read(self, path: str, qualname: str) -> Members | None:
        definition = self.definition(path, qualname)
        if definition is None or definition.is_open or len(definition.bases) > _MAX_BASES:
            return None
        if not self._is_plain(path, definition) or _HOOKS & set(definition.attributes):
            return None
        own, instance = set(definition.attributes), set(definition.instance)
        answers = not _INSTANCE_HOOKS.isdisjoint(own)
        if any(each.endswith("()") for each in definition.decorators):
            # The fields of `@dataclass(slots=True)` are attributes of the class.
            own |= instance
        for base in definition.bases:
            members = self._base(path, base)
            if members is None:
                return None
            own |= members.own
            instance |= members.instance
            answers |= members.answers
        return Members(frozenset(own), frozenset(instance), answers)

    def _is_plain(self, path: str, definition: ClassDef) -> bool:
        """Whether neither decorators nor a metaclass nor the keywords of the class may add attributes."""
        table = self.judge.modules.table(path)
        decorators = {table.resolve(each.removesuffix("()")) for each in definition.decorators}
        keywords = all(
            name == "metaclass" and table.resolve(value) in _METACLASSES for name, value in definition.keywords
        )
        return decorators <= _TRANSPARENT and keywords

    def _base(self, path: str, written: str) -> Members | None:
        found = self.names.of(path, written) if written and not written.endswith("()") else None
        if isinstance(found, Thing):
            return self.of(found.path, found.owner) if found.owner and not found.is_instance else None
        if isinstance(found, Foreign):
            return _standard(found.name)
        is_builtin = self.judge.may_lack(path, written) and hasattr(builtins, written)
        return _standard(f"builtins.{written}") if is_builtin else None

    def is_set(self, path: str, name: str) -> bool:
        """Whether something may set an attribute of that name on what the module defines."""
        module = self.judge.modules.outline(path)
        unknown = module is None or any(each.startswith("?") for each in module.sets)
        return unknown or self.judge.is_set(path, name) or "?" in self.judge.bound_in(path)


def _standard(name: str) -> Members | None:
    """The attributes of a class of the standard library; None for one that is not known by heart."""
    module, _, attribute = name.rpartition(".")
    if name in _OPEN_BASES or module not in _STANDARD:
        return None
    # An index has gone from the base already: `Generic[T]`, `Protocol[T]`, `list[int]`.
    found = getattr(_STANDARD[module], attribute, None)
    return Members(frozenset(dir(found))) if isinstance(found, type) else None
