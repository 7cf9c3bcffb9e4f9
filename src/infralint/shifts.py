"""What moved in a file while nothing else did: the same facts at other places.

Most edits change nothing that a finding could depend on: a comment, the body of a function. The facts of the file
are the same then but for their spans. If the spans keep their order, everything that follows from the facts of all
files follows again, at the places to which the old ones moved.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from msgspec.structs import replace

from infralint.facts.files import FileFacts
from infralint.facts.program import decode_program
from infralint.facts.program_expressions import Node
from infralint.facts.text import Piece
from infralint.findings import Change, Diagnostic, Place, TitledFix
from infralint.source import Span

# Numbers of a program's nodes that are offsets, as spans are.
_OFFSETS = frozenset({"start", "end", "name_start"})


class UnknownPlaceError(ValueError):
    """Nothing tells where this place of the old text is in the new one."""


class Shift:
    """Where the places of a file's facts moved to."""

    def __init__(self, moved: dict[int, int]) -> None:
        self._old = sorted(moved)
        self._by = [moved[old] - old for old in self._old]

    def __call__(self, span: Span) -> Span:
        """The span's new place. Raises UnknownPlaceError."""
        return Span(self._offset(span.start), self._offset(span.end))

    def _offset(self, offset: int) -> int:
        at = bisect_left(self._old, offset)
        if at < len(self._old) and self._old[at] == offset:
            return offset + self._by[at]
        # Between two places that moved alike; text that was put in between would have moved the second further.
        if 0 < at < len(self._old) and self._by[at - 1] == self._by[at]:
            return offset + self._by[at]
        raise UnknownPlaceError(offset)


def shift_between(read: Iterable[tuple[FileFacts, FileFacts]]) -> Shift | None:
    """How the places of a file moved; None where more than places is different.

    `read`: its facts before and now, as often as it was read (with an outline, with its statements).
    """
    moved: dict[int, int] = {}
    if not all(_aligned(old, new, moved) for old, new in read):
        return None
    order = [moved[offset] for offset in sorted(moved)]
    # A span that is gone, or two that changed places: what compares places may judge otherwise.
    return Shift(moved) if all(a < b for a, b in zip(order, order[1:])) else None  # noqa: B905, RUF007


def _aligned(old: Any, new: Any, moved: dict[int, int]) -> bool:
    kind = type(old)
    if kind is not type(new):
        return False
    return _COMPARE.get(kind, _other)(old, new, moved)


def _other(old: Any, new: Any, moved: dict[int, int]) -> bool:
    if isinstance(old, msgspec.Struct):
        compare = _node if isinstance(old, Node) else _struct
        _COMPARE[type(old)] = compare
        return compare(old, new, moved)
    return bool(old == new)


def _struct(old: msgspec.Struct, new: msgspec.Struct, moved: dict[int, int]) -> bool:
    return all(_aligned(getattr(old, name), getattr(new, name), moved) for name in old.__struct_fields__)


def _facts(old: FileFacts, new: FileFacts, moved: dict[int, int]) -> bool:
    if bool(old.program) != bool(new.program):
        return False
    if old.program and old.program == new.program:
        # Its numbers are read all the same: they say what did not move.
        return _program(old, old, moved) and _but_program(old, new, moved)
    return (not old.program or _program(old, new, moved)) and _but_program(old, new, moved)


def _but_program(old: FileFacts, new: FileFacts, moved: dict[int, int]) -> bool:
    # No rule asks for comments that silence: they are judged anew in every report.
    names = (name for name in old.__struct_fields__ if name not in ("program", "suppressions"))
    return all(_aligned(getattr(old, name), getattr(new, name), moved) for name in names)


def _program(old: FileFacts, new: FileFacts, moved: dict[int, int]) -> bool:
    return _aligned(decode_program(old.program), decode_program(new.program), moved)


def _node(old: msgspec.Struct, new: msgspec.Struct, moved: dict[int, int]) -> bool:
    for name in old.__struct_fields__:
        before, after = getattr(old, name), getattr(new, name)
        if not (_move(before, after, moved) if name in _OFFSETS else _aligned(before, after, moved)):
            return False
    return True


def _span(old: Span, new: Span, moved: dict[int, int]) -> bool:
    return _move(old.start, new.start, moved) and _move(old.end, new.end, moved)


def _move(old: int, new: int, moved: dict[int, int]) -> bool:
    return moved.setdefault(old, new) == new


def _piece(old: Piece, new: Piece, moved: dict[int, int]) -> bool:
    # A piece that is written otherwise (an escape) maps its characters otherwise.
    return old.text == new.text and len(old.span) == len(new.span) and _span(old.span, new.span, moved)


def _tuple(old: tuple[Any, ...], new: tuple[Any, ...], moved: dict[int, int]) -> bool:
    return len(old) == len(new) and all(_aligned(a, b, moved) for a, b in zip(old, new, strict=True))


def _dict(old: dict[Any, Any], new: dict[Any, Any], moved: dict[int, int]) -> bool:
    return list(old) == list(new) and all(_aligned(value, new[key], moved) for key, value in old.items())


# Compares two values of one type, and notes where their places moved.
_COMPARE: dict[type, Callable[[Any, Any, dict[int, int]], bool]] = {
    FileFacts: _facts,
    Span: _span,
    Piece: _piece,
    tuple: _tuple,
    list: _tuple,
    dict: _dict,
}


def shifted(diagnostic: Diagnostic, shifts: dict[str, Shift]) -> Diagnostic:
    """A diagnostic with its places in moved files where they are now. Raises UnknownPlaceError."""
    touched = {diagnostic.path, *(place.path for place in diagnostic.related)}
    touched |= {change.path for fix in diagnostic.fixes for change in fix.edits}
    if not touched & shifts.keys():
        return diagnostic
    return replace(
        diagnostic,
        span=_moved(diagnostic.path, diagnostic.span, shifts),
        related=tuple(_place(place, shifts) for place in diagnostic.related),
        fixes=tuple(_fix(fix, shifts) for fix in diagnostic.fixes),
    )


def _moved(path: str, span: Span, shifts: dict[str, Shift]) -> Span:
    return shifts[path](span) if path in shifts else span


def _place(place: Place, shifts: dict[str, Shift]) -> Place:
    return replace(place, span=_moved(place.path, place.span, shifts))


def _fix(fix: TitledFix, shifts: dict[str, Shift]) -> TitledFix:
    return replace(fix, edits=tuple(_change(change, shifts) for change in fix.edits))


def _change(change: Change, shifts: dict[str, Shift]) -> Change:
    return replace(change, span=_moved(change.path, change.span, shifts))
