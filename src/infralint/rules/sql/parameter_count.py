"""sql-parameter-count: a database call passes other values than its SQL takes."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.parameters import WrongParameters, wrong_parameters
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """Calls with too few values, too many, or none for a name."""
    for wrong in wrong_parameters(project.sql_calls.sites):
        related = tuple(Place(wrong.text_path, span, "nothing is passed for this") for span in wrong.placeholders[:1])
        yield Diagnostic(wrong.path, wrong.span, _message(wrong), related)


def _message(wrong: WrongParameters) -> str:
    if wrong.missing:
        names = ", ".join(f"`{name}`" for name in wrong.missing)
        return f"the call passes no value for {names}"
    values = "1 value" if wrong.wanted == 1 else f"{wrong.wanted or 'no'} values"
    return f"the SQL takes {values}, and the call passes {wrong.given or 'none'}"
