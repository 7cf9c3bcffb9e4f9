"""migration-irreversible: upgrade changes the schema, and downgrade does nothing."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.places import is_example, is_test
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """Revisions without a way back, apart from those whose downgrade raises on purpose."""
    for history in project.migrations.histories:
        for step in history.steps:
            path = step.revision.path
            changed = next((each for each in step.operations if each.certain), None)
            downgrade = history.empty_downgrade(step.revision) if changed is not None else None
            if changed is None or downgrade is None or is_test(path) or is_example(path):
                continue
            related = (Place(changed.origin.path, changed.origin.span, "the schema changes here"),)
            message = f"`downgrade` of revision `{step.revision.id}` does nothing, and `upgrade` changes the schema"
            yield Diagnostic(downgrade.path, downgrade.span, message, related, "undo the changes, or raise on purpose")
