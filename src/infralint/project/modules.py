"""The module graph: import roots found per service, and what a name is after imports and re-exports."""

from __future__ import annotations

import builtins
import copy
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from infralint.facts.files import FileFacts
from infralint.facts.names import ImportTable
from infralint.facts.python import Binding, ClassDef, Import, PythonModule
from infralint.project.import_roots import ImportRoots
from infralint.project.lookup import Absent, Known, Lookup, Open
from infralint.project.module_paths import files_by_place, folder_of, folders_above, join, stem_of, top_level_of

_MAX_HOPS = 30
# Folders are often called as the library whose files they hold: Alembic's own script location.
_FOREIGN = frozenset({"alembic"})
# Libraries that are looked for by name, and whose copy in the tree is the library all the same.
_LIBRARIES = frozenset({"flask_sqlalchemy", "sqlalchemy", "sqlmodel"})
_BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True, slots=True)
class Symbol:
    """Something that the tree defines: `name` at the top of the module in `path` ("" = the module itself).

    `rest` are attributes behind it that were not followed: `db.Model` is the symbol `db` with the rest `Model`.
    """

    path: str
    name: str
    rest: str = ""


@dataclass(frozen=True, slots=True)
class External:
    """Something from outside of the tree, by its dotted name."""

    name: str


Origin = Symbol | External


class ModuleGraph:
    """Python modules of the tree and the names in them."""

    def __init__(
        self,
        files: Mapping[str, FileFacts],
        paths: Iterable[str],
        sources: tuple[str, ...],
        import_roots: ImportRoots | None = None,
    ) -> None:
        self.files = files
        self.import_roots = import_roots or ImportRoots(files)
        self.modules = {path for path, facts in files.items() if facts.python is not None}
        self._sources = tuple(source.strip("/").removeprefix("./") for source in sources)
        self._folders = {folder for path in self.modules for folder in folders_above(path)}
        self._packages = {folder_of(path) for path in self.modules if stem_of(path) == "__init__"}
        self._top_level = top_level_of(self.modules, self._packages)
        self._files_at = files_by_place(self.modules)
        # What a dotted name may begin with to be found anywhere in the tree.
        self._heads = {path.rpartition("/")[2] for path in (*self._files_at, *self._folders)}
        self._found: dict[tuple[str, str], str | None] = {}
        self._package_roots: dict[str, str] = {}
        # By path, each with the imports that it was made of.
        self._tables: dict[str, tuple[tuple[Import, ...], ImportTable]] = {}
        self._imports: dict[str, tuple[tuple[Import, ...], tuple[tuple[Import, str], ...]]] = {}

    def over(self, files: Mapping[str, FileFacts]) -> ModuleGraph:
        """The same graph, which reads the facts of the same files from another mapping."""
        other = copy.copy(self)
        other.files = files
        return other

    # Which file a dotted module name is.

    def find_module(self, dotted: str, importer: str) -> str | None:
        """The path of the module that an absolute import in `importer` names; None when no file of the tree is it."""
        key = (importer if self.import_roots.has_own(importer) else folder_of(importer), dotted)
        if key not in self._found:
            self._found[key] = self._search(dotted, importer)
        return self._found[key]

    def find_relative(self, level: int, module: str, importer: str) -> str | None:
        """The path of the module that `from <level dots><module> import` names in `importer`; None without one."""
        folder = self.relative_folder(level, importer)
        if folder is None:
            return None
        return self.module_in(folder, module) if module else self._package_file(folder)

    def relative_folder(self, level: int, importer: str) -> str | None:
        """The folder that a relative import of this many dots starts from; None above the root of the tree."""
        folder = folder_of(importer)
        for _ in range(level - 1):
            if not folder:
                return None
            folder = folder_of(folder)
        return folder

    def is_head(self, name: str) -> bool:
        """Whether a dotted name that begins with this one may be found anywhere in the tree."""
        return name in self._heads

    def is_package(self, folder: str) -> bool:
        """Whether the folder holds an `__init__.py`."""
        return folder in self._packages

    def module_in(self, root: str, dotted: str) -> str | None:
        """The module file of a dotted name below an import root; None when there is none."""
        return self._files_at.get(join(root, dotted.replace(".", "/")))

    def _package_file(self, folder: str) -> str | None:
        path = join(folder, "__init__.py")
        return path if path in self.modules else None

    def _search(self, dotted: str, importer: str) -> str | None:
        head = dotted.partition(".")[0]
        if head in sys.stdlib_module_names or head in _LIBRARIES or dotted in _FOREIGN:
            return None
        if head.isidentifier() and head not in self._heads:
            return None
        for root in self.roots_of(importer):
            if found := self.module_in(root, dotted):
                return found
        for folder in folders_above(importer):
            if self.is_package(folder) and (found := self.module_in(folder, dotted)):
                return found
        roots = self._top_level.get(head, ())
        chosen = roots[0] if len(roots) == 1 else self._in_images(head, importer)
        return self.module_in(chosen, dotted) if chosen is not None else None

    def is_certain(self, target: str, dotted: str, importer: str, place: int) -> bool:
        """Whether an absolute import at an offset of the importer must find this file, and no other of that name.

        That is so in a package for its own modules, and where the project itself says what is searched first.
        """
        head = dotted.partition(".")[0]
        added = next((root for root in self.import_roots.first(importer) if self._holds(root, head)), None)
        if added is not None:
            return self.module_in(added, dotted) == target and self.import_roots.added_before(importer, added, place)
        root = self.package_root(importer)
        if root != folder_of(importer) and self.dotted_name(importer).partition(".")[0] == head:
            return self.module_in(root, dotted) == target
        above = (folder for folder in folders_above(importer) if not self.is_package(folder))
        if any(self._holds(folder, head) for each in above for folder in (each, join(each, "src"))):
            return False
        said = (folder for folder in self.import_roots.of_pytest(importer) if self._holds(folder, head))
        chosen = next(said, None)
        if chosen is None:
            chosen = self._in_images(head, importer)
        return chosen is not None and self.module_in(chosen, dotted) == target

    def _in_images(self, head: str, importer: str) -> str | None:
        """The import root of a top-level name in the images that hold the importer."""
        tops = {root: top for root in self._top_level.get(head, ()) if (top := self.module_in(root, head))}
        return self.import_roots.images.root_of(importer, tops) if len(tops) > 1 else None

    def _holds(self, root: str, head: str) -> bool:
        """Whether a folder holds a top-level module or package of that name, if only a namespace."""
        return self.module_in(root, head) is not None or join(root, head) in self._folders

    def is_in_reach(self, target: str, dotted: str, importer: str) -> bool:
        """Whether a file is what a dotted name means from one of the import roots of the importer itself."""
        return any(self.module_in(root, dotted) == target for root in self.roots_of(importer))

    def files_of(self, dotted: str, importer: str) -> set[str]:
        """Every file that a dotted name may mean, from any import root of the tree."""
        roots = {*self.roots_of(importer), *self._top_level.get(dotted.partition(".")[0], ())}
        return {found for root in roots if (found := self.module_in(root, dotted))}

    def roots_of(self, importer: str) -> Iterator[str]:
        """Import roots of a file: the settings' sources, what the project puts on the search path before all others,
        each folder above that is no package, nearest first, and its `src`; then what else the project adds."""
        yield from self._sources
        yield from self.import_roots.first(importer)
        for folder in folders_above(importer):
            if not self.is_package(folder):
                yield folder
                if (source := join(folder, "src")) in self._folders:
                    yield source
        yield from self.import_roots.last(importer)

    def package_root(self, path: str) -> str:
        """The folder above the outermost package that holds a module: where its dotted name starts."""
        start = folder_of(path)
        if start not in self._package_roots:
            folder = start
            while folder and self.is_package(folder):
                folder = folder_of(folder)
            self._package_roots[start] = folder
        return self._package_roots[start]

    def dotted_name(self, path: str) -> str:
        """A module's dotted name below its package root."""
        root = self.package_root(path)
        inner = path[len(root) :].lstrip("/").rpartition(".")[0]
        return inner.removesuffix("/__init__").replace("/", ".")

    # What a name is.

    def outline(self, path: str) -> PythonModule | None:
        """The outline of a module; None where it could not be read."""
        facts = self.files.get(path)
        module = facts.python if facts else None
        return module if module is not None and module.outlined else None

    def table(self, path: str) -> ImportTable:
        """The import table of a module."""
        module = self.outline(path)
        imports = module.imports if module is not None else ()
        known = self._tables.get(path)
        if known is None or known[0] is not imports:
            known = self._tables[path] = (imports, ImportTable(imports))
        return known[1]

    def resolve(self, path: str, written: str) -> Lookup[Origin]:
        """What a dotted name stands for where the module in `path` writes it."""
        return self._resolve(path, written, frozenset())

    def _resolve(self, path: str, written: str, seen: frozenset[tuple[str, str]]) -> Lookup[Origin]:
        head, _, rest = written.partition(".")
        if (path, head) in seen or len(seen) > _MAX_HOPS:
            return Open(f"`{head}` is defined by itself")
        found = self._name(path, head, seen | {(path, head)})
        if isinstance(found, Absent) and head in _BUILTINS:
            found = Known(External(f"builtins.{head}"))
        return self._attributes(found, rest, seen) if rest else found

    def _attributes(self, found: Lookup[Origin], rest: str, seen: frozenset[tuple[str, str]]) -> Lookup[Origin]:
        """The answer for `found.rest`: submodules and their names are followed, other attributes are kept as rest."""
        if not isinstance(found, Known):
            return found
        origin = found.value
        if isinstance(origin, External):
            return Known(External(f"{origin.name}.{rest}"))
        if origin.name:
            return Known(Symbol(origin.path, origin.name, ".".join(filter(None, (origin.rest, rest)))))
        return self._resolve(origin.path, rest, seen)

    def definition(self, path: str, name: str) -> Lookup[Origin]:
        """What `name` of the module in `path` stands for, imports, re-exports and aliases followed."""
        return self._name(path, name, frozenset({(path, name)}))

    def _name(self, path: str, name: str, seen: frozenset[tuple[str, str]]) -> Lookup[Origin]:
        module = self.outline(path)
        if module is None:
            return Open(f"{path} could not be read")
        bound = module.bindings_of.get(name)
        if bound:
            return self._bound(path, bound, seen)
        if statement := _importing(module, name):
            return self._imported(path, statement, name, seen)
        if stem_of(path) == "__init__" and (submodule := self.module_in(folder_of(path), name)):
            return Known(Symbol(submodule, ""))
        if module.has_getattr:
            return Open(f"{path} has a __getattr__")
        return self._starred(path, module, name, seen)

    def _bound(self, path: str, bound: Sequence[Binding], seen: frozenset[tuple[str, str]]) -> Lookup[Origin]:
        last = bound[-1]
        if last.kind != "alias":
            return Known(Symbol(path, last.name))
        followed = self._resolve(path, last.value, seen)
        return Known(Symbol(path, last.name)) if isinstance(followed, Absent) else followed

    def _imported(self, path: str, statement: Import, name: str, seen: frozenset[tuple[str, str]]) -> Lookup[Origin]:
        if statement.names is None:
            dotted = statement.module if statement.alias else statement.module.partition(".")[0]
            return self._module_origin(dotted, path)
        imported = next(each.name for each in statement.names if each.bound == name)
        target = self._target_of(statement, path)
        if target is None:
            return self._beside(statement, imported, path)
        if (target, imported) in seen:
            return Open(f"`{imported}` is imported in a circle")
        found = self._name(target, imported, seen | {(target, imported)})
        if isinstance(found, Absent) and (submodule := self.module_in(folder_of(target), imported)):
            return Known(Symbol(submodule, ""))
        return found

    def _module_origin(self, dotted: str, path: str) -> Lookup[Origin]:
        found = self.find_module(dotted, path)
        return Known(Symbol(found, "") if found else External(dotted))

    def _target_of(self, statement: Import, path: str) -> str | None:
        if statement.level:
            return self.find_relative(statement.level, statement.module, path)
        return self.find_module(statement.module, path)

    def _beside(self, statement: Import, imported: str, path: str) -> Lookup[Origin]:
        """`from package import name` where the package has no file of its own: a submodule, or external."""
        if not statement.level:
            found = self.find_module(f"{statement.module}.{imported}", path)
            return Known(Symbol(found, "") if found else External(f"{statement.module}.{imported}"))
        folder = self.relative_folder(statement.level, path)
        inner = f"{statement.module}.{imported}".lstrip(".")
        found = self.module_in(folder, inner) if folder is not None else None
        return Known(Symbol(found, "")) if found else Open("a relative import whose target is not in the tree")

    def _starred(self, path: str, module: PythonModule, name: str, seen: frozenset[tuple[str, str]]) -> Lookup[Origin]:
        for statement in module.imports:
            if not statement.names or statement.names[0].name != "*":
                continue
            target = self._target_of(statement, path)
            if target is None:
                return Open(f"{path} imports * from a module outside of the tree")
            if (target, name) in seen:
                continue
            found = self._name(target, name, seen | {(target, name)})
            if not isinstance(found, Absent):
                return found
        return Absent()

    def imports_of(self, path: str) -> tuple[tuple[Import, str], ...]:
        """A module's imports of modules of the tree with the path of each target, submodules too."""
        module = self.outline(path)
        if module is None:
            return ()
        imports = module.imports
        known = self._imports.get(path)
        if known is None or known[0] is not imports:
            known = self._imports[path] = (imports, tuple(self._targets_of(module, path)))
        return known[1]

    def _targets_of(self, module: PythonModule, path: str) -> Iterator[tuple[Import, str]]:
        for statement in module.imports:
            target = self._target_of(statement, path)
            if target:
                yield statement, target
            for imported in statement.names or ():
                inner = f"{statement.module}.{imported.name}".lstrip(".")
                if statement.level:
                    folder = self.relative_folder(statement.level, path)
                    found = self.module_in(folder, inner) if folder is not None else None
                else:
                    found = self.find_module(inner, path)
                if found:
                    yield statement, found

    def class_of(self, symbol: Symbol) -> ClassDef | None:
        """The class statement behind a symbol without rest; None when it is no class."""
        module = self.outline(symbol.path)
        if module is None or symbol.rest:
            return None
        found = module.classes_of.get(symbol.name)
        return found[-1] if found else None


def _importing(module: PythonModule, name: str) -> Import | None:
    """The statement at the module's top that binds `name`: the last one that runs, else one for typing."""
    found: Import | None = None
    for statement in module.imports_of.get(name, ()):
        if found is None or not statement.typing_only:
            found = statement
    return found
