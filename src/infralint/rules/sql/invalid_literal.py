"""sql-invalid-literal: a literal that the CHECK or enum type of its column does not allow."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place, Severity
from infralint.likeness import nearest
from infralint.project.literals import InvalidLiteral
from infralint.project.project import Project

# More values are not repeated in a message.
_MANY = 8


def check(project: Project) -> Iterator[Diagnostic]:
    """Literals that are written (an error), or compared with a column that never holds them (a warning)."""
    for invalid in (each for found in project.sql_findings for each in found.literals):
        origin = invalid.allowed.origin
        related = (Place(origin.path, origin.span, _limit(invalid)),)
        severity = None if invalid.fails else Severity.WARNING
        guess = nearest(invalid.value, [label.text for label in invalid.allowed.values if label.kind == "string"])
        advice = f"did you mean `'{guess}'`?" if guess else None
        yield Diagnostic(invalid.path, invalid.span, _message(invalid), related, advice, severity=severity)


def _message(invalid: InvalidLiteral) -> str:
    if invalid.table is None:
        return f"the type `{invalid.allowed.name}` has no label `'{invalid.value}'`"
    value = f"'{invalid.value}'" if invalid.allowed.values[0].kind == "string" else invalid.value
    verb = "does not take" if invalid.fails else "never holds"
    return f"column `{invalid.column}` of `{invalid.table.name}` {verb} `{value}`"


def _limit(invalid: InvalidLiteral) -> str:
    values = invalid.allowed.values
    written = [f"'{label.text}'" if label.kind == "string" else label.text for label in values[:_MANY]]
    more = ", ..." if len(values) > _MANY else ""
    return f"it takes {', '.join(written)}{more}"
