"""What a run found, by file, and what of it is new since the run before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from lsprotocol import types

from infralint.findings import Finding
from infralint.kinds import DECLARE_ENCODING, kind_of
from infralint.lsp.client import Client
from infralint.lsp.convert import Converter, absolute, of_settings, result_id
from infralint.lsp.documents import Document, uri_of
from infralint.lsp.positions import Located, Units
from infralint.readers.dispatch import MAX_BYTES, lenient_text
from infralint.report import Report
from infralint.settings_load import SettingsProblem
from infralint.source import UndecodableError, decode, digest_of


@dataclass(frozen=True, slots=True)
class FileState:
    """A file's findings and their diagnostics; `id` differs where these do. `related`: the files with other
    places of these findings."""

    findings: tuple[Finding, ...]
    diagnostics: tuple[types.Diagnostic, ...]
    id: str
    related: frozenset[str] = frozenset()


NOTHING = FileState((), (), result_id(()))


class Texts:
    """The texts of a project at the moment of a run: the editor's, else the disk's, read when asked for."""

    def __init__(self, root: Path, documents: Mapping[str, Document], units: Units) -> None:
        self.root = root
        self.documents = documents
        self._units = units
        self._located: dict[str, Located] = {}

    def located(self, path: str) -> Located:
        """A file's text; empty where it cannot be read."""
        if path not in self._located:
            document = self.documents.get(path)
            text = document.text if document else _text(path, self.data(path))
            self._located[path] = Located(text, self._units)
        return self._located[path]

    def data(self, path: str) -> bytes:
        """A file's bytes; none where it cannot be read, or is larger than what is linted."""
        document = self.documents.get(path)
        if document is not None:
            return document.data
        file = absolute(self.root, path)
        try:
            return file.read_bytes() if file.stat().st_size <= MAX_BYTES else b""
        except OSError:
            return b""

    def is_unchanged(self, path: str, digest: bytes | None) -> bool:
        """Whether a file holds what it held when its findings were made."""
        return digest is None or digest_of(self.data(path)) == digest

    def uri(self, path: str) -> str:
        """What the editor calls a file."""
        document = self.documents.get(path)
        return document.uri if document else uri_of(absolute(self.root, path))


def _text(path: str, data: bytes) -> str:
    try:
        return decode(data, python=kind_of(path) in DECLARE_ENCODING).text
    except UndecodableError:
        return lenient_text(data)


@dataclass(frozen=True)
class Outcome:
    """The state of a project after a run. `files`: those with diagnostics. `changed`: those whose diagnostics differ
    from the run before. `digests`: as `Report` has them."""

    files: Mapping[str, FileState]
    texts: Texts
    changed: frozenset[str] = frozenset()
    problems: tuple[SettingsProblem, ...] = ()
    digests: Mapping[str, bytes] = field(default_factory=dict)

    def state(self, path: str) -> FileState:
        """The state of a file; `NOTHING` where nothing was found."""
        return self.files.get(path, NOTHING)


def outcome_of(
    report: Report | None, problems: tuple[SettingsProblem, ...], texts: Texts, before: Outcome, client: Client
) -> Outcome:
    """The outcome of a run; only what may differ from the outcome before is made anew. No report: nothing was found."""
    converter = Converter(client, texts.uri, texts.located)
    found = _by_path(report.findings if report else ())
    of_problems = {path: list(group) for path, group in groupby(problems, key=lambda problem: problem.path)}
    stale = _moved(texts, before)
    files: dict[str, FileState] = {}
    for path in [*found, *(path for path in of_problems if path not in found)]:
        findings, known = found.get(path, ()), before.files.get(path)
        is_same = known is not None and known.findings == findings and path not in stale
        if is_same and path not in of_problems and not any(p.path == path for p in before.problems):
            assert known is not None
            files[path] = known
            continue
        diagnostics = (
            *(of_settings(problem, texts.located(path)) for problem in of_problems.get(path, ())),
            *converter.diagnostics(findings),
        )
        related = frozenset(place.path for finding in findings for place in finding.related)
        files[path] = FileState(findings, diagnostics, result_id(diagnostics), related)
    changed = {path for path in files.keys() | before.files.keys() if _id(files, path) != _id(before.files, path)}
    return Outcome(files, texts, frozenset(changed), problems, report.digests if report else {})


def _id(files: Mapping[str, FileState], path: str) -> str:
    return files.get(path, NOTHING).id


def _by_path(findings: Iterable[Finding]) -> dict[str, tuple[Finding, ...]]:
    return {path: tuple(group) for path, group in groupby(findings, key=lambda finding: finding.path)}


def _moved(texts: Texts, before: Outcome) -> set[str]:
    """Files whose diagnostics may differ though their findings do not: positions and URIs depend on the text of the
    file and of those that findings relate to."""
    documents, known = texts.documents, before.texts.documents
    touched = {path for path in documents.keys() | known.keys() if documents.get(path) is not known.get(path)}
    if not touched:
        return touched
    return touched | {path for path, state in before.files.items() if state.related & touched}
