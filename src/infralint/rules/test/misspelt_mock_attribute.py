"""test-misspelt-mock-attribute: what is set or asked on a mock under a name that means nothing to it."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.facts.python import MockAttribute
from infralint.findings import Diagnostic, Place, TextEdit, TitledFix
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """Every such attribute of something that is certainly a mock."""
    for path, facts in project.files.items():
        for slip in facts.python.mock_attributes if facts.python else ():
            yield Diagnostic(
                path,
                slip.span,
                f"a mock has no `{slip.name}` of its own, so this neither sets nor checks anything",
                (Place(path, slip.made, "the mock is made here"),),
                help=f"did you mean `{slip.meant}`?",
                fixes=(TitledFix(f"write `{slip.meant}`", _edits(path, slip)),),
            )


def _edits(path: str, slip: MockAttribute) -> tuple[TextEdit, ...]:
    """The name; and no `assert` before a method that asserts by itself and returns None."""
    rename = TextEdit(path, slip.span, slip.meant)
    if slip.asserted is None or not slip.meant.startswith("assert_"):
        return (rename,)
    return (TextEdit(path, slip.asserted, ""), rename)
