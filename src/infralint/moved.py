"""A run after edits that changed nothing but places: the report of the run before, with its findings moved along.

What that takes of the run before is packed beside its report: what the rules said, how each file was read, and the
comments that silence.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from infralint.cache import Cache, fingerprint, key_of
from infralint.discover_tree import Tree
from infralint.facts.files import FileFacts, Problem
from infralint.facts.suppressions import Suppression
from infralint.findings import Diagnostic
from infralint.kinds import Kind, Way
from infralint.manifest import Manifest, Recorder
from infralint.read_again import ReadAgain
from infralint.readers.dispatch import is_worth_reading
from infralint.rendering import Sources
from infralint.report import Report
from infralint.reporting import Judgement, Read, report_of
from infralint.rules import rules_by_id
from infralint.settings import Settings
from infralint.shifts import Shift, UnknownPlaceError, shifted
from infralint.source import digest_of
from infralint.workspace import SourceFile, Workspace

if TYPE_CHECKING:
    from infralint.engine import Run

# The id of a rule, and what it said.
_Said = tuple[str, Diagnostic]
# Of the facts of a file its problem and its comments that silence. What decodes all facts takes long to make.
_Comments = tuple[Problem | None, tuple[Suppression, ...]]


class _Judged(msgspec.Struct, array_like=True):
    """A judgement as it is packed.

    `count`: of all files. `kinds`: of the files, with how each was read. `comments`: of the files that have some.
    """

    said: tuple[_Said, ...]
    rules: tuple[str, ...]
    count: int
    kinds: dict[str, tuple[Kind, tuple[Way, ...]]]
    comments: dict[str, _Comments]
    readers: bytes
    dialect: str


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Judged).decode


def packed(run: Run) -> bytes:
    """What `moved_run` takes of a run."""
    judged, reading = run.judged, run.reading
    # A file that decided which files there are may, by its new content, decide otherwise.
    kinds = {
        file.path: (file.kind, tuple(sorted(reading.ways.get(file.path, ()))))
        for file in run.workspace.files
        if file.path not in run.fixed
    }
    comments = {path: _comments_in(facts) for path, facts in judged.files.items() if facts.suppressions}
    # With its severity: the next run need not look into the rule's page for it.
    said = tuple(
        (rule.id, replace(diagnostic, severity=diagnostic.severity or rule.severity))
        for rule, diagnostic in judged.diagnostics
    )
    rules = tuple(rule.id for rule in judged.rules)
    count = len(run.workspace.files)
    return _encode(_Judged(said, rules, count, kinds, comments, fingerprint(), reading.dialect))


def moved_run(
    root: Path, settings: Settings, judged: bytes, manifest: Manifest, changed: Iterable[str], recorder: Recorder
) -> tuple[Report, bytes] | None:
    """The report after some files changed, and what is packed for the next run; None where more than places did.

    `judged` and `manifest` are of the run before, made by the same code; `recorder` notes how the changed files are
    now.
    """
    try:
        before = _decode(judged)
    except msgspec.MsgspecError:
        return None
    with contextlib.closing(Cache(root)) as cache:
        again = _Again(root, before, manifest, recorder, cache)
        try:
            shifts = {path: shift for path in changed if (shift := again.shift(path)) is not None}
            said = [(rule, shifted(diagnostic, shifts)) for rule, diagnostic in before.said]
        except (OSError, msgspec.MsgspecError, _MoreThanPlacesError, UnknownPlaceError):
            return None
        # The next run compares with the new facts.
        cache.save(expire=False)
    after = replace(before, said=tuple(said), comments={**before.comments, **again.comments})
    return _report(settings, after, again, manifest), _encode(after)


class _MoreThanPlacesError(ValueError):
    """Another thing than places changed in a file, or it cannot be told."""


class _Again:
    """Reading files again that were read in the run before."""

    def __init__(self, root: Path, before: _Judged, manifest: Manifest, recorder: Recorder, cache: Cache) -> None:
        self.tree = Tree(root, {}, recorder=recorder)
        self.comments: dict[str, _Comments] = {}
        self.digests: dict[str, bytes] = {}
        self._before = before
        self._manifest = manifest
        self._cache = cache

    def shift(self, path: str) -> Shift | None:
        """How the places of a file moved; None where none did. Raises OSError, MsgspecError, _MoreThanPlacesError."""
        if path not in self._before.kinds:
            raise _MoreThanPlacesError(path)
        kind, ways = self._before.kinds[path]
        data = self.tree.read(path)
        old = self._manifest.files[path].digest
        if not is_worth_reading(len(data), kind):
            raise _MoreThanPlacesError(path)
        known = {way: self._cache.encoded(self._key(old, kind, way)) for way in ways}
        before = {way: facts for way, facts in known.items() if facts is not None}
        if not before or len(before) < len(ways):
            raise _MoreThanPlacesError(path)
        again = ReadAgain(data, kind, self._before.dialect, before)
        shift = None
        if not again.is_same():
            shift = again.shift()
            if shift is None:
                raise _MoreThanPlacesError(path)
        self.digests[path] = digest_of(data)
        for way, encoded in again.now.items():
            self._cache.put(self._key(self.digests[path], kind, way), encoded)
            self.comments[path] = _comments_in(again.facts[way])
        return shift

    def _key(self, content: bytes, kind: Kind, way: Way) -> bytes:
        return key_of(content, kind, self._before.dialect, way, self._before.readers)


def _report(settings: Settings, judged: _Judged, again: _Again, manifest: Manifest) -> Report:
    rules = rules_by_id()
    paths = set(_paths(judged.said)) | judged.comments.keys()
    files = tuple(SourceFile(path, judged.kinds[path][0]) for path in paths & judged.kinds.keys())
    workspace = Workspace(again.tree, files, frozenset())
    judgement = Judgement(
        {path: FileFacts(problem=problem, suppressions=those) for path, (problem, those) in judged.comments.items()},
        tuple(rules[rule] for rule in judged.rules),
        tuple((rules[rule], diagnostic) for rule, diagnostic in judged.said),
    )
    digests = {path: manifest.files[path].digest for path in paths & manifest.files.keys()} | again.digests
    read = Read(judged.count, frozenset(again.digests), digests)
    return report_of(judgement, settings, Sources(workspace), read)


def _comments_in(facts: FileFacts) -> _Comments:
    return facts.problem, facts.suppressions


def _paths(said: Iterable[_Said]) -> Iterator[str]:
    """The files of which something is said: all whose text a report can need."""
    for _, diagnostic in said:
        yield diagnostic.path
        yield from (place.path for place in diagnostic.related)
        yield from (change.path for fix in diagnostic.fixes for change in fix.edits)
