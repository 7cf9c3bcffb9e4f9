"""The edit that imports a name into a module, for all rules whose repair needs one."""

from __future__ import annotations

from infralint.facts.python import Import, PythonModule
from infralint.findings import TextEdit
from infralint.source import Span


def importing(
    path: str, module: PythonModule, source: str, name: str, place: int, blank_lines: int = 0
) -> TextEdit | None:
    """The edit after which `name` of the module `source` is imported; None where there is no place for it.

    A from-import of the same module that stands at the top gets one name more, in alphabetical order. `place` is the
    offset of the line before which a new statement may be put, -1 for none; `blank_lines` follow it there.
    """
    for statement in module.imports:
        if statement.module == source and _takes_names(statement):
            return _joined(path, statement, name)
    return new_statement(path, f"from {source} import {name}", place, blank_lines)


def new_statement(path: str, statement: str, place: int, blank_lines: int = 0) -> TextEdit | None:
    """A statement in a line of its own; None where there is no place for it."""
    text = statement + "\n" * (1 + blank_lines)
    return TextEdit(path, Span(place, place), text) if place >= 0 else None


def binds(module: PythonModule, name: str) -> bool:
    """Whether an import at the module's top binds the name at run time."""
    top = (each for each in module.imports if each.scope == "module" and not each.typing_only)
    return any(imported.bound == name for each in top for imported in each.names or ())


def _takes_names(statement: Import) -> bool:
    """Whether a name that is added to the statement is there whenever the module runs."""
    runs = statement.scope == "module" and not (statement.typing_only or statement.guarded or statement.level)
    return runs and bool(statement.names) and (statement.names or ())[0].name != "*"


def _joined(path: str, statement: Import, name: str) -> TextEdit:
    names = statement.names or ()
    following = next((each for each in names if each.name > name), None)
    if following is None:
        end = names[-1].span.end
        return TextEdit(path, Span(end, end), f", {name}")
    start = following.span.start
    return TextEdit(path, Span(start, start), f"{name}, ")
