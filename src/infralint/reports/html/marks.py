"""Which findings speak of a place: what joins pictures and lists to the findings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from infralint.document_parts import SpanObject
from infralint.findings import Finding, Related, Severity


@dataclass(frozen=True, slots=True)
class Marked:
    """A finding with the fingerprint that its permalink has. `own`: what it is told for is the finding's own place, and
    not one that it only speaks of."""

    finding: Finding
    fingerprint: str
    own: bool = True

    @property
    def anchor(self) -> str:
        """The id of its element."""
        return f"f-{self.fingerprint}"


class Marks:
    """Looks findings up by place. `prefix` is put before the paths that are asked for (see Part)."""

    def __init__(self, marked: Iterable[Marked]) -> None:
        self._places: dict[str, list[tuple[int, int, int, int, Marked]]] = {}
        self._own: dict[str, list[Marked]] = {}
        for each in marked:
            finding = each.finding
            self._own.setdefault(finding.path, []).append(each)
            places: tuple[Finding | Related, ...] = (finding, *finding.related)
            for place in places:
                there = each if place is finding else replace(each, own=False)
                where = (place.line, place.column, place.end_line, place.end_column, there)
                self._places.setdefault(place.path, []).append(where)

    def at(self, prefix: str, span: SpanObject) -> tuple[Marked, ...]:
        """The findings of which a place, their own or a related one, lies in a span or around it."""
        first = (span["line"], span["column"])
        last = (span["end_line"], span["end_column"])
        return united(
            each
            for line, column, end_line, end_column, each in self._places.get(prefix + span["path"], ())
            if (line, column) < last and first < (end_line, end_column)
        )

    def of_file(self, path: str) -> tuple[Marked, ...]:
        """The findings whose own place is in a file."""
        return tuple(self._own.get(path, ()))


def worst(marked: Iterable[Marked]) -> Severity | None:
    """The severity of the most severe of them; None where there is none."""
    return min((each.finding.severity for each in marked), key=lambda severity: severity.rank, default=None)


def look(marked: Iterable[Marked]) -> str:
    """How a part of a picture is drawn: by the severity of what is wrong there, or as `touched`, where findings of
    other places speak of it; "" where none does."""
    found = tuple(marked)
    own = worst(each for each in found if each.own)
    if own is not None:
        return own.value
    return "touched" if found else ""


def united(*groups: Iterable[Marked]) -> tuple[Marked, ...]:
    """The findings of several groups, each once: first those whose own place it is, errors first."""
    found: dict[str, Marked] = {}
    for group in groups:
        for each in group:
            if each.own or each.fingerprint not in found:
                found[each.fingerprint] = each
    return tuple(sorted(found.values(), key=_order))


def _order(marked: Marked) -> tuple[bool, int, tuple[str, int, int, int, int, str, str], str]:
    return (not marked.own, marked.finding.severity.rank, marked.finding.sort_key, marked.fingerprint)
