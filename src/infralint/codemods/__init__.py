"""What a fix says in words, made into edits beside the text of the file that it changes."""

from __future__ import annotations

from infralint.codemods.add_import import add_import
from infralint.codemods.calls import add_argument, add_statement
from infralint.codemods.imports import import_instead
from infralint.codemods.module_text import ModuleText
from infralint.codemods.resolved import Resolved
from infralint.codemods.words import rename
from infralint.findings import AddArgument, AddImport, AddStatement, Change, Rename, TextEdit


def resolve(change: Change, text: str) -> Resolved | None:
    """The edits that make a change in a file of this text; None where it cannot be made there."""
    if isinstance(change, TextEdit):
        return Resolved((change,))
    if isinstance(change, Rename):
        return rename(change, text)
    try:
        module = ModuleText(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if isinstance(change, AddImport):
        return add_import(change, module)
    if isinstance(change, AddArgument):
        return add_argument(change, module)
    return add_statement(change, module) if isinstance(change, AddStatement) else import_instead(change, module)
