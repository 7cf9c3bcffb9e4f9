"""The import that a name needs, in the order of PEP 8, "Imports"."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import chain

from infralint.codemods.module_text import ModuleText
from infralint.codemods.resolved import Resolved
from infralint.facts.standard_names import MODULES
from infralint.findings import AddImport, TextEdit
from infralint.source import Span

_Import = ast.Import | ast.ImportFrom
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
# Where statements hold others; those of `match` stand in its cases.
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def add_import(change: AddImport, module: ModuleText) -> Resolved | None:
    """The edit of an AddImport; none are needed where the module's top imports the name already."""
    imports = list(_imports(module.tree.body))
    if any(_binds(each, change.name) for each in imports):
        return Resolved(())
    for statement in module.tree.body:
        if _takes_names(statement, change.module) and module.span(statement).end <= change.span.start:
            return Resolved((_joined(change, module, statement),))
    place = _place(change, module)
    if place is None:
        return None
    start, blank_lines = place
    text = change.statement + "\n" * (1 + blank_lines)
    return Resolved((TextEdit(change.path, Span(start, start), text),))


def _imports(body: Sequence[ast.stmt]) -> Iterator[_Import]:
    """The imports that run with the module, under conditions too, but for those that only type checkers see."""
    stack: list[ast.AST] = list(body)
    while stack:
        statement = stack.pop()
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            yield statement
        elif not isinstance(statement, _SCOPES):
            is_typing = isinstance(statement, ast.If) and _is_type_checking(statement.test)
            for name in ("orelse", "finalbody", "handlers") if is_typing else _BLOCKS:
                stack += getattr(statement, name, ())


def _is_type_checking(test: ast.expr) -> bool:
    return getattr(test, "attr", getattr(test, "id", "")) == "TYPE_CHECKING"


def _binds(statement: _Import, name: str) -> bool:
    return any((alias.asname or alias.name.partition(".")[0]) == name for alias in statement.names)


def _takes_names(statement: ast.stmt, source: str) -> bool:
    """Whether a from-import of a module may import a name more."""
    is_same = isinstance(statement, ast.ImportFrom) and not statement.level and statement.module == source
    return is_same and isinstance(statement, ast.ImportFrom) and statement.names[0].name != "*"


def _joined(change: AddImport, module: ModuleText, statement: ast.stmt) -> TextEdit:
    """The name among those of a from-import, in the order of the alphabet, on a line of its own where they are."""
    assert isinstance(statement, ast.ImportFrom)
    following = next((each for each in statement.names if each.name > change.name), None)
    beside = module.span(following or statement.names[-1])
    indent = module.indent_of(beside.start) if _is_bracketed(module, statement) else None
    # Behind the last name there may be a comment, which speaks of that name.
    if following is not None or (indent is not None and module.has_comment_behind(beside.end)):
        return TextEdit(change.path, Span(beside.start, beside.start), f"{change.name},{_gap(indent)}")
    return TextEdit(change.path, Span(beside.end, beside.end), f",{_gap(indent)}{change.name}")


def _gap(indent: str | None) -> str:
    return " " if indent is None else f"\n{indent}"


def _is_bracketed(module: ModuleText, statement: ast.ImportFrom) -> bool:
    return module.written(module.span(statement)).endswith(")")


def _place(change: AddImport, module: ModuleText) -> tuple[int, int] | None:
    """Offset of the line before which a new import belongs, and how many blank lines must follow it.

    Among the first imports that follow each other, if these are of the standard library too, else before them; and
    before the name's first use in any case.
    """
    body = _behind_docstring(module)
    for start, blank_lines in chain(_near_imports(change, module, body), _before_first(module, body)):
        if start <= change.span.start:
            return start, blank_lines
    return None


def _behind_docstring(module: ModuleText) -> list[ast.stmt]:
    """The module's statements without its docstring and imports from the future."""
    body = module.tree.body
    body = body[1:] if ast.get_docstring(module.tree, clean=False) is not None else body
    return [each for each in body if not (isinstance(each, ast.ImportFrom) and each.module == "__future__")]


def _near_imports(change: AddImport, module: ModuleText, body: Sequence[ast.stmt]) -> Iterator[tuple[int, int]]:
    group = _first_group(module, body)
    if not group:
        return
    if not all(_module(each).partition(".")[0] in MODULES for each in group):
        yield from _before(module, group[0], 1)
        return
    key = (bool(change.module), change.module or change.name)
    following = next((each for each in group if (isinstance(each, ast.ImportFrom), _module(each)) > key), None)
    if following is not None:
        yield from _before(module, following, 0)
    else:
        yield from _behind(module, group[-1])


def _before_first(module: ModuleText, body: Sequence[ast.stmt]) -> Iterator[tuple[int, int]]:
    """Before the first statement that begins a line."""
    for statement in body:
        is_definition = isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        yield from _before(module, statement, 2 if is_definition else 1)


def _first_group(module: ModuleText, body: Sequence[ast.stmt]) -> list[_Import]:
    """The first imports that stand in lines of their own, one below the other."""
    group: list[_Import] = []
    for statement in body:
        if not isinstance(statement, (ast.Import, ast.ImportFrom)) or not module.begins_line(_start(module, statement)):
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


def _start(module: ModuleText, statement: ast.stmt) -> int:
    """Where a statement begins: at the `@` of its first decorator."""
    decorators = getattr(statement, "decorator_list", None)
    if decorators:
        return module.text.rfind("@", 0, module.span(decorators[0]).start)
    return module.span(statement).start


def _before(module: ModuleText, statement: ast.stmt, blank_lines: int) -> Iterator[tuple[int, int]]:
    """The line of a statement; where it is parted from the import, that of the comment right above it, which speaks
    of it or of its group."""
    start = _start(module, statement)
    if module.begins_line(start):
        yield module.above_comments(start) if blank_lines else start, blank_lines


def _behind(module: ModuleText, statement: _Import) -> Iterator[tuple[int, int]]:
    """The line below a statement; before it where the file ends with it, or something else stands behind it."""
    end = module.with_line_end(module.span(statement)).end
    if module.begins_line(end) and module.is_last_of_line(module.span(statement).end):
        yield end, 0
    else:
        yield from _before(module, statement, 0)
