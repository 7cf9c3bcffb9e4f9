"""Targets of patches that name what the tree's own modules and classes do not have.

`unittest.mock` and monkeypatch import the longest path that they can, and ask the rest as attributes. That way is gone
step by step, and as soon as something on it is not certain, nothing is said.
"""

from __future__ import annotations

import builtins
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from infralint.facts.files import FileFacts
from infralint.facts.python import PatchTarget
from infralint.project.certain_names import Foreign, Thing
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


def patching(files: Mapping[str, FileFacts]) -> list[str]:
    """The modules that patch something."""
    return [path for path, facts in files.items() if facts.python and facts.python.patches]


def unpatched_in(files: Mapping[str, FileFacts], classes: ClassMembers, path: str) -> Iterator[UnresolvedPatch]:
    """Every patch in a module of a name that the tree should have and has not, by place."""
    finder = _Finder(classes)
    module = files[path].python
    replaced: set[str] = set()
    for patch in sorted(module.patches, key=lambda patch: patch.span) if module else ():
        above = itertools.accumulate(patch.target.split("."), "{}.{}".format)
        is_replaced = not replaced.isdisjoint(above)
        replaced.add(patch.target)
        if is_replaced:
            # A patch before this one may have put something else there: a mock has every name.
            continue
        found = finder.judged(path, patch)
        if found is not None:
            yield found


class _Finder:
    def __init__(self, classes: ClassMembers) -> None:
        self.judge = classes.judge
        self.modules = classes.judge.modules
        self.classes = classes
        self._hidden: dict[tuple[str, str], bool] = {}

    def judged(self, path: str, patch: PatchTarget) -> UnresolvedPatch | None:
        """The patch with the name that is missing; None where it may be there."""
        if not all(part.isidentifier() for part in patch.target.lstrip(".").split(".")):
            return None
        start = self._start(path, patch)
        if start is None:
            return None
        thing: Thing | None
        thing, dotted, parts = start
        for at, name in enumerate(parts):
            if thing is None or _is_special(name):
                return None
            is_last = at == len(parts) - 1
            if not self._lacks(thing, dotted, path, name, patch.span.start):
                thing, dotted = _of_tree(self.classes.names.step(thing, name)), ""
                continue
            if is_last and patch.makes_builtins and not thing.owner and name in _BUILTINS:
                return None
            members = self.classes.of(thing.path, thing.owner) if thing.owner else None
            of_instances = members is not None and name in members.instance
            return UnresolvedPatch(path, patch.span, name, thing.path, thing.owner, of_instances, not is_last)
        return None

    def _start(self, path: str, patch: PatchTarget) -> tuple[Thing, str, list[str]] | None:
        """The module that the way begins at, its dotted name where it was found by that, and what is asked of it."""
        parts = patch.target.split(".")
        if patch.is_local:
            # That the name itself is missing here is none of the patch's faults.
            first = _of_tree(self.classes.names.of(path, parts[0]))
            return (first, "", parts[1:]) if first else None
        if patch.target.startswith("."):
            return self._relative_start(path, patch.target)
        if not self.judge.is_own(parts[0]):
            return None
        for end in range(len(parts) - 1, 0, -1):
            module = self.judge.find(".".join(parts[:end]), path)
            if module is not None:
                dotted = ".".join(parts[:end])
                return None if self._has_hidden(dotted, path) else (Thing(module), dotted, parts[end:])
        return None

    def _has_hidden(self, dotted: str, path: str) -> bool:
        """Whether a package on the way to a module binds the name of the next one to something else."""
        if (path, dotted) not in self._hidden:
            parts = dotted.split(".")
            self._hidden[path, dotted] = any(self._is_hidden(parts[: at + 1], path) for at in range(1, len(parts)))
        return self._hidden[path, dotted]

    def _is_hidden(self, parts: list[str], path: str) -> bool:
        """Whether a package binds the name of its own module to something else."""
        package = self.judge.find(".".join(parts[:-1]), path)
        if package is None or parts[-1] not in self.judge.bound_in(package):
            return False
        found = self.modules.definition(package, parts[-1])
        return not (isinstance(found, Known) and isinstance(found.value, Symbol) and not found.value.name)

    def _relative_start(self, path: str, target: str) -> tuple[Thing, str, list[str]] | None:
        level = len(target) - len(target.lstrip("."))
        parts = target[level:].split(".")
        for end in range(len(parts) - 1, -1, -1):
            module = self.modules.find_relative(level, ".".join(parts[:end]), path)
            if module is not None:
                return Thing(module), "", parts[end:]
        return None

    def _lacks(self, thing: Thing, dotted: str, path: str, name: str, place: int) -> bool:
        if not thing.owner:
            if dotted:
                return self.judge.all_lack(dotted, thing.path, path, name, place)
            return self.judge.lacks(thing.path, name)
        members = self.classes.of(thing.path, thing.owner)
        if members is None or name in members.own or self.classes.is_set(thing.path, name):
            return False
        return not thing.is_instance or not (name in members.instance or members.answers)


def _is_special(name: str) -> bool:
    """Whether the interpreter may have made a name: `__doc__`, or a private one of a class, `_Owner__name`."""
    return name.startswith("_") and "__" in name


def _of_tree(found: Thing | Foreign | None) -> Thing | None:
    return found if isinstance(found, Thing) else None
