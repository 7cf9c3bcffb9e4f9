"""What a fix says in words, made into edits beside the text of the file that it changes."""

from __future__ import annotations

from infralint.codemods.imports import import_instead
from infralint.codemods.resolved import Resolved
from infralint.codemods.words import rename
from infralint.findings import Change, Rename, TextEdit


def resolve(change: Change, text: str) -> Resolved | None:
    """The edits that make a change in a file of this text; None where it cannot be made there."""
    if isinstance(change, TextEdit):
        return Resolved((change,))
    return rename(change, text) if isinstance(change, Rename) else import_instead(change, text)
