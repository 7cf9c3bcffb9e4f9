"""What an import may find: modules of the tree, and those that a build or a machine adds to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property

# Written by a build, so that the tree does not hold them: version files, protobuf and other compilers' output.
_GENERATED = re.compile(
    r"_?version|__version__|_?build|.*_pb2(?:_grpc)?|_generated|generated|.*\.lib|_cffi|_?parsetab|_C"
)
# Made on each machine, and seldom kept: `from .local_settings import *`.
_LOCAL = re.compile(r"local|local_?(?:settings|config|secrets?)|(?:settings|config)_local|secrets?|private|credentials")
# What builds extension modules: their names are written in these files, not in the tree.
_BUILDS = ("Cargo.toml", "meson.build", "CMakeLists.txt")
_COMPILED = (".pyx", ".so", ".pyd", ".c", ".cpp", ".pxd", ".rs", ".pyi")
# What a module is made of when somebody fills it in, and copies what stands around it.
_TEMPLATES = (".py.template", ".py.tmpl", ".py.tpl", ".py-tpl", ".py.j2", ".py.jinja", ".py.jinja2", ".py.mako")


class ImportTargets:
    """`paths` are all files of the tree; `is_left_out` says whether git or the settings leave a path out of it."""

    def __init__(self, paths: frozenset[str], is_left_out: Callable[[str], bool]) -> None:
        self.paths = paths
        self._is_left_out = is_left_out
        self._known: dict[str, bool] = {}

    def exists(self, inner: str) -> bool:
        """Whether a module or package may be at this path (without an ending): in the tree, compiled, made by a
        build or of a template, or left out of the tree."""
        if inner not in self._known:
            self._known[inner] = self._exists(inner)
        return self._known[inner]

    def _exists(self, inner: str) -> bool:
        name = inner.rpartition("/")[2]
        if _GENERATED.fullmatch(name) or _LOCAL.fullmatch(name):
            return True
        if f"{inner}.py" in self.paths or inner in self._folders or self._is_linked(inner):
            return True
        if any(f"{inner}{ending}" in self.paths for ending in (*_COMPILED, *_TEMPLATES)) or inner in self._compiled:
            return True
        return self._is_left_out(f"{inner}.py") or self._is_left_out(f"{inner}/")

    def _is_linked(self, inner: str) -> bool:
        """Whether a symbolic link stands there or above; links are not followed, so that what is behind is not seen."""
        while inner:
            if inner in self.paths:
                return True
            inner = inner.rpartition("/")[0]
        return False

    def builds_extensions(self, folder: str) -> bool:
        """Whether a package, or a folder above it, is built by a compiler for another language."""
        while True:
            if any((f"{folder}/{name}" if folder else name) in self.paths for name in _BUILDS):
                return True
            if not folder:
                return False
            folder = folder.rpartition("/")[0]

    @cached_property
    def _folders(self) -> set[str]:
        folders: set[str] = set()
        for path in self.paths:
            folder = path.rpartition("/")[0]
            while folder and folder not in folders:
                folders.add(folder)
                folder = folder.rpartition("/")[0]
        return folders

    @cached_property
    def _compiled(self) -> set[str]:
        """Extension modules with a platform in their name: `fast.cpython-311-x86_64-linux-gnu.so`."""
        return {path.partition(".")[0] for path in self.paths if path.endswith((".so", ".pyd"))}
