"""Slips of unittest.mock's names: used and bound nowhere, imported from it, or read as its attributes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import libcst as cst
import msgspec

from infralint.facts.files import FileFacts
from infralint.facts.python import NameUse
from infralint.readers.python.context import Handler, PythonFile
from infralint.readers.python.mock_names import NAMES, meant
from infralint.readers.python.names import dotted_name
from infralint.source import Span

_MODULES = frozenset({"unittest.mock", "mock", "mock.mock"})
# What makes names that no statement shows.
_MAKERS = ("globals(", "exec(", "__builtins__", "builtins.", "import *")

# Nodes that bind their `name`.
_NAMED = (cst.ClassDef, cst.FunctionDef, cst.Param, cst.ParamSpec, cst.TypeAlias, cst.TypeVar, cst.TypeVarTuple)


def make(file: PythonFile, dialect: str) -> MockVisitor:
    """The visitor for one file."""
    return MockVisitor(file)


class MockVisitor:
    """Collects the uses of slips. Every place where such a name stands lies in a region, since it is a trigger:
    so what binds it is seen too."""

    def __init__(self, file: PythonFile) -> None:
        self.file = file
        self.used: dict[tuple[str, str], list[Span]] = {}
        self.bound: set[str] = set()
        self.imported: set[str] = set()

    def handlers(self) -> Mapping[type[cst.CSTNode], Handler]:
        return {
            cst.Name: self._name,
            cst.Attribute: self._attribute,
            cst.ImportFrom: self._import_from,
            cst.Import: self._import,
        }

    def finish(self, facts: FileFacts) -> FileFacts:
        found = tuple(self._uses())
        if facts.python is None or not found:
            return facts
        return msgspec.structs.replace(facts, python=msgspec.structs.replace(facts.python, undefined=found))

    def _uses(self) -> Iterator[NameUse]:
        makes_names = any(word in self.file.text for word in _MAKERS)
        for (name, module), spans in sorted(self.used.items()):
            if name in self.imported:
                # Bound by an import that fails: every use is wrong, and the import itself is one of them.
                spans = spans + (self.used.get((name, ""), []) if module else [])
            if module or not (makes_names or name in self.bound):
                yield NameUse(name, meant(name) or "", tuple(sorted(spans)), module)

    def _use(self, name: str, module: str, node: cst.CSTNode) -> None:
        self.used.setdefault((name, module), []).append(self.file.span(node))

    def _name(self, node: cst.CSTNode) -> None:
        assert isinstance(node, cst.Name)
        if meant(node.value) is None:
            return
        parent = self.file.ancestors[-1]
        if isinstance(parent, (cst.ImportAlias, cst.Attribute)) and getattr(parent, "value", None) is not node:
            return
        if isinstance(parent, cst.Arg) and parent.keyword is node:
            return
        if isinstance(parent, cst.Attribute) or not self._binds(node, parent):
            self._use(node.value, "", node)
        else:
            self.bound.add(node.value)

    def _binds(self, node: cst.Name, parent: cst.CSTNode) -> bool:
        if isinstance(parent, _NAMED):
            return parent.name is node
        if isinstance(parent, (cst.AssignTarget, cst.AnnAssign, cst.AugAssign, cst.NamedExpr, cst.For, cst.CompFor)):
            return parent.target is node
        if isinstance(parent, (cst.Element, cst.StarredElement)):
            return self._in_target()
        return isinstance(
            parent,
            (cst.AsName, cst.NameItem, cst.MatchAs, cst.MatchStar, cst.MatchMapping, cst.Del, cst.MatchKeywordElement),
        )

    def _in_target(self) -> bool:
        """Whether the tuple or list that a name stands in is assigned to."""
        child: cst.CSTNode = self.file.ancestors[-1]
        for ancestor in reversed(self.file.ancestors[:-1]):
            if isinstance(ancestor, (cst.Tuple, cst.List, cst.Element, cst.StarredElement)):
                child = ancestor
                continue
            return (
                isinstance(ancestor, (cst.AssignTarget, cst.AsName, cst.Del))
                or getattr(ancestor, "target", None) is child
            )
        return False

    def _attribute(self, node: cst.CSTNode) -> None:
        assert isinstance(node, cst.Attribute)
        name = node.attr.value
        if meant(name) is not None and name not in NAMES and self.file.resolve(node.value) in _MODULES:
            self._use(name, "unittest.mock", node.attr)

    def _import(self, node: cst.CSTNode) -> None:
        assert isinstance(node, cst.Import)
        for alias in node.names:
            if alias.asname is None and isinstance(alias.name, cst.Name):
                self.bound.add(alias.name.value)

    def _import_from(self, node: cst.CSTNode) -> None:
        assert isinstance(node, cst.ImportFrom)
        if isinstance(node.names, cst.ImportStar):
            return
        module = "" if node.relative else dotted_name(node.module)
        for alias in node.names:
            if not isinstance(alias.name, cst.Name):
                continue
            if module in _MODULES and meant(alias.name.value) is not None:
                self._use(alias.name.value, "unittest.mock", alias.name)
                self.imported.add(alias.name.value)
            if alias.asname is None:
                self.bound.add(alias.name.value)
