"""What a name certainly stands for: a module, a class, or an instance of one, along imports that leave no doubt.

The module graph answers for what is likely: it takes the only module of a name for the one that is meant. What is said
to be missing needs more, so every step here is one that Python must take.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from infralint.facts.python import Binding, Import
from infralint.project.module_names import NameJudge

_MAX_HOPS = 20


@dataclass(frozen=True, slots=True)
class Thing:
    """A module of the tree; `owner`: a class in it, by its qualified name; `is_instance`: an instance of that class."""

    path: str
    owner: str = ""
    is_instance: bool = False


@dataclass(frozen=True, slots=True)
class Foreign:
    """Something from outside of the tree, by its dotted name."""

    name: str


class CertainNames:
    """Follows names from module to module."""

    def __init__(self, judge: NameJudge) -> None:
        self.judge = judge
        self.modules = judge.modules
        self._found: dict[tuple[str, str], Thing | Foreign | None] = {}

    def of(self, path: str, dotted: str) -> Thing | Foreign | None:
        """What a dotted name stands for at the top of a module; None where that is not certain."""
        return self._dotted(path, dotted, 0)

    def step(self, thing: Thing, name: str) -> Thing | Foreign | None:
        """What an attribute of a thing is; None where that is not certain."""
        return self._step(thing, name, 0)

    def _dotted(self, path: str, dotted: str, hops: int) -> Thing | Foreign | None:
        head, *rest = dotted.split(".")
        found = self._name(path, head, hops)
        for name in rest:
            if isinstance(found, Foreign):
                found = Foreign(f"{found.name}.{name}")
            else:
                found = self._step(found, name, hops) if found else None
        return found

    def _step(self, thing: Thing, name: str, hops: int) -> Thing | Foreign | None:
        if thing.is_instance:
            return None
        if thing.owner:
            inner = f"{thing.owner}.{name}"
            return Thing(thing.path, inner) if self.has_class(thing.path, inner) else None
        return self._name(thing.path, name, hops)

    def has_class(self, path: str, qualname: str) -> bool:
        """Whether exactly one class statement of a module makes a class of this name."""
        module = self.modules.outline(path)
        return len(module.classes_of.get(qualname, ())) == 1 if module else False

    def _name(self, path: str, name: str, hops: int) -> Thing | Foreign | None:
        key = (path, name)
        if key not in self._found:
            found = self._find(path, name, hops)
            if found is None and hops:
                # Nothing may be found only since the way here was long.
                return None
            self._found[key] = found
        return self._found[key]

    def _find(self, path: str, name: str, hops: int) -> Thing | Foreign | None:
        module = self.modules.outline(path)
        if module is None or hops > _MAX_HOPS:
            return None
        bound = module.bindings_of.get(name, ())
        imported = module.imports_of.get(name, ())
        if len(bound) + len(imported) > 1 and not _is_one_package(bound, imported):
            return None
        if bound:
            return self._bound(path, bound[0], hops)
        if imported:
            return self._imported(path, imported[0], name, hops)
        if self.judge.may_lack(path, name) or not path.endswith("/__init__.py"):
            return None
        submodule = self.modules.module_in(path.rpartition("/")[0], name)
        return Thing(submodule) if submodule and name not in self.judge.bound_in(path) else None

    def _bound(self, path: str, binding: Binding, hops: int) -> Thing | Foreign | None:
        if binding.kind == "class":
            return Thing(path, binding.name) if self.has_class(path, binding.name) else None
        if binding.kind == "alias":
            return self._dotted(path, binding.value, hops + 1)
        if binding.kind == "call" and binding.value:
            made = self._dotted(path, binding.value, hops + 1)
            if isinstance(made, Thing) and made.owner and not made.is_instance:
                return Thing(made.path, made.owner, True)
        return None

    def _imported(self, path: str, statement: Import, name: str, hops: int) -> Thing | Foreign | None:
        if statement.typing_only or statement.guarded:
            return None
        if statement.names is None:
            return self._module(statement.module if statement.alias else name, path, statement.statement.start)
        original = next(each.name for each in statement.names if each.bound == name)
        if statement.level:
            target = self.modules.find_relative(statement.level, statement.module, path)
            return self._dotted(target, original, hops + 1) if target else None
        place = statement.statement.start
        if self.modules.find_module(statement.module, path) is None:
            # A namespace package has no file of its own: what is taken from it is a module.
            return self._module(f"{statement.module}.{original}", path, place)
        found = self._module(statement.module, path, place)
        if isinstance(found, Foreign):
            return Foreign(f"{found.name}.{original}")
        return self._dotted(found.path, original, hops + 1) if found else None

    def _module(self, dotted: str, path: str, place: int) -> Thing | Foreign | None:
        """The module that an absolute import means; Foreign for one that nothing in the tree could be."""
        target = self.judge.find(dotted, path)
        if target is not None:
            several = len(self.judge.meant(dotted, target, path, place)) > 1
            return Thing(target) if self.judge.is_own(dotted.partition(".")[0]) and not several else None
        return None if self.modules.find_module(dotted.partition(".")[0], path) else Foreign(dotted)


def _is_one_package(bound: Sequence[Binding], imported: Sequence[Import]) -> bool:
    """Whether all that binds a name are imports of modules of one package: `import app.tools, app.things`."""
    return not bound and all(each.names is None and not each.alias and not each.guarded for each in imported)
