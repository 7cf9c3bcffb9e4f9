"""What a fix says in words, made into edits beside the text of the file that it changes."""

from __future__ import annotations

from functools import lru_cache

from infralint.codemods.add_import import add_import
from infralint.codemods.calls import add_argument, add_statement
from infralint.codemods.imports import import_instead
from infralint.codemods.module_text import module_text
from infralint.codemods.resolved import Resolved
from infralint.codemods.words import rename
from infralint.findings import AddArgument, AddImport, AddStatement, Change, ImportInstead, Rename, TextEdit


def resolve(change: Change, text: str) -> Resolved | None:
    """The edits that make a change in a file of this text; None where it cannot be made there."""
    if isinstance(change, TextEdit):
        return Resolved((change,))
    return rename(change, text) if isinstance(change, Rename) else _resolved(change, text)


# Every use of a name brings the same import.
@lru_cache(maxsize=32)
def _resolved(change: AddImport | ImportInstead | AddArgument | AddStatement, text: str) -> Resolved | None:
    """The edits of a change that wants the module's tree."""
    module = module_text(text)
    if module is None:
        return None
    if isinstance(change, AddImport):
        return add_import(change, module)
    if isinstance(change, AddArgument):
        return add_argument(change, module)
    return add_statement(change, module) if isinstance(change, AddStatement) else import_instead(change, module)
