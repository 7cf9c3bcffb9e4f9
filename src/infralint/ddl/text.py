"""The changes of a whole text of SQL: for texts that migrations compute, and that stand in no file as they are."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from infralint.ddl.cursor import Locate
from infralint.ddl.routines import called_changes, routine_changes
from infralint.ddl.statements import DEFINITIONS, DdlReader
from infralint.ddl.tokens import split, tokens_of
from infralint.facts.sql import SqlChange
from infralint.source import Span

ROUTINES = frozenset({"FUNCTION", "PROCEDURE", "TRIGGER", "EVENT"})
_BLOCKS = frozenset({"DO", "BEGIN", "DECLARE", "EXECUTE"})


def changes_of(text: str, locate: Locate = Span, dialect: str = "postgres") -> Iterator[SqlChange]:
    """The changes of all statements of a text, in order.

    `locate` gives the file's span of two offsets in the text. The columns of a query (a view's) are not read here.
    """
    for tokens in split(list(tokens_of(text, dialect))):
        first = tokens[0].upper
        if first in DEFINITIONS:
            if is_routine([token.upper for token in tokens[:8]]):
                yield from routine_changes(tokens, dialect, locate)
            yield from (_without_query(change) for change in DdlReader(tokens, locate).changes())
        elif first in _BLOCKS:
            yield from routine_changes(tokens, dialect, locate)
        elif first == "SELECT":
            yield from DdlReader(tokens, locate).changes()
            yield from called_changes(tokens, locate)


def is_routine(words: list[str]) -> bool:
    """Whether the first words of a statement make a routine or trigger."""
    at = next((at for at, word in enumerate(words) if word in ROUTINES), None)
    return words[0] == "CREATE" and at is not None and not {"TABLE", "VIEW"} & set(words[:at])


def _without_query(change: SqlChange) -> SqlChange:
    if change.query < 0:
        return change
    return msgspec.structs.replace(change, query=-1, reason="its query was not read")
