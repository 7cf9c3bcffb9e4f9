"""From diagnostics (offsets) to findings (lines and columns)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from infralint.codemods import resolve
from infralint.findings import Applicability, Diagnostic, Edit, Finding, Fix, Related, TitledFix
from infralint.kinds import DECLARE_ENCODING
from infralint.readers.dispatch import MAX_BYTES, lenient_text
from infralint.rules import Rule
from infralint.settings import Settings
from infralint.source import SourceText, Span, UndecodableError, decode
from infralint.workspace import Workspace

if TYPE_CHECKING:
    from infralint.project.catalog import Origin


class Sources:
    """The texts of a workspace's files, each read when first asked for."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._texts: dict[str, SourceText] = {}

    def of(self, path: str) -> SourceText:
        """The text of a file; empty where it cannot be read."""
        if path not in self._texts:
            self._texts[path] = SourceText(self._text(path))
        return self._texts[path]

    def over(self, workspace: Workspace, changed: Iterable[str]) -> Sources:
        """The texts of the same files at a later time, of which `changed` are other ones."""
        later = Sources(workspace)
        later._texts = {path: text for path, text in self._texts.items() if path not in set(changed)}
        return later

    def _text(self, path: str) -> str:
        try:
            if self._workspace.size(path) > MAX_BYTES:
                return ""
            data = self._workspace.read(path)
        except OSError:
            return ""
        try:
            return decode(data, python=self._workspace.kind(path) in DECLARE_ENCODING).text
        except UndecodableError:
            return lenient_text(data)


class Renderer:
    """Makes findings. Texts of files with findings are read for it, and only those."""

    def __init__(self, sources: Sources, settings: Settings) -> None:
        self._sources = sources
        self._settings = settings

    def findings(self, diagnostics: Iterable[tuple[Rule, Diagnostic]]) -> list[Finding]:
        """The findings, sorted by place; what two of them say alike is said once."""
        found = (self._finding(rule, diagnostic) for rule, diagnostic in diagnostics)
        ordered = sorted(found, key=lambda finding: (finding.sort_key, finding.related))
        return list({finding.sort_key: finding for finding in reversed(ordered)}.values())[::-1]

    def locate(self, origin: Origin) -> tuple[int, int, int, int]:
        """Line, column, end line and end column of a place."""
        return self._place(origin.path, origin.span)

    def _finding(self, rule: Rule, diagnostic: Diagnostic) -> Finding:
        severity = self._settings.severity_for(rule.id, rule.family) or diagnostic.severity or rule.severity
        return Finding(
            rule.id,
            severity,
            diagnostic.path,
            *self._place(diagnostic.path, diagnostic.span),
            diagnostic.message,
            tuple(Related(p.path, *self._place(p.path, p.span), p.message) for p in diagnostic.related),
            diagnostic.help,
            tuple(self._fixes(diagnostic.fixes)),
        )

    def _fixes(self, fixes: Iterable[TitledFix]) -> Iterator[Fix]:
        """Those fixes that can be made in the files as they are."""
        for fix in fixes:
            resolved = [resolve(edit, self._sources.of(edit.path).text) for edit in fix.edits]
            if all(resolved):
                edits = (edit for each in resolved if each is not None for edit in each.edits)
                is_certain = all(each is not None and each.is_certain for each in resolved)
                grade = fix.applicability if is_certain else Applicability.UNSAFE
                yield Fix(fix.title, grade, tuple(Edit(e.path, *self._place(e.path, e.span), e.text) for e in edits))

    def _place(self, path: str, span: Span) -> tuple[int, int, int, int]:
        source = self._sources.of(path)
        return (*source.position(span.start), *source.position(span.end))
