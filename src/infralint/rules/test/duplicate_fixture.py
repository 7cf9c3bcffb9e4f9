"""test-duplicate-fixture: the same fixture in several conftest.py files."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic, Place
from infralint.project.project import Project


def check(project: Project) -> Iterator[Diagnostic]:
    """Every copy but the first."""
    for found in project.test_collection.repeated_fixtures():
        yield Diagnostic(
            found.path,
            found.fixture.span,
            f"the fixture `{found.fixture.name}` does the same as the one in {found.first_path}",
            (Place(found.first_path, found.first.span, "the first one"),),
            help="keep one of them, in a conftest.py above both",
        )
