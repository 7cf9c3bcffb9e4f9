"""orm-separate-base: a second declarative base in one application."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Applicability, Diagnostic, ImportInstead, Place, Severity, TitledFix
from infralint.project.project import Project
from infralint.project.separate_bases import SeparateBases, Separation
from infralint.project.shared_bases import SharedBase, shared_base


def check(project: Project) -> Iterator[Diagnostic]:
    """Bases beside the one that their application shares: an error where something needs the other one."""
    for separation in SeparateBases(project).find():
        yield _diagnostic(separation, shared_base(project, separation))


def _diagnostic(separation: Separation, instead: SharedBase | None) -> Diagnostic:
    base, shared = separation.base, separation.shared
    name, other = base.short_name, shared.short_name
    related = (
        Place(shared.origin.path, shared.origin.span, f"`{other}`, the base that the other models share"),
        *separation.needs,
    )
    if separation.needs:
        message = f"`{name}` is a second declarative base, and models on it and on `{other}` need each other"
        severity = Severity.ERROR
    else:
        message = f"`{name}` is a declarative base of this module alone, while the other models share one"
        severity = Severity.WARNING
    if name == other:
        message = message.replace(f"on `{other}`", f"on the `{other}` of {shared.origin.path}")
    help_text = (
        f"import `{other}` from {shared.origin.path}, "
        "or list this base in the setting `bases` if it is separate on purpose"
    )
    fixes = (_fix(separation, instead),) if instead else ()
    return Diagnostic(base.origin.path, base.origin.span, message, related, help_text, fixes, severity)


def _fix(separation: Separation, instead: SharedBase) -> TitledFix:
    """The import of the shared base. While nothing needs the other one, its models may well be meant to stay alone."""
    origin = separation.base.origin
    edit = ImportInstead(origin.path, origin.span, instead.module, instead.name, instead.asked)
    grade = Applicability.SAFE if separation.needs and instead.is_certain else Applicability.UNSAFE
    return TitledFix(f"import `{instead.name}` from `{instead.module}`", (edit,), grade)
