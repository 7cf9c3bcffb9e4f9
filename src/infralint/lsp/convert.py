"""Findings as diagnostics of the protocol."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types

from infralint.findings import Finding, Severity
from infralint.lsp.client import Client
from infralint.lsp.documents import uri_of
from infralint.lsp.positions import Located
from infralint.own_files import pages_folder
from infralint.rules import rules_by_id
from infralint.settings_load import SettingsProblem

SOURCE = "infralint"
_SEVERITIES = {Severity.ERROR: types.DiagnosticSeverity.Error, Severity.WARNING: types.DiagnosticSeverity.Warning}
# What editors show faded or struck through (LSP 3.17, "DiagnosticTag").
_TAGS = {
    "env-unused-variable": types.DiagnosticTag.Unnecessary,
    "suppression-unused": types.DiagnosticTag.Unnecessary,
    "gcloud-deprecated-flag": types.DiagnosticTag.Deprecated,
}

# The text of a file of the project, by its path relative to the root, as positions need it.
Locate = Callable[[str], Located]


@dataclass(frozen=True, slots=True)
class Converter:
    """Makes diagnostics of one project's findings. `uri`: what the editor calls a file of the project."""

    client: Client
    uri: Callable[[str], str]
    locate: Locate

    def diagnostics(self, findings: Sequence[Finding]) -> tuple[types.Diagnostic, ...]:
        """The diagnostics of a file's findings, in their order."""
        return tuple(map(self.diagnostic, findings))

    def diagnostic(self, finding: Finding) -> types.Diagnostic:
        """The diagnostic of a finding."""
        tag = _TAGS.get(finding.rule)
        return types.Diagnostic(
            self.range(finding),
            self._message(finding),
            severity=_SEVERITIES[finding.severity],
            code=finding.rule,
            code_description=self._page(finding.rule),
            source=SOURCE,
            tags=[tag] if tag in self.client.tags and tag is not None else None,
            related_information=self._related(finding) or None,
            data={"rule": finding.rule, "fixes": len(finding.fixes)} if self.client.data else None,
        )

    def range(self, finding: Finding) -> types.Range:
        """Where a finding is."""
        located = self.locate(finding.path)
        return located.range(finding.line, finding.column, finding.end_line, finding.end_column)

    def _message(self, finding: Finding) -> str:
        lines = [finding.message]
        if not self.client.related:
            lines += [f"{place.path}:{place.line}:{place.column}: {place.message}" for place in finding.related]
        if finding.help:
            lines.append(f"help: {finding.help}")
        return "\n".join(lines)

    def _page(self, rule: str) -> types.CodeDescription | None:
        """The page that is installed with infralint: it is of this version, and there without a network."""
        known = rules_by_id().get(rule)
        if known is None or not self.client.code_description:
            return None
        return types.CodeDescription(uri_of(pages_folder() / known.family / f"{known.name}.md"))

    def _related(self, finding: Finding) -> list[types.DiagnosticRelatedInformation]:
        if not self.client.related:
            return []
        return [
            types.DiagnosticRelatedInformation(
                types.Location(
                    self.uri(place.path),
                    self.locate(place.path).range(place.line, place.column, place.end_line, place.end_column),
                ),
                place.message,
            )
            for place in finding.related
        ]


def of_settings(problem: SettingsProblem, located: Located) -> types.Diagnostic:
    """The diagnostic of a mistake in a settings file, on its whole line."""
    message = f"{problem.key}: {problem.message}" if problem.key else problem.message
    return types.Diagnostic(
        located.line_range(problem.line),
        f"{message} (the settings from before stand)",
        severity=types.DiagnosticSeverity.Error,
        code="settings",
        source=SOURCE,
    )


def result_id(diagnostics: Sequence[types.Diagnostic]) -> str:
    """What tells one state of a file's diagnostics from another, in this server and in the next."""
    return hashlib.blake2b(repr(diagnostics).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def absolute(root: Path, path: str) -> Path:
    """The path of a project's file."""
    return root.joinpath(*path.split("/"))
