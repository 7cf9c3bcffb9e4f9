"""Targets of patches that name what the tree's own modules and classes do not have.

`unittest.mock` and monkeypatch import the longest path that they can, and ask the rest as attributes. That way is gone
step by step, and as soon as something on it is not certain, nothing is said.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from infralint.facts.files import FileFacts
from infralint.facts.python import Binding, PatchTarget
from infralint.project.class_members import ClassMembers
from infralint.project.lookup import Known
from infralint.project.modules import Symbol
from infralint.source import Span

# What `patch` makes in a module that lacks it (CPython 3.14, Lib/unittest/mock.py, `get_original`).
_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))


@dataclass(frozen=True, slots=True)
class UnresolvedPatch:
    """A patch that must fail: `name` is no name of the module in `target`, nor a module below it.

    `owner` is the class whose attribute it should be, by its qualified name, "" for a module's. `instances`: only
    instances of that class have it. `is_module`: it is a module that is missing.
    """

    path: str
    span: Span
    name: str
    target: str
    owner: str = ""
    instances: bool = False
    is_module: bool = False


@dataclass(frozen=True, slots=True)
class _Thing:
    """Something on the way to a target: a module, a class in it, or an instance of that class."""

    path: str
    owner: str = ""
    is_instance: bool = False


def unresolved_patches(files: Mapping[str, FileFacts], classes: ClassMembers) -> Iterator[UnresolvedPatch]:
    """Every patch of a name that the tree should have and has not, by file and place."""
    finder = _Finder(classes)
    for path, facts in files.items():
        for patch in facts.python.patches if facts.python else ():
            found = finder.judged(path, patch)
            if found is not None:
                yield found


class _Finder:
    def __init__(self, classes: ClassMembers) -> None:
        self.judge = classes.judge
        self.modules = classes.modules
        self.classes = classes

    def judged(self, path: str, patch: PatchTarget) -> UnresolvedPatch | None:
        """The patch with the name that is missing; None where it may be there."""
        if not all(part.isidentifier() for part in patch.target.lstrip(".").split(".")):
            return None
        start = self._start(path, patch)
        if start is None:
            return None
        thing: _Thing | None
        thing, dotted, parts = start
        for at, name in enumerate(parts):
            if thing is None or name.startswith("__"):
                return None
            is_last = at == len(parts) - 1
            if not self._lacks(thing, dotted, path, name):
                thing, dotted = self._step(thing, name), ""
                continue
            if is_last and patch.makes_builtins and not thing.owner and name in _BUILTINS:
                return None
            members = self.classes.of(thing.path, thing.owner) if thing.owner else None
            of_instances = members is not None and name in members.instance
            return UnresolvedPatch(path, patch.span, name, thing.path, thing.owner, of_instances, not is_last)
        return None

    def _start(self, path: str, patch: PatchTarget) -> tuple[_Thing, str, list[str]] | None:
        """The module that the way begins at, its dotted name where it was found by that, and what is asked of it."""
        parts = patch.target.split(".")
        if patch.is_local:
            # That the name itself is missing here is none of the patch's faults.
            first = self._step(_Thing(path), parts[0])
            return (first, "", parts[1:]) if first else None
        if patch.target.startswith("."):
            return self._relative_start(path, patch.target)
        if not self.judge.is_own(parts[0]):
            return None
        for end in range(len(parts) - 1, 0, -1):
            module = self.judge.find(".".join(parts[:end]), path)
            if module is not None:
                hidden = any(self._is_hidden(parts[: at + 1], path) for at in range(1, end))
                return None if hidden else (_Thing(module), ".".join(parts[:end]), parts[end:])
        return None

    def _is_hidden(self, parts: list[str], path: str) -> bool:
        """Whether a package binds the name of its own module to something else."""
        package = self.judge.find(".".join(parts[:-1]), path)
        if package is None or parts[-1] not in self.judge.bound_in(package):
            return False
        found = self.modules.definition(package, parts[-1])
        return not (isinstance(found, Known) and isinstance(found.value, Symbol) and not found.value.name)

    def _relative_start(self, path: str, target: str) -> tuple[_Thing, str, list[str]] | None:
        level = len(target) - len(target.lstrip("."))
        parts = target[level:].split(".")
        for end in range(len(parts) - 1, -1, -1):
            module = self.modules.find_relative(level, ".".join(parts[:end]), path)
            if module is not None:
                return _Thing(module), "", parts[end:]
        return None

    def _lacks(self, thing: _Thing, dotted: str, path: str, name: str) -> bool:
        if not thing.owner:
            if dotted:
                return self.judge.all_lack(dotted, thing.path, path, name)
            return self.judge.lacks(thing.path, name)
        members = self.classes.of(thing.path, thing.owner)
        if members is None or name in members.own or self.classes.is_set(thing.path, name):
            return False
        return not thing.is_instance or not (name in members.instance or self.classes.instances_are_open(members))

    def _step(self, thing: _Thing, name: str) -> _Thing | None:
        """What an attribute is; None where that is not certain."""
        if thing.is_instance:
            return None
        if thing.owner:
            inner = f"{thing.owner}.{name}"
            return _Thing(thing.path, inner) if self.classes.definition(thing.path, inner) else None
        found = self.modules.definition(thing.path, name)
        origin = found.value if isinstance(found, Known) else None
        if not isinstance(origin, Symbol) or origin.rest:
            return None
        return self._named(origin) if origin.name else _Thing(origin.path)

    def _named(self, symbol: Symbol) -> _Thing | None:
        """The class that a module binds under a name, or the class whose instance it binds there."""
        binding = self._only_binding(symbol)
        if binding is None:
            return None
        if binding.kind == "class":
            return _Thing(symbol.path, symbol.name) if self.classes.definition(symbol.path, symbol.name) else None
        if binding.kind != "call" or not binding.value:
            return None
        found = self.modules.resolve(symbol.path, binding.value)
        made = found.value if isinstance(found, Known) else None
        if not isinstance(made, Symbol) or not made.name or made.rest:
            return None
        of_class = self._only_binding(made)
        members = self.classes.of(made.path, made.name) if of_class and of_class.kind == "class" else None
        return _Thing(made.path, made.name, True) if members is not None and "__new__" not in members.own else None

    def _only_binding(self, symbol: Symbol) -> Binding | None:
        module = self.modules.outline(symbol.path)
        found = [each for each in module.bindings if each.name == symbol.name] if module else []
        return found[0] if len(found) == 1 else None
