"""setup.py: what `setuptools.setup(...)` is told, as far as it is written in lists (setuptools, "Keywords").

Values that the script takes from a requirement file are an include of that file: what it leaves out of it is nothing
that is installed, so that the file's whole content is at most too much.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from infralint.facts.requirements import Include, Requirement, RequirementFacts, RequirementGroup, normalised
from infralint.facts.text import HOLE, Piece, Text, plain
from infralint.pep508 import pep508_requirement
from infralint.readers.python.literals import parts_of
from infralint.readers.python.outline import dotted
from infralint.source import SourceText, Span

_CALLS = frozenset({"setup", "setuptools.setup", "distutils.core.setup", "core.setup"})
_FILE = re.compile(r"[\w./-]*\.(?:txt|in|pip)")
_MADE = "the script makes its requirements"
_MAX_DEPTH = 20


def requirements_of_setup(tree: ast.Module, source: SourceText) -> RequirementFacts | None:
    """What the one call of `setup` asks for; None where there is none, or several."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and dotted(node.func) in _CALLS]
    keywords = {"install_requires", "extras_require", "name", "pbr", "packages", "py_modules", "setup_requires"}
    calls = [call for call in calls if any(each.arg is None or each.arg in keywords for each in call.keywords)]
    return _Reader(tree, source).facts(calls[0]) if len(calls) == 1 else None


class _Reader:
    def __init__(self, tree: ast.Module, source: SourceText) -> None:
        self.tree = tree
        self.source = source
        self.values = _assigned(tree)

    def facts(self, call: ast.Call) -> RequirementFacts:
        given = self._given(call)
        name, version, python = (self._word(given.get(key)) for key in ("name", "version", "python_requires"))
        return RequirementFacts(
            "setup", tuple(self._groups(call, given)), name=normalised(name), version=version, python=python
        )

    def _given(self, call: ast.Call) -> dict[str | None, ast.expr]:
        """The arguments by name, those of a dict that is passed on among them; None stands for one that is unknown."""
        given: dict[str | None, ast.expr] = {}
        for keyword in call.keywords:
            table = self._resolved(keyword.value) if keyword.arg is None else None
            if isinstance(table, ast.Dict) and all(isinstance(key, ast.Constant) for key in table.keys):
                for key, value in zip(table.keys, table.values, strict=True):
                    given[str(key.value) if isinstance(key, ast.Constant) else None] = value
            else:
                given[keyword.arg] = keyword.value
        return given

    def _groups(self, call: ast.Call, given: dict[str | None, ast.expr]) -> Iterator[RequirementGroup]:
        span = self._span(call.func)
        if "install_requires" in given:
            yield self._group("main", "", given["install_requires"], self._span(given["install_requires"]))
        elif "pbr" in given:
            # pbr reads the file by itself (pbr manual, "Requirements").
            included = Include("requirements", plain("requirements.txt", span.start), span)
            yield RequirementGroup("main", span, includes=(included,))
        else:
            yield RequirementGroup("main", span, open=_MADE if None in given else "")
        extras = self._resolved(given["extras_require"]) if "extras_require" in given else None
        if isinstance(extras, ast.Dict):
            for key, value in zip(extras.keys, extras.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    extra, _, marker = key.value.partition(":")
                    group = self._group("extra", normalised(extra), value, self._span(key))
                    yield group if not marker else _opened(group, f"`{marker}` decides of it")

    def _group(self, kind: str, name: str, value: ast.expr, span: Span) -> RequirementGroup:
        found = _Found()
        self._collect(value, found, 0)
        return RequirementGroup(
            kind, span, name, tuple(found.requirements), tuple(found.includes), kind == "main", found.open
        )

    def _collect(self, node: ast.expr, found: _Found, depth: int) -> None:
        """Add what an expression holds: strings, lists, sums of them, and files that are read."""
        node = self._resolved(node)
        if depth > _MAX_DEPTH:
            found.open = _MADE
        elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            for item in node.elts:
                self._collect(item.value if isinstance(item, ast.Starred) else item, found, depth + 1)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            self._collect(node.left, found, depth + 1)
            self._collect(node.right, found, depth + 1)
        elif isinstance(node, (ast.Constant, ast.JoinedStr)):
            self._strings(node, found)
        else:
            self._read_file(node, found)

    def _strings(self, node: ast.Constant | ast.JoinedStr, found: _Found) -> None:
        if isinstance(node, ast.Constant) and not isinstance(node.value, str):
            return
        text = self._text(node)
        lines = text.value.splitlines()
        if len(lines) > 1:
            found.open = _MADE
        elif lines:
            found.requirements.append(pep508_requirement(text))

    def _read_file(self, node: ast.expr, found: _Found) -> None:
        """The one requirement file that an expression, or the `with` that assigns its name, speaks of."""
        places: list[ast.AST] = [node]
        if isinstance(node, ast.Name):
            places = [
                each
                for each in ast.walk(self.tree)
                if isinstance(each, (ast.With, ast.Assign)) and node.id in _stored(each)
            ]
        names = {
            (each.value, self._span(each))
            for place in places
            for each in ast.walk(place)
            if isinstance(each, ast.Constant) and isinstance(each.value, str) and _FILE.fullmatch(each.value)
        }
        if len(names) != 1:
            found.open = _MADE
            return
        written, span = names.pop()
        found.includes.append(Include("requirements", plain(written, span.start + 1), span))

    def _resolved(self, node: ast.expr) -> ast.expr:
        """What a name stands for that the module assigns once."""
        for _ in range(_MAX_DEPTH):
            if not isinstance(node, ast.Name) or node.id not in self.values:
                break
            node = self.values[node.id]
        return node

    def _word(self, node: ast.expr | None) -> str:
        value = self._resolved(node) if node is not None else None
        return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""

    def _text(self, node: ast.expr) -> Text:
        span = self._span(node)
        parts = parts_of(self.source.text, span)
        if parts is None:
            return Text((Piece(HOLE, span),), span)
        pieces = tuple(part if isinstance(part, Piece) else Piece(HOLE, span) for part in parts)
        return Text(pieces, span)

    def _span(self, node: ast.expr) -> Span:
        start = self.source.byte_offset_to_char(node.lineno, node.col_offset)
        return Span(start, self.source.byte_offset_to_char(node.end_lineno or node.lineno, node.end_col_offset or 0))


class _Found:
    def __init__(self) -> None:
        self.requirements: list[Requirement] = []
        self.includes: list[Include] = []
        self.open = ""


def _opened(group: RequirementGroup, reason: str) -> RequirementGroup:
    from msgspec import structs

    return structs.replace(group, open=group.open or reason)


def _assigned(tree: ast.Module) -> dict[str, ast.expr]:
    """What names at the module's top stand for that are assigned once in all of it, and changed by nothing."""
    found: dict[str, ast.expr] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            if isinstance(target, ast.Name):
                found[target.id] = statement.value
    changed = [name for node in ast.walk(tree) for name in _stored(node)]
    return {name: value for name, value in found.items() if changed.count(name) == 1}


_CHANGING = frozenset({"append", "extend", "insert", "remove", "update", "pop", "clear", "setdefault"})


def _stored(node: ast.AST) -> Iterator[str]:
    """Names that a statement binds or changes; of a block that opens a file, those in it."""
    if isinstance(node, ast.With):
        yield from (name for child in ast.walk(node) if child is not node for name in _stored(child))
    elif isinstance(node, ast.Assign):
        yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        yield from (t.value.id for t in node.targets if isinstance(t, ast.Subscript) and isinstance(t.value, ast.Name))
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign, ast.For)) and isinstance(node.target, ast.Name):
        yield node.target.id
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING:
        yield from (each.id for each in [node.func.value] if isinstance(each, ast.Name))
