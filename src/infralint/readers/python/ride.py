"""All subjects' visitors over the regions of one file, in one walk over each."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Protocol

from infralint.facts.files import FileFacts, Problem
from infralint.readers.python.context import PythonFile, Visitor
from infralint.readers.python.outline import Outline
from infralint.readers.python.subjects import Subject
from infralint.readers.python.tree import Region
from infralint.source import SourceText, Span


class SubjectVisitor(Visitor, Protocol):
    """A visitor that adds what it found to the file's facts."""

    def finish(self, facts: FileFacts) -> FileFacts: ...


def ride_regions(
    facts: FileFacts,
    source: SourceText,
    outline: Outline,
    whole: object | None,
    statements: list[Span],
    places: list[int],
    subjects: Iterable[Subject],
    dialect: str,
) -> FileFacts:
    """`facts` with what the subjects' visitors find in these statements, which hold triggers at `places`.

    `whole` is the module's one region where the outline was made by libcst.
    """
    from infralint.readers.python.reader import with_problem

    file = PythonFile(source, outline, places)
    if isinstance(whole, Region):
        file.add_region(outline.statements[0], whole)
    visitors: tuple[SubjectVisitor, ...] = tuple(
        import_module(subject.module).make(file, dialect) for subject in subjects
    )
    problem: Problem | None = None
    for statement in statements:
        region = file.region_at(statement)
        try:
            if region is not None:
                file.ride(region, visitors)
        except RecursionError:
            region = None
        if region is None and problem is None:
            problem = Problem("unparsable", "nested too deeply to read", Span(statement.start, statement.start))
    for visitor in visitors:
        facts = visitor.finish(facts)
    return with_problem(facts, problem) if problem else facts
