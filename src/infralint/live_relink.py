"""The next state of a project that stays loaded, after changes by which more than places moved."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from infralint import engine
from infralint.discover_tree import Tree
from infralint.facts.files import FileFacts
from infralint.live_reading import Kept
from infralint.live_state import State
from infralint.manifest import Recorder
from infralint.readers.dispatch import is_worth_reading, read_file
from infralint.reporting import report_of
from infralint.source import digest_of


def relinked_state(
    state: State, root: Path, overlay: dict[str, bytes], suspects: Collection[str], pulse: Callable[[], None]
) -> State | None:
    """The state after other contents of some files; None where all must be linked anew.

    What `pulse` raises ends the work, and leaves the state as it was.
    """
    # What is seen now is true of the next state alone, and there may be none.
    recorder = Recorder(root)
    tree = Tree(root, overlay, recorder=recorder)
    try:
        read = _read_again(state, tree, suspects)
    except OSError:
        return None
    if read is None:
        return None
    workspace = replace(state.workspace, tree=tree)
    with state.reading.over(workspace, read):
        if not state.project.relink(_other_facts(state)):
            return None
        judged = engine.judge(state.project, engine.selected_rules(state.settings), pulse)
    state.recorder.adopt(recorder, suspects)
    sources = state.sources.over(workspace, read)
    report = report_of(judged, state.settings, sources, engine.what_was_read(workspace, state.reading))
    return replace(state, overlay=overlay, workspace=workspace, judged=judged, sources=sources, report=report)


def _read_again(state: State, tree: Tree, suspects: Collection[str]) -> dict[str, Kept] | None:
    """The facts of the files whose content changed, in each way in which they were read before."""
    read: dict[str, Kept] = {}
    for path in sorted(suspects):
        data = tree.read(path)
        known, kind = state.reading.kept.get(path), state.workspace.kind(path)
        if known is None or kind is None or not is_worth_reading(len(data), kind):
            return None
        if (digest := digest_of(data)) != known.digest:
            facts = {way: read_file(data, kind, state.reading.dialect, program=way) for way in sorted(known.facts)}
            read[path] = Kept(digest, facts)
    return read


def _other_facts(state: State) -> dict[str, FileFacts]:
    """The facts that the project does not hold yet: also of files whose places moved in the meantime."""
    files = state.project.files
    latest = ((path, kept.facts.get(False)) for path, kept in state.reading.kept.items())
    return {path: facts for path, facts in latest if facts is not None and files.get(path) is not facts}
