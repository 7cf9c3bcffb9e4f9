"""import-missing: a name of the standard library that a module uses and never imports."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.data import standard
from infralint.facts.python import UnboundName
from infralint.facts.standard_names import MODULES, OBJECTS
from infralint.findings import AddImport, Diagnostic, Place, TitledFix
from infralint.project.places import is_test_data
from infralint.project.project import Project

# What is asked of the class `datetime.datetime`, or done with it, and not of the module of the same name.
_OF_DATETIME = frozenset(
    {"", "combine", "fromisoformat", "fromtimestamp", "now", "strptime", "today", "utcfromtimestamp", "utcnow"}
)


def check(project: Project) -> Iterator[Diagnostic]:
    """One finding for each name and file, at its first use."""
    for path, facts in project.files.items():
        if facts.python is None or (is_test_data(path) and not facts.python.runs_as_script):
            continue
        for name in facts.python.unbound:
            source = _source_of(name)
            if source is not None:
                yield _diagnostic(path, name, source)


def _source_of(unbound: UnboundName) -> str | None:
    """The module that the name comes from, "" where the name is the module; None where that is not certain."""
    attributes = frozenset(attribute for _, attribute in unbound.uses)
    if unbound.name in MODULES and standard.has_all(unbound.name, attributes):
        return ""
    if unbound.name == "datetime" and attributes <= _OF_DATETIME:
        return "datetime"
    return OBJECTS.get(unbound.name)


def _diagnostic(path: str, unbound: UnboundName, source: str) -> Diagnostic:
    first, *others = (span for span, _ in unbound.uses)
    added = AddImport(path, first, source, unbound.name)
    return Diagnostic(
        path,
        first,
        f"`{unbound.name}` is used here and imported nowhere in this file",
        tuple(Place(path, span, "and here") for span in others),
        help=f"add `{added.statement}`",
        fixes=(TitledFix(f"add `{added.statement}`", (added,)),),
    )
