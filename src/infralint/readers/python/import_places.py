"""Where an import of the standard library belongs in a module, in the order of PEP 8, "Imports"."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from infralint.facts.standard_names import MODULES, OBJECTS
from infralint.source import SourceText

_Import = ast.Import | ast.ImportFrom


def import_place(tree: ast.Module, source: SourceText, name: str) -> tuple[int, int]:
    """Offset of the line before which the import of `name` belongs, and how many blank lines must follow it.

    (-1, 0) where no statement begins a line of its own. Modules are put among the first imports that follow each
    other, if these are of the standard library too, else before them.
    """
    body = _behind_docstring(tree)
    group = _first_group(body, source)
    if not group:
        return _before(body[0], source, 2 if _is_definition(body[0]) else 1) if body else (-1, 0)
    if not all(_module(each).partition(".")[0] in MODULES for each in group):
        return _before(group[0], source, 1)
    key = _key(name not in MODULES, OBJECTS.get(name, name))
    following = next((each for each in group if _key_of(each) > key), None)
    if following is not None:
        return _before(following, source, 0)
    return _behind(group[-1], source)


def _behind_docstring(tree: ast.Module) -> list[ast.stmt]:
    """The module's statements without its docstring and imports from the future."""
    body = tree.body[1:] if ast.get_docstring(tree, clean=False) is not None else tree.body
    return [each for each in body if not (isinstance(each, ast.ImportFrom) and each.module == "__future__")]


def _first_group(body: Sequence[ast.stmt], source: SourceText) -> list[_Import]:
    """The first imports that stand in lines of their own, one below the other."""
    group: list[_Import] = []
    for statement in body:
        if not isinstance(statement, (ast.Import, ast.ImportFrom)) or not _begins_line(statement, source):
            if group:
                break
            continue
        if group and statement.lineno != (group[-1].end_lineno or 0) + 1:
            break
        group.append(statement)
    return group


def _module(statement: _Import) -> str:
    if isinstance(statement, ast.ImportFrom):
        return "." if statement.level else statement.module or ""
    return statement.names[0].name


def _key(is_from: bool, module: str) -> tuple[bool, str]:
    return is_from, module


def _key_of(statement: _Import) -> tuple[bool, str]:
    return _key(isinstance(statement, ast.ImportFrom), _module(statement))


def _is_definition(statement: ast.stmt) -> bool:
    return isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))


def _before(statement: ast.stmt, source: SourceText, blank: int) -> tuple[int, int]:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    first = decorators[0] if decorators else statement
    return (source.line_starts[first.lineno - 1], blank) if _begins_line(first, source) else (-1, 0)


def _behind(statement: _Import, source: SourceText) -> tuple[int, int]:
    """The line below a statement; before it where the file ends with it."""
    following = statement.end_lineno or statement.lineno
    starts = source.line_starts
    alone = following < len(starts) and _ends_line(statement, source)
    return (starts[following], 0) if alone else _before(statement, source, 0)


def _begins_line(node: ast.stmt | ast.expr, source: SourceText) -> bool:
    """Whether nothing but the `@` of a decorator stands before a node in its line, white space included."""
    before = source.line(node.lineno).encode()[: node.col_offset].decode()
    return before.strip("@ ") == "" and not before.startswith((" ", "\t"))


def _ends_line(node: ast.stmt, source: SourceText) -> bool:
    behind = source.line(node.end_lineno or node.lineno).encode()[node.end_col_offset :].decode().strip()
    return not behind or behind.startswith("#")
