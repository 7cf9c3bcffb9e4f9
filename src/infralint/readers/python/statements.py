"""Which top-level statements of a module are read: those with triggers, and those that a list of them grows in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from infralint.source import Span

_ASSIGNED = re.compile(r"(\w+)[ \t]*(?::[^=\n]+)?=[^=]")
_PROGRAM = "gcloud"
_HELPER = re.compile(r"(?:async[ \t]+)?def[ \t]+(\w+)\([ \t\r\n]*[\w*]")
_MAX_CALLS = 500
_DEFINITION = re.compile(r"(?:async[ \t]+def|def|class)[ \t]|@")


def statements_at(statements: Iterable[Span], places: Sequence[int]) -> list[Span]:
    """The statements that hold at least one of the places (sorted)."""
    found = []
    position = 0
    for statement in statements:
        while position < len(places) and places[position] < statement.start:
            position += 1
        if position < len(places) and places[position] < statement.end:
            found.append(statement)
    return found


def calls_of_helpers(text: str, statements: Sequence[Span], places: Sequence[int]) -> list[int]:
    """Where functions are called that hold one of the places, name gcloud and take arguments.

    `def run(*args)` that runs `["gcloud", *args]` says little without the calls of it.
    """
    if _PROGRAM not in text:
        return []
    names = set()
    for statement in statements_at(statements, places):
        definition = _HELPER.match(text, statement.start, statement.end)
        if definition is not None and text.find(_PROGRAM, statement.start, statement.end) >= 0:
            names.add(definition[1])
    if not names:
        return []
    called = re.compile(rf"\b(?:{'|'.join(sorted(names))})\(")
    found = (match.start() for match in called.finditer(text))
    return list(islice(found, _MAX_CALLS))


def joined_by_names(text: str, statements: Sequence[Span], chosen: Sequence[Span], places: Sequence[int]) -> list[Span]:
    """The chosen statements, with each assignment that holds a place joined to the last statement that uses its name.

    `cmd = ["gcloud", "run"]` at the top of a script says little without the `cmd += [...]` below it.
    """
    found: list[Span] = []
    holding = set(statements_at(statements, places))
    for statement in chosen:
        if found and statement.end <= found[-1].end:
            continue
        end = _reach(text, statements, statement) if statement in holding else statement.end
        found.append(Span(statement.start, end))
    return found


def _reach(text: str, statements: Sequence[Span], first: Span) -> int:
    """The end of the last statement that uses what this one assigns, or what is assigned on the way there."""
    end = first.end
    for statement in statements:
        if first.start <= statement.start < end:
            end = max(end, _last_use(text, statements, statement))
    return end


def _last_use(text: str, statements: Sequence[Span], statement: Span) -> int:
    assigned = _ASSIGNED.match(text, statement.start)
    if assigned is None:
        return statement.end
    used = re.compile(rf"\b{re.escape(assigned[1])}\b")
    uses = (
        other.end
        for other in statements
        if other.start >= statement.end
        and not _DEFINITION.match(text, other.start)
        and used.search(text, other.start, other.end)
    )
    return max(uses, default=statement.end)
