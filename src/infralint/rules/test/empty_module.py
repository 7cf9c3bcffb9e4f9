"""test-empty-module: a test module in which pytest collects nothing."""

from __future__ import annotations

from collections.abc import Iterator

from infralint.findings import Diagnostic
from infralint.project.project import Project
from infralint.rules.module_names import first_place
from infralint.source import Span


def check(project: Project) -> Iterator[Diagnostic]:
    """Every such module, at the first thing in it."""
    for path in project.test_collection.empty_modules():
        place = first_place(project, path) or Span(0, 1)
        message = "pytest collects this file by its name and finds no test in it"
        yield Diagnostic(path, place, message, help="write the test, rename the file, or delete it")
