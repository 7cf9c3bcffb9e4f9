"""What a start loads inside of its image, and the modules from outside of the tree that this asks for.

Only imports count that certainly run: at the top of a module, under no condition, guarded by nothing. They are followed
breadth first, so that the first way to a module is a shortest one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from infralint.facts.files import FileFacts
from infralint.facts.python import Import, PythonModule
from infralint.project.import_closure import is_certain
from infralint.project.installs.image_modules import ImageModule, ImageModules, is_standard
from infralint.source import Span


@dataclass(frozen=True, slots=True)
class Asks:
    """What a module may ask for, at any place: names of imports as they stand there, with dots in front in `relative`;
    those of the standard library are left out. `changes_path`: it changes the search path."""

    relative: tuple[str, ...] = ()
    absolute: tuple[str, ...] = ()
    changes_path: bool = False


def asks_of(facts: FileFacts | None) -> Asks:
    """What a module may ask for, by the byte scan alone."""
    loads = facts.python.loads if facts is not None and facts.python is not None else None
    if loads is None:
        return Asks()
    names = loads.names
    return Asks(
        tuple(name for name in names if name.startswith(".")),
        tuple(name for name in names if not name.startswith(".") and not is_standard(name)),
        loads.changes_path,
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """An import of a module that is not in the image's own files.

    `path` and `span`: the module's name in the import. `names`: what is imported from it. `chain`: the modules of the
    tree that lead there, the first that the program loads to the one with the import.
    """

    module: str
    names: tuple[str, ...]
    path: str
    span: Span
    chain: tuple[str, ...]


@dataclass(slots=True)
class _Walk:
    before: dict[ImageModule, ImageModule | None] = field(default_factory=dict)

    def chain(self, module: ImageModule) -> tuple[str, ...]:
        found = [module.tree]
        at = self.before[module]
        while at is not None:
            found.append(at.tree)
            at = self.before[at]
        return tuple(reversed(found))


class ImageClosure:
    """The closure of imports in one image, from modules that are loaded first. `search` as in ImageStart."""

    def __init__(self, modules: ImageModules, search: tuple[str, ...]) -> None:
        self.modules = modules
        self.search = search

    def asked(
        self,
        starts: tuple[ImageModule, ...],
        outline: Callable[[str], PythonModule | None],
        program: ImageModule | None = None,
    ) -> Iterator[Asked]:
        """The imports from outside, in the order in which they are found. `program`: the module that is `__main__`."""
        walk = _Walk(dict.fromkeys(starts))
        queue = deque(walk.before)
        while queue:
            module = queue.popleft()
            read = outline(module.tree)
            if read is None:
                continue
            for statement in read.imports:
                if not is_certain(statement, as_main=module == program):
                    continue
                loaded = self._targets(statement, module)
                for target in loaded:
                    if target not in walk.before:
                        walk.before[target] = module
                        queue.append(target)
                if not loaded and not statement.level and not is_standard(statement.module):
                    names = tuple(each.name for each in statement.names or ())
                    yield Asked(statement.module, names, module.tree, statement.span, walk.chain(module))

    def _targets(self, statement: Import, module: ImageModule) -> tuple[ImageModule, ...]:
        """The modules of the image that an import loads, packages first; () for one from outside."""
        if statement.level:
            return tuple(self._relative(statement, module))
        if is_standard(statement.module):
            return ()
        names = [f"{statement.module}.{each.name}" for each in statement.names or () if each.name != "*"]
        return self._loaded(statement.module, names)

    def _loaded(self, dotted: str, names: list[str]) -> tuple[ImageModule, ...]:
        parts = dotted.split(".")
        if parts[0] not in self.modules.heads(self.search):
            return ()
        prefixes = (".".join(parts[:end]) for end in range(1, len(parts) + 1))
        loaded = []
        for name in chain(prefixes, names):
            found = self.modules.find(name, self.search)
            if found is not None:
                loaded.append(found)
                if name not in names and not found.image.endswith("/__init__.py"):
                    # A module that is no package has no modules below it, whatever its names are called.
                    break
        return tuple(loaded)

    def _relative(self, statement: Import, module: ImageModule) -> Iterator[ImageModule]:
        folder = module.folder
        for _ in range(statement.level - 1):
            folder = folder.rpartition("/")[0] or "/"
        inner = statement.module.split(".") if statement.module else []
        prefixes = [inner[:end] for end in range(len(inner) + 1)]
        for parts in [*prefixes, *([*inner, each.name] for each in statement.names or ())]:
            base = "/".join([folder.rstrip("/"), *parts])
            for path in (f"{base}/__init__.py", f"{base}.py"):
                found = self.modules.known(path)
                if found is not None:
                    yield ImageModule(path, found)
                    break

    # The cheap look: what may be loaded at most.

    def possible(
        self, starts: tuple[ImageModule, ...], asks: Callable[[str], Asks]
    ) -> tuple[dict[ImageModule, None], set[str]]:
        """All modules that may be loaded, and the dotted names from outside that these may ask for."""
        seen: dict[ImageModule, None] = dict.fromkeys(starts)
        outside: set[str] = set()
        absolute: set[str] = set()
        queue = deque(seen)
        while queue:
            module = queue.popleft()
            asked = asks(module.tree)
            targets = [target for name in asked.relative for target in self._named(name, module)]
            for name in asked.absolute:
                if name not in absolute:
                    absolute.add(name)
                    found = self._loaded(name, [])
                    if not found:
                        outside.add(name)
                    targets += found
            for target in targets:
                if target not in seen:
                    seen[target] = None
                    queue.append(target)
        return seen, outside

    def _named(self, name: str, module: ImageModule) -> Iterator[ImageModule]:
        """The modules that a relative name may mean."""
        level = len(name) - len(name.lstrip("."))
        nothing = Span(0, 0)
        return self._relative(Import(name[level:], level, None, "", nothing, nothing), module)
