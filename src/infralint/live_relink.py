"""The next state of a project that stays loaded, after changes by which more than places moved."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace

from infralint import engine
from infralint.live_state import Changes, State, next_state
from infralint.project.interpret import OrderError
from infralint.project.views import CircleError


def relinked_state(
    state: State, overlay: dict[str, bytes], changes: Changes, pulse: Callable[[], None]
) -> State | None:
    """The state after other contents of some files; None where all must be linked anew.

    What `pulse` raises ends the work, and leaves the state as it was.
    """
    with contextlib.suppress(CircleError, OrderError):
        return _relinked(state, overlay, changes, pulse)
    return None


def _relinked(state: State, overlay: dict[str, bytes], changes: Changes, pulse: Callable[[], None]) -> State | None:
    reading, files = state.reading, state.project.files
    with reading.over(replace(state.workspace, tree=changes.tree), changes.read):
        # Also those whose places moved since the project was linked.
        latest = ((path, reading.kept[path].facts.get(False)) for path in sorted(reading.unlinked))
        others = {path: facts for path, facts in latest if facts is not None and files[path] is not facts}
        if not state.project.relink(others):
            return None
        judged = engine.judge(state.project, engine.selected_rules(state.settings), pulse)
    reading.unlinked.clear()
    return next_state(state, overlay, changes, judged)
