"""Folders that a module adds to `sys.path`, as far as they are told by the module's own place."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from infralint.facts.names import ImportTable
from infralint.facts.python import SearchPath
from infralint.readers.python.outline import dotted
from infralint.source import SourceText

# Functions of os.path, and methods of pathlib's paths, that keep what their path means here.
_KEEPING = frozenset(
    {"os.path.abspath", "os.path.realpath", "os.path.normpath", "os.path.expanduser", "os.fspath", "str",
     "pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath"}
)  # fmt: skip
_KEEPING_METHODS = frozenset({"absolute", "as_posix", "expanduser", "resolve", "__str__", "__fspath__"})
_MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class _Place:
    """A path from a module: `up` folders above its own (-1 = the module itself), then `inner`."""

    up: int
    inner: tuple[str, ...] = ()

    def join(self, path: str) -> _Place | None:
        """The path behind this one; None for an absolute one."""
        place = self
        if path.startswith("/"):
            return None
        for part in path.replace("\\", "/").split("/"):
            if part == "..":
                place = place.parent()
            elif part not in ("", "."):
                place = _Place(place.up, (*place.inner, part))
        return place

    def parent(self) -> _Place:
        return _Place(self.up, self.inner[:-1]) if self.inner else _Place(self.up + 1)


# What names stand for where they are read: a place, a text, or None for what is not certain.
_Names = Mapping[str, "_Place | str | None"]


def search_paths_of(tree: ast.Module, source: SourceText, names: ImportTable) -> tuple[SearchPath, ...]:
    """The folders, in the order of their statements; those that cannot be told are left out."""
    reader = _Reader(source, names)
    return tuple(reader.block(tree.body, {}, True))


class _Reader:
    def __init__(self, source: SourceText, names: ImportTable) -> None:
        self.source = source
        self.names = names

    def block(self, body: Sequence[ast.stmt], outer: _Names, certain: bool) -> Iterator[SearchPath]:
        """The folders of a block that begins with these names."""
        known = {**outer}
        for statement in body:
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield from self.block(statement.body, known, False)
            elif isinstance(statement, ast.For):
                yield from self._loop(statement, known, certain)
            elif isinstance(statement, ast.If):
                always = certain and "sys.path" in ast.unparse(statement.test)
                yield from self.block(statement.body, known, always)
                yield from self.block(statement.orelse, known, False)
            elif isinstance(statement, (ast.Try, ast.With)):
                yield from self.block(statement.body, known, certain)
            else:
                yield from self._statement(statement, known, certain)
            known |= self._bound(statement, known)

    def _loop(self, statement: ast.For, known: _Names, certain: bool) -> Iterator[SearchPath]:
        values = statement.iter.elts if isinstance(statement.iter, (ast.Tuple, ast.List)) else []
        if isinstance(statement.target, ast.Name):
            for value in values:
                yield from self.block(
                    statement.body, {**known, statement.target.id: self._value(value, known)}, certain
                )

    def _bound(self, statement: ast.stmt, known: _Names) -> dict[str, _Place | str | None]:
        """What a statement makes its names stand for; nothing certain for those that it may bind in a block."""
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            return {statement.targets[0].id: self._value(statement.value, known)}
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            return {statement.target.id: self._value(statement.value, known)}
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return {}
        names = (
            each for each in ast.walk(statement) if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load)
        )
        return {name.id: None for name in names}

    def _value(self, node: ast.expr | None, known: _Names) -> _Place | str | None:
        text = _text(node, known)
        return text if text is not None else self._place(node, known, 0)

    def _statement(self, statement: ast.stmt, known: _Names, certain: bool) -> Iterator[SearchPath]:
        for value, first in self._added(statement):
            place = self._place(value, known, 0)
            if place is not None and place.up >= 0:
                end = self.source.byte_offset_to_char(statement.end_lineno or 1, statement.end_col_offset or 0)
                yield SearchPath(place.up, "/".join(place.inner), first, certain, end)

    def _added(self, statement: ast.stmt) -> Iterator[tuple[ast.expr, bool]]:
        """The values that a statement puts on `sys.path`, each with whether it comes before what is there.

        Of several that are put before it together, the last one is given first: each is put before the others.
        """
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            yield from self._called(statement.value)
        elif isinstance(statement, ast.AugAssign) and self._is_search_path(statement.target):
            yield from ((each, False) for each in _elements(statement.value))
        elif isinstance(statement, ast.Assign) and self._is_search_path(statement.targets[0]):
            value = statement.value
            if isinstance(statement.targets[0], ast.Subscript):
                yield from ((each, True) for each in reversed(_elements(value)))
            elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
                yield from ((each, True) for each in reversed(_elements(value.left)))
                yield from ((each, False) for each in _elements(value.right))

    def _called(self, call: ast.Call) -> Iterator[tuple[ast.expr, bool]]:
        name = self.names.resolve(dotted(call.func))
        if name == "sys.path.insert" and len(call.args) == 2:
            at = call.args[0]
            yield call.args[1], isinstance(at, ast.Constant) and at.value in (0, 1)
        elif name in ("sys.path.append", "site.addsitedir") and call.args:
            yield call.args[0], False
        elif name == "sys.path.extend" and call.args:
            yield from ((each, False) for each in _elements(call.args[0]))

    def _is_search_path(self, target: ast.expr) -> bool:
        if isinstance(target, ast.Subscript):
            target = target.value
        return self.names.resolve(dotted(target)) == "sys.path"

    def _place(self, node: ast.expr | None, known: _Names, depth: int) -> _Place | None:
        """The place that an expression is; None where it is not told by the module's own."""
        if depth > _MAX_DEPTH or node is None:
            return None
        if isinstance(node, ast.Name):
            found = _Place(-1) if node.id == "__file__" else known.get(node.id)
            return found if isinstance(found, _Place) else None
        if isinstance(node, ast.Attribute):
            before = self._place(node.value, known, depth + 1) if node.attr == "parent" else None
            return before.parent() if before else None
        if isinstance(node, ast.Subscript):
            return self._above(node, known, depth)
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Div, ast.Add)):
            return self._joined(node, known, depth)
        if isinstance(node, ast.JoinedStr):
            return self._formatted(node, known, depth)
        return self._call(node, known, depth) if isinstance(node, ast.Call) else None

    def _above(self, node: ast.Subscript, known: _Names, depth: int) -> _Place | None:
        """`path.parents[n]`"""
        if not isinstance(node.value, ast.Attribute) or node.value.attr != "parents":
            return None
        place, number = self._place(node.value.value, known, depth + 1), node.slice
        if not isinstance(number, ast.Constant) or not isinstance(number.value, int) or not 0 <= number.value < 30:
            return None
        for _ in range(number.value + 1):
            place = place.parent() if place else None
        return place

    def _joined(self, node: ast.BinOp, known: _Names, depth: int) -> _Place | None:
        """`path / "name"`, `path + "/name"`"""
        place, behind = self._place(node.left, known, depth + 1), _text(node.right, known)
        if place is None or behind is None:
            return None
        if isinstance(node.op, ast.Div):
            return place.join(behind)
        return place.join(behind[1:]) if behind.startswith("/") else None

    def _formatted(self, node: ast.JoinedStr, known: _Names, depth: int) -> _Place | None:
        """`f"{path}/name"`"""
        head, *rest = node.values
        place = self._place(head.value, known, depth + 1) if isinstance(head, ast.FormattedValue) else None
        texts = [each.value for each in rest if isinstance(each, ast.Constant)]
        behind = "".join(str(text) for text in texts)
        if place is None or len(texts) < len(rest) or not (behind.startswith("/") or not behind):
            return None
        return place.join(behind[1:])

    def _call(self, node: ast.Call, known: _Names, depth: int) -> _Place | None:
        name = self.names.resolve(dotted(node.func))
        if name in _KEEPING and node.args:
            return self._behind(node.args, known, depth)
        if name == "os.path.dirname" and node.args:
            place = self._place(node.args[0], known, depth + 1)
            return place.parent() if place else None
        if name == "os.path.join" and node.args:
            return self._behind(node.args, known, depth)
        if not isinstance(node.func, ast.Attribute):
            return None
        place = self._place(node.func.value, known, depth + 1)
        if place is None or node.func.attr not in {*_KEEPING_METHODS, "joinpath"}:
            return None
        return self._join_all(place, node.args, known) if node.func.attr == "joinpath" else place

    def _behind(self, parts: Sequence[ast.expr], known: _Names, depth: int) -> _Place | None:
        place = self._place(parts[0], known, depth + 1)
        return self._join_all(place, parts[1:], known)

    def _join_all(self, place: _Place | None, parts: Sequence[ast.expr], known: _Names) -> _Place | None:
        for part in parts:
            text = _text(part, known)
            place = place.join(text) if place is not None and text is not None else None
        return place


def _text(node: ast.expr | None, known: _Names) -> str | None:
    """A literal, or a name that stands for one; `os.pardir`."""
    if isinstance(node, ast.Name):
        found = known.get(node.id)
        return found if isinstance(found, str) else None
    if isinstance(node, ast.Attribute) and dotted(node) in ("os.pardir", "os.path.pardir"):
        return ".."
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _elements(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, (ast.List, ast.Tuple)) else []
