"""Imports of modules and names that the tree's own packages do not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from infralint.facts.files import FileFacts
from infralint.facts.python import Import, ImportCall, PythonModule
from infralint.project.module_names import NameJudge
from infralint.project.places import is_example
from infralint.source import Span


@dataclass(frozen=True, slots=True)
class UnresolvedImport:
    """An import that must fail: `name` is no name of the module in `target`, nor a module below it.

    `is_module`: it is a module that is missing, and `target` is what should hold it.
    """

    path: str
    span: Span
    name: str
    target: str
    is_module: bool = False


def importing(files: Mapping[str, FileFacts]) -> list[str]:
    """The modules whose imports count."""
    return [
        path for path, facts in files.items() if facts.python and not is_example(path) and not path.endswith(".pyi")
    ]


def unresolved_in(files: Mapping[str, FileFacts], judge: NameJudge, path: str) -> Iterator[UnresolvedImport]:
    """Every import in a module of a name or module that the tree should have and has not, by place."""
    module = files[path].python
    if module is not None:
        yield from _Finder(judge).of(path, module)


class _Finder:
    def __init__(self, judge: NameJudge) -> None:
        self.judge = judge
        self.modules = judge.modules

    def of(self, path: str, module: PythonModule) -> Iterator[UnresolvedImport]:
        """What one module asks for in vain."""
        for statement in module.imports:
            if not (statement.guarded or statement.typing_only):
                yield from self._statement(path, statement)
        for call in module.import_calls:
            if not call.guarded:
                yield from self._call(path, call)

    def _statement(self, path: str, statement: Import) -> Iterator[UnresolvedImport]:
        if statement.level:
            yield from self._relative(path, statement)
        elif self.judge.is_own(statement.module.partition(".")[0]):
            target = self.judge.find(statement.module, path)
            if target is None:
                yield from self._module(path, statement.span, statement.module)
            for imported in statement.names or () if target else ():
                if self.judge.all_lack(statement.module, target or "", path, imported.name, statement.statement.start):
                    yield UnresolvedImport(path, imported.span, imported.name, target or "")

    def _relative(self, path: str, statement: Import) -> Iterator[UnresolvedImport]:
        """Names of a module; whether the dots lead to a module is what import-relative says."""
        target = self.modules.find_relative(statement.level, statement.module, path) if statement.module else None
        for imported in statement.names or () if target else ():
            if self.judge.lacks(target or "", imported.name):
                yield UnresolvedImport(path, imported.span, imported.name, target or "")

    def _call(self, path: str, call: ImportCall) -> Iterator[UnresolvedImport]:
        """`import_module("app.jobs")`."""
        if not call.module.startswith("."):
            if self.judge.is_own(call.module.partition(".")[0]):
                yield from self._module(path, call.span, call.module)
        elif call.package and call.package != ".":
            level = len(call.module) - len(call.module.lstrip("."))
            package = call.package.split(".")[: len(call.package.split(".")) - level + 1]
            if package and self.judge.is_own(package[0]):
                yield from self._module(path, call.span, f"{'.'.join(package)}.{call.module[level:]}")

    def _module(self, path: str, span: Span, module: str) -> Iterator[UnresolvedImport]:
        if all(part.isidentifier() for part in module.split(".")) and self.judge.find(module, path) is None:
            missing = self.judge.missing_part(module, path, span.start)
            if missing is not None:
                yield UnresolvedImport(path, span, missing[1], missing[0], is_module=True)
