"""Where the schema comes from: histories of migrations as timelines, and which files they account for."""

from __future__ import annotations

from collections.abc import Iterable

from infralint.project.migrations.history import History
from infralint.project.replay.timeline import Timeline


def timelines(histories: Iterable[History]) -> tuple[Timeline, ...]:
    """The histories whose revisions are in one order, run again: with what stood where at the time of each."""
    return tuple(_timeline(history) for history in histories if history.steps)


def _timeline(history: History) -> Timeline:
    made = Timeline("migrations", history.catalog.name)
    for step in history.steps:
        # Each has a moment of its own: what a revision adds and takes away again is there in between.
        made.run(step.revision.path, enumerate(step.operations))
    # What the history itself could not tell.
    made.state.open += [unknown for unknown in history.catalog.open if unknown not in made.state.open]
    return made
