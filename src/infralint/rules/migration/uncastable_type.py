"""migration-uncastable-type: a change of a column's type that PostgreSQL refuses."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Change, Diagnostic, Place, TitledFix
from infralint.project.migrations.array_to_json import repairs
from infralint.project.migrations.type_changes import TypeChange
from infralint.project.places import is_example, is_test
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """Changes without a cast on the way, of columns whose old type is known."""
    for history in project.migrations.histories:
        for step in history.steps:
            if not is_test(step.revision.path) and not is_example(step.revision.path):
                for change in step.type_changes:
                    if change.refusal:
                        yield _diagnostic(change, repairs(change, history.downgrade(step.revision)))


def _diagnostic(change: TypeChange, repaired: tuple[Change, ...]) -> Diagnostic:
    column, old, new = change.column, change.old_name, change.new_name
    name = column.name
    help_text = _conversion(change)
    if change.refusal == "default":
        message = f"the default of `{name}` is {old}, which PostgreSQL does not cast to {new} by itself"
        help_text = "drop the default before, and set it again after the change"
    elif change.refusal == "using":
        source, target = change.wrong_cast
        message = f"there is no cast from {source} to {target}"
    elif change.refusal == "result":
        message = f"the result of this expression is not cast to {new} by itself"
    else:
        message = f"`{name}` is {old}, which PostgreSQL does not cast to {new} by itself"
    place = change.place
    related = (Place(column.origin.path, column.origin.span, f"`{name}` is {old} here"),)
    fixes = (TitledFix(f"convert `{name}` by a function", repaired),) if repaired else ()
    return Diagnostic(place.path, place.span, message, related, help_text, fixes)


def _conversion(change: TypeChange) -> str:
    name, new = change.column.name, change.new_name
    if change.old_name.endswith("[]") and new in ("json", "jsonb"):
        function = "array_to_json" if new == "json" else "to_jsonb"
        return (
            f"convert it by `{function}({name})`, say what NULL and empty arrays become, "
            "and write the way back in `downgrade`"
        )
    if change.can_be_written and not change.operation.using:
        return f"say how: `{name}::{new}` in USING, which fails for values that are no {new}"
    return "convert the values by an expression in USING, or fill a new column"
