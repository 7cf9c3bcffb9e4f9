"""The five steps: discover, read, link, judge, report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from infralint.facts.files import FileFacts, Problem
from infralint.findings import Diagnostic, Edit, Finding, Fix, Related
from infralint.project.project import Project
from infralint.readers.dispatch import read_file
from infralint.rules import Rule, all_rules
from infralint.settings import Dialect, Settings
from infralint.source import SourceText, Span, UndecodableError, decode
from infralint.workspace import SourceFile, Workspace, in_memory, on_disk

# Called with the number of files read so far and of all files.
Progress = Callable[[int, int], None]

# Outlines may lead to further outlines; a chain of re-exports longer than this stays open.
_MAX_ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found. `findings` and `suppressed` are sorted by place."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...] = ()
    files: int = 0


def lint(files: Mapping[str, str | bytes], settings: Settings | None = None) -> Report:
    """Lint a project that exists only in memory: a mapping of path (relative, `/`) to text or bytes."""
    settings = settings or Settings()
    return run(in_memory(files, settings), settings)


def lint_project(
    root: str | Path,
    settings: Settings | None = None,
    *,
    overlay: Mapping[str, bytes] | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Report:
    """Lint the project in a folder."""
    settings = settings or Settings()
    return run(on_disk(Path(root), settings, overlay), settings, progress=progress)


def run(workspace: Workspace, settings: Settings, *, progress: Progress | None = None) -> Report:
    """All five steps over a workspace."""
    dialect = Dialect.POSTGRES if settings.dialect is Dialect.AUTO else settings.dialect
    facts = {file.path: _read(workspace, file, dialect.value) for file in workspace.files}
    project = _link(workspace, facts, settings, dialect.value)
    return _report(workspace, project, _judge(project, selected_rules(settings)), settings)


def selected_rules(settings: Settings) -> tuple[Rule, ...]:
    """The rules that the settings switch on."""
    return tuple(rule for rule in all_rules() if _is_selected(rule, settings))


def _is_selected(rule: Rule, settings: Settings) -> bool:
    names = {rule.id, rule.family}
    chosen = rule.default if settings.select is None else bool(names & set(settings.select)) or "ALL" in settings.select
    chosen = chosen or bool(names & set(settings.extend_select)) or "ALL" in settings.extend_select
    return chosen and not names & set(settings.ignore)


def _read(workspace: Workspace, file: SourceFile, dialect: str, *, outline: bool = False) -> FileFacts:
    try:
        data = workspace.read(file.path)
    except OSError as error:
        return FileFacts(problem=Problem("unreadable", error.strerror or str(error), Span(0, 0)))
    return read_file(data, file.kind, dialect, outline=outline)


def _link(workspace: Workspace, facts: dict[str, FileFacts], settings: Settings, dialect: str) -> Project:
    """Link all facts; read what the links turn out to need, and link again."""
    kinds = {file.path: file for file in workspace.files}
    for _ in range(_MAX_ROUNDS):
        project = Project(facts, workspace.paths, settings)
        wanted = project.wanted()
        if not wanted:
            break
        for path in sorted(wanted):
            facts[path] = _read(workspace, kinds[path], dialect, outline=True)
    return project


def _judge(project: Project, rules: Iterable[Rule]) -> list[tuple[Rule, Diagnostic]]:
    found = []
    for rule in rules:
        check = rule.load()
        if check is not None:
            found += [(rule, diagnostic) for diagnostic in check(project)]
    return found


def _report(
    workspace: Workspace, project: Project, diagnostics: list[tuple[Rule, Diagnostic]], settings: Settings
) -> Report:
    positions = _Positions(workspace)
    findings = {_finding(rule, diagnostic, positions, settings) for rule, diagnostic in diagnostics}
    ordered = tuple(sorted(findings, key=lambda finding: finding.sort_key))
    return Report(ordered, (), len(workspace.files))


class _Positions:
    """Lines and columns of spans; the texts of files with findings are read here, and only those."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.python = {file.path for file in workspace.files if file.kind.value == "python"}
        self.sources: dict[str, SourceText] = {}

    def of(self, path: str, span: Span) -> tuple[int, int, int, int]:
        if path not in self.sources:
            self.sources[path] = SourceText(self._text(path))
        source = self.sources[path]
        return (*source.position(span.start), *source.position(span.end))

    def _text(self, path: str) -> str:
        try:
            return decode(self.workspace.read(path), python=path in self.python).text
        except (OSError, UndecodableError):
            return ""


def _finding(rule: Rule, diagnostic: Diagnostic, positions: _Positions, settings: Settings) -> Finding:
    severity = dict(settings.severity).get(rule.id) or diagnostic.severity or rule.severity
    return Finding(
        rule.id,
        severity,
        diagnostic.path,
        *positions.of(diagnostic.path, diagnostic.span),
        diagnostic.message,
        tuple(Related(p.path, *positions.of(p.path, p.span), p.message) for p in diagnostic.related),
        diagnostic.help,
        tuple(
            Fix(fix.title, fix.applicability, tuple(Edit(e.path, *positions.of(e.path, e.span), e.text) for e in fix.edits))
            for fix in diagnostic.fixes
        ),
    )


__all__ = ["Report", "lint", "lint_project", "run", "selected_rules"]
