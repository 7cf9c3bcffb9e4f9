"""What a project that stays loaded knows of its last run, and what of it still holds."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from infralint import engine
from infralint.discover_tree import Tree
from infralint.discover_walk import is_never_source
from infralint.facts.files import FileFacts
from infralint.live_reading import Kept, LiveReading
from infralint.manifest import Recorder, changes_since
from infralint.project.project import Project
from infralint.readers.dispatch import is_worth_reading, read_file
from infralint.rendering import Sources
from infralint.report import Report
from infralint.reporting import Judgement, report_of
from infralint.settings import Settings
from infralint.shifts import Shift, UnknownPlaceError, shift_between, shifted
from infralint.source import digest_of
from infralint.workspace import Workspace


@dataclass(frozen=True, slots=True)
class State:
    """A run that was completed. `fixed`: the paths whose content decided which files there are."""

    settings: Settings
    overlay: dict[str, bytes]
    workspace: Workspace
    recorder: Recorder
    fixed: frozenset[str]
    reading: LiveReading
    project: Project
    judged: Judgement
    sources: Sources
    report: Report


def suspects_of(
    state: State, root: Path, overlay: dict[str, bytes], changed: Collection[str] | None
) -> frozenset[str] | None:
    """The files that may be other ones; None where there may be other files than there were.

    `changed`: the paths that may differ on disk; None = any.
    """
    touched = {path for path in overlay.keys() | state.overlay.keys() if overlay.get(path) != state.overlay.get(path)}
    if changed is None:
        manifest = state.recorder.manifest()
        changes = changes_since(str(root), manifest) if manifest is not None else None
        if changes is None or changes.elsewhere:
            return None
        changed = changes.files
    touched |= {path for path in changed if path not in overlay and not _is_of_no_matter(path, state)}
    is_known = all(state.workspace.kind(path) is not None and path not in state.fixed for path in touched)
    return frozenset(touched) if is_known else None


def _is_of_no_matter(path: str, state: State) -> bool:
    """Whether nothing was read of a file, and nothing would be: it is left out, or of no kind that is read."""
    workspace = state.workspace
    if workspace.kind(path) is not None or path in state.recorder.files:
        return False
    return (
        path in workspace.paths
        or is_never_source(path)
        or workspace.is_left_out(path)
        or workspace.is_left_out(f"{path}/")
    )


@dataclass(frozen=True, slots=True)
class Changes:
    """The files whose content is another one, read again.

    `recorder`: what was seen of the disk for it; that is true of the next state alone, and there may be none.
    `shifts`: how the places of each file moved; None where in one of them more did.
    """

    suspects: frozenset[str]
    tree: Tree
    recorder: Recorder
    read: dict[str, Kept]
    shifts: dict[str, Shift] | None


def look_again(
    state: State, root: Path, overlay: dict[str, bytes], suspects: frozenset[str], seen: Mapping[str, FileFacts]
) -> Changes | None:
    """Read the suspects that are other ones than before; None where that does not tell all.

    `seen`: the facts of texts of the overlay that were read already.
    """
    recorder = Recorder(root)
    tree = Tree(root, overlay, recorder=recorder)
    read: dict[str, Kept] = {}
    shifts: dict[str, Shift] | None = {}
    for path in sorted(suspects):
        known, kind = state.reading.kept.get(path), state.workspace.kind(path)
        try:
            data = tree.read(path)
        except OSError:
            return None
        if known is None or kind is None or not is_worth_reading(len(data), kind):
            return None
        digest = digest_of(data)
        if digest == known.digest:
            continue
        now = {
            way: seen[path] if path in seen and not way else read_file(data, kind, state.reading.dialect, program=way)
            for way in sorted(known.facts)
        }
        read[path] = Kept(digest, now)
        if shifts is not None:
            shift = shift_between((facts, now[way]) for way, facts in known.facts.items())
            shifts = {**shifts, path: shift} if shift is not None else None
    return Changes(suspects, tree, recorder, read, shifts)


def moved_state(state: State, overlay: dict[str, bytes], changes: Changes) -> State | None:
    """The state after changes by which nothing but places moved; None where more did."""
    if changes.shifts is None:
        return None
    try:
        diagnostics = tuple((rule, shifted(said, changes.shifts)) for rule, said in state.judged.diagnostics)
    except UnknownPlaceError:
        return None
    files = {**state.judged.files, **{path: next(iter(kept.facts.values())) for path, kept in changes.read.items()}}
    state.reading.accept(changes.read)
    return next_state(state, overlay, changes, replace(state.judged, files=files, diagnostics=diagnostics))


def next_state(state: State, overlay: dict[str, bytes], changes: Changes, judged: Judgement) -> State:
    """The state after changes that were judged."""
    workspace = replace(state.workspace, tree=changes.tree)
    sources = state.sources.over(workspace, changes.read)
    state.recorder.adopt(changes.recorder, changes.suspects)
    report = report_of(judged, state.settings, sources, engine.what_was_read(workspace, state.reading))
    return replace(state, overlay=overlay, workspace=workspace, judged=judged, sources=sources, report=report)


def still_good(state: State, root: Path, overlay: dict[str, bytes]) -> dict[str, Kept]:
    """What was read of the files that are as they were."""
    manifest = state.recorder.manifest()
    if manifest is None:
        return {}
    dirty = set(changes_since(str(root), manifest).files)
    digests = {path: seen.digest for path, seen in manifest.files.items() if path not in dirty}
    digests.update((path, digest_of(data)) for path, data in overlay.items())
    return {path: kept for path, kept in state.reading.kept.items() if digests.get(path) == kept.digest}


def get_ready(state: State) -> None:
    """Read a file of each sort once more, for nothing: what readers import for it is there when somebody waits."""
    first = [state.project.files_with(field)[:1] for field in ("sql", "program", "images", "commands")]
    for path in {path for found in first for path in found}:
        kind = state.workspace.kind(path)
        with contextlib.suppress(OSError):
            if kind is not None:
                read_file(state.workspace.read(path), kind, state.reading.dialect)
