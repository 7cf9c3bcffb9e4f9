"""orm-separate-base: a second declarative base in one application."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place, Severity
from infralint.project.project import Project
from infralint.project.separate_bases import SeparateBases, Separation


def check(project: Project) -> Iterator[Diagnostic]:
    """Bases beside the one that their application shares: an error where something needs the other one."""
    for separation in SeparateBases(project).find():
        yield _diagnostic(separation)


def _diagnostic(separation: Separation) -> Diagnostic:
    base, shared = separation.base, separation.shared
    related = (
        Place(shared.path, shared.span, f"`{shared.name}`, the base that the other models share"),
        *separation.needs,
    )
    if separation.needs:
        message = f"`{base.name}` is a second declarative base, and models on it and on `{shared.name}` need each other"
        severity = Severity.ERROR
    else:
        message = f"`{base.name}` is a declarative base of this module alone, while the other models share one"
        severity = Severity.WARNING
    if base.name == shared.name:
        message = message.replace(f"on `{shared.name}`", f"on the `{shared.name}` of {shared.path}")
    help_text = (
        f"import `{shared.name}` from {shared.path}, "
        "or list this base in the setting `bases` if it is separate on purpose"
    )
    return Diagnostic(base.path, base.span, message, related, help_text, severity=severity)
