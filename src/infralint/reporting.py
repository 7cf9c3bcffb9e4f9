"""The last step: from what the rules said to the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from infralint.facts.files import FileFacts
from infralint.findings import Diagnostic
from infralint.rendering import Renderer, Sources
from infralint.report import Report
from infralint.rules import Rule
from infralint.selection import PerFileIgnores
from infralint.settings import Settings
from infralint.suppress import judge_suppressions, silence


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules said of a project. `files`: the facts of its files by path, at least of those that hold comments
    which silence. `failed`: ids of the rules that broke down."""

    files: Mapping[str, FileFacts]
    rules: tuple[Rule, ...]
    diagnostics: tuple[tuple[Rule, Diagnostic], ...]
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """What was read for a judgement: how many files there are, the paths of those that no cache spared, and the digests
    of all by path."""

    files: int
    anew: frozenset[str]
    digests: Mapping[str, bytes]


def report_of(judged: Judgement, settings: Settings, sources: Sources, read: Read) -> Report:
    """The findings of a project that was judged, less those that comments silence."""
    render = Renderer(sources, settings)
    ignores = PerFileIgnores(settings)
    found = ignores.filter(render.findings(judged.diagnostics))
    kept, silenced, used = silence(found, judged.files)
    of_comments = judge_suppressions(judged.files, used, judged.rules, judged.failed, ignores)
    kept = sorted([*kept, *ignores.filter(render.findings(of_comments))], key=lambda finding: finding.sort_key)
    edited = {edit.path for finding in kept for fix in finding.fixes for edit in fix.edits}
    return Report(
        tuple(kept),
        silenced,
        read.files,
        tuple(sorted(read.anew)),
        judged.failed,
        {path: read.digests[path] for path in sorted(edited & read.digests.keys())},
        tuple(rule.id for rule in judged.rules),
    )
