"""orm-back-populates: two ends of a relationship that do not answer each other."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Applicability, Diagnostic, Rename, TitledFix
from infralint.project.models.ends import Fault, faults
from infralint.project.places import is_test
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """Relationships whose other end is missing, is something else, or answers with another name, each place once."""
    seen = set()
    for fault in faults(project.models):
        place = (fault.word.origin.path, fault.word.origin.span)
        if place not in seen and not is_test(fault.word.origin.path):
            seen.add(place)
            yield Diagnostic(*place, fault.message, fault.related, fault.help, _fixes(fault), fault.severity)


def _fixes(fault: Fault) -> tuple[TitledFix, ...]:
    if fault.meant is None:
        return ()
    origin = fault.word.origin
    rename = Rename(origin.path, origin.span, fault.word.text, fault.meant.name)
    grade = Applicability.SAFE if fault.meant.is_proved else Applicability.UNSAFE
    return (TitledFix(f"write `{fault.meant.name}`", (rename,), grade),)
